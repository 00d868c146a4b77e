"""What cannot be said, in groups that are worked through: nothing is left out, blocks first."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pain_tui.report import limit_groups


def _limit(
    code: str, say: str, facts: list[str], blocks: bool = False, remedy: str = "Enter it."
) -> dict[str, Any]:
    return {"code": code, "say": say, "remedy": remedy, "facts": facts, "blocks": blocks}


LIMITS = [
    _limit("fact_missing", "QTc is not known. Bears on: methadone, nortriptyline.", ["qtc"]),
    _limit("fact_missing", "Angioedema is not known. Bears on: gabapentin.", ["has_angioedema_history"]),
    _limit("fact_missing", "CYP2D6 today is not known. Bears on: codeine.", ["cyp2d6_phenotype"]),
    _limit("fact_old", "INR is from 2026-01-01 and too old to use.", ["inr"], remedy="Measure it again."),
    _limit(
        "list_not_complete", "The medicine list has not been confirmed.", ["a", "b"], remedy="Confirm it."
    ),
    _limit("dose_missing", "The dose of codeine is not known.", [], remedy="Enter it."),
    _limit("fact_missing", "Self-harm risk is not known.", ["phq9_item9"], blocks=True),
    _limit("no_control", "There is no control.", [], remedy=""),
]


def test_each_kind_has_its_group_in_order() -> None:
    found = dict(limit_groups.grouped(LIMITS))
    assert list(found) == [h for h in limit_groups.ORDER if h in found]
    assert found[limit_groups.FIRST] == ["Self-harm risk is not known. Enter it."]
    assert found[limit_groups.MEASURE] == ["QTc (bears on: methadone, nortriptyline)"]
    assert found[limit_groups.ASK] == ["Angioedema (bears on: gabapentin)"]
    assert found[limit_groups.GENOTYPE] == ["CYP2D6 today (bears on: codeine)"]
    assert found[limit_groups.AGAIN] == ["INR is from 2026-01-01 and too old to use. Measure it again."]
    assert "2 open questions on it" in found[limit_groups.CONFIRM][0]
    assert found[limit_groups.OTHER] == ["There is no control."]


@given(st.lists(st.sampled_from(LIMITS)))
def test_nothing_is_left_out(limits: list[dict[str, Any]]) -> None:
    entries = [entry for _, group in limit_groups.grouped(limits) for entry in group]
    assert len(entries) == len({limit["say"] for limit in limits})
