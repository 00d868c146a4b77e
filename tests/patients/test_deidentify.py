"""An export without identity: nothing that names, no true date, nobody in a small group."""

import csv
import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from pain_tui.errors import InputError
from pain_tui.patients import deidentify
from pain_tui.patients.file import PatientFile
from tests.patients import clinic

TODAY = dt.date(2026, 11, 24)
SECRET = b"s" * 32


def _clinic(path: Path) -> PatientFile:
    """Six women of the sixties share a group; one man is alone; one medicine and one diplotype are rare."""
    found = clinic.tables(6)
    for row in found["person"]:
        row["birth_date"] = dt.date(1960, 3, 1)
    found["person"].append(
        {"person": "P-man", "birth_date": dt.date(1930, 1, 1), "sex": "male", "fictional": True}
    )
    found["problem"][0]["text"] = "Canarytext in free words"
    found["genotype_call"][0] |= {"diplotype": "*1/*99", "note": "Canarynote", "laboratory": "Canarylab"}
    found["medication"] = [
        {"person": f"P-{n}", "drug": "Canarydrug", "ingredient": "raredrug" if n == 0 else "ibuprofen",
         "start": dt.date(2026, 5, 1), "indication": "Canaryindication"}
        for n in range(6)
    ]  # fmt: skip
    made = clinic.new(path, passphrase=None)
    clinic.bring(made, found)
    return made


def _export(file: PatientFile, folder: Path, **how: Any) -> deidentify.Exported:
    given = {"as_of": TODAY, "secret": SECRET, "actor": clinic.WHO, "at": clinic.AT, **how}
    return deidentify.export(file, folder, **given)


def _table(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture
def file(tmp_path: Path) -> PatientFile:
    return _clinic(tmp_path / "clinic.duckdb")


def test_nothing_that_names_leaves(file: PatientFile, tmp_path: Path) -> None:
    _export(file, tmp_path / "out")
    for each in (tmp_path / "out").iterdir():
        text = each.read_text(encoding="utf-8")
        for word in ("Canary", "canary", "Given", "P-", "1960", "source", clinic.WHO):
            assert word not in text, f"{word} in {each.name}"


def test_people_of_small_groups_are_left_out_and_counted(file: PatientFile, tmp_path: Path) -> None:
    done = _export(file, tmp_path / "out")
    assert (done.people, done.left_out) == (6, 1)
    people = _table(tmp_path / "out", "person")
    assert [(row["person"], row["age_band"], row["sex"]) for row in people] == [
        (f"D-{n:06}", "60-69", "female") for n in range(1, 7)
    ]


def test_nothing_in_the_table_of_people_tells_two_of_a_group_apart(tmp_path: Path) -> None:
    """Different ages of one band are told alike; one who has died is in no group of the living."""
    found = clinic.tables(8)
    for number, row in enumerate(found["person"]):
        row["birth_date"] = dt.date(1958 + number, 3, 1)
    found["person"][7]["death_date"] = dt.date(2026, 1, 1)
    with clinic.new(tmp_path / "clinic.duckdb", passphrase=None) as made:
        clinic.bring(made, found)
        done = _export(made, tmp_path / "out")
    assert (done.people, done.left_out) == (7, 1)
    people = _table(tmp_path / "out", "person")
    assert {tuple(row.values())[1:] for row in people} == {("60-69", "female", "false", "true")}


def test_rare_values_are_held_back_and_counted(file: PatientFile, tmp_path: Path) -> None:
    done = _export(file, tmp_path / "out")
    assert done.held_back["medication.ingredient"] == 1
    assert done.held_back["genotype_call.diplotype"] == 1
    assert sorted(row["ingredient"] for row in _table(tmp_path / "out", "medication")) == [
        "",
        *["ibuprofen"] * 5,
    ]


def test_dates_shift_by_person_and_keep_their_distance(file: PatientFile, tmp_path: Path) -> None:
    _export(file, tmp_path / "out")
    starts: dict[str, dt.date] = {
        row["person"]: dt.date.fromisoformat(row["start"]) for row in _table(tmp_path / "out", "medication")
    }
    shifts = {person: (start - dt.date(2026, 5, 1)).days for person, start in starts.items()}
    assert 0 not in shifts.values()
    assert len(set(shifts.values())) > 1
    assert all(abs(days) <= deidentify.LONGEST_SHIFT for days in shifts.values())
    for row in _table(tmp_path / "out", "observation"):
        true = dt.datetime.fromisoformat(row["at"]) - dt.timedelta(days=shifts[row["person"]])
        assert true in {dt.datetime(2026, 11, 1, 9), dt.datetime(2026, 11, 2, 9)}


def test_another_secret_gives_other_ids_and_dates(file: PatientFile, tmp_path: Path) -> None:
    _export(file, tmp_path / "a")
    _export(file, tmp_path / "b", secret=b"t" * 32)
    assert _table(tmp_path / "a", "medication") != _table(tmp_path / "b", "medication")


def test_ages_over_ninety_are_not_told(tmp_path: Path) -> None:
    found = {
        "person": [
            {"person": f"O-{n}", "birth_date": dt.date(1925 + n, 1, 1), "sex": "male", "fictional": True}
            for n in range(6)
        ]
    }
    with clinic.new(tmp_path / "old.duckdb", passphrase=None) as file:
        clinic.bring(file, found)
        _export(file, tmp_path / "out")
    assert {row["age_band"] for row in _table(tmp_path / "out", "person")} == {"90+"}


def test_a_file_that_is_too_small_is_refused(file: PatientFile, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="fewer than 50"):
        _export(file, tmp_path / "out", smallest_cell=50)
    assert list((tmp_path / "out").iterdir()) == []


def test_a_folder_with_something_in_it_is_not_touched(file: PatientFile, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not empty"):
        _export(file, tmp_path)


@pytest.mark.parametrize("text", ["=1+1", "+1+1", "-1+x", "@x", "\t=1"])
def test_a_text_is_never_a_formula(text: str) -> None:
    assert deidentify._cell(text).startswith("'")
    assert deidentify._cell(-1.5) == -1.5


def test_the_export_is_in_the_audit(file: PatientFile, tmp_path: Path) -> None:
    _export(file, tmp_path / "out")
    with file.attached() as cursor:
        last = cursor.execute("SELECT action FROM clinic.main.audit ORDER BY seq DESC").fetchone()
    assert last == ("export.deidentify",)


def test_every_column_that_leaves_is_a_column_of_the_file(file: PatientFile) -> None:
    with file.attached() as cursor:
        for table, columns in deidentify._LEAVES.items():
            assert set(columns) <= set(rows_of(cursor, table)), table


def rows_of(cursor: Any, table: str) -> dict[str, str]:
    from pain_tui.patients import rows

    return rows.columns(cursor, table)
