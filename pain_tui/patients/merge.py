"""Incoming rows against those the file has: new, the same again, changed, or edited here since.

Each function works on one table of the attached file, in the running transaction, as whole-table SQL.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import duckdb

from pain_tui.patients import rows
from pain_tui.patients.normalise.problem import ROW, Problem

if TYPE_CHECKING:
    from pain_tui.patients.intake import Brought

ONE_A_PERSON = ("person", "person_name")


def versioned_rows(
    cursor: duckdb.DuckDBPyConnection,
    table: str,
    found: Sequence[Mapping[str, Any]],
    brought: "Brought",
    *,
    stem: str,
    actor: str,
    at: datetime,
) -> None:
    """Clinical rows: matched by person, source and source key; its last version from that source decides."""
    own = rows.own_columns(cursor, table)
    rows.pour(cursor, "incoming", {**own, "source": "VARCHAR", "source_key": "VARCHAR"}, found, table)
    cursor.execute(_MATCH.format(table=table, stem=stem, differs=_differs(own)))
    if table == "problem":  # a problem without an id of its own is named by its row
        cursor.execute("UPDATE matched SET problem = row_id WHERE problem IS NULL")
    cursor.execute(
        f"UPDATE clinic.main.{table} SET is_current = FALSE WHERE is_current "
        "AND (person, row_id) IN (SELECT (person, row_id) FROM matched WHERE outcome = 'changed')"
    )
    names = rows.listed(own)
    cursor.execute(
        f"INSERT INTO clinic.main.{table} ({names}, row_id, source, source_key, version, is_current, "
        "entered_at, entered_by, change_reason) "
        f"SELECT {names}, row_id, source, source_key, version, TRUE, ?, ?, "
        "CASE outcome WHEN 'changed' THEN 'the source changed it' END "
        "FROM matched WHERE outcome IN ('added', 'changed')",
        [at, actor],
    )
    _count(cursor, table, brought)
    _name_edited(cursor, table, brought)


# The same key twice in one import is one row: the content hash of two equal rows.
_MATCH = """
CREATE OR REPLACE TEMP TABLE matched AS
WITH numbered AS (SELECT *, row_number() OVER () AS n FROM incoming),
once AS (
    SELECT * FROM numbered
    QUALIFY row_number() OVER (PARTITION BY person, source, source_key ORDER BY n) = 1
),
from_source AS (
    SELECT t.* FROM clinic.main.{table} t
    WHERE (t.person, t.source, t.source_key) IN (SELECT (person, source, source_key) FROM once)
    QUALIFY row_number() OVER (PARTITION BY t.person, t.source, t.source_key ORDER BY t.version DESC) = 1
),
versions AS (
    SELECT person, row_id, max(version) AS latest, max(version) FILTER (is_current) AS current_version
    FROM clinic.main.{table} WHERE (person, row_id) IN (SELECT (person, row_id) FROM from_source) GROUP BY ALL
)
SELECT i.* EXCLUDE (n),
    coalesce(f.row_id, '{stem}-' || i.n) AS row_id,
    coalesce(v.latest, 0) + 1 AS version,
    CASE
        WHEN f.row_id IS NULL THEN 'added'
        WHEN NOT ({differs}) THEN 'unchanged'
        WHEN v.current_version IS DISTINCT FROM f.version THEN 'edited'
        ELSE 'changed'
    END AS outcome
