"""Answers about many people of a patient file, a partition at a time: the clinic list, findings, limits."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from threading import RLock
from typing import Any
from weakref import WeakKeyDictionary

import duckdb

from pain_tui.assess import assessment, case, engine
from pain_tui.knowledge import plans
from pain_tui.patients.file import PatientFile

Row = dict[str, Any]

PARTITION = 1000  # people assessed at once: memory stays flat whatever the size of the file

FORECASTS = ("100", "105")  # steps that no warning rests on
LAST_OF_WARNINGS = "108"


@dataclass
class Findings:
    """All findings, and the STOP questions that nobody can decide yet."""

    findings: list[Row] = field(default_factory=list)
    undecided_stops: list[Row] = field(default_factory=list)


def partitions(
    file: PatientFile,
    people: Sequence[str] | None,
    run: case.Run,
    steps: Callable[[duckdb.DuckDBPyConnection], object] = engine.run,
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A cursor on which the steps have run, for each partition of people in the order of their ids."""
    cursor = file.cursor()
    try:
        chosen = list(people) if people is not None else _everybody(file, cursor)
        for start in range(0, len(chosen), PARTITION):
            with file.attached(cursor=cursor):
                case.from_file(cursor, chosen[start : start + PARTITION], run)
            steps(cursor)
            yield cursor
    finally:
        cursor.close()


_KEPT: "WeakKeyDictionary[PatientFile, tuple[RLock, duckdb.DuckDBPyConnection]]" = WeakKeyDictionary()


@contextmanager
def kept_cursor(file: PatientFile) -> Iterator[duckdb.DuckDBPyConnection]:
    """The file's cursor for one person at a time, with the plans of the steps kept.

    For the screens, where a person is assessed at every change of a field. One piece of work at a time; after
    an error a new cursor is made.
    """
    if file not in _KEPT:
        cursor = file.cursor()
        plans.keep(cursor)
        _KEPT[file] = (RLock(), cursor)
    lock, cursor = _KEPT[file]
    with lock:
        try:
            yield cursor
        except BaseException:
            _KEPT.pop(file, None)
            raise


def make_ready(file: PatientFile, as_of: date) -> None:
    """Have the tables and plans of the kept cursor made, so that the first person opens as fast as the next."""
    with kept_cursor(file) as cursor:
        if plans.runs(cursor):  # it is in use, and holds somebody's rows
            return
        while plans.runs(cursor) < plans.RUNS_BEFORE_PLANS:
            case.from_records(cursor, {"person": [{"person": "nobody"}]}, case.Run(as_of))
            for step in engine.steps():
                step.run(cursor)
            assessment.assess_people(cursor)


def warn(cursor: duckdb.DuckDBPyConnection) -> None:
    """Run only the steps that warnings and open questions rest on: no forecast, no plan. For lists."""
    for step in engine.steps():
        if step.name[:3] > LAST_OF_WARNINGS:
            return
        if step.name[:3] not in FORECASTS:
            step.run(cursor)


def people(
    file: PatientFile,
    *,
    as_of: date,
    only: Sequence[str] | None = None,
    progress: Callable[[int], object] | None = None,
) -> list[Row]:
    """The clinic list: person, age, sex, alive, problems with their condition, and the four counts.

    only: these people; everybody when None. progress: told how many people each finished part had.
    """
    found: list[Row] = []
    for cursor in partitions(file, only, case.Run(as_of), warn):
        counts = assessment.tallies(cursor)
        part = [{**row, **counts[row["person"]]} for row in rows(cursor, _PEOPLE)]
        found += part
        if progress:
            progress(len(part))
    return found


def findings(file: PatientFile, people: Sequence[str] | None, *, as_of: date) -> Findings:
    """The findings of the chosen people (everybody when None)."""
    found = Findings()
    for cursor in partitions(file, people, case.Run(as_of)):
        found.findings += [row for one in assessment.assess_people(cursor) for row in _with_person(one)]
        found.undecided_stops += rows(cursor, _UNDECIDED_STOPS)
    return found


def limits(file: PatientFile, people: Sequence[str] | None, *, as_of: date) -> list[Row]:
    """What cannot be said of the chosen people (everybody when None)."""
    found: list[Row] = []
    for cursor in partitions(file, people, case.Run(as_of)):
        found += rows(cursor, "SELECT * EXCLUDE (position) FROM limits ORDER BY person, position")
    return found


def rows(cursor: duckdb.DuckDBPyConnection, sql: str) -> list[Row]:
    """The rows of a query as dicts."""
    cursor.execute(sql)
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]


_PEOPLE = """
SELECT p.person, p.age_years, p.sex, p.is_alive,
    coalesce(list(coalesce(b.condition, b.condition_proposed, b.text)
        ORDER BY b.is_primary DESC NULLS LAST, b.problem) FILTER (b.problem IS NOT NULL), []) AS problems
FROM people p LEFT JOIN problems b USING (person) GROUP BY ALL ORDER BY p.person
"""

_UNDECIDED_STOPS = """
SELECT person, problem, option, drug, question AS rule, list(DISTINCT fact ORDER BY fact) AS missing
FROM undecided WHERE tier = 'STOP' GROUP BY ALL ORDER BY ALL
"""


def _everybody(file: PatientFile, cursor: duckdb.DuckDBPyConnection) -> list[str]:
    with file.attached(cursor=cursor):
        found = cursor.execute(
            "SELECT person FROM clinic.main.person WHERE is_current ORDER BY person"
        ).fetchall()
    return [str(row[0]) for row in found]


def _with_person(one: assessment.Assessment) -> list[Row]:
    return [{"person": one.person, **finding} for finding in one.findings]
