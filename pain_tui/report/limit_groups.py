"""What cannot be said, grouped by what closes it, so that a long list is read: confirm, ask, measure, genotype.

A fact that is only missing is one short entry with what it bears on; everything else keeps its whole sentence.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from pain_tui.knowledge.rows import rows

Row = Mapping[str, Any]

FIRST = "Before a plan is signed"
CONFIRM = "Confirm"
ASK = "Not known: ask, or look in the record"
MEASURE = "Not known: measure"
AGAIN = "Measure again, or correct"
GENOTYPE = "Genotype not known"
MEDICINES = "Medicines"
OTHER = "Options, evidence and the rest"
ORDER = (FIRST, CONFIRM, ASK, MEASURE, AGAIN, GENOTYPE, MEDICINES, OTHER)
_MEDICINE_CODES = ("unknown_drug", "activity_unknown", "dose_missing", "mme_cannot_total", "mme_unknown")
_BEARS_ON = " Bears on: "


def grouped(limits: Iterable[Row]) -> Iterator[tuple[str, list[str]]]:
    """(heading, entries) in the order in which they are best worked through; nothing is left out."""
    found: dict[str, list[str]] = {}
    for limit in limits:
        found.setdefault(_heading(limit), []).append(_entry(limit))
    for heading in ORDER:
        if heading in found:
            yield heading, list(dict.fromkeys(found[heading]))


def _heading(limit: Row) -> str:
    code = limit["code"]
    if limit.get("blocks"):
        return FIRST
    if code == "list_not_complete":
        return CONFIRM
    if code == "fact_missing":
        return _of_fact(limit["facts"][0]) if limit.get("facts") else ASK
    if code.startswith("fact_"):
        return AGAIN
    if code.startswith("gene_"):
        return GENOTYPE
    return MEDICINES if code in _MEDICINE_CODES else OTHER


def _of_fact(fact: str) -> str:
    row = _facts().get(fact, {})
    if row.get("source_kind") in ("genotype", "allele_presence", "marker"):
        return GENOTYPE
    return MEASURE if row.get("type") in ("number", "integer") else ASK


def _entry(limit: Row) -> str:
    """'QTc (bears on: nortriptyline)' for a fact that is only missing; a list says how much hangs on it."""
    say, remedy = limit["say"], limit.get("remedy") or ""
    if limit["code"] == "list_not_complete" and limit.get("facts"):
        count = len(limit["facts"])
        return f"{say} {count} open question{'s' if count > 1 else ''} on it. {remedy}".rstrip()
    what, mark, bears_on = say.partition(_BEARS_ON)
    if limit["code"] != "fact_missing" or not mark:
        return f"{say} {remedy}".rstrip()
    name = what.removesuffix(".").removesuffix(" is not known")
    return f"{name} (bears on: {bears_on.rstrip('.')})"


@cache
def _facts() -> dict[str, Mapping[str, str]]:
    return {row["fact"]: row for row in rows("facts")}
