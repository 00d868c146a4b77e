"""The project's own tables: columns reported, bad rows listed, good rows used, damaged files one sentence."""

# ruff: noqa: E501 - tables of cases read better with one case a line

import datetime as dt
from pathlib import Path

import pytest

from pain_tui.errors import InputError
from pain_tui.patients.readers import csv_tables, dispatch
from pain_tui.patients.readers.base import Options, Reading

DAY = Options(as_of=dt.date(2026, 11, 20))


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_bytes(text.encode())
    return path


def one(path: Path, options: Options = DAY) -> Reading:
    (reading,) = csv_tables.read(path, options)
    assert reading.read == reading.used + reading.set_aside + reading.ignored
    return reading


def test_good_rows_are_used_and_bad_rows_listed_with_their_line(tmp_path: Path) -> None:
    text = "person,code,value,unit,at,shoe_size\np1,peg,5,,2026-11-01,42\np1,peg,50,,2026-11-02,\n,peg,5,,2026-11-01,\np1,peg,5,,2031-02-01,\n"
    reading = one(write(tmp_path, "observation.csv", text))
    assert (reading.read, reading.used, reading.set_aside) == (4, 1, 3)
    assert [(p.place, p.code) for p in reading.problems] == [
        ("observation.csv line 3", "unit_trap"), ("observation.csv line 4", "no_person"), ("observation.csv line 5", "date_in_future"),
    ]  # fmt: skip
    assert ("observation", "shoe_size", "unknown") in reading.columns
    assert ("observation", "value", "used") in reading.columns


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_separators_marks_and_quotes(tmp_path: Path, separator: str) -> None:
    text = (
        "\ufeff"
        + separator.join(["person", "drug", "dose", "unit"])
        + "\r\n"
        + separator.join(["p1", '"oxycodone 5 mg ""IR"" tablet"', "5", "mg"])
        + "\r\n"
    )
    reading = one(write(tmp_path, "medication.csv", text))
    assert reading.rows["medication"][0]["dose"] == 5


def test_a_row_with_too_many_cells_is_set_aside(tmp_path: Path) -> None:
    reading = one(write(tmp_path, "allergy.csv", "person,substance\np1,codeine\np1,codeine,morphine\n"))
    assert (reading.used, [p.code for p in reading.problems]) == (1, ["wrong_number_of_cells"])


def test_a_header_alone_is_a_table_without_rows(tmp_path: Path) -> None:
    assert one(write(tmp_path, "device.csv", "person,kind,mri,at\n")).read == 0


@pytest.mark.parametrize(
    ("name", "text", "word"),
    [
        ("observation.csv", "", "empty"),
        ("observation.csv", "a,b,c\n1,2,3\n", "no column"),
        ("observation.csv", "person,code,code\n", "twice"),
        ("observation.csv", '"person,code\n', "not readable"),
    ],
)
def test_a_damaged_file_is_one_sentence(tmp_path: Path, name: str, text: str, word: str) -> None:
    with pytest.raises(InputError, match=word) as error:
        one(write(tmp_path, name, text))
    assert error.value.hint


def test_a_quote_that_is_not_closed_spoils_its_own_line_only(tmp_path: Path) -> None:
    """Rows below a stray quote are read; none is swallowed into a cell."""
    text = 'person,code,value\np1,"peg,5\np1,isi,9\np1,"phq9_total",7\np1,gad7,3\n'
    reading = one(write(tmp_path, "observation.csv", text))
    assert [row["code"] for row in reading.rows["observation"]] == ["isi_total", "phq9_total", "gad7_total"]
    assert [(p.place, p.code) for p in reading.bad()] == [("observation.csv line 2", "not_readable")]


def test_a_note_may_have_line_breaks(tmp_path: Path) -> None:
    text = 'person,at,nrs,note\np1,2026-11-01,4,"walked\nfar"\np1,2026-11-02,5,\n'
    assert [row["note"] for row in one(write(tmp_path, "diary.csv", text)).rows["diary"]] == [
        "walked\nfar",
        None,
    ]


