"""Leave one trial out: is each trial's response and comparator where the others say it should be?

For a held-out trial the prediction comes from the nearest pool that has anything left: the same cell, an
umbrella that may lend (both as the program itself would), the same option in other conditions, the same class
of option, any trial of the outcome. The last three are not shown by the program; they are here so that every
trial is tested. Coverage counts the trial's own sampling error. Beside it, for every trial, what the trials outside its cell
say of it: that is the prior with which a cell's own trials are pooled. None of this is performance on patients.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import NormalDist

from pain_tui.forecast.cells import (
    Evidence,
    cell_for,
    control_arm,
    one_a_trial,
    treated_logit,
)
from pain_tui.forecast.hierarchy import hierarchy
from pain_tui.forecast.pool import pool_one
from pain_tui.forecast.prior import umbrellas
from pain_tui.forecast.tables import FOLDER, Row, rows, settings
from pain_tui.forecast.threshold import Shift, threshold_shift

TIERS = ("same cell", "lent by an umbrella", "same option elsewhere", "same class of option", "same outcome")
SHOWN = TIERS[:2]
LEVEL = "level of other cells"
_RELIEF = ("pain50", "pain30")


@dataclass(frozen=True)
class Held:
    """One held-out arm: what it showed, what was predicted (logits at its own outcome), and from where."""

    row_id: str
    trial_id: str
    arm: str
    tier: str
    observed: float
    observed_variance: float
    predicted: float
    predicted_variance: float

    def inside(self, level: float) -> bool:
        """Does the interval of prediction, with the arm's own sampling error, hold what was observed?"""
        z = NormalDist().inv_cdf((1 + level) / 2)
        spread = (self.predicted_variance + self.observed_variance) ** 0.5
        return abs(self.observed - self.predicted) <= z * spread

    @property
    def error(self) -> float:
        """Absolute error on the probability scale."""
        return abs(_share(self.observed) - _share(self.predicted))


def _share(logit: float) -> float:
    return 1.0 / (1.0 + math.exp(-logit))


def leave_one_out(folder: Path = FOLDER, bias: bool = True) -> list[Held]:
    """Every primary row with a rate, one a trial and cell, each predicted without its trial."""
    whole = Evidence.read(folder)
    horizons = [int(h["horizon_weeks"]) for h in whole.horizons]
    conditions = {c["condition_id"]: c for c in rows("conditions", folder)}
    classes = {o["intervention_id"]: o["class"] for o in rows("interventions", folder)}
    shift = threshold_shift(whole)
    found, start = [], hierarchy(whole, horizons[0], bias, folder).variances
    for row in _one_row_each(whole):
        rest = Evidence.read(folder, leave_out=[row["trial_id"]])
        horizon = min(horizons, key=lambda h, r=row: abs(h - float(r["time_weeks"])))  # type: ignore[misc]  # mypy cannot type a default of a lambda
        lenders = umbrellas(conditions[row["condition_id"]])
        outside = hierarchy(rest, horizon, bias, folder, start=start)
        cell = cell_for(
            rest, row["condition_id"], lenders, row["intervention_id"], horizon, bias, folder, outside
        )
        observed = treated_logit(row, bias, folder), float(row["se_logit"]) ** 2
        around = outside.around(row["condition_id"], row["intervention_id"], row["outcome_class"], "", [])
        if around is not None:
            tau2 = max(outside.variances[0][-1], float(row["tau_logit"]) ** 2)
            level = around.treated, around.treated_variance + tau2
            found.append(_held(row, "level", LEVEL, observed, level))
        if cell is not None and _comparable(cell.outcome_class, row["outcome_class"]):
            move, spread = _to(cell.outcome_class, row["outcome_class"], shift)
            tier = SHOWN[1] if cell.borrowed_from else SHOWN[0]
            pair = cell.pair
            found.append(
                _held(row, "treated", tier, observed, (pair.treated + move, pair.treated_variance + spread))
            )
            has = whole.kinds[row["comparator_type"]]["is_control"] == "true" and row["rate_control"]
            same_kind = _same_comparator(whole, row, cell.comparator_kind, cell.comparator)
            if has and same_kind and pair.control is not None and pair.control_variance is not None:
                control = control_arm(row, whole.settings)
                found.append(
                    _held(
                        row, "control", tier, control, (pair.control + move, pair.control_variance + spread)
                    )
                )
            continue
        tier, near = _wider(rest, row, classes)
        if near:
            found.append(_held(row, "treated", tier, observed, _pooled(near, row, bias, shift, folder)))
    return found


