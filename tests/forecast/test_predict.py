"""The numbers: against the plain oracle, against the estimator, and what must hold for any person."""

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pain_tui.forecast import load, step
from pain_tui.forecast.coding import column
from pain_tui.forecast.load import Model
from tests.oracle import forecast as oracle

MODEL: Model = load.load()
PLAIN = oracle.model()
PAIRS = sorted({(c["condition"], c["option"]) for c in PLAIN["cells"] if c["option"] != "watch"})

PERSON = st.fixed_dictionaries(
    {},
    optional={
        "age_years": st.floats(18, 95),
        "sex": st.sampled_from(["female", "male"]),
        "pain_duration_months": st.floats(0, 400),
        "mri_nerve_compression_grade": st.sampled_from(["none", "low", "high"]),
        "mme_per_day": st.one_of(st.just(0.0), st.floats(0, 300)),
        "nrs_average": st.floats(0, 10),
        "phq9_total": st.integers(0, 27).map(float),
        "gad7_total": st.integers(0, 21).map(float),
        "pcs_total": st.integers(0, 52).map(float),
        "bmi_kg_m2": st.floats(15, 60),
        "current_smoker": st.booleans(),
        "isi_total": st.integers(0, 28).map(float),
        "medial_branch_blocks_positive": st.integers(0, 3).map(float),
        "prior_lumbar_surgery": st.booleans(),
        "fm_survey_positive": st.booleans(),
        "start_back_risk": st.sampled_from(["low", "medium", "high"]),
        "cyp2d6_phenotype": st.sampled_from(
            ["Poor Metabolizer", "Intermediate Metabolizer", "Normal Metabolizer", "Ultrarapid Metabolizer"]
        ),
    },
)


def predict(
    people: list[dict[str, Any]],
    condition: str,
    option: str,
    horizon: int = 12,
    evidence_set: str = "default",
    bias: bool = True,
    last_first: bool = False,
) -> dict[str, Any]:
    """Through the columns that the step reads. last_first: the columns in the other order."""
    size = len(people)
    asked: dict[str, Any] = {
        "condition": np.array([condition] * size, dtype=object),
        "option": np.array([option] * size, dtype=object),
        "who": np.arange(size),
        "facts": {},
    }
    names = (*MODEL.facts, "age_years")
    for name in names[::-1] if last_first else names:
        values = [p.get(name) for p in people]
        if any(v is not None for v in values):
            words = any(isinstance(v, str) for v in values)
            hidden = np.array([v is None for v in values])
            filled = [("" if words else 0.0) if v is None else v for v in values]
            asked["facts"][name] = np.ma.array(filled, mask=hidden, dtype=object if words else float)
    return step.forecast(MODEL, asked, horizon=horizon, evidence_set=evidence_set, bias=bias)


@settings(max_examples=150, deadline=None)
@given(
    person=PERSON,
    pair=st.sampled_from(PAIRS),
    horizon=st.sampled_from([12, 26, 52]),
    weak=st.booleans(),
    bias=st.booleans(),
)
def test_agrees_with_the_plain_oracle(
    person: dict[str, Any], pair: tuple[str, str], horizon: int, weak: bool, bias: bool
) -> None:
    evidence_set = "with_weak_evidence" if weak else "default"
    made = predict([person], *pair, horizon, evidence_set, bias)
    expected = oracle.forecast(PLAIN, person, *pair, horizon, evidence_set, bias)
    assert expected is not None and made["code"][0] == ""
    for name, value in expected.items():
        assert made[name][0] == pytest.approx(value, abs=1e-12), name


@settings(max_examples=60, deadline=None)
@given(
    people=st.lists(PERSON, min_size=2, max_size=6),
    pair=st.sampled_from(PAIRS),
    weak=st.booleans(),
    bias=st.booleans(),
)
def test_batch_and_order_change_nothing(
    people: list[dict[str, Any]], pair: tuple[str, str], weak: bool, bias: bool
) -> None:
    """Neither the order of people nor that of the columns, in both models and under both bias rules."""
    model = ("with_weak_evidence" if weak else "default", bias)
    together = predict(people, *pair, 12, *model)
    backwards = predict(people[::-1], *pair, 12, *model, last_first=True)
    for i, person in enumerate(people):
        alone = predict([person], *pair, 12, *model)
        for name in (
            "p_response",
            "lo",
            "hi",
            "p_comparator",
            "extra",
            "extra_lo",
            "extra_hi",
            "p30_response",
        ):
            values = [alone[name][0], together[name][i], backwards[name][len(people) - 1 - i]]
            assert np.allclose(values, values[0], rtol=0, atol=1e-12, equal_nan=True), name


