"""The example resources of the CDC opioid guide: read as files, assessed as one person."""

import json
import os
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pain_tui.cli import main
from pain_tui.patients.readers import fhir
from pain_tui.patients.readers.base import Options

pytestmark = pytest.mark.external


def _run(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    with pytest.raises(SystemExit):
        main.run(list(words))
    return capsys.readouterr().out


@pytest.fixture
def assessed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """The example person on the day after the orders were written."""
    root = os.environ.get("PAIN_TUI_TEST_DATA")
    if not root:
        pytest.skip("PAIN_TUI_TEST_DATA is not set")
    files = sorted(str(file) for file in (Path(root) / "data" / "cdc_opioid_ig_examples").glob("*.json"))
    clinic = str(tmp_path / "examples.duckdb")
    _run(capsys, "init", clinic, "--fictional", "--no-encryption")
    _run(capsys, "import", clinic, "--declare-fictional", *files)
    said = _run(capsys, "assess", clinic, "FIC-opioid-review-indicated", "--as-of", "2025-07-22", "--json")
    return dict(json.loads(said))


def test_every_order_of_the_guide_counts_as_its_kind(assessed: dict[str, Any]) -> None:
    """Orders are one piece a day each, so amount and MME follow from the strengths in the names."""
    doses = {
        d["drug"]: (d["ingredient"], d["mme_per_day"], d["why_not"])
        for d in assessed["opioid"]["mme"]["doses"]
    }
    expected = {
        "12 HR hydromorphone hydrochloride 2 MG Extended Release Oral Capsule": ("hydromorphone", 10, None),
        "acetaminophen 300 MG / codeine phosphate 30 MG Oral Tablet [Tylenol with Codeine]": (
            "codeine", 4.5, None,
        ),
        "acetaminophen 325 MG / oxycodone hydrochloride 5 MG Oral Tablet [Percocet]": (
            "oxycodone", 7.5, None,
        ),
        "methadone hydrochloride 10 MG Oral Tablet [Dolophine]": ("methadone", 47, None),
        "tramadol hydrochloride 50 MG Oral Tablet [Ultram]": ("tramadol", 10, None),
        "fentanyl 0.2 MG Sublingual Tablet [Abstral]": ("fentanyl", None, "NO_FACTOR"),
        "levomethadyl 10 MG/ML Oral Solution": ("levomethadyl", None, "NO_FACTOR"),
        "buprenorphine 8 MG / naloxone 2 MG Sublingual Tablet": (
            "buprenorphine", None, "EXCLUDE_PARTIAL_AGONIST",
        ),
    }  # fmt: skip
    wrong = {drug: doses.get(drug) for drug, said in expected.items() if doses.get(drug) != said}
    assert wrong == {}


def test_two_opioids_without_a_factor_leave_a_lower_bound(assessed: dict[str, Any]) -> None:
    mme = assessed["opioid"]["mme"]
    counted = sum(dose["mme_per_day"] or 0 for dose in mme["doses"])
    assert (mme["state"], mme["total_mme_per_day"], mme["lower_bound"]) == ("cannot_total", None, counted)


def test_naloxone_inside_buprenorphine_is_not_rescue_naloxone(assessed: dict[str, Any]) -> None:
    """The guide's naloxone example is buprenorphine/naloxone: rescue naloxone is still offered."""
    assert assessed["opioid"]["naloxone"]["offer"] is True


def test_the_exclusions_of_the_guideline_silence_its_recommendations(assessed: dict[str, Any]) -> None:
    """Sickle cell disease, cancer and end-of-life are on this person's list."""
    silent = ("cdc2022.05", "cdc2022.07", "cdc2022.09")
    fired = [finding["rule"] for finding in assessed["findings"] if finding["rule"].startswith(silent)]
    assert fired == []


# What each file of the guide must become: (table, what it is, its value), or why it becomes nothing.
# `uds_acetyl_fentanyl` and `uds_noroxymorphone` are tests of those substances and stay apart from fentanyl and oxycodone.
BECOMES: dict[str, list[tuple[str, str, object]] | str] = {
    "CarePlan-pain-treatment": "ignored",
    "Condition-active-cancer-diagnosis": [("condition", "cancer", "Secondary malignant neoplasm of skin")],
    "Condition-active-cancer-problem-list": [
        ("condition", "cancer", "Malignant neoplasm of external upper lip")
    ],
    "Condition-end-of-life-diagnosis": [("condition", "liver_endstage", "End stage liver disease")],
    "Condition-end-of-life-problem-list": [("condition", "liver_endstage", "End stage liver disease")],
    "Condition-sickle-cell-encounter-diagnosis": [
        ("condition", "sickle_cell", "Sickle cell-hemoglobin D disease")
    ],
    "Condition-sickle-cell-problem-list": [("condition", "sickle_cell", "Sickle cell-hemoglobin D disease")],
    "Encounter-opioid-review-indicated-patient": "ignored",
    **{
        f"Medication-{name}": "ignored"  # read through the order that names it
        for name in (
            "amphetamine", "barbiturate", "benzodiazepine", "buprenorphine", "cns-depressant",
            "extended-release-opioid", "fentanyl", "methadone", "naloxone", "opiate", "opioid", "oxycodone",
        )
    },
    **{
        f"MedicationRequest-{name}-pain-management": [
            ("medication", "buprenorphine", 2.0), ("medication", "naloxone", 0.5),
        ]
        for name in ("acute", "subacute", "chronic")
    },
    "MedicationRequest-amphetamine": [("medication", "benzphetamine", 25.0)],
    "MedicationRequest-barbiturate": [
        ("medication", "acetaminophen", 325.0), ("medication", "butalbital", 50.0),
        ("medication", "caffeine", 40.0),
    ],
    "MedicationRequest-benzodiazepine": [("medication", "temazepam", 7.5)],
    "MedicationRequest-buprenorphine": [
        ("medication", "buprenorphine", 2.0), ("medication", "naloxone", 0.5),
    ],
    "MedicationRequest-cns-depressant": [("medication", "benzphetamine", 50.0)],
    "MedicationRequest-extended-release-opioid": [("medication", "hydromorphone", 2.0)],
    "MedicationRequest-fentanyl": [("medication", "fentanyl", 0.2)],
    "MedicationRequest-methadone": [("medication", "methadone", 10.0)],
    "MedicationRequest-mme": [("medication", "levomethadyl", None)],
    "MedicationRequest-naloxone": [("medication", "buprenorphine", 8.0), ("medication", "naloxone", 2.0)],
    "MedicationRequest-opiate": [("medication", "acetaminophen", 300.0), ("medication", "codeine", 30.0)],
    "MedicationRequest-opioid-review-patient": [("medication", "tramadol", 50.0)],
    "MedicationRequest-opioid": [("medication", "tramadol", 50.0)],
    "MedicationRequest-oxycodone": [("medication", "acetaminophen", 325.0), ("medication", "oxycodone", 5.0)],
    **{
        f"Observation-{name}-urine-drug-screening-result": [("observation", f"uds_{fact}", value)]
        for name, fact, value in (
            ("amphetamine", "amphetamines", "positive"), ("barbiturate", "barbiturates", "negative"),
            ("benzodiazepine", "benzodiazepines", "negative"), ("buprenorphine", "buprenorphine", "negative"),
            ("cannabinoid", "cannabinoids", "negative"), ("cocaine", "cocaine_metabolite", "negative"),
            ("fentanyl", "acetyl_fentanyl", "negative"), ("heroin", "heroin_6mam", "negative"),
            ("methadone", "methadone", "negative"), ("opiate", "opiates", "positive"),
            ("oxycodone", "noroxymorphone", "negative"), ("pcp", "phencyclidine", "negative"),
        )
    },
    "Observation-pdmp-review": "the future",  # dated after the day of the reading
    "Patient-opioid-review-indicated": [("person", "opioid-review-indicated", None)],
    "Practitioner-example": "ignored",
    "Procedure-opioid-misuse-assessment": [("observation", "opioid_risk_reviewed", "yes")],
    "Procedure-pain-management": [("treatment", "", "Chronic pain control management (procedure)")],
    "Procedure-pdmp-review": [("observation", "pdmp_reviewed", "yes")],
}  # fmt: skip
_NAMES = {"medication": "ingredient", "observation": "code", "condition": "comorbidity", "person": "person"}
_VALUES = {"medication": "dose", "observation": "text", "condition": "text", "treatment": "text"}


def test_every_file_of_the_guide_becomes_what_it_says() -> None:
    """File by file, so that a mismatch has a name; a file without a line here is a mismatch too."""
    root = os.environ.get("PAIN_TUI_TEST_DATA")
    if not root:
        pytest.skip("PAIN_TUI_TEST_DATA is not set")
    readings, errors = fhir.read(
        [Path(root) / "data" / "cdc_opioid_ig_examples"], Options(as_of=date(2025, 7, 22))
    )
    assert errors == []
    wrong = []
    for reading in readings:
        name = Path(str(reading.place)).stem
        found = [
            (table, row.get(_NAMES.get(table, "")) or "", row.get(_VALUES.get(table, "")))
            for table, rows in reading.rows.items()
            if table in {*_NAMES, *_VALUES}
            for row in rows
        ]
        expected = BECOMES.get(name, "not expected")
        said = (
            "ignored" if reading.ignored and not found else " ".join(p.sentence() for p in reading.problems)
        )
        if expected not in said if isinstance(expected, str) else found != expected:
            wrong.append(f"{name}: {found or said}, expected {expected}")
    assert wrong == []
    assert {Path(str(r.place)).stem for r in readings} == set(BECOMES)


def test_recommendations_of_the_guide_speak_where_no_exclusion_holds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same files without the six diagnoses that exclude the person."""
    root = os.environ.get("PAIN_TUI_TEST_DATA")
    if not root:
        pytest.skip("PAIN_TUI_TEST_DATA is not set")
    files = sorted(
        str(file)
        for file in (Path(root) / "data" / "cdc_opioid_ig_examples").glob("*.json")
        if not file.name.startswith("Condition-")
    )
    clinic = str(tmp_path / "examples.duckdb")
    _run(capsys, "init", clinic, "--fictional", "--no-encryption")
    _run(capsys, "import", clinic, "--declare-fictional", *files)
    said = _run(capsys, "assess", clinic, "FIC-opioid-review-indicated", "--as-of", "2025-07-22", "--json")
    found = {
        (row["codes"]["recommendation"], row["codes"]["action_code"])
        for row in json.loads(said)["findings"]
        if row["codes"].get("recommendation")
    }
    assert {
        ("R4", "LOWEST_EFFECTIVE_DOSE"), ("R8", "OFFER_NALOXONE"), ("R11", "CAUTION_COMBINATION"),
    } <= found  # fmt: skip
    # the risk was reviewed and the monitoring data looked at on the day before; a urine test is on record
    assert not {"R7", "R9", "R10A"} & {recommendation for recommendation, _ in found}
