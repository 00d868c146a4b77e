"""The opioid panel: every dose with its factor, what is not known in words, items before the number."""

from types import SimpleNamespace
from typing import Any

import pytest

from pain_tui.assess import instrument_panel
from pain_tui.tui.panes import opioid
from pain_tui.tui.widgets.lines import plain

ORT = (
    "fam_alcohol",
    "fam_illegal",
    "fam_rx",
    "pers_alcohol",
    "pers_illegal",
    "pers_rx",
    "psych_major",
    "depression",
)
NONE = {f"ort_{item}": False for item in ORT}


def _dose(**more: Any) -> dict[str, Any]:
    return {
        "drug": "hydromorphone", "per_day": 16.0, "unit": "mg", "factor": 5.0, "mme_per_day": 80.0, "included": True,
        "why_not": None, "source": "Dowell 2022 doi:x repo y", "factor_cdc2016": 4.0, "doubt": None, **more,
    }  # fmt: skip


def _panel(facts: dict[str, Any], width: int = 70, rates: dict[str, float] | None = None, **more: Any) -> str:
    mme = {"state": "total", "total_mme_per_day": 80.0, "scheduled_mme_per_day": 80.0, "lower_bound": 80.0,
           "reason": None, "doses": [_dose()], **more}  # fmt: skip
    shape = {
        "mme": mme,
        "co_sedation": ["opioid.benzodiazepine"],
        "naloxone": {"offer": None, "reasons": [], "consider": ["AGE_65"], "not_known": ["has_sleep_apnoea"]},
        "instruments": instrument_panel.of_facts(facts, base_rates=rates),
    }
    told = [
        {"rule": "opioid.benzodiazepine", "tier": "STOP", "say": "hydromorphone with diazepam: breathing."}
    ]
    chart: Any = SimpleNamespace(assessment={"opioid": shape}, findings=told)
    return plain(opioid.panel(chart, width))


def test_a_dose_stands_with_its_factor_the_2016_one_and_its_source() -> None:
    text = _panel({"opioid_active": True})
    assert "hydromorphone: 16 mg a day x 5 = 80 MME" in text
    assert "2016 factor 4" in text and "Source: Dowell 2022 doi:x" in text
    assert "never use MME to convert" in text
    assert "STOP" in text and "hydromorphone with diazepam" in text


def test_what_is_not_known_is_said_and_the_lower_bound_stands() -> None:
    text = _panel(
        {"opioid_active": True},
        state="cannot_total",
        total_mme_per_day=None,
        reason="codeine has no usable dose",
    )
    assert "cannot total: codeine has no usable dose" in text
    assert "At least 80 MME a day" in text
    assert "cannot tell" in text and "has sleep apnoea" in text
    assert "none while items are missing" in text


def test_the_answers_come_before_the_number_and_the_base_rate_is_named() -> None:
    facts = {
        "opioid_active": True,
        "age_years": 40,
        "sex": "female",
        **NONE,
        "ort_pers_rx": True,
        "ort_depression": True,
    }
    text = _panel(facts)
    assert text.index("personal history: prescription drugs") < text.index("3, high")
    assert "Vowles 2015" in text and "ort_oud_base_rate" in text
    own = _panel(facts, rates={"ORT-OUD": 0.35})
    assert "350 have it" in " ".join(own.split()) and "ort_oud_base_rate" not in own


@pytest.mark.parametrize("width", [40, 70, 110])
def test_no_line_is_wider_than_the_pane(width: int) -> None:
    text = _panel({"opioid_active": True, **NONE, "age_years": 70}, width)
    assert [row for row in text.splitlines() if len(row) > width] == []
