"""Laboratory values known only as a bound: used where every cut-point lies on one side, else cannot tell."""

import re
from typing import Any

import duckdb
import pytest

from pain_tui.knowledge import rules
from pain_tui.knowledge.rows import rows
from tests.safety import whole

Cursor = duckdb.DuckDBPyConnection
BOUNDS = {row["fact"]: row for row in rows("fact_bounds")}
OF_PARAMETER = {
    "CrCl": "crcl",
    "eGFR": "egfr",
    "GFR": "egfr",
    "QTc": "qtc",
    "K": "potassium",
    "Na": "sodium",
    "PaCO2": "paco2",
}
UNIT = {"inr": 0.1, "hba1c": 0.1, "potassium": 0.1}  # one step just below and above an end
UNITS = {
    "platelets": "10*3/uL",
    "hba1c": "%",
    "glucose": "mg/dL",
    "potassium": "mmol/L",
    "sodium": "mmol/L",
    "alt": "U/L",
    "qtc": "ms",
    "egfr": "mL/min/1.73m2",
    "crcl": "mL/min",
    "paco2": "mm[Hg]",
}
OF_INSTRUMENT = {"potassium": {3.5}, "qtc": {450.0}}  # Tisdale counts points at the same numbers


def _cuts(fact: str) -> set[float]:
    """Every number a fact is compared with, in rules and in the tables."""
    found = {
        float(number)
        for rule in rules.packaged()
        for number in re.findall(rf"\b{fact}\s*(?:<=|>=|<|>|=)\s*(\d+(?:\.\d+)?)", rule.when)
    }
    for table, value in (
        ("condition_tests", "value"),
        ("procedure_tests", "value"),
        ("bleeding_modifiers", "number"),
    ):
        found |= {
            float(row[value])
            for row in rows(table)
            if row["fact"] == fact and re.fullmatch(r"[\d.]+", row[value])
        }
    for row in rows("drug_conditions"):
        if OF_PARAMETER.get(row["parameter"]) == fact:
            found |= {float(row[end]) for end in ("min", "max") if row[end]}
    return found | OF_INSTRUMENT.get(fact, set())


@pytest.mark.parametrize("fact", sorted(BOUNDS))
def test_the_ends_hold_every_cut_point(fact: str) -> None:
    """A new cut-point beyond an end would make a bound decide what it does not."""
    cuts = _cuts(fact)
    assert cuts
    assert max(cuts) <= float(BOUNDS[fact]["decided_above"])
    assert min(cuts) >= float(BOUNDS[fact]["decided_below"])


def _assessed(cursor: Cursor, code: str, value: str, unit: str | None = None) -> Any:
    person = {"person": "p", "age": 60, "sex": "female"}
    seen = {"code": code, "value": value, "unit": unit, "at": "2026-11-20"}
    taken = [{"drug": "naproxen", "status": "active", "start": "2026-11-01"}]
    return whole.assess(cursor, {"person": person, "observations": [seen], "medications": taken}, doubts=True)


@pytest.mark.parametrize(
    ("value", "fires", "limit"),
    [
        (">8", True, "fact_bound_used"),
        (">4", True, "fact_bound_used"),
        (">=4", False, "fact_bound"),
        (">3", False, "fact_bound"),
        ("<1.5", False, "fact_bound_used"),
        ("<2", False, "fact_bound"),
        ("8", True, None),
    ],
)
def test_an_inr_known_as_a_bound(cursor: Cursor, value: str, fires: bool, limit: str | None) -> None:
    found = _assessed(cursor, "inr", value)
    assert ("bleeding.inr_high" in whole.fired(found)) == fires
    told = [row for row in found.limits if row["code"].startswith("fact_bound")]
    assert [row["code"] for row in told] == ([limit] if limit else [])
    assert all(value in row["say"] for row in told)


@pytest.mark.parametrize(
    ("value", "fires"),
    [("<15", True), ("<30", None), (">60", False), (">90", False), (">59", None), (">=60", None)],
)
def test_an_egfr_known_as_a_bound(cursor: Cursor, value: str, fires: bool | None) -> None:
    """A NSAID with severe kidney disease: yes, no, or cannot tell (and then it is said)."""
    found = _assessed(cursor, "egfr", value, "mL/min/1.73m2")
    assert ("kidney.nsaid_severe" in whole.fired(found)) == (fires is True)
    assert any(row["code"] == "fact_bound" for row in found.limits) == (fires is None)


CASES = [
    (fact, comparator + f"{float(bounds[end]) + step * UNIT.get(fact, 1):g}", decided)
    for fact, bounds in BOUNDS.items()
    for end, cases in (
        (
            "decided_above",
            ((">", 0, True), (">=", 0, False), (">", -1, False), (">=", 1, True), (">", 1, True)),
        ),
        (
            "decided_below",
            (("<", 0, True), ("<=", 0, False), ("<", 1, False), ("<=", -1, True), ("<", -1, True)),
        ),
    )
    for comparator, step, decided in cases
]


@pytest.mark.parametrize(("fact", "value", "decided"), CASES)
def test_every_laboratory_bound_just_below_at_and_above_its_ends(
    cursor: Cursor, fact: str, value: str, decided: bool
) -> None:
    """Beyond the last cut-point a bound is used and said; short of it nothing is read from it, and that is said."""
    found = _assessed(cursor, fact, value, UNITS.get(fact))
    told = {row["code"]: row["say"] for row in found.limits if row["facts"] == [fact]}
    assert ("fact_bound_used" in told, "fact_bound" in told) == (decided, not decided), told
    assert all(value in say for code, say in told.items() if code.startswith("fact_bound"))
    cells = cursor.execute("SELECT DISTINCT value::DOUBLE FROM fact_cells WHERE fact = ?", [fact]).fetchall()
    assert bool(cells) is decided
    if decided:
        number = float(value.lstrip("<>="))
        assert all((cell > number) == (value[0] == ">") or value[1] == "=" for (cell,) in cells)


@pytest.mark.parametrize(("fact", "row"), sorted(BOUNDS.items()))
def test_a_used_bound_answers_every_cut_point_as_any_value_beyond_it_would(
    fact: str, row: dict[str, str]
) -> None:
    """The number that stands for a bound lies on the same side of each cut-point as all values it allows."""
    above, below = float(row["decided_above"]), float(row["decided_below"])
    for cut in _cuts(fact):
        for far in (above + 1, above * 10):
            assert (above + 0.000001 > cut) == (far > cut) and (above + 0.000001 >= cut) == (far >= cut)
        for far in (below - 1, 0.0):
            assert (below - 0.000001 < cut) == (far < cut) and (below - 0.000001 <= cut) == (far <= cut)
