"""One vectorised call: cells, slopes and coded facts to probabilities with intervals. NumPy only.

On the logit scale everything is additive and Gaussian, so the answer is closed form:

    treated = cell.t + sum(slope * x)            variance = cell.vt + slope and missing-value variance
    control = cell.a + sum(prognostic slope * x)

A missing predictor contributes nothing to the mean (it is centred) and (slope^2 + sd^2) * Var(x) to the
variance, over the fixed population table; terms are taken as independent, so that a value that becomes
known can only narrow. The interval of the extra joins the two arms' intervals with their correlation
(method of variance estimates recovery; Zou 2008 Stat Med 27:1693).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pain_tui.forecast.coding import CODED, NOT_APPLICABLE
from pain_tui.forecast.load import Floats, Model

CHUNK = 20_000  # rows at a time: memory stays flat however many people there are

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Rows:
    """n person-problem-options. cell: row of the model's cells, -1 for none; pair: row of the slope arrays.

    x: (n, terms) coded values, NaN unless coded; state: (n, terms) the states of `coding`.
    """

    cell: Ints
    pair: Ints
    x: Floats
    state: NDArray[np.int8]

    def part(self, piece: slice) -> "Rows":
        """Some of the rows."""
        return Rows(self.cell[piece], self.pair[piece], self.x[piece], self.state[piece])


@dataclass(frozen=True)
class Logits:
    """Means and variances on the logit scale; each term's shift and added variance, (n, terms)."""

    treated: Floats
    treated_variance: Floats
    control: Floats
    control_variance: Floats
    covariance: Floats
    shift: Floats
    added: Floats
    active: NDArray[np.bool_]
    limited: Floats
    control_limited: Floats


def logits(model: Model, rows: Rows, evidence_set: str = "default") -> Logits:
    """The linear predictor of both arms at the cell's own threshold; NaN: no cell or no control."""
    beta, sd = model.slope_mean[evidence_set][rows.pair], model.slope_sd[evidence_set][rows.pair]
    active = _one_of_a_family(model, beta, sd, rows.state)
    coded = active & (rows.state == CODED)
    x = np.where(coded, rows.x, 0.0)
    shift = beta * x
    open_ = active & ~coded & (rows.state != NOT_APPLICABLE)
    added = np.where(coded, (sd * x) ** 2, np.where(open_, (beta**2 + sd**2) * model.term_variance, 0.0))
    total, total_control = shift.sum(1), shift[:, model.on_control].sum(1)
    cap = model.settings["shift_cap"]
    kept, kept_control = np.clip(total, -cap, cap), np.clip(total_control, -cap, cap)
    both = added[:, model.on_control].sum(1)
    has = rows.cell >= 0
    cell = np.where(has, rows.cell, 0)

    def of(values: Floats) -> Floats:
        return np.where(has, values[cell], np.nan)

    return Logits(
        of(model.treated) + kept,
        of(model.treated_variance) + added.sum(1),
        of(model.control) + kept_control,
        of(model.control_variance) + both,
        of(model.covariance) + both,
        shift,
        added,
        active,
        kept - total,
        kept_control - total_control,
    )


def _one_of_a_family(model: Model, beta: Floats, sd: Floats, state: NDArray[np.int8]) -> NDArray[np.bool_]:
    """Which terms act: all that have a slope, but of a collinear family only the strongest that is known."""
    active = sd > 0
    for members in model.families.values():
        held = active[:, members]
        strength = np.where(held, np.abs(beta[:, members]), -1.0) + np.where(
            held & (state[:, members] == CODED), 1e3, 0.0
        )
        best = strength.argmax(1)
        chosen = np.zeros_like(held)
        chosen[np.arange(len(best)), best] = True
        active[:, members] = held & chosen
    return active


def expit(values: Floats) -> Floats:
    """1 / (1 + exp(-x))."""
    return np.asarray(1.0 / (1.0 + np.exp(-values)))


def interval(mean: Floats, variance: Floats, z: float) -> tuple[Floats, Floats, Floats]:
    """Probability with its interval from a logit's mean and variance."""
    half = z * np.sqrt(variance)
    return expit(mean), expit(mean - half), expit(mean + half)


