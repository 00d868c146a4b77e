"""The step between relief of 50 % and of 30 % on the logit scale, from arms that report both."""

from dataclasses import dataclass

from pain_tui.forecast.cells import Evidence, logit
from pain_tui.forecast.pool import between_variance, pool_one
from pain_tui.forecast.tables import Row


@dataclass(frozen=True)
class Shift:
    """The step between two thresholds on the logit scale: logit P(30 % relief) - logit P(50 % relief)."""

    mean: float
    variance: float
    rows: tuple[str, ...]


def threshold_shift(evidence: Evidence) -> Shift:
    """Pooled from arms that report both thresholds at one time (DerSimonian-Laird, predictive variance).

    The two counts come from the same people, so the sampling variance is taken as that of the difference of
    nested proportions: 1/n * (1/(p50 (1 - p50)) - 1/(p30 (1 - p30)) ...) bounded below by a small share.
    """
    values, variances, used = [], [], []
    by_key: dict[tuple[str, str, str, str], dict[str, Row]] = {}
    for row in evidence.rates:
        if (
            row["outcome_class"] in ("pain30", "pain50")
            and row["rate_treated"]
            and row["prior_role"] != "not_for_prior"
        ):
            key = (row["trial_id"], row["condition_id"], row["intervention_id"], row["time_weeks"])
            by_key.setdefault(key, {}).setdefault(row["outcome_class"], row)
    for pair in by_key.values():
        if len(pair) < 2:
            continue
        for column in ("rate_treated", "rate_control"):
            low, high = pair["pain50"][column], pair["pain30"][column]
            if low and high:
                values.append(logit(float(high)) - logit(float(low)))
                variances.append(
                    _nested_variance(
                        float(low),
                        float(high),
                        pair["pain50"]["n_treated" if column == "rate_treated" else "n_control"],
                    )
                )
        used += [pair["pain50"]["row_id"], pair["pain30"]["row_id"]]
    taus = [between_variance(values, variances) ** 0.5] * len(values)
    mean, variance = pool_one(values, variances, taus)
    return Shift(mean, variance, tuple(used))


_UNKNOWN_ARM = 500.0  # people in an arm whose size the table does not give; pooled reviews, so rather large


def _nested_variance(p50: float, p30: float, n_text: str) -> float:
    """Sampling variance of logit(p30) - logit(p50) when everyone in p50 is also in p30.

    Delta method with Cov(p30, p50) = p50 (1 - p30) / n.
    """
    n = float(n_text) if n_text else _UNKNOWN_ARM
    v50, v30 = 1 / (p50 * (1 - p50)), 1 / (p30 * (1 - p30))
    covariance = p50 * (1 - p30) / (p50 * (1 - p50) * p30 * (1 - p30))
    return (v50 + v30 - 2 * covariance) / n
