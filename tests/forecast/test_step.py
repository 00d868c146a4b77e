"""The step over temp tables: what every row says, drivers that add up, and nobody else's record counts."""

import json
import math
from typing import Any

import pytest

from pain_tui.assess import engine
from pain_tui.errors import ModelError
from pain_tui.forecast import load, step
from pain_tui.knowledge import load as knowledge
from tests.forecast import people

CONDITIONS = {
    "lumbar_radicular": "tfesi;ilesi;prf_drg;scs_tonic;scs_10khz;snri;tca;gabapentinoid;exercise_pt;watch",
    "facet_lumbar": "rfa_lumbar_mb;facet_ia_steroid;pns_medial_branch;nsaid;exercise_pt;watch",
    "np_general": "tca;snri;gabapentinoid;opioid_weak;opioid_strong;cannabinoid;ketamine_inf;watch",
    "chronic_migraine": "botulinum;cgrp_mab;topiramate;gon_block;watch",
    "psps2": "scs_tonic;scs_10khz;scs_burst;scs_eclscs;drg_s;idds;tfesi;watch",
}
ANNA: dict[str, Any] = {
    "person": "A",
    "condition": "lumbar_radicular",
    "options": CONDITIONS["lumbar_radicular"].split(";"),
    "age_years": 44.0,
    "pain_duration_months": 2.0,
    "phq9_total": 14.0,
    "bmi_kg_m2": 33.0,
    "mme_per_day": 0.0,
    "nrs_average": 7.0,
    "sex": "female",
    "current_smoker": True,
}


def run(held: list[dict[str, Any]], **settings: Any) -> list[dict[str, Any]]:
    c = people.cursor()
    people.lay(c, held, **settings)
    step.run(c)
    return people.table(c)


def everyone() -> list[dict[str, Any]]:
    return [
        {
            "person": f"P{i}",
            "condition": name,
            "options": options.split(";"),
            "age_years": 50.0,
            "drugs": ["codeine", "tramadol", "tapentadol"],
        }
        for i, (name, options) in enumerate(CONDITIONS.items())
    ]


@pytest.mark.parametrize("horizon", [12, 26, 52])
@pytest.mark.parametrize("bias", [True, False])
def test_every_probability_has_its_company(horizon: int, bias: bool) -> None:
    """Comparator or a reason, horizon, denominator, interval, outcome, its rows; or a code with words."""
    rows = run(everyone(), horizon=horizon, bias=bias)
    assert len(rows) == sum(len(o.split(";")) for o in CONDITIONS.values())
    for r in rows:
        if r["p_response"] is None:
            assert r["no_estimate_code"] and r["no_estimate_say"] and r["no_estimate_remedy"], r
            assert r["drivers"] is None and r["extra"] is None
            continue
        assert r["no_estimate_code"] is None
        assert (
            r["outcome"]
            and r["outcome_label"]
            and r["denominator"]
            and r["horizon_weeks"] > 0
            and r["level"] == 0.8
        )
        assert r["lo"] < r["p_response"] < r["hi"]
        assert r["comparator_why"] and (r["p_comparator"] is not None or "o" in r["comparator_why"])
        if r["p_comparator"] is None and r["option"] != "watch":
            assert (
                r["comparator_why"].startswith("No control data")
                and r["extra"] is None
                and r["comparator_kind"] is None
            )
        if r["comparator_kind"] == "active":
            assert r["extra"] is None
        assert r["alike"] and r["evidence"] and r["certainty"] in ("high", "moderate", "low", "very_low")
        assert r["in_window"] == (r["horizon_weeks"] == horizon) or not r["in_window"]
        if r["disputed"]:
            assert {p["position"] for p in json.loads(r["positions"])} == {"for", "against"}


def test_drivers_add_up_to_the_probability() -> None:
    for r in run([ANNA, *everyone()]):
        if r["p_response"] is None:
            continue
        drivers = json.loads(r["drivers"])
        assert drivers[0]["kind"] == "start"
        total = sum(d["shift"] for d in drivers)
        assert 1 / (1 + math.exp(-total)) == pytest.approx(r["p_response"], abs=1e-9)
        for d in drivers[1:]:
            assert d["kind"] in (
                "prognostic",
                "effect",
                "gate",
                "missing",
                "outside",
                "not_applicable",
                "limit",
            )
            assert d["kind"] == "limit" or (d["source"] and d["rows"])
            if d["kind"] == "missing":
                assert d["shift"] == 0 and d["added_sd"] > 0 and d["value"] is None
    anna = next(r for r in run([ANNA]) if r["option"] == "tfesi")
    values = {d["input"]: d for d in json.loads(anna["drivers"])}
    assert values["depressive symptoms (PHQ-9)"]["value"] == "14"
    assert (
        values["pain for less than 3 months"]["kind"] == "prognostic"
        and values["pain for less than 3 months"]["shift"] > 0
    )


def test_the_sum_holds_when_the_total_is_limited() -> None:
    best = ANNA | {
        "mri_nerve_compression_grade": "low",
        "phq9_total": 0.0,
        "bmi_kg_m2": 20.0,
        "nrs_average": 1.0,
    }
    r = next(r for r in run([best]) if r["option"] == "tfesi")
    drivers = json.loads(r["drivers"])
    assert [d["kind"] for d in drivers].count("limit") == 1
    assert 1 / (1 + math.exp(-sum(d["shift"] for d in drivers))) == pytest.approx(r["p_response"], abs=1e-9)


