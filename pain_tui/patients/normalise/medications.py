"""Rows of medication: one row an ingredient, with what one administration contains and how often it is
taken.
"""

import re
from datetime import date, datetime, timedelta

from pain_tui.patients.normalise import amounts, brands, doses, drug_index, lines, medicines, sig
from pain_tui.patients.normalise.problem import DOUBT, ROW, VALUE, Problem
from pain_tui.patients.normalise.product import Part, Product
from pain_tui.patients.normalise.row import Written
from pain_tui.patients.normalise.sink import Row

_SPAN = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*(?:-|–|to)\s*(\d+(?:\.\d+)?)\s*$")
_STATUS = {
    word: word
    for word in (
        "active",
        "stopped",
        "on-hold",
        "cancelled",
        "draft",
        "entered-in-error",
        "completed",
        "unknown",
        "not-taken",
        "intended",
        "ended",
    )
}


def medication(w: Written) -> bool:
    """One course of a medicine. An unknown name is kept as written, with the names that look like it."""
    drug, ingredient, rxnorm = w.text("drug"), w.text("ingredient"), w.text("rxnorm")
    if not (drug or ingredient or rxnorm):
        w.problem(
            Problem(
                "no_drug", "the medicine has no name", "", "drug, ingredient or rxnorm", "Name the medicine"
            ),
            ROW,
        )
        return False
    line = _line(w, drug)
    product = _product(w, line.name if line else drug, ingredient, rxnorm)
    direction = sig.parse(w.text("frequency"))
    common = _common(w, direction, drug or ingredient or product.written or f"RxNorm {rxnorm}")
    dose = amounts.dose_of(w, direction)
    form, counted = _form(w, product, dose)
    if product.doubt:
        w.problem(Problem("strength_not_listed", product.doubt, "", "", "Give the strength with unit", DOUBT))
    brand = brands.find(product.written)
    if brand and brand[0].said:
        w.problem(Problem("told_with_brand", f"{product.written}: {brand[0].said}", level=DOUBT))
    common |= {
        "rxnorm": rxnorm,
        "form": form,
        "route": _route(w, product, direction, form) or _route_of_rate(w, product, dose),
        "ingredient_count": _count(w, product),
    }
    if w.refused:
        return False
    if form == "patch" and (common["per_day_max"] or 0) > 1:
        w.problem(_worn(common["per_day_max"]))
    for part in product.parts:
        strength, unit = amounts.fitting(product, *_strength(w, product, part))
        amount = amounts.amount_of(w, product, part, dose, strength, unit, counted)
        w.sink.add(
            "medication",
            {
                "person": w.person,
                **common,
                "ingredient": part.ingredient,
                "dose": amount.low,
                "dose_max": amount.high,
                "unit": amount.unit,
                "strength": strength,
                "strength_unit": unit,
            },
        )
    return True


def _line(w: Written, drug: str | None) -> lines.Line | None:
    """A whole line written as the name: its dose and direction stand as if written in their own cells."""
    own = ("dose", "dose_max", "unit", "per_day", "per_day_max", "frequency", "strength", "ingredient")
    line = lines.split(drug) if drug and not any(w.value(name) for name in own) else None
    if line is None:
        return None
    cells = {"dose": line.dose, "unit": line.unit, "frequency": line.direction or None}
    w.values = {**w.values, **{name: cell for name, cell in cells.items() if cell}}
    for said, level in ((line.why, VALUE), (line.doubt, DOUBT)):
        if said:
            remedy = (
                "Give dose, unit and times a day in their own cells"
                if level == VALUE
                else "Correct it if that is wrong"
            )
            w.problem(
                Problem("line_not_understood" if level == VALUE else "unit_read", said, "", "", remedy, level)
            )
    return line


def _product(w: Written, drug: str | None, ingredient: str | None, rxnorm: str | None) -> Product:
    """The product; a stated ingredient picks its own part out of a combination."""
    product = medicines.parse(drug, rxnorm=rxnorm) if drug or rxnorm else medicines.parse(ingredient)
    stated = drug_index.find(ingredient) if ingredient else None
    if stated and stated.members and drug:
        own = tuple(p for p in product.parts if p.ingredient in stated.members)
        parts = own or tuple(Part(m, m) for m in stated.members)
        if not own and product.known:
            w.problem(
                Problem(
                    "drug_and_ingredient_differ",
                    f"{drug} is not {ingredient}",
                    f"{drug}, {ingredient}",
                    "",
                    "The stated ingredient was used; correct the row",
                    DOUBT,
                )
            )
        return Product(drug, parts, product.form, product.route, product.counted)
    if not product.known:
        _report_unknown(w, product, drug or ingredient or f"RxNorm {rxnorm}")
    return (
        product
        if product.parts
        else Product(drug or ingredient or "", (Part(None, drug or ingredient or f"RxNorm {rxnorm}"),))
    )


