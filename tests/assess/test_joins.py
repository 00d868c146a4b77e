"""No step of the assessment compares every row of one table with every row of another as a clinic grows."""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import duckdb
import pytest

from pain_tui.assess import case, engine
from pain_tui.knowledge import plans
from pain_tui.patients.fictional.people import draw_people
from pain_tui.patients.normalise.records import normalise

AS_OF = date(2026, 11, 20)
PEOPLE = 40
SMALL = 100  # rows: what is no longer than that is a table of the knowledge, the same for any clinic


def _loops(operator: dict[str, Any]) -> Iterator[tuple[str, int]]:
    """(what is compared, rows of the shorter side) of every join without a hash below an operator."""
    below = operator.get("children", [])
    name = operator.get("operator_type") or ""
    if name in ("BLOCKWISE_NL_JOIN", "NESTED_LOOP_JOIN") and len(below) == 2:
        shorter = min(side.get("operator_cardinality", 0) for side in below)
        yield json.dumps(operator.get("extra_info", {}))[:200], shorter
    for each in below:
        yield from _loops(each)


@pytest.fixture
def drawn(cursor: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """Drawn people as a case."""
    tables: dict[str, list[dict[str, Any]]] = {}
    for record in draw_people(PEOPLE, 3, AS_OF):
        for table, rows in normalise(record, place="test", as_of=AS_OF).case.items():
            tables.setdefault(table, []).extend(rows)
    case.from_records(cursor, tables, case.Run(AS_OF))
    return cursor


def test_no_step_loops_over_all_pairs(drawn: duckdb.DuckDBPyConnection) -> None:
    """A join on an expression of both sides (`a = coalesce(b, a)`) is no hash join: 0.4 ms a person, once."""
    slow = []
    for step in engine.steps():
        if step.name in engine.PYTHON_STEPS:
            step.run(drawn)
            continue
        for statement in plans._statements(engine._text(engine.STEPS_FOLDER / f"{step.name}.sql")):
            explained = drawn.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}").fetchall()[0][1]
            for what, shorter in _loops(json.loads(explained)):
                slow += [(step.name, shorter, what)] if shorter > SMALL else []
            drawn.execute(statement)
    assert slow == []
