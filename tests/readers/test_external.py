"""Real files: FHIR bundles against independent counts, the opioid guide's examples, frequencies and brand names."""

# ruff: noqa: E501 - tables of cases read better with one case a line

import csv
import datetime as dt
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from pain_tui.patients.normalise import medicines, sig
from pain_tui.patients.normalise.tables import rows
from pain_tui.patients.readers import dispatch, fhir
from pain_tui.patients.readers.base import Options, Reading
from tests.genotype.external import root

pytestmark = pytest.mark.external
OPTIONS = Options(as_of=dt.date(2026, 11, 24), time_zone="America/New_York", person=None)


def members(*classes: str) -> set[str]:
    return {row["drug"] for row in rows("drug_classes") if row.get("class_id", row.get("class")) in classes}


def bundles() -> dict[str, tuple[Reading, dict[str, str]]]:
    folder = root() / "data" / "synthea_fhir_r4_3"
    readings, errors = fhir.read([folder], OPTIONS)
    assert errors == []
    with (folder / "expected_facts.csv").open(newline="") as file:
        expected = {row["file"]: row for row in csv.DictReader(file)}
    return {reading.place: (reading, expected[reading.place]) for reading in readings}


def orders(reading: Reading, drugs: set[str]) -> Counter[str]:
    """How many orders hold one of the drugs, by status; a product counts once."""
    found = {
        row["source_key"].split("#")[0]: row["status"]
        for row in reading.rows["medication"]
        if row["ingredient"] in drugs
    }
    return Counter(found.values())


def test_counts_of_the_bundles_equal_the_independent_ones() -> None:
    """Resources by kind, people, orders by class and status, pain scores: as counted by others."""
    opioids = {row["ingredient"] for row in rows("drug_names") if "opioid_any" in row["class_ids"].split("|")}
    benzodiazepines = {row["ingredient"] for row in rows("drug_names") if row["group"] == "benzodiazepine"}
    nsaids = {row["ingredient"] for row in rows("drug_names") if row["group"].startswith("NSAID")}
    antithrombotics = {
        row["ingredient"]
        for row in rows("drug_names")
        if row["group"]
        in ("VKA", "DOAC", "LMWH", "heparin", "antiplatelet", "thrombin inhibitor", "factor Xa inhibitor")
    }
    for reading, want in bundles().values():
        assert reading.read == int(want["n"]) == reading.used + reading.set_aside + reading.ignored
        for kind in ("MedicationRequest", "Condition", "Observation"):
            assert reading.kinds[kind] == int(want[kind]), kind
        (person,) = reading.rows["person"]
        assert (str(person["birth_date"]), person["sex"], person["death_date"]) == (
            want["birth"],
            want["gender"],
            None,
        )
        assert orders(reading, opioids).total() == int(want["opioid_n"]) and orders(reading, opioids)[
            "active"
        ] == int(want["opioid_active"])
        assert orders(reading, benzodiazepines).total() == int(want["benzo_n"])
        assert orders(reading, nsaids).total() == int(want["nsaid_n"])
        assert orders(reading, antithrombotics)["active"] == int(want["anticoag_active"])
        pain = [row for row in reading.rows["observation"] if row["code"] == "pain_nrs"]
        assert len(pain) == int(want["pain_obs"])
        assert max(pain, key=lambda row: row["at"])["value"] == pytest.approx(float(want["last_pain"]))
        comorbid = {row["comorbidity"] for row in reading.rows["condition"]}
        assert ("overdose" in comorbid, "opioid_use_disorder" in comorbid) == (
            want["overdose"] == "True",
            want["oud"] == "True",
        )
        names = {row["drug"] for row in reading.rows["medication"] if row["ingredient"] in opioids}
        assert names == {name for name in want["opioids"].split("; ") if name}


def test_every_row_of_the_bundles_that_was_not_used_has_its_reason() -> None:
    """Nothing of these files is set aside except government numbers and doses without a unit."""
    for reading, _ in bundles().values():
        assert {p.code for p in reading.bad()} <= {"government_identifier", "dose_without_unit"}
        assert reading.set_aside == 0 and [c for c in reading.columns if c[2] == "unknown"] == []
        assert all(row["ingredient"] for row in reading.rows["medication"])


