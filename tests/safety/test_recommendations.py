"""Recommendations 1, 2, 3, 6 and 10 of the guideline: windows at their edges, and what stays open."""

from datetime import date, timedelta
from typing import Any

import duckdb
import pytest

from tests.safety import whole

Cursor = duckdb.DuckDBPyConnection
Row = dict[str, Any]
DAY = whole.AS_OF


def _ago(days: int) -> str:
    return (DAY - timedelta(days=days)).isoformat()


def _order(drug: str = "oxycodone", start: int = 0, **more: Any) -> Row:
    return {
        "drug": drug, "dose": 5, "unit": "mg", "per_day": 3, "start": _ago(start), "status": "active", **more,
    }  # fmt: skip


def _served(cursor: Cursor, record: Row) -> set[str]:
    found = whole.assess(cursor, record)
    return {row["codes"]["recommendation"] for row in found.findings if row["codes"].get("recommendation")}


@pytest.mark.parametrize(
    ("days", "one", "two", "six"),
    [
        (7, True, False, False),
        (8, True, False, True),
        (27, True, False, True),
        (28, False, True, False),
        (None, False, True, False),
    ],
)
def test_supply_tells_acute_from_longer(
    cursor: Cursor, days: int | None, one: bool, two: bool, six: bool
) -> None:
    served = _served(cursor, {"medications": [_order(supply_days=days) if days else _order()]})
    assert ("R1" in served, "R2" in served, "R6" in served) == (one, two, six)


@pytest.mark.parametrize(
    ("earlier", "naive"),
    [
        ([], True),
        ([_order("morphine", 200, stop=_ago(91))], True),
        ([_order("morphine", 200, stop=_ago(90))], True),
        ([_order("morphine", 200, stop=_ago(89))], False),
        ([_order("morphine", 2)], False),
        ([_order("morphine", 1)], True),
        ([_order("morphine", 30, status="entered-in-error")], True),
        ([_order("ibuprofen", 60)], True),
    ],
)
def test_a_long_acting_opioid_without_tolerance_is_a_stop(
    cursor: Cursor, earlier: list[Row], naive: bool
) -> None:
    """Ninety days back; what began today or yesterday does not count."""
    patch = {"drug": "fentanyl 25 mcg/h patch", "start": _ago(0), "status": "active"}
    fired = whole.fired(whole.assess(cursor, {"medications": [*earlier, patch]}))
    assert (fired.get("opioid.er_la_naive") == "STOP") is naive


def test_an_undated_course_leaves_tolerance_open(cursor: Cursor) -> None:
    patch = {"drug": "fentanyl 25 mcg/h patch", "start": _ago(0), "status": "active"}
    found = whole.assess(cursor, {"medications": [{"drug": "morphine", "status": "completed"}, patch]})
    assert "opioid.er_la_naive" not in whole.fired(found)
    assert any("opioid_naive" in limit["facts"] for limit in found.limits)


def _urine(test: str, result: str, days: int = 10) -> Row:
    return {"code": f"uds_{test}", "text": result, "at": _ago(days)}


@pytest.mark.parametrize(
    ("medicines", "test", "said"),
    [
        ([_order("amphetamine", 20)], _urine("amphetamines", "positive"), None),
        ([_order("amphetamine", 5)], _urine("amphetamines", "positive"), "R10B"),
        ([_order("amphetamine", 90, stop=_ago(41))], _urine("amphetamines", "positive"), "R10B"),
        ([_order("amphetamine", 90, stop=_ago(40))], _urine("amphetamines", "positive"), None),
        ([], _urine("opiates", "positive"), "R10B"),
        ([_order("hydrocodone", 30)], _urine("opiates", "positive"), None),
        ([_order("hydrocodone", 30)], _urine("opiates", "negative"), None),
        ([_order("morphine", 30)], _urine("opiates", "negative"), "R10C"),
        ([_order("oxycodone", 30)], _urine("oxycodone", "negative"), "R10C"),
        ([_order("oxycodone", 30, as_needed=True)], _urine("oxycodone", "negative"), None),
        ([_order("lorazepam", 30)], _urine("benzodiazepines", "negative"), None),
        ([_order("cocaine", 30)], _urine("cocaine_metabolite", "positive"), "R10B"),
        ([], _urine("cannabinoids", "positive"), None),
        ([], _urine("cocaine_metabolite", "positive", 366), None),
    ],
)  # fmt: skip
def test_a_urine_test_is_held_against_what_was_prescribed_then(
    cursor: Cursor, medicines: list[Row], test: Row, said: str | None
) -> None:
    served = _served(cursor, {"medications": medicines, "observations": [test]})
    assert served & {"R10B", "R10C"} == ({said} if said else set())


