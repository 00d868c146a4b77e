"""Something did not work: the whole text, what to do next, and a way to try again."""

from collections.abc import Callable

from textual.app import ComposeResult
from textual.widgets import Static

from pain_tui.tui.screens.dialog import Dialog


class ErrorDialog(Dialog[None]):
    """Nothing is lost; unsaved changes stay."""

    title_text = "This did not work"
    BINDINGS = [("r", "retry", "Retry"), ("y", "copy", "Copy"), ("enter", "leave", "Back")]

    def __init__(self, what: str, hint: str, retry: Callable[[], None] | None = None) -> None:
        super().__init__()
        self.what, self.hint, self.retry = what, hint, retry
        self.keys_text = "r Retry   y Copy the text   esc Back" if retry else "y Copy the text   esc Back"

    def body(self) -> ComposeResult:
        """What, and what to do."""
        yield Static(self.what, classes="error", markup=False)
        yield Static(self.hint, classes="says", markup=False)

    def action_retry(self) -> None:
        """Close and try again."""
        self.dismiss(None)
        if self.retry:
            self.retry()

    def action_copy(self) -> None:
        """The text to the clipboard of the terminal."""
        self.app.copy_to_clipboard(f"{self.what}\n{self.hint}")
