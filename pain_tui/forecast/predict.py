"""One vectorised call: cells, slopes and coded facts to probabilities with intervals. NumPy only.

On the logit scale everything is additive and Gaussian, so the answer is closed form:

    treated = cell.t + sum(slope * x)            variance = cell.vt + slope and missing-value variance
    control = cell.a + sum(prognostic slope * x)

A missing predictor contributes nothing to the mean (it is centred) and (slope^2 + sd^2) * Var(x) to the
variance, over the fixed population table; terms are taken as independent, so that a value that becomes
known can only narrow. The interval of the extra joins the two arms' intervals with their correlation
(method of variance estimates recovery; Zou 2008 Stat Med 27:1693).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from pain_tui.forecast.coding import CODED, NOT_APPLICABLE
from pain_tui.forecast.load import Floats, Model

CHUNK = 20_000  # rows at a time: memory stays flat however many people there are

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Rows:
    """n person-problem-options. cell: row of the model's cells, -1 for none; pair: row of the slope arrays.

    x, state: (people, terms) coded values (NaN unless coded) and the states of `coding`; who: (n,) which of
    their rows each option belongs to. own: by term, values and states that belong to the option itself
    (relief from the same treatment before), each (n,).
    """

    cell: Ints
    pair: Ints
    x: Floats
    state: NDArray[np.int8]
    who: Ints
    own: Mapping[int, tuple[Floats, NDArray[np.int8]]] = field(default_factory=dict)

    @classmethod
    def plain(cls, cell: Ints, pair: Ints, x: Floats, state: NDArray[np.int8]) -> "Rows":
        """One row of coded values for every option."""
        return cls(cell, pair, x, state, np.arange(len(cell), dtype=np.int64))

    def take(self, index: Ints) -> "Rows":
        """Some of the rows, in the order given; the coded values are shared, not copied."""
        own = {j: (x[index], state[index]) for j, (x, state) in self.own.items()}
        return Rows(self.cell[index], self.pair[index], self.x, self.state, self.who[index], own)

    def values(self, columns: Ints) -> tuple[Floats, NDArray[np.int8]]:
        """Coded values and states of some terms, (n, len(columns))."""
        place = np.ix_(self.who, columns)
        x, state = self.x[place], self.state[place]
        for j, (own_x, own_state) in self.own.items():
            for k in np.flatnonzero(columns == j):
                x[:, k], state[:, k] = own_x, own_state
        return x, state


@dataclass(frozen=True)
class Logits:
    """Means and variances on the logit scale; shift, added variance and activity of the terms `columns`."""

    treated: Floats
    treated_variance: Floats
    control: Floats
    control_variance: Floats
    covariance: Floats
    columns: Ints
    x: Floats
    state: NDArray[np.int8]
    shift: Floats
    added: Floats
    active: NDArray[np.bool_]
    limited: Floats


def logits(model: Model, rows: Rows, evidence_set: str = "default") -> Logits:
    """The linear predictor of both arms at the cell's own threshold; NaN: no cell or no control."""
    used = np.unique(rows.pair)
    columns = np.flatnonzero((model.slope_sd[evidence_set][used] > 0).any(0))
    place = np.ix_(rows.pair, columns)
    beta, sd = model.slope_mean[evidence_set][place], model.slope_sd[evidence_set][place]
    values, state = rows.values(columns)
    active = _one_of_a_family(model, columns, beta, sd, state)
    coded = active & (state == CODED)
    x = np.where(coded, values, 0.0)
    shift = beta * x
    open_ = active & ~coded & (state != NOT_APPLICABLE)
    widening = (beta**2 + sd**2) * model.term_variance[columns]
    added = np.where(coded, (sd * x) ** 2, np.where(open_, widening, 0.0))
    on_control = model.on_control[columns]
    total, total_control = shift.sum(1), shift[:, on_control].sum(1)
    cap = model.settings["shift_cap"]
    kept, kept_control = np.clip(total, -cap, cap), np.clip(total_control, -cap, cap)
    both = added[:, on_control].sum(1)
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
        columns,
        x,
        state,
        shift,
        added,
        active,
        kept - total,
    )


def chunks(rows: Rows) -> Iterator[Ints]:
    """The rows by CHUNK, those of one condition and option together, so that few terms act in a piece."""
    size = len(rows.cell)
    order = np.argsort(rows.pair, kind="stable") if size > CHUNK else np.arange(size, dtype=np.int64)
    for start in range(0, size, CHUNK):
        yield order[start : start + CHUNK]


def _one_of_a_family(
    model: Model, columns: Ints, beta: Floats, sd: Floats, state: NDArray[np.int8]
) -> NDArray[np.bool_]:
    """Which terms act: all that have a slope, but of a collinear family only the strongest that is known."""
    active = sd > 0
    for family in model.families.values():
        members = np.flatnonzero(np.isin(columns, family))
        if len(members) < 2:
            continue
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
    made: dict[str, Floats] = {}
    for index in chunks(rows):
        part = _predict_part(model, rows.take(index), evidence_set, z)
        if not made:
            made = {key: np.empty(len(rows.cell)) for key in part}
        for key, values in part.items():
            made[key][index] = values
    return made or {key: values[:0] for key, values in _nothing(model, z).items()}


def _nothing(model: Model, z: float) -> dict[str, Floats]:
    """The keys of a prediction, for no rows at all."""
    terms = len(model.terms)
    none = np.zeros(1, dtype=np.int64)
    return _predict_part(
        model,
        Rows.plain(none - 1, none, np.zeros((1, terms)), np.ones((1, terms), dtype=np.int8)),
        "default",
        z,
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
