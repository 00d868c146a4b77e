"""Mechanisms and the risk that pain stays: states by sign, and marks that never move a number."""

from typing import Any

import duckdb
import pytest

from pain_tui.assess import engine
from pain_tui.forecast import step
from pain_tui.knowledge import load
from tests.forecast import people

TABLES = (
    "conditions",
    "mechanisms",
    "mechanism_signs",
    "mechanism_options",
    "option_groups",
    "condition_groups",
    "chronic_risk_models",
    "interventions",
    "horizons",
)


def lay(condition: str, options: list[str], **facts: Any) -> duckdb.DuckDBPyConnection:
    c = load.connect(only=TABLES).cursor()
    people.lay(c, [{"person": "A", "condition": condition, "options": options}])
    c.execute(
        "CREATE OR REPLACE TEMP TABLE problems AS SELECT DISTINCT person, problem, condition FROM options"
    )
    c.execute(
        "CREATE OR REPLACE TEMP TABLE fact_cells (person VARCHAR, problem VARCHAR, fact VARCHAR, value VARCHAR)"
    )
    for name, value in facts.items():
        if value is not None:
            c.execute(
                "INSERT INTO fact_cells SELECT person, problem, ?, ? FROM problems", [name, text_of(value)]
            )
    return c


def text_of(value: Any) -> str:
    """A value as its cell holds it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def states(condition: str, **facts: Any) -> dict[str, str]:
    c = lay(condition, ["tfesi", "gabapentinoid"], **facts)
    engine.run_only(c, "125_mechanisms")
    return {r["mechanism"]: r["state"] for r in people.table(c, "mechanisms")}


@pytest.mark.parametrize(
    ("condition", "facts", "mechanism", "state"),
    [
        ("pdn", {}, "neuropathic", "supported"),
        ("knee_oa", {}, "neuropathic", "not known"),
        ("knee_oa", {"dn4_total": 3.0}, "neuropathic", "against"),
        ("knee_oa", {"dn4_total": 4.0}, "neuropathic", "supported"),
        ("pdn", {"dn4_total": 3.0}, "neuropathic", "not known"),
        ("knee_oa", {"paindetect": 12.9}, "neuropathic", "against"),
        ("knee_oa", {"paindetect": 15.0}, "neuropathic", "not known"),
        ("knee_oa", {"paindetect": 19.0, "dn4_total": 2.0}, "neuropathic", "not known"),
        ("knee_oa", {"fm_survey_positive": True}, "nociplastic", "supported"),
        ("knee_oa", {"fm_survey_positive": False}, "nociplastic", "against"),
        ("fibromyalgia", {}, "nociplastic", "supported"),
        ("knee_oa", {"crp": 9.9}, "inflammatory", "not known"),
        ("knee_oa", {"crp": 10.0}, "inflammatory", "supported"),
        ("lumbar_radicular", {}, "inflammatory", "supported"),
        ("lumbar_radicular", {}, "nociceptive", "supported"),
        ("lumbar_radicular", {}, "channelopathy", "not known"),
        ("ischaemia_angina", {}, "ischaemic", "supported"),
    ],
)
def test_states(condition: str, facts: dict[str, Any], mechanism: str, state: str) -> None:
    assert states(condition, **facts)[mechanism] == state


def test_conflicting_studies_stand_side_by_side() -> None:
    c = lay("lumbar_radicular", ["tfesi", "gabapentinoid"], crp=20.0)
    engine.run_only(c, "125_mechanisms")
    rows = {r["mechanism"]: r for r in people.table(c, "mechanisms")}
    marks = [o for o in rows["inflammatory"]["options"] if o["option"] == "tfesi"]
    assert {m["finding"] for m in marks} == {"for", "against", "none"} and all(m["source"] for m in marks)
    assert [f["fact"] for f in rows["inflammatory"]["facts"]] == ["condition", "crp"]


def test_a_mark_never_moves_a_number() -> None:
    plain, marked = lay("lumbar_radicular", ["tfesi"]), lay("lumbar_radicular", ["tfesi"], crp=80.0, esr=60.0)
    for c in (plain, marked):
        step.run(c)
    assert people.table(plain) == people.table(marked)


@pytest.mark.parametrize("risk", ["low", "medium", "high", None])
def test_start_back_is_a_class(risk: str | None) -> None:
    c = lay("clbp_nonspecific", ["exercise_pt"], start_back_risk=risk)
    engine.run_only(c, "126_chronic_risk")
    rows = {r["model"]: r for r in people.table(c, "chronic_risk")}
    row = rows["STARTBACK"]
    assert row["class"] == (f"{risk} risk of lasting disability" if risk else None)
    assert row["missing"] == ([] if risk else ["start_back_risk"]) and "AUC" in row["validation"]
    assert rows["PICKUP"]["state"] == "not calculated" and rows["PICKUP"]["class"] is None
    assert rows["GENES_NONE"]["state"] == "not used" and "No marker is known" in rows["GENES_NONE"]["say"]


def test_pain_after_surgery_names_its_factors() -> None:
    c = lay("cpsp", ["tca"], preop_pain=True)
    engine.run_only(c, "126_chronic_risk")
    rows = {r["model"]: r for r in people.table(c, "chronic_risk")}
    assert rows["FACTOR_PREOP"]["class"] == "goes with lasting pain more often"
    assert rows["GENES_CPSP"]["state"] == "not used" and "GENES_NONE" not in rows and "STARTBACK" not in rows
