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


def test_a_flag_comes_before_the_next_visit(file: PatientFile) -> None:
    """Ranked people first, the lowest rank before the others; the rest by visit; a rank of nobody is no matter."""
    flags = {"P-4": 0, "P-0": 1, "P-2": 0, "gone": 0}
    assert _ids(file, order="flag", flags=flags) == ["P-2", "P-4", "P-0", "P-1", "P-3"]
    assert _ids(file, order="flag") == _ids(file)


def test_an_hour_of_today_comes_before_tomorrow(file: PatientFile) -> None:
    """Visits are ordered by their time, not by the words on the screen (`today 09:20` would come last)."""
    with file.attached(write=True) as cursor:
        cursor.execute("INSERT INTO clinic.main.visit (person, \"at\") VALUES ('P-3', '2026-11-24 16:00')")
        cursor.execute("INSERT INTO clinic.main.visit (person, \"at\") VALUES ('P-4', '2026-11-24 09:20')")
    assert _ids(file) == ["P-4", "P-3", "P-1", "P-0", "P-2"]
    with file.glance() as cursor:
        assert people.all_people(cursor, as_of=TODAY) == _ids(file)


def test_people_are_found_by_their_open_problem(file: PatientFile) -> None:
    """By its words, whatever their case; a resolved problem finds nobody."""
    everybody = _ids(file)
    assert _ids(file, find="FACET") == everybody
    with file.attached(write=True) as cursor:
        cursor.execute("UPDATE clinic.main.problem SET resolved = DATE '2026-01-01' WHERE person = 'P-3'")
    assert _ids(file, find="facet") == [person for person in everybody if person != "P-3"]


@pytest.mark.parametrize("typed", ["Canaryname, Given3", "given3 canaryname", "  CANARYNAME   given3 "])
def test_a_name_is_found_in_either_order(file: PatientFile, typed: str) -> None:
    """As it stands on the screen (family, given), and as it is spoken."""
    assert _ids(file, find=typed, names=True) == ["P-3"]


@pytest.mark.parametrize(
    ("limit", "offset", "first", "shown"),
    [(2, 0, 0, 2), (2, 4, 4, 1), (2, 5, 4, 1), (2, 900, 4, 1), (5, 5, 0, 5)],
)
def test_a_page_says_where_it_is(file: PatientFile, limit: int, offset: int, first: int, shown: int) -> None:
    """Beyond the end it is the last page; the counts are those of the whole list."""
    with file.glance() as cursor:
        page = people.clinic_page(cursor, as_of=TODAY, limit=limit, offset=offset)
    assert (page.offset, len(page.rows), page.matching, page.total) == (first, shown, 5, 5)


def test_a_page_counts_what_matches_and_everybody(file: PatientFile) -> None:
    """Found people and people in the file are two numbers; nobody found is an empty page."""
    with file.glance() as cursor:
        some = people.clinic_page(cursor, as_of=TODAY, limit=2, find="p-3")
        none = people.clinic_page(cursor, as_of=TODAY, limit=2, find="zzz", offset=4)
    assert ([row.person for row in some.rows], some.matching, some.total) == (["P-3"], 1, 5)
    assert (none.rows, none.offset, none.matching, none.total) == ([], 0, 0, 5)
