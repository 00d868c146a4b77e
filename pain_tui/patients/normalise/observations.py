"""Rows of observation: the fact a code stands for, and its value in the canonical unit."""

from pain_tui.patients.normalise import codes, names, units
from pain_tui.patients.normalise.fields import flag
from pain_tui.patients.normalise.names import Fact
from pain_tui.patients.normalise.problem import DOUBT, IGNORED, ROW, Problem
from pain_tui.patients.normalise.row import Written
from pain_tui.patients.normalise.sink import Row

_SCREEN = {
    "detected": "positive", "pos": "positive", "presumptive positive": "positive", "present": "positive",
    "not detected": "negative", "neg": "negative", "none detected": "negative", "absent": "negative",
    "yes": "any", "no": "none", "current": "any",
}  # fmt: skip


def observation(w: Written) -> bool:
    """One measured value, score, answer or finding. What cannot be trusted is set aside as a whole row."""
    code, system = w.text("code"), w.text("code_system")
    value, unit, text = w.value("value"), w.text("unit"), w.value("text")
    comparator = w.text("comparator") or ""
    at, precision = w.moment("at")
    source = w.text("source")
    if w.refused:
        return False
    if not code:
        w.problem(
            Problem(
                "no_code",
                "the observation has no code",
                "",
                "A LOINC code or the name of a fact",
                "Name what was measured",
            ),
            ROW,
        )
        return False
    if _is_ignored(w, system, code):
        return False
    fact = codes.observation_fact(system, code)
    name = fact or code
    limits = names.about(name)
    if limits and not limits.observable:
        w.problem(
            Problem(
                "not_an_observation",
                f"{name} is worked out from other rows",
                code,
                "",
                "Record the diagnosis, medicine or result it comes from",
            ),
            ROW,
        )
        return False
    if value is None and text is None:
        w.problem(
            Problem("no_value", f"{name} has no value", "", "", "Missing stays unknown; nothing was stored"),
            ROW,
        )
        return False
    row: Row = {
        "person": w.person,
        "code": name,
        "value": None,
        "unit": None,
        "text": text,
        "comparator": comparator or None,
        "at": at,
        "at_precision": precision,
        "source": source,
        "code_system": codes.system_name(system) or codes.guess_system(code) or None,
        "code_as_given": code,
        "value_as_given": value if value is not None else text,
        "unit_as_given": unit,
    }
    if not fact:
        w.problem(
            Problem(
                "unknown_code",
                f"{text or 'observation'} {code} is kept as written and used by no rule",
                code,
                level=DOUBT,
            )
        )
    if at is None:
        w.problem(
            Problem(
                "no_date",
                f"{name} has no date: it is kept, and its age is not known",
                "",
                "",
                "Give the date",
                DOUBT,
            )
        )
    return _fill(w, row, limits, code if not system else name, value, unit) and _keep(w, row)


def _is_ignored(w: Written, system: str | None, code: str) -> bool:
    kinds = {m.kind for m in codes.resolve(system, code)} if names.fact(code) is None or system else set()
    panel = any(m.mapping == "panel" for m in codes.resolve(system, code)) and w.value("value") is None
    if kinds == {"ignore"} or panel:
        why = "a panel without a value of its own" if panel else "no use for pain decisions"
        w.problem(Problem("not_used", f"{code}: {why}", code, level=IGNORED))
        return True
    return False


def _keep(w: Written, row: Row) -> bool:
    w.sink.add("observation", row)
    return True


def _fill(
    w: Written, row: Row, limits: Fact | None, written_name: str, value: str | None, unit: str | None
) -> bool:
    """Put value and text into the row by the kind of fact; False when the row is set aside."""
    kind = limits.kind if limits else ("number" if value is not None and units.number(value) else "text")
    if kind in ("number", "integer"):
        return _number(w, row, limits, written_name, value if value is not None else row["text"], unit)
    if kind == "flag":
        return _flag(w, row, value if value is not None else row["text"])
    if kind == "choice" and limits:
        return _choice(w, row, limits, row["text"] if row["text"] is not None else value)
    row["text"] = row["text"] if row["text"] is not None else value
    if row["code"].startswith("uds_"):
        row["text"] = _SCREEN.get((row["text"] or "").lower(), row["text"])
    return True