def difference(
    first: tuple[Floats, Floats, Floats], second: tuple[Floats, Floats, Floats], correlation: Floats
) -> tuple[Floats, Floats, Floats]:
    """first - second with its interval, from two intervals and the correlation of their logits."""
    (p, lo, hi), (q, qlo, qhi) = first, second
    d = p - q
    down = np.sqrt(np.maximum((p - lo) ** 2 + (qhi - q) ** 2 - 2 * correlation * (p - lo) * (qhi - q), 0.0))
    up = np.sqrt(np.maximum((hi - p) ** 2 + (q - qlo) ** 2 - 2 * correlation * (hi - p) * (q - qlo), 0.0))
    return d, d - down, d + up


def predict(
    model: Model, rows: Rows, evidence_set: str = "default", *, level: float | None = None
) -> dict[str, Floats]:
    """Response, comparator and extra of n rows, at 50 % (or the cell's own outcome) and at 30 %.

    level: another share for the interval than the model's own. Keys are the columns of the table `forecast`.
    """
    z = model.z if level is None else _z(level)
    parts = [
        _predict_part(model, rows.part(slice(start, start + CHUNK)), evidence_set, z)
        for start in range(0, max(len(rows.cell), 1), CHUNK)
    ]
    return (
        parts[0]
        if len(parts) == 1
        else {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}
    )


def _z(level: float) -> float:
    from statistics import NormalDist

    return NormalDist().inv_cdf((1 + level) / 2)


def _predict_part(model: Model, rows: Rows, evidence_set: str, z: float) -> dict[str, Floats]:
    found = logits(model, rows, evidence_set)
    cell = np.where(rows.cell >= 0, rows.cell, 0)
    made: dict[str, Floats] = {"logit": found.treated, "logit_variance": found.treated_variance}
    for name, steps in (("", model.step50), ("30", model.step30)):
        made |= _at_threshold(model, found, steps[cell], cell, z, name)
    return made


def _at_threshold(
    model: Model, found: Logits, step: Floats, cell: Ints, z: float, name: str
) -> dict[str, Floats]:
    """The three quantities at one threshold; step: 0, +1 or -1 shifts (NaN: not a relief outcome)."""
    move, spread = step * model.data["shift30"]["mean"], step**2 * model.data["shift30"]["variance"]
    treated = interval(found.treated + move, found.treated_variance + spread, z)
    control = interval(found.control + move, found.control_variance + spread, z)
    correlation = (found.covariance + spread) / np.sqrt(
        (found.treated_variance + spread) * (found.control_variance + spread)
    )
    extra = difference(treated, control, correlation)
    allowed = model.gives_extra[cell]
    extra = (
        np.where(allowed, extra[0], np.nan),
        np.where(allowed, extra[1], np.nan),
        np.where(allowed, extra[2], np.nan),
    )
    keys = (
        ("p_response", "lo", "hi"),
        ("p_comparator", "comparator_lo", "comparator_hi"),
        ("extra", "extra_lo", "extra_hi"),
    )
    if name:
        keys = (
            ("p30_response", "p30_lo", "p30_hi"),
            ("p30_comparator", "p30_comparator_lo", "p30_comparator_hi"),
            ("p30_extra", "p30_extra_lo", "p30_extra_hi"),
        )
    return {
        key: value
        for names, values in zip(keys, (treated, control, extra), strict=True)
        for key, value in zip(names, values, strict=True)
    }


def through_gate(
    p: Floats, variance: Floats, gate: Mapping[str, float], z: float
) -> tuple[Floats, Floats, Floats]:
    """P(pass the gate) x P(respond | passed) with its interval, by the delta method on the log scale.

    p, variance: the response and its logit variance; gate: p, lo, hi (a 95 % interval as published).
    """
    gate_sd = (gate["hi"] - gate["lo"]) / (2 * 1.959963984540054 * gate["p"])
    half = z * np.sqrt(gate_sd**2 + (1 - p) ** 2 * variance)
    whole = gate["p"] * p
    return whole, whole * np.exp(-half), np.minimum(whole * np.exp(half), 1.0)
