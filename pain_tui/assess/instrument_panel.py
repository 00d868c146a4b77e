"""The questionnaires of one person, from what is recorded: which are complete, what they say, which items are missing.

Every value comes from the facts of the day; an item that rests on several facts is yes when one is, no when all are no.
Nothing is scored on a missing item. Shown: what is recorded at least in part, and for a person on an opioid
always ORT-OUD and RIOSORD, whose missing items are named.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from pain_tui.assess import instruments
from pain_tui.assess.instrument_points import compare, number_in
from pain_tui.patients.normalise.tables import rows, split

Row = Mapping[str, str]
ALWAYS_WITH_OPIOID = ("ORT-OUD", "RIOSORD-VHA")


def of_facts(
    facts: Mapping[str, Any], *, base_rates: Mapping[str, float] | None = None
) -> list[dict[str, Any]]:
    """The instruments of one person, in the order of the table.

    facts: fact name -> value as in `facts` (None or absent: not known). base_rates: the clinic's own share by
    instrument name. Each entry has instrument, items, score, result_code, meaning, why, flags, frequency, source.
    """
    cells = {name: _text(value) for name, value in facts.items() if value is not None}
    on_opioid = cells.get("opioid_active") == "true"
    shown = []
    for name, items in _by_instrument().items():
        answers = {row["item"]: _answer(row, cells) for row in items}
        if any(answers.values()) or (on_opioid and name in ALWAYS_WITH_OPIOID):
            shown.append(_shape(name, answers, cells, (base_rates or {}).get(name)))
    return shown


def needed_facts() -> list[str]:
    """The facts this panel reads."""
    named = {fact for row in rows("instrument_facts") for fact in split(row["facts"])}
    return sorted(named | {"opioid_active", "sex", "age_years"})


def _shape(
    name: str, answers: dict[str, str], cells: Mapping[str, str], base_rate: float | None
) -> dict[str, Any]:
    given = {**answers, "sex": cells.get("sex", ""), "age": cells.get("age_years", "")}
    found = instruments.score(name, given, base_rate=base_rate)
    return {
        "instrument": name,
        "items": [{"item": item.key, "answer": item.answer, "points": item.points} for item in found.items],
        "score": found.score,
        "result_code": found.result_code,
        "meaning": found.meaning,
        "why": found.why,
        "flags": list(found.flags),
        "frequency": found.frequency,
        "predicted": found.predicted,
        "predicted_unit": found.predicted_unit,
        "note": found.note,
        "source": found.source,
        "sureness": found.sureness,
    }


def _answer(row: Row, cells: Mapping[str, str]) -> str:
    """'1', '0', a value, or '' when it is not known."""
    found = [cells.get(fact) for fact in split(row["facts"])]
    if row["op"]:
        value = number_in(found[0])
        if value is None:
            return ""
        second = not row["op_2"] or compare(value, row["op_2"], float(row["value_2"]))
        return str(int(compare(value, row["op"], float(row["value"])) and second))
    if "true" in found:
        return "1"
    if None in found:
        return ""
    return "0" if set(found) == {"false"} else str(found[0])


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


@lru_cache(maxsize=1)
def _by_instrument() -> dict[str, Sequence[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows("instrument_facts"):
        found.setdefault(row["instrument"], []).append(row)
    return dict(found)
