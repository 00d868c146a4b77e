"""Rows of person, problem and condition."""

from datetime import date, datetime
from functools import cache

from pain_tui.patients.normalise import codes, names
from pain_tui.patients.normalise.problem import DOUBT, IGNORED, ROW, VALUE, Problem
from pain_tui.patients.normalise.row import Written
from pain_tui.patients.normalise.sink import Row
from pain_tui.patients.normalise.tables import rows, split

_SEX = {
    "female": "female",
    "f": "female",
    "woman": "female",
    "male": "male",
    "m": "male",
    "man": "male",
    "unknown": "unknown",
    "other": "unknown",
    "u": "unknown",
}
_SIDE = {
    "left": "left",
    "l": "left",
    "right": "right",
    "r": "right",
    "both": "both",
    "bilateral": "both",
    "midline": "midline",
    "none": "midline",
}
_CONFIRMED = {word: word for word in ("block", "imaging", "clinical", "assumed")}


def person(w: Written) -> bool:
    """One person: birth date or age, sex, death date; names and identifiers go into their own tables."""
    ident = w.text("person")
    if not ident:
        w.problem(
            Problem("no_person", "the row names no person", "", "person is a local id", "Give the id"), ROW
        )
        return False
    w.person = ident
    birth, stated, stated_at = _birth(w)
    death = w.date("death_date")
    if birth and death and death < birth:
        w.problem(
            Problem(
                "death_before_birth",
                f"death_date {death} is before birth_date {birth}",
                str(death),
                "",
                "Correct the dates",
            ),
            VALUE,
        )
        death = None
    row: Row = {
        "person": ident,
        "birth_date": birth,
        "age_stated": stated,
        "age_stated_at": stated_at,
        "sex": w.choice("sex", _SEX, "unknown"),
        "death_date": death,
        "fictional": bool(w.flag("fictional")),
    }
    if not _is_new(w, row):
        return False
    w.sink.add("person", row)
    name = {"person": ident, "family": w.text("family"), "given": w.text("given")}
    if name["family"] or name["given"]:
        w.sink.add("person_name", name)
    return True


def _birth(w: Written) -> tuple[date | None, float | None, date | None]:
    text = w.value("birth_date")
    age, age_at = w.number("age_stated" if "age_stated" in w.values else "age"), w.date("age_stated_at")
    w.taken |= {"age", "age_stated"}
    if text and len(text) == 10 or text and "T" in text:
        birth = w.date("birth_date")
        return birth, None, None
    as_of = w.sink.as_of
    if text and as_of and text[:4].isdigit() and as_of.year - 150 < int(text[:4]) <= as_of.year:
        # Only the year (and month) is known: an age within a year, never a made-up birthday.
        w.problem(
            Problem("partial_birth_date", f"birth_date {text} names no day: an age is kept instead", text),
            DOUBT,
        )
        return None, float(as_of.year - int(text[:4])), as_of
    if text:
        w.problem(
            Problem(
                "not_a_date",
                f"birth_date {text} is not a date",
                text,
                "Dates are written 1968-03-14",
                "Correct the date",
            ),
            VALUE,
        )
    limits = names.about("age_years")
    if age is not None and limits and not limits.low <= age <= limits.high:
        w.problem(
            Problem(
                "value_out_of_range",
                f"age {age:g} is not possible",
                f"{age:g}",
                f"Allowed: {limits.low:g} to {limits.high:g} years",
                "Correct the age",
            ),
            VALUE,
        )
        age = None
    return None, age, (age_at or as_of) if age is not None else None


def _is_new(w: Written, row: Row) -> bool:
    """The same person twice in one source: once is enough, and two birth dates are refused."""
    before = w.sink.people.setdefault(row["person"], row)
    if before is row:
        return True
    if before["birth_date"] and row["birth_date"] and before["birth_date"] != row["birth_date"]:
        w.problem(
            Problem(
                "two_birth_dates",
                f"{row['person']} is here twice, born {before['birth_date']} and {row['birth_date']}",
                str(row["birth_date"]),
                "One person has one birth date",
                "Find out which is right; the first row was used",
            ),
            ROW,
        )
    else:
        w.problem(
            Problem("person_repeated", f"{row['person']} is here twice", row["person"], "", "", IGNORED)
        )
    return False


