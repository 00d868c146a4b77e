"""FHIR Observation and QuestionnaireResponse: values, coded answers, panels, genotypes, answers to items."""

from typing import Any

from pain_tui.patients.normalise import codes, names, units
from pain_tui.patients.normalise.problem import IGNORED, Problem
from pain_tui.patients.readers import fhir_genomics
from pain_tui.patients.readers.fhir_here import Here
from pain_tui.patients.readers.fhir_parts import began, coding, items, of, text, words
from pain_tui.patients.readers.fhir_source import Resource


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
        row |= {
            "value": text(of(quantity, "value")),
            "unit": text(of(quantity, "code")) or text(of(quantity, "unit")),
            "comparator": text(of(quantity, "comparator")),
        }
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


def questionnaire(here: Here) -> None:
    """Answers whose item is a LOINC code or a fact's name become observations; the others are counted."""
    r = here.resource
    if not here.is_of_a_person() or here.is_withdrawn(text(r.get("status"))):
        return
    for number, item in enumerate(_all_items(r.get("item"))):
        link = (text(item.get("linkId")) or "").strip("/").rsplit("/", 1)[-1]
        answer = of(item, "answer", 0)
        if not isinstance(answer, dict) or not codes.observation_fact(
            "LOINC" if codes.guess_system(link) == "LOINC" else None, link
        ):
            here.say(Problem("not_used", f"item {link or number}: not a fact here", link, level=IGNORED))
            continue
        value = next(
            (
                text(v)
                for k, v in answer.items()
                if k in ("valueInteger", "valueDecimal", "valueString", "valueBoolean")
            ),
            None,
        )
        here.add(
            "observation",
            {
                "code": link,
                "value": value
                if value is not None
                else words(answer.get("valueCodeableConcept")) or text(of(answer, "valueCoding", "display")),
                "at": text(r.get("authored")),
            },
            f"#item{number}",
        )


def _all_items(value: Any, depth: int = 0) -> list[dict[str, Any]]:
    found = list(items(value))
    return [
        i for item in found for i in (item, *(_all_items(item.get("item"), depth + 1) if depth < 20 else []))
    ]
