"""One page of the clinic list: what is asked for, and what comes back, as plain data.

A clinic may hold a hundred thousand people, so the screens hold a page of them; finding, ordering and counting
happen in the patient file.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Literal

from pain_tui.tui import words
from pain_tui.tui.chart import ClinicRow, Counts

if TYPE_CHECKING:
    from pain_tui.patients.file import PatientFile
    from pain_tui.patients.people import PersonRow

Order = Literal["flag", "name", "visit"]
ORDERS: tuple[Order, ...] = ("flag", "name", "visit")
PAGE = 200  # people on a page
COUNT_ALL = 5000  # people; in a larger clinic warnings are counted for the pages that are looked at
_IN_FILE: Mapping[Order, Literal["flag", "name", "next_visit"]] = {
    "flag": "flag",
    "name": "name",
    "visit": "next_visit",
}
_RANK = {"STOP": 0, "CAUTION": 1, "NOTE": 2, "-": 3}
_SET_ASIDE = """
SELECT place, reason, count(*) OVER () FROM clinic.main.set_aside
WHERE import_run = (SELECT max_by(import_run, "at") FROM clinic.main.import_run) ORDER BY place LIMIT 3
"""


@dataclass(frozen=True)
class Warned:
    """What the assessment of a person adds to its line: the counts, opioid words, the first warning."""

    counts: Counts
    mme: str
    first: str

    @property
    def rank(self) -> int:
        """0 for an open STOP, 3 for nothing open."""
        return _RANK[ClinicRow("", "", "", None, None, counts=self.counts).flag]


@dataclass(frozen=True)
class Asked:
    """Which part of the list: what to find, in which order, from which row (0 is the first) on."""

    find: str = ""
    order: Order = "flag"
    offset: int = 0


@dataclass(frozen=True)
class ClinicPage:
    """Some rows of the list. matching: people found; total: people in the file.

    set_aside: the first few rows that the last import set aside (place, reason); set_aside_total: how many.
    """

    rows: tuple[ClinicRow, ...] = ()
    offset: int = 0
    matching: int = 0
    total: int = 0
    set_aside: tuple[tuple[str, str], ...] = ()
    set_aside_total: int = 0
    asked: Asked = Asked()

    @property
    def is_all(self) -> bool:
        """Nobody found is on another page."""
        return len(self.rows) == self.matching

    def warned(self, found: Mapping[str, Warned]) -> "ClinicPage":
        """The page with the warnings counted so far."""
        return replace(self, rows=tuple(_with(row, found.get(row.person)) for row in self.rows))


def _with(row: ClinicRow, warned: Warned | None) -> ClinicRow:
    if warned is None:
        return row
    return replace(row, counts=warned.counts, mme=warned.mme, first_warning=warned.first)


def read(file: "PatientFile", asked: Asked, flags: Mapping[str, int], as_of: date) -> ClinicPage:
    """The page asked for; beyond the end, the last one. flags: ranks of the people counted so far."""
    from pain_tui.patients import people

    with file.glance() as cursor:
        found = people.clinic_page(
            cursor,
            as_of=as_of,
            names=True,
            find=asked.find,
            order=_IN_FILE[asked.order],
            flags=flags,
            limit=PAGE,
            offset=asked.offset,
        )
        aside = cursor.execute(_SET_ASIDE).fetchall()
    return ClinicPage(
        rows=tuple(_row(row, as_of) for row in found.rows),
        offset=found.offset,
        matching=found.matching,
        total=found.total,
        set_aside=tuple((str(place), str(reason)) for place, reason, _ in aside),
        set_aside_total=aside[0][2] if aside else 0,
        asked=asked,
    )


def read_ids(file: "PatientFile", as_of: date) -> list[str]:
    """Everybody, who comes next first."""
    from pain_tui.patients import people

    with file.glance() as cursor:
        return people.all_people(cursor, as_of=as_of)


def _row(row: "PersonRow", as_of: date) -> ClinicRow:
    return ClinicRow(
        person=row.person,
        name=", ".join(part for part in ((row.family or "").upper(), row.given or "") if part),
        record=row.person,
        sex=row.sex,
        age_years=words.years_between(row.birth_date, as_of) if row.birth_date else row.age_stated,
        problem=row.problem_text or words.plain_id(row.condition)
        if (row.problem_text or row.condition)
        else "",
        next_visit=_visit_words(row.next_visit, as_of),
        nrs=row.last_nrs,
        nrs_change=row.nrs_change,
        genotype="yes" if row.has_genotype else "no",
        plan="died" if row.death_date else row.plan or "none",
    )


def _visit_words(at: datetime | None, as_of: date) -> str | None:
    if at is None:
        return None
    return f"today {at:%H:%M}" if at.date() == as_of else f"{at:%Y-%m-%d}"
