"""The clinic list shows who comes next, finds by id or name, and never shows names unasked."""

import datetime as dt
from pathlib import Path

import pytest

from pain_tui.patients import edit, people
from pain_tui.patients.edit import Change
from pain_tui.patients.file import PatientFile
from tests.patients import clinic

TODAY = dt.date(2026, 11, 24)


@pytest.fixture
def file(tmp_path: Path) -> PatientFile:
    made = clinic.new(tmp_path / "clinic.duckdb", passphrase=None)
    found = clinic.tables(5)
    found["visit"] = [
        {"person": "P-1", "at": dt.datetime(2026, 11, 25, 9)},
        {"person": "P-0", "at": dt.datetime(2026, 11, 30, 9)},
        {"person": "P-0", "at": dt.datetime(2026, 11, 1, 9)},
        {"person": "P-2", "at": dt.datetime(2026, 11, 23, 9)},
    ]
    clinic.bring(made, found)
    return made


def _ids(file: PatientFile, **how: object) -> list[str]:
    with file.glance() as cursor:
        return [row.person for row in people.clinic_list(cursor, as_of=TODAY, **how)]  # type: ignore[arg-type]


def test_the_next_visit_comes_first_and_past_ones_do_not_count(file: PatientFile) -> None:
    assert _ids(file) == ["P-1", "P-0", "P-2", "P-3", "P-4"]


def test_pages_fit_together(file: PatientFile) -> None:
    assert _ids(file, limit=2) + _ids(file, limit=2, offset=2) + _ids(file, limit=2, offset=4) == _ids(file)


def test_a_row_says_what_is_known(file: PatientFile) -> None:
    with file.glance() as cursor:
        row = people.clinic_list(cursor, as_of=TODAY)[1]
    assert (row.person, row.birth_date, row.sex) == ("P-0", dt.date(1960, 1, 1), "female")
    assert (row.problem, row.condition, row.has_genotype, row.plan) == ("back", "facet", True, None)
    assert (row.last_nrs, row.nrs_change, row.next_visit) == (6.0, 1.0, dt.datetime(2026, 11, 30, 9))
    assert (row.family, row.given, row.mme_per_day) == (None, None, None)


def test_pain_values_after_the_day_do_not_count(file: PatientFile) -> None:
    with file.glance() as cursor:
        row = people.clinic_list(cursor, as_of=dt.date(2026, 11, 1), people=["P-0"])[0]
    assert (row.last_nrs, row.nrs_change) == (5.0, None)


def test_what_is_not_known_is_none(file: PatientFile) -> None:
    edit.apply(file, [Change("person", "add", "Z", None, {"fictional": True})], actor="a", at=clinic.AT)
    with file.glance() as cursor:
        row = people.clinic_list(cursor, as_of=TODAY, people=["Z"])[0]
    assert (row.birth_date, row.sex, row.problem, row.last_nrs, row.next_visit, row.has_genotype) == (
        None, None, None, None, None, False,
    )  # fmt: skip


def test_names_are_found_and_shown_only_when_asked_for(file: PatientFile) -> None:
    with file.glance() as cursor:
        assert people.clinic_list(cursor, as_of=TODAY, find="canary") == []
        assert people.count_people(cursor, find="canary") == 0
        assert people.count_people(cursor, find="CANARY", names=True) == 5
        found = people.clinic_list(cursor, as_of=TODAY, find="given3", names=True)
    assert [(row.person, row.family) for row in found] == [("P-3", "Canaryname")]


def test_a_corrected_name_counts_once(file: PatientFile) -> None:
    edit.apply(
        file, [Change("person_name", "correct", "P-0", None, {"family": "Aaa"})], actor="a", at=clinic.AT
    )
    assert _ids(file, order="name", names=True)[0] == "P-0"
    assert len(_ids(file)) == 5


@pytest.mark.parametrize("find", ["%", "_", "' OR 1=1 --", "\\"])
def test_what_is_typed_is_only_text(file: PatientFile, find: str) -> None:
    assert _ids(file, find=find, names=True) == []
