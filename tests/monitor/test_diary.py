"""A diary as daily values: own scale, gaps, several entries a day, several symptoms."""

from datetime import date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from pain_tui.monitor import diary

START = datetime(2026, 1, 1)


def row(day: int, **values: object) -> dict[str, object]:
    """An entry so many days after the start."""
    return {"at": START + timedelta(days=day), **values}


def test_entries_of_a_day_become_their_mean_and_empty_days_are_counted_not_filled() -> None:
    """2 and 4 on one day are 3; the days between stay without a value."""
    (one,) = diary.series([row(0, nrs=2.0), row(0, nrs=4.0), row(3, nrs=5.0)])
    assert one.days == ((date(2026, 1, 1), 3.0), (date(2026, 1, 4), 5.0))
    assert (one.ratings, one.span, one.gaps, one.scale, one.top) == (3, 4, 2, "0-10", 10.0)


def test_each_symptom_and_scale_is_a_series_of_its_own_and_steps_come_last() -> None:
    """Knee and elbow are never mixed, nor a rating of 0 to 10 with one of another scale."""
    found = diary.series(
        [row(n, intensity=3.0, scale="app", symptom="Knee") for n in range(3)]
        + [row(n, nrs=3.0, symptom="Knee") for n in range(2)]
        + [row(n, intensity=2.0, scale="app", symptom="Elbow") for n in range(1)]
        + [row(n, steps=5000.0) for n in range(9)]
    )
    assert [(one.symptom, one.scale, len(one.days)) for one in found] == [
        ("Knee", "app", 3),
        ("Knee", "0-10", 2),
        ("Elbow", "app", 1),
        ("steps", "steps", 9),
    ]
    assert [one.top for one in found] == [None, 10.0, None, None]


def test_the_swing_of_a_fine_scale_keeps_its_decimal() -> None:
    """3 to 3.4 is not rounded to `3 to 3`."""
    values = [3.0, 3.2, 3.0, 3.4, 3.2, 3.0, 3.2]
    (one,) = diary.series([row(n, intensity=value, scale="app") for n, value in enumerate(values)])
    assert one.trend.say.startswith("Within the usual swing of 2.") and "to 3." in one.trend.say


def test_a_scale_without_a_known_end_is_not_cut_at_ten() -> None:
    """40 on a scale of 0 to 100 has a swing around 40."""
    (one,) = diary.series([row(n, intensity=40.0 + n % 3, scale="0-100") for n in range(9)])
    assert one.trend.high is not None and one.trend.high > 40


@given(st.lists(st.tuples(st.integers(0, 60), st.floats(0, 10, allow_nan=False)), min_size=1, max_size=60))
def test_no_entry_is_lost(entries: list[tuple[int, float]]) -> None:
    """Ratings, days and empty days add up, and each day's value lies between its entries."""
    (one,) = diary.series([row(day, nrs=value) for day, value in entries])
    assert one.ratings == len(entries)
    assert len(one.days) + one.gaps == one.span == (one.last - one.first).days + 1
    for day, mean in one.days:
        own = [value for number, value in entries if (START + timedelta(days=number)).date() == day]
        assert min(own) - 1e-9 <= mean <= max(own) + 1e-9