def test_without_a_confirmed_list_nobody_can_tell(cursor: Cursor) -> None:
    found = whole.assess(cursor, {"observations": [_urine("opiates", "positive")]})
    assert "cdc2022.10_unexpected_positive" not in whole.fired(found)
    assert any("uds_unexpected_positive" in limit["facts"] for limit in found.limits)


def test_a_recorded_result_is_a_test_done(cursor: Cursor) -> None:
    """Recommendation 10 asks for a test only where none is on record within 12 months."""
    order = {"medications": [_order(start=100)]}
    assert "R10A" in _served(cursor, order)
    assert "R10A" not in _served(cursor, {**order, "observations": [_urine("opiates", "negative", 300)]})
    assert "R10A" in _served(cursor, {**order, "observations": [_urine("opiates", "negative", 366)]})


@pytest.mark.parametrize("comorbidity", ["sickle cell disease", "breast cancer"])
def test_the_exclusions_silence_the_cards(cursor: Cursor, comorbidity: str) -> None:
    record = {
        "medications": [_order(start=100)],
        "conditions": [
            {
                "code": {"sickle cell disease": "D57.1", "breast cancer": "C50.9"}[comorbidity],
                "system": "icd10",
            }
        ],
        "observations": [_urine("cocaine_metabolite", "positive")],
    }
    assert not {"R1", "R2", "R5", "R6", "R7", "R9", "R10A", "R10B"} & _served(cursor, record)


def test_dates_are_those_of_the_assessment_not_of_today(cursor: Cursor) -> None:
    order = {"medications": [{**_order(supply_days=10), "start": "2023-05-01"}]}
    found = whole.assess(cursor, order, as_of=date(2023, 5, 1))
    assert whole.of(found, "cdc2022.06_quantity")


@pytest.mark.parametrize(
    "excluded",
    [
        {"conditions": [{"code": "C50.9", "system": "ICD-10-CM"}]},
        {"conditions": [{"code": "D57.1", "system": "ICD-10-CM"}]},
        {"conditions": [{"code": "Z51.5", "system": "ICD-10-CM"}]},
        {"observations": [{"code": "end_of_life_care", "value": "yes", "at": _ago(4)}]},
        {"person": {"person": "p", "age": 17}},
    ],
    ids=["cancer", "sickle cell disease", "palliative care", "end of life", "17 years"],
)
def test_no_recommendation_speaks_of_those_outside_the_guideline(cursor: Cursor, excluded: Row) -> None:
    """Each exclusion silences all of them; the label's warning on a benzodiazepine and naloxone's offer stay."""
    medications = [
        {
            "drug": "MS Contin 30 mg",
            "dose": 1,
            "unit": "tablet",
            "per_day": 2,
            "start": _ago(1),
            "status": "active",
        },
        {"drug": "lorazepam", "start": _ago(100), "status": "active"},
    ]
    record = {"medications": medications, "conditions": [], "person": {"person": "p", "age": 40}}
    assert {"R3", "R7", "R8", "R9", "R10A", "R11"} <= _served(cursor, record)
    found = whole.assess(cursor, {**record, **excluded}, doubts=True)
    assert not [row["rule"] for row in found.findings if row["codes"].get("recommendation")]
    assert "opioid.benzodiazepine" in whole.fired(found) and found.opioid["naloxone"]["offer"] is True


def test_eighteen_years_is_of_age(cursor: Cursor) -> None:
    record = {"medications": [_order(start=100)], "conditions": [], "person": {"person": "p", "age": 18}}
    assert "R9" in _served(cursor, record)