def _report_unknown(w: Written, product: Product, written: str) -> None:
    unknown = ", ".join(p.name for p in product.parts if not p.ingredient) or written
    offered = f"Names that look like it: {', '.join(product.near)}" if product.near else ""
    w.problem(
        Problem(
            "unknown_drug",
            product.note or f"{unknown} is not a known medicine name",
            written,
            offered,
            "It is kept as written and no check covers it; correct the name",
            VALUE,
        )
    )


def _common(w: Written, direction: sig.Sig, drug: str) -> Row:
    """The columns that all ingredients of a product share."""
    start, stop, authored = (
        w.date("start", past=False),
        w.date("stop", past=False, last=True),
        w.date("authored"),
    )
    as_needed, per_day, most = _how_often(w, direction)
    supply = w.number("supply_days")
    supply = direction.days if supply is None else supply
    if start and stop and stop < start:
        w.problem(
            Problem(
                "stop_before_start",
                f"stop {stop} is before start {start}",
                str(stop),
                "",
                "Correct the dates; the stop is left unknown",
            ),
            VALUE,
        )
        stop = None
    if start and w.sink.as_of and start > w.sink.as_of:
        w.problem(
            Problem(
                "starts_later",
                f"start {start} is in the future",
                str(start),
                "",
                "It counts from that day, as planned; correct it if it is a slip",
            ),
            DOUBT,
        )
    return {
        "drug": drug,
        "per_day": per_day,
        "per_day_max": most,
        "frequency": w.text("frequency"),
        "as_needed": as_needed,
        "start": start,
        "stop": stop or _stated_end(direction, start or authored),
        "last_dose": _last_dose(w),
        "authored": authored,
        "supply_days": supply,
        "status": _status(w, direction),
        "indication": w.text("indication"),
        "source": w.text("source"),
    }


def _last_dose(w: Written) -> datetime | None:
    """When the last dose was taken. A day alone is read as its last minute, so that no wait comes out too short."""
    last, precision = w.moment("last_dose", level=VALUE)
    if last is None or precision not in ("year", "month", "day"):
        return last
    written = w.text("last_dose") or ""
    if precision != "day":
        w.problem(
            Problem(
                "no_day", f"last_dose {written} names no day", written, "2026-11-24T08:00", "Give the day"
            ),
            VALUE,
        )
        return None
    said = f"last_dose {written} has no time of day: its end is used"
    w.problem(Problem("no_time_of_day", said, written, "2026-11-24T08:00", "Give the time", DOUBT))
    return last.replace(hour=23, minute=59)


def _status(w: Written, direction: sig.Sig) -> str | None:
    stated = w.choice("status", _STATUS)
    if not direction.stopped:
        return stated
    said = "stopped" if re.search(r"stop|discontinu|d/c", direction.written, re.IGNORECASE) else "on-hold"
    return said if stated in (None, "active", "unknown") else stated


def _stated_end(direction: sig.Sig, begin: date | None) -> date | None:
    """'For 7 days' and 'one dose now' say when the order ends."""
    days = 1.0 if direction.once else direction.days
    return begin + timedelta(days=round(days)) if begin and days and days < 3660 else None


def _how_often(w: Written, direction: sig.Sig) -> tuple[bool | None, float | None, float | None]:
    """as needed, scheduled times a day, most times a day: from the columns first, then from the words."""
    stated, (per_day, most) = w.flag("as_needed"), _per_day(w)
    as_needed = direction.as_needed if stated is None else stated
    for name, value in (("per_day", per_day), ("per_day_max", most)):
        if value is not None and value < 0:
            w.problem(
                Problem(
                    "value_out_of_range",
                    f"{name} {value:g} is not possible",
                    f"{value:g}",
                    "0 or more",
                    "Correct the number",
                ),
                VALUE,
            )
            per_day, most = None, None
    if direction.note and not direction.understood and per_day is None:
        w.problem(
            Problem(
                "frequency_not_understood",
                f"{direction.written}: {direction.note}",
                direction.written,
                "",
                "Give times a day",
            ),
            VALUE,
        )
    elif direction.written and not direction.understood and per_day is None:
        w.problem(
            Problem(
                "frequency_not_understood",
                f"{direction.written} is not a known frequency",
                direction.written,
                "",
                "Give times a day",
            ),
            VALUE,
        )
    if per_day is None and most is None:
        if as_needed and not direction.as_needed:
            return as_needed, 0.0, direction.per_day_max
        return as_needed, direction.per_day, direction.per_day_max
    if direction.per_day_max is not None and per_day is not None and not _agree(per_day, direction):
        w.problem(
            Problem(
                "frequency_differs",
                f"per_day {per_day:g} and '{direction.written}' differ",
                direction.written,
                "",
                "per_day was used",
                DOUBT,
            )
        )
    most = per_day if most is None else most
    return as_needed, 0.0 if as_needed else per_day, most


