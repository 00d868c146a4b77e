"""What the look-up tables say of the medicines in use, and which of their rows a rule's finding stands for.

A rule tells what several rows say (`covers` in the rule files), and those rows are then not told again; rows that only
inform (a usual dose at normal kidneys) are no finding at all. All of them stand in the result with their codes
(severity, action, effect, management), so that nothing of the tables is lost.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import duckdb

from pain_tui.assess import finding_codes
from pain_tui.knowledge import plans, rules

Row = dict[str, Any]

# What the look-up tables say of the medicines in use: the drug, and the condition or the other drug.
_LOOKUPS = """SELECT person, 'drug_condition' AS origin, drug AS subject, condition_code AS partner, row_id FROM drug_condition
WHERE applies AND in_use IS NOT false
UNION ALL SELECT person, 'interaction', drug_a, drug_b, row_id FROM interactions WHERE active"""
_WORST_FIRST = (
    "contraindicated",
    "major",
    "avoid",
    "reduce_dose",
    "moderate",
    "caution",
    "monitor",
    "minor",
    "info",
)
_covers: dict[tuple[str, str, str], frozenset[str]] = {}


def lookups(cursor: duckdb.DuckDBPyConnection) -> Mapping[str, Sequence[Row]]:
    """Each person's rows for the medicines in use, the most severe first, with the words by which rules cover them."""
    known = _covers_of(cursor)
    found: dict[str, list[Row]] = defaultdict(list)
    for person, origin, subject, partner, row_id in plans.query(cursor, _LOOKUPS).fetchall():
        about = {"drug": subject} if origin == "drug_condition" else {"drug_a": subject, "drug_b": partner}
        codes = {"row": row_id, **about, **finding_codes.codes(origin, row_id)}
        covers = known.get((origin, subject, partner), frozenset())
        found[person].append({"covers": covers, "codes": codes})
    return {person: sorted(rows, key=lambda row: _place(row["codes"])) for person, rows in found.items()}


def shown(said: Iterable[Row]) -> list[Row]:
    """Every row that holds of the medicines in use, told in a finding or not: codes, and the table's words."""
    return [{**row["codes"], **finding_codes.words(row["codes"]["row"])} for row in said]


def rows_behind(finding: Mapping[str, Any], said: Iterable[Row]) -> list[Row]:
    """The codes of the rows this finding stands for, the most severe first; [] for a look-up's own finding."""
    covers = _rule_covers().get(finding["rule"], frozenset()) if finding["origin"] == "rules" else frozenset()
    if not covers or finding["option"] is not None:
        return []
    return [row["codes"] for row in said if row["covers"] & covers]


def codes_of(finding: Mapping[str, Any], behind: Sequence[Row], *, outside: bool = False) -> Row:
    """The finding's own codes, and those of the most severe row behind it where it has none of that name.

    outside: the CDC recommendations do not speak of this person. A warning that also rests on a label stays; it is then
    no recommendation's.
    """
    worst = {name: code for name, code in (behind[0] if behind else {}).items() if name not in _NOT_CODES}
    own = finding_codes.codes(finding["origin"], finding["rule"])
    return worst if outside and "recommendation" in own else {**worst, **own}


_NOT_CODES = ("row", "drug", "drug_a", "drug_b")


def _place(codes: Row) -> tuple[int, str, str]:
    severity = codes.get("severity")
    place = _WORST_FIRST.index(severity) if severity in _WORST_FIRST else len(_WORST_FIRST)
    return place, codes["row"], codes.get("drug") or codes.get("drug_b") or ""


@lru_cache(maxsize=1)
def _rule_covers() -> Mapping[str, frozenset[str]]:
    return {rule.id: frozenset(rule.covers) for rule in rules.packaged() if rule.covers}


def _covers_of(cursor: duckdb.DuckDBPyConnection) -> Mapping[tuple[str, str, str], frozenset[str]]:
    """Read once: it rests on the packaged rules and tables alone."""
    if not _covers:
        rows = cursor.execute("SELECT origin, subject, partner, covers FROM knowledge.covers_of").fetchall()
        _covers.update({(origin, subject, partner): frozenset(c) for origin, subject, partner, c in rows})
    return _covers