def problem(w: Written) -> bool:
    """One pain problem: a condition of conditions.csv, or an ICD-10 code that leads to one."""
    given, icd, text = w.text("condition"), w.text("icd10"), w.text("text")
    condition, certainty = _condition_of(w, given, icd)
    if not (condition or icd or text or given):
        w.problem(
            Problem(
                "no_condition",
                "the problem names no condition",
                "",
                "condition or icd10",
                "Name the condition",
            ),
            ROW,
        )
        return False
    row: Row = {
        "person": w.person,
        "problem": _problem_id(w, w.text("problem")),
        "condition": condition,
        "condition_certainty": w.text("condition_certainty") or certainty,
        "icd10": icd,
        "text": text or (given if not condition else None),
        "site": w.text("site"),
        "side": w.choice("side", _SIDE),
        "level": w.text("level"),
        "onset_date": w.date("onset_date"),
        "confirmed_by": w.choice("confirmed_by", _CONFIRMED),
        "is_primary": w.flag("is_primary"),
        "resolved": w.date("resolved"),
    }
    w.sink.add("problem", row)
    return True


def _problem_id(w: Written, given: str | None) -> str:
    """The id as written, else p and the problem's number among the person's."""
    w.sink.problem_numbers[w.person or ""] += 1
    return given or f"p{w.sink.problem_numbers[w.person or '']}"


def _condition_of(w: Written, given: str | None, icd: str | None) -> tuple[str | None, str | None]:
    known = {row["condition_id"] for row in rows("conditions")}
    if given in known:
        return given, "certain"
    if given:
        w.problem(
            Problem(
                "unknown_condition",
                f"the condition {given} is not known",
                given,
                f"Allowed: {', '.join(sorted(known))}",
                "Choose the condition; the problem is kept without it",
            ),
            VALUE,
        )
    for mapping in codes.resolve("ICD-10-CM", icd) if icd else ():
        if mapping.kind == "condition":
            return mapping.target or None, _certainty(mapping)
    if icd and not given:
        w.problem(
            Problem(
                "unknown_code",
                f"the ICD-10 code {icd} leads to no condition here",
                icd,
                "",
                "Choose the condition",
            ),
            DOUBT,
        )
    return None, "ask" if icd else None


def _certainty(mapping: codes.Mapping) -> str:
    """A broader code says less than our condition: it is asked about."""
    return "ask" if mapping.mapping in ("broader", "ask") else mapping.certainty


def condition(w: Written) -> bool:
    """One diagnosis. Its code may name a comorbidity; a code of no use here is counted as ignored."""
    code, system, text = w.text("code"), w.text("system"), w.text("text")
    given = w.text("comorbidity")
    onset, resolved = w.date("onset"), w.date("resolved")
    status, certainty = w.text("status"), w.text("certainty")
    if w.refused:
        return False
    mappings = codes.resolve(system, code) if code else ()
    found = {m.kind: m for m in mappings}
    if not (code or text or given):
        w.problem(
            Problem(
                "no_code",
                "the diagnosis has neither code nor text",
                "",
                "code and system, or text",
                "Name the diagnosis",
            ),
            ROW,
        )
        return False
    if "ignore" in found and len(found) == 1:
        w.problem(
            Problem("not_used", f"{text or code}: no use for pain decisions", code or "", level=IGNORED)
        )
        return False
    if "social" in found and _employment(w, found["social"].target, onset):
        return True
    comorbid = found.get("comorbidity")
    known = _comorbidities()
    target = given if given in known else comorbid.target if comorbid else None
    if not target and not mappings:
        target = code if code in known and not system else _in_words(text)
    if given and given not in known:
        w.problem(
            Problem(
                "unknown_comorbidity",
                f"{given} is not a known diagnosis",
                given,
                "",
                "Give a code and its system",
            ),
            VALUE,
        )
    if not mappings and not target:
        said = f"{text or 'diagnosis'} ({system or 'no system'} {code})" if code else text
        w.problem(
            Problem(
                "unknown_code" if code else "unknown_diagnosis",
                f"{said} is kept as written and used by no rule",
                code or text or "",
                "",
                "Give a code and its system, or choose the diagnosis",
                DOUBT,
            )
        )
    row: Row = {
        "person": w.person,
        "comorbidity": target,
        "code": code,
        "system": codes.system_name(system) or codes.guess_system(code or "") or None,
        "text": text,
        "onset": onset,
        "resolved": resolved,
        "status": status,
        "certainty": certainty
        or (_certainty(comorbid) if comorbid and not given else "likely" if target else None),
    }
    w.sink.add("condition", row)
    return True


