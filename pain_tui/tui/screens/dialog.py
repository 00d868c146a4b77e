"""What the dialogs share: a frame over the screen, esc goes back and changes nothing."""

from collections.abc import Callable, Sequence
from typing import ClassVar, Generic, TypeVar

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from pain_tui.tui.widgets.lines import Line
from pain_tui.tui.widgets.pane import Pane

Result = TypeVar("Result")


class Dialog(ModalScreen[Result], Generic[Result]):
    """A title, a body, a line of keys."""

    BINDINGS: ClassVar = [("escape", "leave", "Back")]
    title_text = ""
    keys_text = "esc Back"

    def compose(self) -> ComposeResult:
        """The frame."""
        box = Vertical(classes="dialog")
        box.border_title = self.title_text
        with box:
            yield from self.body()
            yield Static(self.keys_text, classes="buttons", markup=False)

    def on_resize(self) -> None:
        """Between header and footer, which stay in sight."""
        self.query_one(".dialog").styles.max_height = max(self.size.height - 4, 8)

    def body(self) -> ComposeResult:
        """What the dialog is about."""
        yield from ()

    def action_leave(self) -> None:
        """Go back; nothing is changed."""
        self.dismiss(None)


class ReadingDialog(Dialog[None]):
    """Lines to read, scrolled with the arrow keys."""

    BINDINGS: ClassVar = [("enter", "leave", "Back"), ("q", "leave", "Back"), ("e", "leave", "Back")]
    keys_text = "arrows scroll   esc Back"

    def __init__(self, title: str, lines: Sequence[Line] = ()) -> None:
        super().__init__()
        self.title_text = title
        self._lines = list(lines)

    def body(self) -> ComposeResult:
        """One pane."""
        yield Pane(id="reading")

    def lines(self, width: int) -> list[Line]:
        """The lines for a width."""
        return self._lines

    def on_mount(self) -> None:
        """Fill and focus."""
        self.call_after_refresh(self.refill)
        self.query_one(Pane).focus()

    def on_resize(self) -> None:
        """Wrap anew."""
        super().on_resize()
        self.call_after_refresh(self.refill)

    def refill(self) -> None:
        """The lines, as high as there is room."""
        pane = self.query_one("#reading", Pane)
        pane.show(self.lines(max(pane.room, 40)))
        pane.fit(max(self.size.height - 9, 6))


class WrappedDialog(ReadingDialog):
    """Lines made anew for each width; `wide`: as wide as the screen, for drawings."""

    def __init__(self, title: str, make: Callable[[int], list[Line]], *, wide: bool = False) -> None:
        super().__init__(title)
        self._make = make
        self.set_class(wide, "wide-dialog")

    def lines(self, width: int) -> list[Line]:
        """For this width."""
        return self._make(width)
