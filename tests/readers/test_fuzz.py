"""Damaged input of every kind: an InputError or rows set aside, never a traceback, and counts that add up."""

# ruff: noqa: E501 - tables of cases read better with one case a line

import datetime as dt
import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pain_tui.errors import PainTuiError
from pain_tui.patients.readers import dispatch, fhir_resources
from pain_tui.patients.readers.base import Options

OPTIONS = Options(as_of=dt.date(2026, 11, 20), time_zone="Europe/Vienna", person="p1")
SCRATCH = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-10, 10**9) | st.text(max_size=10) | st.sampled_from(["Patient/p1", "2026-11-01", "active", "mg", "http://loinc.org"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["coding", "code", "system", "value", "unit", "repeat", "timing", "reference", "text", "start", "component"]), inner, max_size=4),
    max_leaves=10,
)  # fmt: skip
FIELDS = ["id", "status", "code", "subject", "patient", "valueQuantity", "valueCodeableConcept", "component", "effectiveDateTime", "dosageInstruction",
          "medicationCodeableConcept", "medicationReference", "contained", "identifier", "name", "birthDate", "item", "reaction", "clinicalStatus", "dispenseRequest"]  # fmt: skip


def must_not_break(path: Path, reader: str | None = None) -> None:
    """Read it; whatever is wrong is said, and every row is accounted for."""
    done = dispatch.read([path], reader, OPTIONS)
    assert all(isinstance(error, PainTuiError) and error.message for _, error in done.errors)
    for reading in done.readings:
        assert reading.read == reading.used + reading.set_aside + reading.ignored, reading
        assert all(p.place and p.what for p in reading.problems)


@SCRATCH
@given(
    data=st.binary(max_size=300),
    name=st.sampled_from(
        ["observation.csv", "x.json", "x.ndjson", "x.vcf", "x.txt", "x.csv", "medication.tsv"]
    ),
)
def test_any_bytes(tmp_path: Path, data: bytes, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    must_not_break(path)


@SCRATCH
@given(
    table=st.sampled_from(
        [
            "person",
            "observation",
            "medication",
            "condition",
            "treatment",
            "genotype_call",
            "diary",
            "problem",
            "visit",
            "list_review",
        ]
    ),
    rows=st.lists(st.lists(st.text(max_size=8), max_size=8), max_size=6),
)
def test_any_cells_under_the_right_header(tmp_path: Path, table: str, rows: list[list[str]]) -> None:
    from pain_tui.patients.readers.csv_tables import _COLUMNS

    path = tmp_path / f"{table}.csv"
    header = ",".join(["person", *_COLUMNS[table].split()])
    path.write_bytes(
        (header + "\n" + "\n".join(",".join(row) for row in rows)).encode("utf-8", "surrogatepass")
    )
    must_not_break(path)


@SCRATCH
@given(
    kind=st.sampled_from(sorted(fhir_resources.READ) + ["Bundle", "Medication", "Claim"]),
    fields=st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=6),
)
def test_resources_of_any_shape(tmp_path: Path, kind: str, fields: dict[str, Any]) -> None:
    path = tmp_path / "x.json"
    path.write_text(json.dumps({"resourceType": kind, **fields}))
    must_not_break(path, "fhir")


@SCRATCH
@given(
    record=st.dictionaries(
        st.sampled_from(["person", "medications", "observations", "genotype", "hobby"]), VALUES, max_size=4
    )
)
def test_records_of_any_shape(tmp_path: Path, record: dict[str, Any]) -> None:
    path = tmp_path / "x.json"
    path.write_text(json.dumps(record))
    must_not_break(path, "record")


GOOD = {
    "bundle.json": json.dumps({"resourceType": "Bundle", "entry": [
        {"resource": {"resourceType": "Patient", "id": "p1", "birthDate": "1960-01-01", "gender": "male"}},
        {"resource": {"resourceType": "Observation", "id": "o", "status": "final", "subject": {"reference": "Patient/p1"}, "effectiveDateTime": "2026-11-01",
                      "code": {"coding": [{"system": "http://loinc.org", "code": "777-3"}]}, "valueQuantity": {"value": 200, "code": "10*3/uL"}}}]}),
    "medication.csv": "person,drug,dose,unit,frequency\np1,oxycodone 5 mg tablet,5,mg,q6h\np1,Percocet 10/325,1,tablet,bid\n",
    "people.jsonl": '{"person": {"person": "p1"}, "medications": [{"drug": "tramadol", "dose": 50, "unit": "mg"}]}\n',
    "lab.csv": "gene,diplotype\nCYP2D6,*1/*4\nCYP2C19,*1/*2\n",
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(GOOD))
def test_a_good_file_cut_or_scratched_anywhere(tmp_path: Path, name: str) -> None:
    """Every cut, and many single damaged bytes: said, never raised."""
    good = GOOD[name].encode()
    path = tmp_path / name
    drawn = random.Random(7)
    for cut in range(0, len(good), 7):
        path.write_bytes(good[:cut])
        must_not_break(path)
        scratched = bytearray(good)
        scratched[drawn.randrange(len(good))] = drawn.randrange(256)
        path.write_bytes(bytes(scratched))
        must_not_break(path)
