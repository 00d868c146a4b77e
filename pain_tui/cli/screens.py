"""`pain-tui [FILE]`: the screens. Without a terminal, the clinic list as text."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from pain_tui.cli import common
from pain_tui.errors import UsageError

LAST_FILE = "last_file"
THEMES = {"dark": "pain-tui-dark", "light": "pain-tui-light", "contrast": "pain-tui-contrast"}


def register(app: typer.Typer) -> None:
    """Add the verb `open`, which is also what a bare path or no words at all mean."""
    app.command("open")(open_screens)


def open_screens(
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="A patient file; the one last used when left out.")] = None,
    passphrase_file: common.PassphraseFileOption = None,
    key_file: common.KeyFileOption = None,
    as_of: common.AsOfOption = None,
    plain: Annotated[bool, typer.Option("--plain", help="Print the clinic list as plain text instead of opening the screens.")] = False,
    theme: Annotated[str, typer.Option("--theme", metavar="NAME", help="Colours: dark, light or contrast.")] = "dark",
) -> None:
    """Open the screens on a patient file.

    Example: pain-tui clinic.duckdb
    """
    if theme not in THEMES:
        raise UsageError(f"--theme {theme!r} is not known.", f"Use {', '.join(THEMES)}.")
    path = file or _last_used()
    if path is None:
        raise UsageError("No patient file is named, and none was used before.", "`pain-tui demo` opens the fictional clinic; `pain-tui init FILE` makes a new file.")
    if plain or not _has_screen():
        print_list(path, passphrase_file, key_file, as_of)
        return
    run_screens(path, passphrase_file, key_file, as_of, THEMES[theme])


def _has_screen() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM", "") not in ("dumb", "")


def run_screens(path: Path, passphrase_file: Path | None, key_file: Path | None, as_of: str | None, theme: str) -> None:
    """The screens, until they are left. The list is read before they start, so that the first frame has it."""
    day = common.as_of_date(as_of) if as_of else None
    from pain_tui.tui.desk import Desk

    desk = Desk(path, actor=common.actor(), as_of=day, key_file=key_file)
    stated = passphrase_file or os.environ.get(common.PASSPHRASE_VARIABLE)
    if not path.exists() or not desk.needs_passphrase:
        desk.open()
    elif stated:
        desk.open(common.ask_passphrase(passphrase_file))
    from pain_tui.tui.app import PainTui

    _remember(path)
    try:
        PainTui(desk, theme=theme).run()
    finally:
        desk.close()


def print_list(path: Path, passphrase_file: Path | None, key_file: Path | None, as_of: str | None) -> None:
    """The clinic list as linear text: the same rows and counts as on the screen."""
    from pain_tui.tui import plain_list
    from pain_tui.tui.desk import Desk

    desk = Desk(path, actor=common.actor(), as_of=common.as_of_date(as_of) if as_of else None, key_file=key_file)
    passphrase = common.ask_passphrase(passphrase_file) if path.exists() and desk.needs_passphrase else None
    desk.open(passphrase)
    try:
        for text in plain_list.lines(desk):
            common.out(text)
    finally:
        desk.close()


def _last_used() -> Path | None:
    from pain_tui.paths import state_folder

    try:
        stated = (state_folder() / LAST_FILE).read_text(encoding="utf-8").strip()
    except OSError:
        return None
    return Path(stated) if stated and Path(stated).exists() else None


def _remember(path: Path) -> None:
    """Where the file is, and nothing about who is in it; a read-only home is no reason to stop."""
    from contextlib import suppress

    from pain_tui.paths import state_folder

    with suppress(OSError):
        folder = state_folder()
        folder.mkdir(parents=True, exist_ok=True)
        (folder / LAST_FILE).write_text(f"{path.resolve()}\n", encoding="utf-8")
