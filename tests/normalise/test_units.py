"""Units: every range at its ends, every conversion, every trap just below, at and above; nothing assumed."""

# ruff: noqa: E501 - tables of cases read better with one case a line

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pain_tui.patients.normalise import units
from pain_tui.patients.normalise.problem import DOUBT, Problem
from pain_tui.patients.normalise.tables import rows, split
from pain_tui.patients.normalise.units import Canonical, canonical, number

RANGES = [row for row in rows("units") if row["row_type"] == "range"]
CONVERSIONS = [row for row in rows("units") if row["row_type"] == "unit"]
TRAPS = [row for row in rows("units") if row["row_type"] == "trap"]


def ids(found: list[dict[str, str]]) -> list[str]:
    return [f"{row['field']}-{row['row_id']}" for row in found]


def trapped(field: str, value: float) -> bool:
    return any(
        row["field"] == field and units._COMPARE[row["test_op"]](value, float(row["test_value"]))
        for row in TRAPS
    )


@pytest.mark.parametrize("row", RANGES, ids=ids(RANGES))
def test_the_ends_of_a_hard_range_are_allowed_and_what_lies_beyond_is_refused(row: dict[str, str]) -> None:
    """A value that cannot be is never stored, and a value at the limit is not lost."""
    low, high = float(row["hard_low"]), float(row["hard_high"])
    for value in (low, high):
        if not trapped(row["field"], value):
            assert isinstance(canonical(row["field"], value, row["canonical_unit"]), Canonical)
    for value in (low - 0.001, high + 0.001):
        found = canonical(row["field"], value, row["canonical_unit"])
        assert isinstance(found, Problem)
        assert found.code in ("value_out_of_range", "unit_trap")


@pytest.mark.parametrize("row", RANGES, ids=ids(RANGES))
def test_unusual_values_are_used_and_said(row: dict[str, str]) -> None:
    """Outside the usual range a value is kept, with a doubt; inside there is none."""
    middle = (float(row["soft_low"]) + float(row["soft_high"])) / 2
    if not trapped(row["field"], middle):
        found = canonical(row["field"], middle, row["canonical_unit"])
        assert isinstance(found, Canonical) and found.doubts == ()
    above = float(row["soft_high"]) + 0.001
    if above <= float(row["hard_high"]) and not trapped(row["field"], above):
        found = canonical(row["field"], above, row["canonical_unit"])
        assert isinstance(found, Canonical) and [d.level for d in found.doubts] == [DOUBT]


@pytest.mark.parametrize("row", CONVERSIONS, ids=ids(CONVERSIONS))
def test_every_unit_converts_by_its_own_row(row: dict[str, str]) -> None:
    """canonical = value x factor + offset, for the unit and each of its spellings."""
    limits = next(r for r in RANGES if r["field"] == row["field"])
    factor, offset = float(row["factor"]), float(row["offset"] or 0)
    target = (float(limits["soft_low"]) + float(limits["soft_high"])) / 2
    if trapped(row["field"], target) and factor == 1:
        pytest.skip("the middle of the range is a trap")
    for unit in [row["unit"], *split(row["unit_aliases"])]:
        found = canonical(row["field"], (target - offset) / factor, unit)
        assert isinstance(found, Canonical), (unit, found)
        assert found.value == pytest.approx(target) and found.unit == limits["canonical_unit"]


@pytest.mark.parametrize("row", TRAPS, ids=ids(TRAPS))
def test_a_trap_asks_and_never_converts(row: dict[str, str]) -> None:
    """A value that looks like another unit is set aside; just on the other side of the limit it is not a trap."""
    limit, step = float(row["test_value"]), 1e-6
    inside, outside = {">": (step, 0), ">=": (0, -step), "<": (-step, 0), "<=": (0, step)}[row["test_op"]]
    unit = next(r["canonical_unit"] for r in RANGES if r["field"] == row["field"])
    found = canonical(row["field"], limit + inside, unit)
    assert isinstance(found, Problem) and found.code == "unit_trap"
    others = [r for r in TRAPS if r["field"] == row["field"] and r is not row]
    if any(units._COMPARE[r["test_op"]](limit + outside, float(r["test_value"])) for r in others):
        return
    beyond = canonical(row["field"], limit + outside, unit)
    assert not isinstance(beyond, Problem) or beyond.code != "unit_trap"


def test_an_explicit_other_unit_is_no_trap() -> None:
    """150000 /uL says what it is; 150000 without unit does not."""
    assert canonical("platelets", 150_000, "/uL") == Canonical(150.0, "10*3/uL")
    assert canonical("platelets", 150_000, None).code == "unit_trap"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("weight", 70, None),
        ("weight", 150, "unit_missing"),  # kg, or 68 kg in pounds
        ("creatinine", 1.1, None),
        ("creatinine", 97, "unit_trap"),
        ("crp", 5, "unit_missing"),  # mg/L or mg/dL
        ("inr", 1.1, None),
        ("phq9_total", 12, None),
    ],
)
def test_a_missing_unit_is_accepted_only_where_it_cannot_be_another(
    field: str, value: float, code: str | None
) -> None:
    """No unit and two plausible readings: ask. One plausible reading: used, and said to be assumed."""
    found = canonical(field, value, None)
    assert (found.code if isinstance(found, Problem) else None) == code


def test_a_missing_unit_is_said_when_it_was_assumed() -> None:
    found = canonical("weight", 70, None)
    assert isinstance(found, Canonical) and [d.code for d in found.doubts] == ["unit_assumed"]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("7.4", (7.4, "", "")),
        ("<0.6", (0.6, "<", "")),
        ("> 90", (90.0, ">", "")),
        ("≥60", (60.0, ">=", "")),
        ("1,200 mg", (1200.0, "", "mg")),
        ("4,2", (4.2, "", "")),
        ("0,125", (0.125, "", "")),
        ("1.2.3", None),
        ("1,2,3", None),
        ("abc", None),
        ("", None),
        ("-", None),
        (True, None),
        (float("nan"), None),
        (float("inf"), None),
    ],
)
def test_numbers_keep_their_comparator(written: object, read: object) -> None:
    assert number(written) == read


@pytest.mark.parametrize(
    "word", ["", "NA", "n/a", "null", "not done", "hemolyzed", "pending", "unknown", None]
)
def test_words_for_missing_are_missing(word: str | None) -> None:
    assert units.is_missing(word)


@pytest.mark.parametrize("word", ["999", "-9", "0", "0.0", "no", "negative"])
def test_numbers_are_never_taken_for_missing(word: str) -> None:
    """999 and -9 mean missing only where a source says so."""
    assert not units.is_missing(word)


@given(st.sampled_from(RANGES), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=8))
def test_no_value_and_no_unit_raises_or_leaves_the_hard_range(
    row: dict[str, str], value: float, unit: str
) -> None:
    found = canonical(row["field"], value, unit)
    if isinstance(found, Canonical):
        assert float(row["hard_low"]) <= found.value <= float(row["hard_high"])


def test_a_name_without_unit_rows_keeps_value_and_unit() -> None:
    assert canonical("something_else", 3.0, "x") == Canonical(3.0, "x")
