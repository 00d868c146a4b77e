"""Everything the screens show of one person, as plain data: the assessment and the rows it was made from.

Made by the desk off the main thread; screens only format it. Rows are dicts with the column names of
docs/architecture.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pain_tui.monitor.course import Course

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Identity:
    """Who the person is. The name and one of `record` and `person` are always on screen."""

    person: str
    name: str = ""
    record: str = ""
    sex: str | None = None
    birth_date: date | None = None
    age_years: float | None = None
    weight_kg: float | None = None
    egfr: float | None = None
    allergies: tuple[str, ...] | None = None  # None: not recorded; empty: stated to have none
    fictional: bool = True


@dataclass(frozen=True)
class Counts:
    """How many of each tier, and how many missing facts."""

    STOP: int = 0
    CAUTION: int = 0
    NOTE: int = 0
    MISSING: int = 0


@dataclass(frozen=True)
class Field:
    """One value to enter on the lifestyle screen, as knowledge describes it and as it stands for the person.

    low, high: the allowed range, None when there is none. choices: allowed words of a choice.
    used: the model has a slope for it for this person's problem. warns: a finding rests on it.
    """

    fact: str
    group: str
    label: str
    unit: str
    meaning: str = ""
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    value: str | None = None
    at: date | None = None
    is_old: bool = False
    validity_days: int | None = None
    previous: str | None = None
    previous_at: date | None = None
    changed: bool = False
    used: bool = False
    warns: str | None = None  # the highest tier resting on it
    row_id: str | None = None
    bands: tuple[tuple[float, float, str], ...] = ()


@dataclass(frozen=True)
class Chart:
    """One person, read and assessed, with the draft edits laid over."""

    identity: Identity
    as_of: date
    assessment: Row
    counts: Counts = Counts()
    fields: tuple[Field, ...] = ()
    medicines: tuple[Row, ...] = ()
    treatments: tuple[Row, ...] = ()
    problems: tuple[Row, ...] = ()
    conditions: tuple[Row, ...] = ()
    visits: tuple[Row, ...] = ()
    trend: Row | None = None
    reviews: Mapping[str, Row] = field(default_factory=dict)  # list name -> latest list_review row
    answers: tuple[Row, ...] = ()  # overrides and acknowledgements
    plan: Row | None = None
    ledger: tuple[Row, ...] = ()
    course: "Course | None" = None  # diary and verdicts; None until the monitor has asked
    preferences: tuple[Row, ...] = ()  # goals and declined options that hold
    positions: Mapping[tuple[str, str], Sequence[Row]] = field(
        default_factory=dict
    )  # both sides of a dispute
    sign_blocks: tuple[Row, ...] = ()  # what keeps the draft plan from being signed, the open ones first
    row_versions: Mapping[tuple[str, str], int] = field(default_factory=dict)  # (table, row_id) -> version
    plans_saved: int = 0  # how often a plan of the person was saved

    @property
    def findings(self) -> list[Row]:
        """Findings, highest tier first, in the order of the assessment within a tier."""
        order = {"STOP": 0, "CAUTION": 1, "NOTE": 2}
        return sorted(self.assessment.get("findings", []), key=lambda finding: order.get(finding["tier"], 3))

    @property
    def problem(self) -> Row | None:
        """The pain problem whose options are compared: the first one."""
        problems = self.assessment.get("problems", [])
        return problems[0] if problems else None


@dataclass(frozen=True)
class ClinicRow:
    """One line of the clinic list. Counts are None until the cohort has been assessed."""

    person: str
    name: str
    record: str
    sex: str | None
    age_years: float | None
    problem: str = ""
    next_visit: str | None = None
    nrs: float | None = None
    nrs_change: float | None = None
    genotype: str = ""  # yes, no, wait
    plan: str = "none"
    counts: Counts | None = None
    mme: str | None = None  # `30`, `none`, `?`; None until assessed
    first_warning: str = ""

    @property
    def flag(self) -> str:
        """The highest open warning; empty while not yet assessed."""
        if self.counts is None:
            return ""
        for word in ("STOP", "CAUTION", "NOTE"):
            if getattr(self.counts, word):
                return word
        return "-"
