"""Simulated clinics, to check the arithmetic of the model: discrimination, recovery, coverage, updating.

A clinic is drawn from the model's own prior (or from one that differs), with covariates from the fixed
population table. What is measured is whether the machinery keeps its promises when its assumptions hold and
how it fails when they do not. Nothing here is performance on patients.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pain_tui.forecast.coding import CODED, MISSING
from pain_tui.forecast.design import Theta, design, theta
from pain_tui.forecast.load import Floats, Model
from pain_tui.forecast.predict import Rows, expit, predict

Random = np.random.Generator
SURELY = 2.0  # standard errors by which an update must be better before it would be promoted
NOTHING_CHANGED = (
    "Nothing changed: on later outcomes of this clinic the update is not surely better than the bundled model and"
    " than the best single rate for everyone. The bundled model stays."
)
PROMOTED = (
    "Better on later outcomes of this clinic than the bundled model and than the best single rate for everyone, by"
    f" more than {SURELY:g} standard errors."
)


@dataclass(frozen=True)
class Clinic:
    """Rows, their design, the true parameters, true probabilities and outcomes."""

    rows: Rows
    X: Floats
    truth: Floats
    p: Floats
    y: NDArray[np.int64]


def population(
    model: Model, random: Random, size: int, share_missing: float = 0.0
) -> tuple[Floats, NDArray[np.int8]]:
    """Centred covariates of `size` people by the population table, and which are missing."""
    x = np.empty((size, len(model.terms)))
    for j, term in enumerate(model.terms):
        if term["form"] == "linear":
            x[:, j] = random.normal(0.0, term["variance"] ** 0.5, size)
        else:
            x[:, j] = (random.random(size) < term["mean"]) - term["mean"]
    state = np.where(random.random(x.shape) < share_missing, MISSING, CODED).astype(np.int8)
    return x, state


def relief_cells(model: Model, horizon: int = 12) -> list[int]:
    """Cells of one horizon, in its window, whose outcome is relief, bias rule on, without watching."""
    return [
        i for i, c in enumerate(model.cells)
        if c["horizon"] == horizon and c["bias"] and c["in_window"] and c["option"] != "watch"
        and c["outcome_class"] in ("pain50", "pain30")
    ]  # fmt: skip


def clinic(
    model: Model,
    parameters: Theta,
    random: Random,
    size: int,
    *,
    shift: float = 0.0,
    share_missing: float = 0.0,
    truth: Floats | None = None,
) -> Clinic:
    """One clinic of treated people. shift: how far its treated logits lie from the evidence."""
    cells = np.array(sorted(parameters.treated_at))
    cell = random.choice(cells, size)
    pair = np.array([model.pair_of(model.cells[i]["condition"], model.cells[i]["option"]) for i in cell])
    x, state = population(model, random, size, share_missing)
    complete = Rows.plain(cell, pair, x, np.full_like(state, CODED))
    X = design(model, parameters, complete)
    if truth is None:
        truth = random.multivariate_normal(parameters.mean, parameters.covariance, method="cholesky")
    moved = truth.copy()
    moved[list(parameters.treated_at.values())] += shift
    p = expit(X @ moved)
    return Clinic(
        Rows.plain(cell, pair, np.where(state == CODED, x, np.nan), state),
        X,
        moved,
        p,
        (random.random(size) < p).astype(int),
    )


def auc(score: Floats, y: NDArray[np.int64]) -> float:
    """Area under the curve by ranks (ties count half)."""
    order = np.argsort(score, kind="stable")
    ranks = np.empty(len(score))
    ranks[order] = np.arange(1, len(score) + 1)
    for value in np.unique(score):
        at = score == value
        ranks[at] = ranks[at].mean()
    positive = int(y.sum())
    return float((ranks[y == 1].sum() - positive * (positive + 1) / 2) / (positive * (len(y) - positive)))


def discrimination(
    model: Model, random: Random, *, clinics: int = 40, size: int = 4000, share_missing: float = 0.0
) -> Floats:
    """AUC of the prior's own probabilities on clinics drawn from it, one value a clinic."""
    parameters = theta(model, cells=relief_cells(model))
    found = []
    for _ in range(clinics):
        made = clinic(model, parameters, random, size, share_missing=share_missing)
        found.append(auc(predict(model, made.rows)["p_response"], made.y))
    return np.array(found)


