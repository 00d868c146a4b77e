"""Meta-analysis in closed form: DerSimonian and Laird's between-study variance, two arms pooled together.

Everything is on the logit scale. A trial gives its treated arm and, when it was controlled, its control arm;
the arms' sampling errors are independent, their between-trial deviations are correlated. The pooled pair is
the generalised least squares estimate of the bivariate random-effects model (van Houwelingen 2002); what is
returned is the predictive distribution for a new setting, that is with the between-trial variance added.
Sources: DerSimonian 1986 Control Clin Trials 7:177; van Houwelingen 2002 Stat Med 21:589.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pain_tui.forecast.shapes import Around, Pair


@dataclass(frozen=True)
class Trial:
    """One trial of a cell: logits and sampling variances of its arms; `tau`: SD by its certainty."""

    row_id: str
    trial_id: str
    treated: float
    treated_variance: float
    control: float | None
    control_variance: float | None
    tau: float


def between_variance(values: Sequence[float], variances: Sequence[float]) -> float:
    """DerSimonian and Laird's moment estimate of the between-study variance; 0 for fewer than two studies."""
    if len(values) < 2:
        return 0.0
    y, w = np.asarray(values), 1.0 / np.asarray(variances)
    mean = (w * y).sum() / w.sum()
    q = (w * (y - mean) ** 2).sum()
    scale = w.sum() - (w**2).sum() / w.sum()
    return float(max(0.0, (q - (len(values) - 1)) / scale))


@dataclass(frozen=True)
class Usual:
    """What other cells teach: the usual between-trial variance, and for how many trials it counts."""

    between: float
    weight: float


def tau_squared(
    values: Sequence[float],
    variances: Sequence[float],
    taus: Sequence[float],
    usual: float | None = None,
    weight: float = 0.0,
) -> float:
    """The between-study variance used: the estimate, but never below the mean the certainty words ask for.

    Two or three trials say little about their variance: with `usual` the estimate is averaged with what is
    usual in other cells, each by its degrees of freedom.
    """
    floor, found, own = float(np.mean(np.square(taus))), between_variance(values, variances), len(values) - 1
    if usual is not None and own > 0:
        found = (own * found + weight * usual) / (own + weight)
    return max(floor, found)


def pool_one(
    values: Sequence[float], variances: Sequence[float], taus: Sequence[float]
) -> tuple[float, float]:
    """Mean and predictive variance of one arm over its trials."""
    tau2 = tau_squared(values, variances, taus)
    w = 1.0 / (np.asarray(variances) + tau2)
    return float((w * np.asarray(values)).sum() / w.sum()), float(1.0 / w.sum() + tau2)


def pool(
    trials: Sequence[Trial],
    arm_correlation: float,
    around: Around | None = None,
    usual: Usual | None = None,
) -> Pair:
    """The treated and the control logit of a cell with their predictive covariance.

    Trials without a control inform the control only through the correlation of the arms; when no trial has
    one, the control is None. around: what the trials outside the cell say, joined as a prior of both means
    and of their difference; usual: what other cells say of the spread between trials.
    """
    controls = [t for t in trials if t.control is not None and t.control_variance is not None]
    arms = [0, 1] if controls else [0]
    between = _between(trials, controls, arm_correlation, usual)[np.ix_(arms, arms)]
    precision, weighted = np.zeros((2, 2)), np.zeros(2)
    if around is not None:
        _join_prior(precision, weighted, around, bool(controls))
    for t in trials:
        held = [0] if t.control is None or not controls else [0, 1]
        sampling = np.diag([t.treated_variance, t.control_variance or 0.0])[np.ix_(held, held)]
        inverse = np.linalg.inv(sampling + between[np.ix_(held, held)])
        precision[np.ix_(held, held)] += inverse
        weighted[held] += inverse @ np.array([t.treated, t.control or 0.0])[held]
    covariance = np.linalg.inv(precision[np.ix_(arms, arms)])
    mean = covariance @ weighted[arms]
    if not controls:
        return Pair(float(mean[0]), float(covariance[0, 0] + between[0, 0]), None, None, 0.0)
    predictive = covariance + between
    return Pair(
        float(mean[0]),
        float(predictive[0, 0]),
        float(mean[1]),
        float(predictive[1, 1]),
        float(predictive[0, 1]),
    )


def _between(
    trials: Sequence[Trial], controls: Sequence[Trial], arm_correlation: float, usual: Usual | None
) -> NDArray[np.float64]:
    """The covariance of the two arms between trials."""
    weight = usual.weight if usual else 0.0
    tau_t = tau_squared(
        [t.treated for t in trials],
        [t.treated_variance for t in trials],
        [t.tau for t in trials],
        usual.between if usual else None,
        weight,
    )
    if not controls:
        return np.array([[tau_t, 0.0], [0.0, 0.0]])
    tau_a = tau_squared(
        [t.control for t in controls if t.control is not None],
        [t.control_variance for t in controls if t.control_variance is not None],
        [t.tau for t in controls],
        usual.between if usual else None,
        weight,
    )
    both = arm_correlation * (tau_t * tau_a) ** 0.5
    return np.array([[tau_t, both], [both, tau_a]])


def _join_prior(
    precision: NDArray[np.float64], weighted: NDArray[np.float64], around: Around, has_control: bool
) -> None:
    """Add the precision and the weighted mean of what other trials say of either arm and of their difference."""

    def add(direction: tuple[float, float], mean: float, variance: float) -> None:
        along = np.array(direction)
        precision[:] += np.outer(along, along) / variance
        weighted[:] += along * mean / variance

    add((1.0, 0.0), around.treated, around.treated_variance)
    if has_control and around.control is not None and around.control_variance is not None:
        add((0.0, 1.0), around.control, around.control_variance)
    if has_control and around.effect is not None and around.effect_variance is not None:
        add((1.0, -1.0), around.effect, around.effect_variance)
