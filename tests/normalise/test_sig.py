"""Directions: every phrase of the table, ranges, as needed, largest amounts; and what must stay unknown."""

# ruff: noqa: E501 - tables of cases read better with one case a line

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pain_tui.patients.normalise import sig
from pain_tui.patients.normalise.tables import rows, split

FREQUENCIES = [row for row in rows("frequency_words") if row["kind"] == "frequency"]
PHRASES = [
    (row["row_id"], phrase) for row in FREQUENCIES for phrase in [row["phrase"], *split(row["aliases"])]
]
BY_ID = {row["row_id"]: row for row in FREQUENCIES}


@pytest.mark.parametrize(("row_id", "phrase"), PHRASES, ids=[f"{i} {p}" for i, p in PHRASES])
def test_every_phrase_of_the_table_alone(row_id: str, phrase: str) -> None:
    """The table's own numbers; a phrase the table calls ambiguous gives none."""
    row, found = BY_ID[row_id], sig.parse(phrase)
    if row["safety_flag"].startswith(f"{phrase} is ambiguous"):
        assert found.per_day is None and found.per_day_max is None and found.note
    else:
        assert found.per_day == pytest.approx(
            0.0 if row["prn"] == "yes" else float(row["times_per_day_min"]), abs=1e-4
        )
        assert found.per_day_max == pytest.approx(float(row["times_per_day_max"]), abs=1e-4)
        assert found.as_needed is (row["prn"] == "yes")


CASES = [
    # words, scheduled, most, dose low, dose high, unit, as needed
    ("1-2 tablets every 4-6 h as needed", 0, 6, 1, 2, "piece", True),
    ("1-2 tablets every 4-6 hours as needed, max 6 tablets per day", 0, 3, 1, 2, "piece", True),
    (
        "take 1 tablet every 4 hours as needed for pain. Do not exceed 5 tablets in 24 hours",
        0,
        5,
        1,
        1,
        "piece",
        True,
    ),
    ("Take 2 tablets by mouth twice daily", 2, 2, 2, 2, "piece", False),
    ("take 1 tab po bid", 2, 2, 1, 1, "piece", False),
    ("1/2 tablet bid", 2, 2, 0.5, 0.5, "piece", False),
    ("i tab bd", 2, 2, 1, 1, "piece", False),
    ("10 mg every 12 hours", 2, 2, 10, 10, "mg", False),
    ("5 mL q6h prn pain", 0, 4, 5, 5, "mL", True),
    ("0.25-0.5 mL every 2 h PRN", 0, 12, 0.25, 0.5, "mL", True),
    ("1 tablet every six hours", 4, 4, 1, 1, "piece", False),
    ("every 6 (six) hours", 4, 4, None, None, None, False),
    ("take 1 tablet every 12 hours for pain", 2, 2, 1, 1, "piece", False),
    ("06:00, 12:00, 18:00, 22:00", 4, 4, None, None, None, False),
    ("2 per day", 2, 2, None, None, None, False),
    ("3 times per week", 3 / 7, 3 / 7, None, None, None, False),
    ("1 x per 3 d", 1 / 3, 1 / 3, None, None, None, False),
    ("1 tablet weekly", 1 / 7, 1 / 7, 1, 1, "piece", False),
    ("once daily at bedtime", 1, 1, None, None, None, False),
    ("take one tablet three times a day with meals", 3, 3, 1, 1, "piece", False),
    ("apply 1 patch q72h", 1 / 3, 1 / 3, 1, 1, "piece", False),
    ("twice per day", 2, 2, None, None, None, False),
    ("three times per day", 3, 3, None, None, None, False),
    ("take 2 capsules (600 mg) three times daily", 3, 3, 2, 2, "piece", False),
    ("take 1 tablet by mouth two (2) times a day", 2, 2, 1, 1, "piece", False),
    ("every 6 h prn, not more than 3 a day", 0, 3, None, None, None, True),
    ("10 mg q4h prn max 4 per day", 0, 4, 10, 10, "mg", True),
    ("1 tab Q8H PRN (max 3/24h)", 0, 3, 1, 1, "piece", True),
    ("up to 3 tablets daily", 0, 1, 3, 3, "piece", True),
    ("one tab po q6h prn #30", 0, 4, 1, 1, "piece", True),
    ("1 patch weekly", 1 / 7, 1 / 7, 1, 1, "piece", False),
    ("up to 4 times a day", 0, 4, None, None, None, True),
]


@pytest.mark.parametrize(
    ("words", "low", "high", "least", "most", "unit", "prn"), CASES, ids=[c[0] for c in CASES]
)
def test_directions(
    words: str, low: float, high: float, least: float | None, most: float | None, unit: str | None, prn: bool
) -> None:
    found = sig.parse(words)
    assert found.per_day == pytest.approx(low, abs=1e-3) and found.per_day_max == pytest.approx(
        high, abs=1e-3
    )
    assert (found.dose_min, found.dose_max, found.dose_unit, found.as_needed) == (least, most, unit, prn)


@pytest.mark.parametrize(
    "words",
    [
        "as directed", "foo bar", "take with food", "biweekly", "1 tablet in the morning and 2 tablets at bedtime",
        "every 4 hours and every 6 hours", "a couple daily", "every other morning and daily", "twice daily 17 then", "on hold",
    ],
)  # fmt: skip
def test_what_is_not_understood_has_no_frequency(words: str) -> None:
    """A direction that says nothing, or two things, is never read as one a day."""
    found = sig.parse(words)
    assert found.per_day_max is None and found.per_day is None