def test_nobody_elses_record_counts() -> None:
    alone = run([ANNA])
    crowd = [
        ANNA | {"person": f"Z{i}", "phq9_total": float(i % 28), "bmi_kg_m2": 20.0 + i} for i in range(30)
    ]
    together = [r for r in run([*crowd, ANNA]) if r["person"] == "A"]
    assert together == alone


def test_watch_is_usual_care_or_says_why_not() -> None:
    rows = {r["person"]: r for r in run(everyone()) if r["option"] == "watch"}
    lumbar, neuropathic = rows["P0"], rows["P2"]
    assert lumbar["comparator_kind"] == "usual_care" and lumbar["borrowed_from"] == "clbp_nonspecific"
    assert lumbar["p_comparator"] is None and lumbar["extra"] is None and lumbar["p_response"] is not None
    assert neuropathic["p_response"] is None and neuropathic["no_estimate_code"] == "no_course_data"
    assert neuropathic["comparator_kind"] == "sham" and 0 < neuropathic["p_comparator"] < 1
    assert "sham or placebo" in neuropathic["comparator_why"]


def test_outcomes_are_never_mixed() -> None:
    for r in run(everyone()):
        if r["outcome"] and r["outcome"] != "pain50":
            assert r["p30_response"] is None
        if r["outcome"] == "headache50":
            assert r["condition"] == "chronic_migraine"


def test_weak_opioids_by_medicine() -> None:
    for phenotype, moves in (("Poor Metabolizer", -1), ("Normal Metabolizer", 1)):
        held = [p | {"cyp2d6_phenotype": phenotype} for p in everyone() if p["condition"] == "np_general"]
        r = next(r for r in run(held) if r["option"] == "opioid_weak")
        plain = next(
            r
            for r in run([p for p in everyone() if p["condition"] == "np_general"])
            if r["option"] == "opioid_weak"
        )
        drugs = {d["drug"]: d for d in json.loads(r["by_drug"])}
        assert (drugs["codeine"]["p_response"] - plain["p_response"]) * moves > 0
        assert drugs["codeine"]["p_response"] == drugs["tramadol"]["p_response"]
        assert drugs["tapentadol"]["p_response"] == pytest.approx(plain["p_response"], abs=1e-9)
        assert drugs["tapentadol"]["moved_by"] is None


def test_earlier_relief_is_read_per_option() -> None:
    facet = {"person": "F", "condition": "facet_lumbar", "options": ["rfa_lumbar_mb", "facet_ia_steroid"]}
    none = run([facet])
    relief = run([facet | {"prior_relief_pct": 70.0, "times_given": 1}])
    first = run([facet | {"treatment_list_complete": True}])
    pick = {
        name: next(r for r in rows if r["option"] == "rfa_lumbar_mb")
        for name, rows in (("none", none), ("relief", relief), ("first", first))
    }
    assert pick["relief"]["p_response"] > pick["none"]["p_response"] > pick["first"]["p_response"]
    assert pick["first"]["logit_variance"] < pick["none"]["logit_variance"]


def test_unknown_condition_and_option() -> None:
    rows = run(
        [
            {"person": "U", "condition": None, "options": ["tfesi", "watch"]},
            {"person": "V", "condition": "knee_oa", "options": ["moon_therapy"]},
        ]
    )
    codes = {(r["person"], r["option"]): r["no_estimate_code"] for r in rows}
    assert codes == {
        ("U", "tfesi"): "condition_not_covered",
        ("U", "watch"): "condition_not_covered",
        ("V", "moon_therapy"): "option_not_covered",
    }


def test_nobody_gives_empty_tables() -> None:
    assert run([]) == []


def test_no_usable_model_refuses_with_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> load.Model:
        raise ModelError("built from other evidence", "build again")

    monkeypatch.setattr(step, "load", refuse)
    rows = run([ANNA])
    assert rows and all(r["p_response"] is None and r["no_estimate_code"] == "model_mismatch" for r in rows)
    assert (
        rows[0]["no_estimate_say"] == "built from other evidence"
        and rows[0]["no_estimate_remedy"] == "build again"
    )


@pytest.mark.parametrize("horizon", [12, 26, 52])
def test_a_harm_that_needs_care_is_within_the_horizon_or_says_why_not(horizon: int) -> None:
    """Never a chance over years beside a response over weeks without a word."""
    c = knowledge.connect().cursor()
    options = ["scs_tonic", "opioid_strong", "nsaid", "rfa_lumbar_mb", "multifidus_stim"]
    people.lay(c, [{"person": "A", "condition": "clbp_nonspecific", "options": options}])
    c.execute("UPDATE case_run SET horizon_weeks = ?", [horizon])
    engine.run_only(c, "105_harms")
    rows = [r for r in people.table(c, "harms") if r["needs_care"]]
    assert {r["option"] for r in rows} == set(options)
    for row in rows:
        assert (row["horizon_why"] is None) == bool(row["within_horizon"])
        if row["weeks_to"] is not None and row["weeks_to"] > horizon:
            assert f"{row['weeks_to']:g} weeks" in row["horizon_why"] and str(horizon) in row["horizon_why"]
    assert {r["horizon_why"] is None for r in rows} == {True, False}
