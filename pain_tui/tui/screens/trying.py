"""What a form's change would do to the plan, shown in the form while it is typed.

Reckoned in the background a moment after the last key, so that no key ever waits; of quick changes only the
last is reckoned, and an answer to an older text is not shown.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Generic, TypeVar, cast

from textual.timer import Timer

from pain_tui.tui.chart import Chart
from pain_tui.tui.draft import Edit
from pain_tui.tui.panes import compare
from pain_tui.tui.screens.dialog import Dialog
from pain_tui.tui.widgets.lines import Line, quiet
from pain_tui.tui.widgets.pane import Pane

if TYPE_CHECKING:
    from pain_tui.tui.app import PainTui

Result = TypeVar("Result")
QUIET_FOR = 0.03  # seconds without a key before a text is reckoned; of those that wait only the newest is
HEIGHT = 6  # lines of the answer: the form does not jump while it is typed in


class Effect(Pane, can_focus=False):
    """The answer: it is read, never entered."""


class Trying(Dialog[Result], Generic[Result]):
    """A form that shows before -> after."""

    chart: Chart

    def __init__(self) -> None:
        super().__init__()
        self._wait: Timer | None = None
        self._trial = 0  # number of the last text

    def effect(self) -> Effect:
        """The pane of the answer, for the body."""
        pane = Effect(id="effect")
        pane.styles.height = HEIGHT
        return pane

    def on_mount(self) -> None:
        """Say what will stand here."""
        self._say([quiet("What it would change on the plan stands here while you type.")])

    def on_unmount(self) -> None:
        """Nothing is reckoned for a form that is gone."""
        self._trial += 1
        self._stop()

    def try_soon(self, edits: Sequence[Edit]) -> None:
        """Reckon these edits once the keys rest; none: there is nothing to reckon."""
        self._stop()
        self._trial += 1
        if not edits:
            self._say([])
            return
        number = self._trial
        self._wait = self.set_timer(QUIET_FOR, lambda: self._try(edits, number))

    def _stop(self) -> None:
        if self._wait is not None:
            self._wait.stop()
            self._wait = None

    def _try(self, edits: Sequence[Edit], number: int) -> None:
        self._say([quiet("reckoning ...")])
        cast("PainTui", self.app).try_out(edits, lambda chart: self._shown(chart, number))

    def _shown(self, chart: Chart, number: int) -> None:
        if number == self._trial and self.is_attached:
            pane = self.query_one("#effect", Pane)
            self._say(compare.short(self.chart, chart, pane.room, most=HEIGHT))

    def _say(self, lines: Sequence[Line]) -> None:
        self.query_one("#effect", Pane).show(lines)
