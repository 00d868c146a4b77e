"""An invented clinic and one invented person in the shape of `assess --json`, as data.

Every name, number and estimate here is made up for the tests of the screens; none is a clinical fact.
"""

import json
from datetime import date
from pathlib import Path

from pain_tui.tui.chart import Chart, ClinicRow, Counts, Field, Identity

AS_OF = date(2026, 11, 20)
ASSESSMENT = json.loads((Path(__file__).parent / "fixture_assessment.json").read_text(encoding="utf-8"))
for _problem in ASSESSMENT["problems"]:
    for _number, _option in enumerate(_problem["options"], 1):
        _option.setdefault("position", _number)
        for _name, _value in (
            ("borrowed_from", None),
            ("declined", False),
            ("prior_relief_pct", None),
            ("stopped_drugs", ()),
        ):
            _option.setdefault(_name, _value)
        for _harm in _option.get("harm", []):
            _harm.setdefault("timeframe", None)

PEOPLE = [
    ("FIC-0042", "RIVERA, Ana", "SYN-0042", "female", 58, 7, 1, "today 09:20", "draft", (2, 3, 4, 3), "30"),
    ("FIC-0117", "OKAFOR, Samuel", "SYN-0117", "male", 71, 8, 0, "today 10:00", "none", (1, 0, 0, 1), "75"),
    ("FIC-0009", "HASSAN, Yusuf", "SYN-0009", "male", 39, 5, -1, "today 09:40", "signed", (0, 1, 2, 0), "20"),
    (
        "FIC-0088",
        "NOVAK, Petra",
        "SYN-0088",
        "female",
        66,
        7,
        0,
        "today 11:20",
        "draft",
        (0, 2, 0, 4),
        "cannot",
    ),
    (
        "FIC-0012",
        "ABRAMS, Joel",
        "SYN-0012",
        "male",
        48,
        3,
        -4,
        "today 08:40",
        "signed",
        (0, 0, 1, 0),
        "none",
    ),
    (
        "FIC-0070",
        "MOREAU, Alix [x]",
        "SYN-0070",
        "female",
        36,
        3,
        -3,
        "today 14:20",
        "signed",
        (0, 0, 0, 0),
        "none",
    ),
    ("FIC-0166", "WEISS, Otto", "SYN-0166", "male", 68, None, None, None, "none", (0, 0, 0, 6), "?"),
]


def clinic_rows() -> list[ClinicRow]:
    """The list before warnings are counted."""
    return [
        ClinicRow(p, name, record, sex, age, "axial low back pain", visit, nrs, change, "yes", plan)
        for p, name, record, sex, age, nrs, change, visit, plan, _, _ in PEOPLE
    ]


FIELDS = (
    Field(
        "nrs_average",
        "pain",
        "Pain, average (NRS)",
        "0-10",
        "average pain over the last week",
        0,
        10,
        value="7",
        at=date(2026, 11, 18),
        used=True,
    ),
    Field(
        "phq9_total",
        "mood",
        "Depression (PHQ-9)",
        "points",
        "PHQ-9 total",
        0,
        27,
        value="14",
        at=date(2026, 11, 18),
        used=True,
        warns="STOP",
    ),
    Field(
        "phq9_item9",
        "mood",
        "PHQ-9 item 9",
        "points",
        "thoughts of death or self-harm",
        0,
        3,
        value="1",
        at=date(2026, 11, 18),
        warns="STOP",
    ),
    Field(
        "isi_total",
        "sleep",
        "Insomnia (ISI)",
        "points",
        "Insomnia Severity Index, 7 questions, last two weeks",
        0,
        28,
        value="15",
        at=date(2026, 9, 12),
        validity_days=180,
        used=True,
        row_id="obs-isi",
    ),
    Field(
        "sleep_hours",
        "sleep",
        "Sleep, typical night",
        "h",
        "",
        0,
        24,
        value="5.5",
        at=date(2025, 11, 18),
        is_old=True,
    ),
    Field(
        "smoking",
        "smoking",
        "Smoking",
        "",
        "smoking status",
        choices=("current", "former", "never"),
        value="current",
        at=date(2026, 11, 18),
        used=True,
    ),
    Field("hba1c", "laboratory", "HbA1c", "%", "HbA1c", 3, 20, validity_days=180),
)

