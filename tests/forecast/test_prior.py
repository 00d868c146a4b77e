"""From tables to cells: by hand for a few cells, and rules that hold for all of them."""

import math

import pytest

from pain_tui.errors import ModelError
from pain_tui.forecast import bias, cells, load, pool, prior, tables, terms, words
from pain_tui.forecast.cells import Evidence

EVIDENCE = Evidence.read()
RATES = {r["row_id"]: r for r in EVIDENCE.rates}
MODEL = prior.assemble()
CELLS = {(c["condition"], c["option"], c["horizon"], c["bias"]): c for c in MODEL["cells"]}

# The tables' own reading notes name these: no usable prior even by borrowing.
NO_DATA = {
    ("lumbar_stenosis", "gabapentinoid"),
    ("facet_cervical", "gon_block"),
    ("psps2", "drg_s"),
    ("clbp_nonspecific", "opioid_weak"),
    ("clbp_nonspecific", "pns_medial_branch"),
    ("crps", "exercise_pt"),
    ("crps", "multidisciplinary"),
    ("pdn", "lidocaine_inf"),
    ("phn", "prf_drg"),
    ("trigeminal_neuralgia", "botulinum"),
    ("myofascial", "botulinum"),
    ("knee_oa", "opioid_weak"),
    ("vcf", "opioid_weak"),
    ("np_general", "cannabinoid"),
}


def logit(p: float) -> float:
    return math.log(p / (1 - p))


def alone(condition: str, option: str, horizon: int, with_bias: bool = True) -> cells.Cell:
    """A cell from its own trials, without what other cells teach."""
    cell = cells.own_cell(EVIDENCE, condition, option, horizon, with_bias)
    assert cell is not None
    return cell


def test_single_trial_cell_alone_by_hand() -> None:
    """PDN and gabapentinoid at 12 weeks: r077 alone, moderate certainty, one supporting row."""
    c = alone("pdn", "gabapentinoid", 12)
    assert c.rows == ("r077",) and c.supporting == ("r079",) and c.comparator_kind == "sham"
    y = logit(0.38) - 0.10
    assert c.pair.treated == pytest.approx(y, abs=1e-9)
    assert c.pair.control == pytest.approx(logit(0.23), abs=1e-9)
    sampling, tau2 = float(RATES["r077"]["se_logit"]) ** 2, 0.30**2
    distance = (logit(0.31) - 0.10) - y
    assert c.pair.treated_variance == pytest.approx(sampling + 2 * tau2 + (0.5 * distance) ** 2, abs=1e-9)
    control = 1 / (502 * 0.23 * 0.77)
    assert c.pair.control_variance == pytest.approx(control + 2 * tau2, abs=1e-9)


def test_two_single_arm_trials_alone_by_hand() -> None:
    """Facet RFA at 26 weeks: r023 and r028, no control group, DerSimonian-Laird with a floor."""
    c = alone("facet_lumbar", "rfa_lumbar_mb", 26)
    assert c.rows == ("r023", "r028") and c.pair.control is None and c.comparator_kind == ""
    assert c.supporting == ("r022",)
    y = [logit(0.49) - 0.40, logit(0.32) - 0.40]
    v = [float(RATES[r]["se_logit"]) ** 2 for r in ("r023", "r028")]
    w = [1 / x for x in v]
    mean = sum(a * b for a, b in zip(w, y, strict=True)) / sum(w)
    q = sum(a * (b - mean) ** 2 for a, b in zip(w, y, strict=True))
    tau2 = max((0.3**2 + 0.45**2) / 2, (q - 1) / (sum(w) - sum(x * x for x in w) / sum(w)))
    w = [1 / (x + tau2) for x in v]
    mean = sum(a * b for a, b in zip(w, y, strict=True)) / sum(w)
    supporting = logit(0.26) - 0.40
    assert c.pair.treated == pytest.approx(mean, abs=1e-9)
    expected = 1 / sum(w) + tau2 + (0.5 * (supporting - mean)) ** 2
    assert c.pair.treated_variance == pytest.approx(expected, abs=1e-9)