@settings(max_examples=100, deadline=None)
@given(person=PERSON, pair=st.sampled_from(PAIRS), weak=st.booleans())
def test_probabilities_and_intervals_nest(person: dict[str, Any], pair: tuple[str, str], weak: bool) -> None:
    made = predict([person], *pair, evidence_set="with_weak_evidence" if weak else "default")
    assert 0 < made["lo"][0] < made["p_response"][0] < made["hi"][0] < 1
    if not math.isnan(made["p_comparator"][0]):
        assert 0 < made["comparator_lo"][0] < made["p_comparator"][0] < made["comparator_hi"][0] < 1
    if not math.isnan(made["extra"][0]):
        assert -1 < made["extra_lo"][0] < made["extra"][0] < made["extra_hi"][0] < 1
        assert made["extra"][0] == pytest.approx(made["p_response"][0] - made["p_comparator"][0], abs=1e-15)
    if not math.isnan(made["p30_response"][0]):
        assert made["p30_response"][0] > made["p_response"][0]


@settings(max_examples=60, deadline=None)
@given(person=PERSON, pair=st.sampled_from(PAIRS), low=st.floats(0.3, 0.9), more=st.floats(0.01, 0.09))
def test_wider_level_wider_interval(
    person: dict[str, Any], pair: tuple[str, str], low: float, more: float
) -> None:
    from pain_tui.forecast.predict import predict as numbers

    rows = predict([person], *pair)["rows"]
    narrow, wide = numbers(MODEL, rows, level=low), numbers(MODEL, rows, level=low + more)
    for a, b in (("lo", "hi"), ("comparator_lo", "comparator_hi"), ("extra_lo", "extra_hi")):
        if not math.isnan(narrow[a][0]):
            assert wide[a][0] <= narrow[a][0] and narrow[b][0] <= wide[b][0]


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("evidence_set", ["default", "with_weak_evidence"])
@pytest.mark.parametrize(
    "term", [t for t in PLAIN["terms"] if t["form"] == "linear"], ids=lambda t: t["term"]
)
def test_missing_is_never_narrower_than_the_population_mean(
    term: dict[str, Any], evidence_set: str, bias: bool
) -> None:
    pairs = [
        p
        for p in PAIRS
        if any(
            PLAIN["slopes"][i]["term"] == term["term"]
            for i in PLAIN["pairs"].get("|".join(p), {}).get(evidence_set, ())
        )
    ]
    assert pairs or evidence_set == "default"
    for pair in pairs:
        made = predict([{term["fact"]: term["mean"]}, {}], *pair, evidence_set=evidence_set, bias=bias)
        assert made["logit_variance"][1] > made["logit_variance"][0]
        assert made["logit"][0] == pytest.approx(made["logit"][1], abs=1e-12)


@settings(max_examples=80, deadline=None)
@given(
    person=PERSON,
    pair=st.sampled_from(PAIRS),
    drop=st.sampled_from(["phq9_total", "gad7_total", "pcs_total"]),
)
def test_a_psychological_score_is_never_added_twice(
    person: dict[str, Any], pair: tuple[str, str], drop: str
) -> None:
    """PHQ-9, GAD-7 and PCS are one factor: at most one of them has a shift."""
    made = predict([person], *pair, evidence_set="with_weak_evidence")
    from pain_tui.forecast.predict import logits

    found = logits(MODEL, made["rows"], "with_weak_evidence")
    family = np.isin(found.columns, MODEL.families["negative_affect"])
    assert found.active[0, family].sum() <= 1


def test_shift_is_limited() -> None:
    worst = {
        "pain_duration_months": 2.0,
        "mri_nerve_compression_grade": "low",
        "phq9_total": 0.0,
        "bmi_kg_m2": 20.0,
        "mme_per_day": 0.0,
        "nrs_average": 1.0,
    }
    made = predict([{}, worst], "lumbar_radicular", "tfesi")
    assert made["logit"][1] - made["logit"][0] == pytest.approx(1.5, abs=1e-12)
    opposite = {
        "pain_duration_months": 90.0,
        "mri_nerve_compression_grade": "high",
        "phq9_total": 27.0,
        "bmi_kg_m2": 40.0,
        "mme_per_day": 90.0,
        "nrs_average": 10.0,
    }
    made = predict([{}, opposite], "lumbar_radicular", "tfesi")
    assert made["logit"][1] - made["logit"][0] == pytest.approx(-1.5, abs=1e-12)


def test_markers_and_social_facts_change_nothing() -> None:
    plain = {"phq9_total": 12.0}
    marked = plain | {
        "oprm1_rs1799971": "GG",
        "comt_rs4680": "AA",
        "litigation_or_compensation": True,
        "employment_status": "unemployed",
        "kcns1_rs734784": "AG",
        "ancestry": "any",
    }
    for pair in PAIRS:
        a, b = predict([plain], *pair), predict([marked], *pair)
        assert np.array_equal(a["p_response"], b["p_response"], equal_nan=True)
    assert not {
        "oprm1_rs1799971",
        "comt_rs4680",
        "litigation_or_compensation",
        "employment_status",
        "ancestry",
    } & set(MODEL.facts)


