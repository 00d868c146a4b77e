"""A medicine written as one line, as clinicians write it: 'methadone 10 mg tid', 'Norco 10/325 1-2 q6h prn'.

The line is cut into the name with its strength, and the direction. A number without unit is a strength only where the
tables sell the medicine in that size; a line with two orders, a change of dose or a size that may mean two things
leaves the dose unknown and says why. Nothing here is guessed.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from pain_tui.patients.normalise import brands, doses, drug_index, medicines, sig, sig_words

_N = r"\d+(?:[.,]\d+)*|[.,]\d+"
_MASS = r"mg|mcg|ug|µg|μg|g|gm|microgram(?:s|me|mes)?|milligram(?:s|me|mes)?"
_PER = rf"(?:\s*(?:/|per)\s*(?:(?:{_N})\s*)?(?:ml|h|hr|hour|d|day|24\s*h|spray|actuat(?:ion)?)\b)?"
_SIZE = re.compile(
    rf"^(?P<numbers>(?:{_N})(?:\s*[-/]\s*(?:{_N}))*)\s*(?P<unit>(?:{_MASS}){_PER}|%)?(?![\w.])", re.IGNORECASE
)
_PIECES = (
    r"tab(?:let)?s?|tbl|cap(?:sule)?s?|pills?|patch(?:es)?|films?|strips?|lozenges?|suppositor(?:y|ies)|sprays?|puffs?|drops?"
    r"|gtts?|units?|mls?|tsp|teaspoons?|x|times|hourly|hrly|tropfen|trpf|tabletten?|kapseln?|kps|pflaster"
)
_COUNTED = re.compile(rf"^(?:{_N})(?:\s*(?:-|to)\s*(?:{_N}))?\s*(?:{_PIECES})(?![a-z])", re.IGNORECASE)
_PLANNED = re.compile(r"^\d(?:[.,]5)?(?:-\d(?:[.,]5)?){2,3}(?![\w.,-])|^\d\s*x\s*\d(?![\w.,])", re.IGNORECASE)
_TWO_ORDERS = re.compile(r"(?:\+|&|\band\b|\bplus\b|\bund\b|,\s)\s*(?:\w+\s+)?(?:\d|[.,]\d)")
_CHANGE = re.compile(
    r"->|→|\b(?:then|decreas\w*|increas\w*|taper\w*|titrat\w*|reduc\w*|previous\w*|was|were|from|chang\w*|until"
    r"|alternat\w*|instead|switch\w*)\b",
    re.IGNORECASE,
)
_SUPPLY = re.compile(r"#\s*\d+(?:\s*(?:/|for)\s*\d+\s*d(?:ays?)?\b)?", re.IGNORECASE)
_MOST_WORDS = 6  # of one name
_WRITTEN = 200  # characters of one line


@dataclass(frozen=True)
class Line:
    """name: what names the medicine, with strength and form; dose and unit of one administration (None: the direction
    says it, or it is not known); direction: the rest; why: what keeps the dose unknown; doubt: how a number was read."""

    name: str
    dose: str | None
    unit: str | None
    direction: str
    why: str = ""
    doubt: str = ""


@lru_cache(maxsize=50_000)
def split(text: str) -> Line | None:
    """The parts of a line; None when it is a name and a strength only, or names no known medicine at its start."""
    found = _name(text) if len(text) <= _WRITTEN else None
    if not found:
        return None
    name, rest = found
    size, form, direction = _size_and_form(rest, _is_numbered_brand(name))
    several = size and len(re.findall(_N, size.group("numbers"))) > max(2, len(_members(name)))
    if (not direction and not several) or _names_another(direction):
        return None
    if not size and not _is_direction(direction):
        return None
    why = _two_things(direction)
    if why:
        return Line(f"{name} {form}".strip(), None, None, "", f"{text}: {why}")
    return _with_size(text, name, form, size, direction)


def _with_size(text: str, name: str, form: str, size: re.Match[str] | None, direction: str) -> Line:
    """The line once its size is understood, or why it is not."""
    said = sig.parse(direction)
    if size is None:
        counted = said.dose_unit is not None
        return Line(
            f"{name} {form}".strip(), None, None, direction, "" if counted else f"{text}: no dose is written"
        )
    numbers = re.split(r"\s*[-/]\s*", size.group("numbers"))
    unit, doubt = size.group("unit") or "", ""
    members = _members(name)
    written = f"{name} {size.group(0)} {form}".strip()
    if len(members) > 1:
        if not unit and not brands.find(name) and _unit_sold(members[:1], numbers[:1], form) == "mg":
            written = f"{name} {size.group('numbers')} mg {form}".strip()
        whole = Line(written, None, None, direction)
        return whole if said.dose_unit else Line(written, "1", "tablet", direction)
    if len(numbers) > 2 or (len(numbers) == 2 and "/" in size.group("numbers")):
        return Line(
            f"{name} {form}".strip(), None, None, "", f"{text}: {size.group('numbers')} may be several doses"
        )
    if not unit and not brands.find(f"{name} {numbers[0]}"):
        unit = _unit_sold(members, numbers, form)
        if not unit:
            why = f"{text}: {size.group('numbers')} has no unit"
            return Line(f"{name} {form}".strip(), None, None, direction, why)
        doubt = (
            f"{text}: {size.group('numbers')} is read as {size.group('numbers')} {unit}, a size that is sold"
        )
        written = f"{name} {size.group('numbers')} {unit} {form}".strip()
    if said.dose_unit is not None:
        return Line(written, None, None, direction, doubt=doubt)
    return _size_is_dose(text, written, size.group("numbers"), unit, direction, doubt)


def _size_is_dose(text: str, written: str, numbers: str, unit: str, direction: str, doubt: str) -> Line:
    """'methadone 10 mg tid' says the dose by its size; '15 mg/5 mL q4h' does not say how many millilitres."""
    rate = re.sub(r"\s+", "", unit.lower())
    if re.search(r"/\d*ml$", rate) or rate == "%":
        return Line(written, None, None, direction, f"{text}: how much is taken at a time is not written")
    if re.search(r"/(?:d|day)$", rate):
        return Line(
            written.replace(unit, rate.split("/")[0]), numbers, rate.split("/")[0], direction, doubt=doubt
        )
    if not unit:  # a brand whose box says the size: one piece of it
        return Line(written, "1", "piece", direction, doubt=doubt)
    return Line(written, numbers, unit, direction, doubt=doubt)


def _name(text: str) -> tuple[str, str] | None:
    """The longest known name at the front (a brand, or a name of the dictionary), and the rest of the line."""
    words = text.split()
    for count in range(min(len(words), _MOST_WORDS), 0, -1):
        name = " ".join(words[:count]).strip(" ,;:")
        if re.search(r"\d", name) and not _is_numbered_brand(name):
            continue
        if not re.search(r"\band\b|[+,;&]", name, re.IGNORECASE) and _members(name):
            return name, " ".join(words[count:]).strip(" ,;:")
    return None


def _is_numbered_brand(name: str) -> bool:
    """'Tylenol #3': the number is part of the name, not a strength."""
    found = brands.find(name)
    return found is not None and not found[2] and found[0].fixed


@lru_cache(maxsize=10_000)
def _members(name: str) -> tuple[str, ...]:
    """The ingredients of a name without numbers; () when it is not known whole."""
    brand = brands.find(name)
    if brand and (not brand[2] or not doses.take_form(brand[2])[1]):
        return brand[0].members
    product = medicines.strictly(name)
    return tuple(part.ingredient or "" for part in product.parts) if product.known else ()


def _size_and_form(rest: str, fixed: bool) -> tuple[re.Match[str] | None, str, str]:
    """(the size at the front, the form words after or before it, the direction)."""
    form, rest = _form_at_front(rest)
    size = None if _COUNTED.match(rest) or _PLANNED.match(rest) else _SIZE.match(rest)
    if size and fixed and "/" not in size.group("numbers"):
        size = None  # 'Tylenol #3 1-2 q4h': the name has said the size
    if size and not size.group("unit") and sig_words.plain(rest).split(" ")[0] in sig_words.phrases():
        size = None  # '1-0-1' is a direction
    if size:
        rest = rest[size.end() :].strip(" ,;:")
    after, rest = _form_at_front(rest)
    return size, " ".join(filter(None, [form, after])), rest


def _form_at_front(rest: str) -> tuple[str, str]:
    """The form words a text begins with, and the text after them."""
    words = rest.split()
    for count in range(min(3, len(words)), 0, -1):
        head = " ".join(words[:count]).strip(",;:")
        form, left = doses.take_form(head)
        if not left and (form.form or form.release):
            return head, " ".join(words[count:])
    return "", rest


def _is_direction(text: str) -> bool:
    """Something a direction says: a frequency, as needed, an amount, or a stop."""
    said = sig.parse(_SUPPLY.sub(" ", text))
    return said.understood or said.stopped or said.dose_unit is not None or bool(said.note)


def _names_another(direction: str) -> bool:
    """A second medicine in the line must not be lost."""
    words = re.findall(r"[^\W\d_]{4,}", direction)
    found = (drug_index.find(word) for word in words)
    return any(name is not None and name.kind in ("ingredient", "product", "combination") for name in found)


def _two_things(direction: str) -> str:
    if _TWO_ORDERS.search(direction):
        return "more than one order in one line: give each as its own line"
    if _CHANGE.search(direction):
        return "the dose changes within the line: give what is taken now"
    return ""


def _unit_sold(members: tuple[str, ...], numbers: list[str], form: str) -> str:
    """The one unit in which the tables list these sizes of the medicine; '' when none or several do."""
    patch = doses.take_form(form)[0].form == "patch"
    if len(members) != 1:
        return ""
    units = [
        unit
        for unit in ("mg", "mcg", "mcg/h")
        if (unit == "mcg/h") == patch or not form
        if all(doses.decimal(n) in brands.sold(members[0], unit) for n in numbers)
    ]
    return units[0] if len(units) == 1 else ""
