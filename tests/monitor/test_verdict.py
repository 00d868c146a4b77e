"""Did it work, judged in the option's window: each state just before, at and after where it turns."""

from datetime import date, timedelta

import pytest

from pain_tui.monitor.verdict import Verdict, Window, judge

GIVEN = date(2026, 3, 1)
WINDOW = Window(2, 6, 0.5, "verdict at 6 wk", "m18")
SETTINGS = {"baseline_weeks": 4, "baseline_readings": 2, "readings_apart_weeks": 2, "substantial_relief": 0.5}


def on(weeks: float, value: float) -> tuple[date, float]:
    """A value so many weeks after the treatment."""
    return GIVEN + timedelta(days=round(weeks * 7)), value


def ask(*values: tuple[date, float], as_of: float = 52, **more: object) -> Verdict:
    """The verdict at a time, in weeks after the treatment."""
    return judge(
        "tfesi", GIVEN, more.pop("window", WINDOW), values=sorted(values), events=more.pop("events", ()),
        settings=SETTINGS, as_of=GIVEN + timedelta(days=round(as_of * 7)),
    )  # fmt: skip


BEFORE = (on(-2, 8), on(-1, 8))


@pytest.mark.parametrize(
    ("values", "as_of", "state"),
    [
        ((*BEFORE,), 1.8, "not_yet"),
        ((*BEFORE,), 2, "due"),
        ((*BEFORE,), 6, "due"),
        ((*BEFORE,), 6.2, "not_seen"),
        ((*BEFORE, on(1.8, 1)), 10, "not_seen"),  # too early to count
        ((*BEFORE, on(2, 4)), 10, "reached"),  # half, at the first day
        ((*BEFORE, on(6, 4)), 10, "reached"),  # and at the last
        ((*BEFORE, on(6.2, 4)), 10, "not_seen"),
        ((*BEFORE, on(3, 4.1)), 10, "one_reading"),  # just short of half, once
        ((*BEFORE, on(3, 5), on(4.8, 5)), 10, "one_reading"),  # twice, not two weeks apart
        ((*BEFORE, on(3, 5), on(5, 5)), 10, "not_reached"),
        ((*BEFORE, on(3, 5), on(5, 3)), 10, "reached"),  # the last one counts
        ((*BEFORE, on(3, 3), on(5, 5)), 10, "not_reached"),
        ((on(-4.2, 8), on(3, 2)), 10, "no_baseline"),  # older than four weeks
        ((on(-4, 8), on(3, 2)), 10, "reached"),
        ((on(-1, 0), on(3, 2)), 10, "no_baseline"),  # no pain: no share of it
        ((), 10, "no_baseline"),
    ],
)
def test_states(values: tuple[tuple[date, float], ...], as_of: float, state: str) -> None:
    """A value outside the window never decides; unseen is neither better nor worse."""
    assert ask(*values, as_of=as_of).state == state


def test_a_peak_at_the_start_and_another_change_are_said() -> None:
    """One reading before, and a medicine begun in between: both stand beside the answer."""
    found = ask(on(-1, 8), on(4, 3), events=[(GIVEN + timedelta(weeks=1), "duloxetine started")])
    assert found.state == "reached" and found.besides == ("duloxetine started",)
    assert (
        "one reading" in found.say and "Not put down to it alone: meanwhile duloxetine started" in found.say
    )


def test_what_changed_outside_does_not_confound() -> None:
    """Before the treatment, and after the value that decides."""
    events = [(GIVEN, "same day"), (GIVEN + timedelta(weeks=5), "later")]
    assert ask(*BEFORE, on(4, 3), events=events).besides == ()


def test_more_pain_never_turns_into_reached() -> None:
    """Worse is written as more."""
    found = ask(*BEFORE, on(3, 9), on(5, 9))
    assert found.state == "not_reached" and "+12 %" in found.say


def test_without_a_window_nothing_is_judged() -> None:
    """Neither yes nor no."""
    assert ask(*BEFORE, on(4, 1), window=None).state == "no_window"
