"""How far may other trials move a cell that has controlled trials of its own? Limited translation.

Partial pooling is better on the whole and can be wrong for one cell; Efron and Morris (1972 J Am Stat Assoc
67:130) let each estimate keep the average gain but move no further from its own data than a stated distance.
Here the distance is the interval of sampling error of the cell's own trials, at the level of every screen:

- neither arm, nor their difference (log odds ratio), leaves that interval;
- where the interval of the difference holds no difference, other trials may bring it nearer to none but never
  further away: a null trial stays null.

The treated arm is held first, the control follows it. What the limit takes back of the pooling it gives back
to the variance: in that share the interval is that of the own trials alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pain_tui.forecast.pool import Trial, between_variance
from pain_tui.forecast.shapes import Errors, Pair

NULL, ARMS = "null", "arms"
_NOTHING = 1e-12


def errors(trials: Sequence[Trial]) -> Errors | None:
    """Sampling variances of the two means over a cell's own trials; None without a control arm.

    Between trials counts what they themselves show (DerSimonian and Laird), not what is usual elsewhere.
    """

    def mean_variance(values: list[float], variances: list[float]) -> float:
        between = between_variance(values, variances)
        return 1.0 / sum(1.0 / (v + between) for v in variances)

    controls = [(t.control, t.control_variance) for t in trials]
    held = [(y, v) for y, v in controls if y is not None and v is not None]
    if not held:
        return None
    treated = mean_variance([t.treated for t in trials], [t.treated_variance for t in trials])
    return Errors(treated, mean_variance([y for y, _ in held], [v for _, v in held]))


@dataclass(frozen=True)
class _Range:
    low: float
    high: float

    def nearest(self, value: float) -> float:
        return min(max(value, self.low), self.high)

    def holds(self, value: float) -> bool:
        return self.low - _NOTHING <= value <= self.high + _NOTHING


def _about(middle: float, half: float) -> _Range:
    return _Range(middle - half, middle + half)


def _of_difference(own: float, half: float) -> tuple[_Range, bool]:
    """Where the difference may lie, and whether the cell's own trials found none."""
    around = _about(own, half)
    if not around.holds(0.0):
        return around, False
    return (_Range(0.0, own) if own >= 0.0 else _Range(around.low, 0.0)), True


def hold(alone: Pair, pooled: Pair, own: Errors, z: float) -> tuple[Pair, str]:
    """The pooled pair inside the limits about the pair of the own trials alone, and what held it.

    z: standard errors of the interval. Returns "" when nothing held it, ARMS, or NULL where the own
    difference holds none and the pool would have moved it away.
    """
    if alone.control is None or pooled.control is None:
        return pooled, ""
    treated = _about(alone.treated, z * own.treated**0.5)
    control = _about(alone.control, z * own.control**0.5)
    difference, is_null = _of_difference(
        alone.treated - alone.control, z * (own.treated + own.control) ** 0.5
    )
    t, c = treated.nearest(pooled.treated), control.nearest(pooled.control)
    c = control.nearest(t - difference.nearest(t - c))
    t = c + difference.nearest(t - c)
    if abs(t - pooled.treated) < _NOTHING and abs(c - pooled.control) < _NOTHING:
        return pooled, ""
    share = min(
        _kept(alone.treated, pooled.treated, t),
        _kept(alone.control, pooled.control, c),
    )
    was_null = is_null and not difference.holds(pooled.treated - pooled.control)
    return _between(alone, pooled, share, t, c), NULL if was_null else ARMS


def _kept(own: float, pooled: float, held: float) -> float:
    """The share of the pooling's move that is left: 1 where the limit did not touch it, 0 at the least."""
    if abs(held - pooled) < _NOTHING:
        return 1.0
    away = abs(pooled - own)
    return 0.0 if away < _NOTHING else max(0.0, 1.0 - abs(held - pooled) / away)


def _between(alone: Pair, pooled: Pair, share: float, treated: float, control: float) -> Pair:
    """The pair at the held means; its covariance lies between that of both in the share."""

    def mixed(first: float | None, second: float | None) -> float:
        return share * (first or 0.0) + (1.0 - share) * (second or 0.0)

    return replace(
        pooled,
        treated=treated,
        control=control,
        treated_variance=mixed(pooled.treated_variance, alone.treated_variance),
        control_variance=mixed(pooled.control_variance, alone.control_variance),
        covariance=mixed(pooled.covariance, alone.covariance),
    )
