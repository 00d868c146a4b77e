"""The clinic list of the running program: a page of it, there at once, its warnings counted behind it."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from pain_tui.tui import messages
from pain_tui.tui.background import Background
from pain_tui.tui.chart import Chart, ClinicRow
from pain_tui.tui.clinic_page import COUNT_ALL, Asked, ClinicPage, Order, Warned
from pain_tui.tui.widgets.lines import Line, line

if TYPE_CHECKING:
    from pain_tui.tui.desk import Desk


GIVE_WAY = 0.02  # seconds
BATCH = 200  # people assessed at once


class Listing:
    """Part of the program (app.py): reads pages of the list, counts warnings, finds a row."""

    desk: "Desk"
    chart: Chart | None
    post_message: Callable[..., bool]
    background: Background
    renew: Callable[[], None]
    work: Callable[..., None]

    def __init__(self) -> None:
        self.page = ClinicPage()
        self.asked = Asked()
        self.counted: int | None = 0  # people counted so far; None when nothing is being counted
        self.reading = True
        self.reading_page = False
        self.browsing = False  # the reader has moved: a list of several pages keeps its order meanwhile
        self._warned: dict[str, Warned] = {}
        self._ranks: dict[str, int] = {}  # the flags by which the list is ordered now
        self._sent: set[str] = set()  # counted or being counted
        self._everybody: list[str] | None = None
        self._stale = False  # somebody on the page was changed since it was read

    @property
    def counts_all(self) -> bool:
        """Warnings are counted for everybody, not only for the pages that are looked at."""
        return self.page.total <= COUNT_ALL

    @property
    def to_count(self) -> int:
        """How many people are counted when all that is counted is done."""
        return self.page.total if self.counts_all else len(self.page.rows)

    @property
    def people_counted(self) -> int:
        """How many people have their warnings counted."""
        return len(self._warned)

    def row_of(self, person: str) -> ClinicRow | None:
        """One line of the page."""
        return next((row for row in self.page.rows if row.person == person), None)

    def list_state_lines(self) -> list[Line]:
        """While reading: say so."""
        return [line(""), line(" Reading the patient file ...")] if self.reading else []

    # --- reading ----------------------------------------------------------------------------------------

    def read_clinic(self) -> None:
        """Read the page again, and count everybody anew, in workers."""
        self.reading = True
        self.forget()
        self._read()

    def forget(self, person: str | None = None) -> None:
        """The warnings of a person (or of all) may have changed: they are counted again."""
        if person is None:
            self._warned, self._sent, self._everybody = {}, set(), None
        else:
            self._stale = True
            self._warned.pop(person, None)
            self._sent.discard(person)

    def list_again(self) -> None:
        """Back on the list: what was changed meanwhile is read."""
        if self._stale:
            self._stale = False
            self._read()

    def ask(self, *, find: str | None = None, order: Order | None = None, offset: int = 0) -> None:
        """Another part of the list; what is not named stays. A new order or search goes by the flags known now."""
        before = self.asked
        self.asked = Asked(
            before.find if find is None else find, before.order if order is None else order, offset
        )
        if find is not None or order is not None:
            self.browsing = False
            self._rank()
        self._read()

    def _rank(self) -> None:
        self._ranks = {person: warned.rank for person, warned in self._warned.items()}

    def _read(self) -> None:
        asked, ranks, self.reading_page = self.asked, self._ranks, True
        self.work("page", lambda: messages.ClinicRead(self.desk.clinic(asked, ranks)), retry=self.read_clinic)

    def on_clinic_read(self, message: messages.ClinicRead) -> None:
        """A page is here; a late answer to an older question is dropped."""
        if message.page.asked == self.asked:
            self.take(message.page)
            self.renew()
            self.count_warnings()

    def take(self, page: ClinicPage) -> None:
        """A page as read, with the warnings that are known."""
        self.asked = replace(self.asked, offset=page.offset)  # beyond the end, the last page was read
        self.page = replace(page.warned(self._warned), asked=self.asked)
        self.reading = self.reading_page = False

    # --- warnings ---------------------------------------------------------------------------------------

    def count_warnings(self) -> None:
        """Assess people in the background, those on the page first, a batch at a time."""
        if self._all_sent():
            return
        if self.counted is None and any(row.counts is None for row in self.page.rows):
            self.counted = self._counted_now()
        self.work("counting", self._count)

    def _count(self) -> None:
        self.desk.warm()
        while batch := self._uncounted():
            self._sent.update(batch)
            self.post_message(messages.Counted(self.desk.warnings(batch), done=False))
            self.desk.make_ready()
            while self.background.busy("chart", "page"):  # who waits comes first
                time.sleep(GIVE_WAY)
        self.post_message(messages.Counted({}, done=True))

    def _all_sent(self) -> bool:
        """Nothing is left to count: a letter of a search then paints the list once."""
        if any(row.person not in self._sent for row in self.page.rows) or self.counted is not None:
            return False
        return not self.counts_all or (self._everybody is not None and self._sent.issuperset(self._everybody))

    def _uncounted(self) -> list[str]:
        here = [row.person for row in self.page.rows if row.person not in self._sent]
        if here or not self.counts_all:
            return here[:BATCH]
        if self._everybody is None:
            self._everybody = self.desk.everybody()
        rest = [person for person in self._everybody if person not in self._sent]
        return rest[:BATCH]

    def on_counted(self, message: messages.Counted) -> None:
        """Fill the counts in as they come; the order by flag follows while nobody has moved in a long list."""
        self._warned.update(message.counts)
        self.counted = None if message.done else self._counted_now()
        self.page = self.page.warned(message.counts)
        by_flag = self.asked.order == "flag" and self.counts_all
        if message.counts and by_flag and (self.page.is_all or not self.browsing):
            self._rank()
            self._read()
        if self.chart is None:
            self.renew()

    def _counted_now(self) -> int:
        if self.counts_all:
            return len(self._warned)
        return sum(row.counts is not None for row in self.page.rows)

    def counting_note(self) -> str:
        """How far the warnings are counted, for the header: in a large clinic also once nothing is under way."""
        if not self.counts_all:
            return f"warnings counted for {self.people_counted:,} of {self.page.total:,}: the pages looked at"
        return "" if self.counted is None else f"counting warnings: {self.counted:,} of {self.to_count:,}"

    def people_by_flag(self) -> dict[str, int]:
        """How many people have each flag, and how many have something missing."""
        totals = {"STOP": 0, "CAUTION": 0, "MISSING": 0}
        for warned in self._warned.values():
            if warned.counts.STOP:
                totals["STOP"] += 1
            elif warned.counts.CAUTION:
                totals["CAUTION"] += 1
            totals["MISSING"] += bool(warned.counts.MISSING)
        return totals
