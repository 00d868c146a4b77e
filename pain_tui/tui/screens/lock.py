"""The lock screen: nothing of anybody on it, and the passphrase to go on."""

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import Screen
from textual.widgets import Input, Static

from pain_tui.errors import PainTuiError

if TYPE_CHECKING:
    from pain_tui.tui.app import PainTui
    from pain_tui.tui.desk import Desk

WORDS = "Somebody's data is open behind this. Type the passphrase to go on."


class LockScreen(Screen[None]):
    """Opaque, and deaf to every key but those of its one line."""

    AUTO_FOCUS = "#passphrase"
    DEFAULT_CSS = "LockScreen { align: center middle; background: $background; }"

    def __init__(self, desk: "Desk", unlocked: Callable[[], None]) -> None:
        super().__init__()
        self.desk = desk
        self._unlocked = unlocked

    def compose(self) -> ComposeResult:
        """One line to type in."""
        box = Vertical(classes="dialog")
        box.border_title = "Locked"
        box.border_subtitle = "FICTIONAL" if self.desk.kind == "fictional" else ""
        with box:
            yield Static(WORDS, classes="says", markup=False)
            yield Input(password=True, id="passphrase")
            yield Static("", classes="error", id="why", markup=False)
            yield Static("enter Unlock    unsaved changes are kept", classes="buttons", markup=False)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Try it, off the main thread: each try costs its half second."""
        event.stop()
        words = event.value
        event.input.value = ""
        if not words:
            return
        self.query_one("#why", Static).update("Looking ...")
        cast("PainTui", self.app).background.start("unlock", lambda: self._try(words))

    def _try(self, passphrase: str) -> None:
        try:
            self.desk.unlock(passphrase)
        except PainTuiError as error:
            self.app.call_from_thread(self._refused, f"{error.message} {error.hint}")
        else:
            self.app.call_from_thread(self._unlocked)

    def _refused(self, why: str) -> None:
        self.query_one("#why", Static).update(why)
        self.query_one(Input).focus()
