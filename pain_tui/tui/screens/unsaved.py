"""Unsaved changes, when leaving and when a lost window's are found: named, and nothing is decided for the reader."""

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.widgets import Static

from pain_tui.tui.screens.dialog import Dialog

if TYPE_CHECKING:
    from pain_tui.tui.kept import Found


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


class LeftOverDialog(Dialog[str]):
    """`take`, `discard`, or later: what a window that was killed or hung up had not saved."""

    title_text = "Unsaved changes were kept"
    keys_text = "t Take them up    d Throw them away    esc Later"
    BINDINGS = [("t", "answer('take')", "Take up"), ("d", "answer('discard')", "Throw away")]

    def __init__(self, found: "Found") -> None:
        super().__init__()
        self.found = found

    def body(self) -> ComposeResult:
        """Whose they are, when and by whom they were made, and what they are."""
        found = self.found
        when = found.at.replace("T", " ")
        yield Static(
            f"A window ended before these changes of {found.draft.person} were saved.\n"
            f"Made by {found.actor}, last at {when} UTC. Nothing of them is in the patient file.\n\n"
            f"{found.draft.words(8)}\n\n"
            "Taken up, they are unsaved changes again: look at them, then save.",
            classes="says",
            markup=False,
        )

    def action_answer(self, answer: str) -> None:
        """Give the answer back."""
        self.dismiss(answer)
