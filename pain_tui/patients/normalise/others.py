"""Rows of allergy, device, treatment, preference, list_review, visit and person_identifier."""

from functools import cache

from pain_tui.patients.normalise import codes, drug_index, medicines, names
from pain_tui.patients.normalise.fields import moment
from pain_tui.patients.normalise.problem import DOUBT, ROW, VALUE, Problem
from pain_tui.patients.normalise.row import Written
from pain_tui.patients.normalise.tables import rows, split

_DEVICE = {
    "pacemaker": "pacemaker",
    "icd": "icd",
    "defibrillator": "icd",
    "stimulator": "stimulator",
    "neurostimulator": "stimulator",
    "scs": "stimulator",
    "pump": "pump",
    "other": "other",
}
_MRI = {word: word for word in ("safe", "conditional", "unsafe", "unknown")}
_SIDE = {"left": "left", "right": "right", "both": "both", "bilateral": "both", "midline": "midline"}
_LISTS = {name: name for name in ("medication", "condition", "allergy", "device", "treatment")}
_LISTS |= {
    "medications": "medication",
    "conditions": "condition",
    "allergies": "allergy",
    "devices": "device",
    "treatments": "treatment",
}
_KINDS = {"goal": "goal", "declined": "declined"}


def allergy(w: Written) -> bool:
    """One allergy or intolerance; its ingredient when the substance is a drug."""
    substance, code = w.text("substance"), w.text("code")
    for mapping in codes.resolve(w.text("system"), code) if code else ():
        if mapping.kind == "allergy":
            substance = mapping.target
    if not (substance or code):
        w.problem(
            Problem("no_substance", "the allergy names no substance", "", "substance", "Name the substance"),
            ROW,
        )
        return False
    stated = w.text("ingredient")
    ingredient = _allergen(substance) if substance else None
    if substance and not ingredient and substance.lower() not in _allergens():
        w.problem(
            Problem(
                "unknown_substance",
                f"{substance} is kept as written and used by no rule",
                substance,
                "",
                "Name the drug, or the group it belongs to",
                DOUBT,
            )
        )
    ingredient = ingredient or stated
    noted = w.date("noted")
    w.sink.add(
        "allergy",
        {
            "person": w.person,
            "substance": substance or code,
            "ingredient": ingredient,
            "reaction": w.text("reaction"),
            "severity": w.text("severity"),
            "status": w.text("status"),
            "noted": noted,
        },
    )
    return True


def _allergen(substance: str) -> str | None:
    """The ingredient, an allergy fact's word, or the class ('class:nsaid') that a substance stands for."""
    word = substance.lower().removesuffix(" allergy").removeprefix("allergy to ").strip()
    for row in rows("allergen_words"):
        if word in split(row["words"]):
            return row["ingredient"]
    name = drug_index.find(substance)
    if name and len(name.members) == 1 and name.kind in ("ingredient", "qualified", "group"):
        return name.members[0]
    found = medicines.parse(substance)
    return found.parts[0].ingredient if found.known and len(found.parts) == 1 else None


def device(w: Written) -> bool:
    """One implant, with what its maker says of MRI; unknown unless said."""
    written, text = w.text("kind"), w.text("text")
    if not (written or text):
        w.problem(
            Problem(
                "no_device",
                "the device has no kind",
                "",
                f"Allowed: {', '.join(dict.fromkeys(_DEVICE.values()))}",
                "Name the device",
            ),
            ROW,
        )
        return False
    words = f"{written or ''} {text or ''}".lower().replace("-", " ")
    kind = _DEVICE.get((written or "").lower()) or next(
        (k for word, k in _DEVICE.items() if word in words.split() or word in words and len(word) > 4), None
    )
    if not kind:
        kind = "other"
        w.problem(
            Problem(
                "unknown_device",
                f"{written or text} is kept as another device",
                written or text or "",
                f"Known: {', '.join(dict.fromkeys(_DEVICE.values()))}",
                "Choose the kind",
                DOUBT,
            )
        )
    at, removed = w.date("at"), w.date("removed")
    if w.refused:
        return False
    w.sink.add(
        "device",
        {
            "person": w.person,
            "kind": kind,
            "mri": w.choice("mri", _MRI, "unknown"),
            "at": at,
            "removed": removed,
            "text": text or (written if kind == "other" else None),
        },
    )
    return True


