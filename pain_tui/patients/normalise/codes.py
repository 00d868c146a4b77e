"""What a code means here, by the knowledge table `code_maps`: exact first, else the longest prefix of each
kind.

A mapping carries how sure it is. `ask` never maps alone (its `target` may be empty and `candidates` say
what to ask);
`broader` means the code says less than our condition does.
"""

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache

from pain_tui.patients.normalise import names
from pain_tui.patients.normalise.tables import rows, split

SYSTEMS = {
    "http://snomed.info/sct": "SNOMED-CT",
    "snomed": "SNOMED-CT",
    "snomed-ct": "SNOMED-CT",
    "snomedct": "SNOMED-CT",
    "sct": "SNOMED-CT",
    "urn:oid:2.16.840.1.113883.6.96": "SNOMED-CT",
    "http://hl7.org/fhir/sid/icd-10-cm": "ICD-10-CM",
    "icd-10-cm": "ICD-10-CM",
    "icd10cm": "ICD-10-CM",
    "icd10": "ICD-10-CM",
    "icd-10": "ICD-10-CM",
    "urn:oid:2.16.840.1.113883.6.90": "ICD-10-CM",
    "http://hl7.org/fhir/sid/icd-10": "ICD-10-WHO",
    "icd-10-who": "ICD-10-WHO",
    "http://loinc.org": "LOINC",
    "loinc": "LOINC",
    "urn:oid:2.16.840.1.113883.6.1": "LOINC",
    "http://www.nlm.nih.gov/research/umls/rxnorm": "RxNorm",
    "rxnorm": "RxNorm",
    "urn:oid:2.16.840.1.113883.6.88": "RxNorm",
    "omop": "OMOP",
    "text": "TEXT",
    "synthea": "SYNTHEA",
}
_LOINC = re.compile(r"^\d{1,5}-\d$")
_ICD = re.compile(r"^[A-Za-z]\d[0-9A-Za-z](\.?[0-9A-Za-z]{1,4})?$")


@dataclass(frozen=True)
class Mapping:
    """One meaning of a code. kind: condition, comorbidity, observation, value, urine_drug_screen, allergy,
    procedure,
    social, unit or ignore; mapping: exact, broader, ask, no_condition, panel, not_used; certainty: certain,
    likely, ask."""

    row_id: str
    system: str
    code: str
    kind: str
    target: str
    mapping: str
    candidates: tuple[str, ...]
    value: str
    certainty: str
    sureness: str
    note: str


def system_name(system: str | None) -> str:
    """Our word for a code system's URI or name; the text itself when it is not one of ours."""
    return SYSTEMS.get((system or "").strip().lower().rstrip("/"), (system or "").strip())


def guess_system(code: str) -> str:
    """The system a bare code belongs to by its shape: LOINC, ICD-10-CM, SNOMED-CT, or '' when none fits."""
    if _LOINC.match(code.strip()):
        return "LOINC"
    if _ICD.match(code.strip()):
        return "ICD-10-CM"
    return "SNOMED-CT" if code.strip().isdigit() and 6 <= len(code.strip()) <= 18 else ""


@lru_cache(maxsize=100_000)
def resolve(system: str | None, code: str | None, text: str | None = None) -> tuple[Mapping, ...]:
    """Every meaning of a code (one a kind), most specific first; empty when the table does not know it.

    system: URI or name; guessed from the code's shape when empty. text: a written value ('Never smoker'),
    used only
    against the TEXT rows when the code itself says nothing.
    """
    name = system_name(system) or guess_system(code or "")
    found = _lookup(name, (code or "").strip()) if code else ()
    return found or (_lookup("TEXT", text.strip()) if text else ())


def observation_fact(system: str | None, code: str, text: str | None = None) -> str | None:
    """The fact an observation's code or field name stands for; None when it stands for none of ours."""
    if not system or system_name(system) not in SYSTEMS.values():
        named = names.fact(code)
        if named:
            return named
    for mapping in resolve(system, code):
        if mapping.kind == "observation" and mapping.mapping != "panel":
            return names.fact(mapping.target) or mapping.target
        if mapping.kind == "urine_drug_screen":
            return names.fact(f"uds_{mapping.target}") or f"uds_{mapping.target}"
    return None


def _lookup(system: str, code: str) -> tuple[Mapping, ...]:
    exact = _index()[0]
    key = (system, _code_key(system, code))
    found: dict[str, Mapping] = {}
    for mapping in exact.get(key, ()):
        found.setdefault(mapping.kind, mapping)
    if system.startswith("ICD"):
        # A category of three characters means the same in WHO's ICD-10 and in ICD-10-CM; the rest may not.
        systems = (
            ((system, len(key[1])), ("ICD-10-CM", 3)) if system == "ICD-10-WHO" else ((system, len(key[1])),)
        )
        found |= {m.kind: m for m in reversed(_by_prefix(systems, key[1])) if m.kind not in found}
    return tuple(found.values())


def _by_prefix(systems: tuple[tuple[str, int], ...], code: str) -> list[Mapping]:
    """The rows whose code begins this one: own system first, the longest first."""
    prefixes = _index()[1]
    return [
        mapping
        for system, most in systems
        for length in range(min(most, len(code)), 0, -1)
        for mapping in prefixes.get((system, code[:length]), ())
    ]


def _code_key(system: str, code: str) -> str:
    key = code.strip().lower()
    return key.replace(".", "") if system.startswith("ICD") else key


@lru_cache(maxsize=1)
def _index() -> tuple[dict[tuple[str, str], list[Mapping]], dict[tuple[str, str], list[Mapping]]]:
    exact: dict[tuple[str, str], list[Mapping]] = defaultdict(list)
    prefixes: dict[tuple[str, str], list[Mapping]] = defaultdict(list)
    for row in rows("code_maps"):
        mapping = Mapping(
            row["row_id"],
            row["system"],
            row["code"],
            row["target_kind"],
            row["target"],
            row["mapping"],
            tuple(split(row["candidates"])),
            row["value"],
            row["certainty"],
            row["sureness"],
            row["note"],
        )
        key = (row["system"], _code_key(row["system"], row["code"]))
        (prefixes if row["code_match"] == "prefix" else exact)[key].append(mapping)
    return exact, prefixes
