"""The values that can be entered: described by knowledge.facts, filled from the person's fact values."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import duckdb

from pain_tui.knowledge import plans
from pain_tui.tui import queries
from pain_tui.tui.chart import Field, Row
from pain_tui.tui.draft import Edit

# Groups that are always offered; other fields appear when they have a value or a warning asks for them.
ALWAYS = ("pain", "mood", "sleep", "activity", "body", "smoking", "alcohol", "social")
NEVER = ("hidden", "person", "problem")


def read(cursor: duckdb.DuckDBPyConnection, assessment: Row, edits: Sequence[Edit]) -> tuple[Field, ...]:
    """The fields of the lifestyle screen for the one person on the cursor, in the order of the table."""
    used = {
        driver.get("fact")
        for p in assessment.get("problems", [])
        for o in p["options"]
        for driver in o.get("drivers", [])
    }
    warned = _warned(assessment)
    wanted = {fact for limit in assessment.get("limits", []) for fact in limit.get("facts", [])}
    wanted |= {one["fact"] for model in assessment.get("chronic_risk", []) for one in model["facts"]}
    changed = {edit.slot.removeprefix("field:"): edit for edit in edits if edit.slot.startswith("field:")}
    answered = plans.query(cursor, queries.FIELDS)
    names = [column[0] for column in answered.description or []]
    found = [dict(zip(names, row, strict=True)) for row in answered.fetchall()]
    order = {name: number for number, name in enumerate(ALWAYS)}
    kept = [
        row
        for row in found
        if row["screen_group"] not in NEVER
        and (
            row["screen_group"] in order
            or row["shown"] is not None
            or row["fact"] in warned
            or row["fact"] in wanted
            or row["fact"] in used
        )
    ]
    made = [_field(row, used, warned, changed.get(row["fact"])) for row in kept]
    return tuple(
        sorted(made, key=lambda field: (order.get(field.group, len(order)), field.group, _rank(field)))
    )


def _rank(field: Field) -> int:
    """Within a group: known and used by model or warning, known, asked for by them, the rest."""
    wanted = field.used or field.warns is not None
    return (0 if wanted else 1) if field.value is not None else (2 if wanted else 3)


def _field(row: dict[str, Any], used: set[str | None], warned: dict[str, str], edit: Edit | None) -> Field:
    return Field(
        fact=row["fact"],
        group=row["screen_group"],
        label=row["label"],
        unit=(row["unit"] or "").replace("{score}", "points"),
        meaning=row["meaning"] or "",
        low=row["hard_low"],
        high=row["hard_high"],
        choices=_choices(row),
        value=_value(row),
        at=row["at"],
        is_old=row["why_not"] == "old",
        validity_days=row["validity_days"],
        previous=edit.before if edit else None,
        previous_at=edit.before_at if edit else None,
        changed=edit is not None,
        used=row["fact"] in used,
        warns=warned.get(row["fact"]),
        row_id=row["row_id"] if row["source_table"] == "observation" else None,
    )


def _choices(row: dict[str, Any]) -> tuple[str, ...]:
    if row["type"] == "flag":
        return ("yes", "no")
    choices = row["choices"]
    return tuple(choices if isinstance(choices, list) else str(choices).split("|")) if choices else ()


def _value(row: dict[str, Any]) -> str | None:
    if row["shown"] is None:
        return None
    if row["type"] == "flag":
        return {1: "yes", 0: "no"}.get(row["num"], "?") if row["num"] is not None else str(row["shown"])
    if row["txt"] is not None:
        return str(row["txt"])
    return f"{row['num']:g}" if row["num"] is not None else str(row["shown"])


def _warned(assessment: Row) -> dict[str, str]:
    """Fact -> the highest tier of a finding that rests on it."""
    order = {"STOP": 0, "CAUTION": 1, "NOTE": 2}
    highest: dict[str, str] = {}
    for finding in assessment.get("findings", []):
        for fact in finding.get("inputs") or {}:
            if fact not in highest or order.get(finding["tier"], 9) < order.get(highest[fact], 9):
                highest[fact] = finding["tier"]
    return highest


def measured_now(as_of: date) -> str:
    """The day a value entered now is measured on."""
    return as_of.isoformat()
