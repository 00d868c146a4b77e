"""One inhibitor, entered more than once: it is gone only when every entry says so."""

from typing import Any

import duckdb
import pytest

from pain_tui.assess import case, engine
from tests.assess.people import AS_OF, person, review

LONG_AGO = {"status": "stopped", "stop": "2020-01-01"}
NO_DAY = {"status": "stopped"}
TAKEN = {"status": "active"}


@pytest.mark.parametrize(
    ("entries", "today"),
    [
        ((LONG_AGO,), "Normal Metabolizer"),
        ((LONG_AGO, LONG_AGO), "Normal Metabolizer"),
        ((NO_DAY,), None),
        ((LONG_AGO, NO_DAY), None),
        ((NO_DAY, LONG_AGO), None),
        ((LONG_AGO, TAKEN), "Poor Metabolizer"),
        ((NO_DAY, TAKEN), "Poor Metabolizer"),
    ],
)
def test_an_entry_that_cannot_be_told_leaves_today_open(
    room: duckdb.DuckDBPyConnection, entries: tuple[dict[str, Any], ...], today: str | None
) -> None:
    cursor = room.cursor()
    taken = {"person": "p", "drug": "paroxetine", "ingredient": "paroxetine", "dose": 20.0, "unit": "mg"}
    gene = {"person": "p", "row_id": "g", "gene": "CYP2D6", "state": "called", "diplotype": "*1/*1"}
    rows = {
        "person": [person()],
        "medication": [{**taken, "row_id": f"m{n}", **held} for n, held in enumerate(entries)],
        "genotype_call": [gene],
        "list_review": [review("medication")],
    }
    case.from_records(cursor, rows, case.Run(AS_OF))
    engine.run(cursor, until="040")
    found = cursor.execute("SELECT phenotype_with_drugs FROM phenotypes WHERE gene = 'CYP2D6'").fetchall()
    assert found == [(today,)]
