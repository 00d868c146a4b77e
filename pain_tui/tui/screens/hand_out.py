"""Dialogs for what leaves the screen: where to write a page, and the note to copy."""

from textual.app import ComposeResult
from textual.widgets import Input, Static

from pain_tui.tui.screens.dialog import Dialog, ReadingDialog
from pain_tui.tui.widgets.lines import Line, Piece, line, paragraph, rule


class PathDialog(Dialog[str]):
    """A path, with one that will do already there."""

    keys_text = "enter Write it    esc Go back"

    def __init__(self, title: str, path: str) -> None:
        super().__init__()
        self.title_text, self.path = title, path

    def body(self) -> ComposeResult:
        """What is written, and where."""
        yield Static(
            "Health data in the open: only you may read the file, and it is yours to guard and to delete.\n"
            "The page holds the person's id, no name. A file that is there already is not touched.",
            classes="says", markup=False,
        )  # fmt: skip
        yield Input(value=self.path, id="path")

    def on_mount(self) -> None:
        """Type at once."""
        self.query_one(Input).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Write it there."""
        event.stop()
        self.dismiss(event.value.strip() or None)


class NoteDialog(ReadingDialog):
    """The note; y puts it on the clipboard by way of the terminal."""

    BINDINGS = [("y", "copy", "Copy")]
    keys_text = "y Copy to the clipboard   arrows scroll   esc Back"

    def __init__(self, text: str, unsaved: str) -> None:
        super().__init__("Note text")
        self.text, self.unsaved = text, unsaved

    def lines(self, width: int) -> list[Line]:
        """The text as it is copied; first, what of it is not saved."""
        lines: list[Line] = []
        if self.unsaved:
            lines += [*paragraph(f"Not saved yet: {self.unsaved}.", width, style="caution"), rule()]
        for row in self.text.splitlines():
            indent = "    " if row.startswith((" ", "-")) else "  "
            lines += paragraph(row.strip(), width, first=row[: len(row) - len(row.lstrip())], indent=indent)
        return [
            *lines,
            rule(),
            line(Piece("The terminal must allow copying (OSC 52); else mark it by mouse.", "quiet")),
        ]

    def action_copy(self) -> None:
        """To the clipboard."""
        self.app.copy_to_clipboard(self.text)
        self.app.notify("Copied, if the terminal allows it. The clipboard holds health data now.")
