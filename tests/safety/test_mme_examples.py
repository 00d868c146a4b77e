"""The published and derived MME cases: as rows, and as written directions through the whole reading."""

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pain_tui.assess import case
from pain_tui.assess.calculators import medicine_rows
from pain_tui.patients.normalise import records, sig
from tests.safety.asking import DAY, mme_of_many

Cursor = duckdb.DuckDBPyConnection
Med = dict[str, Any]
pytestmark = pytest.mark.external


def _cases(examples: Path) -> list[dict[str, Any]]:
    return json.loads((examples / "mme_cases_examples.json").read_text(encoding="utf-8"))["cases"]  # type: ignore[no-any-return]


def _ends(value: Any) -> tuple[float, float]:
    return (value[0], value[1]) if isinstance(value, list) else (value, value)


def _most_a_day(freq: dict[str, Any]) -> float:
    if "every_h" in freq:
        return 24 / _ends(freq["every_h"])[0]
    if "times_of_day" in freq:
        return len(freq["times_of_day"])
    days = {"d": 1, "h": 1 / 24, "wk": 7}[freq["unit"]]
    return float(freq["count"] / (freq["period"] * days))


def _is_patch(med: Med) -> bool:
    return bool(med["strength_unit"] == "mcg/h")


def _row(med: Med) -> tuple[object, ...]:
    """The case as a row of the calculator: amounts at their most, as the case's rules say."""
    unit = med["strength_unit"].split("/")[0] if not _is_patch(med) else "mcg/h"
    dose, per_day = _ends(med["dose"])[1], _most_a_day(med["freq"])
    most = med.get("max_units_per_day") or med["freq"].get("max_per_day")
    if most and not _is_patch(med):
        per_day = min(per_day, most / dose)
    name = med.get("brand") if med.get("name_given") == "brand only" else med["drug"]
    form = med["form"]
    indication = "opioid use disorder" if med.get("moud") else ""
    return (
        name,
        med["route"],
        form,
        f"{dose * med['strength']:.10g}",
        unit,
        "" if _is_patch(med) else f"{per_day:.10g}",
        indication,
    )


def _mismatches(examples: Path, found: Any, check: Any) -> list[str]:
    wrong = []
    for entry in _cases(examples):
        said = check(entry, found[entry["id"]])
        if said:
            wrong.append(f"{entry['id']} ({entry['title']}): {said}")
    return wrong


def _differs(found: float | None, expected: float | None, tolerance: float) -> bool:
    if found is None or expected is None:
        return found is not expected
    return abs(found - expected) > tolerance


def test_every_case_as_rows(cursor: Cursor, examples: Path) -> None:
    def check(entry: dict[str, Any], found: Any) -> str:
        expected = entry["expected"]
        wrong = []
        if _differs(found.total_mme_per_day, expected["mme_2022"], entry["tolerance"]):
            wrong.append(f"2022 total {found.total_mme_per_day}, expected {expected['mme_2022']}")
        if _differs(found.total_cdc2016_per_day, expected["mme_2016"], entry["tolerance"]):
            wrong.append(f"2016 total {found.total_cdc2016_per_day}, expected {expected['mme_2016']}")
        if (found.state == "cannot_total") == expected["total_complete_2022"]:
            wrong.append(f"state {found.state}, expected complete {expected['total_complete_2022']}")
        out = sorted(
            (d["ingredient"], d["why_not"]) for d in found.doses if d["why_not"] not in (None, "NOT_OPIOID")
        )
        wanted = sorted((d["drug"], d["reason"]) for d in expected["not_counted_2022"])
        if out != wanted:
            wrong.append(f"not counted {out}, expected {wanted}")
        return "; ".join(wrong)

    found = mme_of_many(
        cursor, {entry["id"]: [_row(med) for med in entry["meds"]] for entry in _cases(examples)}
    )
    assert _mismatches(examples, found, check) == []


