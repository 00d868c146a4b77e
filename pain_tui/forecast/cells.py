"""From the rows of `responder_rates` to cells: one option, one condition, one horizon, one outcome.

Which rows enter a cell: roles primary and supporting, with a rate, in the horizon's window, of one outcome
class (the class with a primary row that stands first in `outcome_classes`), one row a trial, the nearest in
time. Primary rows give the pool; supporting rows of the same class only widen it. When nothing lies in the
window the nearest time makes a cell of its own that is never ordered with the others.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import NormalDist
from typing import Protocol

from pain_tui.forecast import bias, limited, strata
from pain_tui.forecast.pool import Trial, Usual, pool, pool_one
from pain_tui.forecast.shapes import Around, Cell, Pair
from pain_tui.forecast.tables import FOLDER, Row, number, rows, settings

WATCH = "watch"
_FITTED_ROLES = ("primary", "supporting")
_CERTAINTY = ("high", "moderate", "low", "very_low")
# Rows of times outside every window are taken together when they differ by no more than this share.
_SAME_TIME = 0.2
# Designs whose control rate is no count: assumed, and the response worked out from it; or judged as a whole.
_UNCOUNTED = ("derived", "expert")


def logit(p: float) -> float:
    """ln(p / (1 - p))."""
    return math.log(p / (1.0 - p))


def interval_z(options: dict[str, float]) -> float:
    """Standard errors on either side of an interval at the level of every screen."""
    return NormalDist().inv_cdf((1.0 + options["level"]) / 2.0)


class Outside(Protocol):
    """What the trials outside a cell teach (`hierarchy.Hierarchy`)."""

    def around(
        self, condition: str, option: str, outcome_class: str, kind: str, trial_ids: Sequence[str]
    ) -> Around | None:
        """The prior of the cell's treated mean and of its effect."""

    @property
    def variances(self) -> tuple[tuple[float, ...], tuple[float, ...], tuple[float, ...]]:
        """Of treated logits, log odds ratios, control logits, by effect; the last is between trials of a cell."""


@dataclass(frozen=True)
class Evidence:
    """The tables a cell is made from, read once."""

    rates: tuple[Row, ...]
    horizons: tuple[Row, ...]
    classes: dict[str, Row]
    kinds: dict[str, Row]
    settings: dict[str, float]

    @classmethod
    def read(cls, folder: Path = FOLDER, leave_out: Iterable[str] = ()) -> "Evidence":
        """The tables of a folder. leave_out: trial ids to hold out (checks only)."""
        held = set(leave_out)
        return cls(
            tuple(r for r in rows("responder_rates", folder) if r["trial_id"] not in held),
            rows("horizons", folder),
            {r["outcome_class"]: r for r in rows("outcome_classes", folder)},
            {r["comparator_type"]: r for r in rows("comparator_kinds", folder)},
            settings(folder),
        )

    def of(self, condition: str, option: str) -> list[Row]:
        """Every row about one option in one condition, whatever its role."""
        return [r for r in self.rates if r["condition_id"] == condition and r["intervention_id"] == option]

    def usable(self, condition: str, option: str) -> list[Row]:
        """The rows among them that may be fitted: a rate, a fitted role, an outcome that is a rate."""
        return [r for r in self.of(condition, option) if self.fits(r)]

    def fits(self, row: Row) -> bool:
        """May this row be fitted at all?"""
        return (
            bool(row["rate_treated"])
            and row["prior_role"] in _FITTED_ROLES
            and self.classes[row["outcome_class"]]["fits"] == "true"
        )

    def position(self, outcome_class: str) -> int:
        """The place of an outcome class in the order of preference."""
        return int(self.classes[outcome_class]["position"])


def weeks(row: Row) -> float:
    """The time of a row in weeks."""
    return float(row["time_weeks"])


def window(evidence: Evidence, horizon: int) -> tuple[float, float]:
    """From (included) and to (excluded) in weeks."""
    row = next(r for r in evidence.horizons if int(r["horizon_weeks"]) == horizon)
    return float(row["from_weeks"]), float(row["to_weeks"])