def test_cyp2d6_moves_weak_opioids_only_and_only_the_option_arm() -> None:
    poor, normal = {"cyp2d6_phenotype": "Poor Metabolizer"}, {"cyp2d6_phenotype": "Normal Metabolizer"}
    for pair in PAIRS:
        made = predict([poor, normal], *pair)
        if pair[1] == "opioid_weak":
            assert made["p_response"][0] < made["p_response"][1]
            assert made["p_comparator"][0] == made["p_comparator"][1]
        else:
            assert np.allclose(made["p_response"], made["p_response"][0], equal_nan=True)


def test_prognostic_moves_both_arms_and_selection_one() -> None:
    short, long = (
        predict([{"pain_duration_months": 1.0}, {"pain_duration_months": 99.0}], "lumbar_radicular", "tfesi"),
        None,
    )
    assert long is None
    assert (
        short["p_response"][0] > short["p_response"][1]
        and short["p_comparator"][0] > short["p_comparator"][1]
    )
    blocks = predict(
        [{"medial_branch_blocks_positive": 2.0}, {"medial_branch_blocks_positive": 1.0}],
        "facet_lumbar",
        "rfa_lumbar_mb",
    )
    assert (
        blocks["p_response"][0] > blocks["p_response"][1]
        and blocks["p_comparator"][0] == blocks["p_comparator"][1]
    )


@pytest.mark.parametrize(("months", "state"), [(2.9, "short"), (3.0, "long"), (3.1, "long")])
def test_duration_threshold(months: float, state: str) -> None:
    made = predict([{"pain_duration_months": months}, {}], "lumbar_radicular", "tfesi")
    assert (made["logit"][0] > made["logit"][1]) == (state == "short")


def test_medium_risk_lies_outside_the_contrast_and_counts_as_not_known() -> None:
    made = predict(
        [{"start_back_risk": "medium"}, {}, {"start_back_risk": "high"}, {"start_back_risk": "low"}],
        "clbp_nonspecific",
        "exercise_pt",
    )
    assert made["logit"][0] == made["logit"][1] and made["logit_variance"][0] == made["logit_variance"][1]
    assert made["logit"][2] < made["logit"][1] < made["logit"][3]


def test_no_control_is_no_extra_and_active_is_no_extra() -> None:
    made = predict([{}], "lumbar_stenosis", "tfesi")
    assert math.isnan(made["p_comparator"][0]) and math.isnan(made["extra"][0]) and made["p_response"][0] > 0
    made = predict([{}], "psps2", "scs_10khz")
    assert made["p_comparator"][0] > 0 and math.isnan(made["extra"][0])


def test_gates_multiply_and_close() -> None:
    made = predict(
        [{}, {"scs_trial_relief_pct": 60.0}, {"scs_trial_relief_pct": 50.0}, {"scs_trial_relief_pct": 49.0}],
        "psps2",
        "scs_10khz",
    )
    assert made["p_road"][0] == pytest.approx(0.77 * made["p_response"][0], abs=1e-12)
    assert math.isnan(made["p_road"][1]) and math.isnan(made["p_road"][2])
    assert list(made["code"]) == ["", "", "", "not_eligible"]
    entry = json.loads(made["gates"][0])[0]
    assert entry["p"] == 0.77 and entry["lo"] < 0.77 < entry["hi"] and entry["state"] == "unknown"
    made = predict([{"modic_type": "1"}, {"modic_type": "none"}, {}], "vertebrogenic", "bvn_rfa")
    assert list(made["code"]) == ["", "not_eligible", ""]
    made = predict(
        [{"hla_b_1502": "positive"}, {"hla_b_1502": "negative"}, {}], "trigeminal_neuralgia", "carbamazepine"
    )
    assert list(made["code"]) == ["not_eligible", "", ""]


@pytest.mark.parametrize(("age", "code"), [(17.99, "child"), (18.0, ""), (95.0, ""), (95.1, "out_of_range")])
def test_ages(age: float, code: str) -> None:
    made = predict([{"age_years": age}], "knee_oa", "nsaid")
    assert made["code"][0] == code
    assert math.isnan(made["p_response"][0]) == bool(code)


def test_column_keeps_unknown_apart_from_false() -> None:
    held = column(np.ma.array([True, False, False], mask=[False, False, True]))
    assert held.numbers is not None
    assert held.numbers[0] == 1 and held.numbers[1] == 0 and math.isnan(held.numbers[2])
