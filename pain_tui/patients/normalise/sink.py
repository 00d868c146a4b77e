"""Where normalised rows and problems are collected: one object for each reading, the same for every way
in.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from pain_tui.patients.normalise.problem import DOUBT, IGNORED, ROW, VALUE, Problem

Row = dict[str, Any]

# Columns that the patient file has and a case does not need.
FILE_ONLY: dict[str, frozenset[str]] = {
    "observation": frozenset({"code_system", "code_as_given", "value_as_given", "unit_as_given"}),
    "allergy": frozenset({"noted"}),
    "device": frozenset({"text"}),
    "genotype_call": frozenset({"build"}),
}
CASE_TABLES = (
    "person",
    "problem",
    "observation",
    "medication",
    "condition",
    "allergy",
    "device",
    "treatment",
    "genotype_call",
    "preference",
    "list_review",
)
_WITH_SOURCE = ("observation", "medication")


@dataclass
class Sink:
    """Rows by table, problems, and counts of what was read. `as_of` is today for "in the future"; None: not
    checked.
    """

    as_of: date | None = None
    time_zone: str | None = None
    rows: dict[str, list[Row]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    seen: set[tuple[str, ...]] = field(default_factory=set)
    people: dict[str, Row] = field(default_factory=dict)
    problem_numbers: Counter[str] = field(default_factory=Counter)

    def add(self, table: str, row: Row) -> None:
        """Keep one finished row; a row without `row_id` gets one that is unique in this reading."""
        rows = self.rows.setdefault(table, [])
        if table not in ("person", "list_review", "person_name", "person_identifier", "visit"):
            row.setdefault("row_id", f"{table}-{len(rows) + 1}")
        rows.append(row)

    def note(self, problem: Problem, place: str, person: str | None = None) -> None:
        """Keep a problem, with its place."""
        self.problems.append(problem.at(place, person))

    def case_rows(self) -> dict[str, list[Row]]:
        """The rows with the columns of assess/case.sql only."""
        found: dict[str, list[Row]] = {}
        for table in CASE_TABLES:
            drop = (
                set(FILE_ONLY.get(table, ()))
                | {"source_key"}
                | (set() if table in _WITH_SOURCE else {"source"})
            )
            if self.rows.get(table):
                found[table] = [{k: v for k, v in row.items() if k not in drop} for row in self.rows[table]]
        return found

    def set_aside(self) -> list[Problem]:
        """What was not used: whole rows and single values."""
        return [p for p in self.problems if p.level in (ROW, VALUE)]

    def doubts(self) -> list[Problem]:
        """What was used and should be looked at."""
        return [p for p in self.problems if p.level == DOUBT]

    def ignored(self) -> list[Problem]:
        """What is not needed here."""
        return [p for p in self.problems if p.level == IGNORED]
