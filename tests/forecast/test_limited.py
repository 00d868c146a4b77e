"""How far other trials may move a cell with controlled trials of its own: by hand, on every cell, for any pair."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pain_tui.forecast import cells, limited, load, pool, prior
from pain_tui.forecast.shapes import Around, Errors, Pair

Z = 1.2815515655446004
EVIDENCE = cells.Evidence.read()
RATES = {r["row_id"]: r for r in EVIDENCE.rates}
OWN = [
    c
    for c in prior.all_cells(EVIDENCE)
    if c.own_errors is not None and c.alone is not None and c.alone.control is not None
]


def share(logit: float) -> float:
    return 1 / (1 + math.exp(-logit))


def pair(treated: float, control: float, variance: float = 0.1, covariance: float = 0.04) -> Pair:
    return Pair(treated, variance, control, variance, covariance)


def test_errors_of_one_trial_are_its_sampling_errors() -> None:
    own = limited.errors([pool.Trial("r", "t", 0.2, 0.09, -1.0, 0.16, 0.45)])
    assert own == Errors(pytest.approx(0.09), pytest.approx(0.16))  # type: ignore[arg-type]
    assert limited.errors([pool.Trial("r", "t", 0.2, 0.09, None, None, 0.45)]) is None


def test_trials_that_contradict_each_other_count_their_spread() -> None:
    apart = [pool.Trial(n, n, y, 0.04, -1.0, 0.04, 0.3) for n, y in (("a", -1.0), ("b", 1.0))]
    own = limited.errors(apart)
    assert own is not None and own.treated == pytest.approx((0.04 + 2.0 - 0.04) / 2)
    assert own.control == pytest.approx(0.02)


def test_a_pool_inside_the_limits_is_untouched() -> None:
    pooled = pair(0.1, -0.9, 0.08)
    assert limited.hold(pair(0.0, -1.0), pooled, Errors(0.09, 0.09), Z) == (pooled, "")


@pytest.mark.parametrize("just, why", [(-1e-6, ""), (0.0, ""), (1e-6, limited.ARMS)])
def test_the_edge_of_an_arm(just: float, why: str) -> None:
    """A control of 1 SE^2 = 0.16 may move by 0.4 z, and no further; the treated arm moves along."""
    edge = -3.0 + Z * 0.4 + just
    held, said = limited.hold(pair(1.0, -3.0), pair(1.2, edge), Errors(0.09, 0.16), Z)
    assert said == why and held.control == pytest.approx(min(edge, -3.0 + Z * 0.4), abs=1e-9)


def test_a_null_stays_null_and_gets_back_the_interval_of_its_own_trials() -> None:
    alone, pooled = pair(-0.5, -0.5, 0.3), pair(-0.4, -0.9, 0.1)
    held, said = limited.hold(alone, pooled, Errors(0.2, 0.2), Z)
    assert said == limited.NULL
    assert held.control is not None and held.treated - held.control == pytest.approx(0.0)
    assert held.control_variance is not None and held.control_variance > 0.1


def test_a_difference_not_shown_may_come_nearer_to_none_only() -> None:
    alone, own = pair(0.0, -0.4), Errors(0.2, 0.2)
    nearer, said = limited.hold(alone, pair(0.0, -0.2), own, Z)
    assert said == "" and nearer.treated - (nearer.control or 0) == pytest.approx(0.2)
    away, said = limited.hold(alone, pair(0.2, -0.4), own, Z)
    assert said == limited.NULL and away.treated - (away.control or 0) == pytest.approx(0.4)


numbers = st.floats(-3, 3)
variances = st.floats(0.01, 1.0)


@settings(max_examples=200, deadline=None)
@given(t=numbers, c=numbers, pt=numbers, pc=numbers, vt=variances, vc=variances)
def test_limits_hold_for_any_pair(t: float, c: float, pt: float, pc: float, vt: float, vc: float) -> None:
    alone, pooled, own = pair(t, c, 0.5), pair(pt, pc, 0.2), Errors(vt, vc)
    held, _ = limited.hold(alone, pooled, own, Z)
    assert held.control is not None and held.control_variance is not None
    assert abs(held.treated - t) <= Z * (vt**0.5 + (vt + vc) ** 0.5) + 1e-9
    assert abs(held.control - c) <= Z * vc**0.5 + 1e-9
    difference, before, half = held.treated - held.control, t - c, Z * (vt + vc) ** 0.5
    assert abs(difference - before) <= half + 1e-9
    if abs(before) < half:
        assert min(before - half, 0.0) - 1e-9 <= difference <= max(before, 0.0) + 1e-9
    assert 0.2 - 1e-9 <= held.treated_variance <= 0.5 + 1e-9
    assert held.covariance**2 <= held.treated_variance * held.control_variance


def test_no_cell_leaves_the_sampling_error_of_its_own_controlled_trials() -> None:
    assert len(OWN) > 200
    for cell in OWN:
        alone, held, own = cell.alone, cell.pair, cell.own_errors
        assert (
            alone is not None and alone.control is not None and own is not None and held.control is not None
        )
        assert abs(held.treated - alone.treated) <= Z * own.treated**0.5 + 1e-9, cell
        assert abs(held.control - alone.control) <= Z * own.control**0.5 + 1e-9, cell
        before, after = alone.treated - alone.control, held.treated - held.control
        half = Z * (own.treated + own.control) ** 0.5
        assert abs(after - before) <= half + 1e-9, cell
        if abs(before) < half:
            assert after <= max(before, 0.0) + 1e-9, cell


def test_cells_a_methodologist_would_open_first() -> None:
    """Response and comparator of 100 beside their own trials: what was wrong once stays mended."""
    cells_of = {
        (c["condition"], c["option"]): c for c in load.load().cells if c["horizon"] == 12 and c["bias"]
    }

    def of(condition: str, option: str) -> tuple[float, float]:
        cell = cells_of[condition, option]
        return 100 * share(cell["t"]), 100 * share(cell["a"])

    assert of("clbp_nonspecific", "scs_10khz")[1] < 6  # SENZA-NSRBP: 1 of 75 with usual care
    assert of("pdn", "scs_10khz")[1] < 9  # SENZA-PDN: 5 of 93
    assert of("si_joint", "sij_rfa")[1] < 9
    for null in (("facet_lumbar", "facet_ia_steroid"), ("facet_cervical", "rfa_cervical_mb")):
        treated, control = of(*null)
        assert treated - control < 0.5, null
    treated, control = of("chronic_migraine", "gon_block")  # placebo did better
    assert treated - control < 0.5


def test_lent_trials_are_not_held_for_the_borrower() -> None:
    """They are no direct evidence for another condition."""
    borrowed = [c for c in prior.all_cells(EVIDENCE) if c.borrowed_from and c.horizon == 12 and c.bias]
    assert borrowed and all(c.own_errors is None and c.held == "" for c in borrowed)


def test_controls_of_one_kind_say_nothing_of_another() -> None:
    """The control arms that speak for usual care are those of usual care."""
    from pain_tui.forecast.hierarchy import hierarchy

    made = hierarchy(EVIDENCE, 12, True)
    kinds = {r["row_id"]: EVIDENCE.kinds[r["comparator_type"]]["kind"] for r in EVIDENCE.rates}
    for held in made.control.arms:
        assert held.place.family.endswith(":" + kinds[held.row_id]) and kinds[held.row_id] != "active"
    families = {a.place.family for a in made.control.arms}
    assert {"relief:sham", "relief:usual_care"} <= families


def test_other_actives_are_not_pooled_with_one_another() -> None:
    rows = [dict(RATES["r113"]), dict(RATES["r114"])]
    made = cells.trials(EVIDENCE, rows, "active", True)
    assert [t.control is not None for t in made] == [True, False]


def test_joined_prior_by_hand() -> None:
    """Treated, control and difference each add their precision."""
    import numpy as np

    trial = pool.Trial("r", "t", 0.0, 0.2, -1.0, 0.2, 0.3)
    found = pool.pool([trial], 0.5, Around(0.4, 0.5, 0.6, 1.0, -0.8, 0.8))
    own = np.linalg.inv(np.array([[0.29, 0.045], [0.045, 0.29]]))
    ones = np.array([[1.0, -1.0], [-1.0, 1.0]])
    precision = own + np.diag([1 / 0.5, 1 / 0.8]) + ones / 1.0
    weighted = own @ [0.0, -1.0] + [0.4 / 0.5, -0.8 / 0.8] + np.array([0.6, -0.6])
    assert [found.treated, found.control] == pytest.approx(list(np.linalg.solve(precision, weighted)))
