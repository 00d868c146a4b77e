"""Leaving with unsaved changes: they are named, and nothing is decided for the reader."""

from textual.app import ComposeResult
from textual.widgets import Static

from pain_tui.tui.screens.dialog import Dialog


class UnsavedDialog(Dialog[str]):
    """`save`, `discard`, or stay."""

    title_text = "Not saved"
    keys_text = "s Save and leave    d Discard    esc Stay here"
    BINDINGS = [("s", "answer('save')", "Save"), ("d", "answer('discard')", "Discard")]

    def __init__(self, said: str) -> None:
        super().__init__()
        self.said = said

    def body(self) -> ComposeResult:
        """What is not saved."""
        yield Static(f"Not saved: {self.said}.", classes="says", markup=False)

    def action_answer(self, answer: str) -> None:
        """Give the answer back."""
        self.dismiss(answer)
