"""Short ways to ask the calculators in tests."""

from datetime import date

import duckdb

from pain_tui.assess.calculators import exposure
from pain_tui.assess.calculators.medicine_rows import Asked

DAY = date(2025, 6, 1)
COLUMNS = ("drug", "route", "form", "dose", "unit", "per_day", "indication")


def mme(cursor: duckdb.DuckDBPyConnection, *rows: tuple[object, ...]) -> exposure.Exposure:
    """The exposure of one person: rows of (drug, route, form, dose, unit, per_day[, indication])."""
    asked = []
    for number, row in enumerate(rows, start=1):
        cells = {name: "" if cell is None else str(cell) for name, cell in zip(COLUMNS, row, strict=False)}
        asked.append(Asked(number, "p", cells))
    return exposure.exposures(cursor, asked, as_of=DAY)[0]


def mme_of_many(
    cursor: duckdb.DuckDBPyConnection, people: dict[str, list[tuple[object, ...]]]
) -> dict[str, exposure.Exposure]:
    """The same for many people in one call."""
    asked = []
    for person, rows in people.items():
        for row in rows:
            cells = {
                name: "" if cell is None else str(cell) for name, cell in zip(COLUMNS, row, strict=False)
            }
            asked.append(Asked(len(asked) + 1, person, cells))
    return {found.id: found for found in exposure.exposures(cursor, asked, as_of=DAY)}
