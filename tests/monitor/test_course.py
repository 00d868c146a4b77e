"""The course of a person in a file: diary on its scale, verdicts in the windows of the tables, what was told."""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from pain_tui.monitor.course import Course
from pain_tui.patients import decide, edit
from pain_tui.tui import reading
from pain_tui.tui.desk import Desk
from tests.tui import real_clinic

AT = datetime(2026, 11, 20, 9)
PERSON = "FIC-T01"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """One teaching case, to be followed."""
    opened = Desk(real_clinic.make(tmp_path / "clinic.duckdb", real_clinic.CASES[:1]), actor="test")
    opened.open()
    yield opened
    opened.close()


def enter(desk: Desk, *rows: tuple[str, dict[str, Any]]) -> None:
    """Rows into the file."""
    changes = [edit.Change(table, "add", PERSON, None, values, None) for table, values in rows]
    edit.apply(desk.file, changes, actor="test", at=AT)


def pain(day: str, value: float) -> tuple[str, dict[str, Any]]:
    """Average pain of a day."""
    return "observation", {"code": "nrs_average", "value": value, "at": datetime.fromisoformat(day)}


def read(desk: Desk) -> Course:
    """The course on the clinic's day."""
    return reading.course(desk.file, PERSON, (), desk.as_of, [])[1]


def test_a_treatment_is_judged_in_its_own_window(desk: Desk) -> None:
    """Epidural steroid: 2 to 6 weeks, half less (monitoring m18); the value of week 8 does not count."""
    enter(
        desk, pain("2026-02-10", 8), pain("2026-02-20", 8), pain("2026-03-20", 4), pain("2026-04-26", 8),
        ("treatment", {"option": "ilesi", "date": date(2026, 3, 1), "relief_pct": 60.0}),
    )  # fmt: skip
    found = next(one for one in read(desk).given if one.start == date(2026, 3, 1))
    assert (found.state, found.row_id, found.share, found.recorded_pct) == ("reached", "m18", 0.5, 60.0)
    assert (found.opens, found.closes) == (date(2026, 3, 15), date(2026, 4, 12))
    assert found.name == "Lumbar interlaminar epidural steroid injection"


def test_a_block_of_hours_is_not_judged_by_the_weeks_after(desk: Desk) -> None:
    """A diagnostic block is read within hours (m17): average pain later says nothing of it."""
    enter(
        desk, pain("2026-02-20", 8), pain("2026-03-20", 1),
        ("treatment", {"option": "mbb_diagnostic", "date": date(2026, 3, 1)}),
    )  # fmt: skip
    found = next(
        one for one in read(desk).given if one.option == "mbb_diagnostic" and one.start == date(2026, 3, 1)
    )
    assert found.state in ("not_seen", "no_window")


def test_what_was_told_waits_for_the_procedure(desk: Desk) -> None:
    """Signed and not given: nothing to judge. Given: judged from that day on, not from the signature."""
    told = {"rfa_lumbar_mb": {"response": {"p": 0.5, "lo": 0.3, "hi": 0.7, "horizon_weeks": 12}}}
    decide.save_plan(
        desk.file, PERSON, options=list(told), state="signed", discussed=True, forecasts=told, actor="test",
        at=datetime(2026, 3, 1),
    )  # fmt: skip
    assert [one.verdict.state for one in read(desk).told] == ["not_given"]
    enter(
        desk, pain("2026-05-20", 8), pain("2026-05-30", 8), pain("2026-07-20", 3),
        ("treatment", {"option": "rfa_lumbar_mb", "date": date(2026, 6, 1)}),
    )  # fmt: skip
    (one,) = read(desk).told
    assert one.verdict.state == "reached" and one.verdict.start == date(2026, 6, 1)
    assert one.forecast["response"]["p"] == 0.5


def test_without_a_window_of_its_own_the_forecasts_time_counts(desk: Desk) -> None:
    """Acupuncture has no row in the monitoring table: 4 to 20 weeks, half less."""
    told = {"acupuncture": {"response": {"p": 0.4, "lo": 0.3, "hi": 0.6, "horizon_weeks": 12}}}
    decide.save_plan(
        desk.file, PERSON, options=list(told), state="signed", discussed=True, forecasts=told, actor="test",
        at=datetime(2026, 3, 1),
    )  # fmt: skip
    enter(desk, pain("2026-02-20", 8), pain("2026-04-20", 7), pain("2026-05-20", 7))
    (one,) = read(desk).told
    assert (one.verdict.state, one.verdict.row_id) == ("not_reached", "m01")
    assert (one.verdict.opens, one.verdict.closes) == (date(2026, 3, 29), date(2026, 7, 19))


def test_the_diary_comes_from_the_file_up_to_the_day(desk: Desk) -> None:
    """Entries after the day of the chart are not there yet."""
    days = ("2026-11-10", "2026-11-11", "2026-11-21")
    enter(desk, *(("diary", {"at": datetime.fromisoformat(day), "nrs": 5.0}) for day in days))
    (one,) = read(desk).diary
    assert (len(one.days), one.last) == (2, date(2026, 11, 11))
