"""`pain-tui FILE` on a terminal, without loading the command-line library.

Whatever is not exactly that (a verb, an option, a pipe, a file that does not open) is left to the full
command line, which also says what is wrong.
"""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pain_tui.tui.desk import Desk

STOPPING = 0.3  # seconds for what is being counted to stop
PASSPHRASE_VARIABLE = "PAIN_TUI_PASSPHRASE_FILE"


def opened(words: list[str]) -> bool:
    """Run the screens when the words ask for nothing else; False when the full command line is needed."""
    if not has_screen() or os.environ.get(PASSPHRASE_VARIABLE):
        return False
    path = _named(words[0]) if words else last_used()
    if path is None or not path.is_file():
        return False
    from pain_tui.tui import quiet_start

    quiet_start.begin()
    try:
        return _open(path)
    finally:
        quiet_start.end()


def _open(path: Path) -> bool:
    from pain_tui import settings
    from pain_tui.errors import PainTuiError
    from pain_tui.knowledge import own_rules

    try:
        wanted = settings.load()
        if wanted.keys:
            from pain_tui.tui import keymap

            keymap.read(wanted.keys, wanted.places)
        own_rules.in_use()
    except PainTuiError:  # the full command line meets it again, and says what it is
        return False
    if os.environ.get("PAIN_TUI_USER"):  # the full command line asks for the PIN
        return False
    from pain_tui.cli.who import actor
    from pain_tui.tui.desk import Desk

    desk = Desk(path, actor=actor())
    if not desk.needs_passphrase:
        opened_then = desk.open_ahead()  # reading the file and loading the screens overlap
        import pain_tui.tui.app  # noqa: F401 - imported for what it loads

        try:
            opened_then()
        except Exception:  # the full command line meets it again, and says what it is
            return False
    show(desk)
    return True


def has_screen() -> bool:
    """Keyboard and screen are a terminal that can draw."""
    return sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM", "") not in ("dumb", "")


def show(desk: "Desk", theme: str | None = None, *, large: bool = False) -> None:
    """The screens, until they are left."""
    from pain_tui import settings
    from pain_tui.knowledge import own_rules
    from pain_tui.tui import keymap, sizing
    from pain_tui.tui.app import PainTui

    own_rules.in_use()  # refused with its place before the screens take the terminal
    wanted = settings.load()
    lock_after = 60 * wanted.lock_after_minutes
    keys = keymap.use(keymap.read(wanted.keys, wanted.places)) if wanted.keys else {}
    sizing.make_known()
    remember(desk.path)
    app = PainTui(
        desk,
        theme=f"pain-tui-{theme or wanted.theme}",
        keep_trace=_keep_trace,
        lock_after=lock_after,
        large=large or wanted.large,
        keys=keys,
    )
    try:
        app.run()
    finally:
        if app.background.finish("counting", STOPPING):
            desk.close()
    sys.stdout.flush()
    if app.background.busy():
        os._exit(app.return_code or 0)  # only reading is under way; the file is let go with the process
    if app.return_code:
        sys.exit(app.return_code)


def _keep_trace(error: BaseException) -> Path | None:
    from pain_tui.cli.leaving import write_trace

    return write_trace(error)


def _named(word: str) -> Path | None:
    """A path, when it cannot be the name of a verb."""
    return Path(word) if not word.startswith("-") and ("." in word or os.sep in word) else None


def last_used() -> Path | None:
    """The patient file that was opened last."""
    from pain_tui.paths import state_folder

    try:
        stated = (state_folder() / "last_file").read_text(encoding="utf-8").strip()
    except OSError:
        return None
    return Path(stated) if stated and Path(stated).exists() else None


def remember(path: Path) -> None:
    """Where the file is, and nothing about who is in it; a read-only home is no reason to stop."""
    from contextlib import suppress

    from pain_tui.paths import state_folder

    with suppress(OSError):
        folder = state_folder()
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "last_file").write_text(f"{path.resolve()}\n", encoding="utf-8")
