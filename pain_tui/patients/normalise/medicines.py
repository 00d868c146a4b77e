"""What is in a medicine, from the words it was written with: ingredients, each with its own strength, form
and route.

'Acetaminophen 325 MG / HYDROcodone Bitartrate 7.5 MG Oral Tablet' gives two parts. An unknown name gives a
part without ingredient and the names that look like it; it is never guessed.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from pain_tui.patients.normalise import brands, doses, drug_index, sig
from pain_tui.patients.normalise.doses import Form, decimal, dose_unit, form_text, take_form
from pain_tui.patients.normalise.product import Part, Product
from pain_tui.patients.normalise.tables import rows

_NUMBER = r"\d[\d,]*(?:\.\d+)?|\.\d+"
_MASS = r"mg|mcg|ug|µg|μg|gm?|microgram(?:s|me)?|milligram(?:s|me)?|unt|units?|iu|meq|mmol|ml|%"
_PER = r"ml|hr|hour|h|actuat|spray|puff|dose|day|d"
_STRENGTH = re.compile(
    rf"(?<![A-Za-z0-9.])(?P<numbers>(?:{_NUMBER})(?:\s*[-/]\s*(?:{_NUMBER}))*)\s*(?P<unit>{_MASS})(?![A-Za-z])"
    rf"(?:\s*(?:/|per)\s*(?:(?P<per_number>{_NUMBER})?\s*(?P<per>{_PER})|(?P<per_mass>mg))(?![A-Za-z]))?",
    re.IGNORECASE,
)
_SHORTEST = 5  # letters of a name without its release word: 'Oxy' may be anything
_LONGEST = 500  # characters; what is written by people is shorter, and reading takes the square of the length
_PRINTED = re.compile(r"\s(\d+(?:\.\d+)?)\s*[-/]\s*\d+(?:\.\d+)?\s*$")
_DESIGNATION = re.compile(r"\s+(?:#\s*\d+|no\.?\s*\d+|\d+(?:\.\d+)?)\s*$", re.IGNORECASE)
_IN_BRACKETS = re.compile(r"\(([^()]*[A-Za-z][^()]*)\)")
_EACH = re.compile(r"\bper\s+(tablet|tab|capsule|cap|patch|film)\b", re.IGNORECASE)
_VOLUME = re.compile(rf"^\s*(?:{_NUMBER})\s*(?:ml|actuat|hr|hour)\s+(?=[A-Za-z])", re.IGNORECASE)
_NUMBER_OF_APPROVAL = re.compile(r"^\s*NDA\d+\s+")
_BRAND = re.compile(r"\[([^\]]+)\]")
_PACK = re.compile(r"^\{\s*\d+\s*\((.*)\)\s*\}\s*pack", re.IGNORECASE)
_MARK = "\x00"


@lru_cache(maxsize=100_000)
def parse(text: str | None, *, rxnorm: str | None = None) -> Product:
    """Read a medicine's name (and RxNorm code, when the name is missing or unknown).

    The parts' strengths are in mg, mcg, mcg/h, mg/mL, units, ... as the table dose_forms spells them.
    """
    if text and len(text) > _LONGEST:
        return Product(
            text, (Part(None, text),), note=f"longer than {_LONGEST} characters: no name of a medicine"
        )
    product = _parse(text.strip()) if text and text.strip() else None
    if product and product.known:
        return product
    for simpler, route in _simpler(text.strip()) if text and product and not product.note else ():
        found = _parse(simpler) if simpler.strip() else None
        if found and found.known:
            return replace(found, written=text or "", route=route or found.route)
    by_code = _by_rxnorm(rxnorm)
    if by_code:
        return Product(
            text or by_code.written,
            by_code.parts,
            by_code.form,
            by_code.route,
            by_code.counted,
            (),
            by_code.brand,
            "read from its RxNorm code",
        )
    if product is None:
        return Product(text or "", (), note="no name")
    return product if product.note else replace(product, near=_near(product.parts))


@lru_cache(maxsize=50_000)
def strictly(name: str) -> Product:
    """A name taken as it stands: nothing is left out of it to make it known."""
    return _parse(name)


def _simpler(text: str) -> Iterator[tuple[str, str | None]]:
    """The same name without what is often written around it, and a route that was cut off.

    Without a brand in round brackets and 'per tablet'; without the direction or route after the strength;
    without a bare number at the end; at last, what stands in the brackets.
    """
    bare = _EACH.sub(r"\1", _IN_BRACKETS.sub(" ", text))
    yield bare, None
    strength = next(iter(_STRENGTH.finditer(bare)), None)
    if strength:
        form, after = take_form(bare[strength.end() :])
        route, others = _route_among(after)
        if not others or sig.parse(others).understood:
            yield f"{bare[: strength.end()]} {form_text(form) or ''}", route
    route, others = _route_among(bare)
    yield others, route
    yield _DESIGNATION.sub("", bare), None
    yield from ((inside, None) for inside in _IN_BRACKETS.findall(text))


def _route_among(text: str) -> tuple[str | None, str]:
    """A route word ('PO', 'SL') and the text without it; 'in divided doses' is no nose."""
    words = text.split()
    routes = [None if word in ("in", "it") else doses.route(word.strip("(),;")) for word in words]
    return next((r for r in routes if r), None), " ".join(
        w for w, r in zip(words, routes, strict=True) if not r
    )


def _parse(text: str) -> Product:
    brand = _BRAND.search(text)
    words = _PACK.sub(r"\1", _BRAND.sub(" ", text.replace(_MARK, " ")))
    strengths, marked = _take_strengths(_VOLUME.sub("", _NUMBER_OF_APPROVAL.sub("", words)))
    boxed = _by_its_box(text, _unmarked(marked), strengths)
    if boxed:
        return boxed
    form, rest = take_form(marked)
    whole = drug_index.find(_unmarked(marked)) or drug_index.find(_unmarked(rest))
    if not whole and not strengths:
        whole, strengths = _printed_on_the_box(_unmarked(rest))
    parts, note = _from_whole(whole, strengths, _unmarked(rest)) if whole else _from_pieces(rest, strengths)
    if not parts or any(p.ingredient is None for p in parts):
        parts, note = _by_brand_or_file(brand, [_unmarked(rest), _unmarked(marked)], strengths) or (
            parts,
            note,
        )
    form = _as_named(whole, form)
    route = form.route or _only_route(whole)
    if form.form == "patch" and any(unit == "%" for _, unit in strengths):
        # A share of the mass is no rate an hour.
        form, route = Form("topical patch", "topical", True), "topical"
    named = brand.group(1) if brand else None
    return Product(text, parts, form_text(form), route or None, form.counted, (), named, note)


def _by_its_box(text: str, name: str, strengths: list[tuple[float, str]]) -> Product | None:
    """A brand of the table with nothing but form words, a route and printed numbers after it; else None."""
    found = brands.find(name)
    if not found:
        return None
    brand, key, rest = found
    said, rest = take_form(rest)
    route, rest = _route_among(rest)
    numbers = brands.printed(rest)
    if numbers is None or (numbers and strengths):
        return None
    form = Form(
        said.form or brand.form,
        said.route or brand.route,
        said.counted or take_form(brand.form)[0].counted,
        said.release or brand.release,
    )
    sizes, doubt = brands.sizes(brand, numbers), ""
    if strengths:
        parts = _with_strengths(brand.members, strengths, key)
    else:
        parts = tuple(
            Part(m, m, *((sizes[n], brand.unit) if n < len(sizes) else (None, None)))
            for n, m in enumerate(brand.members)
        )
        if numbers and not sizes:
            doubt = f"{text}: {rest.strip()} is no strength that the tables list for this brand"
    route = route or form.route or None
    return Product(text, parts, form_text(form), route, form.counted, (), None, "", doubt)


def _by_brand_or_file(
    brand: re.Match[str] | None, names: list[str], strengths: list[tuple[float, str]]
) -> tuple[tuple[Part, ...], str] | None:
    """A product that its name does not tell: by the brand in square brackets, else by the product files."""
    branded = drug_index.find(brand.group(1)) if brand else None
    if brand and branded and branded.kind in ("ingredient", "product", "combination"):
        return _from_whole(branded, strengths, brand.group(1))
    for name in names:
        listed = _product_files().get(drug_index.key(name))
        if listed:
            return _with_strengths(listed, strengths, names[0]), "name of the CDC product file"
    return None


def _take_strengths(text: str) -> tuple[list[tuple[float, str]], str]:
    """Cut the strengths out; each leaves a mark, so that it can be given back to the name before it."""
    found: list[tuple[float, str]] = []

    def cut(match: re.Match[str]) -> str:
        unit = _strength_unit(match)
        if unit is None:
            return match.group(0)
        name, factor = unit
        numbers = re.findall(_NUMBER, match.group("numbers"))
        try:
            found.extend((float(f"{decimal(n) * factor:.12g}"), name) for n in numbers)
        except ValueError:
            return match.group(0)
        return f" {_MARK * len(numbers)} "

    return found, _STRENGTH.sub(cut, text)


def _strength_unit(match: re.Match[str]) -> tuple[str, float] | None:
    unit, per = match.group("unit").lower(), (match.group("per") or match.group("per_mass") or "").lower()
    if not per:
        return dose_unit(unit)
    per_number = decimal(match.group("per_number") or "1")
    if not per_number:
        return None
    if per in ("h", "hr", "hour") and per_number == 24:
        return dose_unit(f"{unit}/24h")
    ratio = dose_unit(f"{unit}/{per}")
    return (ratio[0], ratio[1] / per_number) if ratio else None


def _printed_on_the_box(text: str) -> tuple[drug_index.Name | None, list[tuple[float, str]]]:
    """'Percocet 10/325', 'Tylenol with codeine #3': the name without its numbers.

    The first number is a strength only where the product file lists it; otherwise the strengths stay unknown.
    """
    numbers = _PRINTED.search(text)
    bare = _PRINTED.sub("", text) if numbers else _DESIGNATION.sub("", text)
    name = drug_index.find(bare) if bare != text else None
    if not name or not numbers:
        return name, []
    first = (float(numbers.group(1)), "mg")
    return name, [first] if brands.of_strength(drug_index.key(bare), first) else []


def _from_whole(
    name: drug_index.Name, strengths: list[tuple[float, str]], written: str
) -> tuple[tuple[Part, ...], str]:
    if name.kind == "group":
        return (Part(None, written),), f"{written} is a group of drugs, not one drug"
    if name.kind == "not_a_drug":
        return (Part(None, written),), f"{written} is not a drug: {name.note}"
    return _with_strengths(name.members, strengths, written), ""


def _with_strengths(
    members: tuple[str, ...], strengths: list[tuple[float, str]], written: str
) -> tuple[Part, ...]:
    """Give the strengths to the members: one each in order, or the one number to the member the product
    file names.
    """
    if len(members) == len(strengths):
        return tuple(Part(m, m, *s) for m, s in zip(members, strengths, strict=True))
    if len(strengths) == 1:
        drug = brands.of_strength(drug_index.key(_PRINTED.sub("", written)), strengths[0])
        return tuple(Part(m, m, *(strengths[0] if m == drug else (None, None))) for m in members)
    return tuple(Part(m, m) for m in members)


def _from_pieces(text: str, strengths: list[tuple[float, str]]) -> tuple[tuple[Part, ...], str]:
    """Several names with / + or 'and' between them, each with its own strength or all strengths at the
    end.
    """
    pieces = [
        p
        for p in re.split(r"\s*(?:/|\+|;|,|\band\b|\bwith\b|&)\s*", text, flags=re.IGNORECASE)
        if _unmarked(p)
    ]
    names = [_unmarked(p) for p in pieces]
    if len(names) == 1 and "-" in names[0] and not drug_index.find(names[0]):
        split_names = [n for n in re.split(r"\s*-\s*", names[0]) if n]
        if all(drug_index.find(n) for n in split_names):
            names = split_names
    members: list[tuple[str | None, str]] = []
    for name in names:
        found = drug_index.find(name)
        usable = (
            found.members
            if found and found.kind in ("ingredient", "qualified", "combination", "product")
            else (None,)
        )
        members += [(m, m or name) for m in usable]
    if len(strengths) == len(members):
        return _merged(tuple(Part(m, n, *s) for (m, n), s in zip(members, strengths, strict=True))), ""
    if not any(m for m, _ in members):  # nothing of it is known: one unknown name, not one for each piece
        return (Part(None, names[0] if len(names) == 1 else _unmarked(text)),), ""
    known = frozenset(m for m, _ in members if m)
    drug = brands.of_combination(known, strengths[0]) if len(strengths) == 1 and len(known) > 1 else None
    merged = _merged(tuple(Part(m, n) for m, n in members))
    return tuple(
        replace(p, strength=strengths[0][0], strength_unit=strengths[0][1])
        if drug and p.ingredient == drug
        else p
        for p in merged
    ), ""


def _merged(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """Two salts of one ingredient in one product are one part: their strengths add up."""
    merged: dict[str, Part] = {}
    for part in parts:
        before = merged.get(part.ingredient or part.name)
        if (
            before
            and before.strength is not None
            and part.strength is not None
            and before.strength_unit == part.strength_unit
        ):
            part = Part(
                part.ingredient,
                part.name,
                float(f"{before.strength + part.strength:.12g}"),
                part.strength_unit,
            )
        merged[part.ingredient or part.name] = part
    return tuple(merged.values())


def _unmarked(text: str) -> str:
    return " ".join(text.replace(_MARK, " ").split()).strip(" ,;-/+")


def _near(parts: tuple[Part, ...]) -> tuple[str, ...]:
    unknown = [p.name for p in parts if p.ingredient is None]
    return tuple(dict.fromkeys(name for text in unknown for name in drug_index.near(text)))


def _only_route(name: drug_index.Name | None) -> str:
    return name.routes[0] if name and name.kind == "qualified" and len(name.routes) == 1 else ""


def _as_named(name: drug_index.Name | None, form: Form) -> Form:
    """A name that says its form ('fentanyl patch', 'morphine ER') keeps it although the words were part of
    the name.
    """
    if not name or name.kind != "qualified":
        return form
    said = take_form(name.qualifier.replace(",", " "))[0]
    return Form(
        form.form or said.form,
        form.route or said.route,
        form.counted or said.counted,
        form.release or said.release,
    )


@lru_cache(maxsize=10_000)
def _by_rxnorm(code: str | None) -> Product | None:
    if not code:
        return None
    names = [
        row["rxnorm_name"]
        for row in rows("opioid_products_rxnorm")
        if row["rxcui"].split(".")[0] == code.strip()
    ]
    if names:
        return _parse(names[0])
    ingredient = drug_index.by_rxnorm(code)
    return Product(ingredient, (Part(ingredient, ingredient),)) if ingredient else None


@lru_cache(maxsize=1)
def _product_files() -> dict[str, tuple[str, ...]]:
    """Product names of the CDC files -> ingredients, only where the file gives one answer and every name is
    known.
    """
    found: dict[str, set[tuple[str, ...]]] = {}
    for table in ("opioid_products_cdc2018", "cns_products_cdc2018"):
        for row in rows(table):
            parts, _ = _from_pieces(row["generic_name"], [])
            names = tuple(p.ingredient for p in parts if p.ingredient)
            whole = drug_index.find(row["generic_name"])
            if whole and whole.kind in ("ingredient", "combination"):
                names = whole.members
            complete = bool(whole) or all(p.ingredient for p in parts)
            bare = take_form(row["product_name"])[1]  # 'HYDROSTAT IR' is looked for without its release word
            short = len(bare) < _SHORTEST
            for name in {
                drug_index.key(row["product_name"]),
                drug_index.key(row["product_name"] if short else bare),
            }:
                found.setdefault(name, set()).add(names if complete else ())
    return {
        name: next(iter(answers))
        for name, answers in found.items()
        if len(answers) == 1 and next(iter(answers))
    }