def test_borrowed_cell_by_hand() -> None:
    """CRPS and a tricyclic: lent by mixed neuropathic pain, half a logit added to each SD, one word lower."""
    own, lent = CELLS["np_general", "tca", 12, True], CELLS["crps", "tca", 12, True]
    assert lent["borrowed_from"] == "np_general" and own["borrowed_from"] == ""
    assert lent["t"] == own["t"] and lent["a"] == own["a"]
    assert math.sqrt(lent["vt"]) == pytest.approx(math.sqrt(own["vt"]) + 0.5, abs=1e-9)
    assert math.sqrt(lent["va"]) == pytest.approx(math.sqrt(own["va"]) + 0.5, abs=1e-9)
    correlation = [x["c"] / math.sqrt(x["vt"] * x["va"]) for x in (own, lent)]
    assert correlation[0] == pytest.approx(correlation[1], abs=1e-9)
    assert (own["certainty"], lent["certainty"]) == ("moderate", "low")


def test_cells_without_data_are_those_the_tables_name() -> None:
    listed = {
        (c["condition_id"], option)
        for c in tables.rows("conditions")
        for option in c["candidate_interventions"].split(";")
    }
    missing = {key for key in listed if (*key, 12, True) not in CELLS}
    assert missing == NO_DATA


def test_bias_rule_gives_every_printed_shift() -> None:
    """r200 has no rate, so its printed shift moves nothing; it is the one row the rule does not give."""
    differ = {r["row_id"] for r in EVIDENCE.rates if abs(bias.shift(r) - float(r["bias_shift_logit"])) > 1e-9}
    assert differ == {"r200"} and RATES["r200"]["outcome_class"] == "null_md"


def test_bias_rule_can_be_switched_off() -> None:
    on, off = (alone("facet_lumbar", "rfa_lumbar_mb", 26, b) for b in (True, False))
    assert off.pair.treated - on.pair.treated == pytest.approx(0.40, abs=1e-9)
    on, off = (alone("phn", "gabapentinoid", 12, b) for b in (True, False))
    assert off.pair.treated == pytest.approx(logit(0.33), abs=1e-9)
    assert off.pair.control == pytest.approx(on.pair.control, abs=1e-9)
    for key in (("facet_lumbar", "rfa_lumbar_mb", 26), ("phn", "gabapentinoid", 12)):
        assert CELLS[*key, False]["t"] > CELLS[*key, True]["t"]


def test_roles_classes_and_trials_in_every_cell() -> None:
    for cell in MODEL["cells"]:
        held = [RATES[r] for r in cell["rows"] + cell["supporting"]]
        assert len({r["trial_id"] for r in held}) == len(held), cell
        assert {r["outcome_class"] for r in held} == {cell["outcome_class"]}, cell
        assert {r["prior_role"] for r in held} <= {"primary", "supporting"}
        if cell["role"] == "primary":
            assert {RATES[r]["prior_role"] for r in cell["rows"]} == {"primary"}
        assert all(RATES[r]["prior_role"] == "contradicting" for r in cell["contradicting"])


def test_windows() -> None:
    for cell in MODEL["cells"]:
        low, high = cells.window(EVIDENCE, cell["horizon"])
        inside = [low <= float(RATES[r]["time_weeks"]) < high for r in cell["rows"]]
        assert all(inside) if cell["in_window"] else not any(inside)


def test_comparator_kinds_stay_apart() -> None:
    for cell in MODEL["cells"]:
        if cell["option"] != "watch" and cell["a"] is not None:
            used = [r for r in cell["rows"] if RATES[r]["rate_control"]]
            kinds = {EVIDENCE.kinds[RATES[r]["comparator_type"]]["kind"] for r in used}
            assert cell["kind"] in kinds and cell["kind"] != "none"
        if cell["option"] == "watch":
            assert cell["a"] is None and cell["kind"] == "usual_care"


