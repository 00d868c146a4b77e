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

from pain_tui.forecast.shapes import Pair


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


def tau_squared(values: Sequence[float], variances: Sequence[float], taus: Sequence[float]) -> float:
    """The between-study variance used: the estimate, but never below the mean the certainty words ask for."""
    floor = float(np.mean(np.square(taus)))
    return max(floor, between_variance(values, variances))


def pool_one(
    values: Sequence[float], variances: Sequence[float], taus: Sequence[float]
) -> tuple[float, float]:
    """Mean and predictive variance of one arm over its trials."""
    tau2 = tau_squared(values, variances, taus)
    w = 1.0 / (np.asarray(variances) + tau2)
    return float((w * np.asarray(values)).sum() / w.sum()), float(1.0 / w.sum() + tau2)


def pool(trials: Sequence[Trial], arm_correlation: float) -> Pair:
    """The treated and the control logit of a cell with their predictive covariance.

    Trials without a control inform the control only through the correlation of the arms; when no trial has
    one, the control is None.
    """
    treated = [t.treated for t in trials]
    treated_variance = [t.treated_variance for t in trials]
    taus = [t.tau for t in trials]
    controls = [t for t in trials if t.control is not None and t.control_variance is not None]
    if not controls:
        mean, variance = pool_one(treated, treated_variance, taus)
        return Pair(mean, variance, None, None, 0.0)
    tau_t = tau_squared(treated, treated_variance, taus) ** 0.5
    tau_a = (
        tau_squared(
            [t.control for t in controls if t.control is not None],
            [t.control_variance for t in controls if t.control_variance is not None],
            [t.tau for t in controls],
        )
        ** 0.5
    )
    between = np.array(
        [[tau_t**2, arm_correlation * tau_t * tau_a], [arm_correlation * tau_t * tau_a, tau_a**2]]
    )
    precision, weighted = np.zeros((2, 2)), np.zeros(2)
    for t in trials:
        arms = [0] if t.control is None else [0, 1]
        sampling = np.diag([t.treated_variance, t.control_variance or 0.0])[np.ix_(arms, arms)]
        inverse = np.linalg.inv(sampling + between[np.ix_(arms, arms)])
        precision[np.ix_(arms, arms)] += inverse
        weighted[arms] += inverse @ np.array([t.treated, t.control or 0.0])[arms]
    covariance = np.linalg.inv(precision)
    mean_pair = covariance @ weighted
    predictive = covariance + between
    return Pair(
        float(mean_pair[0]),
        float(predictive[0, 0]),
        float(mean_pair[1]),
        float(predictive[1, 1]),
        float(predictive[0, 1]),
    )
