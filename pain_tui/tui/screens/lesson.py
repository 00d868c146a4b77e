"""The lesson of a teaching case: questions, then both answers, then the notes; the same key goes on."""

from typing import ClassVar

from pain_tui.patients.fictional.lessons import Lesson
from pain_tui.tui.panes import lesson as panes
from pain_tui.tui.screens.dialog import ReadingDialog
from pain_tui.tui.widgets.lines import Line

STEPS = (panes.questions, panes.answers, panes.notes)


class LessonDialog(ReadingDialog):
    """Nothing is told before it is asked for."""

    BINDINGS: ClassVar = [("L", "on", "Go on"), ("enter", "on", "Go on")]
    keys_text = "L or enter: the answers, then the notes   arrows scroll   esc Back"

    def __init__(self, lesson: Lesson) -> None:
        super().__init__(f"Lesson {lesson.person}")
        self.lesson, self.step = lesson, 0

    def lines(self, width: int) -> list[Line]:
        """As much as was asked for."""
        return STEPS[self.step](self.lesson, width)

    def action_on(self) -> None:
        """The next part; after the last one, back."""
        if self.step + 1 == len(STEPS):
            self.dismiss(None)
            return
        self.step += 1
        self.refill()
