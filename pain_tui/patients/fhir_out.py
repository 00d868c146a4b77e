"""One person as a FHIR R4 Bundle, out of the attached patient file: what the FHIR reader reads back.

Current rows only. Codes leave as they came, each beside our own name for it; a row's meaning is never made more
certain than it is here: a genotype that was not called leaves without a result and with the reason. Names leave only
when asked for. What FHIR has no plain place for (goals, plans, diaries, visits) does not leave, and is counted.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from pain_tui.errors import InputError
from pain_tui.patients.normalise.codes import SYSTEMS, system_name

Row = Mapping[str, Any]
Resource = dict[str, Any]

OWN = "urn:pain-tui:"
_URLS = {name: url for url, name in reversed(list(SYSTEMS.items())) if url.startswith("http")}
_LOINC = _URLS["LOINC"]
_NOT_OUT = ("diary", "preference", "visit", "plan", "override", "ledger", "list_review")
_NOT_TAKEN = ("draft", "cancelled")  # words of an order, not of a statement


@dataclass
class Made:
    """The Bundle, and how many rows of which table are not in it."""

    bundle: Resource
    left_out: Counter[str] = field(default_factory=Counter)


def bundle(
    cursor: duckdb.DuckDBPyConnection,
    person: str,
    *,
    at: datetime,
    zone: str | None = None,
    with_identity: bool = False,
) -> Made:
    """The person's Bundle. at: when it is made, UTC. zone: the clinic's time zone.

    Raises InputError when the file has no such person.
    """
    found = next(_rows(cursor, "person", person), None)
    if found is None:
        raise InputError(f"This file has no person {person}.", "`pain-tui people FILE` lists the people.")
    resources = [_patient(cursor, found, with_identity)]
    for table, make in _MAKE.items():
        for row in _rows(cursor, table, person):
            resource = _clean(make({**row, "zone": zone}))
            owner = "patient" if table in ("allergy", "device") else "subject"
            resource |= {
                "id": _ident(f"{table}-{row['row_id']}"),
                owner: {"reference": f"Patient/{_ident(person)}"},
            }
            resources.append(resource)
    made: Resource = {
        "resourceType": "Bundle",
        "type": "collection",
        "timestamp": f"{at.isoformat(timespec='seconds')}Z",
        "entry": [{"fullUrl": f"{OWN}{r['resourceType']}/{r['id']}", "resource": r} for r in resources],
    }
    if found["fictional"]:
        system = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
        made["meta"] = {"tag": [{"system": system, "code": "HTEST", "display": "FICTIONAL"}]}
    left_out = {
        table: count
        for table in _NOT_OUT
        if (count := sum(1 for _ in _rows(cursor, table, person, current=table in ("diary", "preference"))))
    }
    return Made(made, Counter(left_out))


def _rows(
    cursor: duckdb.DuckDBPyConnection, table: str, person: str, *, current: bool = True
) -> Iterator[dict[str, Any]]:
    order = "ORDER BY row_id" if current and table not in ("person", "person_name") else ""
    where = "person = ? AND is_current" if current else "person = ?"
    cursor.execute(f"SELECT * FROM clinic.main.{table} WHERE {where} {order}", [person])
    names = [column[0] for column in cursor.description or ()]
    yield from [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


# --- one function a table ---------------------------------------------------------------------------------


def _patient(cursor: duckdb.DuckDBPyConnection, row: Row, with_identity: bool) -> Resource:
    named = next(_rows(cursor, "person_name", row["person"]), {}) if with_identity else {}
    parts = {"family": named.get("family"), "given": [named["given"]] if named.get("given") else None}
    return _clean(
        {
            "resourceType": "Patient",
            "id": _ident(row["person"]),
            "birthDate": _day(row["birth_date"]),
            "gender": row["sex"],
            "deceasedDateTime": _day(row["death_date"]),
            "name": [_clean(parts)] if any(parts.values()) else None,
        }
    )


def _problem(row: Row) -> Resource:
    own = {"system": f"{OWN}condition", "code": row["condition"]} if row["condition"] else None
    said = [row["text"], *(row[name] for name in ("site", "side", "level"))]
    resolved = _day(row["resolved"])
    return {
        "resourceType": "Condition",
        "category": [{"text": "problem-list-item"}],
        "clinicalStatus": _status("condition-clinical", "resolved" if resolved else "active"),
        "verificationStatus": _verified(row["condition_certainty"]),
        "code": _concept([_coded("ICD-10-CM", row["icd10"]), own], ", ".join(filter(None, said)) or row["condition"]),
        "onsetDateTime": _day(row["onset_date"]),
        "abatementDateTime": resolved,
    }  # fmt: skip


def _condition(row: Row) -> Resource:
    own = {"system": f"{OWN}comorbidity", "code": row["comorbidity"]} if row["comorbidity"] else None
    resolved = _day(row["resolved"])
    return {
        "resourceType": "Condition",
        "clinicalStatus": _status("condition-clinical", row["status"] or ("resolved" if resolved else None)),
        "verificationStatus": _verified(row["certainty"]),
        "code": _concept([_coded(row["system"], row["code"]), own], row["text"]),
        "onsetDateTime": _day(row["onset"]),
        "abatementDateTime": resolved,
    }


def _observation(row: Row) -> Resource:
    own = {"system": f"{OWN}fact", "code": row["code"]}
    quantity = _clean(
        {"value": row["value"], "comparator": row["comparator"], "unit": row["unit"]}
        if row["value"] is not None
        else {}
    )
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": _concept([own, _coded(row["code_system"], row["code_as_given"])], None),
        "effectiveDateTime": _moment(row["at"], row["at_precision"], row["zone"]),
        "valueQuantity": quantity or None,
        "valueString": row["text"] if not quantity else None,
        "note": [{"text": row["text"]}] if quantity and row["text"] else None,
    }


def _medication(row: Row) -> Resource:
    """A statement of what is taken; of a product of several, each ingredient by itself."""
    is_part = (row["ingredient_count"] or 1) > 1
    concept = _concept(
        [None if is_part else _coded("RxNorm", row["rxnorm"])], row["ingredient"] if is_part else row["drug"]
    )
    shared = {
        "medicationCodeableConcept": concept,
        "reasonCode": [{"text": row["indication"]}] if row["indication"] else None,
        "note": [{"text": f"an ingredient of {row['drug']}"}] if is_part else None,
    }
    if row["status"] in _NOT_TAKEN:
        return {
            "resourceType": "MedicationRequest", "status": row["status"], "intent": "order",
            "authoredOn": _day(row["authored"] or row["start"]), "dosageInstruction": [_dosage(row)], **shared,
        }  # fmt: skip
    return {
        "resourceType": "MedicationStatement",
        "status": row["status"] or "unknown",
        "effectivePeriod": _clean({"start": _day(row["start"]), "end": _day(row["stop"])}) or None,
        "dateAsserted": _day(row["authored"]),
        "dosage": [_dosage(row)],
        **shared,
    }


def _dosage(row: Row) -> Resource:
    low, high = row["dose"], row["dose_max"]
    dose: Resource | None = None
    if low is not None and high is not None and high != low:
        dose = {"doseRange": {"low": _quantity(low, row["unit"]), "high": _quantity(high, row["unit"])}}
    elif low is not None:
        dose = {"doseQuantity": _quantity(low, row["unit"])}
    repeat = _often(row["per_day"], row["per_day_max"])
    return _clean(
        {
            "text": row["frequency"],
            "timing": {"repeat": repeat} if repeat else None,
            "asNeededBoolean": row["as_needed"],
            "route": {"text": row["route"]} if row["route"] else None,
            "doseAndRate": [dose] if dose else None,
        }
    )


def _often(least: float | None, most: float | None) -> Resource | None:
    """Times a day; a fraction of one as one time in so many days."""
    if not least and not most:
        return None
    low, high = least or 0.0, most if most is not None else least
    if high is not None and high == low and low < 1:
        return {"frequency": 1, "period": round(1 / low, 6), "periodUnit": "d"}
    if low != int(low) or high is None or high != int(high):
        return None  # FHIR counts in whole times: the words stay
    return _clean(
        {
            "frequency": int(low),
            "frequencyMax": int(high) if high != low else None,
            "period": 1,
            "periodUnit": "d",
        }
    )


def _allergy(row: Row) -> Resource:
    severity = row["severity"] if row["severity"] in ("mild", "moderate", "severe") else None
    reaction = {"manifestation": [{"text": row["reaction"] or "not said"}], "severity": severity}
    return {
        "resourceType": "AllergyIntolerance",
        "clinicalStatus": _status("allergyintolerance-clinical", row["status"]),
        "code": {"text": row["substance"]},
        "recordedDate": _day(row["noted"]),
        "reaction": [_clean(reaction)] if row["reaction"] or severity else None,
    }


def _device(row: Row) -> Resource:
    return {
        "resourceType": "Device",
        "status": "inactive" if row["removed"] else "active",
        "type": {"text": row["kind"]},
        "safety": [{"text": f"MR {row['mri']}"}] if row["mri"] else None,
        "note": [{"text": row["text"]}] if row["text"] else None,
    }


def _treatment(row: Row) -> Resource:
    own = {"system": f"{OWN}option", "code": row["option"]} if row["option"] else None
    told = {
        "relief %": row["relief_pct"], "lasted weeks": row["lasted_weeks"], "stopped because": row["stopped_because"],
        "adverse event": row["adverse_event"], "target": row["target"], "side": row["side"],
    }  # fmt: skip
    said = "; ".join(f"{name}: {value}" for name, value in told.items() if value is not None)
    return {
        "resourceType": "Procedure",
        "status": "completed",
        "code": _concept([own], row["text"] or row["drug"] or row["option"]),
        "performedDateTime": _day(row["date"]),
        "note": [{"text": said}] if said else None,
    }


def _genotype(row: Row) -> Resource:
    """The diplotype as LOINC 84413-4 when it was called; otherwise no result, and why."""
    called = row["state"] == "called" and row["diplotype"]
    parts = [("48018-6", row["gene"]), ("81255-2", row["rsid"])]
    said = [
        f"state: {row['state']}", row["note"],
        f"positions missing: {', '.join(row['positions_missing'])}" if row["positions_missing"] else None,
        f"phenotype as reported: {row['phenotype_reported']}" if row["phenotype_reported"] else None,
    ]  # fmt: skip
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": _concept([{"system": _LOINC, "code": "84413-4", "display": "Genotype display name"}], None),
        "effectiveDateTime": _day(row["date"]),
        "valueCodeableConcept": {"text": f"{row['gene']} {row['diplotype']}"} if called else None,
        "dataAbsentReason": None if called else {"text": row["state"]},
        "method": {"text": row["method"]} if row["method"] else None,
        "performer": [{"display": row["laboratory"]}] if row["laboratory"] else None,
        "component": [
            {"code": {"coding": [{"system": _LOINC, "code": code}]}, "valueCodeableConcept": {"text": value}}
            for code, value in parts
            if value
        ],
        "note": [{"text": "; ".join(filter(None, said))}],
    }


_MAKE: dict[str, Callable[[Row], Resource]] = {
    "problem": _problem,
    "observation": _observation,
    "medication": _medication,
    "condition": _condition,
    "allergy": _allergy,
    "device": _device,
    "treatment": _treatment,
    "genotype_call": _genotype,
}


# --- pieces -----------------------------------------------------------------------------------------------


def _clean(resource: Resource) -> Resource:
    """Without what is not known: FHIR has no null."""
    return {name: value for name, value in resource.items() if value is not None and value != {}}


def _ident(text: str) -> str:
    """An id that FHIR allows; the text itself where it is one."""
    if re.fullmatch(r"[A-Za-z0-9.-]{1,64}", text):
        return text
    return "x-" + sha256(text.encode()).hexdigest()[:32]


def _coded(system: str | None, code: str | None) -> Resource | None:
    if not code or not system:
        return None
    return {"system": _URLS.get(system_name(system), system), "code": code}


def _concept(codings: list[Resource | None], text: str | None) -> Resource:
    found = [coding for coding in codings if coding]
    return _clean({"coding": found or None, "text": text})


def _status(system: str, code: str | None) -> Resource | None:
    url = f"http://terminology.hl7.org/CodeSystem/{system}"
    return {"coding": [{"system": url, "code": code}]} if code else None


def _verified(certainty: str | None) -> Resource | None:
    return _status("condition-ver-status", "unconfirmed") if certainty == "ask" else None


def _quantity(value: float, unit: str | None) -> Resource:
    return _clean({"value": value, "unit": unit})


def _day(value: date | None) -> str | None:
    return value.isoformat()[:10] if value is not None else None


def _moment(value: datetime | None, precision: str | None, zone: str | None) -> str | None:
    """Local clinic time as precise as it is known. FHIR wants an offset beside a time; without a zone the day leaves."""
    if value is None:
        return None
    length = {"year": 4, "month": 7, "day": 10}.get(precision or "day")
    if length or not zone:
        return value.isoformat()[: length or 10]
    return value.replace(tzinfo=ZoneInfo(zone)).isoformat(timespec="seconds")