def treatment(w: Written) -> bool:
    """One treatment already given: an option of interventions.csv, or a drug, or words."""
    written, drug, text = w.text("option"), w.text("drug"), w.text("text")
    option = _options().get((written or "").lower())
    if written and not option:
        w.problem(
            Problem(
                "unknown_option",
                f"the option {written} is not known",
                written,
                "An id or CPT code of interventions.csv",
                "Choose the option; the treatment is kept as text",
                VALUE,
            )
        )
        text = text or written
    if not (option or drug or text):
        w.problem(
            Problem(
                "no_treatment", "the treatment has no name", "", "option, drug or text", "Name the treatment"
            ),
            ROW,
        )
        return False
    row = {
        "person": w.person,
        "option": option,
        "drug": drug,
        "text": text,
        "dose": w.text("dose"),
        "target": w.text("target"),
        "side": w.choice("side", _SIDE),
        "date": w.date("date", level=ROW),
        "stopped": w.date("stopped"),
        "relief_pct": within(w, "relief_pct", "block_relief_pct"),
        "nrs_before": within(w, "nrs_before", "nrs_average"),
        "nrs_after": within(w, "nrs_after", "nrs_average"),
        "lasted_weeks": w.number("lasted_weeks"),
        "adverse_event": w.text("adverse_event"),
        "stopped_because": w.text("stopped_because"),
    }
    if w.refused:
        return False
    w.sink.add("treatment", row)
    return True


def within(w: Written, column: str, fact: str) -> float | None:
    """A number within the hard range of a fact of the same kind."""
    value, limits = w.number(column), names.about(fact)
    if value is not None and limits and not limits.low <= value <= limits.high:
        w.problem(
            Problem(
                "value_out_of_range",
                f"{column} {value:g} is not possible",
                f"{value:g}",
                f"Allowed: {limits.low:g} to {limits.high:g}",
                "Correct the number",
            ),
            VALUE,
        )
        return None
    return value


def preference(w: Written) -> bool:
    """What the person wants (goal) or does not want (declined option)."""
    kind, option, text = w.choice("kind", _KINDS), w.text("option"), w.text("text")
    if not kind or not (option or text):
        w.problem(
            Problem(
                "no_preference",
                "the preference is neither a goal nor a declined option",
                "",
                "kind goal or declined, with text or option",
                "Complete the row",
            ),
            ROW,
        )
        return False
    w.sink.add(
        "preference",
        {
            "person": w.person,
            "kind": kind,
            "option": _options().get((option or "").lower(), option),
            "text": text,
            "at": w.date("at"),
        },
    )
    return True


def list_review(w: Written) -> bool:
    """One list of one person stated complete (or not), by somebody, at a time."""
    name, complete = w.choice("list", _LISTS), w.flag("complete")
    at, _ = w.moment("at")
    if w.refused or not name or complete is None:
        if not w.refused:
            w.problem(
                Problem(
                    "no_list",
                    "the review names no list",
                    "",
                    f"Allowed: {', '.join(dict.fromkeys(_LISTS.values()))}",
                    "Name the list",
                ),
                ROW,
            )
        return False
    w.sink.add("list_review", {"person": w.person, "list": name, "complete": complete, "at": at})
    return True


def visit(w: Written) -> bool:
    """One appointment; it may lie in the future."""
    at = w.text("at")
    found = moment(at, w.sink.time_zone) if at else None
    if found is None:
        w.problem(
            Problem("not_a_date", f"at {at} is not a time", at or "", "2026-11-20T09:20", "Correct the time"),
            ROW,
        )
        return False
    w.sink.add("visit", {"person": w.person, "at": found.at, "reason": w.text("reason")})
    return True


def person_identifier(w: Written) -> bool:
    """An identifier from elsewhere."""
    system, value = w.text("system"), w.text("value")
    if not (system and value):
        w.problem(
            Problem("no_identifier", "an identifier needs system and value", "", "", "Complete the row"), ROW
        )
        return False
    w.sink.add("person_identifier", {"person": w.person, "system": system, "value": value})
    return True


@cache
def _options() -> dict[str, str]:
    """Option ids and the CPT codes that name exactly one option."""
    by_code: dict[str, set[str]] = {}
    for row in rows("interventions"):
        for code in split(row["cpt"].replace(";", "|")):
            by_code.setdefault(code, set()).add(row["intervention_id"])
    single = {code: next(iter(options)) for code, options in by_code.items() if len(options) == 1}
    return single | {row["intervention_id"].lower(): row["intervention_id"] for row in rows("interventions")}


@cache
def _allergens() -> frozenset[str]:
    return frozenset(
        word.lower()
        for row in rows("facts")
        for word in split(row["source_code"] if row["source_kind"] == "allergy" else "")
    )