def at_time(evidence: Evidence, candidates: Sequence[Row], horizon: int) -> tuple[list[Row], bool]:
    """The rows that speak for a horizon, and whether they lie in its window."""
    low, high = window(evidence, horizon)
    inside = [r for r in candidates if low <= weeks(r) < high]
    if inside:
        return inside, True
    best = [r for r in candidates if r["prior_role"] == "primary"] or list(candidates)
    nearest = min(best, key=lambda r: (abs(math.log(weeks(r) / horizon)), weeks(r)))
    for other in evidence.horizons:
        low, high = float(other["from_weeks"]), float(other["to_weeks"])
        if low <= weeks(nearest) < high:
            return [r for r in candidates if low <= weeks(r) < high], False
    t = weeks(nearest)
    return [r for r in candidates if abs(weeks(r) - t) <= _SAME_TIME * t], False


def one_class(evidence: Evidence, candidates: Sequence[Row]) -> str:
    """The outcome class of a cell: one with a primary row before one without, then by position."""

    def order(name: str) -> tuple[bool, int]:
        has_primary = any(r["outcome_class"] == name and r["prior_role"] == "primary" for r in candidates)
        return not has_primary, evidence.position(name)

    return min({r["outcome_class"] for r in candidates}, key=order)


def one_a_trial(candidates: Sequence[Row], horizon: int) -> list[Row]:
    """At most one row a trial: primary before supporting, then the nearest time, then the table's order."""
    chosen: dict[str, Row] = {}
    for row in candidates:
        rank = (row["prior_role"] != "primary", abs(math.log(weeks(row) / horizon)))
        held = chosen.get(row["trial_id"])
        if held is None or rank < (held["prior_role"] != "primary", abs(math.log(weeks(held) / horizon))):
            chosen[row["trial_id"]] = row
    return list(chosen.values())


def treated_logit(row: Row, with_bias: bool, folder: Path = FOLDER) -> float:
    """Logit of the treated rate, moved by the bias rule when it is on."""
    return logit(float(row["rate_treated"])) + (bias.shift(row, folder) if with_bias else 0.0)


def control_arm(row: Row, options: dict[str, float]) -> tuple[float, float]:
    """Logit and sampling variance of a control arm; an arm without responders gets half a count."""
    rate, n = float(row["rate_control"]), number(row["n_control"])
    if n is None:
        return logit(rate), options["assumed_control_sd"] ** 2
    if rate in (0.0, 1.0):
        rate = (rate * n + options["zero_count"]) / (n + 2 * options["zero_count"])
    return logit(rate), 1.0 / (n * rate * (1.0 - rate))


def comparator_kind(evidence: Evidence, chosen: Sequence[Row]) -> str:
    """The kind of comparator of a cell: the first in `comparator_kinds` that has a rate; "" when none has."""
    kinds = [evidence.kinds[r["comparator_type"]] for r in chosen if _controlled(evidence, r)]
    return min(kinds, key=lambda k: int(k["position"]))["kind"] if kinds else ""


def _controlled(evidence: Evidence, row: Row) -> bool:
    return bool(row["rate_control"]) and evidence.kinds[row["comparator_type"]]["is_control"] == "true"


def trials(
    evidence: Evidence, chosen: Sequence[Row], kind: str, with_bias: bool, folder: Path = FOLDER
) -> list[Trial]:
    """The chosen rows as trials, brought to the middle of their strata; only control arms of the one kind."""
    made, between = [], strata.slope(chosen, folder)
    with_kind = [r for r in chosen if _controlled(evidence, r) and _is(evidence, r, kind)]
    if with_kind and evidence.kinds[with_kind[0]["comparator_type"]]["gives_extra"] != "true":
        # other treatments are not one another: only arms given the same one are pooled
        with_kind = [r for r in with_kind if r["comparator"] == with_kind[0]["comparator"]]
    compared = {r["row_id"] for r in with_kind}
    for row in chosen:
        has = row["row_id"] in compared
        control, variance = control_arm(row, evidence.settings) if has else (None, None)
        aside = strata.move(row, between, folder)
        made.append(
            Trial(
                row["row_id"],
                row["trial_id"],
                treated_logit(row, with_bias, folder) - aside,
                float(row["se_logit"]) ** 2,
                None if control is None else control - aside,
                variance,
                float(row["tau_logit"]),
            )
        )
    return made


