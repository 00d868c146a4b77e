"""mme, interact and hold: rows in and out."""

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from pain_tui.assess.calculators import exposure, holding, interactions
from pain_tui.assess.calculators.medicine_rows import INPUTS, Asked
from pain_tui.cli import common, safety_rows, whole_people
from pain_tui.knowledge import load

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


_NO_ROW = "No row of the tables speaks of these pairs; that is no all-clear"
_SHOWN = 20  # pairs named on standard error; the JSON has them all


def mme(file: Path | None, *, as_json: bool) -> None:
    """Answer every row of a CSV; JSON has one object a person, CSV one line a dose."""
    rows = _asked(file, ("id", "drug"), ("id", *INPUTS))
    common.warn(exposure.NOT_FOR_CONVERSION)
    cursor = load.connect(only=exposure.KNOWLEDGE).cursor()
    day = common.as_of_date(None)

    def answer(part: list[Asked]) -> Iterator[tuple[int, dict[str, Any]]]:
        for person in exposure.exposures(cursor, part, as_of=day):
            if as_json:
                yield min(dose["row"] for dose in person.doses), _mme_shape(person)
            else:
                yield from _mme_lines(person)

    found = whole_people.in_order(rows, answer)
    if as_json:
        safety_rows.write_json("mme", found, factors="CDC 2022", warning=exposure.NOT_FOR_CONVERSION)
    else:
        safety_rows.write_csv(found, ("row", *_MME_INPUT, *_MME_ANSWER))


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


def _mme_lines(person: exposure.Exposure) -> Iterator[tuple[int, dict[str, Any]]]:
    shape = _mme_shape(person)
    del shape["doses"]
    for dose in person.doses:
        echo = {name: dose["input"].get(name) for name in _MME_INPUT}
        amount = {"amount_per_day": dose["per_day"], "amount_unit": dose["unit"]}
        own = {name: value for name, value in dose.items() if name != "input"}
        yield dose["row"], {**shape, **own, **amount, **echo, "id": person.id}


def interact(file: Path | None, *, as_json: bool) -> None:
    """Answer every person of a CSV: the alerts, and a line for each row that could not be read."""
    rows = _asked(file, ("id", "drug"), ("id", *INPUTS))
    cursor = load.connect(only=interactions.KNOWLEDGE).cursor()
    day = common.as_of_date(None)
    without: list[tuple[str, str, str]] = []
    counted = [0]  # a CSV of any length keeps only the pairs that are shown

    def answer(part: list[Asked]) -> Iterator[tuple[int, dict[str, Any]]]:
        found = interactions.interactions(cursor, part, as_of=day)
        counted[0] += len(found.without)
        without.extend(found.without if as_json else found.without[: max(0, _SHOWN - len(without))])
        first: dict[str, int] = {}
        for asked in part:
            first.setdefault(asked.id, asked.row)
        for alert in found.alerts:
            yield first[alert["id"]], {**alert, "row": min(alert["rows"], default=None)}
        named = {asked.row: asked for asked in part}
        for row, said in found.unread.items():
            asked = named[row]
            yield row, {"row": row, "id": asked.id, "drug_a": asked.cells["drug"], "note": "; ".join(said)}

    lines = whole_people.in_order(rows, answer)
    if as_json:
        every = list(lines)
        unread = [
            {"row": line["row"], "id": line["id"], "drug": line["drug_a"], "note": line["note"]}
            for line in every
            if "severity" not in line
        ]
        alerts = [line for line in every if "severity" in line]
        no_row = [{"id": person, "drug_a": a, "drug_b": b} for person, a, b in without]
        safety_rows.write_json("interactions", alerts, unread=unread, no_row=no_row, no_row_means=_NO_ROW)
    else:
        safety_rows.write_csv(lines, _INTERACT_OUT)
    if without:
        named = "; ".join(f"{a} with {b}" for _, a, b in without[:_SHOWN])
        more = f" and {counted[0] - _SHOWN} more" if counted[0] > _SHOWN else ""
        common.warn(f"{_NO_ROW}: {named}{more}.")


def hold(file: Path | None, *, as_json: bool) -> None:
    """Answer every row of a CSV, one line a guideline."""
    asked = enumerate(safety_rows.read(file, ("drug", "procedure"), holding.INPUTS), start=1)
    common.warn("Stopping is agreed with the prescriber; guidelines differ and are not merged.")
    cursor = load.connect(only=holding.KNOWLEDGE).cursor()
    found = (line for part in _chunks(asked) for line in holding.holds(cursor, part))
    if as_json:
        safety_rows.write_json("holds", found)
    else:
        safety_rows.write_csv(found, ("row", *holding.INPUTS, *holding.ANSWER))


def _chunks(rows: Iterator[Any]) -> Iterator[list[Any]]:
    while chunk := list(islice(rows, whole_people.IN_MEMORY)):
        yield chunk


def _asked(file: Path | None, needed: Sequence[str], known: Sequence[str]) -> Iterator[Asked]:
    for row, cells in enumerate(safety_rows.read(file, needed, known), start=1):
        yield Asked(row, cells["id"] or f"row {row}", cells)
