"""Questionnaires: the items first, the number last, the band beside it; nothing is scored when an item is missing.

Items, points, bands, cut-offs, sensitivity and specificity come from `opioid_instruments` and the tables beside it. Risk is a
natural frequency at a stated base rate where sensitivity and specificity are known; elsewhere the class stands alone,
because no likelihood ratio is transferable. No score is a reason to deny or to reassure by itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from pain_tui.errors import UsageError
from pain_tui.patients.normalise.tables import rows

Row = Mapping[str, str]
_YES = {"1", "yes", "true", "y"}
_NO = {"0", "no", "false", "n"}
NO_LIKELIHOOD = "no transferable likelihood ratio: the class is not a probability for one person"


@dataclass(frozen=True)
class Item:
    """One answered item: its key, the answer as given, and the points it adds (None: not answered)."""

    key: str
    answer: str | None
    points: float | None


@dataclass(frozen=True)
class Score:
    """The answer: items, then score (None with `why`), result code, its meaning, what else it says, and the source."""

    instrument: str
    items: tuple[Item, ...]
    score: float | None
    result_code: str | None
    meaning: str | None
    why: str | None
    flags: tuple[str, ...] = ()
    predicted: float | None = None
    predicted_unit: str | None = None
    frequency: str | None = None
    source: str | None = None
    sureness: str | None = None
    note: str | None = None


@dataclass
class _Working:
    """What is collected while one row is scored."""

    items: list[Item] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def names() -> list[str]:
    """The instruments that can be scored."""
    return [row["instrument"] for row in rows("instrument_shapes")]


def item_columns(instrument: str) -> list[str]:
    """The item columns a row may carry for this instrument."""
    shape = _shape(instrument)
    listed = [row["key"] for row in _table(shape["instrument"], "item")]
    return listed or [f"item_{number}" for number in range(1, int(shape["items"] or 0) + 1)]


def score(instrument: str, answers: Mapping[str, str | None], *, base_rate: float | None = None) -> Score:
    """Score one row: item columns (0/1, yes/no or a value), `total`, `sex` and `age` where an item follows from them.

    base_rate: the share with the condition in this clinic (ORT-OUD); the table's default when None.
    Raises UsageError for an unknown instrument or a base rate outside 0 to 1.
    """
    shape = _shape(instrument)
    cells = {key.lower(): (value or "").strip() for key, value in answers.items()}
    if base_rate is not None and not 0 < base_rate < 1:
        raise UsageError(
            f"The base rate {base_rate:g} is not a share.", "Write it between 0 and 1, for example 0.05."
        )
    working = _Working()
    number = _from_total(cells, shape, working) if cells.get("total") else _from_items(cells, shape, working)
    if number is not None and not _inside(number, shape):
        working.problems.append(f"{number:g} lies outside {shape['total_min']} to {shape['total_max']}")
        number = None
    return _result(shape, number, cells, working, base_rate)


# --- the number ------------------------------------------------------------------------------------------


def _from_total(cells: Mapping[str, str], shape: Row, working: _Working) -> float | None:
    value = _number(cells["total"])
    if value is None:
        working.problems.append(f"the total {cells['total']!r} is not a number")
    return value


def _from_items(cells: Mapping[str, str], shape: Row, working: _Working) -> float | None:
    table = _table(shape["instrument"], "item")
    if table:
        for item in table:
            _answer_listed(item, cells, shape, working)
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


def _combined(shape: Row, points: Sequence[float], working: _Working) -> float | None:
    if shape["combine"] == "percent":
        working.missing.clear()
        return 100 * sum(points) / (float(shape["item_max"]) * len(points))
    return sum(points) / len(points) if shape["combine"] == "mean" else float(sum(points))


def _answer_numbered(place: int, cells: Mapping[str, str], shape: Row, working: _Working) -> None:
    key = f"item_{place}"
    text = next(
        (cells[name] for name in (key, f"item{place}", f"section_{place}", f"q{place}") if cells.get(name)),
        "",
    )
    _keep_value(key, text, float(shape["item_min"]), float(shape["item_max"]), working)


def _answer_listed(item: Row, cells: Mapping[str, str], shape: Row, working: _Working) -> None:
    text = cells.get(item["key"].lower(), "") or _derived(shape["instrument"], item["key"], cells)
    if item["points"] or item["points_female"]:
        _keep_points(item, text, cells, working)
    else:
        _keep_value(item["key"], text, float(item["min"]), float(item["max"]), working)


def _keep_value(key: str, text: str, low: float, high: float, working: _Working) -> None:
    value = _number(text)
    if not text:
        working.missing.append(key)
    elif value is None or not low <= value <= high:
        working.problems.append(f"{key} {text!r} is not a value from {low:g} to {high:g}")
        value = None
    working.items.append(Item(key, text or None, value))


def _keep_points(item: Row, text: str, cells: Mapping[str, str], working: _Working) -> None:
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
    """Is the item met? 0/1 and yes/no speak for themselves; a value is compared where the item has a limit."""
    word = text.lower()
    if word in _YES | _NO:
        return word in _YES
    value = _number(text)
    return (
        None if value is None or not item["min_op"] else _compare(value, item["min_op"], float(item["min"]))
    )


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
        value = _number(text)
        if value is None:
            return ""
        second = not rule["op_2"] or _compare(value, rule["op_2"], float(rule["value_2"]))
        return str(int(_compare(value, rule["op"], float(rule["value"])) and second))
    return ""


def _keep_highest_dose_band(shape: Row, working: _Working) -> None:
    """Dose items exclude each other (RIOSORD): only the highest counts. Two QT drugs count the first as well (Tisdale)."""
    doses = [item for item in working.items if item.key.startswith("mme_") and item.points]
    for item in sorted(doses, key=lambda item: item.points or 0)[:-1]:
        working.items[working.items.index(item)] = Item(item.key, item.answer, 0.0)
    by_key = {item.key: item for item in working.items}
    if by_key.get("two_qt", Item("", None, None)).points and not by_key["one_qt"].points:
        worth = next(
            float(row["points"]) for row in _table(shape["instrument"], "item") if row["key"] == "one_qt"
        )
        working.items[working.items.index(by_key["one_qt"])] = Item("one_qt", by_key["one_qt"].answer, worth)
        working.missing[:] = [key for key in working.missing if key != "one_qt"]


# --- what it means ---------------------------------------------------------------------------------------


def _result(
    shape: Row, number: float | None, cells: Mapping[str, str], working: _Working, base_rate: float | None
) -> Score:
    name = shape["instrument"]
    why = (
        "; ".join(
            [*working.problems, *([f"not answered: {', '.join(working.missing)}"] if working.missing else [])]
        )
        or None
    )
    flags = tuple(_flags(name, cells, number))
    if number is None:
        return Score(
            name,
            tuple(working.items),
            None,
            None,
            None,
            f"cannot score: {why or 'nothing was answered'}",
            flags,
            source=_source(name),
        )
    row, why_not = _band(shape, number, cells)
    if row is None and why_not is None:
        code, meaning = shape["below_code"] or None, "below the cut-off" if shape["below_code"] else None
    else:
        code, meaning = (row["result_code"] or None, row["label"]) if row else (None, None)
    code, meaning, raised = _raised(name, code, meaning, cells, working)
    predicted = _number(row["predicted_or_value"]) if row else None
    source = (row or {}).get("source") or _source(name)
    frequency = _frequency(name, code, base_rate)
    return Score(
        name,
        tuple(working.items),
        number,
        code,
        meaning,
        why_not,
        (*flags, *raised),
        predicted,
        row["unit"] or None if row and predicted is not None else None,
        frequency,
        source,
        row["sureness"] if row else None,
        row["note"] or None if row else None,
    )


def _band(shape: Row, number: float, cells: Mapping[str, str]) -> tuple[Row | None, str | None]:
    """(the band or cut-off that holds, why there is none). Unchecked bands never answer."""
    name = shape["instrument"]
    bands = [row for row in _table(name, "band") if row["sureness"] != "unchecked"]
    bands.sort(
        key=lambda row: not (row["min"] or row["max"])
    )  # a band without ends holds what the others leave
    if name == "STarT-Back":
        bands, why = _by_subscale(bands, number, cells)
        if why:
            return None, why
    for row in bands:
        if _in_row(number, row):
            return row, None
    if bands:
        return None, f"{number:g} falls between two bands: they are printed for whole numbers"
    cutoffs = list(_table(name, "cutoff"))
    by_sex = [row for row in cutoffs if row["key"] in ("female", "male")]
    if by_sex:
        sex = {"f": "female", "m": "male"}.get(cells.get("sex", "").lower(), cells.get("sex", "").lower())
        cutoffs = [row for row in by_sex if row["key"] == sex]
        if not cutoffs:
            return None, "the cut-off differs by sex: give sex as female or male"
    if cells.get("form", "").lower() in ("interview", "7"):
        cutoffs = [row for row in cutoffs if row["key"] == "interview_only"] or cutoffs
    elif len(cutoffs) > 1 and cutoffs[0]["instrument"] == "DN4":
        cutoffs = [row for row in cutoffs if row["key"] != "interview_only"]
    return next((row for row in cutoffs if _in_row(number, row)), None), None


def _by_subscale(bands: list[Row], number: float, cells: Mapping[str, str]) -> tuple[list[Row], str | None]:
    """STarT Back: from the total's medium band on, the psychological subscale (5 items) decides."""
    low, medium, high = bands
    if _in_row(number, low):
        return [low], None
    psych = _number(cells.get("psych", ""))
    if psych is None:
        return [], "the psychological subscale is needed: give psych, 0 to 5"
    return ([high] if psych >= float(high["min"]) else [medium]), None