def own_cell(
    evidence: Evidence,
    condition: str,
    option: str,
    horizon: int,
    with_bias: bool,
    folder: Path = FOLDER,
    outside: "Outside | None" = None,
    direct: bool = True,
) -> Cell | None:
    """The cell from the condition's own rows, or None when no row of it can be fitted.

    outside: what other cells teach; without it the cell is its own trials alone. direct: its controlled trials
    stand for its own condition, so other trials may move it only so far (`limited`); not when it is lent.
    """
    candidates = evidence.usable(condition, option)
    if not candidates:
        return None
    timely, in_window = at_time(evidence, candidates, horizon)
    outcome = one_class(evidence, timely)
    chosen = one_a_trial([r for r in timely if r["outcome_class"] == outcome], horizon)
    primary = [r for r in chosen if r["prior_role"] == "primary"]
    supporting = [r for r in chosen if r["prior_role"] == "supporting"]
    base = primary or supporting
    kind = comparator_kind(evidence, base)
    compared = [r for r in base if _controlled(evidence, r) and _is(evidence, r, kind)]
    held, correlation = trials(evidence, base, kind, with_bias, folder), evidence.settings["arm_correlation"]
    alone, around = pool(held, correlation), None
    if outside is not None:
        around = outside.around(condition, option, outcome, kind, [r["trial_id"] for r in chosen])
    pair = alone if around is None else pool(held, correlation, around, _usual(evidence, outside))
    own_errors, why_held = limited.errors(held) if direct and around is not None else None, ""
    if own_errors is not None:
        pair, why_held = limited.hold(alone, pair, own_errors, interval_z(evidence.settings))
    if not primary:
        pair = pair.spread(evidence.settings["supporting_only_sd"] ** 2)
    elif supporting:
        pair = _widened_by(evidence, pair, supporting, with_bias, folder)
    against = [r["row_id"] for r in evidence.of(condition, option) if r["prior_role"] == "contradicting"]
    times = [weeks(r) for r in base]
    return Cell(
        condition,
        option,
        horizon,
        with_bias,
        pair,
        outcome,
        in_window,
        (min(times), max(times)),
        _joined(r["denominator"] for r in base),
        kind,
        _joined(r["comparator"] for r in compared),
        certainty_of(base),
        "primary" if primary else "supporting",
        tuple(r["row_id"] for r in base),
        tuple(r["row_id"] for r in supporting) if primary else (),
        tuple(against),
        people=sum(int(r["n_treated"] or 0) for r in base),
        alone=alone,
        own_errors=own_errors,
        around=around,
        held=why_held,
        no_rate="" if kind else _joined(r["comparator"] for r in base if _control_without_rate(evidence, r)),
        not_counted=_not_counted(compared),
        strata=_strata(base, folder),
        other_outcomes=tuple(
            r["row_id"] for r in evidence.usable(condition, option) if r["outcome_class"] != outcome
        ),
    )


def _control_without_rate(evidence: Evidence, row: Row) -> bool:
    """Was there a control group whose own rate is not in the tables?"""
    of_a_group = evidence.kinds[row["comparator_type"]]["is_control"] == "true"
    return of_a_group and not row["rate_control"] and row["comparator"] != "none"


def _is(evidence: Evidence, row: Row, kind: str) -> bool:
    return evidence.kinds[row["comparator_type"]]["kind"] == kind


def _not_counted(compared: Iterable[Row]) -> str:
    """The design of a row whose control rate was assumed or judged: nobody counted it, whatever its citation."""
    designs = {r["design"] for r in compared if not r["n_control"]}
    return next((d for d in _UNCOUNTED if d in designs), "")


def _strata(base: Sequence[Row], folder: Path) -> tuple[tuple[str, str], ...]:
    """Each row of a stratified pool with the words of its side."""
    if strata.slope(base, folder) is None:
        return ()
    entries = [(r["row_id"], strata.side(r, folder)) for r in base]
    return tuple((row, entry["words"]) for row, entry in entries if entry is not None)


