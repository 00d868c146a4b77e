"""One function a FHIR resource type: its content as rows of our tables, into the sink."""

from collections.abc import Callable
from typing import Any

from pain_tui.patients.normalise import codes, names, people, records
from pain_tui.patients.normalise.problem import DOUBT, IGNORED, ROW, VALUE, Problem
from pain_tui.patients.normalise.sink import Sink
from pain_tui.patients.readers import fhir_dosage, fhir_genomics
from pain_tui.patients.readers.base import Options
from pain_tui.patients.readers.fhir_parts import began, code_in, coding, items, of, status_code, text, words
from pain_tui.patients.readers.fhir_source import Found, Known, Resource

SOURCE = "fhir"
_GOVERNMENT = {"SS", "DL", "PPN", "SB", "TAX", "NIIP", "DP"}
_GOVERNMENT_WORDS = ("ssn", "passport", "driver", "2.16.840.1.113883.4.3.", "national-id", "bsn", "nhs-number")
_NEVER = {"entered-in-error", "cancelled", "refuted", "not-done"}


class Here:
    """One resource on its way in: where it stands, what it can refer to, and where its rows go."""

    def __init__(self, found: Found, known: Known, sink: Sink, options: Options) -> None:
        self.resource: Resource = found.resource or {}
        self.place, self.known, self.sink, self.options = found.place, known, sink, options
        kind, ident = self.resource.get("resourceType"), text(self.resource.get("id"))
        self.key = f"{kind}/{ident}" if ident else None
        self.person: str | None = None

    def add(self, table: str, values: dict[str, Any], part: str = "") -> Any:
        """One row; `part` tells several rows of one resource apart."""
        key = f"{self.key}{part}" if self.key else None
        return records.add_row(self.sink, table, values, place=self.place, person=self.person, source=SOURCE, source_key=key, report_unknown=False)

    def say(self, problem: Problem) -> None:
        """A problem of this resource."""
        self.sink.note(problem, self.place, self.person)

    def is_of_a_person(self, name: str = "subject") -> bool:
        """Find the person; without one the resource is set aside."""
        self.person = self.options.person or self.known.person(self.resource.get(name))
        if not self.person:
            self.say(Problem("no_person", f"{name} refers to no patient", str(text(of(self.resource, name, "reference"))), "A reference to a Patient",
                             "Import the patient too, or name one with --person", ROW))
        return bool(self.person)

    def is_withdrawn(self, *statuses: str | None) -> bool:
        """Entered in error, cancelled, refuted: set aside, with the word."""
        word = next((s for s in statuses if s in _NEVER), None)
        if word:
            self.say(Problem("withdrawn", f"the resource is {word}", word, "", "", ROW))
        return bool(word)


def patient(here: Here) -> None:
    """A person; government numbers are set aside unless asked for."""
    r = here.resource
    here.person = here.options.person or text(r.get("id"))
    values = {"person": here.person, "birth_date": text(r.get("birthDate")), "sex": text(r.get("gender")),
              "death_date": (text(r.get("deceasedDateTime")) or "")[:10] or None,
              "family": text(of(r, "name", 0, "family")), "given": " ".join(filter(None, map(text, of(r, "name", 0, "given") or []))) or None}
    if r.get("deceasedBoolean") is True and not values["death_date"]:
        values["death_date"] = here.options.as_of.isoformat()
        here.say(Problem("death_without_date", "has died, the date is not given: today is stored", here.options.as_of.isoformat(), "", "Correct the date", DOUBT))
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
        here.say(Problem("government_identifier", f"{words(identifier.get('type')) or 'a government number'} was set aside", "", "",
                         "Import with --keep-identifiers if it is needed", VALUE))
    elif value:
        here.sink.add("person_identifier", {"person": here.person, "system": system or "unknown", "value": value})


def condition(here: Here) -> None:
    """A diagnosis; one that is a pain condition opens a problem too."""
    r = here.resource
    clinical, verified = status_code(r.get("clinicalStatus")), status_code(r.get("verificationStatus"))
    if not here.is_of_a_person() or here.is_withdrawn(verified, clinical):
        return
    system, code = coding(r.get("code"), "SNOMED-CT", "ICD-10-CM")
    doubtful = verified in ("unconfirmed", "provisional", "differential")
    written = here.add("condition", {
        "system": system, "code": code, "text": words(r.get("code")), "onset": began(r, "onset") or text(r.get("recordedDate")),
        "resolved": began(r, "abatement"), "status": verified if doubtful else clinical, "certainty": "ask" if doubtful else None})
    rows = here.sink.rows.get("condition", [])
    # A pain condition's code may be of no other use; it still opens the problem.
    if rows and rows[-1].get("source_key") == here.key:
        people.problem_from_condition(written, rows[-1])


