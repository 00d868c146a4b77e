"""Rows of allergy, device, treatment, genotype_call, preference, list_review, diary and visit."""

from functools import cache

from pain_tui.patients.normalise import codes, drug_index, names
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
_STATES = {word: word for word in ("called", "not_tested", "no_call", "indeterminate", "conflicting")}
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
    name = drug_index.find(substance) if substance else None
    ingredient = (
        name.members[0]
        if name and name.kind in ("ingredient", "qualified") and len(name.members) == 1
        else w.text("ingredient")
    )
    w.taken.add("ingredient")
    if substance and not name and substance.lower() not in _allergens():
        w.problem(
            Problem(
                "unknown_substance",
                f"{substance} is kept as written and used by no rule",
                substance,
                "",
                "",
                DOUBT,
            )
        )
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
        "relief_pct": _within(w, "relief_pct", "block_relief_pct"),
        "nrs_before": _within(w, "nrs_before", "nrs_average"),
        "nrs_after": _within(w, "nrs_after", "nrs_average"),
        "lasted_weeks": w.number("lasted_weeks"),
        "adverse_event": w.text("adverse_event"),
        "stopped_because": w.text("stopped_because"),
    }
    if w.refused:
        return False
    w.sink.add("treatment", row)
    return True


def _within(w: Written, column: str, fact: str) -> float | None:
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


def genotype_call(w: Written) -> bool:
    """One gene's or one variant's result, in one of five states; a gene that no table knows is set aside."""
    gene, rsid = w.text("gene"), w.text("rsid")
    if not gene:
        w.problem(Problem("no_gene", "the result names no gene", "", "gene", "Name the gene"), ROW)
        return False
    name = _genes().get(gene.upper())
    if not name:
        w.problem(
            Problem(
                "unknown_gene",
                f"the gene {gene} is not known",
                gene,
                f"Known: {', '.join(sorted(set(_genes().values())))}",
                "Correct the gene's symbol",
            ),
            ROW,
        )
        return False
    diplotype, alleles, phenotype = w.text("diplotype"), w.text("alleles"), w.text("phenotype_reported")
    state = w.choice("state", _STATES) or ("called" if diplotype or alleles or phenotype else "not_tested")
    if state == "called" and not (diplotype or alleles or phenotype):
        w.problem(
            Problem(
                "called_without_result",
                f"{name} is said to be called and has no result",
                state,
                "diplotype, alleles or phenotype_reported",
                "Give the result",
            ),
            ROW,
        )
        return False
    row = {
        "person": w.person,
        "gene": name,
        "rsid": rsid,
        "state": state,
        "diplotype": diplotype,
        "alleles": alleles,
        "copy_number": w.text("copy_number"),
        "activity_score_reported": w.number("activity_score_reported"),
        "phenotype_reported": phenotype,
        "positions_tested": _listed(w, "positions_tested"),
        "positions_missing": _listed(w, "positions_missing"),
        "alleles_not_excluded": _listed(w, "alleles_not_excluded"),
        "build": w.text("build"),
        "method": w.text("method"),
        "laboratory": w.text("laboratory"),
        "date": w.date("date"),
        "note": w.text("note"),
    }
    if w.refused:
        return False
    w.sink.add("genotype_call", row)
    return True


def _listed(w: Written, name: str) -> list[str] | None:
    """A list, or a text with entries between blanks, commas, semicolons or bars."""
    value = w.values.get(name)
    if isinstance(value, list | tuple):
        w.taken.add(name)
        return [str(v) for v in value]
    text = w.text(name)
    return (
        [
            part
            for part in text.replace("[", " ")
            .replace("]", " ")
            .replace("|", " ")
            .replace(";", " ")
            .replace(",", " ")
            .split()
            if part
        ]
        if text
        else None
    )


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


def diary(w: Written) -> bool:
    """One moment of a diary. The scale is the file's own word; a number is not assumed to be 0-10."""
    at, _ = w.moment("at")
    if at is None:
        if not w.refused:
            w.problem(
                Problem(
                    "no_date",
                    "the entry has no time",
                    "",
                    "at: 2026-11-20 or 2026-11-20T08:30",
                    "Give the time",
                ),
                ROW,
            )
        return False
    scale = w.text("scale")
    row = {
        "person": w.person,
        "at": at,
        "nrs": _within(w, "nrs", "nrs_average") if scale in (None, "0-10") else w.number("nrs"),
        "interference": _within(w, "interference", "peg")
        if scale in (None, "0-10")
        else w.number("interference"),
        "sleep_hours": _within(w, "sleep_hours", "sleep_hours"),
        "steps": _within(w, "steps", "steps"),
        "medication_taken": w.text("medication_taken"),
        "note": w.text("note"),
        "scale": scale,
    }
    if not any(
        row[name] is not None
        for name in ("nrs", "interference", "sleep_hours", "steps", "medication_taken", "note")
    ):
        w.problem(
            Problem(
                "no_value", "the entry holds nothing", "", "", "Missing stays unknown; nothing was stored"
            ),
            ROW,
        )
        return False
    w.sink.add("diary", row)
    return True


def visit(w: Written) -> bool:
    """One appointment; it may lie in the future."""
    at = w.text("at")
    from pain_tui.patients.normalise.fields import moment

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
def _genes() -> dict[str, str]:
    found = {
        row["gene"].upper(): row["gene"]
        for table in ("genes", "alleles", "phenotypes", "susceptibility_evidence", "gene_drug_evidence")
        for row in rows(table)
        if row.get("gene")
    }
    return {
        part.strip(): part.strip() if "/" in gene else gene
        for name, gene in found.items()
        for part in {name, *name.split("/")}
    }


@cache
def _allergens() -> frozenset[str]:
    return frozenset(
        word.lower()
        for row in rows("facts")
        for word in split(row["source_code"] if row["source_kind"] == "allergy" else "")
    )
