"""Opioid look-ups: the labels' conversion tables, one way only, and the steps of a slow lowering that
both agreed to.

A value inside a gap between two printed bands has no answer. Nothing here is advice to change or to
lower a dose.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pain_tui.patients.normalise import medicines, sig
from pain_tui.patients.normalise.tables import rows

Row = Mapping[str, str]
TABLES = (
    "fentanyl_label",
    "methadone_label",
    "methadone_ratio",
    "hysingla_label",
    "bup_label",
    "moud",
    "equianalgesic",
    "route_ratio",
    "tolerance",
)
CAUTION = (
    "Tables are one-way and for a start only: never the other way round, never from an MME total; "
    "start lower in age, illness, high dose or sleep apnoea, and review early."
)
_PARENTERAL = {
    "intravenous": {"iv", "iv/im"},
    "intramuscular": {"im", "iv/im"},
    "iv": {"iv", "iv/im"},
    "im": {"im", "iv/im"},
}
_MORPHINE = {"morphine equivalent"}


@dataclass(frozen=True)
class Found:
    """One row of a conversion table for one dose; `low`, `high` are worked out where the row is a
    share, a ratio or a factor.
    """

    table: str
    to_drug: str | None
    to_route: str | None
    to_value: str | None
    to_unit: str | None
    low: float | None
    high: float | None
    reduction_pct: str | None
    code: str | None
    rule: str | None
    source: str | None
    sureness: str | None
    why: str | None = None


def convert(cells: Mapping[str, str]) -> Iterator[Found]:
    """Rows of the asked table (all tables when it is empty) that hold for from_drug, from_route and
    dose (mg a day).
    """
    wanted = cells.get("table", "").strip().lower()
    tables = [wanted] if wanted else [table for table in TABLES if table != "tolerance"]
    if wanted and wanted not in TABLES:
        yield _none(wanted, f"{wanted} is not a table; tables: {', '.join(TABLES)}")
        return
    dose = _number(cells.get("dose", ""))
    if dose is None or dose <= 0:
        yield _none(
            wanted,
            f"the dose {cells.get('dose', '')!r} is not a number above 0; write mg a day (mcg/h for a patch)",
        )
        return
    found = [answer for table in tables for answer in _in_table(table, cells, dose)]
    yield from found or [_none(wanted, _why_nothing(wanted, cells, dose))]


def _in_table(table: str, cells: Mapping[str, str], dose: float) -> Iterator[Found]:
    names, route = _drug_names(cells), cells.get("from_route", "").strip().lower() or "oral"
    for row in rows("opioid_conversion_and_taper"):
        if row["table"] != table or not row["from_min"] and not row["from_max"]:
            continue
        if row["from_drug"].lower() not in names or row["from_route"].lower() not in _PARENTERAL.get(
            route, {route}
        ):
            continue
        wanted_drug, wanted_route = (
            cells.get("to_drug", "").strip().lower(),
            cells.get("to_route", "").strip().lower(),
        )
        if (
            wanted_drug
            and wanted_drug not in row["to_drug"].lower()
            or wanted_route
            and wanted_route != row["to_route"].lower()
        ):
            continue
        if (
            table in ("equianalgesic", "hysingla_label", "route_ratio")
            or table == "methadone_label"
            and row["rule_code"] == "ROUTE_RATIO"
            or _inside(dose, row)
        ):
            yield _answer(row, dose)


def _drug_names(cells: Mapping[str, str]) -> set[str]:
    written = cells.get("from_drug", "").strip().lower()
    product = medicines.parse(written)
    known = {part.ingredient for part in product.parts if part.ingredient}
    names = {written, *known}
    return names | _MORPHINE if "morphine" in names else names


def _answer(row: Row, dose: float) -> Found:
    low, high = _worked_out(row, dose)
    return Found(
        row["table"],
        row["to_drug"] or None,
        row["to_route"] or None,
        row["to_value"] or None,
        row["to_unit"] or None,
        low,
        high,
        row["reduction_pct"] or None,
        row["rule_code"] or None,
        row["rule"] or None,
        row["source"] or None,
        row["sureness"] or None,
        row["note"] or None,
    )


def _worked_out(row: Row, dose: float) -> tuple[float | None, float | None]:
    """(lower, upper) in the row's target drug: shares of the dose, ratios, factors and proportions;
    cut by the row's reduction.
    """
    bounds = [float(text) for text in re.findall(r"\d+(?:\.\d+)?", row["to_value"])]
    if row["to_unit"] == "% of daily dose":
        return (None if len(bounds) < 2 else dose * bounds[0] / 100), dose * bounds[-1] / 100
    if row["to_unit"] == "ratio":
        return dose * bounds[1] / bounds[0], dose * bounds[1] / bounds[0]
    if row["to_unit"] == "mg per mg":
        cut = 1 - float(row["reduction_pct"]) / 100
        return dose * bounds[0] * cut, dose * bounds[0] * cut
    if row["table"] in ("equianalgesic", "route_ratio") or row["rule_code"] == "ROUTE_RATIO":
        value = dose * bounds[0] / float(row["from_min"])
        return value, value
    single = len(bounds) == 1 and row["to_value"] == re.sub(r"[^\d.]", "", row["to_value"])
    return (bounds[0], bounds[0]) if single else (None, None)


def _why_nothing(table: str, cells: Mapping[str, str], dose: float) -> str:
    drug = cells.get("from_drug", "").strip()
    backwards = any(
        row["to_drug"].lower() == drug.lower()
        for row in rows("opioid_conversion_and_taper")
        if not table or row["table"] == table
    )
    if backwards:
        return f"the tables lead to {drug}, not from it: they are one-way"
    return (
        f"no row for {drug or 'nothing'} {cells.get('from_route') or 'oral'} at {dose:g}: "
        f"outside the table or in a gap between two printed bands"
    )


def _none(table: str, why: str) -> Found:
    return Found(table, None, None, None, None, None, None, None, None, None, None, None, why)


@dataclass(frozen=True)
class Steps:
    """The doses after each step, the pace of the tables that fits the length of use, and what always
    goes with it.
    """

    doses: tuple[float, ...]
    pace_code: str | None
    pace: str | None
    pace_source: str | None
    always: tuple[str, ...]
    why: str | None


def taper(cells: Mapping[str, str]) -> Steps:
    """Doses after each of `steps` lowerings of `pct` per cent of what remains (or of the original dose)."""
    start, pct, count = (_number(cells.get(name, "")) for name in ("start", "pct", "steps"))
    of = cells.get("of", "").strip().lower() or "remaining"
    pace = _pace(_number(cells.get("months_of_use", "")), _number(cells.get("days_of_use", "")))
    always = tuple(
        row["rule"]
        for row in rows("opioid_conversion_and_taper")
        if row["rule_code"] in ("NO_ABRUPT", "PAUSE_ALLOWED", "FOLLOW_UP", "NALOXONE_TOLERANCE_LOSS")
    )
    code, source = (pace["rule_code"], pace["source"]) if pace else (None, None)
    said = " ".join(filter(None, (pace["to_value"], pace["to_unit"], pace["rule"]))) if pace else None
    why = _why_no_steps(start, pct, count, of)
    if why or start is None or pct is None or count is None:
        return Steps((), code, said, source, always, why)
    doses, dose = [], start
    for _ in range(int(count)):
        dose = dose * (1 - pct / 100) if of == "remaining" else max(0.0, dose - start * pct / 100)
        doses.append(dose)
    return Steps(tuple(doses), code, said, source, always, None)


def _why_no_steps(start: float | None, pct: float | None, count: float | None, of: str) -> str | None:
    if start is None or start <= 0:
        return "start is not a number above 0"
    if pct is None or not 0 < pct <= 100:
        return "pct is not given, or not above 0 and at most 100"
    if count is None or count < 1 or count != int(count) or count > 1000:
        return "steps is not a whole number from 1 to 1000"
    return None if of in ("remaining", "original") else f"of {of!r} is not remaining or original"


def _pace(months: float | None, days: float | None) -> Row | None:
    """The row of the taper table for the length of use; None when it is not given or lies in a gap.

    Days beyond the rows in days are counted as months of a twelfth of a year.
    """
    if months is None and days is not None:
        month = sig.times_per_day(1, 1, "mo")  # a day's share of a month
        longest = max(
            float(row["from_max"])
            for row in rows("opioid_conversion_and_taper")
            if row["from_unit"].startswith("days")
        )
        months = days * month if month and days >= longest else None
    for row in rows("opioid_conversion_and_taper"):
        if row["table"] != "taper" or not (row["from_min"] or row["from_max"]):
            continue
        value = months if row["from_unit"].startswith("months") else days
        if value is not None and _inside(value, row):
            return row
    return None


def _inside(value: float, row: Row) -> bool:
    return _holds(value, row["from_min_op"], row["from_min"]) and _holds(
        value, row["from_max_op"], row["from_max"]
    )


def _holds(value: float, op: str, limit: str) -> bool:
    if not limit:
        return True
    number = float(limit)
    return {">=": value >= number, ">": value > number, "<=": value <= number, "<": value < number}[
        op or "<="
    ]


def _number(text: str) -> float | None:
    try:
        value = float(text.strip())
    except ValueError:
        return None
    return value if value == value and abs(value) != float("inf") else None
