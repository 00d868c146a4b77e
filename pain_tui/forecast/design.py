"""The same model as one parameter vector theta: names, prior mean and covariance, and design rows.

theta holds, for the cells of one horizon (bias rule on), the treated logit and the control logit, then every
slope, then the threshold shift. A row of the design picks the cell's logit, the coded predictors and the
threshold: `X theta` is the linear predictor of one arm, so the estimator and the plain numbers must agree.
"""

from dataclasses import dataclass

import numpy as np

from pain_tui.forecast.coding import CODED
from pain_tui.forecast.load import Floats, Model
from pain_tui.forecast.predict import Rows, logits


@dataclass(frozen=True)
class Theta:
    """Names, mean and covariance of the parameters, and where each cell's two logits and each slope stand."""

    names: tuple[str, ...]
    mean: Floats
    covariance: Floats
    treated_at: dict[int, int]
    control_at: dict[int, int]
    slope_at: int
    threshold_at: int


def theta(
    model: Model, horizon: int | None = None, bias: bool = True, cells: list[int] | None = None
) -> Theta:
    """The prior of theta for the cells of a horizon (or the cells given), S = Cov as pooled."""
    chosen = (
        cells
        if cells is not None
        else [i for i, c in enumerate(model.cells) if c["horizon"] == horizon and c["bias"] == bias]
    )
    names: list[str] = []
    mean: list[float] = []
    treated_at, control_at = {}, {}
    for i in chosen:
        cell = model.cells[i]
        treated_at[i] = len(names)
        names.append(f"treated:{cell['condition']}:{cell['option']}")
        mean.append(model.treated[i])
        if cell["a"] is not None:
            control_at[i] = len(names)
            names.append(f"control:{cell['condition']}:{cell['option']}")
            mean.append(model.control[i])
    slope_at = len(names)
    slopes = model.data["slopes"]
    names += [f"slope:{s['term']}:{'+'.join(s['rows'])}" for s in slopes] + ["threshold_30_minus_50"]
    mean += [s["mean"] for s in slopes] + [model.data["shift30"]["mean"]]
    covariance = np.zeros((len(names), len(names)))
    for i, at in treated_at.items():
        covariance[at, at] = model.treated_variance[i]
        if i in control_at:
            other = control_at[i]
            covariance[other, other] = model.control_variance[i]
            covariance[at, other] = covariance[other, at] = model.covariance[i]
    for j, slope in enumerate(slopes):
        covariance[slope_at + j, slope_at + j] = slope["sd"] ** 2
    covariance[-1, -1] = model.data["shift30"]["variance"]
    return Theta(tuple(names), np.array(mean), covariance, treated_at, control_at, slope_at, len(names) - 1)


def design(
    model: Model, parameters: Theta, rows: Rows, *, arm: str = "treated", evidence_set: str = "default"
) -> Floats:
    """Design rows of one arm at the 50 % threshold; missing predictors stand at the population mean (0).

    arm: "treated" or "control". The limit on the total shift is not linear: rows beyond it are not for this.
    """
    found = logits(model, rows, evidence_set)
    place = parameters.treated_at if arm == "treated" else parameters.control_at
    X = np.zeros((len(rows.cell), len(parameters.names)))
    X[np.arange(len(rows.cell)), [place[int(c)] for c in rows.cell]] = 1.0
    acting = found.active & (found.state == CODED)
    if arm == "control":
        acting &= model.on_control[found.columns]
    i, j = np.nonzero(acting)
    X[i, parameters.slope_at + model.slope_row[evidence_set][rows.pair[i], found.columns[j]]] = found.x[i, j]
    X[:, parameters.threshold_at] = model.step50[rows.cell]
    return X
