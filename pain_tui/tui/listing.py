"""The clinic list of the running program: there at once, its warnings counted behind it."""

import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from pain_tui.tui import messages
from pain_tui.tui.background import Background
from pain_tui.tui.chart import Chart, ClinicRow
from pain_tui.tui.widgets.lines import Line, line

if TYPE_CHECKING:
    from pain_tui.tui.desk import Desk


GIVE_WAY = 0.02  # seconds


class Listing:
    """Part of the program (app.py): reads the list, counts its warnings, finds a row."""

    desk: "Desk"
    chart: Chart | None
    post_message: Callable[..., bool]
    background: Background
    renew: Callable[[], None]
    work: Callable[..., None]

    def __init__(self) -> None:
        self.rows: list[ClinicRow] = []
        self.set_aside: list[tuple[str, str]] = []
        self.counted: int | None = 0  # people counted so far; None when all are
        self.reading = True
        self._places: dict[str, int] = {}

    def row_of(self, person: str) -> ClinicRow | None:
        """One line of the list."""
        place = self._places.get(person)
        return None if place is None else self.rows[place]

    def list_state_lines(self) -> list[Line]:
        """While reading: say so."""
        return [line(""), line(" Reading the patient file ...")] if self.reading else []

    def read_clinic(self) -> None:
        """Read the list again, in a worker."""
        self.reading = True
        self.work("clinic", lambda: messages.ClinicRead(*self.desk.clinic()), retry=self.read_clinic)

    def on_clinic_read(self, message: messages.ClinicRead) -> None:
        """The list is here; count the warnings behind it."""
        self.take(message.rows, message.set_aside)
        self.renew()
        self.count_warnings()

    def take(self, rows: Iterable[ClinicRow], set_aside: Iterable[tuple[str, str]]) -> None:
        """A list as read: nobody is counted yet."""
        self.rows, self.set_aside = list(rows), list(set_aside)
        self._places = {row.person: number for number, row in enumerate(self.rows)}
        self.reading = False
        self.counted = 0

    def count_warnings(self) -> None:
        """Assess the people of the list in the background, a batch at a time."""

        def work() -> None:
            for counts, done in self.desk.count_warnings([row.person for row in self.rows]):
                self.post_message(messages.Counted(counts, done))
                while self.background.busy("chart"):  # the open person comes first
                    time.sleep(GIVE_WAY)

        self.work("counting", work)

    def on_counted(self, message: messages.Counted) -> None:
        """Fill the counts in as they come."""
        for person, (counts, mme, first) in message.counts.items():
            if person in self._places:
                place = self._places[person]
                self.rows[place] = replace(self.rows[place], counts=counts, mme=mme, first_warning=first)
        self.counted = None if message.done else (self.counted or 0) + len(message.counts)
        if self.chart is None:
            self.renew()

    def people_by_flag(self) -> dict[str, int]:
        """How many people have each flag, and how many have something missing."""
        totals = {"STOP": 0, "CAUTION": 0, "MISSING": 0}
        for row in self.rows:
            if row.flag in totals:
                totals[row.flag] += 1
            totals["MISSING"] += bool(row.counts and row.counts.MISSING)
        return totals
