"""Naloxone: each trigger alone beside a small opioid dose, just below and at its limit, and what suppresses it."""

from typing import Any

import duckdb
import pytest

from tests.safety import whole

Cursor = duckdb.DuckDBPyConnection
Row = dict[str, Any]


def _taking(drug: str, **more: Any) -> Row:
    return {"drug": drug, "start": "2026-09-01", "status": "active", **more}


SMALL = _taking("oxycodone", route="oral", dose=5, unit="mg", per_day=2)  # 15 MME a day


def _record(
    *,
    medications: tuple[Row, ...] = (),
    codes: tuple[str, ...] = (),
    facts: tuple[tuple[str, object], ...] = (),
    age: int = 40,
    sex: str = "male",
    opioid: bool = True,
) -> Row:
    """A person about whom all lists are stated, with a small opioid dose unless told otherwise."""
    return {
        "person": {"person": "p", "age": age, "sex": sex},
        "medications": [*([SMALL] if opioid else []), *medications],
        "conditions": [{"code": code, "system": "ICD-10-CM", "onset": "2020-01-01"} for code in codes],
        "observations": [
            {
                "code": code,
                "value": value,
                "at": "2026-11-20",
                **({"unit": "mL/min/1.73m2"} if code == "egfr" else {}),
            }
            for code, value in facts
        ],
        "allergies": [],
        "devices": [],
        "treatments": [],
    }


def _morphine(dose: float) -> tuple[Row, ...]:
    return (_taking("morphine", route="oral", dose=dose, unit="mg", per_day=2),)


OFFERED = [
    ("50 MME", {"medications": _morphine(17.5)}, ["MME_GE_50"]),
    ("benzodiazepine", {"medications": (_taking("lorazepam"),)}, ["BENZODIAZEPINE"]),
    ("gabapentinoid", {"medications": (_taking("pregabalin"),)}, ["CNS_DEPRESSANT"]),
    ("muscle relaxant", {"medications": (_taking("cyclobenzaprine"),)}, ["CNS_DEPRESSANT"]),
    ("z-drug", {"medications": (_taking("zolpidem"),)}, ["CNS_DEPRESSANT"]),
    ("AUDIT at 8", {"facts": (("audit", 8),)}, ["CNS_DEPRESSANT"]),
    ("overdose", {"codes": ("T40.2X1A",)}, ["PRIOR_OVERDOSE"]),
    ("cocaine", {"codes": ("F14.20",)}, ["SUD_HISTORY"]),
    ("cannabis in remission", {"codes": ("F12.21",)}, ["SUD_HISTORY"]),
    ("opioid use disorder", {"codes": ("F11.20",)}, ["SUD_HISTORY", "OUD"]),
    ("sleep apnoea", {"codes": ("G47.33",)}, ["SLEEP_DISORDERED_BREATHING"]),
    ("obesity hypoventilation", {"codes": ("E66.2",)}, ["SLEEP_DISORDERED_BREATHING"]),
    ("lost tolerance", {"facts": (("hospital_stay_recent", "yes"),)}, ["TOLERANCE_LOSS"]),
    ("street drugs", {"facts": (("illicit_supply", "yes"),)}, ["ILLICIT_SUPPLY"]),
    ("street drugs alone", {"facts": (("illicit_supply", "yes"),), "opioid": False}, ["ILLICIT_SUPPLY"]),
    (
        "pregnant with opioid use disorder",
        {"facts": (("pregnant", "yes"),), "codes": ("F11.20",), "sex": "female"},
        ["SUD_HISTORY", "OUD", "PREGNANCY_OUD"],
    ),
    (
        "naloxone in a film is no rescue naloxone",
        {"medications": (_taking("Suboxone 8-2 mg film"), _taking("lorazepam")), "opioid": False},
        ["BENZODIAZEPINE"],
    ),
]
TALKED_OF = [
    ("65 years", {"age": 65}, ["AGE_65"]),
    ("eGFR below 60", {"facts": (("egfr", 59.9),)}, ["RENAL_HEPATIC"]),
    ("kidney disease by its diagnosis", {"codes": ("N18.4",)}, ["RENAL_HEPATIC"]),
    ("kidney disease without a stage", {"codes": ("N18.9",)}, ["RENAL_HEPATIC"]),
    ("cirrhosis", {"codes": ("K74.60",)}, ["RENAL_HEPATIC"]),
    ("COPD", {"codes": ("J44.9",)}, ["COPD"]),
    ("children at home", {"facts": (("children_at_home", "yes"),)}, ["HOUSEHOLD_RISK"]),
    ("several prescribers", {"facts": (("several_prescribers", "yes"),)}, ["MULTIPLE_PRESCRIBERS"]),
]
NEITHER: list[tuple[str, Row]] = [
    ("a small dose", {}),
    ("just below 50 MME", {"medications": _morphine(17.45)}),
    ("AUDIT at 7", {"facts": (("audit", 7),)}),
    ("64 years", {"age": 64}),
    ("eGFR of 60", {"facts": (("egfr", 60),)}),
    ("an adverse effect is no overdose", {"codes": ("T40.2X5A",)}),
    ("underdosing is no overdose", {"codes": ("T40.2X6A",)}),
    ("no opioid", {"medications": (_taking("lorazepam"),), "opioid": False}),
    (
        "rescue naloxone at home",
        {"medications": (_taking("naloxone nasal spray 4 mg"), _taking("lorazepam"))},
    ),
]


@pytest.mark.parametrize(("name", "person", "triggers"), OFFERED, ids=[case[0] for case in OFFERED])
def test_each_trigger_alone_gives_the_offer(
    cursor: Cursor, name: str, person: Row, triggers: list[str]
) -> None:
    found = whole.assess(cursor, _record(**person), doubts=True).opioid["naloxone"]
    assert (found["offer"], found["triggers"]) == (True, triggers)


@pytest.mark.parametrize(("name", "person", "reasons"), TALKED_OF, ids=[case[0] for case in TALKED_OF])
def test_each_further_reason_alone_gives_the_talk(
    cursor: Cursor, name: str, person: Row, reasons: list[str]
) -> None:
    found = whole.assess(cursor, _record(**person), doubts=True).opioid["naloxone"]
    assert (found["offer"], found["consider"]) == (False, reasons)


@pytest.mark.parametrize(("name", "person"), NEITHER, ids=[case[0] for case in NEITHER])
def test_nothing_is_offered_without_a_reason(cursor: Cursor, name: str, person: Row) -> None:
    found = whole.assess(cursor, _record(**person), doubts=True).opioid["naloxone"]
    assert (found["offer"], found["triggers"], found["consider"]) == (False, [], [])