def _raised(
    name: str, code: str | None, meaning: str | None, cells: Mapping[str, str], working: _Working
) -> tuple[str | None, str | None, list[str]]:
    """STOP-BANG: two STOP items with male sex, BMI or a large neck raise an intermediate result."""
    if name != "STOP-BANG" or code != "INTERMEDIATE" or not working.items:
        return code, meaning, []
    points = {item.key: bool(item.points) for item in working.items}
    stops = sum(points[key] for key in ("snore", "tired", "observed", "pressure"))
    needed = next(float(row["value"]) for row in rows("instrument_derived") if row["item"] == "stops_needed")
    if stops >= needed and (points["male"] or points["bmi"] or _neck_is_large(cells)):
        rule = next(row for row in _table(name, "rule") if row["key"] == "alt_high")
        return rule["result_code"], f"high: {rule['label']}", ["alt_high"]
    return code, meaning, []


def _neck_is_large(cells: Mapping[str, str]) -> bool:
    """By the limits of the raising rule; a plain yes or no says nothing about them."""
    rule = next(row for row in rows("instrument_derived") if row["item"] == "neck_large")
    value = _number(cells.get("neck", ""))
    if value is None or cells.get("neck", "").lower() in _YES | _NO:
        return False
    limit = {"male": rule["value"], "m": rule["value"], "female": rule["value_2"], "f": rule["value_2"]}.get(
        cells.get("sex", "").lower()
    )
    return limit is not None and value >= float(limit)


