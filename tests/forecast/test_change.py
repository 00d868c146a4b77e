"""What would change the first option: against the plain oracle, value by value."""

import math
from typing import Any

import duckdb
import pytest

from pain_tui.assess import engine
from pain_tui.forecast import step
from pain_tui.knowledge import load
from tests.forecast import people
from tests.oracle import forecast as oracle

PLAIN = oracle.model()
TFESI_FACTS = {
    "phq9_total": 9.5,
    "bmi_kg_m2": 25.0,
    "mme_per_day": 0.0,
    "nrs_average": 6.4,
    "age_years": 57.0,
    "sex": "female",
    "pain_duration_months": 12.0,
}


def changed(one: dict[str, Any], first: str) -> list[dict[str, Any]]:
    """would_change of one person whose plan has `first` on top and all options in one group."""
    c = load.connect(only=(*people.KNOWLEDGE, "facts")).cursor()
    people.lay(c, [one])
    step.run(c)
    _plan(c, first)
    engine.run_only(c, "115_would_change")
    return people.table(c, "would_change")


def _plan(c: duckdb.DuckDBPyConnection, first: str) -> None:
    c.execute(
        "CREATE OR REPLACE TEMP TABLE plan AS SELECT person, problem, option, "
        "row_number() OVER (ORDER BY option <> ?, option) AS position, 'x' AS part, 'g' AS order_group "
        "FROM options",
        [first],
    )
    c.execute(
        "CREATE OR REPLACE TEMP TABLE undecided (person VARCHAR, problem VARCHAR, option VARCHAR, "
        "drug VARCHAR, "
        "fact VARCHAR, bears_on VARCHAR, tier VARCHAR, blocks BOOLEAN, question VARCHAR)"
    )
    c.execute(
        "INSERT INTO undecided "
        "SELECT person, '', 'tfesi', NULL, 'platelets', 'x', 'STOP', true, 'q' FROM options"
    )


def test_a_missing_item_against_the_oracle() -> None:
    one = {"person": "A", "condition": "lumbar_radicular", "options": ["tfesi", "prf_drg"], **TFESI_FACTS}
    rows = {(r["option"], r["input"]): r for r in changed(one, "tfesi")}
    extras = {}
    for grade in ("low", "high"):
        facts = TFESI_FACTS | {"mri_nerve_compression_grade": grade}
        for option in ("tfesi", "prf_drg"):
            made = oracle.forecast(PLAIN, facts, "lumbar_radicular", option)
            assert made is not None
            extras[grade, option] = made["extra"]
    expected = sum(0.5 for grade in ("low", "high") if extras[grade, "prf_drg"] > extras[grade, "tfesi"])
    row = rows["tfesi", "low-grade nerve root compression"]
    assert row["state"] == "missing" and row["chance"] == pytest.approx(expected)
    known = oracle.forecast(
        PLAIN, TFESI_FACTS | {"mri_nerve_compression_grade": "low"}, "lumbar_radicular", "tfesi"
    )
    assert known is not None and 0 < row["narrows"] < 1


def test_nothing_would_change_the_choice_is_an_answer() -> None:
    one = {"person": "A", "condition": "lumbar_radicular", "options": ["tfesi"], **TFESI_FACTS}
    (row,) = [r for r in changed(one, "tfesi") if r["state"] == "missing" and "compression" in r["input"]]
    assert row["chance"] == 0 and row["what"].startswith("no result would change the first option")


def test_changeable_only_towards_better() -> None:
    one = {"person": "A", "condition": "psps2", "options": ["scs_tonic"]}
    smokes = [r for r in changed(one | {"current_smoker": True}, "scs_tonic") if r["input"] == "smokes now"]
    assert [r["state"] for r in smokes] == ["changeable"] and smokes[0]["response_moves"] > 0
    assert "association, not cause" in smokes[0]["what"]
    assert not [
        r for r in changed(one | {"current_smoker": False}, "scs_tonic") if r["input"] == "smokes now"
    ]


def test_gates_and_open_stop_rules_are_named() -> None:
    one = {"person": "A", "condition": "psps2", "options": ["scs_10khz", "tfesi"]}
    rows = changed(one, "scs_10khz")
    gate = next(r for r in rows if r["state"] == "gate")
    assert gate["option"] == "scs_10khz" and gate["chance"] == pytest.approx(0.23)
    rule = [r for r in rows if r["state"] == "rule"]
    assert [(r["option"], r["fact"], r["chance"]) for r in rule] == [("tfesi", "platelets", None)]


def _logit(p: float) -> float:
    return math.log(p / (1 - p))


def test_what_knowing_narrows_is_the_average_over_its_values() -> None:
    """The variance left is that with the item known, averaged over the population: its slope stays unknown."""
    one = {"person": "A", "condition": "lumbar_radicular", "options": ["tfesi", "prf_drg"], **TFESI_FACTS}
    rows = {(r["option"], r["input"]): r for r in changed(one, "tfesi")}
    row = rows["tfesi", "low-grade nerve root compression"]
    term = next(t for t in PLAIN["terms"] if t["label"] == row["input"])

    def asked(**more: Any) -> dict[str, float]:
        made = oracle.forecast(PLAIN, TFESI_FACTS | more, "lumbar_radicular", "tfesi")
        assert made is not None
        return made

    now = asked()
    shares = {"low": term["mean"], "high": 1 - term["mean"]}
    halves = {
        g: _logit((m := asked(mri_nerve_compression_grade=g))["hi"]) - _logit(m["p_response"]) for g in shares
    }
    half = sum(share * halves[g] ** 2 for g, share in shares.items()) ** 0.5
    middle = _logit(now["p_response"])
    width = oracle.expit(middle + half) - oracle.expit(middle - half)
    assert row["narrows"] == pytest.approx(1 - width / (now["hi"] - now["lo"]), abs=1e-9)
