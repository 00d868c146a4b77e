"""How much of each ingredient one administration holds: dose, strength and direction read together."""

import re
from dataclasses import dataclass

from pain_tui.patients.normalise import brands, doses, sig
from pain_tui.patients.normalise.problem import DOUBT, VALUE, Problem
from pain_tui.patients.normalise.product import Part, Product
from pain_tui.patients.normalise.row import Written

_DOSE = re.compile(
    r"^\s*(\d[\d,]*(?:\.\d+)?|\.\d+)(?:\s*(?:-|to|–)\s*(\d[\d,]*(?:\.\d+)?|\.\d+))?\s*(.*?)\s*$"
)
_MOST_PIECES = 4  # how many pieces at once may explain a dose in mg of a combination product
_MULTIPLES = (0.5, 1, 1.5, *range(2, _MOST_PIECES + 1))


@dataclass(frozen=True)
class Dose:
    """A dose as written: lower and upper end, and its unit."""

    low: float | None = None
    high: float | None = None
    unit: str | None = None


def dose_of(w: Written, direction: sig.Sig) -> Dose:
    """The dose as written in its own columns, else as the direction says."""
    text, unit, high = w.text("dose"), w.text("unit"), w.number("dose_max")
    if text is None and high is None:
        return Dose(direction.dose_min, direction.dose_max, direction.dose_unit)
    match = _DOSE.match(text or "")
    if match and not _same_unit(unit, match.group(3)):
        match = None
    ends = _ends(match) if match else None
    match = match if ends else None
    if text is not None and not match:
        w.problem(
            Problem(
                "not_a_number",
                f"dose: {text} is not a number",
                text,
                "A number, or a range such as 1-2",
                "Correct the dose",
            ),
            VALUE,
        )
        return Dose()
    low, top = ends or (None, None)
    unit = unit or (match.group(3) if match else None) or None
    if low is not None and low < 0 or (low == 0 and not top):
        w.problem(
            Problem(
                "value_out_of_range",
                f"dose {text} is not possible",
                text or "",
                "More than 0",
                "Correct the dose",
            ),
            VALUE,
        )
        return Dose()
    return Dose(low, high if high is not None else top, unit)


def _ends(match: re.Match[str]) -> tuple[float, float] | None:
    try:
        return doses.decimal(match.group(1)), doses.decimal(match.group(2) or match.group(1))
    except ValueError:
        return None


def _same_unit(stated: str | None, written: str) -> bool:
    """'15 mg' beside the unit mg is the same said twice; '1e3' or '2 tablets' beside mg is not."""
    if not written or not stated:
        return doses.dose_unit(written) is not None or not re.match(r"\w?\d", written)
    return written.lower() == stated.lower() or doses.dose_unit(written) == doses.dose_unit(stated)


def amount_of(
    w: Written,
    product: Product,
    part: Part,
    dose: Dose,
    strength: float | None,
    unit: str | None,
    counted: bool,
) -> doses.Amount:
    """One ingredient's amount in one administration; what keeps it unknown is reported."""
    name = part.ingredient or part.name
    if len(product.parts) > 1 and dose.unit and dose.low is not None:
        known = doses.dose_unit(dose.unit)
        if known and known[0] in ("mg", "mcg"):
            return _share(w, product, part, dose, known)
    amount = doses.administered(
        dose.low, dose.high, dose.unit, strength=strength, strength_unit=unit, counted=counted, drug=name
    )
    amount = _with_pieces(w, amount, sig.parse(w.text("frequency")), strength, unit, name)
    if dose.low is not None and _gives_no_rate(product, (doses.dose_unit(dose.unit or "") or ("",))[0]):
        amount = _no_rate(product.written, f"{dose.low:g} {dose.unit}")
    if amount.problem:
        w.problem(amount.problem, VALUE)
    return amount


def fitting(product: Product, strength: float | None, unit: str | None) -> tuple[float | None, str | None]:
    """The strength, unless it is a rate an hour of a product that gives single doses."""
    return (None, None) if _gives_no_rate(product, unit or "") else (strength, unit)


def _gives_no_rate(product: Product, unit: str) -> bool:
    """'Ionsys 40 mcg/h': as a rate it would be taken for a patch that is worn."""
    brand = brands.find(product.written) if unit.endswith("/h") else None
    return brand is not None and not brand[0].unit.endswith("/h")


def _no_rate(written: str, value: str) -> doses.Amount:
    said = f"{written} gives single doses, no rate an hour"
    return doses.Amount(
        None, None, None, Problem("dose_does_not_fit", said, value, "", "Correct the dose and its unit")
    )


def _with_pieces(
    w: Written, amount: doses.Amount, direction: sig.Sig, strength: float | None, unit: str | None, drug: str
) -> doses.Amount:
    """Dose '5 mg' beside '1-2 tablets every 4 h' of a 5 mg tablet: the direction says 5 to 10 mg, not 5."""
    if direction.dose_unit != doses.PIECE or amount.low is None or strength is None or amount.unit != unit:
        return amount
    said = doses.administered(
        direction.dose_min,
        direction.dose_max,
        doses.PIECE,
        strength=strength,
        strength_unit=unit,
        counted=True,
        drug=drug,
    )
    if (said.low, said.high) == (amount.low, amount.high) or said.low is None:
        return amount
    if amount.low in (strength, said.low, said.high) and amount.high in (strength, said.low, said.high):
        w.problem(
            Problem(
                "dose_from_direction",
                f"{drug}: dose {amount.low:g} {unit} beside '{direction.written}' is read as {said.low:g} "
                f"to {said.high:g} {unit}",
                f"{amount.low:g} {unit}",
                "",
                "Correct the dose if that is wrong",
                DOUBT,
            )
        )
        return said
    return doses.Amount(
        None,
        None,
        None,
        Problem(
            "dose_differs",
            f"{drug}: the dose {amount.low:g} {unit} and '{direction.written}' differ",
            f"{amount.low:g} {unit}",
            "",
            "Correct the row; the dose is left unknown",
        ),
    )


def _share(w: Written, product: Product, part: Part, dose: Dose, known: tuple[str, float]) -> doses.Amount:
    """A dose in mg of a combination is said of one ingredient: the one whose strength it is a small
    multiple of.
    """
    low, high = (dose.low or 0) * known[1], (dose.high or dose.low or 0) * known[1]
    fitting = [
        p
        for p in product.parts
        if p.strength and p.strength_unit == known[0] and low / p.strength in _MULTIPLES
    ]
    if not fitting and all(p.strength is None for p in product.parts):
        # a combination opioid is ordered by its opioid: its printed strengths are that ingredient's
        agonist = brands.agonist_of(product.brand or product.written, low, known[0], _MULTIPLES)
        if agonist:
            return (
                doses.Amount(low, high, known[0])
                if part.ingredient == agonist
                else doses.Amount(None, None, None)
            )
    if len(fitting) != 1:
        if part is product.parts[0]:
            w.problem(
                Problem(
                    "dose_of_which_ingredient",
                    f"{product.written}: the dose {low:g} {known[0]} may be of any of its ingredients",
                    f"{low:g} {known[0]}",
                    "A number of tablets, or the strengths in the name",
                    "Give the dose in tablets",
                ),
                VALUE,
            )
        return doses.Amount(None, None, None)
    pieces = low / (fitting[0].strength or 1), high / (fitting[0].strength or 1)
    if part.strength is None or part.strength_unit is None:
        return doses.Amount(None, None, None)
    return doses.Amount(pieces[0] * part.strength, pieces[1] * part.strength, part.strength_unit)