def observation(here: Here) -> None:
    """A value, a coded answer, the components of a panel, or a genotype."""
    r = here.resource
    if not here.is_of_a_person() or here.is_withdrawn(text(r.get("status"))):
        return
    if fhir_genomics.is_genomic(r):
        for number, row in enumerate(fhir_genomics.calls(r)):
            here.add("genotype_call", row, f"#{number}")
        return
    at = began(r, "effective") or text(r.get("issued"))
    if _says_done(here, at):
        return
    parts = list(items(r.get("component")))
    if _has_value(r) or not parts:
        here.add("observation", _observed(r, at))
    for number, part in enumerate(parts):
        here.add("observation", _observed(part, at), f"#component{number}")


def _says_done(here: Here, at: str | None) -> bool:
    """A code that means "this was done" ('review of the monitoring programme done') needs no value."""
    system, code = coding(here.resource.get("code"), "SNOMED-CT", "LOINC")
    done = next((m for m in codes.resolve(system, code) if m.kind == "procedure"), None)
    if not done or not names.fact(done.target) or _has_value(here.resource):
        return False
    here.add("observation", {"code": done.target, "value": "1", "at": at})
    return True


def _has_value(r: Resource) -> bool:
    return any(name.startswith("value") for name in r)


def _observed(r: Resource, at: str | None) -> dict[str, Any]:
    system, code = coding(r.get("code"), "LOINC")
    row: dict[str, Any] = {"code": code or words(r.get("code")), "code_system": system, "at": at}
    quantity = r.get("valueQuantity")
    if quantity:
        row |= {"value": text(of(quantity, "value")), "unit": text(of(quantity, "code")) or text(of(quantity, "unit")), "comparator": text(of(quantity, "comparator"))}
        return row | {"unit": _known_unit(row, quantity)}
    if r.get("valueCodeableConcept"):
        concept = r["valueCodeableConcept"]
        return row | {"text": _answer(concept)}
    for name in ("valueString", "valueInteger", "valueBoolean", "valueDecimal", "valueDateTime", "valueTime"):
        if r.get(name) is not None:
            return row | {"value" if name in ("valueInteger", "valueDecimal") else "text": text(r[name])}
    return row


def _known_unit(row: dict[str, Any], quantity: Any) -> str | None:
    """The UCUM code, unless only the printed unit is one we know."""
    from pain_tui.patients.normalise import units

    fact = codes.observation_fact(row["code_system"], row["code"]) if row["code"] else None
    printed, coded = text(of(quantity, "unit")), text(of(quantity, "code"))
    value = units.number(row["value"]) if row["value"] else None
    if fact and value and coded and printed and isinstance(units.canonical(fact, value[0], coded), Problem):
        return printed if not isinstance(units.canonical(fact, value[0], printed), Problem) else coded
    return coded or printed


def _answer(concept: Any) -> str | None:
    """A coded answer: the code when the maps know its meaning, else the words."""
    for entry in items(of(concept, "coding")):
        for mapping in codes.resolve(text(entry.get("system")), text(entry.get("code"))):
            if mapping.kind == "value" and mapping.value:
                return mapping.value
    return words(concept)


def medication(here: Here) -> None:
    """An order or a statement: what, how much, how often, since when. Orders without a stop stay without one."""
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
            here.say(Problem("medication_not_found", "refers to a Medication that is not here", str(text(of(r, "medicationReference", "reference"))),
                             "", "Import the file with the Medication together with the order", ROW))
            return
    base = {"drug": words(concept), "rxnorm": code_in(concept, "RxNorm"), "status": _order_status(r),
            "authored": text(r.get("authoredOn")) or text(r.get("dateAsserted")), "stop": text(of(r, "effectivePeriod", "end")),
            "start": began(r, "effective") or text(r.get("authoredOn")), "indication": words(of(r, "reasonCode", 0)),
            "supply_days": fhir_dosage.supply_days(r)}
    doses = list(items(r.get("dosageInstruction") or r.get("dosage")))
    if len(doses) > 1 and len({text(d.get("sequence")) for d in doses}) > 1:
        here.say(Problem("several_directions", f"{base['drug']}: {len(doses)} directions, one after the other or side by side", "", "",
                         "Enter dose and frequency as taken; both are left unknown", VALUE))
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
        here.say(Problem("not_used", f"{words(r.get('code')) or code}: no use for pain decisions", code or "", level=IGNORED))
        return
    if mapping and (mapping.target.startswith("medication_") or "not a pain" in mapping.note):
        here.say(Problem("not_used", f"{words(r.get('code')) or code}: no treatment of pain", code or "", level=IGNORED))
        return
    fact = names.fact(mapping.target) if mapping else None
    if mapping and fact:
        here.add("observation", {"code": mapping.target, "value": "1", "at": at})
    elif text(r.get("status")) not in (None, "completed"):
        here.say(Problem("not_done", f"{words(r.get('code')) or code} is {text(r.get('status'))}", str(text(r.get("status"))), "completed", "", ROW))
    else:
        cpt = next((text(c.get("code")) for c in items(of(r, "code", "coding")) if "cpt" in (text(c.get("system")) or "").lower()), None)
        here.add("treatment", {"option": cpt, "text": words(r.get("code")) or code, "date": at})


