"""What a change does not touch is left as it was, and nothing that it does touch is."""

import json
import random
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import duckdb
import pytest

from pain_tui.assess import case, engine
from pain_tui.assess.assessment import assess_people
from pain_tui.cli.common import json_text
from pain_tui.knowledge import plans
from pain_tui.knowledge.unchanged import tables_named
from pain_tui.patients.fictional.clinic import teaching_cases
from pain_tui.patients.fictional.people import draw_people
from pain_tui.patients.normalise.records import normalise
from tests.assess.people import AS_OF

Tables = dict[str, list[dict[str, Any]]]
DRAWN = 5


@pytest.fixture(scope="module")
def people() -> list[Tables]:
    records: list[Mapping[str, Any]] = [entry["record"] for entry in teaching_cases()]
    records += list(draw_people(6, 5, AS_OF, first_number=700))
    return [
        {table: list(rows) for table, rows in normalise(record, place="test", as_of=AS_OF).case.items()}
        for record in records
    ]


def _kept(room: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    cursor = room.cursor()
    plans.keep(cursor)
    return cursor


def _answer(cursor: duckdb.DuckDBPyConnection) -> str:
    return json_text(assess_people(cursor)[0].as_dict())


def _with_all_steps(cursor: duckdb.DuckDBPyConnection, rows: Tables, run: case.Run) -> str:
    case.from_records(cursor, rows, run)
    for step in engine.steps():
        step.run(cursor)
    return _answer(cursor)


def _edited(rows: Tables, chance: random.Random) -> Tables:
    """One row changed, taken away or left without a value, in one of the tables."""
    table = chance.choice([name for name, held in rows.items() if held and name != "person"] or ["person"])
    held = [dict(row) for row in rows[table]]
    at = chance.randrange(len(held))
    kind = chance.choice(("value", "gone", "none"))
    if kind == "gone" and table != "person":
        del held[at]
    else:
        names = [n for n, v in held[at].items() if isinstance(v, int | float) and not isinstance(v, bool)]
        name = chance.choice(names) if names else None
        if name:
            held[at][name] = None if kind == "none" else held[at][name] + chance.choice((1, 2))
    return {**rows, table: held}


def _draw(people: list[Tables], seed: int) -> Iterator[tuple[Tables, case.Run]]:
    """A visit at a time: a person is opened, edited some times, asked on another day or over a longer horizon."""
    chance = random.Random(seed)
    for _ in range(DRAWN):
        rows = chance.choice(people)
        run = case.Run(AS_OF)
        yield rows, run
        for _ in range(3):
            rows = _edited(rows, chance)
            if chance.random() < 0.3:
                run = case.Run(
                    AS_OF + timedelta(days=chance.choice((0, 30))),
                    horizon_weeks=chance.choice(case.HORIZONS),
                    asked=chance.choice(((), (("option", "scs_10khz"),), (("drug", "tramadol"),))),
                )
            yield rows, run


@pytest.mark.parametrize("seed", [1, 2])
def test_edits_give_the_answer_of_all_steps(
    room: duckdb.DuckDBPyConnection, people: list[Tables], seed: int
) -> None:
    """Visits one after the other on one cursor: each answer is that of running everything."""
    short, whole = _kept(room), _kept(room)
    for rows, run in _draw(people, seed):
        case.from_records(short, rows, run)
        engine.run(short)
        assert _answer(short) == _with_all_steps(whole, rows, run)


def test_a_change_behind_the_steps_is_noticed(room: duckdb.DuckDBPyConnection, people: list[Tables]) -> None:
    """The case tables may be written by any statement between two runs."""
    cursor, whole = _kept(room), _kept(room)
    rows = next(held for held in people if held.get("medication"))
    for _ in range(3):
        case.from_records(cursor, rows, case.Run(AS_OF))
        engine.run(cursor)
    cursor.execute("DELETE FROM case_medication")
    cursor.execute("UPDATE case_person SET sex = 'male'")
    engine.run(cursor)
    changed = {**rows, "medication": [], "person": [{**rows["person"][0], "sex": "male"}]}
    assert _answer(cursor) == _with_all_steps(whole, changed, case.Run(AS_OF))


def test_a_pain_score_does_not_make_the_medicines_anew(
    room: duckdb.DuckDBPyConnection, people: list[Tables], monkeypatch: pytest.MonkeyPatch
) -> None:
    cursor = _kept(room)
    rows = next(held for held in people if held.get("medication") and held.get("observation"))
    ran: list[str] = []
    original = plans._run

    def note(*asked: Any) -> None:
        ran.append(asked[2])
        original(*asked)

    monkeypatch.setattr(plans, "_run", note)
    for score in range(4):
        seen = {"person": rows["person"][0]["person"], "row_id": "n", "code": "nrs_average"}
        with_score = {**rows, "observation": [*rows["observation"], {**seen, "value": score, "at": AS_OF}]}
        ran.clear()
        case.from_records(cursor, with_score, case.Run(AS_OF))
        engine.run(cursor)
    made = {statement.split()[2] for statement in ran if statement.startswith("INSERT INTO")}
    assert {"fact_values", "fact_cells"} <= made
    assert not {"medications", "opioid_doses", "phenotypes", "gene_drug", "interactions"} & made


def _scanned(node: Mapping[str, Any]) -> Iterator[str]:
    table = node.get("extra_info", {}).get("Table")
    if table:
        yield str(table)
    for child in node.get("children", []):
        yield from _scanned(child)


def test_no_table_that_a_statement_reads_is_missed(
    room: duckdb.DuckDBPyConnection, people: list[Tables]
) -> None:
    """DuckDB's own plan of every statement reads only tables that are looked at."""
    cursor = _kept(room)
    for _ in range(3):
        case.from_records(cursor, people[0], case.Run(AS_OF))
        engine.run(cursor)
    temporary = {
        row[0] for row in cursor.execute("SELECT table_name FROM duckdb_tables() WHERE temporary").fetchall()
    }
    looked_at = 0
    for statement in plans._KEPT[cursor].made_by.values():
        if "?::" in statement or plans._MAKES.match(statement)[2].startswith("("):  # type: ignore[index]  # it made a table
            continue
        select = statement[plans._MAKES.match(statement).end() :]  # type: ignore[union-attr]  # it made a table
        row = cursor.execute(f"EXPLAIN (FORMAT json) {select}").fetchall()[0]
        names = [name.split(".") for plan in json.loads(row[1]) for name in _scanned(plan)]
        read = {name[-1] for name in names if name[-2:-1] != ["knowledge"]} & temporary
        assert read <= tables_named(statement), statement[:80]
        looked_at += len(read)
    assert looked_at > 100
