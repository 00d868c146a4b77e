"""Keep the query plans of one cursor, so that assessing the next person does not plan the same steps again.

DuckDB spends most of a small assessment on planning. On a kept cursor the first run makes the tables as
written; later runs empty them and execute prepared statements. The statements stay as they are in the SQL
files, and every other cursor runs them plainly. Plans hold for any data because the instance's optimizer is
kept from using the statistics of the tables (knowledge.load); a plan made for an empty table would otherwise
lose rows.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from weakref import WeakKeyDictionary

import duckdb

from pain_tui.knowledge.unchanged import Stamps

Parameters = Sequence[Any] | Mapping[str, Any]

# Emptied tables keep the rows' places; after so many runs the tables are made anew.
RUNS_BEFORE_RENEWAL = 200
# In the first run tables are still being made, and each makes DuckDB plan every statement anew.
RUNS_BEFORE_PLANS = 2

_PREPARED = re.compile(r"\s*(INSERT|DELETE|SELECT|WITH|FROM)\b", re.IGNORECASE)
_CHANGES = re.compile(r"\s*(?:INSERT INTO|DELETE FROM|UPDATE)\s+(\w+)", re.IGNORECASE)
_MAKES = re.compile(r"^\s*(?:--[^\n]*\n\s*)*CREATE OR REPLACE TEMP TABLE (\w+)\s+(AS\s|\()", re.IGNORECASE)


@dataclass
class _Kept:
    """What one cursor has: the statement that made each table, the prepared name of each statement."""

    made_by: dict[str, str] = field(default_factory=dict)
    prepared: dict[str, tuple[str, int]] = field(default_factory=dict)
    done: set[str] = field(default_factory=set)
    runs: int = 0
    # A new table makes DuckDB plan every statement anew, so older plans are of no use.
    tables_made: int = 0
    stamps: Stamps = field(default_factory=Stamps)


_KEPT: "WeakKeyDictionary[duckdb.DuckDBPyConnection, _Kept]" = WeakKeyDictionary()


def keep(cursor: duckdb.DuckDBPyConnection) -> None:
    """From now on keep the plans of this cursor. For cursors that assess a few people, many times."""
    _KEPT.setdefault(cursor, _Kept())


def keeps(cursor: duckdb.DuckDBPyConnection) -> bool:
    """Whether this cursor keeps its plans: one statement for all cases is then worth more than a short one."""
    return cursor in _KEPT


def runs(cursor: duckdb.DuckDBPyConnection) -> int:
    """How many runs this kept cursor began."""
    return _KEPT[cursor].runs


def begin(cursor: duckdb.DuckDBPyConnection) -> None:
    """A new run starts; after many, the tables of a kept cursor are made anew."""
    kept = _KEPT.get(cursor)
    if kept is None:
        return
    kept.runs += 1
    if kept.runs % RUNS_BEFORE_RENEWAL == 0:
        for name, _ in kept.prepared.values():
            cursor.execute(f"DEALLOCATE {name}")
        kept.made_by.clear()
        kept.prepared.clear()
        kept.stamps.forget()


@contextmanager
def unchanged_stays(cursor: duckdb.DuckDBPyConnection, given: Iterable[str]) -> Iterator[None]:
    """Within this, a kept cursor leaves a table as it is when its statement and what it reads did not change.

    given: the tables that were filled from outside; they are read. Any other cursor runs everything.
    """
    kept = _KEPT.get(cursor)
    if kept is None:
        yield
        return
    kept.stamps.begin(cursor, given, kept.tables_made)
    try:
        yield
    finally:
        kept.stamps.live = False


def execute(cursor: duckdb.DuckDBPyConnection, script: str, parameters: Parameters | None = None) -> None:
    """Run a script of statements; parameters only with a single statement. Results are not for fetching."""
    kept = _KEPT.get(cursor)
    if kept is None:
        cursor.execute(script, parameters) if parameters else cursor.execute(script)
        return
    for statement in _statements(script):
        made = _MAKES.match(statement)
        if made:
            _make(cursor, kept, statement, made, parameters)
        else:
            _run(cursor, kept, statement, parameters)
            changed = _CHANGES.match(statement)
            if changed:
                kept.stamps.changed(changed[1])


def once(cursor: duckdb.DuckDBPyConnection, statement: str) -> None:
    """Run a statement the first time only, on a kept cursor: what it makes (a view) stays."""
    kept = _KEPT[cursor]
    if statement not in kept.done:
        cursor.execute(statement)
        kept.done.add(statement)
        kept.tables_made += 1


def query(
    cursor: duckdb.DuckDBPyConnection, select: str, parameters: Parameters | None = None
) -> duckdb.DuckDBPyConnection:
    """Run one SELECT by its kept plan where there is one; fetch from what is returned.

    On a kept cursor it must not read an attached file: that comes and goes, and each time all plans with it.
    """
    kept = _KEPT.get(cursor)
    if kept is None:
        return cursor.execute(select, parameters) if parameters else cursor.execute(select)
    _run(cursor, kept, select, parameters)
    return cursor


@lru_cache(maxsize=512)
def _statements(script: str) -> tuple[str, ...]:
    with duckdb.connect(":memory:") as parser:
        return tuple(statement.query.strip().rstrip(";") for statement in parser.extract_statements(script))


def _make(
    cursor: duckdb.DuckDBPyConnection,
    kept: _Kept,
    statement: str,
    made: re.Match[str],
    parameters: Parameters | None,
) -> None:
    table, stamps = made[1], kept.stamps
    key = stamps.key(cursor, statement, parameters)
    if kept.made_by.get(table) != statement:
        cursor.execute(statement, parameters) if parameters else cursor.execute(statement)
        kept.made_by[table] = statement
        kept.tables_made += 1
    elif stamps.stays(table, key):
        return
    else:
        _run(cursor, kept, f"DELETE FROM {table}")
        if not made[2].startswith("("):
            _run(cursor, kept, f"INSERT INTO {table} {statement[made.end() :]}", parameters)
    stamps.made(table, key)


def _run(
    cursor: duckdb.DuckDBPyConnection, kept: _Kept, statement: str, parameters: Parameters | None = None
) -> None:
    """Execute by a prepared plan; in the first runs, while tables are still being made, plainly."""
    name, made = kept.prepared.get(statement, (f"kept_{len(kept.prepared)}", -1))
    values = _literals(parameters)
    if values is None or (
        made != kept.tables_made and (kept.runs < RUNS_BEFORE_PLANS or not _PREPARED.match(statement))
    ):
        cursor.execute(statement, parameters) if parameters else cursor.execute(statement)
        return
    if made != kept.tables_made:
        cursor.execute(f"PREPARE {name} AS {statement}")
        kept.prepared[statement] = (name, kept.tables_made)
    cursor.execute(f"EXECUTE {name}{values}")


def _literals(parameters: Parameters | None) -> str | None:
    """`(name := 'value', ...)` or `('value', ...)`: EXECUTE takes literals only. None: a value that is not plain.

    A parameter stands once and under one cast (`?::VARCHAR`), or each run is planned anew.
    """
    if not parameters:
        return ""
    named = isinstance(parameters, Mapping)
    values = parameters.values() if isinstance(parameters, Mapping) else parameters
    written = [_literal(value) for value in values]
    if None in written:
        return None
    if named:
        written = [f"{name} := {value}" for name, value in zip(parameters, written, strict=True)]
    return f"({', '.join(map(str, written))})"


def _literal(value: Any) -> str | None:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return f"'{value!r}'::DOUBLE"
    if isinstance(value, date) and not isinstance(value, datetime):
        return f"'{value.isoformat()}'"
    if isinstance(value, str) and "\0" not in value:
        return "'" + value.replace("'", "''") + "'"
    return None