def extra_errors(held: Sequence[Held]) -> list[float]:
    """The absolute error of the extra over the comparator (probability scale) of arms predicted in pairs."""
    treated = {h.row_id: h for h in held if h.arm == "treated"}
    return [
        abs(
            (_share(treated[h.row_id].observed) - _share(h.observed))
            - (_share(treated[h.row_id].predicted) - _share(h.predicted))
        )
        for h in held
        if h.arm == "control"
    ]


def same_rate_for_all(folder: Path = FOLDER, bias: bool = True, arm: str = "treated") -> dict[str, float]:
    """The absolute error of each row when the pool of all other trials of its outcome predicts it.

    For a control arm: all other arms of its outcome with the same kind of comparator.
    """
    whole = Evidence.read(folder)
    shift = threshold_shift(whole)
    errors = {}
    for row in _one_row_each(whole):
        near = [
            r
            for r in _one_row_each(whole)
            if r["trial_id"] != row["trial_id"]
            and _comparable(r["outcome_class"], row["outcome_class"])
            and (arm == "treated" or _same_kind(whole, r, row))
        ]
        if not near or (arm == "control" and not row["rate_control"]):
            continue
        if arm == "treated":
            mean, _ = _pooled(near, row, bias, shift, folder)
            seen = treated_logit(row, bias, folder)
        else:
            arms = [control_arm(r, whole.settings) for r in near]
            moves = [_to(r["outcome_class"], row["outcome_class"], shift) for r in near]
            mean, _ = pool_one(
                [a[0] + m[0] for a, m in zip(arms, moves, strict=True)],
                [a[1] + m[1] for a, m in zip(arms, moves, strict=True)],
                [float(r["tau_logit"]) for r in near],
            )
            seen = control_arm(row, whole.settings)[0]
        errors[row["row_id"]] = abs(_share(seen) - _share(mean))
    return errors


def _same_comparator(evidence: Evidence, row: Row, kind: str, comparator: str) -> bool:
    """Of the same kind; another treatment only when it is the same one."""
    entry = evidence.kinds[row["comparator_type"]]
    return entry["kind"] == kind and (entry["gives_extra"] == "true" or row["comparator"] == comparator)


def _same_kind(evidence: Evidence, one: Row, other: Row) -> bool:
    kind = evidence.kinds[other["comparator_type"]]["kind"]
    return bool(one["rate_control"]) and evidence.kinds[one["comparator_type"]]["kind"] == kind


def _one_row_each(evidence: Evidence) -> list[Row]:
    """Primary rows that may be fitted, one for each trial, condition, option and outcome family."""
    chosen: dict[tuple[str, str, str], list[Row]] = {}
    for row in evidence.rates:
        if evidence.fits(row) and row["prior_role"] == "primary":
            key = (row["condition_id"], row["intervention_id"], row["trial_id"])
            chosen.setdefault(key, []).append(row)
    return [
        one_a_trial(sorted(held, key=lambda r: evidence.position(r["outcome_class"])), 12)[0]
        for held in chosen.values()
    ]


def _comparable(one: str, other: str) -> bool:
    return one == other or {one, other} <= set(_RELIEF)


def _to(given: str, wanted: str, shift: Shift) -> tuple[float, float]:
    """The move from the threshold of a pool to that of a row, with its variance."""
    if given == wanted:
        return 0.0, 0.0
    return (shift.mean if wanted == "pain30" else -shift.mean), shift.variance


def _wider(evidence: Evidence, row: Row, classes: dict[str, str]) -> tuple[str, list[Row]]:
    usable = [r for r in _one_row_each(evidence) if _comparable(r["outcome_class"], row["outcome_class"])]
    for tier, keep in (
        (TIERS[2], [r for r in usable if r["intervention_id"] == row["intervention_id"]]),
        (TIERS[3], [r for r in usable if classes[r["intervention_id"]] == classes[row["intervention_id"]]]),
        (TIERS[4], usable),
    ):
        if len(keep) > 1:
            return tier, keep
    return "", []


def _pooled(near: Sequence[Row], row: Row, bias: bool, shift: Shift, folder: Path) -> tuple[float, float]:
    moves = [_to(r["outcome_class"], row["outcome_class"], shift) for r in near]
    values = [treated_logit(r, bias, folder) + m[0] for r, m in zip(near, moves, strict=True)]
    variances = [float(r["se_logit"]) ** 2 + m[1] for r, m in zip(near, moves, strict=True)]
    return pool_one(values, variances, [float(r["tau_logit"]) for r in near])


def _held(
    row: Row, arm: str, tier: str, observed: tuple[float, float], predicted: tuple[float, float]
) -> Held:
    return Held(row["row_id"], row["trial_id"], arm, tier, *observed, *predicted)


def coverage(held: Sequence[Held], level: float | None = None) -> float:
    """The share of held-out arms inside their interval."""
    share = settings()["level"] if level is None else level
    return sum(h.inside(share) for h in held) / len(held) if held else float("nan")
