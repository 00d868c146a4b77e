"""Rows of written medicines as case tables, so that the steps answer a calculator as they answer the screens.

Rows with one `id` are one person whose medicine list is these rows. Names, forms, routes and doses are
read by `patients.normalise`; what could not be read is given back with its row.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

import duckdb

from pain_tui.assess import case, engine
from pain_tui.knowledge import load as knowledge
from pain_tui.patients.normalise import records
from pain_tui.patients.normalise.sink import Sink

INPUTS = ("drug", "route", "form", "dose", "unit", "per_day", "indication")


@dataclass(frozen=True)
class Asked:
    """One input row: its 1-based number, the person's id and the cells as written."""

    row: int
    id: str
    cells: Mapping[str, str]


@dataclass(frozen=True)
class Loaded:
    """What the rows became: the input row of each medication row, and what could not be read, by row."""

    row_of: Mapping[str, int]
    problems: Mapping[int, tuple[str, ...]]


def load(cursor: duckdb.DuckDBPyConnection, rows: Sequence[Asked], *, as_of: date) -> Loaded:
    """Fill the case tables with `rows`, each an active medicine on `as_of`, each list complete."""
    sink = Sink(as_of=as_of)
    row_of: dict[str, int] = {}
    for asked in rows:
        _add(sink, asked, row_of)
    people = [{"person": person} for person in dict.fromkeys(asked.id for asked in rows)]
    reviews = [{**row, "list": "medication", "complete": True, "at": as_of.isoformat()} for row in people]
    tables = {**sink.case_rows(), "person": people, "list_review": reviews}
    case.from_records(cursor, tables, case.Run(as_of))
    return Loaded(row_of, _problems(sink))


def run_steps(cursor: duckdb.DuckDBPyConnection, numbers: Iterable[str]) -> None:
    """Run the steps of these numbers only, in their order."""
    wanted = set(numbers)
    for step in engine.steps():
        if step.name[:3] in wanted:
            step.run(cursor)


@cache
def knowledge_for(steps: tuple[str, ...], also: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The knowledge tables these steps read (by number), down to what derived tables are made from."""
    made_from = dict(_derived())
    wanted = {*also, *(name for number in steps for name in _named_in_step(number))}
    while derived := wanted & set(made_from):
        wanted = (wanted - derived).union(*(made_from[name] for name in derived))
    return tuple(sorted(wanted))


def _named_in_step(number: str) -> set[str]:
    return {
        name
        for file in engine.STEPS_FOLDER.glob(f"{number}*.sql")
        for name in re.findall(r"knowledge\.(\w+)", file.read_text(encoding="utf-8"))
    }


def _derived() -> Iterator[tuple[str, set[str]]]:
    """(derived table, the tables its file needs)."""
    for file in (knowledge.FOLDER / "derived").glob("*.sql"):
        text = file.read_text(encoding="utf-8")
        needs = {name.strip() for name in text.splitlines()[0].removeprefix("-- needs:").split(",")}
        for made in re.findall(r"CREATE TABLE knowledge\.(\w+)", text):
            yield made, needs


def _add(sink: Sink, asked: Asked, row_of: dict[str, int]) -> None:
    """One input row; a product of several ingredients becomes several medication rows of one input row."""
    kept = len(sink.rows.get("medication", []))
    cells = {name: value for name, value in asked.cells.items() if name in INPUTS and value.strip()}
    records.add_row(
        sink, "medication", {**cells, "status": "active"}, place=f"row {asked.row}", person=asked.id
    )
    for part, row in enumerate(sink.rows.get("medication", [])[kept:], start=1):
        row["row_id"] = f"{asked.row:09d}.{part}"
        row_of[row["row_id"]] = asked.row


def _problems(sink: Sink) -> dict[int, tuple[str, ...]]:
    found: dict[int, list[str]] = {}
    for problem in sink.problems:
        number = problem.place.removeprefix("row ")
        if number.isdigit():
            found.setdefault(int(number), []).append(problem.sentence().removeprefix(f"{problem.place}: "))
    return {row: tuple(dict.fromkeys(texts)) for row, texts in found.items()}
