"""The promises of docs/validation.md, at a size that a test can afford."""

import numpy as np
import pytest

from pain_tui.forecast import check, load, simulate
from pain_tui.forecast.design import theta

HELD = check.leave_one_out()


def test_every_trial_is_held_out_whole() -> None:
    assert len({h.trial_id for h in HELD}) > 90
    assert {h.tier for h in HELD} <= {*check.TIERS, check.LEVEL}


@pytest.mark.parametrize("arm", ["treated", "control"])
def test_coverage_of_what_the_program_shows(arm: str) -> None:
    shown = [h for h in HELD if h.arm == arm and h.tier in check.SHOWN]
    assert len(shown) >= 15 and 0.70 <= check.coverage(shown) <= 0.90


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
    found = simulate.discrimination(load.load(), np.random.default_rng(1), clinics=24, size=1000)
    assert 0.60 <= found.mean() <= 0.75


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


def test_outcomes_that_are_a_coin_are_never_promoted() -> None:
    random = np.random.default_rng(4)
    assert not any(
        simulate.update(load.load(), random, n, noise=True, fresh=1000).promoted for n in (50, 200, 1000)
    )


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
