"""The hierarchical model of rates, built from the evidence tables for one horizon.

Which arms: primary rows that may be fitted, one for each trial, condition, option and outcome family, the
nearest in time to the horizon; their control arms, each kind of comparator apart; their log odds ratio
against the comparator where the kind of comparator gives an extra. Families of `outcome_classes` that each
trial defined for itself stay out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pain_tui.forecast import strata
from pain_tui.forecast.cells import Evidence, control_arm, one_a_trial, treated_logit
from pain_tui.forecast.levels import Arm, Levels, Place, spread
from pain_tui.forecast.shapes import Around
from pain_tui.forecast.tables import FOLDER, Row, members, rows
from pain_tui.forecast.threshold import Shift, threshold_shift

_FIRST_HORIZON = 12  # the variances are estimated once, from the rows nearest to the usual horizon
Variances = tuple[tuple[float, ...], tuple[float, ...], tuple[float, ...]]


@dataclass(frozen=True)
class Hierarchy:
    """The levels of one horizon, and what joins a cell to them."""

    treated: Levels
    effect: Levels
    control: Levels
    families: dict[str, str]
    classes: dict[str, str]
    extra_kinds: frozenset[str]
    one_rank: frozenset[str]
    shift: Shift
    pair_share: float
    held: dict[tuple[str, ...], Around | None] = field(default_factory=dict, compare=False)

    def around(
        self, condition: str, option: str, outcome_class: str, kind: str, trial_ids: Sequence[str]
    ) -> Around | None:
        """The prior of a cell's means at its own threshold; None: its outcome is not pooled or stands alone.

        Options that share one rank are pulled together within their condition later; here they do not speak.
        """
        key = (condition, option, outcome_class, kind, *trial_ids)
        if key not in self.held:
            self.held[key] = self._around(condition, option, outcome_class, kind, trial_ids)
        return self.held[key]

    def _around(
        self, condition: str, option: str, outcome_class: str, kind: str, trial_ids: Sequence[str]
    ) -> Around | None:
        family = self.families.get(outcome_class)
        if family is None:
            return None
        without = set(trial_ids)
        if option in self.one_rank:
            without |= {
                a.trial_id
                for a in self.treated.arms
                if a.place.condition == condition and a.place.option in self.one_rank
            }
        group = self.classes.get(option, option)
        treated = self.treated.around(Place(family, group, option, condition, option), without)
        if treated is None:
            return None
        effect = control = None
        if kind in self.extra_kinds:
            effect = self.effect.around(Place(family, kind, f"{kind}:{group}", condition, option), without)
            control = self.control.around(
                Place(f"{family}:{kind}", group, option, condition, option), without
            )
        from30 = outcome_class == "pain30"
        move, more = (self.shift.mean, self.shift.variance) if from30 else (0.0, 0.0)
        share = self.pair_share if effect is not None and control is not None else 1.0
        return Around(
            treated.mean + move,
            treated.variance + more,
            effect.mean if effect else None,
            effect.variance / share if effect else None,
            control.mean + move if control else None,
            (control.variance + more) / share if control else None,
        )

    @property
    def variances(self) -> Variances:
        """Of treated arms, of log odds ratios and of control arms, in the order of `levels.EFFECTS`."""
        return self.treated.variances, self.effect.variances, self.control.variances


def hierarchy(
    evidence: Evidence,
    horizon: int,
    with_bias: bool,
    folder: Path = FOLDER,
    variances: Variances | None = None,
    start: Variances | None = None,
) -> Hierarchy:
    """The hierarchy of one horizon.

    variances: those of the effects when they are known already; start: a first guess of them.
    """
    shift = threshold_shift(evidence)
    classes = {o["intervention_id"]: o["class"] for o in rows("interventions", folder)}
    families = {
        name: row["family"] for name, row in evidence.classes.items() if row["shares_level"] == "true"
    }
    waveforms = {r["option_group"] for r in rows("option_groups", folder) if r["shares_one_rank"] == "true"}
    one_rank = frozenset(o for group in waveforms for o in members(group, "option", folder))

    def arms(weeks: int) -> tuple[tuple[Arm, ...], tuple[Arm, ...], tuple[Arm, ...]]:
        held = list(_rows(evidence, weeks, families))
        controlled = [r for r in held if _gives_extra(evidence, r)]
        return (
            tuple(_treated(r, with_bias, shift, families, classes, folder) for r in held),
            tuple(_effect(evidence, r, with_bias, families, classes, folder) for r in controlled),
            tuple(_control(evidence, r, shift, families, classes, folder) for r in controlled),
        )

    if variances is None:
        variances = _spread(evidence, *arms(_FIRST_HORIZON), start)
    treated, effect, control = arms(horizon)
    extra_kinds = frozenset(r["kind"] for r in evidence.kinds.values() if r["gives_extra"] == "true")
    return Hierarchy(
        Levels(treated, variances[0]),
        Levels(effect, variances[1]),
        Levels(control, variances[2]),
        families,
        classes,
        extra_kinds,
        one_rank,
        shift,
        evidence.settings["pair_share"],
    )


def _spread(
    evidence: Evidence,
    treated: Sequence[Arm],
    effect: Sequence[Arm],
    control: Sequence[Arm],
    start: Variances | None,
) -> Variances:
    """The variances of the three models; of effects and controls from counted control arms only.

    Arms with an assumed control rate look alike by construction and would hide how far trials differ.
    """
    counted = {r["row_id"] for r in evidence.rates if r["n_control"]}
    floor, first = evidence.settings["level_sd_floor"], start or (None, None, None)
    return (
        spread(treated, floor, first[0]),
        spread([a for a in effect if a.row_id in counted], floor, first[1]),
        spread([a for a in control if a.row_id in counted], floor, first[2]),
    )


def _rows(evidence: Evidence, horizon: int, families: dict[str, str]) -> Iterator[Row]:
    held: dict[tuple[str, str, str], list[Row]] = {}
    for row in evidence.rates:
        if evidence.fits(row) and row["prior_role"] == "primary" and row["outcome_class"] in families:
            key = (row["condition_id"], row["intervention_id"], families[row["outcome_class"]])
            held.setdefault(key, []).append(row)
    for group in held.values():
        yield from one_a_trial(sorted(group, key=lambda r: evidence.position(r["outcome_class"])), horizon)


def _gives_extra(evidence: Evidence, row: Row) -> bool:
    return bool(row["rate_control"]) and evidence.kinds[row["comparator_type"]]["gives_extra"] == "true"


def _step(row: Row, shift: Shift) -> tuple[float, float]:
    return (shift.mean, shift.variance) if row["outcome_class"] == "pain30" else (0.0, 0.0)


def _treated(
    row: Row, with_bias: bool, shift: Shift, families: dict[str, str], classes: dict[str, str], folder: Path
) -> Arm:
    option, (move, variance) = row["intervention_id"], _step(row, shift)
    place = Place(
        families[row["outcome_class"]], classes.get(option, option), option, row["condition_id"], option
    )
    between = strata.of_cell(row["condition_id"], option, folder)
    logit = treated_logit(row, with_bias, folder) - move - strata.move(row, between, folder)
    return Arm(row["row_id"], row["trial_id"], place, logit, float(row["se_logit"]) ** 2 + variance)


def _effect(
    evidence: Evidence,
    row: Row,
    with_bias: bool,
    families: dict[str, str],
    classes: dict[str, str],
    folder: Path,
) -> Arm:
    """The log odds ratio of a row; the threshold cancels."""
    option, kind = row["intervention_id"], evidence.kinds[row["comparator_type"]]["kind"]
    lower = f"{kind}:{classes.get(option, option)}"
    place = Place(families[row["outcome_class"]], kind, lower, row["condition_id"], option)
    control, variance = control_arm(row, evidence.settings)
    effect = treated_logit(row, with_bias, folder) - control
    return Arm(row["row_id"], row["trial_id"], place, effect, float(row["se_logit"]) ** 2 + variance)


def _control(
    evidence: Evidence,
    row: Row,
    shift: Shift,
    families: dict[str, str],
    classes: dict[str, str],
    folder: Path,
) -> Arm:
    """The control arm of a row, at the first threshold and in the middle of its strata."""
    option, (move, more) = row["intervention_id"], _step(row, shift)
    family = f"{families[row['outcome_class']]}:{evidence.kinds[row['comparator_type']]['kind']}"
    place = Place(family, classes.get(option, option), option, row["condition_id"], option)
    logit, variance = control_arm(row, evidence.settings)
    aside = strata.move(row, strata.of_cell(row["condition_id"], option, folder), folder)
    return Arm(row["row_id"], row["trial_id"], place, logit - move - aside, variance + more)
