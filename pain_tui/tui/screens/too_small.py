"""Smaller than 80 x 24: say so, and name the command that prints the same page."""

from typing import TYPE_CHECKING, cast

from textual.app import ComposeResult
from textual.events import Resize
from textual.screen import Screen
from textual.widgets import Static

if TYPE_CHECKING:
    from pain_tui.tui.app import PainTui


class TooSmall(Screen[None]):
    """A few lines that fit almost anywhere."""

    BINDINGS = [("q", "leave", "Quit")]

    def action_leave(self) -> None:
        """End; what is unsaved is kept and offered the next time, since there is no room to ask here."""
        cast("PainTui", self.app).going_away()
        self.app.exit()

    def compose(self) -> ComposeResult:
        """The message."""
        yield Static(self.words(), id="too-small", markup=False)

    def words(self) -> str:
        """What to do, with this file and this person in it."""
        chart, file = getattr(self.app, "chart", None), getattr(self.app, "file_name", "FILE")
        person = chart.identity.person if chart else "PERSON"
        size = self.app.size
        return (
            f"This window is {size.width} x {size.height}. The screens need 80 x 24.\n\n"
            "Make it larger, or print the same as plain text:\n"
            f"  pain-tui people {file}\n  pain-tui plan {file} {person}\n\nq Quit"
        )

    def on_resize(self, event: Resize) -> None:
        """Leave as soon as there is room."""
        self.query_one(Static).update(self.words())
        cast("PainTui", self.app).check_size(event.size)
