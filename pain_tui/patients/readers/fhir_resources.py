"""One function a FHIR resource type: its content as rows of our tables, into the sink."""

from collections.abc import Callable
from typing import Any

from pain_tui.patients.normalise import codes, names, people
from pain_tui.patients.normalise.problem import DOUBT, IGNORED, ROW, VALUE, Problem
from pain_tui.patients.readers import fhir_dosage
from pain_tui.patients.readers.fhir_here import Here
from pain_tui.patients.readers.fhir_observations import observation, questionnaire
from pain_tui.patients.readers.fhir_parts import began, code_in, coding, items, of, status_code, text, words
from pain_tui.patients.readers.fhir_source import Resource

_GOVERNMENT = {"SS", "DL", "PPN", "SB", "TAX", "NIIP", "DP"}
_GOVERNMENT_WORDS = (
    "ssn",
    "passport",
    "driver",
    "2.16.840.1.113883.4.3.",
    "national-id",
    "bsn",
    "nhs-number",
)


def patient(here: Here) -> None:
    """A person; government numbers are set aside unless asked for."""
    r = here.resource
    here.person = here.options.person or text(r.get("id"))
    values = {
        "person": here.person,
        "birth_date": text(r.get("birthDate")),
        "sex": text(r.get("gender")),
        "death_date": (text(r.get("deceasedDateTime")) or "")[:10] or None,
        "family": text(of(r, "name", 0, "family")),
        "given": " ".join(filter(None, map(text, of(r, "name", 0, "given") or []))) or None,
    }
    if r.get("deceasedBoolean") is True and not values["death_date"]:
        values["death_date"] = here.options.as_of.isoformat()
        here.say(
            Problem(
                "death_without_date",
                "has died, the date is not given: today is stored",
                here.options.as_of.isoformat(),
                "",
                "Correct the date",
                DOUBT,
            )
        )
    here.add("person", values)
    if not here.person:
        return
    for identifier in items(r.get("identifier")):
        _identifier(here, identifier)


def _identifier(here: Here, identifier: dict[str, Any]) -> None:
    system, value = text(identifier.get("system")) or "", text(identifier.get("value"))
    kind = {text(c.get("code")) for c in items(of(identifier, "type", "coding"))}
    government = kind & _GOVERNMENT or any(word in system.lower() for word in _GOVERNMENT_WORDS)
    if government and not here.options.keep_identifiers:
        # The number itself goes nowhere: not into the report either.
        here.say(
            Problem(
                "government_identifier",
                f"{words(identifier.get('type')) or 'a government number'} was set aside",
                "",
                "",
                "Import with --keep-identifiers if it is needed",
                VALUE,
            )
        )
    elif value:
        here.sink.add(
            "person_identifier", {"person": here.person, "system": system or "unknown", "value": value}
        )


def condition(here: Here) -> None:
    """A diagnosis; one that is a pain condition opens a problem too."""
    r = here.resource
    clinical, verified = status_code(r.get("clinicalStatus")), status_code(r.get("verificationStatus"))
    if not here.is_of_a_person() or here.is_withdrawn(verified, clinical):
        return
    system, code = coding(r.get("code"), "SNOMED-CT", "ICD-10-CM")
    doubtful = verified in ("unconfirmed", "provisional", "differential")
    written = here.add(
        "condition",
        {
            "system": system,
            "code": code,
            "text": words(r.get("code")),
            "onset": began(r, "onset") or text(r.get("recordedDate")),
            "resolved": began(r, "abatement"),
            "status": verified if doubtful else clinical,
            "certainty": "ask" if doubtful else None,
        },
    )
    rows = here.sink.rows.get("condition", [])
    # A pain condition's code may be of no other use; it still opens the problem.
    if rows and rows[-1].get("source_key") == here.key:
        before = len(here.sink.rows.get("problem", []))
        people.problem_from_condition(written, rows[-1])
        for row in here.sink.rows.get("problem", [])[before:]:
            row |= {"source": here.source, "source_key": f"{here.key}#problem" if here.key else None}


def medication(here: Here) -> None:
    """An order or a statement: what, how much, how often, since when. Orders without a stop stay without
    one.
    """
    r = here.resource
    if not here.is_of_a_person():
        return
    if r.get("doNotPerform") is True:
        here.say(Problem("withdrawn", "the order says not to give it", "doNotPerform", "", "", ROW))
        return
    concept = r.get("medicationCodeableConcept")
    if not concept and r.get("medicationReference"):
        referred = here.known.medication(r["medicationReference"], r)
        concept = of(referred, "code")
        if not concept:
            name = text(of(r, "medicationReference", "display"))
            concept = {"text": name} if name else None
        if not concept:
            here.say(
                Problem(
                    "medication_not_found",
                    "refers to a Medication that is not here",
                    str(text(of(r, "medicationReference", "reference"))),
                    "",
                    "Import the file with the Medication together with the order",
                    ROW,
                )
            )
            return
    base = {
        "drug": words(concept),
        "rxnorm": code_in(concept, "RxNorm"),
        "status": _order_status(r),
        "authored": text(r.get("authoredOn")) or text(r.get("dateAsserted")),
        "stop": text(of(r, "effectivePeriod", "end")),
        "start": began(r, "effective") or text(r.get("authoredOn")),
        "indication": words(of(r, "reasonCode", 0)),
        "supply_days": fhir_dosage.supply_days(r),
    }
    doses = list(items(r.get("dosageInstruction") or r.get("dosage")))
    if len(doses) > 1 and len({text(d.get("sequence")) for d in doses}) > 1:
        here.say(
            Problem(
                "several_directions",
                f"{base['drug']}: {len(doses)} directions, one after the other or side by side",
                "",
                "",
                "Enter dose and frequency as taken; both are left unknown",
                VALUE,
            )
        )
        doses = []
    for number, instruction in enumerate(doses or [{}]):
        here.add("medication", base | fhir_dosage.dosage(instruction), f"#{number}" if number else "")


