"""The public examples of naloxone, recommendations, conditions and interactions, through the whole program.

Each mismatch is named by its id. What an example states that a record has no field for is written beside the
reading below.
"""

import json
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pain_tui.assess.calculators import conversion
from tests.safety import whole

Row = dict[str, Any]
pytestmark = pytest.mark.external
UNITS = {"crcl": "mL/min"}  # the examples leave the unit out


def _entries(examples: Path, kind: str) -> list[Row]:
    found: list[Row] = json.loads((examples / "shapes_examples.json").read_text(encoding="utf-8"))[kind]
    assert found, kind
    return found


def _medicine(name: str, **more: Any) -> Row:
    return {"drug": name, "start": "2026-09-01", "status": "active", **more}


def test_naloxone(cursor: duckdb.DuckDBPyConnection, examples: Path) -> None:
    """`mme` is a total without a medicine: stated here as oral morphine (factor 1) twice a day."""
    wrong = []
    for entry in _entries(examples, "naloxone"):
        half = entry["patient"]["mme"] / 2
        morphine = _medicine("morphine", route="oral", form="tablet", dose=half, unit="mg", per_day=2)
        said = whole.assess(cursor, {"medications": [morphine]}).opioid["naloxone"]
        if (said["offer"], said["triggers"]) != (
            entry["expected"]["offer_naloxone"],
            entry["expected"]["triggers"],
        ):
            wrong.append(f"{entry['id']}: {said}")
    assert wrong == []


def test_recommendations(cursor: duckdb.DuckDBPyConnection, examples: Path) -> None:
    """`category` (community) has no field in a record: every order of a record counts as an outpatient's."""
    wrong = []
    for entry in _entries(examples, "recommendation"):
        inputs = entry["inputs"]
        orders = [
            {
                "drug": order["name"],
                "dose": 1,
                "unit": "tablet",
                "start": order["authored_on"],
                "authored": order["authored_on"],
                "supply_days": order["supply_days"],
                "status": "active",
            }
            for order in inputs["order"]
        ]
        record = {
            "person": {"person": "p", "age": inputs["patient"]["age"]},
            "medications": [*orders, *(_medicine(name) for name in inputs["active_meds"])],
        }
        found = whole.assess(cursor, record, as_of=date.fromisoformat(inputs["as_of"]))
        actions = [
            row["codes"]["action_code"]
            for row in found.findings
            if row["codes"].get("recommendation") == entry["target"]
        ]
        if bool(actions) != entry["expected"]["fires"] or actions != entry["expected"]["action_codes"]:
            wrong.append(f"{entry['id']}: {entry['target']} says {actions}")
    assert wrong == []


def test_conditions(cursor: duckdb.DuckDBPyConnection, examples: Path) -> None:
    wrong = []
    for entry in _entries(examples, "condition"):
        measured = [
            {"code": code, "value": value, "unit": UNITS[code], "at": "2026-11-20"}
            for code, value in entry["patient"].items()
        ]
        found = whole.assess(cursor, {"medications": [_medicine(entry["drug"])], "observations": measured})
        codes = [row["codes"] for row in found.findings if row["drug"] == entry["drug"]]
        if not any(entry["expected"].items() <= one.items() for one in codes):
            wrong.append(f"{entry['id']}: {codes}")
    assert wrong == []


def test_interactions_of_a_whole_assessment(cursor: duckdb.DuckDBPyConnection, examples: Path) -> None:
    """A rule speaks for its pair; the severity and management of the row stand in the look-up."""
    wrong = []
    for entry in _entries(examples, "interaction"):
        whole.assess(cursor, {"medications": [_medicine(name) for name in entry["meds"]]})
        rows = cursor.execute(
            "SELECT drug_a, drug_b, severity, management_code FROM interactions WHERE active"
        ).fetchall()
        found = {frozenset((a, b)): (severity, code) for a, b, severity, code in rows}
        for alert in entry["expected"]["must_alert"]:
            if found.get(frozenset(alert["drugs"])) != (alert["severity"], alert["management_code"]):
                wrong.append(f"{entry['id']}: {alert['drugs']} {found.get(frozenset(alert['drugs']))}")
        wrong += [
            f"{entry['id']}: {pair['drugs']} must not alert"
            for pair in entry["expected"]["must_not_alert"]
            if frozenset(pair["drugs"]) in found
        ]
    assert wrong == []


def test_conversions(examples: Path) -> None:
    wrong = []
    for entry in _entries(examples, "conversion"):
        inputs = entry["inputs"]
        cells = {
            "table": entry["kind"],
            "from_drug": inputs["from_drug"],
            "from_route": inputs["route"],
            "dose": str(inputs["daily_mg"]),
        }
        (found,) = conversion.convert(cells)
        patch = f"{entry['expected']['patch_mcg_h']:g}"
        if (found.to_value, found.code) != (patch, entry["expected"]["code"]):
            wrong.append(f"{entry['id']}: {found}")
    assert wrong == []


def test_tapers(examples: Path) -> None:
    wrong = []
    for entry in _entries(examples, "taper"):
        found = conversion.taper({name: str(value) for name, value in entry["inputs"].items()})
        if list(found.doses) != entry["expected"]["doses"]:
            wrong.append(f"{entry['id']}: {found}")
    assert wrong == []
