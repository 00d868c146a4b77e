"""One name for each fact, whichever way it was written, and what may be said of it.

The names are those of the knowledge table `facts`; other spellings are the observation codes that the table
gives for
a fact. The table of units speaks of `fields` (`phq9`): `unit_field` says which one belongs to a fact
(`phq9_total`).
"""

from dataclasses import dataclass
from functools import cache

from pain_tui.patients.normalise.tables import rows, split


@dataclass(frozen=True)
class Fact:
    """What may be written for a fact. kind: number, integer, flag, choice or text; observable: can be an
    observation.
    """

    name: str
    kind: str
    unit: str
    low: float
    high: float
    choices: tuple[str, ...]
    observable: bool


def fact(name: str) -> str | None:
    """The fact's own name for a name or alias in any case; None when nothing is called that."""
    return _names().get(_key(name))


def about(fact_name: str) -> Fact | None:
    """What the facts table says of a fact; None for names that only other tables know."""
    return _facts().get(fact_name)


def unit_field(name: str) -> str | None:
    """The field of the units table for a fact or field name; None when it has no unit rows."""
    return _fields().get(_key(name))


def known() -> list[str]:
    """Every name and alias, for offering near matches."""
    return sorted(_names())


def _key(name: str) -> str:
    return "_".join(name.strip().lower().replace("-", " ").replace("_", " ").split())


def _codes_of(row: dict[str, str]) -> list[str]:
    """The observation codes of a fact: its other spellings."""
    ways = ((row["source_kind"], row["source_code"]), (row["then_kind"], row["then_code"]))
    return [code for kind, cell in ways if kind == "observation" for code in split(cell)]


@cache
def _facts() -> dict[str, Fact]:
    return {
        row["fact"]: Fact(
            row["fact"],
            row["type"],
            row["unit"],
            float(row["hard_low"] or "-inf"),
            float(row["hard_high"] or "inf"),
            tuple(split(row["choices"])),
            bool(_codes_of(row)),
        )
        for row in rows("facts")
    }


@cache
def _names() -> dict[str, str]:
    names = {_key(row["fact"]): row["fact"] for row in rows("facts")}
    for row in rows("facts"):
        for code in _codes_of(row):
            names.setdefault(_key(code), row["fact"])
    # A name that only the units or the code maps know stays under its own name.
    for row in rows("units"):
        if row["row_type"] == "range":
            names.setdefault(_key(row["field"]), row["field"])
    for row in rows("code_maps"):
        if row["target_kind"] in ("observation", "value") and row["target"] and row["mapping"] != "panel":
            names.setdefault(_key(row["target"]), row["target"])
    return names


@cache
def _fields() -> dict[str, str]:
    fields = [row["field"] for row in rows("units") if row["row_type"] == "range"]
    by_name = {_key(_names().get(_key(field), field)): field for field in reversed(fields)}
    return by_name | {_key(field): field for field in fields}
