"""Load the chosen people's rows into the `case_*` tables, whatever they came from.

A patient file (`from_file`), records given as JSON (`from_records`) and draft edits (`overlay`) all end in
the same tables, so that every step after this reads one shape. Nothing is decided here: dates and validity
are the steps' matter, units and codes the readers'.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import duckdb

from pain_tui.errors import InputError, UsageError
from pain_tui.knowledge import plans

CASE_SQL = Path(__file__).resolve().parent / "case.sql"

# The file's tables of clinical rows, each with a case table of its name; the second group keeps no versions.
VERSIONED = (
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
)
UNVERSIONED = ("list_review", "override")
TABLES = VERSIONED + UNVERSIONED
HORIZONS = (12, 26, 52)

CaseRows = Mapping[str, Sequence[Mapping[str, object]]]
"""Table name (as in the patient file) -> rows; a column that is left out is not known."""


@dataclass(frozen=True)
class Run:
    """What the steps are asked: the day, the display horizon, the evidence, what is asked beyond the lists.

    as_of: the day of the question; nothing later is read.
    horizon_weeks: 12, 26 or 52.
    asked: (kind, id) with kind `option`, `procedure` or `drug`, for every chosen person.
    """

    as_of: date
    horizon_weeks: int = 12
    evidence_set: str = "default"
    bias_rule: bool = True
    asked: tuple[tuple[str, str], ...] = field(default=())

    def __post_init__(self) -> None:
        if self.horizon_weeks not in HORIZONS:
            allowed = ", ".join(str(weeks) for weeks in HORIZONS)
            raise UsageError(
                f"A horizon of {self.horizon_weeks} weeks is not offered.", f"Use one of {allowed}."
            )


def asked(cursor: duckdb.DuckDBPyConnection, names: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """What each asked id is: an option, a procedure code or a drug of the knowledge tables.

    Raises UsageError naming an id that is none of them.
    """
    found = []
    for name in names:
        row = cursor.execute(_KIND_OF_ASKED, {"name": name.strip()}).fetchone()
        if row is None:
            hint = "Give an option id (tfesi), a procedure code (TFESI_TL) or a medicine name (tramadol)."
            raise UsageError(f"No option, procedure or medicine is called {name!r}.", hint)
        found.append((str(row[0]), str(row[1])))
    return tuple(found)


_KIND_OF_ASKED = """
SELECT kind, option FROM knowledge.option_names WHERE lower(option) = lower($name)
UNION ALL
SELECT 'drug', ingredient FROM knowledge.term_index WHERE ingredient = lower($name)
LIMIT 1
"""


class Edit(Protocol):
    """One draft edit, as `patients.edit.Change`: table, op (add, correct, retire), person, row_id, values."""

    @property
    def table(self) -> str: ...
    @property
    def op(self) -> str: ...
    @property
    def person(self) -> str: ...
    @property
    def row_id(self) -> str | None: ...
    @property
    def values(self) -> Mapping[str, Any]: ...


def from_file(cursor: duckdb.DuckDBPyConnection, people: Sequence[str] | None, run: Run) -> None:
    """Read the current rows of `people` (all when None) from the attached patient file, catalog `clinic`.

    Raises InputError naming the people that the file does not have.
    """
    start(cursor, run)
    if people is not None:
        plans.execute(
            cursor,
            # as JSON text: a list as a parameter takes DuckDB 0.15 ms an element
            "CREATE OR REPLACE TEMP TABLE case_chosen AS "
            "SELECT DISTINCT unnest(?::JSON::VARCHAR[]) AS person",
            [json.dumps(list(people))],
        )
        _refuse_unknown_people(cursor)
    for table in TABLES:
        tests = ["is_current"] if table in VERSIONED else []
        if people is not None:
            tests.append("person IN (SELECT person FROM case_chosen)")
        where = f" WHERE {' AND '.join(tests)}" if tests else ""
        columns = ", ".join(f'"{name}"' for name, _ in columns_of(table))
        source = f"SELECT {columns} FROM clinic.main.{table}{where}"
        cursor.execute(f"INSERT INTO case_{table} ({columns}) {source}")
    cursor.execute(_IN_PLAN)
    _ask(cursor, run)


def from_records(cursor: duckdb.DuckDBPyConnection, rows: CaseRows, run: Run) -> None:
    """Take rows already normalised (see `patients.normalise.records`); every row names its `person`.

    Raises InputError for a table or column that the case does not have: nothing is dropped in silence.
    """
    unknown = sorted(set(rows) - set(TABLES))
    if unknown:
        raise InputError(
            f"No such table in a record: {', '.join(unknown)}.", f"Tables are {', '.join(TABLES)}."
        )
    start(cursor, run)
    for table in TABLES:
        if rows.get(table):
            _insert(cursor, table, rows[table])
    _ask(cursor, run)


def overlay(cursor: duckdb.DuckDBPyConnection, changes: Iterable[Edit]) -> None:
    """Lay draft edits over a loaded case, before the steps run; nothing is stored.

    A column that the steps do not read (a note, a source) is passed over.
    Raises InputError when a row to correct or retire is not in the case.
    """
    for change in changes:
        if change.table not in TABLES:
            raise InputError(
                f"A draft edit names the table {change.table}.", f"Tables are {', '.join(TABLES)}."
            )
        known = {name for name, _ in columns_of(change.table)}
        values = {name: value for name, value in change.values.items() if name in known}
        if change.op == "add":
            keys = {"person": change.person, **({"row_id": change.row_id} if "row_id" in known else {})}
            _insert(cursor, change.table, [{**values, **keys}])
        elif change.op in ("correct", "retire"):
            _edit(cursor, change, values)
        else:
            raise InputError(f"A draft edit asks for '{change.op}'.", "Allowed: add, correct, retire.")


def choose(cursor: duckdb.DuckDBPyConnection, person: str, options: Sequence[str]) -> None:
    """These options stand in the person's plan, whatever the file says: for a draft that is not stored."""
    cursor.execute("DELETE FROM case_asked WHERE person = ? AND kind = 'option'", [person])
    for option in options:
        cursor.execute("INSERT INTO case_asked VALUES (?, 'option', ?)", [person, option])


