"""What workers send to the program; only its handlers touch widgets."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from textual.message import Message

from pain_tui.tui.chart import Chart
from pain_tui.tui.clinic_page import ClinicPage, Warned
from pain_tui.tui.draft import Edit

if TYPE_CHECKING:
    from pain_tui.monitor.course import Course


class ClinicRead(Message):
    """A page of the clinic list, without warnings yet."""

    def __init__(self, page: ClinicPage) -> None:
        super().__init__()
        self.page = page


class Counted(Message):
    """Warnings of some more people; done: of all that are to be counted now."""

    def __init__(self, counts: Mapping[str, Warned], done: bool) -> None:
        super().__init__()
        self.counts = counts
        self.done = done


class ChartRead(Message):
    """One person, assessed. `asked` is the number of the question, so that a late answer is dropped."""

    def __init__(self, chart: Chart, asked: int) -> None:
        super().__init__()
        self.chart = chart
        self.asked = asked


class CourseRead(Message):
    """Opioid dose on the days of the visits, diary and verdicts, for the chart of the question `asked`."""

    def __init__(self, mme: Mapping[date, str], course: "Course", asked: int) -> None:
        super().__init__()
        self.mme = mme
        self.course = course
        self.asked = asked


class Saved(Message):
    """The first `number` edits of the draft are in the patient file."""

    def __init__(self, words: str, number: int) -> None:
        super().__init__()
        self.words = words
        self.number = number


class Tried(Message):
    """The person with an edit that is still being typed; `shown` is told."""

    def __init__(self, chart: Chart, edits: Sequence[Edit], shown: Callable[[Chart], None]) -> None:
        super().__init__()
        self.chart = chart
        self.edits = edits
        self.shown = shown


class Trail(Message):
    """Who did what with a person's record: moment, who, what, row."""

    def __init__(self, person: str, rows: "Sequence[tuple[datetime, str, str, str]]") -> None:
        super().__init__()
        self.person = person
        self.rows = rows


class LocalUsers(Message):
    """The local names of the file."""

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__()
        self.names = names


class Told(Message):
    """A sentence for the reader."""

    def __init__(self, words: str) -> None:
        super().__init__()
        self.words = words


class Failed(Message):
    """Something did not work: what, what to do next, and how to try again."""

    def __init__(self, what: str, hint: str, retry: Callable[[], None] | None = None) -> None:
        super().__init__()
        self.what = what
        self.hint = hint
        self.retry = retry
