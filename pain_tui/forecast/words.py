"""What is said beside a number: whom it is about, compared with what, why there is none, who disagrees."""

import json
import math
from typing import Any

from pain_tui.forecast.cells import WATCH
from pain_tui.forecast.load import Model
from pain_tui.forecast.tables import rows

PHRASES = {
    "alike": (
        "An evidence model: of 100 people like those in {trials}{people}. Nobody was matched to this person,"
        " and no record of this clinic was used."
    ),
    "watch_alike": "The course in {trials}{people} that was given {kind}; nobody was matched to this person.",
    "no_control": (
        "No control data: the trials had no comparison group, so how much is more than sham or time alone"
        " cannot be said."
    ),
    "no_rate": (
        "No control data: there was a comparison group ({comparator}), but its own rate is not in the tables,"
        " so how much is more than sham or time alone cannot be said."
    ),
    "active": (
        "Compared with another active treatment ({comparator}): the extra over sham or time alone is"
        " not known."
    ),
    "controlled": "{label}: {comparator}.",
    "watch": "This is the comparator itself: {label} ({comparator}).",
    "derived": " Its rate is assumed, not counted, and the response is worked out from it.",
    "derived_watch": " Its rate is assumed, not counted.",
    "expert": " Its rate is a judgement, not a count.",
    "expert_watch": " Its rate is a judgement, not a count.",
    "placebo_course": (
        "No untreated group is in the tables; people given sham or placebo did this."
        " Waiting alone may do less."
    ),
    "borrowed": " Borrowed from {condition}, with a wider interval.",
    "from30": (
        " The trials counted relief of 30 % or more; the figure for 50 % is moved by the threshold shift."
    ),
    "pooled": (
        " Partly pooled with trials of other cells; its own trials alone say {own:.0f} of 100"
        " ({low:.0f} to {high:.0f}) at their outcome."
    ),
    "weak_too": "Counting weak evidence as well",
    "weak_out": "Leaving weak evidence out",
    "order_same": "{how} would not change the order.",
    "order_first": "{how} would put another option first: {other}. Now: {used}. Neither order is sure.",
    "order_later": "{how} would leave {first} first and change the order further down: {other}. Now: {used}.",
    "for": "The pool of {rows}.",
    "own_trials": "the rows marked pooled, before other cells are heard",
    "other_trials": "of the same option, class, condition and outcome; the pool is joined from both",
    "other_ratio": "; their odds ratio against the comparator is {ratio:.1f}",
    "held_arms": (
        "Held: the pool stays inside the interval of sampling error of the cell's own controlled trials."
    ),
    "held_null": (
        "Held: the cell's own controlled trials do not show a difference, and other trials do not add one."
    ),
}


def trial_words(cell: dict[str, Any]) -> str:
    """`3 trials or cohorts (612 people treated)`."""
    count = len(cell["rows"])
    return f"{count} trial or cohort" if count == 1 else f"{count} trials or cohorts"


def alike(model: Model, cell: dict[str, Any]) -> str:
    """Whom the number is about."""
    people = f" ({cell['people']:,} people counted)" if cell["people"] else ""
    if cell["option"] == WATCH:
        text = PHRASES["watch_alike"].format(
            trials=trial_words(cell), people=people, kind=model.data["kinds"][cell["kind"]]["label"]
        )
    else:
        text = PHRASES["alike"].format(trials=trial_words(cell), people=people)
    if cell["borrowed_from"]:
        text += PHRASES["borrowed"].format(condition=model.data["conditions"][cell["borrowed_from"]])
    if cell["outcome_class"] == "pain30":
        text += PHRASES["from30"]
    if cell["around"]:
        own, _, variance = cell["alone"]
        low, middle, high = (
            100 / (1 + math.exp(-own - side * model.z * variance**0.5)) for side in (-1.0, 0.0, 1.0)
        )
        text += PHRASES["pooled"].format(own=middle, low=low, high=high)
    return text


def comparator_why(model: Model, cell: dict[str, Any]) -> str:
    """What the comparator is, and whether anybody counted its rate; or why there is none."""
    if not cell["kind"]:
        held = cell["no_rate"]
        return PHRASES["no_rate"].format(comparator=held) if held else PHRASES["no_control"]
    kind = model.data["kinds"][cell["kind"]]
    if cell["option"] == WATCH:
        said = PHRASES["watch"].format(label=kind["label"], comparator=cell["comparator"])
    elif not kind["gives_extra"]:
        said = PHRASES["active"].format(comparator=cell["comparator"])
    else:
        said = PHRASES["controlled"].format(label=kind["label"].capitalize(), comparator=cell["comparator"])
    return said + _uncounted(cell["not_counted"], cell["option"] == WATCH)


def _uncounted(how: str, is_watch: bool) -> str:
    """A sentence more where no trial counted the rate of the comparator; "" where one did."""
    return PHRASES[f"{how}_watch" if is_watch else how] if how else ""


def positions(model: Model, cell: dict[str, Any]) -> str | None:
    """Both sides of a disputed cell as JSON; None when nothing contradicts it."""
    if not cell["contradicting"]:
        return None
    cited = model.data["citations"]
    held = [
        {
            "position": "for",
            "say": PHRASES["for"].format(rows="; ".join(cited[r] for r in cell["rows"])),
            "rows": cell["rows"],
        },
        *(
            {"position": "against", "say": model.data["contradicting"][r], "rows": [r]}
            for r in cell["contradicting"]
        ),
    ]
    return json.dumps(held, ensure_ascii=False)


def outcome_of(cell: dict[str, Any]) -> str:
    """The outcome that is shown: the two relief thresholds are one family, shown at 50 %."""
    return "pain50" if cell["outcome_class"] in ("pain50", "pain30") else str(cell["outcome_class"])


def shown_horizon(cell: dict[str, Any]) -> int:
    """Weeks at which the cell speaks: the horizon inside its window, else the time of its own rows."""
    return int(cell["horizon"]) if cell["in_window"] else round(sum(cell["weeks"]) / 2)


def no_estimate(code: str, **values: object) -> tuple[str, str]:
    """Say and remedy of one code."""
    row = next(r for r in rows("no_estimate") if r["code"] == code)
    return row["say"].format(**values), row["remedy"].format(**values)
