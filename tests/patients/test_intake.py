"""An import writes once, counts everything, and never mixes fictional and real people."""

import datetime as dt
from pathlib import Path

import pytest

from pain_tui.errors import InputError
from pain_tui.patients import decide, edit
from pain_tui.patients.edit import Change
from pain_tui.patients.file import PatientFile
from pain_tui.patients.normalise.problem import Problem
from tests.patients import clinic

BY = {"actor": clinic.WHO, "at": clinic.AT}


@pytest.fixture
def file(tmp_path: Path) -> PatientFile:
    return clinic.new(tmp_path / "clinic.duckdb", passphrase=None)


def _ask(file: PatientFile, question: str) -> list[tuple[object, ...]]:
    with file.attached() as cursor:
        return cursor.execute(question).fetchall()


def test_the_same_rows_again_are_skipped_and_counted(file: PatientFile) -> None:
    first = clinic.bring(file, clinic.tables())
    again = clinic.bring(file, clinic.tables())
    assert first.added == again.unchanged
    assert first.added["observation"] == 6
    assert again.rows_used == 0
    assert _ask(file, "SELECT rows_used, rows_unchanged FROM clinic.main.import_run ORDER BY import_run") == [
        (first.added.total(), 0),
        (0, first.added.total()),
    ]


def test_a_changed_row_becomes_a_new_version(file: PatientFile) -> None:
    clinic.bring(file, clinic.tables())
    found = clinic.tables()
    found["observation"][0]["value"] = 9.0
    again = clinic.bring(file, found)
    assert dict(again.changed) == {"observation": 1}
    assert _ask(
        file,
        "SELECT version, value, is_current FROM clinic.main.observation "
        "WHERE source_key = 'oP-01' ORDER BY version",
    ) == [(1, 5.0, False), (2, 9.0, True)]


def test_a_value_that_the_source_no_longer_has_becomes_unknown(file: PatientFile) -> None:
    clinic.bring(file, clinic.tables())
    found = clinic.tables()
    found["observation"][0]["value"] = None
    assert dict(clinic.bring(file, found).changed) == {"observation": 1}


def test_a_row_edited_here_is_kept_and_said(file: PatientFile) -> None:
    clinic.bring(file, clinic.tables())
    [(row_id,)] = _ask(file, "SELECT row_id FROM clinic.main.observation WHERE source_key = 'oP-01'")
    edit.apply(file, [Change("observation", "correct", "P-0", str(row_id), {"value": 2.0})], **BY)
    same = clinic.bring(file, clinic.tables())
    assert same.unchanged["observation"] == 6
    found = clinic.tables()
    found["observation"][0]["value"] = 9.0
    changed = clinic.bring(file, found)
    assert [problem.code for problem in changed.problems] == ["edited_here"]
    assert _ask(
        file, f"SELECT value FROM clinic.main.observation WHERE row_id = '{row_id}' AND is_current"
    ) == [(2.0,)]


def test_a_retired_row_does_not_come_back(file: PatientFile) -> None:
    clinic.bring(file, clinic.tables())
    [(row_id,)] = _ask(file, "SELECT row_id FROM clinic.main.observation WHERE source_key = 'oP-01'")
    edit.apply(file, [Change("observation", "retire", "P-0", str(row_id), reason="wrong person")], **BY)
    clinic.bring(file, clinic.tables())
    assert _ask(
        file, f"SELECT count(*) FROM clinic.main.observation WHERE row_id = '{row_id}' AND is_current"
    ) == [(0,)]


def test_one_record_with_several_rows_keeps_them_all(file: PatientFile) -> None:
    found = clinic.tables(1)
    found["medication"] = [
        {
            "person": "P-0",
            "drug": "oxycodone/paracetamol",
            "ingredient": ingredient,
            "source_key": "MedicationRequest/1",
        }
        for ingredient in ("oxycodone", "acetaminophen")
    ]
    assert clinic.bring(file, found).added["medication"] == 2
    assert clinic.bring(file, found).unchanged["medication"] == 2


def test_two_equal_rows_without_a_key_are_one(file: PatientFile) -> None:
    found = clinic.tables(1)
    found["treatment"] = [{"person": "P-0", "option": "mbb", "date": dt.date(2026, 1, 2)}] * 2
    brought = clinic.bring(file, found)
    assert (brought.added["treatment"], brought.unchanged["treatment"]) == (1, 1)


def test_a_source_that_knows_less_of_a_person_wipes_nothing(file: PatientFile) -> None:
    clinic.bring(file, clinic.tables())
    less = {
        "person": [
            {
                "person": "P-0",
                "birth_date": None,
                "sex": None,
                "fictional": True,
                "death_date": dt.date(2026, 1, 1),
            }
        ]
    }
    assert dict(clinic.bring(file, less).changed) == {"person": 1}
    assert _ask(
        file, "SELECT birth_date, sex, death_date FROM clinic.main.person WHERE person = 'P-0' AND is_current"
    ) == [(dt.date(1960, 1, 1), "female", dt.date(2026, 1, 1))]


def test_two_birth_dates_set_the_person_aside_and_the_rest_goes_in(file: PatientFile) -> None:
    clinic.bring(file, clinic.tables(1))
    found = clinic.tables(2)
    found["person"][0]["birth_date"] = dt.date(1999, 9, 9)
    found["observation"][0]["value"] = 0.0
    brought = clinic.bring(file, found)
    assert [p.code for p in brought.problems] == ["two_birth_dates"]
    assert brought.added["person"] == 1
    assert "observation" not in brought.changed
    [(place, what, reason)] = _ask(file, "SELECT place, what, reason FROM clinic.main.set_aside")
    assert (place, what) == ("person", "1999-09-09")
    assert "1960-01-01" in str(reason)


