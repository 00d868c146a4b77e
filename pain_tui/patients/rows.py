"""Rows on their way into the patient file: many at once, typed by the file's own columns.

Rows travel as lines of JSON that DuckDB reads with declared types (about 8 microseconds a row); inserting
row by row costs 1 ms each. A value that does not fit its column is an InputError with table, column and
value, never a NULL made in silence.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

import duckdb

from pain_tui.errors import InputError

Row = Mapping[str, object]

# Tables whose rows keep versions, and the columns that say which row a version belongs to.
VERSIONED: dict[str, tuple[str, ...]] = {
    "person": ("person",),
    "person_name": ("person",),
    "problem": ("person", "row_id"),
    "observation": ("person", "row_id"),
    "medication": ("person", "row_id"),
    "condition": ("person", "row_id"),
    "allergy": ("person", "row_id"),
    "device": ("person", "row_id"),
    "treatment": ("person", "row_id"),
    "genotype_call": ("person", "row_id"),
    "diary": ("person", "row_id"),
    "preference": ("person", "row_id"),
}
# Tables that only grow.
PLAIN = ("person_identifier", "visit", "list_review")
# Every table that holds something of one person, in the order in which deleting goes.
OF_A_PERSON = (*VERSIONED, *PLAIN, "plan", "override", "ledger", "set_aside")
# What the program fills in itself.
TAIL = ("source", "source_key", "version", "is_current", "entered_at", "entered_by", "change_reason")

_CHUNK = 20_000


def columns(cursor: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    """Name -> SQL type of a table of the attached file, in order."""
    rows = cursor.execute(
        "SELECT column_name, data_type FROM duckdb_columns() "
        "WHERE database_name = 'clinic' AND table_name = ? ORDER BY column_index",
        [table],
    ).fetchall()
    return dict(rows)


def own_columns(cursor: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    """The columns that say something about the person: neither row_id nor the tail."""
    return {
        name: kind for name, kind in columns(cursor, table).items() if name not in TAIL and name != "row_id"
    }


def pour(
    cursor: duckdb.DuckDBPyConnection, name: str, types: Mapping[str, str], rows: Sequence[Row], table: str
) -> None:
    """Make the temp table `name` with these columns and rows. Raises InputError where a value misfits."""
    declared = ", ".join(f"{quoted(column)} {kind}" for column, kind in types.items())
    cursor.execute(f"CREATE OR REPLACE TEMP TABLE {name} ({declared})")
    shape = _shape(tuple(types.items()))
    for start in range(0, len(rows), _CHUNK):
        lines = [_line(row, types, table) for row in rows[start : start + _CHUNK]]
        try:
            _insert(cursor, name, shape, lines)
        except duckdb.Error as error:
            raise _first_misfit(cursor, name, shape, lines, table, error) from error


def _insert(cursor: duckdb.DuckDBPyConnection, name: str, shape: str, lines: list[str]) -> None:
    cursor.execute(
        f"INSERT INTO {name} SELECT r.* FROM (SELECT from_json_strict(line, {shape}) AS r "
        "FROM (SELECT unnest(string_split(?, chr(10))) AS line))",
        ["\n".join(lines)],
    )


@lru_cache(maxsize=64)
def _shape(types: tuple[tuple[str, str], ...]) -> str:
    """The column types as DuckDB's JSON structure, an SQL literal."""
    shape = {name: [kind[:-2]] if kind.endswith("[]") else kind for name, kind in types}
    return "'" + json.dumps(shape).replace("'", "''") + "'"


def _line(row: Row, types: Mapping[str, str], table: str) -> str:
    unknown = set(row) - set(types)
    if unknown:
        raise InputError(
            f"{table} has no column {sorted(unknown)[0]!r}.", f"Its columns are: {', '.join(types)}."
        )
    try:
        return json.dumps({name: _value(row.get(name)) for name in types}, allow_nan=False)
    except ValueError as error:
        raise InputError(
            f"{table}: a number is not finite.", "Leave the value out where it is not known."
        ) from error


def _value(value: object) -> object:
    if isinstance(value, str):
        # a NUL or a lone surrogate cannot be stored
        return value.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, Iterable):
        return [_value(entry) for entry in value]
    if hasattr(value, "item"):
        return value.item()
    raise TypeError(f"no column type for {type(value).__name__}")


def _first_misfit(
    cursor: duckdb.DuckDBPyConnection,
    name: str,
    shape: str,
    lines: list[str],
    table: str,
    error: duckdb.Error,
) -> InputError:
    """Find the row that does not fit; the statement only says that one of many does not."""
    for line in lines:
        try:
            cursor.execute(f"SELECT from_json_strict(?, {shape})", [line])
        except duckdb.Error as misfit:
            whose = json.loads(line).get("person")
            return InputError(
                f"{table}, person {whose}: {str(misfit).splitlines()[0].split(': ', 1)[-1]}",
                "Dates are ISO (2026-11-24), numbers plain; the columns are listed in docs/cli.md.",
            )
    return InputError(f"{table}: rows cannot be stored ({str(error).splitlines()[0]}).", "")


def quoted(name: str) -> str:
    """A column or table name as SQL; some of ours (`at`, `option`) are words of SQL."""
    return '"' + name.replace('"', '""') + '"'


def listed(names: Iterable[str], prefix: str = "") -> str:
    """Names as an SQL list, each with an optional `table.` before it."""
    return ", ".join(f"{prefix}{quoted(name)}" for name in names)