def _usual(evidence: Evidence, outside: "Outside | None") -> Usual | None:
    if outside is None:
        return None
    return Usual(outside.variances[0][-1], evidence.settings["usual_tau_weight"])


def _widened_by(
    evidence: Evidence, pair: Pair, supporting: Sequence[Row], with_bias: bool, folder: Path
) -> Pair:
    """Supporting rows never move the pool; their distance from it is added to its SD in part."""
    values = [treated_logit(r, with_bias, folder) for r in supporting]
    mean, _ = pool_one(
        values, [float(r["se_logit"]) ** 2 for r in supporting], [float(r["tau_logit"]) for r in supporting]
    )
    return pair.spread((evidence.settings["supporting_share"] * (mean - pair.treated)) ** 2)


def certainty_of(base: Sequence[Row]) -> str:
    """The lowest GRADE word among the rows of a pool."""
    return max((r["grade_certainty"] for r in base), key=_CERTAINTY.index)


def lowered(word: str) -> str:
    """One step down in certainty."""
    return _CERTAINTY[min(_CERTAINTY.index(word) + 1, len(_CERTAINTY) - 1)]


def _joined(words: Iterable[str]) -> str:
    return "; ".join(sorted(set(words)))


def cell_for(
    evidence: Evidence,
    condition: str,
    umbrellas: Sequence[str],
    option: str,
    horizon: int,
    with_bias: bool,
    folder: Path = FOLDER,
    outside: "Outside | None" = None,
) -> Cell | None:
    """The cell of an option: from its own rows, else borrowed from the first umbrella that has rows."""
    own = own_cell(evidence, condition, option, horizon, with_bias, folder, outside)
    if own is not None:
        return own
    against = tuple(r["row_id"] for r in evidence.of(condition, option) if r["prior_role"] == "contradicting")
    for umbrella in umbrellas:
        lent = own_cell(evidence, umbrella, option, horizon, with_bias, folder, outside, direct=False)
        if lent is not None:
            return replace(
                lent,
                condition=condition,
                borrowed_from=umbrella,
                pair=lent.pair.widened(evidence.settings["borrow_sd"]),
                certainty=lowered(lent.certainty),
                contradicting=tuple(sorted({*lent.contradicting, *against})),
            )
    return None


def watch_cell(
    evidence: Evidence, condition: str, umbrellas: Sequence[str], horizon: int, with_bias: bool
) -> Cell | None:
    """The course without new treatment: the usual-care arms of the condition's trials."""
    for source in (condition, *umbrellas):
        arms = [
            r
            for r in evidence.rates
            if r["condition_id"] == source
            and evidence.fits(r)
            and r["rate_control"]
            and evidence.kinds[r["comparator_type"]]["is_course"] == "true"
        ]
        if source != condition:  # a course is lent only as relief of pain, never as another outcome
            arms = [r for r in arms if evidence.classes[r["outcome_class"]]["family"] == "relief"]
        if not arms:
            continue
        timely, in_window = at_time(evidence, arms, horizon)
        outcome = one_class(evidence, timely)
        chosen = one_a_trial([r for r in timely if r["outcome_class"] == outcome], horizon)
        values = [control_arm(r, evidence.settings) for r in chosen]
        mean, variance = pool_one(
            [v[0] for v in values], [v[1] for v in values], [float(r["tau_logit"]) for r in chosen]
        )
        pair = Pair(mean, variance, None, None, 0.0)
        times = [weeks(r) for r in chosen]
        kind = evidence.kinds[chosen[0]["comparator_type"]]["kind"]
        return Cell(
            condition,
            WATCH,
            horizon,
            with_bias,
            pair.widened(evidence.settings["borrow_sd"]) if source != condition else pair,
            outcome,
            in_window,
            (min(times), max(times)),
            _joined(r["denominator"] for r in chosen),
            kind,
            _joined(r["comparator"] for r in chosen),
            lowered(certainty_of(chosen)) if source != condition else certainty_of(chosen),
            "control",
            tuple(r["row_id"] for r in chosen),
            borrowed_from="" if source == condition else source,
            people=sum(int(r["n_control"] or 0) for r in chosen),
            not_counted=_not_counted(chosen),
        )
    return None
