"""The verb `people`: all of a clinic, or the part that is asked for, in the order of the next visit."""

import json

import pytest

from tests.cli.program import run


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Fifteen fictional people."""
    file = str(tmp_path_factory.mktemp("people") / "clinic.duckdb")
    assert run("sample", "--people", "15", "--seed", "3", "--out", file).returncode == 0
    return file


def _listed(*words: str) -> list[dict[str, object]]:
    ended = run("people", *words, "--json")
    assert ended.returncode == 0, ended.stderr
    found: list[dict[str, object]] = json.loads(ended.stdout)["people"]
    return found


def test_a_part_of_the_list_has_the_rows_of_the_whole(clinic: str) -> None:
    """Nobody's counts depend on who else was asked for."""
    whole = {row["person"]: row for row in _listed(clinic)}
    some = _listed(clinic, "--limit", "4")
    assert len(whole) == 15
    assert len(some) == 4
    assert all(whole[row["person"]] == row for row in some)


def test_people_are_found_by_id_and_by_problem(clinic: str) -> None:
    """A part of the text is enough; nobody found is an empty list and no error."""
    whole = _listed(clinic)
    wanted = whole[6]
    assert [row["person"] for row in _listed(clinic, "--find", str(wanted["person"]))] == [wanted["person"]]
    problem = next(str(row["problems"][0]) for row in whole if row["problems"])  # type: ignore[index]
    found = _listed(clinic, "--find", problem.replace("_", " ").upper())
    assert found
    assert all(problem in row["problems"] for row in found)  # type: ignore[operator]
    assert _listed(clinic, "--find", "zzz") == []


def test_a_limit_below_one_is_refused(clinic: str) -> None:
    """Nothing is no list."""
    assert run("people", clinic, "--limit", "0").returncode == 2


def test_the_columns_stand_under_their_names_also_with_long_ids() -> None:
    """People of a FHIR import have ids of 36 letters."""
    from pain_tui.report import clinic_text

    row = {"age_years": 49, "sex": "male", "problems": [], "is_alive": True}
    row |= {"STOP": 1, "CAUTION": 22, "NOTE": 333, "MISSING": 62}
    for person in ("P1", "76e3464d-4f85-4cbf-af90-0866063056cc"):
        head, line, _ = clinic_text.people([{**row, "person": person}], fictional=False).split("\n")
        for name, value in (
            ("age", "49"),
            ("STOP", "1"),
            ("CAUTION", "22"),
            ("NOTE", "333"),
            ("MISSING", "62"),
        ):
            end = head.index(name) + len(name)
            assert line[:end].endswith(value) and line[end : end + 1] == " "