# What stands in the latest plan is chosen: open STOP questions about it count.
_IN_PLAN = """
INSERT INTO case_asked
SELECT person, 'option', unnest(options) FROM (
    SELECT person, max_by(options, "at") AS options, max_by(state, "at") AS state FROM clinic.main.plan
    WHERE person IN (SELECT person FROM case_person) GROUP BY person
) WHERE state <> 'withdrawn'
"""


def start(cursor: duckdb.DuckDBPyConnection, run: Run) -> None:
    """Make the empty case tables and the one row of `case_run`."""
    plans.begin(cursor)
    plans.execute(cursor, _case_sql())
    asked_for = {name: getattr(run, name) for name in ("as_of", "horizon_weeks", "evidence_set", "bias_rule")}
    _insert(cursor, "run", [asked_for])


@lru_cache(maxsize=1)
def _case_sql() -> str:
    return CASE_SQL.read_text(encoding="utf-8")


@lru_cache(maxsize=64)
def columns_of(table: str) -> tuple[tuple[str, str], ...]:
    """(name, SQL type) of each column of a case table, in the order of case.sql."""
    with duckdb.connect(":memory:") as empty:
        empty.execute(_case_sql())
        return tuple((str(row[0]), str(row[1])) for row in empty.execute(f"DESCRIBE case_{table}").fetchall())


@lru_cache(maxsize=64)
def _insert_sql(table: str) -> str:
    """One INSERT that takes all rows as one JSON text: far faster than a parameter for each value."""
    shape = {name: ["VARCHAR"] if kind == "VARCHAR[]" else kind for name, kind in columns_of(table)}
    rows = f"json_transform_strict(?::VARCHAR, '{json.dumps([shape])}')"
    return f"INSERT INTO case_{table} SELECT unnest({rows}, recursive := true)"


def _insert(cursor: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Mapping[str, object]]) -> None:
    names = [name for name, _ in columns_of(table)]
    unknown = sorted({name for row in rows for name in row} - set(names))
    if unknown:
        raise InputError(
            f"No such column in {table}: {', '.join(unknown)}.", f"Columns are {', '.join(names)}."
        )
    filled = [{name: row.get(name) for name in names} for row in rows]
    try:
        text = json.dumps(filled, default=str, allow_nan=False)
        plans.execute(cursor, _insert_sql(table), [text])
    except (ValueError, duckdb.Error) as error:
        message = f"A row of {table} has a value of the wrong kind: {error}"
        raise InputError(message, "Dates are ISO, numbers are plain.") from error


def _edit(cursor: duckdb.DuckDBPyConnection, change: Edit, values: Mapping[str, Any]) -> None:
    key = "person = ?" if change.table == "person" else "person = ? AND row_id = ?"
    where: list[object] = [change.person] if change.table == "person" else [change.person, change.row_id]
    if not cursor.execute(f"SELECT 1 FROM case_{change.table} WHERE {key} LIMIT 1", where).fetchone():
        row = change.row_id or change.person
        raise InputError(f"No row {row} in {change.table} to {change.op}.", "Read the person again.")
    if change.op == "retire":
        cursor.execute(f"DELETE FROM case_{change.table} WHERE {key}", where)
    elif values:
        sets = ", ".join(f'"{name}" = ?' for name in values)
        cursor.execute(f"UPDATE case_{change.table} SET {sets} WHERE {key}", [*values.values(), *where])


def _refuse_unknown_people(cursor: duckdb.DuckDBPyConnection) -> None:
    missing = cursor.execute(
        "SELECT person FROM case_chosen ANTI JOIN (SELECT person FROM clinic.main.person WHERE is_current) "
        "USING (person) ORDER BY person"
    ).fetchall()
    if missing:
        named = ", ".join(str(row[0]) for row in missing[:5]) + (" ..." if len(missing) > 5 else "")
        raise InputError(f"Not in this patient file: {named}.", "`pain-tui people FILE` lists who is.")


def _ask(cursor: duckdb.DuckDBPyConnection, run: Run) -> None:
    for kind, name in run.asked:
        cursor.execute("INSERT INTO case_asked SELECT person, ?, ? FROM case_person", [kind, name])
