"""One medicine that thins the blood, entered more than once: the shorter wait only when every entry allows it."""

from typing import Any

import duckdb
import pytest

from pain_tui.assess import case, engine
from tests.assess.people import AS_OF, person

RIVAROXABAN = {"drug": "rivaroxaban", "ingredient": "rivaroxaban", "per_day": 2.0}
LOW, USUAL = {"dose": 2.5, "unit": "mg"}, {"dose": 20.0, "unit": "mg"}
ENOXAPARIN = {"drug": "enoxaparin", "ingredient": "enoxaparin"}
PROPHYLAXIS, TREATMENT = {"indication": "prophylaxis"}, {"indication": "therapeutic"}


def _asked(room: duckdb.DuckDBPyConnection, *entries: dict[str, Any]) -> tuple[Any, ...]:
    """(dose, dose band) of the one question about this medicine."""
    cursor = room.cursor()
    problem = {"person": "p", "row_id": "b", "problem": "p1", "condition": "lumbar_radicular"}
    rows = [{"person": "p", "row_id": f"m{n}", "status": "active", **held} for n, held in enumerate(entries)]
    case.from_records(
        cursor, {"person": [person()], "problem": [problem], "medication": rows}, case.Run(AS_OF)
    )
    engine.run(cursor, until="083")
    found = cursor.execute("SELECT DISTINCT dose, dose_band FROM hold_questions").fetchall()
    assert len(found) == 1
    return tuple(found[0])


@pytest.mark.parametrize(
    ("entries", "dose"),
    [
        ((LOW,), 2.5),
        ((LOW, LOW), 2.5),
        ((LOW, USUAL), 20.0),
        ((LOW, {}), None),
        (({}, LOW), None),
        ((USUAL, {}), None),
        ((LOW, {"dose": 1.0, "unit": "tablet"}), None),
        (({},), None),
    ],
)
def test_a_dose_is_known_when_every_entry_has_one(
    room: duckdb.DuckDBPyConnection, entries: tuple[dict[str, Any], ...], dose: float | None
) -> None:
    assert _asked(room, *({**RIVAROXABAN, **held} for held in entries))[0] == dose


@pytest.mark.parametrize(
    ("entries", "band"),
    [
        ((PROPHYLAXIS,), "low"),
        ((PROPHYLAXIS, PROPHYLAXIS), "low"),
        ((TREATMENT,), "high"),
        ((PROPHYLAXIS, TREATMENT), "high"),
        ((TREATMENT, PROPHYLAXIS), "high"),
        ((TREATMENT, {}), "high"),
        ((PROPHYLAXIS, {}), None),
        (({},), None),
    ],
)
def test_the_higher_dose_band_counts(
    room: duckdb.DuckDBPyConnection, entries: tuple[dict[str, Any], ...], band: str | None
) -> None:
    assert _asked(room, *({**ENOXAPARIN, **held} for held in entries))[1] == band
