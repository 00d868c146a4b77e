"""The codes of the reference tables that stand beside a finding's words, and the codes of naloxone's reasons.

A look-up's finding carries the codes of its row (severity, effect, management, action); a rule's finding the
recommendation it serves and its action. Nothing is decided here.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from pain_tui.assess.instrument_points import compare, number_in
from pain_tui.patients.normalise.tables import rows

_TABLES = {
    "interaction": ("drug_interactions", ("severity", "effect_code", "management_code")),
    "drug_condition": ("drug_conditions", ("condition_code", "severity", "action_code")),
    "gene_drug": ("drug_actions", ("action_code",)),
    "procedure": ("procedure_safety", ("severity", "action_code")),
    "rules": ("rule_codes", ("recommendation", "action_code")),
}
_KEYS = {"rules": "rule"}


def codes(origin: str, rule: str) -> dict[str, str]:
    """Code name -> code of the row behind a finding, for example {"severity": "major", ...}; {} when it has none."""
    return dict(_codes().get((origin, rule), {}))


def is_outside_the_guideline(facts: Mapping[str, str]) -> bool:
    """A person of whom the CDC recommendations do not speak: a child, sickle-cell disease, cancer, end-of-life care."""
    return any(_holds(facts.get(row["fact"]), row) for row in rows("recommendation_exclusions"))


@lru_cache(maxsize=1)
def exclusion_facts() -> tuple[str, ...]:
    """The facts by which a person stands outside the recommendations."""
    return tuple(dict.fromkeys(row["fact"] for row in rows("recommendation_exclusions")))


def words(row_id: str) -> dict[str, str | None]:
    """What a row of the interaction and condition tables says to do (`say`), and how sure it is (`sureness`)."""
    return dict(_words()[row_id])


@lru_cache(maxsize=1)
def _words() -> dict[str, dict[str, str | None]]:
    told = (("drug_interactions", "management"), ("drug_conditions", "guidance"))
    return {
        row["row_id"]: {"say": row[column] or None, "sureness": row["sureness"]}
        for table, column in told
        for row in rows(table)
    }


def naloxone_triggers(inputs: Iterable[Mapping[str, Any]]) -> list[str]:
    """Trigger codes of `naloxone_triggers` that hold in the inputs (fact -> value) of the given findings."""
    held = {fact: value for one in inputs for fact, value in one.items()}
    found = [
        row["trigger_code"] for row in rows("naloxone_trigger_facts") if _holds(held.get(row["fact"]), row)
    ]
    return list(dict.fromkeys(found))


def _holds(value: Any, row: Mapping[str, str]) -> bool:
    if row["op"] == "=":
        return str(value).lower() == row["value"]
    number = number_in(None if value is None else str(value))
    return number is not None and compare(number, row["op"], float(row["value"]))


@lru_cache(maxsize=1)
def _codes() -> dict[tuple[str, str], dict[str, str]]:
    return {
        (origin, row[_KEYS.get(origin, "row_id")]): {name: row[name] for name in names if row[name]}
        for origin, (table, names) in _TABLES.items()
        for row in rows(table)
    }