def _order_status(r: Resource) -> str | None:
    """An intention that is no order never counts as taken."""
    if text(r.get("intent")) in ("proposal", "plan", "option"):
        return "draft"
    return text(r.get("status"))


def procedure(here: Here) -> None:
    """A treatment given, or a review that was done."""
    r = here.resource
    if not here.is_of_a_person() or here.is_withdrawn(text(r.get("status"))):
        return
    system, code = coding(r.get("code"), "SNOMED-CT")
    at = began(r, "performed")
    mapping = next((m for m in codes.resolve(system, code) if m.kind in ("procedure", "ignore")), None)
    if mapping and mapping.kind == "ignore":
        here.say(
            Problem(
                "not_used",
                f"{words(r.get('code')) or code}: no use for pain decisions",
                code or "",
                level=IGNORED,
            )
        )
        return
    if mapping and (mapping.target.startswith("medication_") or "not a pain" in mapping.note):
        here.say(
            Problem(
                "not_used", f"{words(r.get('code')) or code}: no treatment of pain", code or "", level=IGNORED
            )
        )
        return
    fact = names.fact(mapping.target) if mapping else None
    if mapping and fact:
        here.add("observation", {"code": mapping.target, "value": "1", "at": at})
    elif text(r.get("status")) not in (None, "completed"):
        here.say(
            Problem(
                "not_done",
                f"{words(r.get('code')) or code} is {text(r.get('status'))}",
                str(text(r.get("status"))),
                "completed",
                "",
                ROW,
            )
        )
    else:
        cpt = next(
            (
                text(c.get("code"))
                for c in items(of(r, "code", "coding"))
                if "cpt" in (text(c.get("system")) or "").lower()
            ),
            None,
        )
        here.add("treatment", {"option": cpt, "text": words(r.get("code")) or code, "date": at})


def allergy(here: Here) -> None:
    """An allergy or intolerance. 'No known allergies' states no list complete: the clinician does."""
    r = here.resource
    clinical, verified = status_code(r.get("clinicalStatus")), status_code(r.get("verificationStatus"))
    if not here.is_of_a_person("patient") or here.is_withdrawn(verified, clinical):
        return
    said = words(r.get("code"))
    if code_in(r.get("code"), "SNOMED-CT") in ("716186003", "409137002") or (said or "").lower().startswith(
        "no known"
    ):
        here.say(
            Problem(
                "no_known_allergies",
                "says there are no known allergies: confirm the list on the person's screen",
                said or "",
                level=IGNORED,
            )
        )
        return
    system, code = coding(r.get("code"), "RxNorm", "SNOMED-CT")
    reaction = of(r, "reaction", 0)
    here.add(
        "allergy",
        {
            "substance": said,
            "code": code,
            "system": system,
            "reaction": words(of(reaction, "manifestation", 0)),
            "severity": text(of(reaction, "severity")) or text(r.get("criticality")),
            "status": clinical,
            "noted": began(r, "onset") or text(r.get("recordedDate")),
        },
    )


def device(here: Here) -> None:
    """An implant."""
    r = here.resource
    if not here.is_of_a_person("patient") or here.is_withdrawn(text(r.get("status"))):
        return
    said = words(r.get("type")) or text(of(r, "deviceName", 0, "name"))
    if text(r.get("status")) == "inactive":
        here.say(Problem("not_in_use", f"{said} is not in use", "inactive", "", "", ROW))
        return
    here.add("device", {"kind": said, "text": said, "mri": _mri(r)})


def _mri(r: Resource) -> str | None:
    for entry in items(r.get("safety")):
        said = (words(entry) or "").lower()
        if "mr" in said:
            return (
                "unsafe"
                if "unsafe" in said
                else "conditional"
                if "conditional" in said
                else "safe"
                if "safe" in said
                else None
            )
    return None


READ: dict[str, Callable[[Here], None]] = {
    "Patient": patient,
    "Condition": condition,
    "Observation": observation,
    "MedicationRequest": medication,
    "MedicationStatement": medication,
    "Procedure": procedure,
    "AllergyIntolerance": allergy,
    "Device": device,
    "QuestionnaireResponse": questionnaire,
}
