"""Did a treatment work for this person, judged where it may be judged: inside the option's own window.

Windows, shares and rules come from `knowledge.monitoring` and `knowledge.monitor_rules`. Too early, not seen,
without a baseline and changed together with something else are answers of their own, never a yes or a no.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from functools import partial
from typing import Any

WEEK = timedelta(weeks=1)


@dataclass(frozen=True)
class Window:
    """When an option is judged and what counts. row_id: the row of `monitoring` (or of the forecast's own time)."""

    from_weeks: float
    to_weeks: float
    share: float
    rule: str
    row_id: str


@dataclass(frozen=True)
class Verdict:
    """state: reached, not_reached, one_reading, not_yet, due, not_seen, no_baseline, no_window, not_given.

    opens, closes: the days between which it is judged. relief: share, at the last reading inside the window.
    besides: what else began, stopped or was given in between; then it is not put down to this one alone.
    """

    option: str
    start: date
    state: str
    say: str
    opens: date | None = None
    closes: date | None = None
    baseline: float | None = None
    value: float | None = None
    relief: float | None = None
    share: float | None = None
    besides: tuple[str, ...] = ()
    row_id: str | None = None
    name: str = ""  # of the option, in words
    recorded_pct: float | None = None  # relief as it was written down with the treatment

    def as_dict(self) -> dict[str, Any]:
        """The same as plain data."""
        return {**asdict(self), "besides": list(self.besides)}


def judge(
    option: str,
    start: date,
    window: Window | None,
    *,
    values: Sequence[tuple[date, float]],
    events: Iterable[tuple[date, str]],
    settings: Mapping[str, float],
    as_of: date,
    measure: str = "pain",
) -> Verdict:
    """One course of treatment. values: of the measure, 0 to 10, lower is better, oldest first. events: (day, what)
    of everything else that was given, begun or stopped."""
    if window is None:
        return Verdict(option, start, "no_window", "No time is known at which it should be judged.")
    opens, closes = start + window.from_weeks * WEEK, start + window.to_weeks * WEEK
    found = partial(
        Verdict, option, start, opens=opens, closes=closes, share=window.share, row_id=window.row_id
    )
    if opens == closes:
        said = "It is judged within hours; the relief written down that day is what counts."
        return found(state="no_window", say=said)
    before = [v for day, v in values if start - settings["baseline_weeks"] * WEEK <= day <= start]
    inside = [(day, v) for day, v in values if opens <= day <= min(closes, as_of) and day > start]
    if as_of < opens:
        return found(state="not_yet", say=f"Too early: judged from {opens} to {closes}.")
    if not before or not sum(before):
        weeks = f"{settings['baseline_weeks']:g} weeks"
        said = f"No {measure} value above zero is recorded in the {weeks} before: nothing to compare with."
        return found(state="no_baseline", say=said)
    baseline = sum(before) / len(before)
    if not inside:
        state, said = (
            ("due", "due now") if as_of <= closes else ("not_seen", "not seen, neither better nor worse")
        )
        said = f"No {measure} value from {opens} to {closes}: {said}."
        return found(state=state, say=said, baseline=baseline)
    answer = _read(
        start, window, inside, baseline, before, events, settings, measure, is_open=as_of <= closes
    )
    return replace(
        answer, option=option, opens=opens, closes=closes, share=window.share, row_id=window.row_id
    )


def _read(
    start: date,
    window: Window,
    inside: Sequence[tuple[date, float]],
    baseline: float,
    before: Sequence[float],
    events: Iterable[tuple[date, str]],
    settings: Mapping[str, float],
    measure: str,
    *,
    is_open: bool,
) -> Verdict:
    day, value = inside[-1]
    relief = (baseline - value) / baseline
    apart = (day - inside[0][0]) >= settings["readings_apart_weeks"] * WEEK
    state = "reached" if relief >= window.share else "not_reached" if apart else "one_reading"
    besides = tuple(dict.fromkeys(what for when, what in events if start < when <= day))
    change = f"{-relief * 100:+.0f} %" if relief else "no change"
    name = measure.capitalize() if measure == "pain" else measure
    said = f"{name} {baseline:.1f} -> {value:g} on {day} ({change}; {window.share * 100:.0f} % less is asked for): "
    said += {
        "reached": "reached.",
        "not_reached": "not reached.",
        "one_reading": f"not reached{' so far' if is_open else ''}; no response is called only after two readings "
        f"{settings['readings_apart_weeks']:g} weeks apart.",
    }[state]
    if len(before) < settings["baseline_readings"]:
        said += " The start rests on one reading, which may have been a peak."
    if besides:
        said += f" Not put down to it alone: meanwhile {', '.join(besides[:3])}."
    return Verdict("", start, state, said, baseline=baseline, value=value, relief=relief, besides=besides)
