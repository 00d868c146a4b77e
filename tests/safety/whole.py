"""Whole assessments of people written as records, for vignettes."""

from datetime import date
from typing import Any

import duckdb

from pain_tui.assess import case, engine
from pain_tui.assess.assessment import Assessment, assess_people
from pain_tui.patients.normalise.records import normalise

Row = dict[str, Any]
AS_OF = date(2026, 11, 24)


def assess(
    cursor: duckdb.DuckDBPyConnection,
    record: Row,
    *asked: tuple[str, str],
    as_of: date = AS_OF,
    doubts: bool = False,
) -> Assessment:
    """One record (keys of the record contract; `person` may be left out) as the program assesses it.

    A record that does not read cleanly is a mistake of the test (doubts: unusual values are expected).
    asked: ("option", id) or ("drug", name).
    """
    whole = {"person": {"person": "p"}, **record}
    read = normalise(whole, place="test", as_of=as_of)
    wrong = [p.sentence() for p in read.problems if not (doubts and p.level == "doubt")]
    assert wrong == [], wrong
    case.from_records(cursor, read.case, case.Run(as_of, asked=asked))
    engine.run(cursor)
    return assess_people(cursor)[0]


def of(found: Assessment, rule: str) -> list[Row]:
    """The findings of one rule or row."""
    return [row for row in found.findings if row["rule"] == rule]


def fired(found: Assessment) -> dict[str, str]:
    """Rule or row -> tier."""
    return {row["rule"]: row["tier"] for row in found.findings}


def check(found: Assessment, option: str) -> dict[str, Row]:
    """Item -> its row in the procedure check of an option (the last one where an item has several)."""
    for problem in found.problems:
        for row in (one.as_dict() for one in problem.options):
            if row["option"] == option:
                return {item["item"]: item for item in row["procedure_check"]}
    raise AssertionError(f"{option} is not on the list")
