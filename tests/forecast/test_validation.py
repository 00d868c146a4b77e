"""The promises of docs/validation.md, at a size that a test can afford."""

import numpy as np
import pytest

from pain_tui.forecast import check, load, simulate
from pain_tui.forecast.design import theta

HELD = check.leave_one_out()


def test_every_trial_is_held_out_whole() -> None:
    assert len({h.trial_id for h in HELD}) > 90
    assert {h.tier for h in HELD} <= {*check.TIERS, check.LEVEL}


def test_coverage_of_what_the_program_shows() -> None:
    """Both arms together between 70 and 90 %; each arm such as 80 % would give (exact binomial, 5 %)."""
    from scipy.stats import binomtest

    shown = [h for h in HELD if h.arm in ("treated", "control") and h.tier in check.SHOWN]
    assert 0.70 <= check.coverage(shown) <= 0.90
    for arm in ("treated", "control"):
        part = [h for h in shown if h.arm == arm]
        assert len(part) >= 15
        assert binomtest(sum(h.inside(0.8) for h in part), len(part), 0.8).pvalue > 0.05


def test_coverage_over_all_trials() -> None:
    for arms in (("treated", "control"), ("level",)):
        assert 0.70 <= check.coverage([h for h in HELD if h.arm in arms]) <= 0.90


def test_the_level_of_other_cells_beats_one_rate_for_all() -> None:
    """The prior of a cell must be worth more than no prior: over every trial, shown by the program or not."""
    flat = check.same_rate_for_all()
    level = [h for h in HELD if h.arm == "level"]
    assert len(level) > 80
    assert np.mean([h.error for h in level]) < np.mean([flat[h.row_id] for h in level])


def test_partial_pooling_beats_the_cell_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the program shows, against the same cells from their own trials only."""
    usual = {h.row_id: h.error for h in HELD if h.arm == "treated" and h.tier in check.SHOWN}
    real = check.cell_for
    monkeypatch.setattr(check, "cell_for", lambda *given: real(*given[:7]))
    alone = {h.row_id: h.error for h in check.leave_one_out() if h.row_id in usual and h.arm == "treated"}
    assert np.mean(list(usual.values())) < np.mean(list(alone.values())) - 0.015


def test_the_extra_is_predicted_better_than_by_no_effect() -> None:
    """Pairs of arms: the error of the extra against saying that the option adds nothing."""
    pairs = {(h.row_id, h.arm): h for h in HELD if h.tier in check.SHOWN}
    seen = [
        abs(
            1 / (1 + np.exp(-pairs[row, "treated"].observed))
            - 1 / (1 + np.exp(-pairs[row, "control"].observed))
        )
        for row, arm in pairs
        if arm == "control"
    ]
    assert np.mean(check.extra_errors(HELD)) < np.mean(seen)


def test_wider_level_holds_more() -> None:
    assert check.coverage(HELD, 0.5) < check.coverage(HELD, 0.8) < check.coverage(HELD, 0.99)


def test_discrimination_on_itself_is_modest() -> None:
    found = simulate.discrimination(load.load(), np.random.default_rng(1), clinics=60, size=1000)
    assert 0.60 <= found.mean() <= 0.75
    half = simulate.discrimination(
        load.load(), np.random.default_rng(1), clinics=60, size=1000, share_missing=0.5
    )
    assert 0.60 <= half.mean() <= found.mean() + 0.005


def test_intervals_hold_the_truth() -> None:
    share = simulate.interval_coverage(load.load(), np.random.default_rng(2), clinics=25, size=200)
    assert 0.74 <= share <= 0.86


@pytest.mark.parametrize("shift", [0.0, -0.7])
def test_updating_comes_nearer_to_the_clinic(shift: float) -> None:
    random = np.random.default_rng(3)
    made = [simulate.update(load.load(), random, 1000, shift=shift, fresh=1000) for _ in range(4)]
    before, after = (
        np.mean([getattr(u, k) for u in made]) for k in ("calibration_before", "calibration_after")
    )
    assert after < before / 2 and sum(u.promoted for u in made) >= 3


@pytest.mark.parametrize("size", [50, 200])
def test_outcomes_that_are_a_coin_are_hardly_ever_promoted(size: int) -> None:
    """200 clinics of coin tosses: at most 1 in 100 may pass, and each of the others is told that nothing changed."""
    random = np.random.default_rng(4)
    made = [simulate.update(load.load(), random, size, noise=True, fresh=size) for _ in range(200)]
    assert sum(u.promoted for u in made) <= 2
    assert all(u.verdict.startswith("Nothing changed") for u in made if not u.promoted)


def test_the_rule_still_lets_a_real_clinic_through() -> None:
    random = np.random.default_rng(6)
    made = [simulate.update(load.load(), random, 1000, fresh=1000) for _ in range(8)]
    assert sum(u.promoted for u in made) >= 7
    assert all(u.verdict.startswith("Better") for u in made if u.promoted)


def test_parameters_are_recovered() -> None:
    """With many outcomes the posterior mean comes near the truth, within a few posterior SDs."""
    from pain_tui.forecast.estimator import PriorLogisticRegression

    model, random = load.load(), np.random.default_rng(5)
    parameters = theta(model, cells=simulate.relief_cells(model)[:4])
    made = simulate.clinic(model, parameters, random, 20_000)
    fitted = PriorLogisticRegression(parameters.mean, parameters.covariance).fit(made.X, made.y)
    place = list(parameters.treated_at.values())
    distance = np.abs(fitted.coef_[0] - made.truth)[place] / np.sqrt(np.diag(fitted.covariance_))[place]
    assert distance.max() < 4