def _flags(name: str, cells: Mapping[str, str], number: float | None) -> list[str]:
    """Rules beside the band: PHQ-9 item 9 whatever the total, and the naloxone use of RIOSORD."""
    found = []
    for rule in _table("RIOSORD", "rule") if name == "RIOSORD-VHA" else ():
        if number is not None and _in_row(number, rule):
            found.append(rule["result_code"])
    for rule in _table(name, "rule"):
        if rule["key"] == "item9" and rule["min"]:
            text = next((cells[key] for key in ("item_9", "item9", "q9", "phq9_item9") if cells.get(key)), "")
            value = _number(text)
            if value is not None and _in_row(value, rule):
                found.append(rule["result_code"])
    return found


def _frequency(name: str, code: str | None, base_rate: float | None) -> str | None:
    """Of 1,000 people at this base rate, by Bayes, where sensitivity and specificity are known."""
    perf = {
        row["key"]: float(row["predicted_or_value"])
        for row in _table(name, "perf")
        if row["predicted_or_value"]
    }
    if name not in ("ORT", "ORT-OUD", "RIOSORD-VHA", "RIOSORD-COM", "SOAPP-R", "COMM") or code is None:
        return None
    default = next((row for row in rows("instrument_base_rates") if row["instrument"] == name), None)
    if "sens" not in perf or "spec" not in perf or (base_rate is None and default is None):
        return NO_LIKELIHOOD
    rate = base_rate if base_rate is not None else float((default or {})["base_rate"])
    have, lack = 1000 * rate, 1000 * (1 - rate)
    share, of = (perf["sens"], 1 - perf["spec"]) if code == "HIGH" else (1 - perf["sens"], perf["spec"])
    like, among = round(have * share + lack * of), round(have * share)
    which = "the clinic's own base rate" if base_rate is not None else "the default base rate"
    return (
        f"Of 1000 people where {round(have)} have it ({which}, {rate * 100:g} of 100), {like} score {code.lower()}; "
        f"{among} of these {like} have it, {like - among} do not."
    )


# --- the tables ------------------------------------------------------------------------------------------


@lru_cache(maxsize=256)
def _table(instrument: str, row_type: str) -> tuple[Row, ...]:
    return tuple(
        row
        for row in rows("opioid_instruments")
        if row["instrument"] == instrument and row["row_type"] == row_type
    )


@lru_cache(maxsize=128)
def _shape(instrument: str) -> Row:
    wanted = instrument.strip().lower().replace("_", "-")
    for row in rows("instrument_shapes"):
        if row["instrument"].lower() in (wanted, wanted.replace("-", "")) or row[
            "instrument"
        ].lower().replace("-", "") == wanted.replace("-", ""):
            return row
    raise UsageError(f"No instrument is called {instrument!r}.", f"Instruments: {', '.join(names())}.")


def _source(instrument: str) -> str | None:
    return next(
        (row["source"] for row in rows("opioid_instruments") if row["instrument"] == instrument), None
    )


def _inside(number: float, shape: Row) -> bool:
    low, high = _number(shape["total_min"]), _number(shape["total_max"])
    return (low is None or number >= low) and (high is None or number <= high)


def _in_row(number: float, row: Row) -> bool:
    low = not row["min"] or _compare(number, row["min_op"] or ">=", float(row["min"]))
    return low and (not row["max"] or _compare(number, row["max_op"] or "<=", float(row["max"])))


def _compare(value: float, op: str, limit: float) -> bool:
    return {
        ">=": value >= limit,
        ">": value > limit,
        "<=": value <= limit,
        "<": value < limit,
        "=": value == limit,
    }[op]


def _number(text: str | None) -> float | None:
    try:
        value = float(text) if text else None
    except ValueError:
        return None
    return None if value is None or value != value or abs(value) == float("inf") else value


__all__ = ["Item", "NO_LIKELIHOOD", "Score", "item_columns", "names", "score"]
