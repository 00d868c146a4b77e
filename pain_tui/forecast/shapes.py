"""The small frozen things that pass between the parts of the forecast."""

from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Pair:
    """Treated and control logit of a cell with their covariance; control None: no control group."""

    treated: float
    treated_variance: float
    control: float | None
    control_variance: float | None
    covariance: float

    def widened(self, sd: float) -> "Pair":
        """The same pair with `sd` added to the SD of each arm, correlation kept."""
        if self.control_variance is None:
            return replace(self, treated_variance=(self.treated_variance**0.5 + sd) ** 2)
        s_t, s_a = self.treated_variance**0.5, self.control_variance**0.5
        correlation = self.covariance / (s_t * s_a)
        return replace(
            self,
            treated_variance=(s_t + sd) ** 2,
            control_variance=(s_a + sd) ** 2,
            covariance=correlation * (s_t + sd) * (s_a + sd),
        )

    def spread(self, variance: float) -> "Pair":
        """The same pair with a variance added to the treated arm alone."""
        return replace(self, treated_variance=self.treated_variance + variance)

    def moved_to(self, treated: float, treated_variance: float) -> "Pair":
        """The pair after learning more about the treated arm; the control follows by regression."""
        if self.control is None or self.control_variance is None:
            return replace(self, treated=treated, treated_variance=treated_variance)
        slope = self.covariance / self.treated_variance
        return Pair(
            treated,
            treated_variance,
            self.control + slope * (treated - self.treated),
            self.control_variance - slope**2 * (self.treated_variance - treated_variance),
            slope * treated_variance,
        )


@dataclass(frozen=True)
class Around:
    """What the trials outside a cell say of its treated logit, its log odds ratio and its control logit.

    None: nothing. The control comes from control arms of the same kind only. Effect and control rest on the
    same trials; where both speak, their variances are already such that together they count once.
    """

    treated: float
    treated_variance: float
    effect: float | None
    effect_variance: float | None
    control: float | None = None
    control_variance: float | None = None


@dataclass(frozen=True)
class Errors:
    """Sampling variances of the mean treated and the mean control logit of a cell's own trials."""

    treated: float
    control: float


@dataclass(frozen=True)
class Cell:
    """What the evidence says of one option in one condition at one horizon.

    Logits are at the threshold of `outcome_class` as reported; `option` is `watch` for the course without
    new treatment (then only `pair.treated` is filled, from usual-care arms). Weeks are those of the rows.
    alone: the pair of the cell's own trials, own_errors their sampling error (None: not limited); around: the
    prior they were pooled with (None: not pooled); held: what kept the pool near them (`limited.hold`);
    strata: rows that took different people, with words; no_rate: comparators whose own rate is not known;
    not_counted: how a control rate came about that no trial counted (`derived`, `expert`).
    """

    condition: str
    option: str
    horizon: int
    bias: bool
    pair: Pair
    outcome_class: str
    in_window: bool
    weeks: tuple[float, float]
    denominator: str
    comparator_kind: str
    comparator: str
    certainty: str
    role: str
    rows: tuple[str, ...]
    supporting: tuple[str, ...] = ()
    contradicting: tuple[str, ...] = ()
    borrowed_from: str = ""
    people: int = 0
    rank_group: str = ""
    alone: Pair | None = None
    own_errors: Errors | None = None
    around: Around | None = None
    held: str = ""
    no_rate: str = ""
    not_counted: str = ""
    strata: tuple[tuple[str, str], ...] = ()
    other_outcomes: tuple[str, ...] = field(default=())
