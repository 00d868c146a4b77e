"""What cannot be said is said: with its reason, what it bears on, and what would close it."""

import re
from typing import Any

import duckdb
import pytest

from pain_tui.assess.engine import STEPS_FOLDER
from tests.assess.people import AS_OF, Row, observation, person, review, run

Cursor = duckdb.DuckDBPyConnection
LISTS = ("medication", "condition", "allergy", "device", "treatment")
REVIEWED = [review(name) for name in LISTS]
BACK = {"person": "p", "problem": "p1", "condition": "lumbar_radicular"}


def _limits(cursor: Cursor, **rows: list[Row]) -> list[Row]:
    run(cursor, "120", rows)
    cursor.execute("SELECT * FROM limits ORDER BY position")
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _codes(found: list[Row]) -> set[str]:
    return {row["code"] for row in found}


@pytest.mark.parametrize(
    ("rows", "code", "blocks"),
    [
        ({"person": [person(death_date=AS_OF)]}, "dead", True),
        ({"person": [person(birth_date="2015-01-01")]}, "child", True),
        ({"person": [person(birth_date=None)]}, "age_unknown", False),
        ({}, "no_problem", True),
        ({"problem": [{"person": "p", "problem": "p1"}]}, "no_condition", True),
        (
            {
                "problem": [
                    {"person": "p", "problem": "p1", "condition": "crps", "condition_certainty": "ask"}
                ]
            },
            "condition_uncertain",
            False,
        ),
    ],
)
def test_a_person_or_problem_without_a_plan_says_why(
    cursor: Cursor, rows: dict[str, Any], code: str, blocks: bool
) -> None:
    """Never a blank panel."""
    found = [row for row in _limits(cursor, **rows) if row["code"] == code]
    assert len(found) == 1
    assert found[0]["blocks"] is blocks
    assert found[0]["say"].endswith(".") and found[0]["remedy"]


def test_a_missing_fact_is_told_once_with_what_it_bears_on(cursor: Cursor) -> None:
    """One INR leaves many needles open; it is one gap."""
    found = [row for row in _limits(cursor, problem=[BACK], list_review=REVIEWED) if row["facts"] == ["inr"]]
    assert len(found) == 1
    assert "Bears on:" in found[0]["say"] and found[0]["code"] == "fact_missing"


def test_an_old_value_is_told_with_its_day(cursor: Cursor) -> None:
    """Old is not the same as never measured."""
    found = _limits(cursor, problem=[BACK], list_review=REVIEWED, observation=[observation("inr", 1.1, 400)])
    old = [row for row in found if row["facts"] == ["inr"]]
    assert [row["code"] for row in old] == ["fact_old"]
    assert "2025-10-20" in old[0]["say"]


def test_a_value_that_closes_the_gap_takes_the_limit_away(cursor: Cursor) -> None:
    """Entering what is missing is what the remedy asks for."""
    found = _limits(cursor, problem=[BACK], list_review=REVIEWED, observation=[observation("inr", 1.0, 1)])
    assert not [row for row in found if "inr" in row["facts"]]


def test_an_unconfirmed_list_is_one_limit_for_all_that_it_leaves_open(cursor: Cursor) -> None:
    """Ten allergies not ruled out are one list to confirm."""
    found = _limits(cursor, problem=[BACK])
    lists = {row["say"].split()[1]: row for row in found if row["code"] == "list_not_complete"}
    assert set(lists) == {"allergy", "condition", "implant", "medicine", "treatment"}
    assert len(lists["allergy"]["facts"]) > 3
    single = {fact for row in found if row["about"] == "fact" for fact in row["facts"]}
    assert not single & set(lists["allergy"]["facts"])
    assert "list_not_complete" not in _codes(_limits(cursor, problem=[BACK], list_review=REVIEWED))


def test_an_unknown_medicine_is_named(cursor: Cursor) -> None:
    """A misspelt drug could be anything, so it clears nothing."""
    rows = [
        {"person": "p", "row_id": "m", "drug": "Frobnicol 5 mg", "status": "active", "start": "2026-11-01"}
    ]
    found = [row for row in _limits(cursor, medication=rows) if row["code"] == "unknown_drug"]
    assert len(found) == 1 and "Frobnicol" in found[0]["say"]


