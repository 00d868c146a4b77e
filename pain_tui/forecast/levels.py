"""How high do rates of this kind lie? Every other trial as the prior of a cell's own trials.

A cell has one to three trials, and trials of one cell differ among themselves as much as cells do, so the
pool of a cell alone is a poor guess of its next trial. The logits of all primary trials of an outcome are
therefore one hierarchical model, and their log odds ratios against the comparator another:

    treated = outcome + class of option + option + condition + cell + trial + sampling error
    effect  = outcome + kind of comparator + class of option in it + condition + cell + trial + sampling error

with Gaussian effects whose variances are estimated by restricted maximum likelihood (Patterson and Thompson
1971 Biometrika 58:545). For one cell, the best linear prediction of its mean from the trials outside it
(Henderson 1975 Biometrics 31:423; Robinson 1991 Stat Sci 6:15) is a normal prior, which `pool` joins with
the cell's own trials: partial pooling. Outcomes are never mixed, but for the two thresholds of relief, which
the threshold shift joins; nor is an outcome whose meaning each trial chose (`shares_level` is false).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

EFFECTS = ("upper", "lower", "condition", "cell", "trial")
_START = 0.1  # first guess of each variance
_STEPS = 200
_ENOUGH = 1e-5  # smaller steps end the search
_DIGITS = 3  # variances are rounded, so that two machines build the same bytes


@dataclass(frozen=True)
class Place:
    """Where a row stands. upper, lower: class and option of a treated arm; of an effect the kind of its
    comparator, and that with the class."""

    family: str
    upper: str
    lower: str
    condition: str
    option: str

    def group(self, effect: str) -> tuple[str, ...]:
        """The arms that share an effect have the same group."""
        if effect == "cell":
            return self.family, self.condition, self.option
        return self.family, str(getattr(self, effect))


@dataclass(frozen=True)
class Arm:
    """One treated arm, its logit brought to the first threshold of its outcome family; or one effect."""

    row_id: str
    trial_id: str
    place: Place
    logit: float
    variance: float


@dataclass(frozen=True)
class Level:
    """Where the mean of a cell lies by the trials outside it: mean and variance, logit."""

    mean: float
    variance: float


@dataclass(frozen=True)
class Levels:
    """The arms of one horizon and the variances of the effects, in the order of EFFECTS."""

    arms: tuple[Arm, ...]
    variances: tuple[float, ...]

    @cached_property
    def _total(self) -> Floats:
        sampling = np.diag([a.variance for a in self.arms])
        return sampling + sum(v * _same(self.arms, e) for e, v in zip(EFFECTS, self.variances, strict=True))

    def around(self, here: Place, without: Iterable[str]) -> Level | None:
        """The mean of a cell predicted from the arms of its family outside it.

        without: trial ids that are the cell's own. None when no arm of the family is left.
        """
        own, cell = set(without), here.group("cell")
        others = [
            i
            for i, a in enumerate(self.arms)
            if a.place.family == here.family and a.trial_id not in own and a.place.group("cell") != cell
        ]
        if not others:
            return None
        inverse = np.linalg.inv(self._total[np.ix_(others, others)])
        ones = np.ones(len(others))
        y = np.array([self.arms[i].logit for i in others])
        certainty = float(ones @ inverse @ ones)
        mean = float(ones @ inverse @ y) / certainty
        shared = np.array([_shared(here, self.arms[i].place, self.variances) for i in others])
        weights = inverse @ shared
        rest = 1.0 - float(weights @ ones)
        whole = sum(self.variances[:-1])
        return Level(
            mean + float(weights @ (y - mean)), whole - float(shared @ weights) + rest**2 / certainty
        )


def _shared(one: Place, other: Place, variances: Sequence[float]) -> float:
    """The covariance of two cells' means: the effects they have in common."""
    return sum(v for e, v in zip(EFFECTS[:-1], variances, strict=False) if one.group(e) == other.group(e))


def _same(arms: Sequence[Arm], effect: str) -> Floats:
    """(arms, arms): 1 where two arms share an effect."""
    if effect == "trial":
        return np.eye(len(arms))
    groups = [a.place.group(effect) for a in arms]
    index = {g: i for i, g in enumerate(dict.fromkeys(groups))}
    place = np.array([index[g] for g in groups])
    return np.asarray(place[:, None] == place[None, :], dtype=np.float64)


def spread(arms: Sequence[Arm], floor_sd: float, start: Sequence[float] | None = None) -> tuple[float, ...]:
    """The variances of the effects by restricted maximum likelihood, none below the floor.

    A variance estimated as zero from a few pairs is not known to be zero, hence the floor. Fixed-point
    iteration that keeps every variance positive (as expectation maximisation does, in larger steps).
    start: a first guess, for speed alone.
    """
    y = np.array([a.logit for a in arms])
    sampling = np.diag([a.variance for a in arms])
    families = sorted({a.place.family for a in arms})
    X = np.array([[float(a.place.family == f) for f in families] for a in arms])
    parts = [_same(arms, e) for e in EFFECTS]
    found = np.full(len(EFFECTS), _START) if start is None else np.asarray(start, dtype=np.float64)
    for _ in range(_STEPS):
        inverse = np.linalg.inv(sampling + sum(v * p for v, p in zip(found, parts, strict=True)))
        scaled = inverse @ X
        projection = inverse - scaled @ np.linalg.solve(X.T @ scaled, scaled.T)
        residual = projection @ y
        before = found
        gain = [float(residual @ p @ residual) / float(np.vdot(projection, p)) for p in parts]
        found = np.maximum(found * np.sqrt(gain), floor_sd**2)
        if np.abs(found - before).max() < _ENOUGH:
            break
    return tuple(round(float(v), _DIGITS) for v in found)
