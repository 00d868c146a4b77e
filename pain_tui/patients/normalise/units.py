"""A measured value in its canonical unit, by the knowledge table `units`: converted, refused or asked about.

Never converted in silence: a value that looks like another unit is a problem, a missing unit is accepted only
where no other unit of that field would also give a plausible value.
"""

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

from pain_tui.patients.normalise import names
from pain_tui.patients.normalise.doses import decimal
from pain_tui.patients.normalise.problem import DOUBT, VALUE, Problem
from pain_tui.patients.normalise.tables import rows, split

_COMPARE: dict[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
}
_NUMBER = re.compile(
    r"^\s*(<=|>=|<|>|~|≤|≥)?\s*"
    r"([-+]?(?:[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?|\d+,\d+|\d+(?:\.\d+)?|\.\d+)(?:[eE][-+]?\d+)?)\s*(.*?)\s*$"
)


@dataclass(frozen=True)
class Canonical:
    """A value in the canonical unit; `doubts` are to be shown, `comparator` is '<', '>', '<=', '>=', '~' or
    ''.
    """

    value: float
    unit: str
    comparator: str = ""
    doubts: tuple[Problem, ...] = ()


@dataclass
class _Field:
    """All rows of one field of the units table."""

    label: str = ""
    unit: str = ""
    hard: tuple[float, float] = (float("-inf"), float("inf"))
    soft: tuple[float, float] = (float("-inf"), float("inf"))
    factors: dict[str, tuple[float, float]] = field(default_factory=dict)
    spellings: list[str] = field(default_factory=list)
    unitless: bool = False
    traps: list[tuple[str, float, str]] = field(default_factory=list)


def is_missing(text: object) -> bool:
    """True for the words that mean "no value" ('NA', 'not done', ''): unknown, never zero or normal."""
    return text is None or str(text).strip().lower() in _missing_words()


def number(text: object) -> tuple[float, str, str] | None:
    """Read '<0.6', '1,200', '7.4 %', '4,2' as (value, comparator, rest); None when there is no number."""
    if isinstance(text, bool):
        return None
    if isinstance(text, int | float):
        return (float(text), "", "") if abs(float(text)) < float("inf") and text == text else None
    match = _NUMBER.match(str(text))
    if not match or re.match(r"[.,]\d", match.group(3)):
        return None
    sign = {"≤": "<=", "≥": ">="}.get(match.group(1) or "", match.group(1) or "")
    value = decimal(match.group(2))
    return (value, sign, match.group(3)) if abs(value) < float("inf") else None


def canonical(fact: str, value: float, unit: str | None, comparator: str = "") -> Canonical | Problem:
    """The value of a fact in its canonical unit, or the problem that keeps it from being used.

    fact: a fact's name or a field of the units table. unit: as written; None or '' when not given.
    A fact without rows in the units table keeps value and unit as given.
    """
    known = _field(names.unit_field(fact) or fact)
    if known is None:
        return Canonical(value, unit or "", comparator)
    return _canonical(known, value, (unit or "").strip(), comparator)


def unit_of(fact: str) -> str | None:
    """The canonical unit of a fact, None when the units table does not speak of it."""
    known = _field(names.unit_field(fact) or fact)
    return known.unit if known else None


def _canonical(known: _Field, value: float, unit: str, comparator: str) -> Canonical | Problem:
    if not unit and not known.unitless:
        return _without_unit(known, value, comparator)
    conversion = known.factors.get(_unit_key(unit)) if unit else (1.0, 0.0)
    if conversion is None:
        return Problem(
            "unknown_unit",
            f"{known.label}: the unit {unit} is not known for it",
            f"{value:g} {unit}",
            f"Allowed units: {', '.join(known.spellings)}",
            "Correct the unit and import again",
        )
    factor, offset = conversion
    if factor == 1 and offset == 0:
        trap = _trap(known, value)
        if trap:
            return trap
    return _in_range(known, value * factor + offset, comparator, ())


