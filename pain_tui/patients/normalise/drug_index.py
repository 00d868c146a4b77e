"""The names of drugs: one dictionary over the knowledge table `drug_names`, looked into in a fixed order.

Exact name, alias or brand; then without form words; then without salt words. Nothing beyond that: a name
that is not
found stays as written, and near matches are only offered.
"""

import difflib
import re
import unicodedata
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from pain_tui.patients.normalise.doses import take_form
from pain_tui.patients.normalise.tables import rows, split


@dataclass(frozen=True)
class Name:
    """What a name stands for. kind: ingredient, combination, product, qualified, group or not_a_drug."""

    kind: str
    members: tuple[str, ...]
    row_id: str
    qualifier: str = ""
    routes: tuple[str, ...] = ()
    note: str = ""


@lru_cache(maxsize=100_000)
def find(text: str) -> Name | None:
    """The meaning of a drug name, in the order of the table's own rule; None when it is not known."""
    exact = _names().get(key(text))
    if exact:
        return exact
    bare = take_form(text)[1]
    found = _names().get(key(bare))
    if found:
        return found
    without_salt = _without_salts(bare)
    return _names().get(without_salt) if without_salt else None


_ALIKE = 0.75  # of 1, as difflib counts it


@lru_cache(maxsize=20_000)
def near(text: str, count: int = 3) -> tuple[str, ...]:
    """Names that look like an unknown one: to be offered, never taken."""
    wanted = _without_salts(take_form(text)[1]) or key(text)
    close = difflib.get_close_matches(wanted, _may_be_alike(wanted), n=count * 3, cutoff=_ALIKE)
    offered: list[str] = []
    for name in close:
        word = "/".join(_names()[name].members) if _names()[name].kind == "ingredient" else name
        if word not in offered:
            offered.append(word)
    return tuple(offered[:count])


def _may_be_alike(wanted: str) -> list[str]:
    """The names that share enough characters to be alike at all: what difflib would find out one by one."""
    names, counts, lengths = _letters()
    own = [wanted.count(letter) for letter in _LETTERS]
    if not any(own):
        return []
    import numpy as np

    shared = np.minimum(counts, np.array(own, dtype=np.int16)).sum(axis=1)
    return [names[place] for place in np.flatnonzero(2 * shared >= _ALIKE * (lengths + len(wanted)) - 1e-9)]


_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789/+.% "


@lru_cache(maxsize=1)
def _letters() -> tuple[list[str], Any, Any]:
    """The names, how often each has each letter, and their lengths."""
    import numpy as np

    names = list(_names())
    counts = np.array([[name.count(letter) for letter in _LETTERS] for name in names], dtype=np.int16)
    return names, counts, np.array([len(name) for name in names])


def by_rxnorm(code: str | None) -> str | None:
    """The ingredient whose RxNorm ingredient code this is; rows not sure of their code are not used."""
    return _rxnorm().get(code.strip()) if code else None


@lru_cache(maxsize=100_000)
def key(text: str) -> str:
    """Names are compared without case, accents, marks and repeated blanks."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(c))
    return " ".join(re.sub(r"[^a-z0-9/+.%]+", " ", plain).split())


def _without_salts(text: str) -> str:
    words = [word for word in key(text).split() if word not in _salts()]
    return " ".join(words)


@lru_cache(maxsize=1)
def _salts() -> frozenset[str]:
    return frozenset(
        key(word)
        for row in rows("drug_names")
        if row["kind"] == "strip_word"
        for word in split(row["aliases"])
    )


@lru_cache(maxsize=1)
def _rxnorm() -> dict[str, str]:
    return {
        row["rxnorm_ingredient"]: row["ingredient"]
        for row in rows("drug_names")
        if row["kind"] == "ingredient" and row["rxnorm_ingredient"] and row["rxnorm_verified"] != "unverified"
    }


@lru_cache(maxsize=1)
def _names() -> dict[str, Name]:
    """Every spelling. An ingredient's own name comes before any alias or brand of another row."""
    names: dict[str, Name] = {}
    usable = [row for row in rows("drug_names") if row["kind"] not in ("strip_word", "form_word")]
    for row in usable:
        if row["ingredient"] and row["kind"] != "qualified":
            names.setdefault(key(row["ingredient"]), _name(row))
    for column in ("aliases", "brands_us", "brands_intl"):
        for row in usable:
            for word in split(row[column]):
                names.setdefault(key(word), _name(row))
    return {word: replace(name, members=_ingredients(name, names)) for word, name in names.items()}


def _ingredients(name: Name, names: dict[str, Name]) -> tuple[str, ...]:
    """Members of members: a product of 'buprenorphine/naloxone' has two ingredients."""
    found: list[str] = []
    for member in name.members:
        inner = names.get(key(member))
        found += (
            inner.members
            if inner and inner.kind == "combination" and member not in inner.members
            else (member,)
        )
    return tuple(dict.fromkeys(found))


def _name(row: dict[str, str]) -> Name:
    members = tuple(split(row["members"])) or ((row["ingredient"],) if row["ingredient"] else ())
    return Name(
        row["kind"], members, row["row_id"], row["qualifier"], tuple(split(row["routes"])), row["note"]
    )