def allergy(here: Here) -> None:
    """An allergy or intolerance. 'No known allergies' states no list complete: the clinician does."""
    r = here.resource
    clinical, verified = status_code(r.get("clinicalStatus")), status_code(r.get("verificationStatus"))
    if not here.is_of_a_person("patient") or here.is_withdrawn(verified, clinical):
        return
    said = words(r.get("code"))
    if code_in(r.get("code"), "SNOMED-CT") in ("716186003", "409137002") or (said or "").lower().startswith("no known"):
        here.say(Problem("no_known_allergies", "says there are no known allergies: confirm the list on the person's screen", said or "", level=IGNORED))
        return
    system, code = coding(r.get("code"), "RxNorm", "SNOMED-CT")
    reaction = of(r, "reaction", 0)
    here.add("allergy", {"substance": said, "code": code, "system": system, "reaction": words(of(reaction, "manifestation", 0)),
                         "severity": text(of(reaction, "severity")) or text(r.get("criticality")), "status": clinical,
                         "noted": began(r, "onset") or text(r.get("recordedDate"))})


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
            return "unsafe" if "unsafe" in said else "conditional" if "conditional" in said else "safe" if "safe" in said else None
    return None


def questionnaire(here: Here) -> None:
    """Answers whose item is a LOINC code or a fact's name become observations; the others are counted."""
    r = here.resource
    if not here.is_of_a_person() or here.is_withdrawn(text(r.get("status"))):
        return
    for number, item in enumerate(_all_items(r.get("item"))):
        link = (text(item.get("linkId")) or "").strip("/").rsplit("/", 1)[-1]
        answer = of(item, "answer", 0)
        if not isinstance(answer, dict) or not codes.observation_fact("LOINC" if codes.guess_system(link) == "LOINC" else None, link):
            here.say(Problem("not_used", f"item {link or number}: not a fact here", link, level=IGNORED))
            continue
        value = next((text(v) for k, v in answer.items() if k in ("valueInteger", "valueDecimal", "valueString", "valueBoolean")), None)
        here.add("observation", {"code": link, "value": value if value is not None else words(answer.get("valueCodeableConcept")) or text(of(answer, "valueCoding", "display")),
                                 "at": text(r.get("authored"))}, f"#item{number}")


def _all_items(value: Any, depth: int = 0) -> list[dict[str, Any]]:
    found = list(items(value))
    return [i for item in found for i in (item, *(_all_items(item.get("item"), depth + 1) if depth < 20 else []))]


READ: dict[str, Callable[[Here], None]] = {
    "Patient": patient, "Condition": condition, "Observation": observation, "MedicationRequest": medication, "MedicationStatement": medication,
    "Procedure": procedure, "AllergyIntolerance": allergy, "Device": device, "QuestionnaireResponse": questionnaire}
USED_FIELDS: dict[str, frozenset[str]] = {
    "Patient": frozenset("id birthDate gender deceasedDateTime deceasedBoolean name identifier".split()),
    "Condition": frozenset("id clinicalStatus verificationStatus code subject onsetDateTime onsetPeriod recordedDate abatementDateTime abatementPeriod".split()),
    "Observation": frozenset("id status code subject effectiveDateTime effectivePeriod effectiveInstant issued component valueQuantity valueCodeableConcept "
                             "valueString valueInteger valueBoolean valueDateTime valueTime".split()),
    "MedicationRequest": frozenset("id status intent doNotPerform medicationCodeableConcept medicationReference contained subject authoredOn dosageInstruction "
                                   "dispenseRequest reasonCode".split()),
    "MedicationStatement": frozenset("id status medicationCodeableConcept medicationReference contained subject dateAsserted dosage effectivePeriod "
                                     "effectiveDateTime reasonCode".split()),
    "Procedure": frozenset("id status code subject performedDateTime performedPeriod".split()),
    "AllergyIntolerance": frozenset("id clinicalStatus verificationStatus code patient reaction criticality onsetDateTime recordedDate".split()),
    "Device": frozenset("id status type deviceName patient safety".split()),
    "QuestionnaireResponse": frozenset("id status subject authored item".split()),
    "Medication": frozenset("id code".split())}
IGNORED_FIELDS = frozenset(
    "resourceType meta text implicitRules language extension modifierExtension encounter context category performer requester recorder asserter "
    "telecom address maritalStatus multipleBirthBoolean multipleBirthInteger communication photo contact generalPractitioner managingOrganization "
    "active link basedOn partOf priority reportedBoolean note interpretation referenceRange method device bodySite derivedFrom hasMember specimen focus "
    "dataAbsentReason courseOfTherapyType substitution insurance groupIdentifier identifier type lastOccurrence reasonReference statusReason severity stage "
    "evidence complication outcome report usedReference questionnaire author source informationSource performerType instantiatesCanonical status form "
    "ingredient batch udiCarrier manufacturer serialNumber lotNumber modelNumber expirationDate manufactureDate owner location".split())
