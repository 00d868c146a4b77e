"""FHIR R4: each resource to its rows, statuses, references, offsets, and what is counted as ignored."""

# ruff: noqa: E501 - tables of cases read better with one case a line

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from pain_tui.errors import InputError
from pain_tui.patients.normalise.problem import ROW, VALUE
from pain_tui.patients.readers import fhir
from pain_tui.patients.readers.base import Options, Reading
from pain_tui.patients.readers.fhir_dosage import dosage

OPTIONS = Options(as_of=dt.date(2026, 11, 20), time_zone="America/New_York")
PATIENT = {"resourceType": "Patient", "id": "p1", "birthDate": "1960-02-03", "gender": "male"}
SUBJECT = {"subject": {"reference": "Patient/p1"}}


def bundle(*resources: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": r} for r in resources]}


def read(tmp_path: Path, *resources: dict[str, Any], options: Options = OPTIONS) -> Reading:
    path = tmp_path / "bundle.json"
    path.write_text(json.dumps(bundle(PATIENT, *resources)))
    (reading,), errors = fhir.read([path], options)
    assert errors == [] and reading.read == reading.used + reading.set_aside + reading.ignored
    return reading


def observation(code: str, **more: Any) -> dict[str, Any]:
    return {"resourceType": "Observation", "id": "o1", "status": "final", "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
            "effectiveDateTime": "2026-11-01T23:30:00+00:00", **SUBJECT, **more}  # fmt: skip


def order(**more: Any) -> dict[str, Any]:
    return {"resourceType": "MedicationRequest", "id": "m1", "status": "active", "intent": "order", "authoredOn": "2026-10-01",
            "medicationCodeableConcept": {"text": "oxycodone hydrochloride 5 MG Oral Tablet"}, **SUBJECT, **more}  # fmt: skip


def condition(code: str, system: str = "http://hl7.org/fhir/sid/icd-10-cm", **more: Any) -> dict[str, Any]:
    return {"resourceType": "Condition", "id": "c1", "code": {"coding": [{"system": system, "code": code}], "text": "x"},
            "clinicalStatus": {"coding": [{"code": "active"}]}, "onsetDateTime": "2020-05-01", **SUBJECT, **more}  # fmt: skip


def test_a_value_in_its_canonical_unit_and_the_clinics_time(tmp_path: Path) -> None:
    """23:30 UTC is 18:30 in New York on the same day; umol/L becomes mg/dL."""
    reading = read(
        tmp_path, observation("2160-0", valueQuantity={"value": 97, "unit": "umol/L", "code": "umol/L"})
    )
    (row,) = reading.rows["observation"]
    assert (row["code"], round(row["value"], 3), row["unit"], row["at"]) == (
        "creatinine",
        1.097,
        "mg/dL",
        dt.datetime(2026, 11, 1, 18, 30),
    )
    assert (row["value_as_given"], row["unit_as_given"], row["source_key"]) == (
        "97",
        "umol/L",
        "Observation/o1",
    )


def test_components_of_a_panel_are_rows_of_one_record(tmp_path: Path) -> None:
    parts = [
        {
            "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
            "valueQuantity": {"value": value, "code": "mm[Hg]"},
        }
        for code, value in (("8480-6", 131), ("8462-4", 82))
    ]
    reading = read(tmp_path, observation("85354-9", component=parts))
    assert [(r["code"], r["value"]) for r in reading.rows["observation"]] == [("sbp", 131), ("dbp", 82)]
    assert reading.used == 2  # the person and the panel


def test_a_component_that_fails_is_a_value_of_a_used_record(tmp_path: Path) -> None:
    parts = [
        {
            "code": {"coding": [{"system": "http://loinc.org", "code": "8480-6"}]},
            "valueQuantity": {"value": 131, "code": "mm[Hg]"},
        },
        {
            "code": {"coding": [{"system": "http://loinc.org", "code": "8462-4"}]},
            "valueQuantity": {"value": 820, "code": "mm[Hg]"},
        },
    ]
    reading = read(tmp_path, observation("85354-9", component=parts))
    assert [(p.code, p.level) for p in reading.problems] == [("value_out_of_range", VALUE)]
    assert (reading.used, reading.set_aside) == (2, 0)


@pytest.mark.parametrize("status", ["entered-in-error", "cancelled"])
def test_withdrawn_observations_are_set_aside(tmp_path: Path, status: str) -> None:
    reading = read(
        tmp_path, observation("777-3", status=status, valueQuantity={"value": 200, "code": "10*3/uL"})
    )
    assert "observation" not in reading.rows and [p.code for p in reading.problems] == ["withdrawn"]


def test_a_comparator_is_kept(tmp_path: Path) -> None:
    reading = read(
        tmp_path,
        observation("33914-3", valueQuantity={"value": 60, "comparator": ">", "unit": "mL/min/{1.73_m2}"}),
    )
    assert [(r["value"], r["comparator"]) for r in reading.rows["observation"]] == [(60, ">")]


def test_a_coded_answer_becomes_the_choice(tmp_path: Path) -> None:
    answer = {"coding": [{"system": "http://snomed.info/sct", "code": "8517006", "display": "Ex-smoker"}]}
    assert (
        read(tmp_path, observation("72166-2", valueCodeableConcept=answer)).rows["observation"][0]["text"]
        == "former"
    )


def test_an_order_gives_dose_frequency_and_start_and_no_stop(tmp_path: Path) -> None:
    """An order without a stop stays without one; how long it counts is not the reader's matter."""
    instruction = {"timing": {"repeat": {"frequency": 1, "period": 4, "periodMax": 6, "periodUnit": "h"}}, "asNeededBoolean": True,
                   "doseAndRate": [{"doseRange": {"low": {"value": 1, "unit": "TAB"}, "high": {"value": 2, "unit": "TAB"}}}],
                   "route": {"coding": [{"system": "http://snomed.info/sct", "code": "26643006"}]}}  # fmt: skip
    (row,) = read(tmp_path, order(dosageInstruction=[instruction])).rows["medication"]
    assert (row["ingredient"], row["dose"], row["dose_max"], row["unit"]) == ("oxycodone", 5, 10, "mg")
    assert (row["per_day"], row["per_day_max"], row["as_needed"], row["route"]) == (0, 6, True, "oral")
    assert (row["start"], row["stop"], row["authored"]) == (dt.date(2026, 10, 1), None, dt.date(2026, 10, 1))


def test_a_bounded_order_has_its_stop(tmp_path: Path) -> None:
    repeat = {
        "boundsPeriod": {"start": "2026-10-02", "end": "2026-10-09"},
        "frequency": 2,
        "period": 1,
        "periodUnit": "d",
    }
    (row,) = read(tmp_path, order(dosageInstruction=[{"timing": {"repeat": repeat}}])).rows["medication"]
    assert (row["start"], row["stop"], row["per_day"]) == (dt.date(2026, 10, 2), dt.date(2026, 10, 9), 2)


def test_a_dose_without_unit_is_listed_and_the_order_kept(tmp_path: Path) -> None:
    reading = read(tmp_path, order(dosageInstruction=[{"doseAndRate": [{"doseQuantity": {"value": 1}}]}]))
    assert reading.rows["medication"][0]["dose"] is None and [p.code for p in reading.problems] == [
        "dose_without_unit"
    ]


@pytest.mark.parametrize(
    ("status", "intent", "expected"),
    [
        ("active", "order", "active"),
        ("stopped", "order", "stopped"),
        ("active", "plan", "draft"),
        ("on-hold", "order", "on-hold"),
    ],
)
def test_statuses_of_orders(tmp_path: Path, status: str, intent: str, expected: str) -> None:
    assert read(tmp_path, order(status=status, intent=intent)).rows["medication"][0]["status"] == expected


def test_several_directions_in_sequence_leave_the_dose_unknown(tmp_path: Path) -> None:
    """A taper is never read as its first step, nor as the sum of its steps."""
    steps = [{"sequence": n, "text": f"{3 - n} tablets daily"} for n in (1, 2)]
    reading = read(tmp_path, order(dosageInstruction=steps))
    assert [(r["dose"], r["per_day"]) for r in reading.rows["medication"]] == [(None, None)]
    assert [p.code for p in reading.problems] == ["several_directions"]


def test_a_medication_in_another_file_is_found(tmp_path: Path) -> None:
    medication = {
        "resourceType": "Medication",
        "id": "x",
        "code": {"text": "tramadol hydrochloride 50 MG Oral Tablet"},
    }
    asks = {
        k: v
        for k, v in order(medicationReference={"reference": "Medication/x"}).items()
        if k != "medicationCodeableConcept"
    }
    for name, resource in (("a.json", asks), ("b.json", medication), ("c.json", PATIENT)):
        (tmp_path / name).write_text(json.dumps(resource))
    readings, errors = fhir.read([tmp_path], OPTIONS)
    assert errors == [] and readings[0].rows["medication"][0]["ingredient"] == "tramadol"
    alone, _ = fhir.read([tmp_path / "a.json"], OPTIONS)
    assert [p.code for p in alone[0].problems] == ["medication_not_found"]


def test_a_contained_medication_is_found(tmp_path: Path) -> None:
    inside = {"resourceType": "Medication", "id": "m", "code": {"text": "morphine 10 mg tablet"}}
    asks = order(contained=[inside], medicationReference={"reference": "#m"})
    del asks["medicationCodeableConcept"]
    assert read(tmp_path, asks).rows["medication"][0]["ingredient"] == "morphine"


def test_a_pain_condition_opens_one_problem(tmp_path: Path) -> None:
    reading = read(tmp_path, condition("M54.16"), {**condition("M54.16"), "id": "c2"})
    assert [(r["condition"], r["icd10"], r["condition_certainty"]) for r in reading.rows["problem"]] == [
        ("lumbar_radicular", "M54.16", "likely")
    ]
    assert len(reading.rows["condition"]) == 2


def test_a_code_that_says_less_than_our_condition_is_asked_about(tmp_path: Path) -> None:
    reading = read(tmp_path, condition("278860009", "http://snomed.info/sct"))
    assert reading.rows["problem"][0]["condition_certainty"] == "ask"


def test_refuted_is_set_aside_and_provisional_is_doubtful(tmp_path: Path) -> None:
    refuted = read(tmp_path, condition("E11.9", verificationStatus={"coding": [{"code": "refuted"}]}))
    assert "condition" not in refuted.rows
    (row,) = read(
        tmp_path, condition("E11.9", verificationStatus={"coding": [{"code": "provisional"}]})
    ).rows["condition"]
    assert (row["comorbidity"], row["certainty"], row["status"]) == ("diabetes_type2", "ask", "provisional")


def test_government_numbers_are_kept_out_unless_asked_for(tmp_path: Path) -> None:
    """The number is in no row and in no message."""
    who = {**PATIENT, "identifier": [
        {"system": "http://hl7.org/fhir/sid/us-ssn", "value": "999-11-2222"},
        {"type": {"coding": [{"code": "PPN"}]}, "system": "urn:x", "value": "X1234"},
        {"system": "http://hospital.example", "value": "mrn-7"}]}  # fmt: skip
    path = tmp_path / "p.json"
    path.write_text(json.dumps(who))
    (reading,), _ = fhir.read([path], OPTIONS)
    assert [r["value"] for r in reading.rows["person_identifier"]] == ["mrn-7"]
    assert "999-11-2222" not in repr(reading) and "X1234" not in repr(reading)
    (kept,), _ = fhir.read([path], Options(as_of=OPTIONS.as_of, keep_identifiers=True))
    assert len(kept.rows["person_identifier"]) == 3


def test_death_without_a_date_is_never_read_as_alive(tmp_path: Path) -> None:
    path = tmp_path / "p.json"
    path.write_text(json.dumps({**PATIENT, "deceasedBoolean": True}))
    (reading,), _ = fhir.read([path], OPTIONS)
    assert (
        reading.rows["person"][0]["death_date"] == OPTIONS.as_of
        and reading.problems[0].code == "death_without_date"
    )


def test_no_known_allergies_states_no_list_complete(tmp_path: Path) -> None:
    resource = {
        "resourceType": "AllergyIntolerance",
        "id": "a",
        "patient": {"reference": "Patient/p1"},
        "code": {"text": "No known allergies"},
    }
    reading = read(tmp_path, resource)
    assert "allergy" not in reading.rows and "list_review" not in reading.rows and reading.ignored == 1


def test_a_genotype_observation_becomes_a_call(tmp_path: Path) -> None:
    part = {
        "code": {"coding": [{"system": "http://loinc.org", "code": "48018-6"}]},
        "valueCodeableConcept": {"text": "CYP2D6"},
    }
    reading = read(tmp_path, observation("84413-4", valueCodeableConcept={"text": "*1/*4"}, component=[part]))
    assert [(r["gene"], r["diplotype"], r["state"]) for r in reading.rows["genotype_call"]] == [
        ("CYP2D6", "*1/*4", "called")
    ]


def test_types_that_are_not_used_are_counted(tmp_path: Path) -> None:
    reading = read(
        tmp_path, {"resourceType": "Claim", "id": "x"}, {"resourceType": "Immunization", "id": "y"}
    )
    assert (reading.read, reading.used, reading.ignored) == (3, 1, 2) and reading.kinds["Claim"] == 1


def test_a_field_that_nobody_knows_is_named(tmp_path: Path) -> None:
    reading = read(
        tmp_path, observation("777-3", valueQuantity={"value": 200, "code": "10*3/uL"}, valueMagic=3)
    )
    assert ("Observation", "valueMagic", "unknown") in reading.columns and (
        "Observation",
        "status",
        "used",
    ) in reading.columns


def test_a_resource_without_a_person_is_set_aside(tmp_path: Path) -> None:
    reading = read(
        tmp_path,
        {
            **observation("777-3", valueQuantity={"value": 200, "code": "10*3/uL"}),
            "subject": {"display": "somebody"},
        },
    )
    assert [(p.code, p.level) for p in reading.problems] == [("no_person", ROW)]


def test_broken_json_names_line_and_column(tmp_path: Path) -> None:
    path = tmp_path / "b.json"
    path.write_text('{"resourceType": "Bundle",\n "entry": [}')
    readings, errors = fhir.read([path], OPTIONS)
    assert readings == [] and "b.json line 2 column 12: broken JSON" in errors[0].message


def test_a_damaged_line_of_ndjson_is_listed_and_the_others_used(tmp_path: Path) -> None:
    path = tmp_path / "b.ndjson"
    path.write_text(
        json.dumps(PATIENT)
        + "\n{broken\n"
        + json.dumps(observation("777-3", valueQuantity={"value": 200, "code": "10*3/uL"}))
        + "\n"
    )
    (reading,), errors = fhir.read([path], OPTIONS)
    assert errors == [] and (reading.read, reading.used, reading.set_aside) == (3, 2, 1)
    assert reading.problems[0].place == "b.ndjson line 2"


def test_an_empty_folder_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no FHIR file"):
        fhir.read([tmp_path], OPTIONS)


@pytest.mark.parametrize(
    ("repeat", "expected"),
    [
        ({"frequency": 3, "period": 1, "periodUnit": "d"}, (3, 3)),
        ({"frequency": 1, "period": 6, "periodUnit": "h"}, (4, 4)),
        ({"frequency": 1, "period": 4, "periodMax": 6, "periodUnit": "h"}, (4, 6)),
        ({"frequency": 1, "frequencyMax": 2, "period": 1, "periodUnit": "d"}, (1, 2)),
        ({"timeOfDay": ["08:00:00", "20:00:00"]}, (2, 2)),
        ({"frequency": 1, "period": 1, "periodUnit": "d", "dayOfWeek": ["mon", "thu"]}, (2 / 7, 2 / 7)),
        ({"period": 72, "periodUnit": "h"}, (1 / 3, 1 / 3)),
        ({"frequency": 1, "period": 0, "periodUnit": "h"}, None),
        ({"frequency": 1, "period": 1, "periodUnit": "mg"}, None),
        ({"frequency": 2}, None),
    ],
)
def test_timings(repeat: dict[str, Any], expected: tuple[float, float] | None) -> None:
    row = dosage({"timing": {"repeat": repeat}})
    assert (row.get("per_day"), row.get("per_day_max")) == (
        pytest.approx(expected) if expected else (None, None)
    )


def test_a_stated_maximum_lowers_the_most_times_a_day() -> None:
    row = dosage({"timing": {"repeat": {"frequency": 1, "period": 4, "periodUnit": "h"}}, "doseAndRate": [{"doseQuantity": {"value": 2, "unit": "TAB"}}],
                  "maxDosePerPeriod": {"numerator": {"value": 8, "unit": "TAB"}, "denominator": {"value": 1, "unit": "d"}}})  # fmt: skip
    assert row["per_day_max"] == 4
