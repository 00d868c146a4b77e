"""The whole program as plain lines: `pain-tui FILE --plain` at a terminal. For screen readers and slow lines.

Every answer is linear text from top to bottom, without boxes, colours or cursor movement: what the verbs print.
It reads; values are entered on the screens or by import. Without a terminal the list is printed and that is all.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from pain_tui.cli import common
from pain_tui.errors import PainTuiError

if TYPE_CHECKING:
    from pain_tui.tui.chart import Chart
    from pain_tui.tui.desk import Desk

WIDTH = 100
ASK_LIST = "Person's id, or ? for help, or q to leave: "
ASK_PERSON = (
    "1-6 a screen, w warnings, l limits, h note, c OPTION case against, k walk, y audit, b back, q leave: "
)
HELP = (
    "A person's id opens the person. Then: 1 list, 2 genotype, 3 history, 4 lifestyle, 5 plan, 6 monitor, "
    "w warnings, l limits (what cannot be said), h note, c OPTION the case against it, k the walk, y the audit trail, "
    "b back to the list, q leave. Each prints what the verb of that name prints. Here nothing is changed: a value or a "
    "medicine comes in by `pain-tui import FILE RECORD.json`, `pain-tui what-if` says what a change would do; going on "
    "in spite of a STOP and signing need the screens."
)


def session(desk: "Desk", lines: Iterable[str], state: "Session | None" = None) -> None:
    """Answer line by line until `q` or the end of the lines."""
    state = state or Session(desk)
    state.clinic_list()
    for line in lines:
        words = line.split()
        if words[:1] in (["q"], ["quit"]):
            return
        try:
            state.answer(words)
        except PainTuiError as error:
            common.say_error(error)


def at_keyboard(desk: "Desk") -> None:
    """The same, asking for each line at the terminal."""
    state = Session(desk)
    session(desk, _typed(state), state)


def _typed(state: "Session") -> Iterator[str]:
    while True:
        try:
            yield input(ASK_LIST if state.chart is None else ASK_PERSON)
        except EOFError:
            common.out()
            return


class Session:
    """Which person is open."""

    def __init__(self, desk: "Desk") -> None:
        self.desk = desk
        self.chart: Chart | None = None

    def answer(self, words: list[str]) -> None:
        """One line. Raises PainTuiError for what cannot be answered."""
        name = words[0] if words else ""
        if name in ("?", "help", ""):
            common.out(HELP)
        elif name in ("1", "list", "b", "back"):
            self.chart = None
            self.clinic_list()
        elif self.chart is not None and name in ANSWERS:
            ANSWERS[name](self, self.chart, words[1:])
        elif name in ANSWERS:
            common.out("Open a person first: type the id.")
        else:
            self.open(name)

    def clinic_list(self) -> None:
        """The clinic list."""
        from pain_tui.assess import clinic
        from pain_tui.report import clinic_text

        rows = clinic.people(self.desk.file, as_of=self.desk.as_of)
        common.out(clinic_text.people(rows, fictional=self.desk.kind == "fictional"))

    def open(self, person: str) -> None:
        """A person, with what is open about them."""
        self.chart = self.desk.chart(person)
        self._text("findings")

    def _text(self, *sections: str) -> None:
        from pain_tui.report import text

        assert self.chart is not None
        common.out(
            text.assessment({"versions": self.desk.versions, **self.chart.assessment}, sections=sections)
        )

    def history(self, chart: "Chart", _: list[str]) -> None:
        """As the verb."""
        from pain_tui.tui.panes import history as panes

        self._lines(
            panes.medicines(chart, WIDTH),
            [panes.reviewed(chart)],
            panes.tried(chart, WIDTH),
            panes.problems(chart, WIDTH),
        )

    def lifestyle(self, chart: "Chart", _: list[str]) -> None:
        """As the verb."""
        from pain_tui.tui.panes import lifestyle as panes

        self._lines(panes.field_lines(chart, WIDTH))

    def monitor(self, chart: "Chart", _: list[str]) -> None:
        """As the verb."""
        from dataclasses import replace

        from pain_tui.tui.panes import diary
        from pain_tui.tui.panes import monitor as panes

        mme, course = self.desk.course(chart.identity.person, (), [row["at"] for row in chart.visits])
        visits = tuple({**row, "mme": mme.get(row["at"])} for row in chart.visits)
        chart = replace(chart, visits=visits, course=course)
        self._lines(
            panes.visit_lines(chart, WIDTH), panes.values(chart, WIDTH), panes.due_lines(chart, WIDTH),
            panes.said_lines(chart, WIDTH), diary.plain(chart, WIDTH),
        )  # fmt: skip

    def against(self, chart: "Chart", words: list[str]) -> None:
        """As the verb; without an option the listed ones are named."""
        from pain_tui.tui.panes.against import against_lines

        options = {one["option"]: one for one in (chart.problem or {}).get("options", [])}
        if not words or words[0] not in options:
            common.out(f"c OPTION, one of: {', '.join(options) or 'nothing is listed'}.")
            return
        self._lines(against_lines(chart, options[words[0]], WIDTH))

    def walk(self, chart: "Chart", _: list[str]) -> None:
        """As the verb."""
        from pain_tui.tui import walk as steps

        for number, step in enumerate(steps.STEPS, 1):
            common.out(f"Step {number} of {len(steps.STEPS)}, {step}: {steps.state(chart, step)}")

    def audit(self, chart: "Chart", _: list[str]) -> None:
        """Who did what with the record."""
        from pain_tui.tui.handing import trail_lines

        self._lines(trail_lines(self.desk.trail(chart.identity.person), WIDTH))

    def note(self, chart: "Chart", _: list[str]) -> None:
        """As the verb."""
        common.out(self.desk.note(chart).rstrip("\n"))

    def section(self, *names: str) -> None:
        """Sections of the assessment, as the verbs print them."""
        self._text(*names)

    def _lines(self, *blocks: Iterable[Any]) -> None:
        from pain_tui.cli import twins

        assert self.chart is not None
        twins.show(self.chart, *blocks)


ANSWERS: Mapping[str, Callable[[Session, "Chart", list[str]], None]] = {
    "2": lambda session, _, __: session.section("genotype"),
    "3": Session.history,
    "4": Session.lifestyle,
    "5": lambda session, _, __: session.section("findings", "plan", "limits"),
    "6": Session.monitor,
    "w": lambda session, _, __: session.section("findings"),
    "l": lambda session, _, __: session.section("limits"),
    "h": Session.note,
    "c": Session.against,
    "k": Session.walk,
    "y": Session.audit,
}
