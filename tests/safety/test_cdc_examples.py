"""The example resources of the CDC opioid guide: read as files, assessed as one person."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from pain_tui.cli import main

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
