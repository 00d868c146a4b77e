"""mme, interact and hold: rows in and out."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pain_tui.assess.calculators import exposure, holding, interactions
from pain_tui.assess.calculators.medicine_rows import INPUTS, Asked
from pain_tui.cli import common, safety_rows
from pain_tui.knowledge import load

if TYPE_CHECKING:
    pass

_PEOPLE_AT_ONCE = 20_000
_MME_INPUT = ("id", "drug", "route", "form", "dose", "unit", "per_day")
_MME_ANSWER = (
    "ingredient",
    "amount_per_day",
    "amount_unit",
    "factor",
    "mme_per_day",
    "included",
    "why_not",
    "state",
    "total_mme_per_day",
    "lower_bound",
    "scheduled_mme_per_day",
    "factor_cdc2016",
    "total_cdc2016_per_day",
    "reason",
    "source",
    "note",
)
_INTERACT_OUT = (
    "row",
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
    "rows",
    "also",
    "sureness",
    "suggested",
    "row_id",
    "note",
)


def mme(file: Path | None, *, as_json: bool) -> None:
    """Answer every row of a CSV; JSON has one object a person, CSV one line a dose."""
    rows = _asked(file, ("id", "drug"), ("id", *INPUTS))
    common.warn(exposure.NOT_FOR_CONVERSION)
    cursor = load.connect(only=exposure.KNOWLEDGE).cursor()
    found = (
        person
        for part in _parts(rows)
        for person in exposure.exposures(cursor, part, as_of=common.as_of_date(None))
    )
    if as_json:
        safety_rows.write_json(
            "mme", map(_mme_shape, found), factors="CDC 2022", warning=exposure.NOT_FOR_CONVERSION
        )
    else:
        safety_rows.write_csv(_mme_lines(found), ("row", *_MME_INPUT, *_MME_ANSWER))


def _mme_shape(person: exposure.Exposure) -> dict[str, Any]:
    return {
        "id": person.id,
        "state": _state(person),
        "total_mme_per_day": person.total_mme_per_day,
        "lower_bound": person.lower_bound,
        "scheduled_mme_per_day": person.scheduled_mme_per_day,
        "total_cdc2016_per_day": person.total_cdc2016_per_day,
        "reason": person.reason,
        "doses": list(person.doses),
    }


def _state(person: exposure.Exposure) -> str:
    """A list of rows is a whole list: what stays unknown there is a name that could not be read."""
    return "cannot_total" if person.state == "unknown" else person.state


def _mme_lines(found: Iterator[exposure.Exposure]) -> Iterator[dict[str, Any]]:
    lines = []
    for person in found:
        shape = _mme_shape(person)
        for dose in person.doses:
            echo = {name: dose["input"].get(name) for name in _MME_INPUT}
            answer = {
                **shape,
                **dose,
                "amount_per_day": dose["per_day"],
                "amount_unit": dose["unit"],
                **echo,
                "id": person.id,
            }
            lines.append((dose["row"], answer))
    return (line for _, line in sorted(lines, key=lambda pair: pair[0]))


def interact(file: Path | None, *, as_json: bool) -> None:
    """Answer every person of a CSV: the alerts, and a line for each row that could not be read."""
    rows = _asked(file, ("id", "drug"), ("id", *INPUTS))
    cursor = load.connect(only=interactions.KNOWLEDGE).cursor()
    lines: list[dict[str, Any]] = []
    unread: list[dict[str, Any]] = []
    for part in _parts(rows):
        found, problems = interactions.interactions(cursor, part, as_of=common.as_of_date(None))
        lines.extend({**alert, "row": min(alert["rows"], default=None)} for alert in found)
        named = {asked.row: asked for asked in part}
        unread.extend(
            {"row": row, "id": named[row].id, "drug_a": named[row].cells["drug"], "note": "; ".join(said)}
            for row, said in problems.items()
        )
    if as_json:
        safety_rows.write_json(
            "interactions",
            lines,
            unread=[{"row": u["row"], "id": u["id"], "drug": u["drug_a"], "note": u["note"]} for u in unread],
        )
    else:
        safety_rows.write_csv([*lines, *unread], _INTERACT_OUT)


def hold(file: Path | None, *, as_json: bool) -> None:
    """Answer every row of a CSV, one line a guideline."""
    asked = list(enumerate(safety_rows.read(file, ("drug", "procedure"), holding.INPUTS), start=1))
    common.warn("Stopping is agreed with the prescriber; guidelines differ and are not merged.")
    cursor = load.connect(only=holding.KNOWLEDGE).cursor()
    found = holding.holds(cursor, asked)
    if as_json:
        safety_rows.write_json("holds", found)
    else:
        safety_rows.write_csv(found, ("row", *holding.INPUTS, *holding.ANSWER))


def _asked(file: Path | None, needed: Sequence[str], known: Sequence[str]) -> list[Asked]:
    return [
        Asked(row, cells["id"] or f"row {row}", cells)
        for row, cells in enumerate(safety_rows.read(file, needed, known), start=1)
    ]


def _parts(rows: Sequence[Asked]) -> Iterator[list[Asked]]:
    """The rows in groups of whole people, so that memory stays flat whatever the length."""
    people: dict[str, list[Asked]] = {}
    for asked in rows:
        people.setdefault(asked.id, []).append(asked)
    part: list[Asked] = []
    for count, own in enumerate(people.values(), start=1):
        part.extend(own)
        if count % _PEOPLE_AT_ONCE == 0:
            yield part
            part = []
    if part:
        yield part
