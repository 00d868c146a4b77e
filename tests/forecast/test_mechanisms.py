"""Mechanisms and the risk that pain stays: states by sign, and marks that never move a number."""

from itertools import product
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


def risks(condition: str, **facts: Any) -> dict[str, dict[str, Any]]:
    c = lay(condition, ["tca"], **facts)
    engine.run_only(c, "126_chronic_risk")
    return {r["model"]: r for r in people.table(c, "chronic_risk")}


@pytest.mark.parametrize(
    ("total", "expected"),
    [
        (0.0, "below the higher-risk group (under 50 of 100)"),
        (49.0, "below the higher-risk group (under 50 of 100)"),
        (50.0, "higher-risk group (50 or more of 100)"),
        (51.0, "higher-risk group (50 or more of 100)"),
        (100.0, "higher-risk group (50 or more of 100)"),
    ],
)
def test_the_oerebro_total_is_cut_at_fifty(total: float, expected: str) -> None:
    row = risks("knee_oa", ompsq10_total=total).get("OMPSQ10")
    assert row is None  # a form for the spine
    row = risks("facet_cervical", ompsq10_total=total)["OMPSQ10"]
    assert row["class"] == expected and row["state"] == "recorded" and row["missing"] == []
    assert (row["points_from"], row["points_to"], row["points_max"]) == (total, total, 100.0)
    assert row["validation"].startswith("of the full form, not of this short one")


def test_without_a_total_there_is_no_oerebro_class() -> None:
    row = risks("facet_cervical")["OMPSQ10"]
    assert row["class"] is None and row["points_from"] is None and row["points_to"] is None
    assert row["state"] == "not known" and row["missing"] == ["ompsq10_total"]


ALTHAUS = (
    "capacity_overload_6_months",
    "preop_pain",
    "preop_other_chronic_pain",
    "acute_postop_pain_above_cut",
    "stress_symptoms_2_or_more",
)


@pytest.mark.parametrize("answers", list(product([True, False, None], repeat=5))[::7])
def test_althaus_is_a_sum_without_a_class_and_missing_is_never_no(answers: tuple[bool | None, ...]) -> None:
    row = risks("cpsp", **dict(zip(ALTHAUS, answers, strict=True)))["ALTHAUS"]
    yes, unknown = answers.count(True), answers.count(None)
    assert (row["points_from"], row["points_to"], row["points_max"]) == (yes, yes + unknown, 5.0)
    assert row["missing"] == [f for f, answer in zip(ALTHAUS, answers, strict=True) if answer is None]
    assert row["state"] == {0: "recorded", 5: "not known"}.get(unknown, "partly recorded")
    assert row["class"] is None and "no risk class" in row["say"]
    assert [f["fact"] for f in row["facts"]] == list(ALTHAUS)


def test_strong_pain_on_day_five_is_not_read_from_the_number() -> None:
    """The tables name no cut, so a pain score answers nothing."""
    assert "acute_postop_pain_above_cut" in risks("cpsp", acute_postop_nrs=9.0)["ALTHAUS"]["missing"]
