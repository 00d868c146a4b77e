"""Two results that disagree, and the phenotype today where the present medicines make one of both."""

from datetime import date
from typing import Any

import duckdb
import pytest

from pain_tui.assess import case, engine
from pain_tui.patients.normalise.records import normalise
from tests.genotype import tables

POOR, BETWEEN, NORMAL, ULTRA = (
    f"{word} Metabolizer" for word in ("Poor", "Intermediate", "Normal", "Ultrarapid")
)


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    return tables.connect()


@pytest.mark.parametrize(
    ("results", "drug", "today"),
    [
        (("*1/*1", "*4/*4"), "paroxetine", POOR),
        (("*1/*1", "*4/*4"), "duloxetine", None),  # 1 and 0
        (("*1/*1", "*1/*4"), "duloxetine", BETWEEN),  # 1 and 0.5
        (("*1x2/*17", "*1x2/*1"), "duloxetine", NORMAL),  # 1.25 and 1.5
        (("*1x2/*10", "*1x2/*17"), "duloxetine", None),  # 1.125 and 1.25
        (("*10/*10", "*1/*4"), None, BETWEEN),  # 0.5 and 1 without any medicine
        (("*1/*1", "*1/*4"), None, None),
        (("*1/*1x≥3", "*1/*4"), "duloxetine", None),  # at least 2, or 0.5
    ],
)
def test_one_phenotype_today_of_two_results(
    connection: duckdb.DuckDBPyConnection, results: tuple[str, str], drug: str | None, today: str | None
) -> None:
    """The genotype stays in conflict; what every candidate gives today is known."""
    calls = [{"person": "p", "gene": "CYP2D6", "state": "called", "diplotype": text} for text in results]
    tables.load_case(connection, calls, [{"person": "p", "ingredient": drug}] if drug else [])
    tables.run_steps(connection)
    (row,) = tables.rows(connection, "SELECT * FROM phenotypes WHERE gene = 'CYP2D6'")
    assert (row["state"], row["phenotype"], row["phenotype_with_drugs"]) == ("conflicting", None, today)
    if today and drug != "paroxetine":
        assert f"either result gives {today} today" in row["note"]


def _facts(genotype: list[dict[str, Any]], drug: str) -> dict[str, Any]:
    record = {
        "person": {"person": "FIC-C1", "birth_date": "1970-01-01", "sex": "male", "fictional": True},
        "problems": [{"problem": "1", "condition": "knee_oa"}],
        "medications": [{"drug": drug, "per_day": 1, "status": "active", "start": "2026-09-01"}],
        "genotype": genotype,
    }
    as_of = date(2026, 11, 20)
    cursor = tables.load.connect().cursor()
    case.from_records(cursor, normalise(record, place="test", as_of=as_of).case, case.Run(as_of))
    engine.run(cursor, until="050")
    found = cursor.execute(
        "SELECT fact, coalesce(txt, num::VARCHAR), why_not FROM fact_values WHERE fact LIKE 'cyp2d6%'"
    ).fetchall()
    return {fact: value if why is None else why for fact, value, why in found}


CONFLICT = [
    {"gene": "CYP2D6", "state": "called", "diplotype": "*1/*1", "laboratory": "A"},
    {"gene": "CYP2D6", "state": "called", "diplotype": "*4/*4", "laboratory": "B"},
]


def test_the_fact_of_today_is_known_whatever_the_genotype() -> None:
    """A strong inhibitor makes every candidate poor: the fact of today is known, the fact by genotype is not."""
    facts = _facts(CONFLICT, "paroxetine 20 mg tablet")
    assert facts["cyp2d6_phenotype"] == POOR and facts["cyp2d6_activity_score"] == "0.0"
    assert facts["cyp2d6_genetic_phenotype"] == "conflicting"


@pytest.mark.parametrize("genotype", [[], [{"gene": "CYP2D6", "state": "no_call"}]])
def test_without_a_usable_genotype_too(genotype: list[dict[str, Any]]) -> None:
    facts = _facts(genotype, "paroxetine 20 mg tablet")
    assert facts["cyp2d6_phenotype"] == POOR
    assert facts.get("cyp2d6_genetic_phenotype", "no_call") == "no_call"


def test_a_conflict_that_a_medicine_leaves_open_stays_unknown() -> None:
    facts = _facts(CONFLICT, "duloxetine 60 mg capsule")
    assert facts["cyp2d6_phenotype"] == "conflicting"