def _in_words(text: str | None) -> str | None:
    """A diagnosis written out ('Sleep apnoea'), when the words are a diagnosis of ours or the map's own."""
    return _spelled().get(" ".join((text or "").lower().replace("_", " ").split()))


def problem_from_condition(w: Written, row: Row) -> None:
    """A diagnosis that is a pain condition also opens a pain problem, once a condition; how sure is kept
    with it.
    """
    for mapping in codes.resolve(row["system"], row["code"]) if row["code"] else ():
        if mapping.kind != "condition" or mapping.mapping == "no_condition":
            continue
        target = mapping.target or None
        same = ("problem", w.person or "", target or row["code"])
        if mapping.mapping == "ask" or not target:
            w.problem(
                Problem(
                    "which_condition",
                    f"{row['text'] or row['code']}: the code does not say which condition",
                    row["code"],
                    f"Candidates: {', '.join(mapping.candidates)}" if mapping.candidates else "",
                    "Choose the condition of this problem",
                    DOUBT,
                )
            )
        if same in w.sink.seen:
            continue
        w.sink.seen.add(same)
        w.sink.add(
            "problem",
            {
                "person": w.person,
                "problem": _problem_id(w, None),
                "condition": target,
                "condition_certainty": _certainty(mapping),
                "icd10": row["code"] if str(row["system"]).startswith("ICD") else None,
                "text": row["text"],
                "site": None,
                "side": None,
                "level": None,
                "onset_date": row["onset"],
                "confirmed_by": None,
                "is_primary": None,
                "resolved": row["resolved"],
            },
        )


def _employment(w: Written, target: str, onset: date | None) -> bool:
    """A social finding that is a state of employment is an observation."""
    status = names.about("employment_status")
    word = target.replace("_", " ")
    if not status or word not in status.choices or not onset:
        return False
    w.sink.add(
        "observation",
        {
            "person": w.person,
            "code": status.name,
            "value": None,
            "unit": None,
            "text": word,
            "comparator": None,
            "at": datetime(onset.year, onset.month, onset.day),
            "at_precision": "day",
            "code_system": w.text("system"),
            "code_as_given": w.text("code"),
            "value_as_given": w.text("text"),
            "unit_as_given": None,
        },
    )
    return True


@cache
def _spelled() -> dict[str, str]:
    """Diagnosis names and the displays of codes that mean exactly one of them."""
    found: dict[str, set[str]] = {}
    for row in rows("code_maps"):
        if row["target_kind"] == "comorbidity" and row["mapping"] == "exact" and row["certainty"] != "ask":
            found.setdefault(" ".join(row["display"].lower().split()), set()).add(row["target"])
    spelled = {words: next(iter(targets)) for words, targets in found.items() if words and len(targets) == 1}
    return spelled | {name.replace("_", " "): name for name in _comorbidities()}


@cache
def _comorbidities() -> frozenset[str]:
    mapped = {row["target"] for row in rows("code_maps") if row["target_kind"] == "comorbidity"}
    listed = {
        c
        for row in rows("facts")
        for kind, cell in ((row["source_kind"], row["source_code"]), (row["then_kind"], row["then_code"]))
        if kind.startswith("comorbidity")
        for c in split(cell)
    }
    return frozenset((mapped | listed) - {""})
