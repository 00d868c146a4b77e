"""The number of a questionnaire: from its total, or from its items, of which none may be missing.

Items and points come from `opioid_instruments` and the tables beside it; `instruments` says what the
number means.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from pain_tui.errors import UsageError
from pain_tui.patients.normalise.tables import rows

Row = Mapping[str, str]
YES = {"1", "yes", "true", "y"}
NO = {"0", "no", "false", "n"}


@dataclass(frozen=True)
class Item:
    """One answered item: its key, the answer as given, and the points it adds (None: not answered)."""

    key: str
    answer: str | None
    points: float | None


@dataclass
class Working:
    """What is collected while one row is scored."""

    items: list[Item] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def names() -> list[str]:
    """The instruments that can be scored."""
    return [row["instrument"] for row in rows("instrument_shapes")]


def from_total(cells: Mapping[str, str], shape: Row, working: Working) -> float | None:
    value = number_in(cells["total"])
    if value is None:
        working.problems.append(f"the total {cells['total']!r} is not a number")
    return value


def from_items(cells: Mapping[str, str], shape: Row, working: Working) -> float | None:
    listed = table(shape["instrument"], "item")
    if listed:
        for item in listed:
            _answer_listed(item, cells, shape, working)
        _refuse_two_of_one_fact(shape["instrument"], working)
        _keep_highest_dose_band(shape, working)
    elif shape["items"]:
        for place in range(1, int(shape["items"]) + 1):
            _answer_numbered(place, cells, shape, working)
    else:
        working.missing.append("total")
    answered = [item.points for item in working.items if item.points is not None]
    if working.problems or working.missing and not (shape["may_skip"] == "yes" and answered):
        return None
    return _combined(shape, answered, working)


def _combined(shape: Row, points: Sequence[float], working: Working) -> float | None:
    if shape["combine"] == "percent":
        working.missing.clear()
        return 100 * sum(points) / (float(shape["item_max"]) * len(points))
    return sum(points) / len(points) if shape["combine"] == "mean" else float(sum(points))


def _answer_numbered(place: int, cells: Mapping[str, str], shape: Row, working: Working) -> None:
    key = f"item_{place}"
    text = next(
        (cells[name] for name in (key, f"item{place}", f"section_{place}", f"q{place}") if cells.get(name)),
        "",
    )
    _keep_value(key, text, (float(shape["item_min"]), float(shape["item_max"])), shape["item_step"], working)


def _answer_listed(item: Row, cells: Mapping[str, str], shape: Row, working: Working) -> None:
    follows = _derived(shape["instrument"], item["key"], cells)
    text = cells.get(item["key"].lower(), "") or follows
    if follows and (text.lower() in YES | NO) and (text.lower() in YES) != (follows == "1"):
        working.problems.append(f"{item['key']} {text!r} does not agree with the sex or age beside it")
    if item["points"] or item["points_female"]:
        _keep_points(item, text, cells, working)
    else:
        _keep_value(item["key"], text, (float(item["min"]), float(item["max"])), shape["item_step"], working)


def _keep_value(key: str, text: str, ends: tuple[float, float], step: str, working: Working) -> None:
    """step: where answers are printed as whole points, a number between two of them is no answer (a laboratory value?)."""
    value, (low, high) = number_in(text), ends
    if not text:
        working.missing.append(key)
    elif value is None or not low <= value <= high:
        working.problems.append(f"{key} {text!r} is not a value from {low:g} to {high:g}")
        value = None
    elif step and value % float(step):
        working.problems.append(f"{key} {text!r} is not a whole number of points from {low:g} to {high:g}")
        value = None
    working.items.append(Item(key, text or None, value))


def _keep_points(item: Row, text: str, cells: Mapping[str, str], working: Working) -> None:
    holds = _holds(item, text)
    key = item["key"]
    if not text:
        working.missing.append(key)
    elif holds is None:
        working.problems.append(f"{key} {text!r} is not 0 or 1, yes or no")
    worth = _worth(item, cells.get("sex", ""))
    if holds and worth is None:
        working.problems.append(f"{key} counts differently by sex: give sex as female or male")
    working.items.append(Item(key, text or None, None if holds is None else (worth or 0.0) if holds else 0.0))


def _holds(item: Row, text: str) -> bool | None:
    """Is the item met? 0/1 and yes/no speak for themselves; a value is compared where the item has a
    limit.
    """
    word = text.lower()
    if word in YES | NO:
        return word in YES
    value = number_in(text)
    return None if value is None or not item["min_op"] else compare(value, item["min_op"], float(item["min"]))


def _worth(item: Row, sex: str) -> float | None:
    if item["points"]:
        return float(item["points"])
    by_sex = {
        "female": item["points_female"],
        "f": item["points_female"],
        "male": item["points_male"],
        "m": item["points_male"],
    }
    if item["points_female"] == item["points_male"]:
        return float(item["points_female"])
    return float(by_sex[sex.lower()]) if sex.lower() in by_sex else None


def _derived(instrument: str, key: str, cells: Mapping[str, str]) -> str:
    """'1' or '0' for an item that follows from age or sex; '' when it does not or they are not given."""
    for rule in rows("instrument_derived"):
        if rule["instrument"] != instrument or rule["item"] != key:
            continue
        text = cells.get(rule["from_column"], "").lower()
        if rule["op"] == "=":
            full = {"f": "female", "m": "male"}.get(text, text)
            return "" if full not in ("female", "male") else str(int(full == rule["value"]))
        value = number_in(text)
        if value is None:
            return ""
        second = not rule["op_2"] or compare(value, rule["op_2"], float(rule["value_2"]))
        return str(int(compare(value, rule["op"], float(rule["value"])) and second))
    return ""


def _refuse_two_of_one_fact(instrument: str, working: Working) -> None:
    """Bands of one age exclude each other (PRODIGY): two of them answered with yes are a mistake, not a sum."""
    met = {item.key for item in working.items if item.points}
    for column in ("age", "sex"):
        bands = [
            rule["item"]
            for rule in rows("instrument_derived")
            if rule["instrument"] == instrument and rule["from_column"] == column and rule["item"] in met
        ]
        if len(bands) > 1:
            working.problems.append(f"{' and '.join(bands)} exclude each other")


def _keep_highest_dose_band(shape: Row, working: Working) -> None:
    """Dose items exclude each other (RIOSORD): only the highest counts. Two QT drugs count the first
    as well (Tisdale).
    """
    doses = [item for item in working.items if item.key.startswith("mme_") and item.points]
    for item in sorted(doses, key=lambda item: item.points or 0)[:-1]:
        working.items[working.items.index(item)] = Item(item.key, item.answer, 0.0)
    by_key = {item.key: item for item in working.items}
    if by_key.get("two_qt", Item("", None, None)).points and not by_key["one_qt"].points:
        worth = next(
            float(row["points"]) for row in table(shape["instrument"], "item") if row["key"] == "one_qt"
        )
        working.items[working.items.index(by_key["one_qt"])] = Item("one_qt", by_key["one_qt"].answer, worth)
        working.missing[:] = [key for key in working.missing if key != "one_qt"]


@lru_cache(maxsize=256)
def table(instrument: str, row_type: str) -> tuple[Row, ...]:
    return tuple(
        row
        for row in rows("opioid_instruments")
        if row["instrument"] == instrument and row["row_type"] == row_type
    )


@lru_cache(maxsize=128)
def shape_of(instrument: str) -> Row:
    wanted = instrument.strip().lower().replace("_", "-")
    for row in rows("instrument_shapes"):
        if row["instrument"].lower() in (wanted, wanted.replace("-", "")) or row[
            "instrument"
        ].lower().replace("-", "") == wanted.replace("-", ""):
            return row
    raise UsageError(f"No instrument is called {instrument!r}.", f"Instruments: {', '.join(names())}.")


def source_of(instrument: str) -> str | None:
    return next(
        (row["source"] for row in rows("opioid_instruments") if row["instrument"] == instrument), None
    )


def inside(number: float, shape: Row) -> bool:
    low, high = number_in(shape["total_min"]), number_in(shape["total_max"])
    return (low is None or number >= low) and (high is None or number <= high)


def in_row(number: float, row: Row) -> bool:
    low = not row["min"] or compare(number, row["min_op"] or ">=", float(row["min"]))
    return low and (not row["max"] or compare(number, row["max_op"] or "<=", float(row["max"])))


def compare(value: float, op: str, limit: float) -> bool:
    return {
        ">=": value >= limit,
        ">": value > limit,
        "<=": value <= limit,
        "<": value < limit,
        "=": value == limit,
    }[op]


def number_in(text: str | None) -> float | None:
    try:
        value = float(text) if text else None
    except ValueError:
        return None
    return None if value is None or value != value or abs(value) == float("inf") else value
