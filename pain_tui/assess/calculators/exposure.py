"""Opioid exposure of written medicines: MME a day by the CDC 2022 factors, the 2016 ones beside them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

from pain_tui.assess.calculators import medicine_rows
from pain_tui.assess.calculators.medicine_rows import Asked

NOT_FOR_CONVERSION = (
    "MME estimates risk. It must not be used to choose a dose when changing from one opioid to another."
)
_STEPS = ("010", "020", "021", "030")
KNOWLEDGE = medicine_rows.knowledge_for(_STEPS)


@dataclass(frozen=True)
class Exposure:
    """One person: the state (total, cannot_total, none, unknown), the totals in mg a day, and one line
    a dose.
    """

    id: str
    state: str
    total_mme_per_day: float | None
    lower_bound: float | None
    scheduled_mme_per_day: float | None
    total_cdc2016_per_day: float | None
    reason: str | None
    doses: tuple[dict[str, Any], ...]


def exposures(cursor: duckdb.DuckDBPyConnection, rows: Sequence[Asked], *, as_of: date) -> list[Exposure]:
    """MME a day of each person in `rows` (one person an id), in the order of first appearance.

    Each dose carries `row` and `input` (the cells as written). A row that is no opioid, or that could
    not be read, has a line too, with its reason. An opioid without factor, dose or frequency makes the
    state cannot_total, never zero. Source: CDC 2022 guideline, conversion table. Not for converting one
    opioid to another.
    """
    loaded = medicine_rows.load(cursor, rows, as_of=as_of)
    medicine_rows.run_steps(cursor, _STEPS)
    lines = _dose_lines(cursor, loaded.row_of)
    read = _read_rows(cursor, loaded.row_of)
    by_id: dict[str, list[dict[str, Any]]] = {}
    for asked in rows:
        own = lines.get(asked.row) or [_other_line(asked, read.get(asked.row, []))]
        for line in own:
            said = [*loaded.problems.get(asked.row, ()), *filter(None, [line.pop("doubt", None)])]
            note = "; ".join(said) or None
            by_id.setdefault(asked.id, []).append(
                {"row": asked.row, **line, "note": note, "input": dict(asked.cells)}
            )
    return [_exposure(cursor_row, by_id) for cursor_row in _totals(cursor, list(by_id))]


def _dose_lines(
    cursor: duckdb.DuckDBPyConnection, row_of: dict[str, int] | Any
) -> dict[int, list[dict[str, Any]]]:
    names = (
        "row_id",
        "drug",
        "ingredient",
        "route",
        "per_day",
        "unit",
        "factor",
        "mme_per_day",
        "included",
        "why_not",
        "source",
        "factor_cdc2016",
        "mme_scheduled_per_day",
        "doubt",
    )
    found: dict[int, list[dict[str, Any]]] = {}
    for values in cursor.execute(
        f"SELECT {', '.join(names)} FROM opioid_doses ORDER BY row_id, ingredient"
    ).fetchall():
        line = dict(zip(names, values, strict=True))
        found.setdefault(row_of[line.pop("row_id")], []).append(line)
    return found


def _read_rows(cursor: duckdb.DuckDBPyConnection, row_of: Any) -> dict[int, list[str | None]]:
    found: dict[int, list[str | None]] = {}
    for row_id, ingredient in cursor.execute(
        "SELECT row_id, ingredient FROM medications ORDER BY row_id"
    ).fetchall():
        found.setdefault(row_of[row_id], []).append(ingredient)
    return found


def _other_line(asked: Asked, ingredients: list[str | None]) -> dict[str, Any]:
    """The line of a row that holds no opioid: a known other medicine, or a name that could not be read."""
    known = [name for name in ingredients if name]
    why_not = "NOT_OPIOID" if known and len(known) == len(ingredients) else "UNKNOWN_DRUG"
    empty = dict.fromkeys(("route", "per_day", "unit", "factor", "mme_per_day"))
    rest = dict.fromkeys(("source", "factor_cdc2016", "mme_scheduled_per_day"))
    return {
        "drug": asked.cells.get("drug"),
        "ingredient": " + ".join(known) or None,
        **empty,
        "included": False,
        "why_not": why_not,
        **rest,
    }


def _totals(cursor: duckdb.DuckDBPyConnection, ids: list[str]) -> list[tuple[Any, ...]]:
    order = {name: place for place, name in enumerate(ids)}
    rows = cursor.execute(
        "SELECT person, state, total_mme_per_day, lower_bound, scheduled_mme_per_day, "
        "total_cdc2016_per_day, reason FROM mme"
    ).fetchall()
    return sorted(rows, key=lambda row: order[row[0]])


def _exposure(values: tuple[Any, ...], by_id: dict[str, list[dict[str, Any]]]) -> Exposure:
    person, state, total, bound, scheduled, total_2016, reason = values
    return Exposure(person, state, total, bound, scheduled, total_2016, reason, tuple(by_id[person]))