def interval_coverage(model: Model, random: Random, *, clinics: int = 60, size: int = 400) -> float:
    """Share of true probabilities inside the printed interval, truth drawn from the prior, half missing."""
    parameters = theta(model, cells=relief_cells(model))
    inside = []
    for _ in range(clinics):
        made = clinic(model, parameters, random, size, share_missing=0.5)
        shown = predict(model, made.rows)
        inside.append(((shown["lo"] <= made.p) & (made.p <= shown["hi"])).mean())
    return float(np.mean(inside))


@dataclass(frozen=True)
class Updated:
    """One clinic's update, on people not used for it: calibration and log loss before and after."""

    size: int
    calibration_before: float
    calibration_after: float
    loss_before: float
    loss_after: float
    loss_same_rate: float
    coverage_after: float
    surely_better: float

    @property
    def promoted(self) -> bool:
        """Only what is better on later outcomes than the prior and than any one rate, by more than chance."""
        return self.surely_better > SURELY

    @property
    def verdict(self) -> str:
        """What is said of it."""
        return PROMOTED if self.promoted else NOTHING_CHANGED


def update(
    model: Model,
    random: Random,
    size: int,
    *,
    shift: float = 0.0,
    noise: bool = False,
    cells: int = 8,
    fresh: int = 4000,
) -> Updated:
    """Fit a clinic of `size` closed outcomes about the prior; judge it on `fresh` later people of it.

    It must beat the prior, and the one rate that fits the later people best: a rate taken from the outcomes it
    was fitted to is itself far off when they are few, and what merely lies nearer to the middle would beat it.
    noise: outcomes are a coin, whatever was given. cells: how many options and conditions the clinic treats.
    """
    from pain_tui.forecast.estimator import PriorLogisticRegression

    chosen = list(random.choice(relief_cells(model), cells, replace=False))
    parameters = theta(model, cells=[int(i) for i in chosen])
    past = clinic(model, parameters, random, size, shift=shift)
    later = clinic(
        model, parameters, random, fresh, shift=shift, truth=past.truth - _moved(parameters, shift)
    )
    y, y_later, p_later = past.y, later.y, later.p
    if noise:
        y, y_later, p_later = (
            (random.random(size) < 0.5).astype(int),
            (random.random(fresh) < 0.5).astype(int),
            np.full(fresh, 0.5),
        )
    prior = PriorLogisticRegression(parameters.mean, parameters.covariance)
    before = prior.from_prior(len(parameters.names)).predict_proba(later.X)[:, 1]
    fitted = PriorLogisticRegression(parameters.mean, parameters.covariance).fit(past.X, y)
    after = fitted.predict_proba(later.X)[:, 1]
    half = 1.2815515655446004 * np.sqrt(fitted.decision_variance(later.X))
    eta = fitted.decision_function(later.X)
    inside = (expit(eta - half) <= p_later) & (p_later <= expit(eta + half))
    flat = np.full(fresh, (y.sum() + 0.5) / (size + 1.0))
    best = np.full(fresh, (y_later.sum() + 0.5) / (fresh + 1.0))
    return Updated(
        size,
        _calibration(before, p_later),
        _calibration(after, p_later),
        float(_loss(before, y_later).mean()),
        float(_loss(after, y_later).mean()),
        float(_loss(flat, y_later).mean()),
        float(inside.mean()),
        min(_surely(_loss(other, y_later) - _loss(after, y_later)) for other in (before, best)),
    )


def _moved(parameters: Theta, shift: float) -> Floats:
    moved = np.zeros(len(parameters.names))
    moved[list(parameters.treated_at.values())] = shift
    return moved


def _calibration(said: Floats, p: Floats) -> float:
    """Mean distance between what was said and the true probability."""
    return float(np.abs(said - p).mean())


def _loss(said: Floats, y: NDArray[np.int64]) -> Floats:
    """The log loss of each person."""
    return np.asarray(-np.where(y == 1, np.log(said), np.log1p(-said)))


def _surely(gain: Floats) -> float:
    """The mean gain in standard errors."""
    return float(gain.mean() / (gain.std(ddof=1) / len(gain) ** 0.5))
