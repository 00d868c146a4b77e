"""Which written medicines do not go together: one alert a pair, the more specific row first.

The tier of an alert is the one an assessment gives: that of its severity, or of the rule that tells the pair
there when that is higher (an opioid with a benzodiazepine); the words say which.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

from pain_tui.assess.calculators import medicine_rows
from pain_tui.assess.calculators.medicine_rows import Asked
from pain_tui.knowledge import rules

_STEPS = ("010", "020", "021", "074", "075")
KNOWLEDGE = medicine_rows.knowledge_for(
    _STEPS, ("tiers", "interaction_limits", "class_members", "term_index")
)
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
    "for_oud",
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
        CASE WHEN i.active IS NULL THEN ' (cannot tell whether it holds)' ELSE '' END,
        CASE WHEN i.sureness = 'unchecked' THEN ' (source not checked)' ELSE '' END, '.') AS say,
    i.advice AS do_this, i.source, i.mechanism, i.active, i.sureness, i.suggested, i.also, i.row_id,
    i.row_id IN (SELECT interaction FROM knowledge.interaction_limits WHERE only_purpose IS NOT NULL) AS for_oud
FROM interactions i LEFT JOIN knowledge.tiers t
  ON t.table_name = 'drug_interactions' AND t.word = i.severity AND t.about_use = 'in_use'
ORDER BY i.person, list_position(['contraindicated', 'major', 'moderate', 'minor'], i.severity),
    i.drug_a, i.drug_b
"""


_TIERS = ("STOP", "CAUTION", "NOTE")
_PAIRS_WITHOUT = """
SELECT a.person, a.ingredient, b.ingredient
FROM (SELECT DISTINCT person, ingredient FROM medications WHERE ingredient IS NOT NULL) a
JOIN (SELECT DISTINCT person, ingredient FROM medications WHERE ingredient IS NOT NULL) b
  ON a.person = b.person AND a.ingredient < b.ingredient
WHERE NOT EXISTS (SELECT 1 FROM interactions i WHERE i.person = a.person AND (
    i.drug_a = a.ingredient AND i.drug_b = b.ingredient
    OR list_has_all(string_split(i.drug_b, ' + '), [a.ingredient, b.ingredient])))
ORDER BY a.person, a.ingredient, b.ingredient
"""


@dataclass(frozen=True)
class Found:
    """alerts carry `rows`, the input rows they rest on; unread: what could not be read, by row; without:
    (id, drug, drug) of the pairs of which no row of the tables speaks, which is no all-clear."""

    alerts: list[dict[str, Any]]
    unread: dict[int, tuple[str, ...]]
    without: list[tuple[str, str, str]]


def interactions(cursor: duckdb.DuckDBPyConnection, rows: Sequence[Asked], *, as_of: date) -> Found:
    """The alerts of all people in `rows` (rows with one id are one person). An unknown name is never guessed: it
    has no alert and stands in `unread`.
    """
    loaded = medicine_rows.load(cursor, rows, as_of=as_of)
    cursor.execute(_NO_OPTIONS)
    medicine_rows.run_steps(cursor, _STEPS)
    found = [dict(zip(_NAMES, values, strict=True)) for values in cursor.execute(_ALERTS).fetchall()]
    where, told = _rows_of(cursor, loaded.row_of), _told_by_rules(cursor)
    for alert in found:
        drugs = {alert["drug_a"], *str(alert["drug_b"]).split(" + ")}
        alert["rows"] = sorted({row for drug in drugs for row in where.get((alert["id"], drug), ())})
        _raise(alert, told)
    order = {asked.id: place for place, asked in reversed(list(enumerate(rows)))}
    without = cursor.execute(_PAIRS_WITHOUT).fetchall()
    return Found(sorted(found, key=lambda alert: order[alert["id"]]), dict(loaded.problems), without)


def _told_by_rules(
    cursor: duckdb.DuckDBPyConnection,
) -> list[tuple[str, str, frozenset[str], frozenset[str]]]:
    """(rule, tier, drugs of one side, drugs of the other) of every rule on the person that tells a pair."""
    members: dict[str, set[str]] = {}
    for word, ingredient in cursor.execute(
        "SELECT c.drug_class, t.ingredient FROM knowledge.class_members c JOIN knowledge.term_index t USING (term) "
        "UNION SELECT term, ingredient FROM knowledge.term_index"
    ).fetchall():
        members.setdefault(word, set()).add(ingredient)
    of = {word: frozenset(drugs) for word, drugs in members.items()}
    told = []
    for rule in rules.packaged():
        for one, _, other in (cover.partition("+") for cover in rule.covers if "+" in cover):
            if rule.about == "person":
                told.append((rule.id, rule.tier, of.get(one, frozenset()), of.get(other, frozenset())))
    return told


def _raise(alert: dict[str, Any], told: Sequence[tuple[str, str, frozenset[str], frozenset[str]]]) -> None:
    """Give the alert the tier of the rule that tells this pair in an assessment, when that is higher."""
    for_oud = alert.pop("for_oud")
    if alert["tier"] not in _TIERS or not alert["active"] or for_oud or alert["sureness"] == "unchecked":
        return
    pair = alert["drug_a"], alert["drug_b"]
    for rule, tier, one, other in told:
        met = (pair[0] in one and pair[1] in other) or (pair[1] in one and pair[0] in other)
        if met and _TIERS.index(tier) < _TIERS.index(alert["tier"]):
            alert["say"] += f" {tier} by the rule {rule}, which tells this pair in an assessment."
            alert["tier"] = tier


def _rows_of(cursor: duckdb.DuckDBPyConnection, row_of: Any) -> dict[tuple[str, str], list[int]]:
    found: dict[tuple[str, str], list[int]] = {}
    for person, ingredient, row_id in cursor.execute(
        "SELECT person, ingredient, row_id FROM medications WHERE ingredient IS NOT NULL"
    ).fetchall():
        found.setdefault((person, ingredient), []).append(row_of[row_id])
    return found
