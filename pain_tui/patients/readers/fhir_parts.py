"""Small pieces that many FHIR resources share: codes, texts, quantities, periods. Wrong shapes give None,
never an error.
"""

from collections.abc import Iterator
from typing import Any

from pain_tui.patients.normalise import codes


def of(value: Any, *path: str | int) -> Any:
    """Walk down keys and list positions; None as soon as something is missing or of another shape."""
    for step in path:
        if isinstance(step, int):
            value = value[step] if isinstance(value, list) and len(value) > step else None
        else:
            value = value.get(step) if isinstance(value, dict) else None
    return value


def items(value: Any) -> Iterator[dict[str, Any]]:
    """The objects of a list; nothing for anything else."""
    if isinstance(value, list):
        yield from (entry for entry in value if isinstance(entry, dict))


def text(value: Any) -> str | None:
    """A scalar as text; None for objects, lists and nothing."""
    if value is None or isinstance(value, dict | list):
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)


def coding(concept: Any, *systems: str) -> tuple[str | None, str | None]:
    """(system, code) of a CodeableConcept: the first one that the code maps know, else the first of
    `systems`, else the first.
    """
    found = [
        (text(c.get("system")), text(c.get("code")))
        for c in items(of(concept, "coding"))
        if text(c.get("code"))
    ]
    for system, code in found:
        if codes.resolve(system, code) or (code and codes.observation_fact(system, code)):
            return system, code
    for system, code in found:
        if codes.system_name(system) in systems:
            return system, code
    return found[0] if found else (None, None)


def code_in(concept: Any, system: str) -> str | None:
    """The code of one system in a CodeableConcept."""
    for entry in items(of(concept, "coding")):
        if codes.system_name(text(entry.get("system"))) == system:
            return text(entry.get("code"))
    return None


def words(concept: Any) -> str | None:
    """What a CodeableConcept says in words: its text, else the first display."""
    said = text(of(concept, "text"))
    return said or next(
        (text(c.get("display")) for c in items(of(concept, "coding")) if text(c.get("display"))), None
    )


def status_code(concept: Any) -> str | None:
    """The first code of a status CodeableConcept."""
    return text(of(concept, "coding", 0, "code"))


def began(resource: dict[str, Any], stem: str) -> str | None:
    """The start of `stemDateTime`, `stemPeriod`, `stemInstant`, ... whichever is given."""
    return (
        text(resource.get(f"{stem}DateTime"))
        or text(resource.get(f"{stem}Instant"))
        or text(of(resource, f"{stem}Period", "start"))
        or text(of(resource, f"{stem}Timing", "event", 0))
        or text(resource.get(f"{stem}Date"))
    )


def day_of(value: str | None) -> str | None:
    """The text itself: turning an offset into the clinic's zone may change the day, so the normaliser does
    it.
    """
    return value
