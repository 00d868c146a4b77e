"""Questionnaires: the items first, the number last, the band beside it; nothing is scored when an item
is missing.

Items, points, bands, cut-offs, sensitivity and specificity come from `opioid_instruments` and the tables
beside it. Risk is a natural frequency at a stated base rate where sensitivity and specificity are known;
elsewhere the class stands alone, because no likelihood ratio is transferable. No score is a reason to
deny or to reassure by itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from pain_tui.assess import instrument_criteria
from pain_tui.assess.instrument_points import (
    NO,
    YES,
    Item,
    Row,
    Working,
    from_items,
    from_total,
    in_row,
    inside,
    names,
    number_in,
    shape_of,
    source_of,
    table,
)
from pain_tui.errors import UsageError
from pain_tui.patients.normalise.tables import rows

NO_LIKELIHOOD = "no transferable likelihood ratio: the class is not a probability for one person"


@dataclass(frozen=True)
class Score:
    """The answer: items, then score (None with `why`), result code, its meaning, what else it says,
    and the source.
    """

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


def item_columns(instrument: str) -> list[str]:
    """The item columns a row may carry for this instrument."""
    shape = shape_of(instrument)
    listed = [row["key"] for row in table(shape["instrument"], "item")]
    return listed or [f"item_{number}" for number in range(1, int(shape["items"] or 0) + 1)]


def score(instrument: str, answers: Mapping[str, str | None], *, base_rate: float | None = None) -> Score:
    """Score one row: item columns (0/1, yes/no or a value), `total`, `sex` and `age` where an item
    follows from them.

    base_rate: the share with the condition in this clinic (ORT-OUD); the table's default when None.
    Raises UsageError for an unknown instrument or a base rate outside 0 to 1.
    """
    shape = shape_of(instrument)
    cells = {key.lower(): (value or "").strip() for key, value in answers.items()}
    if base_rate is not None and not 0 < base_rate < 1:
        raise UsageError(
            f"The base rate {base_rate:g} is not a share.", "Write it between 0 and 1, for example 0.05."
        )
    working = Working()
    named = _named_level(shape, cells.get("total", ""))
    if named:
        return named
    if cells.get("total"):
        number = from_total(cells, shape, working)
    elif shape["combine"] == "change":
        number = instrument_criteria.change(cells, working)
    else:
        number = from_items(cells, shape, working)
    if number is not None and not inside(number, shape):
        working.problems.append(f"{number:g} lies outside {shape['total_min']} to {shape['total_max']}")
        number = None
    return _result(shape, number, cells, working, base_rate)


# --- what it means ---------------------------------------------------------------------------------------


def _result(
    shape: Row, number: float | None, cells: Mapping[str, str], working: Working, base_rate: float | None
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
            _code_of_none(name, cells, working),
            None,
            f"cannot score: {why or 'nothing was answered'}",
            flags,
            source=source_of(name),
            note=shape["note"] or None,
        )
    row, why_not = _band(shape, number, cells)
    code, meaning, why_not = _meaning(shape, number, cells, row, why_not)
    code, meaning, raised = _raised(name, code, meaning, cells, working)
    predicted = number_in(row["predicted_or_value"]) if row and row["row_type"] == "band" else None
    source = (row or {}).get("source") or source_of(name)
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
        " ".join(note for note in (row and row["note"], shape["note"]) if note) or None,
    )


def _named_level(shape: Row, text: str) -> Score | None:
    """A level that is a letter and no number: POSS 'S', asleep and easy to rouse, stands with 1 and 2."""
    row = next((row for row in table(shape["instrument"], "band") if text.upper() in _levels(row)), None)
    if row is None or not text or number_in(text) is not None:
        return None
    said = f"level {text.upper()} is a letter, not a number"
    note = " ".join(note for note in (row["note"], shape["note"]) if note) or None
    return Score(
        shape["instrument"],
        (),
        None,
        row["result_code"] or None,
        row["label"],
        said,
        source=row["source"],
        sureness=row["sureness"],
        note=note,
    )


def _levels(row: Row) -> list[str]:
    """The levels that a band without ends names in its label ('S, 1, 2')."""
    return [] if row["min"] or row["max"] else [level.strip().upper() for level in row["label"].split(",")]


def _code_of_none(name: str, cells: Mapping[str, str], working: Working) -> str | None:
    """INCOMPLETE while items are missing; UNDEFINED where there is nothing to divide by."""
    if working.problems:
        rules = [row for row in table(name, "rule") if row["key"] == "baseline_zero"]
        return rules[0]["result_code"] if rules and number_in(cells.get("baseline", "")) == 0 else None
    return "INCOMPLETE" if working.missing and working.items else None


def _meaning(
    shape: Row, number: float, cells: Mapping[str, str], row: Row | None, why_not: str | None
) -> tuple[str | None, str | None, str | None]:
    """(code, its meaning, why there is none)."""
    name = shape["instrument"]
    if instrument_criteria.has_criteria(name):
        met, missing = instrument_criteria.met(name, cells)
        if met is None:
            return None, None, f"whether the criteria are met cannot be told without {', '.join(missing)}"
        return (
            (instrument_criteria.code_of(name), "criteria met", None)
            if met
            else (shape["below_code"], "criteria not met", None)
        )
    if shape["combine"] == "change":
        code = instrument_criteria.change_code(number, row, shape["below_code"])
        said = row["label"] if row else "more pain than before" if number < 0 else "less than counts"
        return code, said, None
    if row is None and why_not is None:
        return shape["below_code"] or None, "below the cut-off" if shape["below_code"] else None, None
    return (row["result_code"] or None, row["label"], why_not) if row else (None, None, why_not)


def _band(shape: Row, number: float, cells: Mapping[str, str]) -> tuple[Row | None, str | None]:
    """(the band or cut-off that holds, why there is none). Unchecked bands never answer."""
    name = shape["instrument"]
    bands = [row for row in table(name, "band") if row["sureness"] != "unchecked"]
    if name == "STarT-Back":
        bands, why = _by_subscale(bands, number, cells)
        if why:
            return None, why
    for row in bands:
        if in_row(number, row) and (not _levels(row) or f"{number:g}" in _levels(row)):
            return row, None
    if shape["combine"] == "change":
        limited = [row for row in table(name, "mcid") if row["min"]]
        return next((row for row in limited if in_row(number, row)), None), None
    if bands:
        return None, f"{number:g} falls between two bands: they are printed for whole numbers"
    cutoffs = list(table(name, "cutoff"))
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
    return next((row for row in cutoffs if in_row(number, row)), None), None


def _by_subscale(bands: list[Row], number: float, cells: Mapping[str, str]) -> tuple[list[Row], str | None]:
    """STarT Back: from the total's medium band on, the psychological subscale (5 items) decides."""
    low, medium, high = bands
    if in_row(number, low):
        return [low], None
    psych = number_in(cells.get("psych", ""))
    if psych is None:
        return [], "the psychological subscale is needed: give psych, 0 to 5"
    return ([high] if psych >= float(high["min"]) else [medium]), None


