"""The passphrase of an encrypted patient file."""

from typing import TYPE_CHECKING, cast

from textual.app import ComposeResult
from textual.widgets import Input, Static

from pain_tui.errors import PainTuiError
from pain_tui.tui.screens.dialog import Dialog

if TYPE_CHECKING:
    from pain_tui.tui.app import PainTui
    from pain_tui.tui.desk import Desk


class UnlockDialog(Dialog[bool]):
    """Asked until it fits, or left."""

    title_text = "Open the patient file"
    keys_text = "enter Open    esc Leave"

    def __init__(self, desk: "Desk") -> None:
        super().__init__()
        self.desk = desk

    def body(self) -> ComposeResult:
        """One line to type in."""
        yield Static(f"{self.desk.path}\nis encrypted. Its passphrase:", classes="says", markup=False)
        yield Input(password=True, id="passphrase")
        yield Static("", classes="error", id="why", markup=False)

    def on_mount(self) -> None:
        """Type at once."""
        self.query_one(Input).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Try it."""
        self.query_one("#why", Static).update("Opening ...")
        cast("PainTui", self.app).background.start("unlock", lambda: self._open(event.value))

    def _open(self, passphrase: str) -> None:
        try:
            self.desk.open(passphrase)
        except PainTuiError as error:
            self.app.call_from_thread(self._refused, f"{error.message} {error.hint}")
        else:
            self.app.call_from_thread(self.dismiss, True)

    def _refused(self, why: str) -> None:
        box = self.query_one(Input)
        box.value = ""
        self.query_one("#why", Static).update(why)
        box.focus()