def test_strategy_arms_are_no_control() -> None:
    assert EVIDENCE.kinds["strategy_arm"]["is_control"] == "false"
    assert cells.comparator_kind(EVIDENCE, [RATES["r031"]]) == ""


def test_waveforms_are_pulled_together_and_share_a_rank() -> None:
    waves = [CELLS["psps2", name, 12, True] for name in ("scs_10khz", "scs_eclscs")]
    raw = [logit(0.845) - 0.70, logit(0.823) - 0.35]
    assert [c["alone"][0] for c in waves] == pytest.approx(raw)
    assert {c["rank_group"] for c in waves} == {"scs_waveforms"}
    assert abs(waves[0]["t"] - waves[1]["t"]) < abs(raw[0] - raw[1]) / 2


def test_threshold_shift_is_positive_and_from_pairs() -> None:
    shift = prior.threshold_shift(EVIDENCE)
    assert 0.4 < shift.mean < 0.9 and shift.variance > 0
    assert len(shift.rows) % 2 == 0
    for low, high in zip(shift.rows[::2], shift.rows[1::2], strict=True):
        assert RATES[low]["trial_id"] == RATES[high]["trial_id"]
        assert (RATES[low]["outcome_class"], RATES[high]["outcome_class"]) == ("pain50", "pain30")


def test_holding_a_trial_out_takes_all_its_rows() -> None:
    without = Evidence.read(leave_out=["ghahreman2010"])
    assert not [r for r in without.rates if r["trial_id"] == "ghahreman2010"]
    cell = cells.own_cell(without, "lumbar_radicular", "tfesi", 12, True)
    assert cell is not None and cell.rows == ("r007",) and cell.pair.control is None


def test_pool_of_equal_trials_is_their_value() -> None:
    same = [pool.Trial(str(i), str(i), 0.3, 0.04, -0.5, 0.05, 0.3) for i in range(3)]
    pair = pool.pool(same, 0.5)
    assert pair.treated == pytest.approx(0.3) and pair.control == pytest.approx(-0.5)
    assert pair.treated_variance == pytest.approx((0.04 + 0.09) / 3 + 0.09, rel=0.05)


def test_trials_of_different_people_are_stratified_before_pooling() -> None:
    """Tonic stimulation: PROCESS took leg pain, PROMISE back pain; by hand, and only in that cell."""
    from pain_tui.forecast import strata

    slope = strata.of_cell("psps2", "scs_tonic")
    assert slope is not None and slope.rows == ("r051", "r197")
    difference = logit(0.48) - logit(0.136)
    sampling = sum(float(RATES[r]["se_logit"]) ** 2 + 0.3**2 for r in slope.rows)
    assert slope.mean == pytest.approx(difference * 0.25 / (0.25 + sampling))
    assert slope.sd == pytest.approx((0.25 * sampling / (0.25 + sampling)) ** 0.5)
    assert 0 < slope.mean < difference / 2
    for key, sets in MODEL["pairs"].items():
        held = [MODEL["slopes"][i] for i in sets.get("default", ())]
        assert any("r051" in s["rows"] for s in held) == (key == "psps2|scs_tonic"), key
    held = [MODEL["slopes"][i]["term"] for i in MODEL["pairs"]["psps2|scs_tonic"]["with_weak_evidence"]]
    assert held.count("leg_dominant") == 1
    made = cells.trials(EVIDENCE, [RATES["r051"], RATES["r197"]], "usual_care", False)
    assert made[0].treated - made[1].treated == pytest.approx(difference - slope.mean)
    assert [row for row, _ in CELLS["psps2", "scs_tonic", 26, True]["strata"]] == ["r051", "r197"]
    assert strata.slope([RATES["r051"]]) is None


# --- slopes ---


def test_smoking_with_stimulation_is_pooled_with_its_disagreement() -> None:
    (slope,) = [s for s in terms.slopes("psps2", "scs_tonic", "default") if s.term == "smokes_stimulation"]
    assert slope.rows == ("m045", "m046", "m047")
    assert -0.757 < slope.mean < 0.0
    assert slope.sd > 0.304, "three cohorts that disagree are less sure than the first alone"


