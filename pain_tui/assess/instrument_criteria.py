"""Instruments whose answer is not a band of one number: criteria over several columns, and the change from a baseline."""

from collections.abc import Mapping

from pain_tui.assess.instrument_points import NO, YES, Row, Working, compare, number_in, table
from pain_tui.patients.normalise.tables import rows


def met(instrument: str, cells: Mapping[str, str]) -> tuple[bool | None, tuple[str, ...]]:
    """Are the criteria of `instrument_criteria` met? (None: cannot tell, and the columns that are missing).

    All of one alternative must hold, and every row that belongs to none. 'yes' and 'no' answer a column for
    its own limit ('regions' yes: at least 4 of 5).
    """
    alternatives: dict[str, list[bool | None]] = {}
    missing: list[str] = []
    for row in rows("instrument_criteria"):
        if row["instrument"] == instrument:
            holds = _holds(row, cells.get(row["column"], "").lower())
            alternatives.setdefault(row["alternative"], []).append(holds)
            missing += [row["column"]] if holds is None and row["column"] not in missing else []
    always = _all(alternatives.pop("", []))
    either = _any([_all(rows_of) for rows_of in alternatives.values()])
    return _all([always, either]), tuple(missing)


def has_criteria(instrument: str) -> bool:
    """True when the table has criteria for this instrument."""
    return any(row["instrument"] == instrument for row in rows("instrument_criteria"))


def code_of(instrument: str) -> str:
    """The result code of met criteria."""
    return next(row["result_code"] for row in table(instrument, "rule") if row["key"] == "criteria")


def change(cells: Mapping[str, str], working: Working) -> float | None:
    """Percent decrease from `baseline` to `follow_up`; None, and why, when it cannot be told. A baseline of 0 has no
    percentage: nothing is divided by it.
    """
    baseline, now = number_in(cells.get("baseline", "")), number_in(cells.get("follow_up", ""))
    for name, value in (("baseline", baseline), ("follow_up", now)):
        if cells.get(name) and value is None:
            working.problems.append(f"{name} {cells[name]!r} is not a number")
        elif value is None:
            working.missing.append(name)
    if baseline is None or now is None:
        return None
    if baseline <= 0:
        working.problems.append("the baseline is 0: a percentage is not defined")
        return None
    return round(100 * (baseline - now) / baseline, 9)  # 7 to 4.9 is 30 %, not 29.999999999999996 %


def change_flags(cells: Mapping[str, str]) -> list[str]:
    """The code of the rule in points, where the drop is that large."""
    baseline, now = number_in(cells.get("baseline", "")), number_in(cells.get("follow_up", ""))
    rule = next(
        r for r in rows("instrument_derived") if r["instrument"] == "IMMPACT" and r["item"] == "points"
    )
    if baseline is None or now is None or not compare(baseline - now, rule["op"], float(rule["value"])):
        return []
    return [row["key"] for row in table("IMMPACT", "mcid") if row["key"] == "nrs_minus2"]


def change_code(number: float, row: Row | None, below: str) -> str | None:
    """The code of a change: of its band, of worse, or of none that counts."""
    worse = next(
        r for r in rows("instrument_derived") if r["instrument"] == "IMMPACT" and r["item"] == "worse"
    )
    if compare(number, worse["op"], float(worse["value"])):
        return "WORSE"
    return row["result_code"] if row else below


def _holds(row: Row, text: str) -> bool | None:
    if text in YES | NO and row["alternative"] == "" and number_in(text) is None:
        return text in YES
    value = number_in(text)
    return None if value is None else compare(value, row["op"], float(row["value"]))


def _all(answers: list[bool | None]) -> bool | None:
    return False if False in answers else None if None in answers else True


def _any(answers: list[bool | None]) -> bool | None:
    return True if True in answers else None if None in answers else False
