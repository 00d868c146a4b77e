"""Small cases for the steps: one person with what a test needs, on a fixed day."""

from datetime import date, datetime, timedelta
from typing import Any

import duckdb

from pain_tui.assess import case, engine

AS_OF = date(2026, 11, 24)
RUN = case.Run(AS_OF)
Row = dict[str, Any]


def days_ago(days: int) -> datetime:
    """Noon, so many days before the day of the question."""
    return datetime(AS_OF.year, AS_OF.month, AS_OF.day, 12) - timedelta(days=days)


def person(ident: str = "p", **more: Any) -> Row:
    """A woman of 56 unless told otherwise."""
    return {"person": ident, "birth_date": "1970-06-01", "sex": "female", **more}


def observation(code: str, value: Any, age_days: int | None = 1, ident: str = "p", **more: Any) -> Row:
    """A value measured so many days ago; words go into `text`."""
    held = {"text": value} if isinstance(value, str) else {"value": value}
    at = None if age_days is None else days_ago(age_days)
    return {"person": ident, "row_id": f"{code}-{age_days}", "code": code, "at": at, **held, **more}


def review(name: str, age_days: int = 0, complete: bool = True, ident: str = "p") -> Row:
    """A list stated complete (or not) so many days ago."""
    return {"person": ident, "list": name, "complete": complete, "at": days_ago(age_days)}


def run(
    cursor: duckdb.DuckDBPyConnection, until: str, rows: dict[str, list[Row]], asked: case.Run = RUN
) -> None:
    """Load the rows (a person is added when there is none) and run the steps up to `until`."""
    case.from_records(cursor, {"person": [person()], **rows}, asked)
    engine.run(cursor, until=until)


def facts(cursor: duckdb.DuckDBPyConnection, **rows: list[Row]) -> Row:
    """The one wide row of facts that these rows give."""
    run(cursor, "055", rows)
    found = cursor.execute("SELECT * FROM facts").fetchall()
    assert len(found) == 1
    return dict(zip([column[0] for column in cursor.description or ()], found[0], strict=True))