def test_only_usable_rows_give_slopes() -> None:
    modifiers = {r["row_id"]: r for r in tables.rows("effect_modifiers")}
    never = {"oprm1_rs1799971", "comt_rs4680", "litigation_or_compensation", "employment_status"}
    strata = {r["row_id"] for r in tables.rows("strata")}
    for slope in MODEL["slopes"]:
        for entry in slope["rows"]:
            if entry in strata:
                assert slope["term"] == "leg_dominant"
                continue
            row = modifiers[entry]
            assert (
                row["outcome_domain"] == "response"
                and row["record_field"]
                and row["record_field"] not in never
            )
            assert row["use_in_simulation"] in ("yes", "sensitivity")
    for sets in MODEL["pairs"].values():
        for i in sets.get("default", ()):
            held = [r for r in MODEL["slopes"][i]["rows"] if r not in strata]
            assert all(modifiers[r]["use_in_simulation"] == "yes" for r in held)


def test_every_usable_row_has_a_term_or_a_reason() -> None:
    """No row with a field and a size is dropped in silence."""
    used = {entry for t in tables.rows("model_terms") for entry in t["rows"].split(";")}
    elsewhere = {"m036"}  # bears on the block, not on a treatment: said in model_terms
    for row in tables.rows("effect_modifiers"):
        if terms.usable(row, terms.WEAK) and row["row_id"] not in elsewhere:
            assert row["row_id"] in used, row["row_id"]


def test_genotype_moves_no_procedure() -> None:
    genes = {t["term"] for t in MODEL["terms"] if t["fact"].startswith(("cyp", "hla", "oprm", "comt"))}
    assert genes == {"cyp2d6_reduced"}
    for key, sets in MODEL["pairs"].items():
        held = {MODEL["slopes"][i]["term"] for i in sets.get("with_weak_evidence", ())}
        if genes & held:
            assert key.split("|")[1] == "opioid_weak"


def test_unknown_scope_is_refused_by_name() -> None:
    with pytest.raises(ModelError, match="not_a_group"):
        tables.members("not_a_group", "option")
    for row in tables.rows("effect_modifiers"):
        tables.scope(row["scope"], "option")
        tables.scope(row["condition"], "condition")


def test_terms_follow_the_coding_of_their_rows() -> None:
    """Facts agree, and the numbers of a coding occur in the row's own words."""
    import re

    modifiers = {r["row_id"]: r for r in tables.rows("effect_modifiers")}
    for term in tables.rows("model_terms"):
        for entry in term["rows"].split(";"):
            row = modifiers[entry]
            assert row["record_field"] == term["fact"]
            if term["form"] == "contrast" and entry not in ("m025",):
                for value in re.findall(r"\d+(?:\.\d+)?", term["when"]):
                    assert value in row["record_coding"], (term["term"], entry)
            if term["form"] == "linear" and entry != "m025":
                assert term["per"].lstrip("-") in row["record_coding"]


def test_a_comparator_that_nobody_counted_says_so() -> None:
    """Rows worked out from an assumed control rate, or judged, are marked wherever their comparator is named."""
    model = load.load()
    rates = {r["row_id"]: r for r in tables.rows("responder_rates")}
    seen = set()
    for cell in model.data["cells"]:
        said = words.comparator_why(model, cell)
        compared = [rates[r] for r in cell["rows"] if rates[r]["rate_control"] and not rates[r]["n_control"]]
        designs = (
            {r["design"] for r in compared if r["design"] in ("derived", "expert")} if cell["kind"] else set()
        )
        assert bool(cell["not_counted"]) == bool(designs), cell["rows"]
        assert ("assumed, not counted" in said) == ("derived" in designs)
        seen.add((cell["not_counted"], cell["option"] == "watch"))
    assert len(seen) == 6
