"""Changes to a person's rows: each set of changes is one transaction of new versions with audit rows.

A correction never overwrites: the old version stays, with who, when and why. A change made on a version
that is no longer the current one is refused with both values, so that nobody's edit is lost.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import duckdb

from pain_tui.errors import InputError, StoreError
from pain_tui.patients import rows
from pain_tui.patients.audit import Entry
from pain_tui.patients.file import PatientFile

TYPED_HERE = "clinic"  # the `source` of a version that somebody typed in


@dataclass(frozen=True)
class Change:
    """One change. `values` are columns of the table, already normalised.

    row_id: the row to correct or retire; for `person` and `person_name` the person's id (or None).
    version: the version the change was made on; when given, a newer one refuses the change.
    """

    table: str
    op: Literal["add", "correct", "retire"]
    person: str
    row_id: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    reason: str | None = None
    version: int | None = None

    def __post_init__(self) -> None:
        if self.table not in rows.VERSIONED:
            raise InputError(
                f"{self.table!r} is not a table that can be edited.", f"Tables: {', '.join(rows.VERSIONED)}."
            )
        if self.op not in ("add", "correct", "retire"):
            raise InputError(f"{self.op!r} is not a kind of change.", "Use add, correct or retire.")
        if self.op != "add" and self.row_id is None and "row_id" in rows.VERSIONED[self.table]:
            raise InputError(f"To {self.op} a row of {self.table} its row_id is needed.", "")


def apply(file: PatientFile, changes: Sequence[Change], *, actor: str, at: datetime) -> list[str]:
    """Write all changes, or none. Returns one row_id per change (for person tables, the person).

    Raises InputError for an unknown column, row or person; StoreError when a row has changed meanwhile.
    """
    with file.attached(write=True) as cursor:
        stem = new_row_stem(cursor)
        made = [_apply_one(cursor, change, f"{stem}-{n}", actor, at) for n, change in enumerate(changes, 1)]
        entries = [
            Entry(f"{c.table}.{c.op}", c.person, row_id) for c, row_id in zip(changes, made, strict=True)
        ]
        file.note(cursor, entries, actor=actor, at=at)
        return made


def new_row_stem(cursor: duckdb.DuckDBPyConnection) -> str:
    """The start of row ids of this transaction: unique, since the audit only grows."""
    last = cursor.execute("SELECT coalesce(max(seq), 0) FROM clinic.main.audit").fetchone()
    return f"r{(last[0] if last else 0) + 1}"


def _apply_one(
    cursor: duckdb.DuckDBPyConnection, change: Change, new_id: str, actor: str, at: datetime
) -> str:
    own = rows.own_columns(cursor, change.table)
    unknown = sorted(set(change.values) - set(own) - {"source", "source_key"})
    if unknown:
        raise InputError(
            f"{change.table} has no column {unknown[0]!r}.", f"Its columns are: {', '.join(own)}."
        )
    if change.op == "add":
        return _add(cursor, change, own, new_id, actor, at)
    row_id = change.row_id or change.person
    current = current_version(cursor, change.table, change.person, row_id)
    if current is None:
        raise InputError(
            f"{change.table} has no current row {row_id} of person {change.person}.", "It may be retired."
        )
    _refuse_stale(cursor, change, current, row_id)
    _new_version(cursor, change, current, actor, at)
    return row_id


def _add(
    cursor: duckdb.DuckDBPyConnection,
    change: Change,
    own: Mapping[str, str],
    new_id: str,
    actor: str,
    at: datetime,
) -> str:
    has_row_id = "row_id" in rows.VERSIONED[change.table]
    if not has_row_id and current_version(cursor, change.table, change.person, change.person) is not None:
        raise InputError(f"{change.table} already has person {change.person}.", "Correct the row instead.")
    if change.table != "person":
        require_person(cursor, change.person)
    row_id = new_id if has_row_id else change.person
    row: dict[str, Any] = {"source": TYPED_HERE, **change.values, "person": change.person}
    if has_row_id:
        row["row_id"] = row_id
    if change.table == "problem" and not row.get("problem"):
        row["problem"] = row_id
    row |= {
        "version": 1,
        "is_current": True,
        "entered_at": at,
        "entered_by": actor,
        "change_reason": change.reason,
    }
    _insert(cursor, change.table, row)
    return row_id


def _new_version(
    cursor: duckdb.DuckDBPyConnection, change: Change, current: dict[str, Any], actor: str, at: datetime
) -> None:
    """A correction is the next version; a retirement is a last version that is not current."""
    where, what = _which(change.table, change.person, change.row_id or change.person)
    cursor.execute(
        f"UPDATE clinic.main.{change.table} SET is_current = FALSE WHERE {where} AND is_current", what
    )
    row = {
        **current,
        **change.values,
        "source": TYPED_HERE,
        "version": latest_version(cursor, change.table, change.person, change.row_id or change.person) + 1,
        "is_current": change.op == "correct",
        "entered_at": at,
        "entered_by": actor,
        "change_reason": change.reason,
    }
    _insert(cursor, change.table, row)


def current_version(
    cursor: duckdb.DuckDBPyConnection, table: str, person: str, row_id: str
) -> dict[str, Any] | None:
    """The current version of one row, or None."""
    where, what = _which(table, person, row_id)
    cursor.execute(f"SELECT * FROM clinic.main.{table} WHERE {where} AND is_current", what)
    return next(_as_dicts(cursor), None)


def latest_version(cursor: duckdb.DuckDBPyConnection, table: str, person: str, row_id: str) -> int:
    """The highest version number of one row, 0 when it has none."""
    where, what = _which(table, person, row_id)
    found = cursor.execute(
        f"SELECT coalesce(max(version), 0) FROM clinic.main.{table} WHERE {where}", what
    ).fetchone()
    return int(found[0]) if found else 0


def history(cursor: duckdb.DuckDBPyConnection, table: str, person: str, row_id: str) -> list[dict[str, Any]]:
    """All versions of one row, oldest first, with who, when and why."""
    where, what = _which(table, person, row_id)
    cursor.execute(f"SELECT * FROM clinic.main.{table} WHERE {where} ORDER BY version", what)
    return list(_as_dicts(cursor))


def require_person(cursor: duckdb.DuckDBPyConnection, person: str) -> None:
    """Raise InputError unless the attached file has this person."""
    found = cursor.execute(
        "SELECT 1 FROM clinic.main.person WHERE person = ? AND is_current", [person]
    ).fetchone()
    if found is None:
        raise InputError(f"This file has no person {person}.", "`pain-tui people FILE` lists the people.")


def _refuse_stale(
    cursor: duckdb.DuckDBPyConnection, change: Change, current: dict[str, Any], row_id: str
) -> None:
    if change.version is None or change.version == current["version"]:
        return
    differs = [
        f"{name}: there now {_shown(current[name])}, yours {_shown(value)}"
        for name, value in change.values.items()
        if current.get(name) != value
    ]
    raise StoreError(
        f"{change.table} {row_id} was changed meanwhile by {current['entered_by']} "
        f"(version {current['version']}, yours was made on {change.version}). "
        f"{'; '.join(differs) or 'It holds your values already'}.",
        "Nothing was saved. Look at the new values and make the change again if it still holds.",
    )


def _shown(value: object) -> str:
    return "nothing" if value is None else str(value)


def _which(table: str, person: str, row_id: str) -> tuple[str, list[str]]:
    if "row_id" in rows.VERSIONED[table]:
        return "person = ? AND row_id = ?", [person, row_id]
    return "person = ?", [person]


def _insert(cursor: duckdb.DuckDBPyConnection, table: str, row: Mapping[str, Any]) -> None:
    marks = ", ".join("?" * len(row))
    try:
        cursor.execute(
            f"INSERT INTO clinic.main.{table} ({rows.listed(row)}) VALUES ({marks})", list(row.values())
        )
    except (duckdb.ConversionException, duckdb.ConstraintException, duckdb.InvalidInputException) as error:
        raise InputError(
            f"{table}: a value does not fit. {str(error).splitlines()[0]}", "Nothing was saved."
        ) from error


def _as_dicts(cursor: duckdb.DuckDBPyConnection) -> Iterator[dict[str, Any]]:
    names = [column[0] for column in cursor.description or []]
    for row in cursor.fetchall():
        yield dict(zip(names, row, strict=True))


def as_json(value: object) -> str:
    """A value as the text the append-only tables keep."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
