"""The verb `knowledge`: version and counts, its checks, the rules, and the source behind a row."""

import json
from pathlib import Path

import pytest

from tests.cli.program import run


def test_version_age_and_counts() -> None:
    ended = run("knowledge", "--json", "--as-of", "2026-12-24")
    shape = json.loads(ended.stdout)
    assert ended.returncode == 0 and list(shape)[:2] == ["schema", "versions"]
    assert shape["version"] == shape["versions"]["knowledge"] and len(shape["version"]) == 19
    assert shape["age_days"] == 30
    assert shape["rules"]["total"] == sum(shape["rules"][tier] for tier in ("STOP", "CAUTION", "NOTE")) >= 60
    assert {"table": "facts", "rows": shape["facts"]} in shape["tables"]


def test_the_check_passes() -> None:
    ended = run("knowledge", "--check")
    assert (ended.returncode, ended.stdout) == (0, "The knowledge passes its checks.\n")


def test_rules_are_listed_with_their_source() -> None:
    listed = json.loads(run("knowledge", "rules", "--tier", "stop", "--json").stdout)["rules"]
    assert {rule["tier"] for rule in listed} == {"STOP"}
    item9 = next(rule for rule in listed if rule["id"] == "mood.self_harm_item9")
    assert item9["blocks_when_unknown"] and item9["names"] == ["phq9_item9"] and item9["source"] == "PHQ9"
    assert item9["title"] == "thoughts of death or self-harm (PHQ-9 item 9)"
    assert all(rule["title"] for rule in listed)
    assert "what  thoughts of death" in run("knowledge", "rules", "--tier", "stop").stdout


def test_a_clinics_own_file_is_checked_and_shown_apart(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(
        '[[rule]]\nid = "clinic.a"\ntier = "NOTE"\nabout = "person"\nwhen = "age_years > 90"\n'
        'say = "Very old."\n'
        'do = "Ask a geriatrician."\nsource = "clinic"\nstrength = "local"\nchecked = 2026-01-01\n',
        encoding="utf-8",
    )
    assert "clinic.a  (the clinic's own)" in run("knowledge", "rules", "--own", own).stdout
    own.write_text(own.read_text(encoding="utf-8").replace("age_years", "postcode"), encoding="utf-8")
    refused = run("knowledge", "rules", "--own", own)
    assert refused.returncode == 3 and "own.toml, rule clinic.a, character 1" in refused.stderr


def test_the_source_of_a_row() -> None:
    found = json.loads(run("knowledge", "source", "r001", "--json").stdout)["sources"]
    assert found[0]["doi"] == "10.1111/j.1526-4637.2010.00908.x" and found[0]["how_seen"] == "read"


@pytest.mark.parametrize("words", [("source", "no.such"), ("rules", "--tier", "LOUD")])
def test_what_does_not_exist_is_wrong_usage(words: tuple[str, ...]) -> None:
    ended = run("knowledge", *words)
    assert ended.returncode == 2 and ended.stdout == ""


def test_firing_counts_people_of_a_clinic(tmp_path: Path) -> None:
    clinic = tmp_path / "clinic.duckdb"
    assert run("sample", "--people", "40", "--seed", "3", "--out", clinic).returncode == 0
    shape = json.loads(run("knowledge", "firing", clinic, "--as-of", "2026-11-20", "--json").stdout)
    assert shape["people"] == 40
    assert shape["median"]["STOP"] <= 1 and shape["median"]["CAUTION"] <= 3
    assert all(0 < row["people"] <= 40 for row in shape["rules"])
