"""How much opioid was taken on earlier days: the same steps as today, from the recorded courses."""

from collections.abc import Sequence
from datetime import date

import duckdb

from pain_tui.assess import engine

LAST_STEP = "030"  # opioid exposure


def on_days(cursor: duckdb.DuckDBPyConnection, days: Sequence[date]) -> dict[date, tuple[str, float | None]]:
    """Day -> (state, MME a day) of the one person of the loaded case.

    state: total, none, cannot_total, unknown; the number only for a total. The day of the case is put back.
    """
    as_of = cursor.execute("SELECT as_of FROM case_run").fetchone()
    found: dict[date, tuple[str, float | None]] = {}
    for day in days:
        cursor.execute("UPDATE case_run SET as_of = ?", [day])
        engine.run(cursor, until=LAST_STEP)
        row = cursor.execute("SELECT state, total_mme_per_day FROM mme").fetchone()
        found[day] = (str(row[0]), row[1] if row[0] == "total" else None) if row else ("unknown", None)
    if as_of is not None:
        cursor.execute("UPDATE case_run SET as_of = ?", [as_of[0]])
    return found