def _per_day(w: Written) -> tuple[float | None, float | None]:
    """Times a day, least and most: a number, a range ('4-6'), or the words of a direction ('q6h', 'BID')."""
    text = w.value("per_day")
    span = _SPAN.match(text) if text else None
    if span:
        return float(span.group(1)), float(span.group(2))
    said = sig.parse(text) if text and re.search(r"[a-z]", text, re.IGNORECASE) else None
    if said and said.per_day_max is not None:
        return said.per_day, said.per_day_max
    return w.number("per_day"), w.number("per_day_max")


def _agree(per_day: float, direction: sig.Sig) -> bool:
    low, high = direction.per_day or 0.0, direction.per_day_max or 0.0
    return low * 0.99 <= per_day <= high * 1.01


def _form(w: Written, product: Product, dose: amounts.Dose) -> tuple[str | None, bool]:
    """The form as stated, else the product's, else what the dose is counted in ('1 tablet')."""
    written = w.text("form")
    if not written and not take_form_of(product):
        said = doses.take_form(f"{dose.unit or ''} {w.text('frequency') or ''}")[0]
        is_share = any(part.strength_unit == "%" for part in product.parts)
        if said.counted and said.form and not is_share:
            form = doses.Form(said.form, said.route, True, doses.take_form(product.form or "")[0].release)
            return doses.form_text(form), True
    if not written:
        return product.form, product.counted
    said, rest = doses.take_form(written)
    if not said.form and not said.release:
        return written.lower(), product.counted
    release = said.release or ("extended release" if "extended release" in (product.form or "") else "")
    return doses.form_text(
        doses.Form(said.form, said.route, said.counted, release)
    ), said.counted or product.counted


def _route(w: Written, product: Product, direction: sig.Sig, form: str | None) -> str | None:
    written = w.text("route")
    if written:
        found = doses.route(written) or doses.route(None, written)
        if not found:
            w.problem(
                Problem(
                    "unknown_route",
                    f"the route {written} is not known",
                    written,
                    "oral, transdermal, buccal and others",
                    "Correct the route",
                ),
                VALUE,
            )
        return found
    return direction.route or product.route or (doses.take_form(form)[0].route or None if form else None)


def _worn(most: object) -> Problem:
    return Problem(
        "patches_a_day",
        f"{most:g} times a day is not used for a patch: what is worn at one time counts",
        f"{most:g}",
        "",
        "Give as dose all that is worn together",
        DOUBT,
    )


def take_form_of(product: Product) -> str:
    """The form word of a product, without its release; '' when none was said."""
    return doses.take_form(product.form)[0].form if product.form else ""


def _route_of_rate(w: Written, product: Product, dose: amounts.Dose) -> str | None:
    """'Fentanyl 25 mcg/h' with neither form nor route is a patch: of the ways an opioid is recorded here only a
    patch is named by its rate an hour. It is said, so that an infusion can be told apart.
    """
    units = {part.strength_unit for part in product.parts} | {(doses.dose_unit(dose.unit or "") or ("",))[0]}
    names = [drug_index.find(part.ingredient or "") for part in product.parts]
    if w.text("form") or "mcg/h" not in units or not all(n and "transdermal" in n.routes for n in names):
        return None
    w.problem(
        Problem(
            "rate_read_as_patch",
            f"{product.written}: a rate an hour without form or route is read as a patch that is worn",
            "",
            "",
            "Give the route if it is an infusion",
            DOUBT,
        )
    )
    return "transdermal"


def _count(w: Written, product: Product) -> int | None:
    stated = w.number("ingredient_count")
    return int(stated) if stated is not None else len(product.parts) if product.known else None


def _strength(w: Written, product: Product, part: Part) -> tuple[float | None, str | None]:
    """A stated strength belongs to a single ingredient; else the one read from the name."""
    value, unit = w.number("strength"), w.text("strength_unit")
    if value is not None and unit and part.strength is None and len(product.parts) > 1:
        named = doses.dose_unit(unit)
        written = product.brand or product.written
        if named and brands.agonist_of(written, value * named[1], named[0], (1,)) == part.ingredient:
            return float(f"{value * named[1]:.12g}"), named[0]
    if value is None or len(product.parts) > 1:
        return part.strength, part.strength_unit
    known = doses.dose_unit(unit) if unit else None
    if known is None:
        w.problem(
            Problem(
                "strength_without_unit",
                f"{part.name}: the strength {value:g} has no known unit",
                f"{value:g} {unit or ''}".strip(),
                f"Allowed units: {doses.unit_words()}",
                "Give the unit of the strength",
            ),
            VALUE,
        )
        return part.strength, part.strength_unit
    return float(f"{value * known[1]:.12g}"), known[0]
