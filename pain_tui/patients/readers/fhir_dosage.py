"""FHIR Dosage and Timing -> the columns of a medication row: how much, how often, by which route."""

from typing import Any

from pain_tui.patients.normalise import sig
from pain_tui.patients.readers.fhir_parts import code_in, items, of, status_code, text, words

Row = dict[str, Any]


def dosage(instruction: Any) -> Row:
    """The columns one Dosage fills; what it does not say is left out. `frequency` keeps the words as
    written.
    """
    row: Row = {}
    repeat = of(instruction, "timing", "repeat")
    often = _often(repeat) or _coded(of(instruction, "timing", "code"))
    if often:
        row["per_day"], row["per_day_max"] = often
    row["as_needed"] = _as_needed(instruction)
    said = text(of(instruction, "text")) or words(of(instruction, "timing", "code")) or _in_words(repeat)
    row["frequency"] = said
    row["route"] = _route(of(instruction, "route"))
    row |= _dose(of(instruction, "doseAndRate", 0))
    row |= _bounds(repeat)
    _limit(row, of(instruction, "maxDosePerPeriod"))
    return {name: value for name, value in row.items() if value is not None}


def _often(repeat: Any) -> tuple[float, float] | None:
    """(least, most) times a day from Timing.repeat; clock times and meal times count as times."""
    if not isinstance(repeat, dict):
        return None
    days = (
        len(repeat["dayOfWeek"]) / 7
        if isinstance(repeat.get("dayOfWeek"), list) and repeat["dayOfWeek"]
        else 1.0
    )
    for name in ("timeOfDay", "when"):
        if isinstance(repeat.get(name), list) and repeat[name] and not repeat.get("frequency"):
            return len(repeat[name]) * days, len(repeat[name]) * days
    low, period = _number(repeat.get("frequency")), _number(repeat.get("period"))
    low = 1.0 if low is None and period else low
    high, slow = _number(repeat.get("frequencyMax")) or low, _number(repeat.get("periodMax")) or period
    unit = text(repeat.get("periodUnit"))
    least, most = sig.times_per_day(low, slow, unit), sig.times_per_day(high, period, unit)
    return (least * days, most * days) if least is not None and most is not None else None


def _coded(concept: Any) -> tuple[float, float] | None:
    for entry in items(of(concept, "coding")):
        code = text(entry.get("code"))
        found = code and (sig.coded("fhir_code", code) or sig.coded("snomed_timing", code))
        if found:
            return found
    return None


def _as_needed(instruction: Any) -> str | None:
    if of(instruction, "asNeededCodeableConcept"):
        return "true"
    return text(of(instruction, "asNeededBoolean"))


def _in_words(repeat: Any) -> str | None:
    """'1 x per 6 h': the timing as it was coded, kept for reading."""
    frequency, period, unit = of(repeat, "frequency"), of(repeat, "period"), text(of(repeat, "periodUnit"))
    return (
        f"{frequency or 1:g} x per {period:g} {unit}"
        if _number(period) and unit and _number(frequency or 1)
        else None
    )


def _route(concept: Any) -> str | None:
    return code_in(concept, "SNOMED-CT") or words(concept) or status_code(concept)


def _dose(part: Any) -> Row:
    quantity = of(part, "doseQuantity")
    if quantity:
        return {"dose": _number_text(of(quantity, "value")), "unit": _unit(quantity)}
    low, high = of(part, "doseRange", "low"), of(part, "doseRange", "high")
    if low or high:
        return {
            "dose": _number_text(of(low, "value")) or _number_text(of(high, "value")),
            "dose_max": _number_text(of(high, "value")),
            "unit": _unit(low) or _unit(high),
        }
    rate = of(part, "rateQuantity")
    return {"dose": _number_text(of(rate, "value")), "unit": _unit(rate)} if rate else {}


def _unit(quantity: Any) -> str | None:
    """The unit in words, else its code; '1' is no unit."""
    found = text(of(quantity, "unit")) or text(of(quantity, "code"))
    return None if found in (None, "1", "") else found


def _bounds(repeat: Any) -> Row:
    row: Row = {
        "start": text(of(repeat, "boundsPeriod", "start")),
        "stop": text(of(repeat, "boundsPeriod", "end")),
    }
    length = of(repeat, "boundsDuration")
    days = _days(length)
    return row | ({"supply_days": f"{days:g}"} if days is not None else {})


def _days(duration: Any) -> float | None:
    per_day = sig.times_per_day(
        1.0, _number(of(duration, "value")), text(of(duration, "code")) or text(of(duration, "unit"))
    )
    return 1 / per_day if per_day else None


def supply_days(request: Any) -> str | None:
    """The days one dispense lasts, as the order expects."""
    days = _days(of(request, "dispenseRequest", "expectedSupplyDuration"))
    return f"{days:g}" if days is not None else None


def _limit(row: Row, ratio: Any) -> None:
    """'At most 6 tablets in 24 hours' lowers the most times a day, when it is in the unit of the dose."""
    most, days = _number(of(ratio, "numerator", "value")), _days(of(ratio, "denominator"))
    each = _number(row.get("dose_max") or row.get("dose"))
    if most is None or not days or not each or _unit(of(ratio, "numerator")) != row.get("unit"):
        return
    times = most / days / each
    row["per_day_max"] = min(row.get("per_day_max", times), times)
    if "per_day" in row:
        row["per_day"] = min(row["per_day"], times)


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or value is None:
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if abs(number) < float("inf") else None


def _number_text(value: Any) -> str | None:
    number = _number(value)
    return None if number is None else f"{number:.12g}"
