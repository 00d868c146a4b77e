"""The clinic's own rules: taken from the settings folder or by `--rules`, stated in versions, refused with their place."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from tests.cli.program import run

RULE = """
[[rule]]
id = "clinic.long_visit"
tier = "CAUTION"
about = "person"
when = "any_active('opioid_any') and age_years >= 50"
say = "{opioids} at age {age_years}."
do = "Book a longer visit."
source = "meeting of 4 May"
strength = "local"
checked = 2026-05-04
"""
RECORD = {
    "person": {"person": "P1", "birth_date": "1960-01-01", "sex": "female"},
    "problems": [{"condition": "knee_oa"}],
    "medications": [{"drug": "oxycodone 10 mg tablet", "sig": "1 tablet twice daily", "start": "2026-10-01"}],
}
Assess = Callable[..., "CompletedProcess[str]"]


@pytest.fixture
def assess(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Assess:
    """`assess --record` of one person, with the settings folder inside tmp_path."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    record = tmp_path / "p.jsonl"
    record.write_text(json.dumps(RECORD) + "\n", encoding="utf-8")
    return lambda *before: run(*before, "assess", "--record", record, "--as-of", "2026-11-24")


def own(shape: dict[str, object]) -> list[dict[str, object]]:
    return [row for row in shape["findings"] if row["rule"].startswith("clinic.")]  # type: ignore[attr-defined,union-attr]


def test_rules_of_the_settings_folder_are_used_and_stated(assess: Assess, tmp_path: Path) -> None:
    plain = json.loads(assess().stdout)
    assert not own(plain) and "clinic_rules" not in plain["versions"]
    (tmp_path / "pain-tui").mkdir()
    (tmp_path / "pain-tui" / "rules.toml").write_text(RULE, encoding="utf-8")
    shape = json.loads(assess().stdout)
    (fired,) = own(shape)
    assert (fired["tier"], fired["say"], fired["source"]) == (
        "CAUTION",
        "oxycodone at age 66.",
        "meeting of 4 May",
    )
    assert len(shape["versions"]["clinic_rules"]) == 8
    assert [row for row in shape["findings"] if row not in own(shape)] == plain["findings"]
    assert not own(json.loads(assess("--rules", "none").stdout))


def test_a_named_file_is_used_instead(assess: Assess, tmp_path: Path) -> None:
    named = tmp_path / "named.toml"
    named.write_text(RULE.replace("long_visit", "named"), encoding="utf-8")
    (fired,) = own(json.loads(assess("--rules", named).stdout))
    assert fired["rule"] == "clinic.named"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (RULE.replace("age_years >= 50", "postcode = '1'"), "'postcode' is not a fact"),
        ("[[rule]\n", "cannot be read"),
        (RULE.replace("clinic.long_visit", "opioid.mme_50"), "starts with 'clinic.'"),
        ("x" * 1_000_001, "larger than a rule file can be"),
    ],
    ids=["fact", "toml", "id", "size"],
)
def test_a_bad_file_stops_the_answer_with_its_place(
    assess: Assess, tmp_path: Path, text: str, why: str
) -> None:
    named = tmp_path / "named.toml"
    named.write_text(text, encoding="utf-8")
    refused = assess("--rules", named)
    assert refused.returncode == 3 and refused.stdout == ""
    assert why in refused.stderr and "named.toml" in refused.stderr and "--rules none" in refused.stderr


def test_a_named_file_that_is_not_there_is_said(assess: Assess, tmp_path: Path) -> None:
    refused = assess("--rules", tmp_path / "gone.toml")
    assert refused.returncode == 3 and "gone.toml cannot be read" in refused.stderr