FROM once i
LEFT JOIN from_source f USING (person, source, source_key)
LEFT JOIN versions v ON v.person = f.person AND v.row_id = f.row_id
ORDER BY i.n
"""


def person_rows(
    cursor: duckdb.DuckDBPyConnection,
    table: str,
    found: Sequence[Mapping[str, Any]],
    brought: "Brought",
    *,
    actor: str,
    at: datetime,
) -> None:
    """`person` and `person_name`: one row a person; a source never wipes a known value it does not have."""
    own = rows.own_columns(cursor, table)
    rows.pour(cursor, "incoming", {**own, "source": "VARCHAR", "source_key": "VARCHAR"}, found, table)
    values = [name for name in own if name != "person"]
    merged = ", ".join(
        f"coalesce(i.{rows.quoted(name)}, c.{rows.quoted(name)}) AS {rows.quoted(name)}" for name in values
    )
    first = ", ".join(
        f"arg_min({rows.quoted(name)}, n) AS {rows.quoted(name)}"
        for name in (*values, "source", "source_key")
    )
    differs = " OR ".join(
        f"coalesce(i.{rows.quoted(name)}, c.{rows.quoted(name)}) IS DISTINCT FROM c.{rows.quoted(name)}"
        for name in values
    )
    cursor.execute(f"""
        CREATE OR REPLACE TEMP TABLE matched AS
        WITH once AS (
            SELECT person, {first} FROM (SELECT *, row_number() OVER () AS n FROM incoming) GROUP BY person
        )
        SELECT i.person, {merged}, i.source, i.source_key, coalesce(c.version, 0) + 1 AS version,
            CASE WHEN c.person IS NULL THEN 'added' WHEN {differs} THEN 'changed' ELSE 'unchanged' END
                AS outcome
        FROM once i LEFT JOIN clinic.main.{table} c ON c.person = i.person AND c.is_current
        ORDER BY i.person
    """)
    cursor.execute(
        f"UPDATE clinic.main.{table} SET is_current = FALSE WHERE is_current "
        "AND person IN (SELECT person FROM matched WHERE outcome = 'changed')"
    )
    names = rows.listed(own)
    cursor.execute(
        f"INSERT INTO clinic.main.{table} "
        f"({names}, source, source_key, version, is_current, entered_at, entered_by) "
        f"SELECT {names}, source, source_key, version, TRUE, ?, ? FROM matched WHERE outcome <> 'unchanged'",
        [at, actor],
    )
    _count(cursor, table, brought)


def plain_rows(
    cursor: duckdb.DuckDBPyConnection,
    table: str,
    found: Sequence[Mapping[str, Any]],
    brought: "Brought",
    *,
    source: str,
    actor: str,
) -> None:
    """Tables without versions: a row that is already there in every column is skipped."""
    types = rows.columns(cursor, table)
    defaults = {name: value for name, value in (("source", source), ("actor", actor)) if name in types}
    filled = [{**defaults, **{k: v for k, v in row.items() if k in types and v is not None}} for row in found]
    rows.pour(cursor, "incoming", types, filled, table)
    told = [name for name in types if name != "actor"]
    same = " AND ".join(f"t.{rows.quoted(name)} IS NOT DISTINCT FROM i.{rows.quoted(name)}" for name in told)
    cursor.execute(f"""
        CREATE OR REPLACE TEMP TABLE matched AS
        SELECT DISTINCT i.*,
            CASE WHEN EXISTS (FROM clinic.main.{table} t WHERE {same}) THEN 'unchanged' ELSE 'added' END
                AS outcome
        FROM incoming i
    """)
    cursor.execute(
        f"INSERT INTO clinic.main.{table} BY NAME "
        "SELECT * EXCLUDE (outcome) FROM matched WHERE outcome = 'added' ORDER BY ALL"
    )
    _count(cursor, table, brought)


def _differs(own: Mapping[str, str]) -> str:
    """Whether an incoming row says something else than the version the source gave before.

    A problem that came without an id of its own has been named by its row; that is no difference.
    """
    named = [rows.quoted(name) for name in own if name != "person"]
    return " OR ".join(
        f"(i.{name} IS NOT NULL AND i.{name} IS DISTINCT FROM f.{name})" if name == '"problem"'
        else f"i.{name} IS DISTINCT FROM f.{name}"
        for name in named
    )  # fmt: skip


def _count(cursor: duckdb.DuckDBPyConnection, table: str, brought: "Brought") -> None:
    repeated = cursor.execute(
        "SELECT (SELECT count(*) FROM incoming) - (SELECT count(*) FROM matched)"
    ).fetchone()
    for outcome, count in cursor.execute("SELECT outcome, count(*) FROM matched GROUP BY outcome").fetchall():
        counter = {"added": brought.added, "changed": brought.changed, "unchanged": brought.unchanged}.get(
            outcome
        )
        if counter is not None:
            counter[table] += count
    if repeated and repeated[0]:
        brought.unchanged[table] += repeated[0]
    if table in rows.VERSIONED:
        fresh = cursor.execute(
            "SELECT source_key FROM matched WHERE outcome IN ('added', 'changed')"
        ).fetchall()
        brought.fresh.update(str(key) for (key,) in fresh)


def _name_edited(cursor: duckdb.DuckDBPyConnection, table: str, brought: "Brought") -> None:
    edited = cursor.execute(
        "SELECT person, row_id, source_key FROM matched WHERE outcome = 'edited' ORDER BY row_id"
    ).fetchall()
    for person, row_id, key in edited:
        brought.problems.append(
            Problem(
                "edited_here",
                f"{table} {row_id} was edited or retired here, and the source has changed it since",
                key,
                "",
                "Compare both and correct the row if the source is right",
                ROW,
                place=f"{table} {key}",
                person=person,
            )
        )
