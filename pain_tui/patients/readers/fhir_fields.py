"""Which fields of a FHIR resource are used, and which are known and not needed; any other is unknown."""

USED: dict[str, frozenset[str]] = {
    kind: frozenset(names.split())
    for kind, names in {
        "Patient": "id birthDate gender deceasedDateTime deceasedBoolean name identifier",
        "Condition": (
            "id clinicalStatus verificationStatus code subject onsetDateTime onsetPeriod recordedDate "
            "abatementDateTime abatementPeriod"
        ),
        "Observation": (
            "id status code subject effectiveDateTime effectivePeriod effectiveInstant issued component "
            "valueQuantity valueCodeableConcept valueString valueInteger valueBoolean valueDateTime "
            "valueTime"
        ),
        "MedicationRequest": (
            "id status intent doNotPerform medicationCodeableConcept medicationReference contained "
            "subject authoredOn dosageInstruction dispenseRequest reasonCode"
        ),
        "MedicationStatement": (
            "id status medicationCodeableConcept medicationReference contained subject dateAsserted "
            "dosage effectivePeriod effectiveDateTime reasonCode"
        ),
        "Procedure": "id status code subject performedDateTime performedPeriod",
        "AllergyIntolerance": (
            "id clinicalStatus verificationStatus code patient reaction criticality onsetDateTime "
            "recordedDate"
        ),
        "Device": "id status type deviceName patient safety",
        "QuestionnaireResponse": "id status subject authored item",
        "Medication": "id code",
    }.items()
}
# fmt: off
NOT_NEEDED = frozenset({
    "active", "address", "asserter", "author", "basedOn", "batch", "bodySite", "category",
    "communication", "complication", "contact", "context", "courseOfTherapyType", "dataAbsentReason",
    "derivedFrom", "device", "encounter", "evidence", "expirationDate", "extension", "focus", "form",
    "generalPractitioner", "groupIdentifier", "hasMember", "identifier", "implicitRules",
    "informationSource", "ingredient", "instantiatesCanonical", "insurance", "interpretation",
    "language", "lastOccurrence", "link", "location", "lotNumber", "managingOrganization",
    "manufactureDate", "manufacturer", "maritalStatus", "meta", "method", "modelNumber",
    "modifierExtension", "multipleBirthBoolean", "multipleBirthInteger", "note", "outcome", "owner",
    "partOf", "performer", "performerType", "photo", "priority", "questionnaire", "reasonReference",
    "recorder", "referenceRange", "report", "reportedBoolean", "requester", "resourceType",
    "serialNumber", "severity", "source", "specimen", "stage", "status", "statusReason", "substitution",
    "telecom", "text", "type", "udiCarrier", "usedReference",
})
# fmt: on
