"""What a brand says on its box: ingredients, route, form, and whose strength a bare number is.

The knowledge table `brand_products` first ('Duragesic 50' is a patch of 50 mcg/h, 'Tylenol #3' holds 30 mg of
codeine), then the CDC product file for the strengths of names it lists. A number that no row lists stays
unread: it is never taken for a strength.
"""

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from pain_tui.patients.normalise import drug_index
from pain_tui.patients.normalise.doses import dose_unit
from pain_tui.patients.normalise.tables import rows, split

_PRINTED = re.compile(r"^(\d+(?:\.\d+)?(?:\s*[-/]\s*\d+(?:\.\d+)?)*)?$")


@dataclass(frozen=True)
class Brand:
    """One row of the table. strengths: what is printed, one tuple a size, the first number that of members[0];
    fixed: the name alone says the strength; said: what is told with the product."""

    members: tuple[str, ...]
    route: str
    form: str
    release: str
    strengths: tuple[tuple[float, ...], ...]
    unit: str
    fixed: bool
    said: str = ""


@lru_cache(maxsize=50_000)
def find(text: str) -> tuple[Brand, str, str] | None:
    """The brand at the front of a name (the longest one), its key, and the rest of the name; None without."""
    words = drug_index.key(text.replace("-", " - ")).split()
    for count in range(min(len(words), _longest()), 0, -1):
        name = " ".join(words[:count])
        if name in _brands():
            return _brands()[name], name, _after(text, count)
    return None


def printed(rest: str) -> tuple[float, ...] | None:
    """The numbers of '50', '10/325', '5-325'; () for nothing, None when other words are there."""
    match = _PRINTED.match(rest.strip(" ,;-"))
    return tuple(float(n) for n in re.findall(r"\d+(?:\.\d+)?", match.group(0))) if match else None


def sizes(brand: Brand, numbers: tuple[float, ...]) -> tuple[float, ...]:
    """The strengths of the members, in their order and in brand.unit, as far as known; () when not known."""
    if not numbers:
        return brand.strengths[0] if brand.fixed and brand.strengths else ()
    if numbers[0] not in [size[0] for size in brand.strengths] or len(numbers) > len(brand.members):
        return ()
    return numbers if len(numbers) == len(brand.members) else numbers[:1]


@lru_cache(maxsize=10_000)
def listed(product: str) -> tuple[tuple[str, float, str], ...]:
    """(ingredient, strength, unit) of every size that the tables list for a product name."""
    wanted = drug_index.key(product)
    return tuple(dict.fromkeys((i, s, u) for name, i, s, u in _sizes() if name == wanted))


@lru_cache(maxsize=10_000)
def agonist_of(written: str, amount: float, unit: str, multiples: Container[float]) -> str | None:
    """The one ingredient whose strength the tables list for this product, when `amount` is a small multiple of
    it ('Percocet', 10 mg -> oxycodone); None otherwise.
    """
    fitting = {i for i, strength, u in listed(written) if u == unit and amount / strength in multiples}
    return fitting.pop() if len(fitting) == 1 else None


def of_strength(product: str, strength: tuple[float, str]) -> str | None:
    """Whose a single printed strength is, by the tables ('PERCOCET 10 mg' -> oxycodone)."""
    return next((i for i, *listed in listed(product) if tuple(listed) == strength), None)


@lru_cache(maxsize=1_000)
def sizes_of(ingredient: str, unit: str) -> frozenset[float]:
    """Every strength in which a brand of this one ingredient is sold, in `unit`."""
    return frozenset(
        size[0]
        for brand in _brands().values()
        if brand.members == (ingredient,) and brand.unit == unit
        for size in brand.strengths
    )


@lru_cache(maxsize=1_000)
def of_combination(members: frozenset[str], strength: tuple[float, str]) -> str | None:
    """Whose the one printed size of a combination is ('oxycodone/acetaminophen 10 mg' -> oxycodone), by the products of
    these very ingredients that the CDC file lists; None when it lists no such size."""
    found = {drug for drug, *size in _combinations().get(members, ()) if tuple(size) == strength}
    return found.pop() if len(found) == 1 else None


@cache
def _combinations() -> dict[frozenset[str], set[tuple[str, float, str]]]:
    found: dict[frozenset[str], set[tuple[str, float, str]]] = {}
    for row in rows("opioid_products_cdc2018"):
        unit = dose_unit(row["strength_unit"]) if row["strength_unit"] else None
        names = [
            drug_index.find(name)
            for name in re.split(r"\s*(?:/|-|,|\band\b|\bwith\b)\s*", row["generic_name"])
        ]
        drug = drug_index.find(row["drug"])
        if unit and drug and row["strength_per_unit"] and all(names):
            members = frozenset(member for name in names if name for member in name.members)
            size = (drug.members[0], float(row["strength_per_unit"]) * unit[1], unit[0])
            found.setdefault(members, set()).add(size)
    return found


@lru_cache(maxsize=1_000)
def sold(ingredient: str, unit: str) -> frozenset[float]:
    """Every strength of this ingredient that the tables list, alone or in a combination, in `unit`."""
    return sizes_of(ingredient, unit) | {s for _, i, s, u in _sizes() if i == ingredient and u == unit}


@cache
def _sizes() -> tuple[tuple[str, str, float, str], ...]:
    return (*_of_brands(), *_of_cdc())


def _of_brands() -> Iterator[tuple[str, str, float, str]]:
    for name, brand in _brands().items():
        unit = dose_unit(brand.unit)
        if unit:
            yield from ((name, brand.members[0], size[0] * unit[1], unit[0]) for size in brand.strengths)


def _of_cdc() -> Iterator[tuple[str, str, float, str]]:
    for row in rows("opioid_products_cdc2018"):
        unit = dose_unit(row["strength_unit"]) if row["strength_unit"] else None
        found = drug_index.find(row["drug"])
        if unit and found and row["strength_per_unit"]:
            name = drug_index.key(row["product_name"])
            yield name, found.members[0], float(row["strength_per_unit"]) * unit[1], unit[0]


def _after(text: str, count: int) -> str:
    """The text after `count` words as the key counts them, with its slashes and hyphens kept."""
    for end in range(len(text) + 1):
        if len(drug_index.key(text[:end].replace("-", " - ")).split()) == count:
            rest = text[end:]
            if not rest or not re.match(r"[\w./+%]", rest):
                return rest.strip(" ,;-#")
    return ""


@cache
def _longest() -> int:
    return max(len(name.split()) for name in _brands())


@cache
def _brands() -> dict[str, Brand]:
    found: dict[str, Brand] = {}
    for row in rows("brand_products"):
        sizes = tuple(tuple(float(n) for n in size.split("/")) for size in split(row["strengths"]))
        brand = Brand(
            tuple(split(row["members"])),
            row["route"],
            row["form"],
            row["release"],
            sizes,
            row["unit"],
            row["fixed"] == "yes",
            row["said"],
        )
        for name in split(row["brand"]):
            found.setdefault(drug_index.key(name), brand)
    return found
