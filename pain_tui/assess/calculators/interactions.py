"""Which written medicines do not go together: one alert a pair, the more specific row first."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import duckdb

from pain_tui.assess.calculators import medicine_rows
from pain_tui.assess.calculators.medicine_rows import Asked

_STEPS = ("010", "020", "021", "074", "075")
KNOWLEDGE = medicine_rows.knowledge_for(_STEPS, ("tiers",))
_NAMES = (
    "id",
    "drug_a",
    "drug_b",
    "severity",
    "effect_code",
    "management_code",
    "tier",
    "say",
    "do",
    "source",
    "mechanism",
    "active",
    "sureness",
    "suggested",
    "also",
    "row_id",
)
_NO_OPTIONS = (
    "CREATE OR REPLACE TEMP TABLE options (person VARCHAR, option VARCHAR, drugs VARCHAR[], declined BOOLEAN)"
)
_ALERTS = """
SELECT i.person, i.drug_a, i.drug_b, i.severity, i.effect_code, i.management_code,
    CASE WHEN i.active IS NULL THEN NULL WHEN i.sureness = 'unchecked' THEN 'NOTE'
         ELSE nullif(t.tier, 'none') END AS tier,
    concat(CASE WHEN contains(i.drug_b, ' + ') THEN '' ELSE i.drug_a || ' with ' END, i.drug_b, ': ',
        i.severity, ', ', i.mechanism,
        CASE WHEN i.suggested THEN ' (class membership is a suggestion)' ELSE '' END,
        CASE WHEN i.active IS NULL THEN ' (cannot tell whether it holds)' ELSE '' END, '.') AS say,
    i.management AS do_this, i.source, i.mechanism, i.active, i.sureness, i.suggested, i.also, i.row_id
FROM interactions i LEFT JOIN knowledge.tiers t
  ON t.table_name = 'drug_interactions' AND t.word = i.severity AND t.about_use = 'in_use'
ORDER BY i.person, list_position(['contraindicated', 'major', 'moderate', 'minor'], i.severity),
    i.drug_a, i.drug_b
"""


def interactions(
    cursor: duckdb.DuckDBPyConnection, rows: Sequence[Asked], *, as_of: date
) -> tuple[list[dict[str, Any]], dict[int, tuple[str, ...]]]:
    """(alerts of all people in `rows`, what could not be read by row). Alerts carry `rows`, the input
    rows they rest on.

    Rows with one id are one person. An unknown name is never guessed: it has no alert and stands in the
    second part.
    """
    loaded = medicine_rows.load(cursor, rows, as_of=as_of)
    cursor.execute(_NO_OPTIONS)
    medicine_rows.run_steps(cursor, _STEPS)
    found = [dict(zip(_NAMES, values, strict=True)) for values in cursor.execute(_ALERTS).fetchall()]
    where = _rows_of(cursor, loaded.row_of)
    for alert in found:
        drugs = {alert["drug_a"], *str(alert["drug_b"]).split(" + ")}
        alert["rows"] = sorted({row for drug in drugs for row in where.get((alert["id"], drug), ())})
    order = {asked.id: place for place, asked in reversed(list(enumerate(rows)))}
    return sorted(found, key=lambda alert: order[alert["id"]]), dict(loaded.problems)


def _rows_of(cursor: duckdb.DuckDBPyConnection, row_of: Any) -> dict[tuple[str, str], list[int]]:
    found: dict[tuple[str, str], list[int]] = {}
    for person, ingredient, row_id in cursor.execute(
        "SELECT person, ingredient, row_id FROM medications WHERE ingredient IS NOT NULL"
    ).fetchall():
        found.setdefault((person, ingredient), []).append(row_of[row_id])
    return found