def _without_unit(known: _Field, value: float, comparator: str) -> Canonical | Problem:
    trap = _trap(known, value)
    if trap:
        return trap
    plausible = sorted(
        {
            spelling
            for spelling, (factor, offset) in known.factors.items()
            if factor != 1 and known.soft[0] <= value * factor + offset <= known.soft[1]
        }
    )
    if plausible or not known.soft[0] <= value <= known.soft[1]:
        return Problem(
            "unit_missing",
            f"{known.label}: {value:g} has no unit",
            f"{value:g}",
            f"Allowed units: {', '.join(known.spellings)}",
            "Give the unit and import again",
        )
    doubt = Problem(
        "unit_assumed",
        f"{known.label}: {value:g} has no unit and was read as {known.unit}",
        f"{value:g}",
        f"Allowed units: {', '.join(known.spellings)}",
        "Give the unit if that is wrong",
        level=DOUBT,
    )
    return _in_range(known, value, comparator, (doubt,))


def _trap(known: _Field, value: float) -> Problem | None:
    for test, limit, suspect in known.traps:
        if _COMPARE[test](value, limit):
            looks = f"looks like {suspect}" if suspect else "looks like another unit or another test"
            return Problem(
                "unit_trap",
                f"{known.label}: {value:g} {known.unit} {looks}",
                f"{value:g} {known.unit}",
                f"Plausible in {known.unit}: {known.hard[0]:g} to {known.hard[1]:g}",
                "Check the unit at the source; it was not converted",
                level=VALUE,
            )
    return None


def _in_range(
    known: _Field, value: float, comparator: str, doubts: tuple[Problem, ...]
) -> Canonical | Problem:
    # A converted value such as 0.1 * 3 must not miss a limit by the last bit.
    value = float(f"{value:.12g}")
    if not known.hard[0] <= value <= known.hard[1]:
        return Problem(
            "value_out_of_range",
            f"{known.label}: {value:g} {known.unit} is not possible",
            f"{value:g} {known.unit}",
            f"Allowed: {known.hard[0]:g} to {known.hard[1]:g} {known.unit}",
            "Check value and unit at the source",
        )
    if not known.soft[0] <= value <= known.soft[1]:
        doubts += (
            Problem(
                "value_unusual",
                f"{known.label}: {value:g} {known.unit} is unusual",
                f"{value:g} {known.unit}",
                f"Usual: {known.soft[0]:g} to {known.soft[1]:g} {known.unit}",
                "Used as it stands; check it",
                level=DOUBT,
            ),
        )
    return Canonical(value, known.unit, comparator, doubts)


def _unit_key(unit: str) -> str:
    return unit.strip().replace("μ", "µ").lower().replace(" ", "")


@cache
def _missing_words() -> frozenset[str]:
    words = {
        row["unit"].lower()
        for row in rows("units")
        if row["row_type"] == "missing_word" and "only where the source says so" not in row["note"]
    }
    return frozenset((words - {"(empty)"}) | {""})


@cache
def _field(name: str) -> _Field | None:
    found = _Field()
    for row in rows("units"):
        if row["field"] == name:
            _READ.get(row["row_type"], _skip)(found, row)
    return found if found.unit else None


def _read_range(found: _Field, row: dict[str, str]) -> None:
    found.label, found.unit = row["label"], row["canonical_unit"]
    found.hard = (float(row["hard_low"]), float(row["hard_high"]))
    found.soft = (float(row["soft_low"]), float(row["soft_high"]))


def _read_unit(found: _Field, row: dict[str, str]) -> None:
    conversion = (float(row["factor"]), float(row["offset"] or 0))
    found.spellings.append(row["unit"])
    found.unitless |= row["unit_aliases"].endswith("|") or row["unit"] == row["canonical_unit"] == "{score}"
    for spelling in [row["unit"], *split(row["unit_aliases"])]:
        found.factors.setdefault(_unit_key(spelling), conversion)


def _read_trap(found: _Field, row: dict[str, str]) -> None:
    found.traps.append((row["test_op"], float(row["test_value"]), row["suspect_unit"]))


def _skip(found: _Field, row: dict[str, str]) -> None:
    return None


_READ = {"range": _read_range, "unit": _read_unit, "trap": _read_trap}
