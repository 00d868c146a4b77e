"""FHIR R4 resources out of files: a Bundle, a list, one resource, or one a line (NDJSON); and what they
refer to.

Medications and people are remembered over all files of one import, so that an order may refer to a
medication in
another file. Lines are read one at a time; a damaged line is reported and the rest is used.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from pain_tui.errors import InputError
from pain_tui.outside_files import LARGEST_DOCUMENT, refuse_crowded, text_lines
from pain_tui.patients.normalise.problem import ROW, Problem
from pain_tui.patients.readers.base import text_of

Resource = dict[str, Any]


@dataclass
class Found:
    """One resource (or what is wrong with one), with its place and the fullUrl of its entry."""

    place: str
    resource: Resource | None = None
    full_url: str | None = None
    problem: Problem | None = None


@dataclass
class Known:
    """What references can point to: medications by every name they go by, and the id of each person."""

    medications: dict[str, Resource] = field(default_factory=dict)
    people: dict[str, str] = field(default_factory=dict)

    def learn(self, found: Found) -> None:
        """Remember a Medication or Patient."""
        resource = found.resource or {}
        kind, ident = resource.get("resourceType"), resource.get("id")
        if kind not in ("Medication", "Patient") or not (ident or found.full_url):
            return
        names = [
            name for name in (found.full_url, f"{kind}/{ident}" if ident else None) if isinstance(name, str)
        ]
        for name in names:
            if kind == "Medication":
                self.medications[name] = resource
            else:
                self.people[name] = str(ident or (found.full_url or "").rsplit(":", 1)[-1].rsplit("/", 1)[-1])

    def person(self, reference: Any) -> str | None:
        """The person's id for a reference to a Patient; also one that is not among the files."""
        text = reference.get("reference") if isinstance(reference, dict) else None
        if not isinstance(text, str) or not text:
            return None
        known = self.people.get(text) or self.people.get("/".join(text.split("/")[-2:]))
        if known:
            return known
        tail = (
            text.rsplit("/", 1)[-1]
            if "Patient/" in text
            else text.rsplit(":", 1)[-1]
            if text.startswith("urn:")
            else ""
        )
        return tail or None

    def medication(self, reference: Any, within: Resource) -> Resource | None:
        """The Medication an order refers to: contained in it, or in any file."""
        text = reference.get("reference") if isinstance(reference, dict) else None
        if not isinstance(text, str):
            return None
        if text.startswith("#"):
            contained = within.get("contained")
            inside = contained if isinstance(contained, list) else []
            return next((r for r in inside if isinstance(r, dict) and r.get("id") == text[1:]), None)
        return self.medications.get(text) or self.medications.get("/".join(text.split("/")[-2:]))


def files_of(path: Path) -> list[Path]:
    """The JSON files of a folder, or the file itself."""
    if not path.is_dir():
        return [path]
    files = sorted(f for f in path.iterdir() if f.suffix.lower() in (".json", ".ndjson", ".jsonl"))
    if not files:
        raise InputError(f"{path}: no FHIR file in this folder.", "FHIR files end in .json or .ndjson.")
    return files


def resources(path: Path) -> Iterator[Found]:
    """Every resource of a file. Raises InputError when nothing in it can be read."""
    if path.suffix.lower() in (".ndjson", ".jsonl"):
        yield from _lines(path)
        return
    if path.stat().st_size > LARGEST_DOCUMENT and _looks_like_lines("".join(islice(text_lines(path), 2))):
        yield from _lines(path)
        return
    text = text_of(path)
    refuse_crowded(text, path.name)
    try:
        whole = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        if _looks_like_lines(text):
            yield from _lines(path)
            return
        raise _broken(path, error) from error
    yield from _inside(whole, path.name, None)


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _broken(path: Path, error: Exception) -> InputError:
    where = f" line {error.lineno} column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
    return InputError(
        f"{path.name}{where}: broken JSON ({getattr(error, 'msg', error)}).",
        "Export the file again; nothing of it was used.",
    )


def _looks_like_lines(text: str) -> bool:
    """Several lines, the first one a whole object: NDJSON under another name."""
    first, _, rest = text.strip().partition("\n")
    return bool(rest.strip()) and first.startswith("{") and first.rstrip().endswith("}")


def _lines(path: Path) -> Iterator[Found]:
    good = 0
    for number, line in enumerate(text_lines(path), 1):
        if not line.strip():
            continue
        place = f"{path.name} line {number}"
        refuse_crowded(line, place)
        try:
            yield from _inside(json.loads(line, parse_constant=_no_constant), place, None)
            good += 1
        except (ValueError, RecursionError) as error:
            yield Found(
                place,
                problem=Problem(
                    "broken_json",
                    f"not readable as JSON ({getattr(error, 'msg', error)})",
                    line[:40].strip(),
                    "One resource a line",
                    "Export the line again",
                    ROW,
                ),
            )
    if not good:
        raise InputError(f"{path.name}: no line of it is JSON.", "FHIR in lines has one resource a line.")


def _inside(value: Any, place: str, full_url: str | None) -> Iterator[Found]:
    if isinstance(value, list):
        yield from _all(((f"{place} [{i}]", entry, None) for i, entry in enumerate(value)))
    elif not isinstance(value, dict):
        yield Found(
            place, problem=Problem("not_a_resource", "not a FHIR resource", str(value)[:40], "", "", ROW)
        )
    elif value.get("resourceType") == "Bundle":
        entries = value.get("entry") or []
        if not isinstance(entries, list):
            raise InputError(f"{place}: the Bundle's entry is not a list.", "Export the Bundle again.")
        for i, entry in enumerate(entries):
            inside = entry.get("resource") if isinstance(entry, dict) else None
            url = entry.get("fullUrl") if isinstance(entry, dict) else None
            if isinstance(inside, dict):
                yield from _inside(inside, f"{place} entry {i + 1}", url if isinstance(url, str) else None)
            else:
                yield Found(
                    f"{place} entry {i + 1}",
                    problem=Problem("not_a_resource", "an entry without a resource", "", "", "", ROW),
                )
    elif isinstance(value.get("resourceType"), str):
        yield Found(f"{place} {value['resourceType']}/{value.get('id', '?')}", value, full_url)
    else:
        yield Found(
            place, problem=Problem("not_a_resource", "no resourceType: not a FHIR resource", "", "", "", ROW)
        )


def _all(parts: Iterable[tuple[str, Any, str | None]]) -> Iterator[Found]:
    for place, value, url in parts:
        yield from _inside(value, place, url)