def test_synthea_tables_are_read_through_the_same_door() -> None:
    """27 people; children's sizes and total protein in the wrong unit are set aside, nothing else is."""
    done = dispatch.read([root() / "data" / "synthea_csv_27"], None, OPTIONS)
    assert done.errors == [] and {r.reader for r in done.readings} == {"synthea"}
    by_file = {r.place: r for r in done.readings}
    for reading in done.readings:
        assert reading.read == reading.used + reading.set_aside + reading.ignored
        assert [c for c in reading.columns if c[2] == "unknown"] == []
    assert by_file["patients.csv"].used == 27 and by_file["medications.csv"].used == 663
    assert {p.code for r in done.readings for p in r.problems if p.level == "row"} == {
        "unit_trap",
        "value_out_of_range",
    }
    proteins = [p for p in by_file["observations.csv"].problems if p.what.startswith("total protein")]
    assert len(proteins) >= 3 and all("looks like g/L" in p.what for p in proteins)
    deaths = [row for row in by_file["patients.csv"].rows["person"] if row["death_date"]]
    assert all(row["death_date"] > row["birth_date"] for row in deaths)


def guide() -> dict[str, list[dict[str, Any]]]:
    folder = root() / "data" / "cdc_opioid_ig_examples"
    readings, errors = fhir.read([folder], OPTIONS)
    assert errors == [] and sum(r.read for r in readings) == len(list(folder.glob("*.json")))
    assert all(r.set_aside == 0 for r in readings), [(r.place, r.problems) for r in readings if r.set_aside]
    found: dict[str, list[dict[str, Any]]] = {}
    for reading in readings:
        for table, kept in reading.rows.items():
            found.setdefault(table, []).extend(kept)
    return found


@pytest.mark.parametrize(
    ("order", "parts"),
    [
        ("fentanyl", [("fentanyl", 0.2, "mg", "sublingual")]),
        ("methadone", [("methadone", 10, "mg", "oral")]),
        ("buprenorphine", [("buprenorphine", 2, "mg", "sublingual"), ("naloxone", 0.5, "mg", "sublingual")]),
        ("oxycodone", [("acetaminophen", 325, "mg", "oral"), ("oxycodone", 5, "mg", "oral")]),
        ("extended-release-opioid", [("hydromorphone", 2, "mg", "oral")]),
        ("benzodiazepine", [("temazepam", 7.5, "mg", "oral")]),
        ("opioid", [("tramadol", 50, "mg", "oral")]),
        (
            "mme",
            [("levomethadyl", None, None, "oral")],
        ),  # counted in tablets of a solution: unknown, never zero
    ],
)
def test_orders_of_the_opioid_guide(order: str, parts: list[tuple[Any, ...]]) -> None:
    found = [
        row
        for row in guide()["medication"]
        if row["source_key"].split("#")[0] == f"MedicationRequest/{order}"
    ]
    assert [(r["ingredient"].split(" ")[0], r["dose"], r["unit"], r["route"]) for r in found] == parts
    assert all(r["per_day"] == 1 and r["status"] == "active" and r["stop"] is None for r in found)


def test_exclusions_screens_and_reviews_of_the_opioid_guide() -> None:
    found = guide()
    assert {"cancer", "sickle_cell", "liver_endstage"} <= {row["comorbidity"] for row in found["condition"]}
    screens = {row["code"]: row["text"] for row in found["observation"]}
    assert screens["uds_opiates"] == "positive" and screens["uds_methadone"] == "negative"
    assert screens["pdmp_reviewed"] == screens["opioid_risk_reviewed"] == "yes"


def test_frequency_examples() -> None:
    for case in json.loads(
        (root() / "reference" / "safety" / "examples" / "frequency_examples.json").read_text()
    ):
        expected = case["expected_per_day"]
        assert sig.times_per_day(case["count"], case["period"], case["unit"]) == (
            None if expected is None else pytest.approx(expected)
        ), case["id"]


