"""What keeps a plan from being signed: every row of sign_blocks holds, is lifted, and is asked again when it must be."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import duckdb
import pytest

from pain_tui.assess import case, engine, signing
from pain_tui.assess.signing import Block
from pain_tui.knowledge import load, version
from pain_tui.patients.normalise import records

DAY = date(2026, 11, 20)


@pytest.fixture(scope="module")
def instance() -> Iterator[duckdb.DuckDBPyConnection]:
    """Knowledge, no patient file."""
    connection = load.connect()
    yield connection
    connection.close()


def record(**more: Any) -> dict[str, Any]:
    """An adult with low back pain whose lists are complete and empty."""
    person = {"person": "p1", "birth_date": "1970-01-01", "sex": "female", **more.pop("person", {})}
    lists: dict[str, Any] = {
        name: [] for name in ("medications", "conditions", "allergies", "devices", "treatments")
    }
    lists["problems"] = [
        {"problem": "p", "condition": "clbp_nonspecific", "onset_date": "2024-01-01", "is_primary": True}
    ]
    lists.update(more)
    return {"person": person, **{name: rows for name, rows in lists.items() if rows is not None}}


def blocks(
    instance: duckdb.DuckDBPyConnection,
    given: dict[str, Any],
    *,
    options: tuple[str, ...] = ("exercise_pt",),
    as_of: date = DAY,
    answers: tuple[dict[str, Any], ...] = (),
) -> dict[str, Block]:
    """The blocks of a person by name; answers are overrides stored before."""
    cursor = instance.cursor()
    rows = records.normalise(given, place="test", as_of=as_of).case
    case.from_records(cursor, rows, case.Run(as_of))
    for answer in answers:
        cursor.execute(
            "INSERT INTO case_override BY NAME SELECT 'p1' AS person, $rule AS rule, $tier AS tier, 'override' AS kind, "
            '$reason AS reason, $inputs AS inputs, $moment::TIMESTAMP AS "at"',
            {
                **{k: answer[k] for k in ("rule", "tier", "reason", "inputs")},
                "moment": datetime(2026, 11, 19),
            },
        )
    case.choose(cursor, "p1", list(options))
    engine.run(cursor)
    found = signing.blocks(cursor, "p1")
    cursor.close()
    return {block.block: block for block in found}


def item9(value: int) -> dict[str, Any]:
    """PHQ-9 item 9 of today."""
    return {"code": "phq9_item9", "value": value, "at": "2026-11-20"}


def test_an_adult_with_complete_lists_is_not_blocked_by_a_state(instance: duckdb.DuckDBPyConnection) -> None:
    """Nothing of the person's state keeps the plan from being signed."""
    found = blocks(instance, record())
    assert not {"dead", "child", "knowledge_old", "medicines_unconfirmed", "self_harm"} & set(found)


@pytest.mark.parametrize(
    ("given", "block"),
    [
        ({"person": {"death_date": "2026-01-01"}}, "dead"),
        ({"person": {"birth_date": "2010-01-01"}}, "child"),
        ({"observations": [item9(1)]}, "self_harm"),
        ({"medications": None}, "medicines_unconfirmed"),
    ],
)
def test_each_state_blocks(instance: duckdb.DuckDBPyConnection, given: dict[str, Any], block: str) -> None:
    """One row of sign_blocks each, with what to do."""
    found = blocks(instance, record(**given))[block]
    assert found.say and found.do and not found.is_answered


@pytest.mark.parametrize(
    ("born", "blocked"), [("2008-11-21", True), ("2008-11-20", False), ("2008-11-19", False)]
)
def test_the_birthday_decides(instance: duckdb.DuckDBPyConnection, born: str, blocked: bool) -> None:
    """The day before the eighteenth birthday, on it, after it."""
    assert ("child" in blocks(instance, record(person={"birth_date": born}))) is blocked


@pytest.mark.parametrize(("days", "blocked"), [(0, False), (1, True)])
def test_knowledge_past_its_date(instance: duckdb.DuckDBPyConnection, days: int, blocked: bool) -> None:
    """On the last day it holds, the day after it asks for a reason."""
    day = date.fromordinal(version.use_until().toordinal() + days)
    assert ("knowledge_old" in blocks(instance, record(), as_of=day)) is blocked