def test_a_file_that_is_no_text_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "observation.csv"
    path.write_bytes(b"person,code\np1,\xff\xfe")
    with pytest.raises(InputError, match="byte 15 is not UTF-8"):
        csv_tables.read(path, DAY)


def test_the_same_row_has_the_same_key_in_a_later_export(tmp_path: Path) -> None:
    """A changed value keeps its key (a new version); a repeated row is its own row."""
    before = one(
        write(tmp_path, "observation.csv", "person,code,value,at\np1,peg,5,2026-11-01\np1,peg,5,2026-11-01\n")
    )
    after = one(write(tmp_path, "observation.csv", "person,code,value,at\np1,peg,7,2026-11-01\n"))
    keys = [row["source_key"] for row in before.rows["observation"]]
    assert len(set(keys)) == 2 and after.rows["observation"][0]["source_key"] == keys[0]


def test_people_are_read_first_and_a_second_birth_date_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "problem.csv", "person,condition\np1,facet_lumbar\n")
    write(
        tmp_path,
        "person.csv",
        "person,birth_date,sex\np1,1960-01-01,female\np1,1961-01-01,female\np1,1960-01-01,female\n",
    )
    people, problems = csv_tables.read(tmp_path, DAY)
    assert (people.place, people.read, people.used, people.set_aside, people.ignored) == (
        "person.csv",
        3,
        1,
        1,
        1,
    )
    assert people.problems[0].code == "two_birth_dates" and "1961-01-01" in people.problems[0].what
    assert problems.used == 1


def test_a_diary_names_its_scale_or_is_held_to_ten(tmp_path: Path) -> None:
    """45 on a scale of 0-100 is kept as written; without a scale it cannot be."""
    path = write(
        tmp_path,
        "pain.csv",
        "person,at,nrs,scale\np1,2026-11-01,45,0-100\np1,2026-11-02,45,\np1,2026-11-03T08:30,4,\n",
    )
    assert dispatch.guess(path) == "diary"
    (reading,) = dispatch.read([path], None, DAY).readings
    assert [(row["nrs"], row["intensity"]) for row in reading.rows["diary"]] == [(None, 45), (4, None)]
    assert [p.code for p in reading.problems] == ["value_out_of_range", "no_value"]


def test_synthea_tables_are_known_by_their_columns(tmp_path: Path) -> None:
    """Not read as our own tables, whose names they share in the plural."""
    write(tmp_path, "patients.csv", "Id,BIRTHDATE,DEATHDATE,SSN,GENDER\np1,1960-02-03,,999-11-2222,F\n")
    write(
        tmp_path,
        "observations.csv",
        "DATE,PATIENT,CODE,DESCRIPTION,VALUE,UNITS,TYPE\n2026-11-01T10:00:00Z,p1,777-3,x,200,10*3/uL,numeric\n",
    )
    write(
        tmp_path,
        "medications.csv",
        "START,STOP,PATIENT,CODE,DESCRIPTION\n2001-01-01T00:00:00Z,,p1,1,Naproxen sodium 220 MG Oral Tablet\n",
    )
    write(tmp_path, "encounters.csv", "Id,START,PATIENT\ne1,2026-01-01,p1\n")
    done = dispatch.read([tmp_path], None, DAY)
    found = {reading.place: reading for reading in done.readings}
    assert {reading.reader for reading in done.readings} == {"synthea"} and done.readings[
        0
    ].place == "patients.csv"
    assert found["patients.csv"].rows["person"][0]["sex"] == "female" and "999-11-2222" not in repr(found)
    assert found["observations.csv"].rows["observation"][0]["value"] == 200
    (order,) = found["medications.csv"].rows["medication"]
    assert (order["ingredient"], order["start"], order["stop"]) == ("naproxen", dt.date(2001, 1, 1), None)
    assert (found["encounters.csv"].read, found["encounters.csv"].ignored) == (1, 1)
