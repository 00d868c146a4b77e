"""The codes of the look-up rows stand in the result, whether a rule, a row's own finding or nothing tells them."""

import duckdb
import pytest

from tests.safety import whole

Cursor = duckdb.DuckDBPyConnection


@pytest.mark.parametrize(
    ("drug", "age", "crcl", "rule", "row", "severity", "action"),
    [
        ("morphine", 50, 29.9, "kidney.morphine", "DCO002", "avoid", "AVOID"),
        ("morphine", 50, 30, "DCO001", "DCO001", "caution", "REDUCE_DOSE"),
        ("alprazolam", 65, 90, "age.sedating", "DCO183", "avoid", "AVOID"),
        ("tramadol ER", 50, 29.9, "DCO011", "DCO011", "avoid", "AVOID"),
        ("tramadol", 50, 29.9, "DCO010", "DCO010", "reduce_dose", "REDUCE_DOSE"),
        ("gabapentin", 50, 60, None, "DCO017", "info", "DOSE_BAND"),
    ],
)
def test_the_codes_of_a_row_stand_in_the_result_whoever_tells_it(
    cursor: Cursor,
    drug: str,
    age: int,
    crcl: float,
    rule: str | None,
    row: str,
    severity: str,
    action: str,
) -> None:
    """A rule that stands for a row carries its codes; a row that only informs stands among the look-ups."""
    record = {
        "person": {"person": "p", "age": age, "sex": "male"},
        "medications": [{"drug": drug, "start": "2026-09-01", "status": "active"}],
        "observations": [{"code": "crcl", "value": crcl, "unit": "mL/min", "at": "2026-11-20"}],
        "conditions": [],
    }
    found = whole.assess(cursor, record)
    codes = {"severity": severity, "action_code": action}
    (told,) = [one for one in found.lookups if one["row"] == row]
    assert codes.items() <= told.items() and told["say"]
    if rule:
        (finding,) = whole.of(found, rule)
        assert codes.items() <= finding["codes"].items()
        assert [one["row"] for one in finding["rows"]][:1] == ([] if rule == row else [row])