def test_an_untested_gene_is_a_limit_only_where_it_bears_on_a_medicine(cursor: Cursor) -> None:
    """CYP2D6 matters to the tricyclics of this list; nobody is sent for tests that change nothing."""
    genes = {row["say"].split()[0] for row in _limits(cursor, problem=[BACK]) if row["about"] == "gene"}
    assert "CYP2D6" in genes and "OPRM1" not in genes
    assert not [row for row in _limits(cursor) if row["about"] == "gene"]


def test_every_limit_has_words_and_a_remedy_without_holes(cursor: Cursor) -> None:
    """No placeholder is left in a sentence."""
    found = _limits(
        cursor,
        problem=[BACK, {"person": "p", "problem": "p2", "condition": "crps"}],
        observation=[observation("inr", 1.1, 400), observation("platelets", 100, 1, comparator="<")],
        medication=[
            {
                "person": "p",
                "row_id": "m",
                "drug": "oxycodone",
                "ingredient": "oxycodone",
                "start": "2026-11-01",
            }
        ],
    )
    assert len(found) > 20
    for row in found:
        assert "{" not in row["say"] + row["remedy"], row
        assert row["say"] == row["say"].strip() and row["remedy"]


def test_the_words_of_every_code_stand_in_knowledge(cursor: Cursor) -> None:
    """A limit whose code has no words would vanish in a join."""
    step = (STEPS_FOLDER / "120_limits.sql").read_text(encoding="utf-8")
    rows = cursor.execute("SELECT code FROM knowledge.limits_words").fetchall()
    known = {row[0] for row in rows}
    used = set(re.findall(r"'([a-z_]+)' AS code", step)) | set(
        re.findall(r"THEN '([a-z_]+)' (?:END|ELSE)", step)
    )
    used |= {f"fact_{why}" for why in ("old", "undated", "bound", "out_of_range", "not_readable", "missing")}
    assert used - {"dead", "child"} <= known | {"conflicting"}, used - known


@pytest.mark.parametrize(
    ("sex", "birth_date", "is_open"),
    [
        ("female", "1996-01-01", True),
        ("male", "1996-01-01", False),
        ("female", "1950-01-01", False),
        (None, "1996-01-01", True),
    ],
)
def test_breast_feeding_is_asked_only_of_those_it_can_concern(
    cursor: Cursor, sex: str | None, birth_date: str, is_open: bool
) -> None:
    """An open question for women of 10 to 55 years and where sex is not known."""
    codeine = {
        "person": "p",
        "row_id": "m1",
        "drug": "codeine",
        "ingredient": "codeine",
        "start": "2026-01-01",
    }
    rows = {
        "person": [person(sex=sex, birth_date=birth_date)],
        "medication": [codeine],
        "list_review": REVIEWED,
    }
    found = [row for row in _limits(cursor, **rows) if row["facts"] == ["breastfeeding"]]
    assert bool(found) is is_open


NO_NUMBER = ("lumbar_stenosis", "phn", "trigeminal_neuralgia", "crps", "vertebrogenic")


def test_every_option_without_a_number_has_one_limit_with_its_own_reason(cursor: Cursor) -> None:
    """The reason and the remedy of the forecast, told once, with the options that it holds for."""
    problems = [{"person": "p", "problem": c, "condition": c} for c in NO_NUMBER]
    found = _limits(cursor, problem=problems, observation=[observation("modic_type", "none", 1)])
    told = [row for row in found if row["code"] == "no_estimate"]
    reasons = cursor.execute(
        """SELECT f.problem, f.no_estimate_code, f.no_estimate_say, f.no_estimate_remedy, o.name
           FROM forecast f JOIN options o USING (person, problem, option) WHERE f.p_response IS NULL"""
    ).fetchall()
    assert {code for _, code, *_ in reasons} == {"no_evidence", "no_course_data", "not_eligible"}
    for problem, code, say, remedy, name in reasons:
        mine = [
            r for r in told if r["problem"] == problem and r["say"].startswith(say) and r["remedy"] == remedy
        ]
        assert len(mine) == 1 and not mine[0]["blocks"], (problem, say)
        assert code == "no_course_data" or name in mine[0]["say"]
    assert len({(row["problem"], row["say"]) for row in told}) == len(told)


def test_the_age_of_a_child_is_told_once_and_not_for_each_option(cursor: Cursor) -> None:
    found = _limits(cursor, person=[person(birth_date="2015-01-01")], problem=[BACK])
    assert [row["code"] for row in found].count("child") == 1 and "no_estimate" not in _codes(found)