def _direction(med: Med) -> str:
    """The case as a written direction: '1-2 tablets every 4-6 h as needed, max 6 tablets a day'."""
    low, high = _ends(med["dose"])
    piece = "patch" if _is_patch(med) else "ml" if med["strength_unit"] == "mg/mL" else "tablet"
    amount = f"{low:g}" if low == high else f"{low:g}-{high:g}"
    freq = med["freq"]
    if "every_h" in freq:
        few, many = _ends(freq["every_h"])
        often = f"every {few:g} h" if few == many else f"every {few:g}-{many:g} h"
    elif "times_of_day" in freq:
        often = "at " + ", ".join(freq["times_of_day"])
    else:
        words = {"d": "day", "wk": "week", "h": "hour"}[freq["unit"]]
        often = (
            f"every {freq['period']} {words}s" if freq["period"] != 1 else f"{freq['count']} times a {words}"
        )
        if freq["period"] != 1 and freq["count"] != 1:
            often = f"{freq['count']} times every {freq['period']} {words}s"
    most = med.get("max_units_per_day") or freq.get("max_per_day")
    return (
        f"{amount} {piece} "
        f"{often}{' as needed' if med['prn'] else ''}{f', max {most} {piece}s/day' if most else ''}"
    )


def _as_record(entry: dict[str, Any]) -> dict[str, Any]:
    rows = []
    for med in entry["meds"]:
        name = med.get("brand") if med.get("name_given") == "brand only" else med["drug"]
        rows.append(
            {
                "drug": name,
                "strength": med["strength"],
                "strength_unit": med["strength_unit"],
                "form": med["form"],
                "route": med["route"],
                "frequency": _direction(med),
                "status": "active",
                "indication": "opioid use disorder" if med.get("moud") else None,
            }
        )
    return {"person": {"person": entry["id"]}, "medications": rows}


def test_every_case_as_written_directions(cursor: Cursor, examples: Path) -> None:
    """The same cases through names, strengths and directions; the scheduled amount stands beside the most."""

    tables: dict[str, list[dict[str, Any]]] = {}
    said: dict[str, list[str]] = {}
    for entry in _cases(examples):
        read = records.normalise(_as_record(entry), place=entry["id"], as_of=DAY)
        said[entry["id"]] = [problem.sentence() for problem in read.problems]
        for name, rows in read.case.items():
            tables.setdefault(name, []).extend(rows)
    case.from_records(cursor, tables, case.Run(DAY))
    medicine_rows.run_steps(cursor, ("010", "020", "021", "030"))
    totals = cursor.execute("SELECT person, total_mme_per_day, scheduled_mme_per_day FROM mme").fetchall()
    found = {person: (total, scheduled, said[person]) for person, total, scheduled in totals}

    def check(entry: dict[str, Any], found: tuple[Any, ...]) -> str:
        total, scheduled, said = found
        expected = entry["expected"]
        wrong = []
        if _differs(total, expected["mme_2022"], entry["tolerance"]):
            wrong.append(f"2022 total {total}, expected {expected['mme_2022']} {said}")
        if _differs(scheduled, expected["mme_2022_scheduled_only"], entry["tolerance"]):
            wrong.append(f"scheduled {scheduled}, expected {expected['mme_2022_scheduled_only']} {said}")
        return "; ".join(wrong)

    assert _mismatches(examples, found, check) == []


def test_claims_formula_of_2018(examples: Path) -> None:
    """strength x quantity / days of supply x the 2018 research factor: the form that claims files use."""
    wrong = []
    for entry in json.loads((examples / "mme_claims_examples.json").read_text(encoding="utf-8"))["cases"]:
        found = entry["strength"] * entry["quantity"] / entry["days_supply"] * entry["factor_2018"]
        if abs(found - entry["expected_mme_per_day"]) > entry["tolerance"]:
            wrong.append(entry["id"])
    assert wrong == []


def test_frequencies_of_the_public_artefacts(examples: Path) -> None:
    wrong = []
    for entry in json.loads((examples / "frequency_examples.json").read_text(encoding="utf-8")):
        found = sig.times_per_day(entry["count"], entry["period"], entry["unit"])
        expected = entry["expected_per_day"]
        if _differs(found, expected, 1e-6):
            wrong.append(f"{entry['id']}: {found}, expected {expected}")
    assert wrong == []
