"""The opioid panel's questionnaires of six people at three base rates, byte for byte.

Written anew with PAIN_TUI_GOLDEN=write; read the difference before it is kept.
"""

import json
import os
from pathlib import Path
from typing import Any

from pain_tui.assess import instrument_panel

GOLDEN = Path(__file__).parent / "golden" / "opioid_panel.json"
RATES = (0.01, 0.05, 0.35)
NONE = dict.fromkeys(
    [
        f"ort_{item}"
        for item in (
            "fam_alcohol",
            "fam_illegal",
            "fam_rx",
            "pers_alcohol",
            "pers_illegal",
            "pers_rx",
            "psych_major",
            "depression",
        )
    ],
    False,
)
RIOSORD = dict.fromkeys(
    (
        "has_opioid_use_disorder",
        "has_cirrhosis",
        "has_hepatitis_c",
        "has_bipolar",
        "has_schizophrenia",
        "has_ckd",
        "has_copd",
        "has_asthma",
        "traumatic_injury",
        "has_sleep_apnoea",
        "opioid_er_la_active",
        "methadone_active",
        "oxycodone_active",
        "ssri_active",
        "snri_active",
        "tca_active",
        "benzodiazepine_active",
        "ed_visit_6_months",
        "hospital_stay_6_months",
    ),
    False,
)
PEOPLE: dict[str, dict[str, Any]] = {
    "nothing known, on an opioid": {"opioid_active": True},
    "not on an opioid": {"opioid_active": False, "phq9_total": 6, "phq9_item9": 0},
    "low, complete": {
        "opioid_active": True,
        "sex": "female",
        "age_years": 70,
        "ort_preadolescent_sexual_abuse": False,
        **NONE,
        **RIOSORD,
        "mme_per_day": 15.0,
        "peg_pain": 4,
        "peg_enjoyment": 5,
        "peg_activity": 6,
    },
    "high, complete": {
        "opioid_active": True,
        "sex": "male",
        "age_years": 30,
        **NONE,
        "ort_pers_rx": True,
        "ort_fam_alcohol": True,
        "ort_depression": True,
        **RIOSORD,
        "has_opioid_use_disorder": True,
        "benzodiazepine_active": True,
        "mme_per_day": 120.0,
        "phq9_total": 21,
        "phq9_item9": 2,
    },
    "one item missing": {
        "opioid_active": True,
        "sex": "female",
        "age_years": 45,
        **NONE,
        "ort_pers_rx": None,
    },
    "totals only": {
        "opioid_active": True,
        "sex": "female",
        "ort_oud": 3,
        "riosord_vha": 33,
        "soapp_r": 18,
        "comm": 8,
        "stop_bang": 5,
    },
}


def _panel() -> str:
    shown = {
        name: {f"{rate:g}": instrument_panel.of_facts(facts, base_rates={"ORT-OUD": rate}) for rate in RATES}
        for name, facts in PEOPLE.items()
    }
    return json.dumps(shown, indent=1, ensure_ascii=False) + "\n"


def test_the_panel_is_as_it_was_read() -> None:
    found = _panel()
    if os.environ.get("PAIN_TUI_GOLDEN") == "write":
        GOLDEN.write_text(found, encoding="utf-8")
    assert found == GOLDEN.read_text(encoding="utf-8")


def test_items_stand_before_the_number_and_a_missing_item_leaves_none() -> None:
    shown = instrument_panel.of_facts(PEOPLE["one item missing"])
    ort_oud = next(entry for entry in shown if entry["instrument"] == "ORT-OUD")
    keys = list(ort_oud)
    assert keys.index("items") < keys.index("score")
    assert (ort_oud["score"], "pers_rx" in ort_oud["why"]) == (None, True)
