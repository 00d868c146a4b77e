"""Rows that nobody checked: whatever the table, they never block, never clear, and give no number or date.

Property over the whole knowledge: every look-up row is made unchecked in a copy, and nothing of weight is left that
rests on a look-up; and on the packaged knowledge every unchecked row that is shown is marked.
"""

import re
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from pain_tui.assess.calculators import holding, interactions
from pain_tui.assess.calculators.medicine_rows import Asked
from pain_tui.knowledge import load
from tests.safety import whole

LOOKUPS = ("drug_interactions", "drug_conditions", "anticoag_holds", "procedure_items", "drug_actions")
PROCEDURES = ("ILESI_C", "SCS_IMPLANT", "FACET_IA_TL", "VP", "KET_INF", "BVN")
NUMBERS = (
    "hold_min",
    "hold_max",
    "restart_min_h",
    "restart_max_h",
    "stop_at",
    "restart_at",
    "earliest_procedure_at",
)
RICH: dict[str, Any] = {
    "person": {"person": "p", "age": 78, "sex": "female"},
    "problems": [{"problem": "x", "condition": "lumbar_radicular", "is_primary": True}],
    "medications": [
        {"drug": drug, "status": "active", "start": "2026-11-01", "dose": 10, "unit": "mg", "per_day": 2}
        for drug in (
            "oxycodone", "alprazolam", "tramadol", "phenelzine", "warfarin", "ibuprofen", "tizanidine", "ciprofloxacin",
            "methadone", "ondansetron", "amitriptyline", "apixaban", "clopidogrel", "ritonavir", "triamcinolone",
        )
    ],
    "conditions": [
        {"code": code, "system": "icd10", "text": code, "onset": "2025-01-01"}
        for code in ("K74.60", "G47.33", "N18.5", "I50.9", "A41.9", "G40.909", "H40.9")
    ],
    "allergies": [{"substance": "latex"}, {"substance": "lidocaine"}],
    "devices": [{"kind": "icd", "mri": "unsafe", "at": "2024-01-01"}],
    "observations": [
        {"code": code, "value": value, "unit": unit, "at": "2026-11-20"}
        for code, value, unit in (
            ("platelets", 40, "10*9/L"), ("inr", 3.5, None), ("egfr", 12, "mL/min/1.73m2"), ("qtc", 510, "ms"),
        )
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def nothing_checked() -> Iterator[duckdb.DuckDBPyConnection]:
    """The knowledge with every look-up row unchecked, and what is derived from it made anew."""
    connection = load.connect()
    for table in LOOKUPS:
        connection.execute(f"UPDATE knowledge.{table} SET sureness = 'unchecked'")
    for file in sorted((load.FOLDER / "derived").glob("*.sql")):
        text = file.read_text(encoding="utf-8")
        for name in re.findall(r"CREATE TABLE (knowledge\.\w+)", text):
            connection.execute(f"DROP TABLE {name}")
        connection.execute(text)
    yield connection
    connection.close()


def _assessed(cursor: duckdb.DuckDBPyConnection) -> Any:
    return whole.assess(cursor, RICH, *[("procedure", code) for code in PROCEDURES], doubts=True)


def test_the_person_of_these_tests_meets_look_ups_of_every_kind(cursor: duckdb.DuckDBPyConnection) -> None:
    """Else the tests below could not fail."""
    found = _assessed(cursor)
    heavy = {(f["origin"], f["tier"]) for f in found.findings if f["tier"] != "NOTE"}
    assert {o for o, _ in heavy} >= {"rules", "interaction", "drug_condition", "procedure"}
    assert ("interaction", "STOP") in heavy


def test_an_unchecked_row_never_blocks_and_never_clears(nothing_checked: duckdb.DuckDBPyConnection) -> None:
    found = _assessed(nothing_checked.cursor())
    looked_up = [f for f in found.findings if f["origin"] != "rules"]
    assert len(looked_up) > 20
    assert {f["tier"] for f in looked_up} == {"NOTE"}
    assert all(f["say"].endswith("(Source not checked.)") for f in looked_up)
    for option in (one.as_dict() for problem in found.problems for one in problem.options):
        for item in option["procedure_check"]:
            if item["sureness"] == "unchecked":
                assert item["answer"] is None and item["tier"] in (None, "NOTE"), (option["option"], item)
            assert "last dose" not in (item["why"] or "") and not re.search(
                r"\d+ days before", item["why"] or ""
            )


def test_an_unchecked_row_gives_no_number_and_no_date(nothing_checked: duckdb.DuckDBPyConnection) -> None:
    asked = [
        {
            "drug": drug,
            "procedure": code,
            "renal": "60",
            "last_dose": "2026-11-20T08:00",
            "procedure_at": "2026-11-24T08:00",
        }
        for drug in ("warfarin", "apixaban 5 mg", "clopidogrel", "aspirin", "enoxaparin 40 mg")
        for code in ("ILESI_L", "SIJ_INJ", "SCS_TRIAL")
    ]
    answers = list(holding.holds(nothing_checked.cursor(), list(enumerate(asked, 1))))
    assert len(answers) > 15
    for answer in answers:
        assert {answer[name] for name in NUMBERS} == {None}, answer
        assert "not checked" in answer["why"] or answer["row_id"] is None


def test_an_unchecked_interaction_is_a_note(nothing_checked: duckdb.DuckDBPyConnection) -> None:
    rows = [Asked(n, "p", {"drug": m["drug"]}) for n, m in enumerate(RICH["medications"], 1)]
    found = interactions.interactions(nothing_checked.cursor(), rows, as_of=whole.AS_OF).alerts
    assert len(found) > 20 and {a["tier"] for a in found if a["active"]} == {"NOTE"}
    assert all("source not checked" in a["say"] for a in found)


def test_what_is_shown_of_the_packaged_knowledge_is_marked(cursor: duckdb.DuckDBPyConnection) -> None:
    """An unchecked row says so wherever it stands."""
    marked = [f for f in _assessed(cursor).findings if f["sureness"] == "unchecked"]
    assert marked
    assert all(f["tier"] == "NOTE" and f["say"].endswith("(Source not checked.)") for f in marked)
