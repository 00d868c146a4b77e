"""Words of forms, routes and dose units, by the knowledge table `dose_forms`; and what one administration
contains.
"""

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from pain_tui.patients.normalise.problem import Problem
from pain_tui.patients.normalise.tables import rows, split

PIECE = "piece"
_THOUSANDS = re.compile(r"[-+]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?(?:e[-+]?\d+)?", re.IGNORECASE)
_HYPHENS = re.compile(r"(?<=[a-z])-(?=release|coated|acting)", re.IGNORECASE)  # 'modified-release'


@dataclass(frozen=True)
class Form:
    """What is said of a product's form: name, route it implies ('' when none), counted in pieces or not,
    release.
    """

    form: str = ""
    route: str = ""
    counted: bool = False
    release: str = ""


def decimal(text: str) -> float:
    """A number as written: '1,000' is a thousand, '2,5' and '0,125' have a decimal comma. Raises ValueError."""
    if _THOUSANDS.fullmatch(text):
        return float(text.replace(",", ""))
    return float(text.replace(",", ".") if text.count(",") == 1 and "." not in text else text)


@lru_cache(maxsize=10_000)
def dose_unit(text: str) -> tuple[str, float] | None:
    """A dose unit's canonical spelling and the factor to it ('g' -> ('mg', 1000)); None when unknown."""
    return _units().get(_unit_key(text))


@cache
def unit_words() -> str:
    """The plain dose units that are understood, for messages."""
    simple = [split(row["words"])[0] for row in rows("dose_forms") if row["kind"] == "dose_unit"]
    return ", ".join(
        [word for word in simple if "/" not in word or word.endswith("/h")]
        + ["tablet, patch and other pieces of a known strength"]
    )


@lru_cache(maxsize=10_000)
def route(text: str | None, system_code: str | None = None) -> str | None:
    """A route's own name for a word ('PO') or a SNOMED CT code; None when not known."""
    for row in rows("dose_forms"):
        if system_code and row["kind"] == "route_code" and row["words"] == system_code.strip():
            return row["route"]
    key = " ".join((text or "").lower().replace(" route", "").split())
    for row in rows("dose_forms"):
        if row["kind"] == "route" and key in split(row["words"]):
            return row["route"]
    return None


@lru_cache(maxsize=50_000)
def take_form(text: str) -> tuple[Form, str]:
    """Find the form and release words in a text; returns them and the text without them."""
    form, found_route, counted, release = "", "", False, ""
    rest = f" {_HYPHENS.sub(' ', text)} "
    small = rest.lower()
    for word, row in _words():
        if (
            word not in small
        ):  # most words are not there, and looking for a text is far cheaper than a pattern
            continue
        pattern = _pattern(word)
        if not pattern.search(rest):
            continue
        if row["kind"] == "release":
            release = release or row["release"]
        elif not form:
            form, found_route, counted = row["form"], row["route"], row["counted"] == "yes"
        rest = pattern.sub(" ", rest)
        small = rest.lower()
    if form == "patch":
        release = ""  # a transdermal patch is a patch; its hours are its wearing time
    return Form(form, found_route, counted, release), " ".join(rest.split()).strip(" ,;-")


def form_text(form: Form) -> str | None:
    """The form as stored: 'tablet', 'tablet, extended release', 'patch'; None when nothing was said."""
    if not form.form and not form.release:
        return None
    return ", ".join(part for part in (form.form, form.release) if part)


@dataclass(frozen=True)
class Amount:
    """A dose of one ingredient per administration, or what keeps it unknown."""

    low: float | None
    high: float | None
    unit: str | None
    problem: Problem | None = None


def administered(
    low: float | None,
    high: float | None,
    unit: str | None,
    *,
    strength: float | None,
    strength_unit: str | None,
    counted: bool,
    drug: str,
) -> Amount:
    """One ingredient's amount in one administration.

    low, high: the dose as written (1 to 2), in `unit` (mg, mL, tablet, mcg/h ...). strength: per piece or
    per mL.
    Pieces and millilitres become a mass where the strength is known; a dose without unit stays unknown.
    """
    if low is None and high is None:
        return Amount(None, None, None)
    low = high if low is None else low
    high = low if high is None else high
    if not unit:
        return _unknown(
            "dose_without_unit", f"{drug}: the dose {_span(low, high)} has no unit", _span(low, high)
        )
    known = dose_unit(unit)
    if known is None:
        return _unknown(
            "unknown_dose_unit", f"{drug}: the dose unit {unit} is not known", f"{_span(low, high)} {unit}"
        )
    name, factor = known
    if name == "units" and counted:
        name, factor = PIECE, 1.0
    if name == PIECE:
        return _pieces(low, high, unit, strength, strength_unit, drug)
    if name == "mL" and strength is not None and (strength_unit or "").endswith("/mL"):
        mass = (strength_unit or "")[:-3]
        return Amount(_times(low, factor * strength), _times(high, factor * strength), mass)
    return Amount(_times(low, factor), _times(high, factor), name)


def _pieces(
    low: float | None,
    high: float | None,
    written: str,
    strength: float | None,
    strength_unit: str | None,
    drug: str,
) -> Amount:
    if strength is None or not strength_unit:
        return Amount(low, high, written.strip().lower())
    unit = strength_unit.removesuffix("/" + PIECE)
    if unit.endswith("/mL") or unit == "%":
        return _unknown(
            "dose_does_not_fit",
            f"{drug}: the dose is counted in pieces, the strength is {strength:g} {unit}",
            f"{_span(low, high)} x {strength:g} {unit}",
        )
    return Amount(_times(low, strength), _times(high, strength), unit)


def _unknown(code: str, what: str, value: str) -> Amount:
    return Amount(
        None,
        None,
        None,
        Problem(
            code,
            what,
            value,
            f"Allowed units: {unit_words()}",
            "Give dose and unit; the medicine is kept, its dose is unknown",
        ),
    )


def _times(value: float | None, factor: float) -> float | None:
    return None if value is None else float(f"{value * factor:.12g}")


def _span(low: float | None, high: float | None) -> str:
    return f"{low:g}" if low == high else f"{low:g}-{high:g}"


def _unit_key(text: str) -> str:
    return text.strip().lower().replace("μ", "µ").replace(" per ", "/").replace(" ", "").rstrip(".")


@lru_cache(maxsize=1)
def _units() -> dict[str, tuple[str, float]]:
    return {
        _unit_key(word): (row["canonical_unit"], float(row["factor"]))
        for row in reversed(rows("dose_forms"))
        if row["kind"] == "dose_unit"
        for word in split(row["words"])
    }


@lru_cache(maxsize=1)
def _words() -> tuple[tuple[str, dict[str, str]], ...]:
    """Form and release words, the longest first, so that 'sublingual tablet' is not read as 'tablet'."""
    words = [
        (word, row)
        for row in rows("dose_forms")
        if row["kind"] in ("form", "release")
        for word in split(row["words"])
    ]
    return tuple(sorted(words, key=lambda pair: -len(pair[0])))


@cache
def _pattern(word: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![A-Za-z0-9/-]){re.escape(word)}(?![A-Za-z0-9])", re.IGNORECASE)
