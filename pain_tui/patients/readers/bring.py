"""From readings into the patient file, and back: which source's rows are new, the same again, or not taken.

Counts are in the source's own records: read = used + unchanged + set aside + ignored.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pain_tui.patients.intake import FICTIONAL_PREFIX, Brought, bring_in
from pain_tui.patients.normalise.problem import DOUBT, IGNORED, ROW, VALUE, Problem
from pain_tui.patients.normalise.sink import Row
from pain_tui.patients.readers.base import UNKNOWN, USED, Reading

if TYPE_CHECKING:
    from pain_tui.patients.file import PatientFile

_WITHOUT_VERSIONS = frozenset({"person_identifier", "visit", "list_review"})


@dataclass
class Outcome:
    """What became of one source. `problems` are the reader's and the file's."""

    reading: Reading
    used: int
    unchanged: int
    set_aside: int
    problems: list[Problem] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """The `import --json` shape of one source."""
        r = self.reading
        return {
            "source": r.place,
            "reader": r.reader,
            "people": sorted(people_of(r)),
            "rows_read": r.read,
            "rows_used": self.used,
            "rows_unchanged": self.unchanged,
            "rows_set_aside": self.set_aside,
            "rows_ignored": r.ignored,
            "set_aside": [as_dict(p) for p in self.problems if p.level in (ROW, VALUE)],
            "doubts": [as_dict(p) for p in self.problems if p.level == DOUBT],
            "ignored": dict(Counter(p.code for p in self.problems if p.level == IGNORED)),
            "columns": {use: _columns(r, use) for use in (USED, IGNORED, UNKNOWN)},
            "kinds": dict(r.kinds),
        }


def _columns(reading: Reading, use: str) -> list[str]:
    return [f"{table}.{name}" for table, name, kind in reading.columns if kind == use]


def as_dict(problem: Problem) -> dict[str, Any]:
    """One problem as JSON: where, what, which value, what is allowed, what to do, and its codes."""
    return {
        "place": problem.place,
        "person": problem.person,
        "level": problem.level,
        "reason_code": problem.code,
        "reason": problem.what,
        "value": problem.value or None,
        "allowed": problem.allowed or None,
        "remedy": problem.remedy or None,
    }


def people_of(reading: Reading) -> set[str]:
    """Everybody of whom the source had a row."""
    return reading.people | {str(row["person"]) for rows in reading.rows.values() for row in rows}


def without_rows(outcome: Outcome) -> Outcome:
    """The outcome of rows that are stored: what is told of them, without them."""
    reading = outcome.reading
    told = replace(
        reading,
        rows={},
        problems=[],
        people=people_of(reading),
        described={str(row["person"]) for row in reading.rows.get("person", ())},
    )
    return replace(outcome, reading=told)


def together(reading: Reading, parts: Sequence[Outcome]) -> Outcome:
    """One outcome of a source that was stored in several units."""
    whole = replace(
        reading,
        read=sum(part.reading.read for part in parts),
        used=sum(part.reading.used for part in parts),
        set_aside=sum(part.reading.set_aside for part in parts),
        ignored=sum(part.reading.ignored for part in parts),
        people=set().union(*(part.reading.people for part in parts)),
        described=set().union(*(part.reading.described for part in parts)),
    )
    return Outcome(
        whole,
        sum(part.used for part in parts),
        sum(part.unchanged for part in parts),
        sum(part.set_aside for part in parts),
        [problem for part in parts for problem in part.problems],
    )


def store(
    file: "PatientFile",
    readings: Sequence[Reading],
    *,
    declare_fictional: bool,
    fictional: set[str] | None = None,
    actor: str,
    at: datetime,
) -> list[Outcome]:
    """Write all readings of one import in one transaction for each kind of reader, people first.

    fictional: who was declared fictional in an earlier unit of this import; those of this one are added.
    """
    outcomes: list[Outcome] = []
    declared = set[str]() if fictional is None else fictional
    for reader in sorted(
        {r.reader for r in readings}, key=lambda name: [r.reader for r in readings].index(name)
    ):
        of_one = [r for r in readings if r.reader == reader]
        tables = _together(of_one)
        if not tables:
            outcomes += [Outcome(r, r.used, 0, r.set_aside, list(r.problems)) for r in of_one]
            continue
        problems = [p for r in of_one for p in r.problems]
        brought = bring_in(
            file,
            tables,
            source=of_one[0].source,
            reader=reader,
            rows_read=sum(r.read for r in of_one),
            problems=problems,
            declare_fictional=declare_fictional,
            declared=declared,
            actor=actor,
            at=at,
        )
        outcomes += _share(of_one, brought, len(problems), declared)
    return outcomes


def _together(readings: Sequence[Reading]) -> dict[str, list[Row]]:
    tables: dict[str, list[Row]] = {}
    for reading in readings:
        for table, rows in reading.rows.items():
            tables.setdefault(table, []).extend(rows)
    return {table: rows for table, rows in tables.items() if rows}


def _share(readings: Sequence[Reading], brought: Brought, given: int, declared: set[str]) -> list[Outcome]:
    """Give the file's own answers back to the sources they belong to.

    declared: who was declared fictional and is called with a prefix in those answers.
    """
    own = brought.problems[given:]
    strangers = {
        str(p.person)
        for p in own
        if p.level == ROW and p.code in ("unknown_person", "two_birth_dates", "deleted_person")
    }
    strangers |= {person for person in declared if f"{FICTIONAL_PREFIX}{person}" in strangers}
    fresh = {key.split("#")[0] for key in brought.fresh}
    outcomes = []
    for reading in readings:
        states = _states(reading, fresh, strangers, brought)
        people = {str(row.get("person")) for rows in reading.rows.values() for row in rows}
        people |= {f"{FICTIONAL_PREFIX}{person}" for person in people & declared}
        mine = [p for p in own if p.person in people or len(readings) == 1]
        edited = sum(p.code == "edited_here" for p in mine)
        refused, unchanged = states["refused"], max(0, states["unchanged"] - edited)
        outcomes.append(
            Outcome(
                reading,
                reading.used - refused - unchanged - edited,
                unchanged,
                reading.set_aside + refused + edited,
                [*reading.problems, *mine],
            )
        )
    return outcomes


def _states(reading: Reading, fresh: set[str], strangers: set[str], brought: Brought) -> Counter[str]:
    """How many of a source's used records were refused by the file, and how many it had already."""
    records: dict[tuple[str, str], str] = {}
    for table, rows in reading.rows.items():
        if table in _WITHOUT_VERSIONS and reading.reader not in ("csv", "record"):
            continue
        for row in rows:
            if not row.get("source_key"):
                continue
            key = str(row["source_key"]).split("#")[0]
            state = "refused" if str(row.get("person")) in strangers else _is_new(table, key, fresh, brought)
            before = records.get((str(row.get("person")), key))
            records[str(row.get("person")), key] = "new" if "new" in (before, state) else state
    return Counter(records.values())


def _is_new(table: str, key: str, fresh: set[str], brought: Brought) -> str:
    if table in _WITHOUT_VERSIONS:
        return "unchanged" if not brought.added[table] else "new"
    return "new" if key in fresh else "unchanged"
