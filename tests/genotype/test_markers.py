"""Markers of susceptibility and addiction: recorded, shown with their evidence, and of no weight anywhere."""

from datetime import date
from typing import Any

import pytest

from pain_tui.assess import engine
from pain_tui.assess.case import Run, from_records
from pain_tui.knowledge import load
from pain_tui.patients.normalise.records import normalise

AS_OF = date(2026, 11, 24)
MARKERS = [
    ("OPRM1", "rs1799971", "A/G"),
    ("DRD2", "rs6275", "A/G"),
    ("COMT", "rs6269", "A/G"),
    ("COMT", "rs4633", "C/T"),
    ("COMT", "rs4818", "C/G"),
    ("COMT", "rs4680", "A/G"),
]


def person(name: str, markers: list[tuple[str, str, str]], condition: str = "phn") -> dict[str, Any]:
    return {
        "person": {"person": name, "birth_date": "1970-05-05", "sex": "female"},
        "problems": [{"problem": "p", "condition": condition, "is_primary": True}],
        "medications": [],
        "conditions": [],
        "allergies": [],
        "devices": [],
        "treatments": [],
        "genotype": [{"gene": g, "rsid": r, "state": "called", "diplotype": d} for g, r, d in markers],
    }


@pytest.fixture(scope="module")
def cursor() -> Any:
    connection = load.connect()
    people = [
        person("with", MARKERS),
        person("without", []),
        person("other", [(g, r, d[::-1]) for g, r, d in MARKERS]),
        person("cpsp", MARKERS, "cpsp"),
    ]
    rows = [normalise(record, place=f"line {n}").case for n, record in enumerate(people, 1)]
    merged: dict[str, list] = {}
    for one in rows:
        for table, values in one.items():
            merged.setdefault(table, []).extend(values)
    from_records(connection, merged, Run(as_of=AS_OF))
    engine.run(connection)
    return connection


def dicts(cursor: Any, query: str) -> list[dict[str, Any]]:
    result = cursor.execute(query)
    names = [column[0] for column in result.description]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def test_recorded_with_evidence_and_weight_zero(cursor: Any) -> None:
    rows = {r["rsid"]: r for r in dicts(cursor, "SELECT * FROM markers WHERE person = 'with'")}
    assert set(rows) == {r for _, r, _ in MARKERS} and {r["weight"] for r in rows.values()} == {0}
    assert any("0.25 (0.16-0.35)" in e["effect"] and e["n"] == 8227 for e in rows["rs1799971"]["evidence"])
    assert rows["rs6275"]["evidence"] == [] and "No association" in rows["rs6275"]["say"]
    assert "research only" in rows["rs4680"]["say"]


def test_options_without_opioids_come_first_only_with_a_recorded_marker(cursor: Any) -> None:
    rows = dicts(cursor, "SELECT * FROM without_opioids")
    assert {r["person"] for r in rows} == {"with", "other", "cpsp"}
    assert "52.83 %" in rows[0]["say"] and not any("opioid" in r["option"] for r in rows)


def test_a_condition_without_a_known_marker_says_so(cursor: Any) -> None:
    said = {r["person"]: r["say"] for r in dicts(cursor, "SELECT * FROM marker_conditions")}
    assert said["with"].startswith("No genetic marker is known") and said["cpsp"].startswith(
        "Studied markers exist"
    )


@pytest.mark.parametrize("table", ["forecast", "plan", "findings", "harms"])
def test_markers_change_nothing_else(cursor: Any, table: str) -> None:
    """The same person with, without and with permuted markers: same probabilities, tiers and order."""
    by_person = {
        name: dicts(cursor, f"SELECT * EXCLUDE (person) FROM {table} WHERE person = '{name}' ORDER BY ALL")
        for name in ("with", "without", "other")
    }
    assert by_person["with"] == by_person["without"] == by_person["other"]
    assert by_person["with"] or table == "findings"