def test_brands_and_names_of_the_mme_cases() -> None:
    """Every medicine of the cases is read to its ingredient, by brand where the case names one."""
    wrong = []
    for case in json.loads(
        (root() / "reference" / "safety" / "examples" / "mme_cases_examples.json").read_text()
    )["cases"]:
        for medicine in case["meds"]:
            written = f"{medicine.get('brand') or medicine['drug']} {medicine['strength']} {medicine['strength_unit']} {medicine['form']}"
            found = medicines.parse(written)
            part = next((p for p in found.parts if p.ingredient == medicine["drug"]), None)
            unit = {"mcg/h": "mcg/h", "mg/mL": "mg/mL"}.get(
                medicine["strength_unit"], medicine["strength_unit"]
            )
            if part is None or (part.strength, part.strength_unit) != (medicine["strength"], unit):
                wrong.append((case["id"], written, found.parts))
    assert wrong == []


@pytest.mark.parametrize(
    ("path", "reader", "count"),
    [
        ("vcf_getrm_NA18565/NA18565.preprocessed.vcf", "vcf", None),
        ("vcf_getrm_NA18565/outside_calls_from_get-rm.NA18565.txt", "outside", 2),
        ("pharmcat_outputs/pharmcat.example.phenotype.json", "pharmcat", None),
        ("dtc_genotype_formats/23andme.txt", "array", None),
    ],
)
def test_genotype_files_go_to_their_reader(path: str, reader: str, count: int | None) -> None:
    done = dispatch.read([root() / "data" / path], None, Options(as_of=OPTIONS.as_of, person="p"))
    assert done.errors == [] and [r.reader for r in done.readings] == [reader]
    reading = done.readings[0]
    assert reading.read == reading.used + reading.set_aside + reading.ignored and (
        count is None or reading.used == count
    )
    assert {row["person"] for row in reading.rows["genotype_call"]} == {"p"}


def test_every_file_of_the_collection_is_read_or_refused_in_a_sentence() -> None:
    """No file, of whatever kind, ends in a traceback."""
    for path in sorted(
        p for p in (root() / "data").rglob("*") if p.is_file() and p.stat().st_size < 2_000_000
    ):
        done = dispatch.read([Path(path)], None, Options(as_of=OPTIONS.as_of, person="p"))
        assert done.errors or done.readings, path
        for reading in done.readings:
            assert reading.read == reading.used + reading.set_aside + reading.ignored, path


@pytest.mark.parametrize(("number", "ratings"), [(3, 95), (4, 93), (5, 28), (6, 29), (7, 220), (9, 66)])
def test_diaries_of_real_people_keep_their_own_scale(number: int, ratings: int) -> None:
    """Every line is used, left out as no pain, or set aside; nothing becomes NRS; the scale must be said."""
    from dataclasses import replace

    folder = root() / "data" / "myaiguide_diaries_P3_to_P9"
    (path,) = folder.glob(f"Participant{number}*.csv")
    asked = dispatch.read([path], None, replace(OPTIONS, person="p"))
    assert "on which scale" in str(asked.errors[0][1])
    done = dispatch.read([path], None, replace(OPTIONS, person="p", scale="app, 1 to 9.5"))
    (reading,) = done.readings
    assert not done.errors and reading.set_aside == 0
    found = reading.rows["diary"]
    assert len(found) + reading.ignored == reading.read and len(found) <= ratings
    assert all(row["nrs"] is None and 1 <= row["intensity"] <= 9.5 for row in found)
    assert not any("happiness" in row["symptom"] for row in found)


def test_steps_of_real_wearables_are_days() -> None:
    """Fitbit and Google Fit: every day is used or was zero."""
    from dataclasses import replace

    folder = root() / "data" / "myaiguide_diaries_P3_to_P9"
    done = dispatch.read(sorted(folder.glob("*.json")), None, replace(OPTIONS, person="p"))
    assert not done.errors and len(done.readings) == 5
    for reading in done.readings:
        assert reading.set_aside == 0 and reading.used + reading.ignored == reading.read
        assert all(row["steps"] > 0 for row in reading.rows["diary"])