MEDICINES = (
    {
        "row_id": "m1",
        "drug": "tramadol 50 mg",
        "ingredient": "tramadol",
        "dose": 50.0,
        "dose_max": 50.0,
        "unit": "mg",
        "per_day": 3.0,
        "per_day_max": 3.0,
        "amount_per_day": 150.0,
        "amount_unit": "mg",
        "route": "oral",
        "as_needed": False,
        "active": True,
        "start": date(2026, 7, 3),
        "stop": None,
        "factor": 0.2,
        "mme_per_day": 30.0,
        "why_not": None,
    },
    {
        "row_id": "m2",
        "drug": "bupropion XL",
        "ingredient": "bupropion",
        "dose": 300.0,
        "dose_max": 300.0,
        "unit": "mg",
        "per_day": 1.0,
        "per_day_max": 1.0,
        "amount_per_day": 300.0,
        "amount_unit": "mg",
        "route": "oral",
        "as_needed": False,
        "active": True,
        "start": None,
        "stop": None,
        "factor": None,
        "mme_per_day": None,
        "why_not": None,
    },
    {
        "row_id": "m3",
        "drug": "gabapentin",
        "ingredient": "gabapentin",
        "dose": 600.0,
        "dose_max": 600.0,
        "unit": "mg",
        "per_day": 3.0,
        "per_day_max": 3.0,
        "amount_per_day": 1800.0,
        "amount_unit": "mg",
        "route": "oral",
        "as_needed": False,
        "active": False,
        "start": date(2024, 9, 1),
        "stop": date(2024, 12, 1),
        "factor": None,
        "mme_per_day": None,
        "why_not": None,
    },
)

TREATMENTS = (
    {
        "row_id": "t1",
        "option": "mbb_diagnostic",
        "drug": None,
        "text": None,
        "side": "right",
        "target": "L3-5",
        "date": date(2026, 9, 19),
        "nrs_before": 7.0,
        "nrs_after": 2.0,
        "relief_pct": 71.0,
        "lasted_weeks": None,
        "adverse_event": None,
        "stopped_because": None,
    },
    {
        "row_id": "t2",
        "option": "duloxetine",
        "drug": "duloxetine",
        "text": None,
        "side": None,
        "target": None,
        "date": date(2026, 3, 1),
        "nrs_before": None,
        "nrs_after": None,
        "relief_pct": None,
        "lasted_weeks": None,
        "adverse_event": "nausea",
        "stopped_because": "nausea",
    },
)

VISITS = (
    {"at": date(2026, 11, 18), "nrs": 7.0, "peg": 6.7, "mme": "30", "event": ""},
    {"at": date(2026, 9, 19), "nrs": 6.0, "peg": 6.3, "mme": "30", "event": "mbb diagnostic, right"},
    {"at": date(2026, 7, 3), "nrs": 8.0, "peg": 7.0, "mme": "30", "event": "tramadol started"},
    {"at": date(2026, 5, 8), "nrs": 7.0, "peg": 6.7, "mme": "20", "event": ""},
)

CHART = Chart(
    identity=Identity(
        "FIC-0042", "RIVERA, Ana", "SYN-0042", "female", date(1968, 3, 14), 58, 74, 64, ("penicillin (rash)",)
    ),
    as_of=AS_OF,
    assessment=ASSESSMENT,
    counts=Counts(2, 2, 1, 2),
    fields=FIELDS,
    medicines=MEDICINES,
    treatments=TREATMENTS,
    problems=(
        {
            "problem": "p1",
            "condition": "facet_lumbar",
            "text": "axial low back pain",
            "site": "lumbar",
            "side": "right",
            "level": "L4-5",
            "onset_date": date(2022, 8, 1),
            "confirmed_by": "block",
            "is_primary": True,
        },
    ),
    conditions=(
        {
            "text": "Atrial fibrillation",
            "comorbidity": "atrial_fibrillation",
            "onset": date(2023, 1, 1),
            "resolved": None,
        },
    ),
    visits=VISITS,
    trend={
        "state": "usual",
        "low": 5.2,
        "high": 8.8,
        "n": 4,
        "say": "All within the usual swing of 5 to 9: no real change.",
    },
    reviews={"medication": {"list": "medication", "complete": True, "at": date(2026, 11, 18)}},
    plan={"state": "draft", "options": ["rfa_lumbar_mb"], "at": date(2026, 11, 18)},
)
