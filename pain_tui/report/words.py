"""How values are written in plain text: `?` is not known, risks are whole numbers of 100, dates are ISO."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from typing import Any

from pain_tui.knowledge.own_rules import PREFIX
from pain_tui.patients.normalise.tables import rows

Row = Mapping[str, Any]

OUTCOMES = {"pain50": "relief of half or more"}  # shorter than the table says it
WHO = {  # of whom a number is
    "treated": "people treated",
    "ITT": "people offered it",
    "completers": "people who completed it",
    "mixed": "people (counted in different ways)",
    "implanted": "people implanted",
    "respondents": "people who answered",
    "per_protocol": "people treated as planned",
}
NOT_SAID = "people (who was counted is not stated)"
NO_INTERVAL, NO_CONTROL = "no interval in the source", "no control data"
CHECKS = {"clear": "clear", "not_clear": "not clear", "cannot_tell": "cannot tell"}


def number(value: float | int | None, decimals: int = 1) -> str:
    """A number without needless zeros; `?` when not known."""
    if value is None:
        return "?"
    text = f"{float(value):.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def day(value: date | datetime | str | None) -> str:
    """An ISO date; `?` when not known."""
    if value is None:
        return "?"
    return value.isoformat()[:10] if isinstance(value, date) else str(value)[:10]


def of_100(estimate: Row | None) -> str:
    """`58 of 100 (44 to 71)`; the share of the interval is said once in the heading."""
    if estimate is None or estimate["p"] is None:
        return "not known"
    if estimate["lo"] is None or estimate["hi"] is None:
        return f"{round(estimate['p'] * 100)} of 100 ({NO_INTERVAL})"
    p, lo, hi = (round(estimate[key] * 100) for key in ("p", "lo", "hi"))
    return f"{p} of 100 ({lo} to {hi})"


def harm_rate(harm: Row) -> str:
    """`24 of 100 (20 to 28), 8 without it, 12 wk, of people treated`: nothing without its company."""
    of = f", {words(harm['denominator'])}" if harm["denominator"] else ""
    when = f"{words(harm['timeframe']) if harm['timeframe'] else 'time not stated'}{of}"
    if harm["p"] is None:
        return f"{harm.get('measured') or 'rate not stated'}, {when}"
    bare = f"{number(harm['p'] * 100)} of 100"
    known = harm["lo"] is not None and harm["hi"] is not None
    limits = f"{number(harm['lo'] * 100)} to {number(harm['hi'] * 100)}" if known else NO_INTERVAL
    against = harm["comparator"]
    beside = f"{number(against['p'] * 100)} without it" if against else NO_CONTROL
    return f"{bare} ({limits}), {beside}, {when}"


def more_of_100(estimate: Row) -> str:
    """`8 more of 100 (1 to 15)`, or fewer."""
    p, lo, hi = (round(estimate[key] * 100) for key in ("p", "lo", "hi"))
    return f"{abs(p)} {'fewer' if p < 0 else 'more'} of 100 ({lo} to {hi})"


def comparator_note(option: Row) -> str:
    """What must be known of the comparator's rate beside its name (`Its rate is assumed, not counted.`), or nothing."""
    return str(option.get("comparator_why") or "").partition(". ")[2]


def horizon(estimate: Row) -> str:
    """`relief of half or more at 12 weeks, of people treated`: what the number is of."""
    outcome = outcome_words(estimate["outcome"])
    when = f"at {number(estimate['horizon_weeks'])} weeks"
    return f"{outcome} {when}, of {of_whom(estimate['denominator'])}"


def of_whom(denominator: str | None) -> str:
    """Of whom a number is; several kinds of counting are all said, and so is that none is stated."""
    parts = (part.strip() for part in (denominator or "").split(";"))
    return "; ".join(WHO.get(part) or words(part) for part in parts if part) or NOT_SAID


def outcome_words(outcome: str | None) -> str:
    """What is counted, in words."""
    known = _named("outcome_classes", "outcome_class", "label")
    return OUTCOMES.get(outcome or "") or known.get(outcome or "") or words(outcome)


def condition_name(condition: str | None) -> str:
    """The full name of a pain condition; an id that is not in the tables as words."""
    return _named("conditions", "condition_id", "name").get(condition or "") or words(condition)


def option_name(option: str | None) -> str:
    """The full name of an option; an id that is not in the tables as words."""
    return _named("interventions", "intervention_id", "name").get(option or "") or words(option)


def outside_the_total(why_not: str) -> str:
    """Why a dose is not in the opioid total, as the end of a sentence about the drug."""
    return (
        _named("mme_exclusions", "why_not", "said").get(why_not) or f"is outside the total ({words(why_not)})"
    )


@cache
def _named(table: str, key: str, name: str) -> dict[str, str]:
    return {row[key]: row[name] for row in rows(table)}


def words(identifier: str | None) -> str:
    """An id of a table as words."""
    return "?" if identifier is None else str(identifier).replace("_", " ")


def yes_no(value: bool | None) -> str:
    """yes, no, or cannot tell."""
    return "cannot tell" if value is None else "yes" if value else "no"


NO_HARM = "No harm is in the tables: not known, not zero."
OWN_RULE = "the clinic's own rule"


def is_own(rule: str) -> bool:
    """A rule of the clinic's own, by its id."""
    return rule.startswith(PREFIX)


def whose(finding: Row) -> str:
    """On whose word a finding stands: its source, and that a rule is the clinic's own and not the program's."""
    source = finding.get("source") or "not stated"
    return f"{OWN_RULE}, {source}" if is_own(finding["rule"]) else source