@pytest.mark.parametrize(("value", "blocked"), [(0, False), (1, True), (3, True)])
def test_item_nine(instance: duckdb.DuckDBPyConnection, value: int, blocked: bool) -> None:
    """Any answer above 0; the value is in the sentence."""
    found = blocks(instance, record(observations=[item9(value)]))
    assert ("self_harm" in found) is blocked
    assert not blocked or str(value) in found["self_harm"].say


def test_what_may_not_be_overridden_stays_whatever_is_stored(instance: duckdb.DuckDBPyConnection) -> None:
    """Self-harm and death: a stored reason does not lift them."""
    given = record(observations=[item9(1)], person={"death_date": "2026-01-01"})
    for name in ("self_harm", "dead"):
        block = blocks(instance, given)[name]
        assert not block.may_override
        again = blocks(instance, given, answers=(stored(block),))[name]
        assert not again.is_answered


def stored(block: Block) -> dict[str, Any]:
    """The override row of an answer to a block."""
    import json

    answer = block.answer("seen by two of us")
    return {**answer, "inputs": json.dumps(answer["inputs"])}


def test_an_answer_holds_until_what_it_was_given_for_changes(instance: duckdb.DuckDBPyConnection) -> None:
    """Medicines unconfirmed: answered for this day; asked again on another."""
    given = record(medications=None)
    block = blocks(instance, given)["medicines_unconfirmed"]
    assert block.may_override
    again = blocks(instance, given, answers=(stored(block),))["medicines_unconfirmed"]
    assert again.is_answered and again.reason == "seen by two of us"
    later = blocks(instance, given, answers=(stored(block),), as_of=date(2026, 11, 21))[
        "medicines_unconfirmed"
    ]
    assert not later.is_answered
    other = stored(replace(block, state="something else"))
    assert not blocks(instance, given, answers=(other,))["medicines_unconfirmed"].is_answered


def test_an_open_stop_blocks_and_its_own_override_lifts_it(instance: duckdb.DuckDBPyConnection) -> None:
    """Tramadol in a CYP2D6 poor metabolizer; with the rule's override it is answered, with another rule's it is not."""
    given = record(
        medications=[
            {"drug": "tramadol 50 mg", "dose": 50, "unit": "mg", "per_day": 3, "status": "active", "start": "2026-11-01"}
        ],
        genotype=[{"gene": "CYP2D6", "state": "called", "diplotype": "*4/*4", "copy_number": "2", "date": "2026-01-01"}],
    )  # fmt: skip
    found = blocks(instance, given)
    assert found["stop_open"].rule and "tramadol" in found["stop_open"].say
    wrong = stored(replace(found["stop_open"], block="medicines_unconfirmed"))
    assert not blocks(instance, given, answers=(wrong,))["stop_open"].is_answered


def test_a_question_that_decides_a_stop_is_asked_for_what_was_chosen_only(
    instance: duckdb.DuckDBPyConnection,
) -> None:
    """A strong opioid asks about opioid use disorder when the conditions are not known; exercise does not."""
    given = record(observations=[item9(0)], conditions=None)
    block = blocks(instance, given, options=("opioid_strong",))["stop_undecided"]
    assert block.may_override and "opioid use disorder" in block.say
    assert "stop_undecided" not in blocks(instance, given, options=("exercise_pt",))
    lifted = blocks(instance, given, options=("opioid_strong",), answers=(stored(block),))
    assert lifted["stop_undecided"].is_answered


def test_every_row_of_the_table_was_tried() -> None:
    """A new row of sign_blocks needs its case here."""
    from pain_tui.patients.normalise.tables import rows

    tried = {
        "stop_open",
        "stop_undecided",
        "self_harm",
        "self_harm_risk",
        "dead",
        "child",
        "knowledge_old",
        "medicines_unconfirmed",
    }
    assert {row["block"] for row in rows("sign_blocks")} == tried


def test_a_recorded_risk_blocks(instance: duckdb.DuckDBPyConnection) -> None:
    """A current risk: a safety plan first; not to be overridden."""
    risk = {"code": "self_harm_risk", "text": "yes", "at": "2026-11-20"}
    found = blocks(instance, record(observations=[risk]))
    assert not found["self_harm_risk"].may_override