def _number(
    w: Written, row: Row, limits: Fact | None, written_name: str, value: str | None, unit: str | None
) -> bool:
    found = units.number(value)
    if found is None:
        w.problem(
            Problem(
                "not_a_number",
                f"{row['code']}: {value} is not a number",
                value or "",
                "A number such as 7.5, or <0.6",
                "Correct the value and import again",
            ),
            ROW,
        )
        return False
    number, sign, rest = found
    row["comparator"] = row["comparator"] or sign or None
    result = units.canonical(
        _unit_name(written_name, row["code"]), number, unit or rest or None, row["comparator"] or ""
    )
    if isinstance(result, Problem):
        w.problem(result, ROW)
        return False
    if limits and not limits.low <= result.value <= limits.high:
        w.problem(
            Problem(
                "value_out_of_range",
                f"{row['code']}: {result.value:g} {result.unit} is not possible",
                f"{number:g} {unit or ''}".strip(),
                f"Allowed: {limits.low:g} to {limits.high:g} {limits.unit}",
                "Check value and unit at the source",
            ),
            ROW,
        )
        return False
    for doubt in result.doubts:
        w.problem(doubt)
    if row["value_as_given"] == row["text"]:
        row["text"] = None
    row["value"], row["unit"] = result.value, result.unit or (limits.unit if limits else None)
    return True


def _unit_name(written: str, fact: str) -> str:
    """'pain_vas' has its own unit rows (0-100 mm) although it is stored as average pain."""
    return written if names.unit_field(written) else fact


def _flag(w: Written, row: Row, value: str | None) -> bool:
    found = flag(value)
    number = units.number(value) if found is None else None
    if number and float(number[0]) in (0.0, 1.0):
        found = bool(number[0])
    if found is None and row["code_system"] in ("LOINC", "SNOMED-CT"):
        found = _coded_flag(value)
    if found is None:
        w.problem(
            Problem(
                "not_yes_or_no",
                f"{row['code']}: {value} is neither yes nor no",
                value or "",
                "yes or no",
                "Correct the value",
            ),
            ROW,
        )
        return False
    row["value"], row["text"] = float(found), "yes" if found else "no"
    return True


def _coded_flag(value: str | None) -> bool | None:
    word = (value or "").lower()
    if word in ("pregnant", "detected", "done", "completed"):
        return True
    return False if word in ("not pregnant", "not detected", "not done") else None


def _choice(w: Written, row: Row, limits: Fact, value: str | None) -> bool:
    word = (value or "").strip()
    for mapping in codes.resolve(row["code_system"] if word.isdigit() else "TEXT", word, word):
        if mapping.kind == "value" and names.fact(mapping.target) == limits.name and mapping.value:
            word = mapping.value
    if word.lower() == "unknown" or (limits.name == "smoking" and "unknown if ever" in word.lower()):
        w.problem(
            Problem(
                "no_value",
                f"{limits.name}: stated as unknown",
                value or "",
                "",
                "Missing stays unknown; nothing was stored",
            ),
            ROW,
        )
        return False
    allowed = {choice.lower(): choice for choice in limits.choices}
    found = allowed.get(word.lower()) or _screen_word(limits, word)
    if limits.choices and not found:
        w.problem(
            Problem(
                "not_allowed",
                f"{limits.name}: {value} is not known",
                value or "",
                f"Allowed: {', '.join(limits.choices)}",
                "Correct the answer",
            ),
            ROW,
        )
        return False
    row["text"] = found or word
    row["value"] = None
    return True


def _screen_word(limits: Fact, word: str) -> str | None:
    """Laboratory words for a screen: 'Detected', 'POS', 'neg'."""
    found = _SCREEN.get(word.lower())
    return found if found in limits.choices else None
