"""A person is read from the file once; drafts laid over and taken back leave the chart of a fresh reading."""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest

from pain_tui.assess import clinic
from pain_tui.patients import edit
from pain_tui.patients import file as patient_file
from pain_tui.patients.fictional.people import default_as_of
from pain_tui.patients.file import PatientFile
from pain_tui.tui import opened, reading
from pain_tui.tui.chart import Chart
from pain_tui.tui.draft import Edit

from . import real_clinic

PERSON, OTHER = "FIC-T01", "FIC-T04"
DAY = default_as_of()
AT = datetime(DAY.year, DAY.month, DAY.day, 9)


def _open(path: Path) -> PatientFile:
    return patient_file.open_file(path, passphrase=None, actor="test", at=AT)


@pytest.fixture
def file(tmp_path: Path) -> Iterator[PatientFile]:
    with _open(real_clinic.make(tmp_path / "clinic.duckdb")) as held:
        yield held


def _add(table: str, **values: object) -> Edit:
    return Edit(table, "add", PERSON, None, values, says=table, slot=table)


PAIN = _add("observation", code="nrs_average", value=3.0, at=AT)
MEDICINE = _add("medication", drug="tramadol", ingredient="tramadol", status="active")
DECLINED = _add("preference", kind="decline", option="scs_10khz", at=DAY)
CHOSEN = Edit("plan", "add", PERSON, None, {"options": ["wait"], "state": "draft"}, says="plan", slot="plan")


def _fresh(file: PatientFile, *edits: Edit) -> Chart:
    with _open(file.path) as other:
        return reading.chart(other, PERSON, edits, DAY)


def _told(chart: Chart) -> tuple[object, ...]:
    return chart.assessment, chart.counts, chart.medicines, chart.preferences, chart.visits, chart.sign_blocks


def test_drafts_come_and_go(file: PatientFile) -> None:
    """Each chart is that of a window opened for it alone."""
    for edits in ((), (PAIN,), (PAIN, MEDICINE), (MEDICINE, CHOSEN), (DECLINED,), (PAIN,), ()):
        assert _told(reading.chart(file, PERSON, edits, DAY)) == _told(_fresh(file, *edits))


def test_another_person_and_another_day_are_read(file: PatientFile) -> None:
    reading.chart(file, PERSON, (PAIN,), DAY)
    assert reading.chart(file, OTHER, (), DAY).identity.person == OTHER
    later = date(DAY.year + 1, DAY.month, DAY.day)
    assert reading.chart(file, PERSON, (), later).as_of == later
    assert _told(reading.chart(file, PERSON, (), DAY)) == _told(_fresh(file))


def test_the_file_is_read_once_for_many_drafts(file: PatientFile, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    original = opened.case.from_file
    monkeypatch.setattr(opened.case, "from_file", lambda *asked: (read.append(asked[1][0]), original(*asked)))
    reading.chart(file, PERSON, (), DAY)  # the first may still end what opening wrote
    reading.chart(file, PERSON, (), DAY)
    read.clear()
    for edits in ((PAIN,), (), (MEDICINE,)):
        reading.chart(file, PERSON, edits, DAY)
    assert not read


def test_what_another_window_saves_is_seen(file: PatientFile) -> None:
    """Also while a draft is open."""
    before = reading.chart(file, PERSON, (PAIN,), DAY)
    with _open(file.path) as other:
        change = edit.Change("medication", "add", PERSON, values={**MEDICINE.values, "source": "test"})
        edit.apply(other, [change], actor="other", at=AT)
    after = reading.chart(file, PERSON, (PAIN,), DAY)
    assert len(after.medicines) == len(before.medicines) + 1
    assert _told(after) == _told(_fresh(file, PAIN))


def test_making_ready_changes_no_chart(file: PatientFile) -> None:
    """Before the first person, and while one is open."""
    clinic.make_ready(file, DAY)
    assert _told(reading.chart(file, PERSON, (PAIN,), DAY)) == _told(_fresh(file, PAIN))
    clinic.make_ready(file, DAY)
    assert _told(reading.chart(file, PERSON, (), DAY)) == _told(_fresh(file))
