"""Partial pooling: the level of other trials by brute force, the join by hand, and what must hold for any table."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pain_tui.forecast import cells, levels, pool
from pain_tui.forecast.cells import Evidence
from pain_tui.forecast.hierarchy import Hierarchy, hierarchy
from pain_tui.forecast.levels import EFFECTS, Arm, Levels, Place
from pain_tui.forecast.shapes import Around

EVIDENCE = Evidence.read()
USUAL: Hierarchy = hierarchy(EVIDENCE, 12, True)
VARIANCES = (0.06, 0.15, 0.04, 0.03, 0.08)


def arm(i: int, condition: str, option: str, upper: str, value: float, variance: float = 0.05) -> Arm:
    return Arm(f"r{i}", f"t{i}", Place("relief", upper, option, condition, option), value, variance)


ARMS = (
    arm(0, "a", "x", "drug", -0.9),
    arm(1, "b", "x", "drug", -0.7),
    arm(2, "b", "y", "drug", -0.2),
    arm(3, "a", "z", "injection", 0.4, 0.2),
    arm(4, "c", "z", "injection", 0.1),
    arm(5, "a", "x", "drug", 2.0),
)


def test_level_is_the_conditional_mean_under_a_flat_grand_mean() -> None:
    """Brute force: a grand mean with an enormous variance, then the normal conditional of the cell."""
    here = Place("relief", "drug", "x", "c", "x")
    found = Levels(ARMS, VARIANCES).around(here, ["t5"])
    assert found is not None
    others, wide = ARMS[:5], 1e4
    cov = np.full((6, 6), wide)
    places = [a.place for a in others] + [here]
    for i, p in enumerate(places):
        for j, q in enumerate(places):
            shared = zip(VARIANCES, EFFECTS[:-1], strict=False)
            cov[i, j] += sum(v for v, e in shared if p.group(e) == q.group(e))
            if i == j and i < 5:
                cov[i, j] += VARIANCES[-1] + others[i].variance
    y = np.array([a.logit for a in others])
    gain = cov[5, :5] @ np.linalg.inv(cov[:5, :5])
    assert found.mean == pytest.approx(float(gain @ y), abs=1e-4)
    assert found.variance == pytest.approx(float(cov[5, 5] - gain @ cov[:5, 5]), abs=1e-4)


def test_own_cell_and_own_trials_never_speak_for_themselves() -> None:
    here = Place("relief", "drug", "x", "a", "x")
    with_own = Levels(ARMS, VARIANCES).around(here, [])
    without = Levels(tuple(a for a in ARMS if a.row_id not in ("r0", "r5")), VARIANCES).around(here, [])
    assert with_own == without


def test_no_other_trial_no_level() -> None:
    assert Levels(ARMS, VARIANCES).around(Place("headache50", "drug", "x", "a", "x"), []) is None


def test_spread_finds_the_variances_it_was_drawn_from() -> None:
    random = np.random.default_rng(7)
    made, i = [], 0
    for upper in range(12):
        u = random.normal(0, 0.5)
        for lower in range(4):
            o = random.normal(0, 0.7)
            for condition in range(4):
                value = u + o + random.normal(0, 0.3) + random.normal(0, 0.1)
                made.append(arm(i, f"c{condition}", f"o{upper}.{lower}", f"u{upper}", value, 0.01))
                i += 1
    found = np.sqrt(levels.spread(made, 0.05))
    assert found[0] == pytest.approx(0.5, abs=0.25) and found[1] == pytest.approx(0.7, abs=0.15)
    assert math.hypot(found[3], found[4]) == pytest.approx(0.3, abs=0.08)


def test_join_by_hand_with_a_single_arm() -> None:
    trial = pool.Trial("r", "t", -0.2, 0.10, None, None, 0.3)
    pair = pool.pool([trial], 0.66, Around(-0.8, 0.25, None, None))
    own, other = 1 / (0.10 + 0.09), 1 / 0.25
    assert pair.treated == pytest.approx((own * -0.2 + other * -0.8) / (own + other))
    assert pair.treated_variance == pytest.approx(1 / (own + other) + 0.09)


def test_a_null_trial_keeps_most_of_its_null() -> None:
    """A large null trial is not made positive by what other trials found."""
    trial = pool.Trial("r", "t", -0.5, 0.01, -0.5, 0.01, 0.2)
    pair = pool.pool([trial], 0.66, Around(0.2, 0.3, 0.8, 0.3))
    assert pair.control is not None
    assert abs(pair.treated - pair.control) < 0.15


@settings(max_examples=60, deadline=None)
@given(
    y=st.floats(-2, 2),
    v=st.floats(0.01, 0.6),
    m=st.floats(-2, 2),
    w=st.floats(0.02, 1.0),
    a=st.floats(-3, 1),
    d=st.floats(-1, 3),
)
def test_pooling_lies_between_and_never_widens(
    y: float, v: float, m: float, w: float, a: float, d: float
) -> None:
    trial = pool.Trial("r", "t", y, v, a, 0.05, 0.3)
    alone = pool.pool([trial], 0.66)
    joined = pool.pool([trial], 0.66, Around(m, w, d, 0.3))
    assert joined.treated_variance <= alone.treated_variance + 1e-9
    assert joined.control_variance is not None and alone.control_variance is not None
    assert joined.control_variance <= alone.control_variance + 1e-9
    single = pool.pool([pool.Trial("r", "t", y, v, None, None, 0.3)], 0.66, Around(m, w, None, None))
    assert min(y, m) - 1e-9 <= single.treated <= max(y, m) + 1e-9


def test_outcomes_are_never_mixed() -> None:
    """A cell of an outcome that each trial defined for itself is its own trials alone."""
    cell = cells.own_cell(EVIDENCE, "cluster_occipital", "ons", 12, True, outside=USUAL)
    assert cell is not None and cell.outcome_class == "other" and cell.around is None
    families = {a.place.family for a in USUAL.treated.arms}
    assert "other" not in families and "none" not in families and "relief" in families


def test_an_active_comparator_gives_no_effect_to_pool() -> None:
    found = USUAL.around("psps2", "idds", "pain50", "active", [])
    assert found is not None and found.effect is None


def test_holding_a_trial_out_removes_it_from_the_levels() -> None:
    rest = hierarchy(Evidence.read(leave_out=["promise"]), 12, True)
    assert not [a for a in (*rest.treated.arms, *rest.effect.arms) if a.trial_id == "promise"]
    assert [a for a in USUAL.treated.arms if a.trial_id == "promise"]
