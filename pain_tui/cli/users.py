"""The verbs `user add`, `user list`, `user remove`: local names for people who share one log-in."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from pain_tui.cli import common
from pain_tui.errors import StoreError

FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="The patient file.")]
NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="The local name.")]


def register(app: typer.Typer) -> None:
    """Add the group user."""
    group = typer.Typer(
        help="Local names for people who share one log-in.", rich_markup_mode=None, no_args_is_help=True
    )
    group.command("add")(add)
    group.command("list")(list_)
    group.command("remove")(remove)
    app.add_typer(group, name="user")


def add(
    file: FileArgument,
    name: NameArgument,
    pin_file: Annotated[
        Path | None, typer.Option("--pin-file", metavar="PATH", help="The PIN, on the first line.")
    ] = None,
    passphrase_file: common.PassphraseFileOption = None,
    key_file: common.KeyFileOption = None,
) -> None:
    """Let a person sign in with a local name and a PIN; a name that is there gets a new PIN.

    With PAIN_TUI_USER=NAME the program then asks for the PIN (or reads the file that PAIN_TUI_PIN_FILE names),
    and the audit says NAME (log-in). The PIN tells people apart; what protects the file is its passphrase.

    Example: pain-tui user add clinic.duckdb anna
    """
    from pain_tui.patients import users

    pin = _new_pin(pin_file)
    with common.open_patient_file(file, passphrase_file, key_file, knowledge=False) as opened:
        users.add(opened, name, pin, actor=common.actor(), at=common.now())
    common.out(f"{name} can sign in: PAIN_TUI_USER={name} pain-tui {file.name}")


def list_(
    file: FileArgument,
    passphrase_file: common.PassphraseFileOption = None,
    key_file: common.KeyFileOption = None,
) -> None:
    """Print the local names of a file, one a line.

    Example: pain-tui user list clinic.duckdb
    """
    from pain_tui.patients import users

    with common.open_patient_file(file, passphrase_file, key_file, knowledge=False) as opened:
        found = users.names(opened)
    for name in found:
        common.out(name)
    if not found:
        common.note("This file has no local users; the audit names the log-in.")


def remove(
    file: FileArgument,
    name: NameArgument,
    passphrase_file: common.PassphraseFileOption = None,
    key_file: common.KeyFileOption = None,
) -> None:
    """Take a local name away; what it did stays in the audit.

    Example: pain-tui user remove clinic.duckdb anna
    """
    from pain_tui.patients import users

    with common.open_patient_file(file, passphrase_file, key_file, knowledge=False) as opened:
        users.remove(opened, name, actor=common.actor(), at=common.now())
    common.out(f"{name} can no longer sign in.")


def _new_pin(source: Path | None) -> str:
    if source is not None:
        return common.first_line(source, "PIN")
    if not sys.stdin.isatty():
        raise StoreError("The PIN is missing, and there is no terminal to ask at.", "Give --pin-file PATH.")
    import getpass

    first = getpass.getpass("PIN: ", stream=sys.stderr)
    if getpass.getpass("PIN, once more: ", stream=sys.stderr) != first:
        raise StoreError("The two PINs differ; nothing was changed.", "Try again.")
    return first
