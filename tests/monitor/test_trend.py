"""The control chart on the person's own swing."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pain_tui.monitor import trend

START = date(2026, 1, 1)


def series(*values: float) -> list[tuple[date, float]]:
    """Values a week apart."""
    return [(START + timedelta(weeks=number), value) for number, value in enumerate(values)]


@pytest.mark.parametrize(
    ("values", "state"),
    [
        ((), "none"),
        ((7,), "too_few"),
        ((7, 6, 7, 6), "too_few"),  # one below the fewest
        ((7, 6, 7, 6, 7), "usual"),  # at the fewest
        ((7, 7, 7, 7, 7), "usual"),
        ((7, 7, 7, 7, 6), "usual"),  # one point is no change even after equal values
        ((7, 7, 7, 7, 5), "lower"),
        ((7, 7, 7, 7, 9), "higher"),
        ((7, 6, 7, 8, 7, 6, 1), "lower"),
        (
            (7, 8, 7, 8, 7, 6.6, 6.6, 6.6, 6.6, 6.6, 6.6, 6.6, 6.6),
            "lower",
        ),  # eight in a row below the mean before
        ((7, 8, 7, 8, 7, 6.6, 6.6, 6.6, 6.6, 6.6, 6.6, 6.6, 7.6), "usual"),  # seven, then not
    ],
)
def test_states(values: tuple[float, ...], state: str) -> None:
    """Each state just below, at and above where it turns."""
    assert trend.judge(series(*values)).state == state


def test_one_visit_says_what_is_needed() -> None:
    """The words of the screen's one-visit state."""
    assert trend.judge(series(7)).say == "Two visits are needed for a trend."


@given(st.lists(st.integers(0, 10), min_size=5, max_size=30))
def test_swing_stays_on_the_scale_and_holds_the_mean(values: list[int]) -> None:
    """The usual swing lies within 0 to 10 and around the mean of the earlier values."""
    found = trend.judge(series(*values))
    assert found.low is not None and found.high is not None
    middle = sum(values[:-1]) / (len(values) - 1)
    assert 0 <= found.low <= middle <= found.high <= 10


@given(st.lists(st.integers(0, 10), min_size=5, max_size=30))
def test_less_is_never_called_more(values: list[int]) -> None:
    """A last value below the earlier mean is never `higher` by the swing."""
    found = trend.judge(series(*values))
    if found.state == "higher" and "shifted" not in found.say:
        assert values[-1] > sum(values[:-1]) / (len(values) - 1)
