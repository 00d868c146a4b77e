"""`pain-tui [FILE]`: the screens. Without a terminal, the clinic list as text."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pain_tui import settings
from pain_tui.cli import common, quick, twins
from pain_tui.errors import UsageError

if TYPE_CHECKING:
    from pain_tui.tui.desk import Desk


def register(app: typer.Typer) -> None:
    """Add the verb `open`, which is also what a bare path or no words at all mean."""
    app.command("open")(open_screens)
    twins.register(app)


def open_screens(
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="A patient file; the one last used when left out.")
    ] = None,
    passphrase_file: common.PassphraseFileOption = None,
    key_file: common.KeyFileOption = None,
    as_of: common.AsOfOption = None,
    plain: Annotated[
        bool,
        typer.Option(
            "--plain",
            help="No screens: everything as plain lines, asked for by lines; piped, the clinic list.",
        ),
    ] = False,
    theme: Annotated[
        str | None,
        typer.Option("--theme", metavar="NAME", help="Colours: dark, light, contrast or colourblind."),
    ] = None,
) -> None:
    """Open the screens on a patient file.

    Example: pain-tui clinic.duckdb
    """
    if theme is not None and theme not in settings.THEMES:
        raise UsageError(f"--theme {theme!r} is not known.", f"Use {', '.join(settings.THEMES)}.")
    path = file or quick.last_used()
    if path is None and quick.has_screen():
        first_run()
        return
    if path is None:
        raise UsageError(
            "No patient file is named, and none was used before.",
            "`pain-tui demo` opens the fictional clinic; `pain-tui init FILE` makes a new file.",
        )
    if plain and sys.stdin.isatty():
        from pain_tui.cli import plain as lines

        desk = opened_desk(path, passphrase_file, key_file, as_of, ask=True)
        lines.at_keyboard(desk)
        desk.close()
        return
    if plain or not quick.has_screen():
        print_list(path, passphrase_file, key_file, as_of)
        return
    run_screens(path, passphrase_file, key_file, as_of, theme)


def run_screens(
    path: Path,
    passphrase_file: Path | None,
    key_file: Path | None,
    as_of: str | None,
    theme: str | None,
    *,
    large: bool = False,
) -> None:
    """The screens, until they are left. The list is read before they start: the first frame has it."""
    quick.show(opened_desk(path, passphrase_file, key_file, as_of), theme, large=large)


def opened_desk(
    path: Path, passphrase_file: Path | None, key_file: Path | None, as_of: str | None, *, ask: bool = False
) -> "Desk":
    """The file at the desk; an encrypted one without a stated passphrase stays closed, unless it is asked for here."""
    day = common.as_of_date(as_of) if as_of else None
    from pain_tui.tui.desk import Desk

    desk = Desk(path, actor=common.actor(), as_of=day, key_file=key_file, user=common.local_user())
    stated = passphrase_file or os.environ.get(common.PASSPHRASE_VARIABLE)
    if not path.exists() or not desk.needs_passphrase:
        desk.open()
    elif stated or ask:
        desk.open(common.ask_passphrase(passphrase_file))
    return desk


def first_run() -> None:
    """No file was opened before: offer the fictional clinic, name the commands for one's own."""
    from pain_tui.tui.first_run import FirstRun

    if FirstRun().run() == "demo":
        from pain_tui.cli import sample

        sample.demo()


def print_list(path: Path, passphrase_file: Path | None, key_file: Path | None, as_of: str | None) -> None:
    """The clinic list as linear text: what the verb `people` prints."""
    from pain_tui.cli import assessing

    assessing.people(path, as_of=as_of, passphrase_file=passphrase_file, key_file=key_file)
