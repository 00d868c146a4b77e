"""Diaries of apps and wearables: the scale is asked for, what is no pain is left out and counted."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from pain_tui.errors import InputError
from pain_tui.patients.readers import dispatch
from pain_tui.patients.readers.base import Options, Reading

OPTIONS = Options(as_of=date(2026, 11, 20), time_zone="Europe/Vienna", person="p1")
HEAD = "name,startday,startmonth,startyear,intensity\n"
LINES = (
    '"Knee Pain",2,3,2026,3.4\n"Knee Pain",2,3,2026,2\nhappiness,2,3,2026,4\n"Throbbing knee",9,11,2026,6\n'
)


def read(folder: Path, text: str, options: Options = OPTIONS, name: str = "diary_of_app.csv") -> Reading:
    """One file, the reader guessed."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    done = dispatch.read([path], None, options)
    if done.errors:
        raise done.errors[0][1]
    (reading,) = done.readings
    assert reading.reader == "diary"
    assert reading.read == reading.used + reading.set_aside + reading.ignored
    return reading


def test_without_a_scale_nothing_is_read_and_the_question_names_the_numbers(tmp_path: Path) -> None:
    """2 to 6 may be a rating of 0 to 10 or not: ask."""
    with pytest.raises(InputError, match="on which scale .* run from 2 to 6"):
        read(tmp_path, HEAD + LINES)


def test_a_scale_of_its_own_never_becomes_nrs(tmp_path: Path) -> None:
    """The number stands as intensity beside the scale's name; two entries of a day are two rows."""
    reading = read(tmp_path, HEAD + LINES, replace(OPTIONS, scale="app, 1 to 9.5"))
    rows = reading.rows["diary"]
    assert [(row["symptom"], row["intensity"], row["nrs"], row["scale"]) for row in rows] == [
        ("Knee Pain", 3.4, None, "app, 1 to 9.5"),
        ("Knee Pain", 2.0, None, "app, 1 to 9.5"),
    ]
    assert reading.ignored == 2 and {p.code for p in reading.problems} == {"not_a_pain"}
    assert len({row["source_key"] for row in rows}) == 2


def test_a_rating_of_0_to_10_is_nrs_and_held_to_it(tmp_path: Path) -> None:
    """11 is refused, with its line."""
    reading = read(
        tmp_path, HEAD + "Hip pain,1,3,2026,4\nHip pain,2,3,2026,11\n", replace(OPTIONS, scale="0-10")
    )
    assert [(row["nrs"], row["intensity"]) for row in reading.rows["diary"]] == [(4.0, None)]
    assert any(p.code == "value_out_of_range" and "line 3" in p.place for p in reading.problems)


def test_named_symptoms_are_the_only_ones(tmp_path: Path) -> None:
    """A symptom that is not called pain is read when it is named."""
    reading = read(tmp_path, HEAD + LINES, replace(OPTIONS, scale="app", symptoms=("throbbing KNEE",)))
    assert [row["symptom"] for row in reading.rows["diary"]] == ["Throbbing knee"] and reading.ignored == 3


@pytest.mark.parametrize(
    "line", ["Knee Pain,31,2,2026,3", "Knee Pain,1,1,2031,3", "Knee Pain,,,,3", "Knee Pain,1,1,2026", "Knee Pain,1,1,2026,"]
)  # fmt: skip
def test_a_line_that_cannot_be_used_is_set_aside(tmp_path: Path, line: str) -> None:
    """No date, a date that is none, one in the future, a missing cell, no number."""
    reading = read(tmp_path, f"{HEAD}{line}\nKnee Pain,1,3,2026,3\n", replace(OPTIONS, scale="app"))
    assert (reading.used, reading.set_aside) == (1, 1)


def test_whose_it_is_must_be_said(tmp_path: Path) -> None:
    """Nobody named, nothing read."""
    with pytest.raises(InputError, match="whose diary"):
        read(tmp_path, HEAD + LINES, replace(OPTIONS, person=None, scale="app"))


def test_a_new_person_is_made_and_the_same_file_gives_the_same_id(tmp_path: Path) -> None:
    """As for a genotype file."""
    options = replace(OPTIONS, person=None, new_person=True, scale="app")
    one, two = read(tmp_path, HEAD + LINES, options), read(tmp_path, HEAD + LINES, options)
    assert (
        one.rows["person"][0]["person"] == two.rows["person"][0]["person"] == one.rows["diary"][0]["person"]
    )


def test_steps_of_fitbit_a_day_of_zero_is_no_value(tmp_path: Path) -> None:
    """Not worn is as likely as in bed."""
    days = [("2026-03-01", "4419"), ("2026-03-02", "0"), ("2026-03-03", "12000")]
    text = json.dumps({"activities-steps": [{"dateTime": day, "value": value} for day, value in days]})
    reading = read(tmp_path, text, name="fitbit.json")
    assert [row["steps"] for row in reading.rows["diary"]] == [4419.0, 12000.0] and reading.ignored == 1


def test_steps_of_google_fit_fall_on_the_clinics_day(tmp_path: Path) -> None:
    """A bucket that begins at 23:00 UTC is the next day in Vienna; an empty one is no value."""
    point = {"value": [{"intVal": 700}]}
    buckets = [
        {"startTimeMillis": "1772492400000", "dataset": [{"point": [point, point]}]},  # 2026-03-02 23:00 UTC
        {"startTimeMillis": "1772578800000", "dataset": [{"point": []}]},
        {"startTimeMillis": "x"},
    ]
    reading = read(tmp_path, json.dumps({"bucket": buckets}), name="fit.json")
    (row,) = reading.rows["diary"]
    assert (str(row["at"])[:10], row["steps"]) == ("2026-03-03", 1400.0)
    assert (reading.ignored, reading.set_aside) == (1, 1)


def test_the_id_that_is_printed_is_the_one_in_the_file(tmp_path: Path) -> None:
    """Declared fictional, the new person gets FIC- in front: so does the sentence that names the person."""
    from tests.cli.program import run

    file, diary = tmp_path / "clinic.duckdb", tmp_path / "diary.csv"
    diary.write_text(HEAD + "Knee Pain,2,3,2026,3\n", encoding="utf-8")
    assert run("init", file, "--fictional", "--no-encryption").returncode == 0
    asked = run("import", file, diary, "--new-person", "--declare-fictional")
    assert asked.returncode == 3 and "on which scale" in asked.stderr
    done = run("import", file, diary, "--new-person", "--declare-fictional", "--scale", "app")
    person = done.stdout.split("person ")[1].split(":")[0]
    assert person.startswith("FIC-N-") and person in run("people", file).stdout
