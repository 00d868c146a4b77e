"""One path for one person and for many: the same record gives the same bytes, however it is asked."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from difflib import unified_diff
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pain_tui.assess import case, clinic, engine
from pain_tui.assess.assessment import assess_people, tallies
from pain_tui.cli.common import json_text
from pain_tui.knowledge import plans
from pain_tui.patients.fictional.clinic import teaching_cases, write_clinic
from pain_tui.patients.fictional.people import draw_people
from pain_tui.patients.normalise.records import Normalised, normalise

AS_OF = date(2026, 11, 20)
RUN = case.Run(AS_OF)
Tables = dict[str, list[dict[str, Any]]]


def _people() -> list[Normalised]:
    """The teaching cases and some drawn people, normalised."""
    records: list[Mapping[str, Any]] = [entry["record"] for entry in teaching_cases()]
    records += list(draw_people(12, 3, AS_OF, first_number=500))
    return [normalise(record, place="test", as_of=AS_OF) for record in records]


@pytest.fixture(scope="module")
def people() -> list[Normalised]:
    return _people()


def _together(people: Sequence[Normalised], *, backwards: bool = False) -> Tables:
    tables: Tables = {}
    for one in people:
        for table, rows in one.case.items():
            tables.setdefault(table, []).extend(rows)
    return {table: rows[::-1] if backwards else rows for table, rows in tables.items()}


def _assess(cursor: duckdb.DuckDBPyConnection, rows: Tables) -> dict[str, str]:
    case.from_records(cursor, rows, RUN)
    engine.run(cursor)
    return {one.person: json_text(one.as_dict()) for one in assess_people(cursor)}


@pytest.fixture(scope="module")
def together(room: duckdb.DuckDBPyConnection, people: list[Normalised]) -> dict[str, str]:
    """Everybody assessed in one run."""
    return _assess(room.cursor(), _together(people))


def _same(found: Mapping[str, str], expected: Mapping[str, str]) -> None:
    """Compare whole assessments; a difference is shown line by line."""
    assert set(found) == set(expected)
    for person, text in found.items():
        changes = list(unified_diff(expected[person].splitlines(), text.splitlines(), lineterm="", n=1))
        assert not changes, "\n".join(changes[:60])


def test_everybody_has_an_answer(people: list[Normalised], together: dict[str, str]) -> None:
    """Nobody is lost between the steps."""
    assert set(together) == {one.person for one in people}


def test_one_person_alone_gets_the_answer_of_the_cohort(
    room: duckdb.DuckDBPyConnection, people: list[Normalised], together: dict[str, str]
) -> None:
    """Nobody's record changes another's assessment."""
    for one in people[::4]:
        _same(_assess(room.cursor(), _together([one])), {str(one.person): together[str(one.person)]})


def test_kept_plans_give_the_answer_of_fresh_ones(
    room: duckdb.DuckDBPyConnection, people: list[Normalised], together: dict[str, str]
) -> None:
    """A plan made for one person's tables must not lose or add a row for the next person."""
    cursor = room.cursor()
    plans.keep(cursor)
    nobody = normalise({"person": {"person": "nobody"}}, place="test", as_of=AS_OF)
    for one in [nobody, nobody, nobody, *people, nobody, *people[:3]]:
        found = _assess(cursor, _together([one]))
        if one.person in together:
            _same(found, {str(one.person): together[str(one.person)]})


def test_tables_are_renewed_without_changing_an_answer(
    room: duckdb.DuckDBPyConnection,
    people: list[Normalised],
    together: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """After many runs the kept tables are made anew."""
    monkeypatch.setattr(plans, "RUNS_BEFORE_RENEWAL", 3)
    cursor = room.cursor()
    plans.keep(cursor)
    one = people[0]
    for _ in range(7):
        _same(_assess(cursor, _together([one])), {str(one.person): together[str(one.person)]})


def test_the_order_of_rows_does_not_matter(
    room: duckdb.DuckDBPyConnection, people: list[Normalised], together: dict[str, str]
) -> None:
    """The same record written in another order is the same person."""
    _same(_assess(room.cursor(), _together(people, backwards=True)), together)


def test_a_record_and_a_patient_file_give_the_same_answer(
    tmp_path: Path, room: duckdb.DuckDBPyConnection, people: list[Normalised], together: dict[str, str]
) -> None:
    """`assess FILE PERSON` and `assess --record` agree on every number and word."""
    at = datetime(2026, 11, 20, 8)
    path = tmp_path / "clinic.duckdb"
    records = [entry["record"] for entry in teaching_cases()]
    made, _ = write_clinic(path, records, as_of=AS_OF, actor="test", at=at)
    with made as file:
        cursor = file.cursor()
        with file.attached(cursor=cursor):
            case.from_file(cursor, None, RUN)
        engine.run(cursor)
        stored = {one.person: json_text(one.as_dict()) for one in assess_people(cursor)}
        told: list[int] = []
        listed = {row["person"]: row for row in clinic.people(file, as_of=AS_OF, progress=told.append)}
        some = sorted(listed)[1:3]
        assert clinic.people(file, as_of=AS_OF, only=some) == [listed[person] for person in some]
        tallied = tallies(cursor)
    assert len(stored) >= 6
    assert (list(listed), sum(told)) == (sorted(stored), len(stored))
    # the list leaves out the forecast and what follows: its counts are those of the whole assessment
    assert {p: {name: row[name] for name in tallied[p]} for p, row in listed.items()} == tallied
    assert any(row["STOP"] for row in listed.values()) and any(row["MISSING"] for row in listed.values())
    _same(stored, {person: together[person] for person in stored})
