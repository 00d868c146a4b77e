"""A moderate inhibitor has a day on which it is gone, and an open list is said to hide stronger ones."""

from datetime import date
from typing import Any

import pytest

from pain_tui.assess import case, engine
from pain_tui.knowledge.load import connect
from pain_tui.patients.normalise.records import normalise

AS_OF = date(2026, 11, 20)
DULOXETINE = {
    "drug": "duloxetine 60 mg capsule",
    "dose": 60,
    "unit": "mg",
    "per_day": 1,
    "start": "2026-09-01",
    "status": "active",
}


def _today(**more: Any) -> tuple[Any, ...]:
    record = {
        "person": {"person": "FIC-M1", "birth_date": "1970-01-01", "sex": "male", "fictional": True},
        "medications": [{**DULOXETINE, "authored": "2026-11-01"}],
        "genotype": [{"gene": "CYP2D6", "state": "called", "diplotype": "*1/*1"}],
        **more,
    }
    cursor = connect().cursor()
    case.from_records(cursor, normalise(record, place="test", as_of=AS_OF).case, case.Run(AS_OF))
    engine.run(cursor, until="040")
    found = cursor.execute(
        "SELECT phenotype_with_drugs, clears_on, note FROM phenotypes WHERE gene = 'CYP2D6'"
    ).fetchone()
    assert found is not None
    return found


@pytest.mark.parametrize("more", [{}, {"reviews": []}], ids=["list stated complete", "list open"])
def test_the_day_on_which_it_is_gone_is_told(more: dict[str, Any]) -> None:
    """Four days after the last day it is known to act (half_lives.csv, washout of duloxetine)."""
    assert _today(**more)[:2] == ("Intermediate Metabolizer", date(2026, 11, 24))


def test_an_open_list_says_that_a_stronger_inhibitor_is_not_excluded() -> None:
    assert "stronger inhibitor is not excluded" in _today(reviews=[])[2]
    assert _today()[2] is None