def test_two_birth_dates_within_one_source_are_noticed_too(file: PatientFile) -> None:
    found = clinic.tables(1)
    found["person"].append({**found["person"][0], "birth_date": dt.date(1999, 9, 9)})
    assert [p.code for p in clinic.bring(file, found).problems] == ["two_birth_dates"]
    assert _ask(file, "SELECT count(*) FROM clinic.main.observation") == [(0,)]


def test_rows_of_strangers_are_set_aside_with_a_count(file: PatientFile) -> None:
    found = {"observation": clinic.tables(2)["observation"]}
    brought = clinic.bring(file, found)
    assert [(p.code, p.person) for p in brought.problems] == [
        ("unknown_person", "P-0"),
        ("unknown_person", "P-1"),
    ]
    assert brought.problems[0].what.startswith("2 row(s) of observation")
    assert brought.rows_used == 0


def test_a_deleted_id_is_never_used_again(file: PatientFile) -> None:
    clinic.bring(file, clinic.tables(2))
    decide.delete_person(file, "P-0", **BY)
    brought = clinic.bring(file, clinic.tables(2))
    assert brought.problems[0].code == "deleted_person"
    assert _ask(file, "SELECT DISTINCT person FROM clinic.main.person") == [("P-1",)]


def test_the_readers_problems_are_kept_with_place_and_remedy(file: PatientFile) -> None:
    problem = Problem(
        "no_unit", "dose has no unit", "50", "mg, mcg, mL", "Add the unit", "row", "meds.csv line 17", "P-0"
    )
    doubt = Problem("odd", "looks odd", level="doubt", place="meds.csv line 18")
    clinic.bring(file, clinic.tables(1), problems=[problem, doubt])
    assert _ask(
        file, "SELECT person, place, what, reason_code, reason, remedy FROM clinic.main.set_aside"
    ) == [("P-0", "meds.csv line 17", "50", "no_unit", "dose has no unit. mg, mcg, mL", "Add the unit")]


def test_real_people_do_not_go_into_a_fictional_file(file: PatientFile) -> None:
    with pytest.raises(InputError, match="may be a real person"):
        clinic.bring(file, clinic.tables(fictional=False))
    assert _ask(file, "SELECT count(*) FROM clinic.main.person") == [(0,)]


def test_declared_fictional_people_get_the_prefix_everywhere(file: PatientFile) -> None:
    brought = clinic.bring(file, clinic.tables(fictional=False), declare_fictional=True)
    assert brought.problems == []
    for table in ("person", "person_name", "observation", "visit"):
        assert _ask(
            file, f"SELECT count(*) FROM clinic.main.{table} WHERE NOT starts_with(person, 'FIC-')"
        ) == [(0,)]
    assert _ask(file, "SELECT DISTINCT fictional FROM clinic.main.person") == [(True,)]
    assert ("import.declare_fictional",) in _ask(file, "SELECT action FROM clinic.main.audit")
    again = clinic.bring(file, clinic.tables(fictional=False), declare_fictional=True)
    assert again.rows_used == 0


def test_fictional_people_do_not_go_into_a_real_file(tmp_path: Path) -> None:
    with clinic.new(tmp_path / "real.duckdb", real=True) as file:
        with pytest.raises(InputError, match="fictional person"):
            clinic.bring(file, clinic.tables())
        with pytest.raises(InputError, match="declare-fictional"):
            clinic.bring(file, clinic.tables(fictional=False), declare_fictional=True)
        clinic.bring(file, clinic.tables(fictional=False))
        assert _ask(file, "SELECT DISTINCT fictional FROM clinic.main.person") == [(False,)]


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [("value", "seven", "observation, person P-0"), ("at", "yesterday", "observation, person P-0"),
     ("value", float("nan"), "not finite"), ("colour", "red", "no column 'colour'")],
)  # fmt: skip
def test_a_value_that_does_not_fit_is_refused_and_nothing_is_written(
    file: PatientFile, column: str, value: object, said: str
) -> None:
    found = clinic.tables(1)
    found["observation"][1][column] = value
    with pytest.raises(InputError, match=said):
        clinic.bring(file, found)
    assert _ask(file, "SELECT count(*) FROM clinic.main.person") == [(0,)]


def test_odd_text_is_stored_as_it_is(file: PatientFile) -> None:
    found = clinic.tables(1)
    odd = 'O\'Brien "x"\n;-- DROP \\ é 漢 \U0001f600'
    found["person_name"][0]["family"] = odd
    found["person_name"][0]["given"] = "nul\0 and \ud800"
    clinic.bring(file, found)
    assert _ask(file, "SELECT family, given FROM clinic.main.person_name") == [(odd, "nul\ufffd and ?")]


def test_numbers_arrive_to_the_last_bit(file: PatientFile) -> None:
    found = clinic.tables(1)
    found["observation"][0]["value"] = 0.1 + 0.2
    clinic.bring(file, found)
    assert _ask(file, "SELECT value FROM clinic.main.observation ORDER BY value LIMIT 1") == [(0.1 + 0.2,)]