def test_as_needed_alone_schedules_nothing_and_has_no_maximum() -> None:
    found = sig.parse("prn")
    assert found.per_day == 0 and found.per_day_max is None and found.as_needed


def test_one_dose_is_not_one_a_day() -> None:
    found = sig.parse("stat")
    assert found.once and found.per_day is None and found.per_day_max is None


def test_a_duration_is_read() -> None:
    assert sig.parse("1 po q8h x 10 days").days == 10
    assert sig.parse("1 tablet bid for 2 weeks").days == 14


@pytest.mark.parametrize(
    ("count", "period", "unit", "expected"),
    [
        (4, 1, "d", 4),
        (1, 6, "h", 4),
        (2, 1, "wk", 2 / 7),
        (1, 0, "d", None),
        (10, 1, "mg", None),
        (1, 1, None, None),
        (None, 1, "d", None),
    ],
)
def test_times_a_day_from_fhir_timing(
    count: float | None, period: float, unit: str | None, expected: float | None
) -> None:
    assert sig.times_per_day(count, period, unit) == pytest.approx(expected)


@given(st.text(max_size=60))
def test_no_text_raises_and_the_most_is_never_below_the_scheduled(text: str) -> None:
    found = sig.parse(text)
    if found.per_day is not None and found.per_day_max is not None:
        assert found.per_day <= found.per_day_max
    if found.dose_min is not None and found.dose_max is not None:
        assert found.dose_min >= 0


@given(st.integers(1, 4), st.integers(1, 4), st.integers(2, 12), st.integers(0, 6))
def test_a_range_gives_scheduled_and_most(low: int, more: int, hours: int, wider: int) -> None:
    """Whatever the numbers: the short interval and the larger dose make the maximum."""
    found = sig.parse(f"{low}-{low + more} tablets every {hours}-{hours + wider + 1} hours")
    assert found.per_day == pytest.approx(24 / (hours + wider + 1)) and found.per_day_max == pytest.approx(
        24 / hours
    )
    assert (found.dose_min, found.dose_max) == (low, low + more)


# As British and American prescribers write them: written -> scheduled, most, dose per administration.
PRESCRIBED = [
    ("1 tds", 3, 3, (1, 1, "piece")),
    ("1-2 qds prn", 0, 4, (1, 2, "piece")),
    ("2 nocte", 1, 1, (2, 2, "piece")),
    ("two to be taken four times a day", 4, 4, (2, 2, "piece")),
    ("4-6 hourly", 4, 6, None),
    ("1-2 tablets 4-6 hourly when required max 8 in 24 hours", 0, 4, (1, 2, "piece")),
    ("one and a half tablets bid", 2, 2, (1.5, 1.5, "piece")),
    ("x2 daily", 2, 2, None),
    ("6 per 24 hours", 6, 6, None),
    ("not more than 4 times daily", 0, 4, None),
    ("1 tablet as needed, no more than 6 tablets in 24 hours", 0, 6, (1, 1, "piece")),
    ("no more than 6 tablets in 24 hours", 0, 6, (1, 1, "piece")),
    ("5 mg prn max 30 mg/day", 0, 6, (5, 5, "mg")),
    ("5 mg every 4 hours prn max daily dose 20 mg", 0, 4, (5, 5, "mg")),
    ("every 6 hours prn, not to exceed 3 per day", 0, 3, None),
    ("every night at bedtime as needed", 0, 1, None),
    ("morning, noon and night", 3, 3, None),
    ("25 mcg per hour every 72 hours", 1 / 3, 1 / 3, (25, 25, "mcg/h")),
    # what adds a dose, or a time of day, that is not understood leaves the count unknown
    ("bid, may take third dose if needed", 0, None, None),
    ("q6h, may repeat once", None, None, None),
    ("morning and at tea", None, None, None),
    ("1 tab TID + 1 QHS", None, None, None),
    ("10-20-30 mg daily", None, None, None),
    ("at 8-12-16", None, None, None),
    # a plan of the day gives the same amount a day, decimal commas are commas
    ("2-0-1", 3, 3, (1, 1, "piece")),
    ("1-0-0-1", 2, 2, (1, 1, "piece")),
    ("0,5-0-1", 3, 3, (0.5, 0.5, "piece")),
    ("20-20-20 Tropfen", 3, 3, (20, 20, "drops")),
    ("3x1", 3, 3, (1, 1, "piece")),
    ("2,5 ml bid", 2, 2, (2.5, 2.5, "mL")),
    (".5 mg bid", 2, 2, (0.5, 0.5, "mg")),
    ("20 gtt 4x tgl", 4, 4, (20, 20, "drops")),
]  # fmt: skip


@pytest.mark.parametrize(("written", "low", "high", "dose"), PRESCRIBED, ids=[c[0] for c in PRESCRIBED])
def test_as_british_and_american_prescribers_write(
    written: str, low: float | None, high: float | None, dose: tuple | None
) -> None:
    found = sig.parse(written)
    assert (found.per_day, found.per_day_max) == (pytest.approx(low), pytest.approx(high))
    if dose:
        assert (found.dose_min, found.dose_max, found.dose_unit) == dose