def _raised(
    name: str, code: str | None, meaning: str | None, cells: Mapping[str, str], working: Working
) -> tuple[str | None, str | None, list[str]]:
    """STOP-BANG: two STOP items with male sex, BMI or a large neck raise an intermediate result."""
    if name != "STOP-BANG" or code != "INTERMEDIATE" or not working.items:
        return code, meaning, []
    points = {item.key: bool(item.points) for item in working.items}
    stops = sum(points[key] for key in ("snore", "tired", "observed", "pressure"))
    needed = next(float(row["value"]) for row in rows("instrument_derived") if row["item"] == "stops_needed")
    if stops >= needed and (points["male"] or points["bmi"] or _neck_is_large(cells)):
        rule = next(row for row in table(name, "rule") if row["key"] == "alt_high")
        return rule["result_code"], f"high: {rule['label']}", ["alt_high"]
    return code, meaning, []


def _neck_is_large(cells: Mapping[str, str]) -> bool:
    """By the limits of the raising rule; a plain yes or no says nothing about them."""
    rule = next(row for row in rows("instrument_derived") if row["item"] == "neck_large")
    value = number_in(cells.get("neck", ""))
    if value is None or cells.get("neck", "").lower() in YES | NO:
        return False
    limit = {"male": rule["value"], "m": rule["value"], "female": rule["value_2"], "f": rule["value_2"]}.get(
        cells.get("sex", "").lower()
    )
    return limit is not None and value >= float(limit)


def _flags(name: str, cells: Mapping[str, str], number: float | None) -> list[str]:
    """Rules beside the band: PHQ-9 item 9 whatever the total, and the naloxone use of RIOSORD."""
    found = instrument_criteria.change_flags(cells) if name == "IMMPACT" else []
    for rule in table("RIOSORD", "rule") if name == "RIOSORD-VHA" else ():
        if number is not None and in_row(number, rule):
            found.append(rule["result_code"])
    for rule in table(name, "rule"):
        if rule["key"] == "item9" and rule["min"]:
            text = next((cells[key] for key in ("item_9", "item9", "q9", "phq9_item9") if cells.get(key)), "")
            value = number_in(text)
            if value is not None and in_row(value, rule):
                found.append(rule["result_code"])
    return found


def _frequency(name: str, code: str | None, base_rate: float | None) -> str | None:
    """Of 1,000 people at this base rate, by Bayes, where sensitivity and specificity are known."""
    perf = {
        row["key"]: float(row["predicted_or_value"])
        for row in table(name, "perf")
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
    which = (
        "the clinic's own base rate"
        if base_rate is not None
        else f"the default base rate, from {(default or {})['source'].split(' doi:')[0]}: set the clinic's own"
    )
    return (
        f"Of 1000 people where {round(have)} have it ({which}, {rate * 100:g} of 100), {like} "
        f"score {code.lower()}; "
        f"{among} of these {like} have it, {like - among} do not."
    )


__all__ = ["NO_LIKELIHOOD", "Item", "Score", "item_columns", "names", "score"]
