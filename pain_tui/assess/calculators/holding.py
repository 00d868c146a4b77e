"""When a medicine that thins the blood is stopped and restarted round a procedure: one row a
guideline, never merged.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import duckdb

from pain_tui.assess.calculators import medicine_rows
from pain_tui.patients.normalise import brands, doses, medicines, names, sig

_STEPS = ("084",)
KNOWLEDGE = medicine_rows.knowledge_for(_STEPS, ("procedures",))
INPUTS = (
    "drug",
    "procedure",
    "dose",
    "renal",
    "indication",
    "bleeding_modifiers",
    "last_dose",
    "procedure_at",
)
ANSWER = (
    "guideline",
    "risk_class",
    "effective_class",
    "decision",
    "hold_min",
    "hold_max",
    "hold_unit",
    "lab_check",
    "restart_min_h",
    "restart_max_h",
    "stop_at",
    "restart_at",
    "earliest_procedure_at",
    "source",
    "why",
    "do",
    "sureness",
    "row_id",
)
_SHAPE = (
    "question BIGINT, drug VARCHAR, procedure_code VARCHAR, dose DOUBLE, dose_band VARCHAR, route "
    "VARCHAR, crcl DOUBLE, indication VARCHAR, "
    "modifiers INTEGER, others INTEGER, last_dose TIMESTAMP, procedure_at TIMESTAMP"
)
_BANDS = {
    "low": "low",
    "prophylactic": "low",
    "prophylaxis": "low",
    "high": "high",
    "therapeutic": "high",
    "treatment": "high",
}
_MOST_DRUGS = 8  # of one product
_NONE = {"", "no", "none", "0", "false"}
_NOT_GIVEN = {"?", "nan", "null", "unknown", "not known", "unsure", "n/a", "na"}
_AMOUNT = re.compile(
    r"(?<![\w.,-])(\d+(?:[.,]\d+)*)\s*(mg|mcg|µg|μg|ug|g|units?|u|iu)?(?![\w.,%/-])", re.IGNORECASE
)
_A_DAY = timedelta(days=1)


@dataclass
class _Question:
    """One input row as the step asks it; `problems` are its cells that could not be read. A product of several
    medicines is asked for each of them (`drugs`), the others told beside it."""

    row: int
    cells: Mapping[str, str]
    drugs: tuple[str, ...] = ()
    dose: float | None = None
    dose_band: str | None = None
    route: str | None = None
    crcl: float | None = None
    modifiers: int | None = 0
    last_dose: datetime | None = None
    procedure_at: datetime | None = None
    problems: list[str] = field(default_factory=list)
    day_alone: set[str] = field(default_factory=set)

    def values(self, place: int) -> list[Any]:
        """The row of hold_questions for one of the drugs."""
        indication = self.cells.get("indication") or None
        return [
            self.row * _MOST_DRUGS + place,
            self.drugs[place],
            (self.cells.get("procedure") or "").upper(),
            self.dose,
            self.dose_band,
            self.route,
            self.crcl,
            indication,
            self.modifiers,
            len(self.drugs) - 1,
            self.last_dose,
            self.procedure_at,
        ]


def holds(
    cursor: duckdb.DuckDBPyConnection, rows: Sequence[tuple[int, Mapping[str, str]]]
) -> Iterator[dict[str, Any]]:
    """Answers to (row number, cells) in order: each carries row, the cells and the columns of ANSWER.

    A row that no guideline of the tables answers comes back once, decision None, with why. Times are
    local, without zone. Nothing here is an order to stop: the prescriber is always part of it.
    """
    questions = [_question(row, cells) for row, cells in rows]
    cursor.execute(f"CREATE OR REPLACE TEMP TABLE hold_questions ({_SHAPE})")
    known = [q.values(place) for q in questions for place in range(len(q.drugs))]
    if known:
        cursor.executemany(f"INSERT INTO hold_questions VALUES ({', '.join('?' * 12)})", known)
    medicine_rows.run_steps(cursor, _STEPS)
    answers = _answers(cursor, {question.row: question for question in questions})
    classes = dict(
        cursor.execute("SELECT procedure_code, asra2018_class FROM knowledge.procedures").fetchall()
    )
    for question in questions:
        for answer in answers.get(question.row) or [_no_answer(question, classes)]:
            if answer["restart_at"] and "procedure_at" in question.day_alone:
                answer["restart_at"] += _A_DAY
            said = "; ".join([*question.problems, *([answer["why"]] if answer["why"] else [])]) or None
            yield {
                "row": question.row,
                **{name: question.cells.get(name) or None for name in INPUTS},
                **answer,
                "why": said,
            }


def _answers(
    cursor: duckdb.DuckDBPyConnection, questions: Mapping[int, _Question]
) -> dict[int, list[dict[str, Any]]]:
    """The rows of `holds` by input row. Of a product of several medicines each guideline answers for the
    medicine it has a row for ('dipyridamole alone' says nothing of dipyridamole with aspirin)."""
    found: dict[int, list[dict[str, Any]]] = {}
    columns = ", ".join(f'"{name}"' for name in ANSWER)
    for question, *values in cursor.execute(
        f"SELECT question, {columns} FROM holds ORDER BY question // {_MOST_DRUGS}, guideline, question"
    ).fetchall():
        row, place = divmod(question, _MOST_DRUGS)
        answer = dict(zip(ANSWER, values, strict=True))
        if len(questions[row].drugs) > 1:
            answer["why"] = "; ".join(filter(None, [f"by {questions[row].drugs[place]}", answer["why"]]))
        found.setdefault(row, []).append(answer)
    return {row: _fitting(answers) for row, answers in found.items()}


def _fitting(answers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    spoken = {answer["guideline"] for answer in answers if answer["row_id"]}
    return [answer for answer in answers if answer["row_id"] or answer["guideline"] not in spoken]


def _no_answer(question: _Question, classes: Mapping[str, str]) -> dict[str, Any]:
    code = (question.cells.get("procedure") or "").upper()
    if code not in classes:
        why = (
            f"{code or 'nothing'} is not a procedure code of the tables; codes: {', '.join(sorted(classes))}"
        )
    elif not question.drugs:
        near = medicines.parse(question.cells.get("drug")).near
        why = "not a known medicine name" + (f"; names that look like it: {', '.join(near)}" if near else "")
    elif classes[code] == "none":
        why = (
            "no needle near vessels or nerves: no guideline of the tables asks for a stop; "
            "tell the prescriber"
        )
    else:
        why = (
            f"no guideline of the tables speaks of {' or '.join(question.drugs)}: ask the prescriber; "
            f"this is not an all-clear"
        )
    return {**dict.fromkeys(ANSWER), "risk_class": classes.get(code), "why": why}


def _question(row: int, cells: Mapping[str, str]) -> _Question:
    asked = _Question(row, cells)
    product = medicines.parse(cells.get("drug"))
    asked.drugs = tuple(part.ingredient for part in product.parts if part.ingredient)[:_MOST_DRUGS]
    if len(asked.drugs) > 1:
        asked.problems.append(f"{cells.get('drug')} holds {' and '.join(asked.drugs)}")
    asked.route = product.route
    if asked.route == "topical" and asked.drugs:
        asked.problems.append(
            f"{cells.get('drug')} is put on the skin: the rows speak of it swallowed or injected"
        )
    _dose(asked, cells.get("dose") or "", cells.get("drug") or "")
    if asked.dose is None and asked.dose_band is None and len(product.parts) == 1:
        _dose_of_name(asked, product)
    asked.crcl = _number(asked, "renal", cells.get("renal"))
    asked.modifiers = _modifiers(asked, cells.get("bleeding_modifiers"))
    asked.last_dose, asked.procedure_at = (
        _time(asked, "last_dose", cells),
        _time(asked, "procedure_at", cells),
    )
    return asked


def _dose(asked: _Question, text: str, drug: str) -> None:
    """A single dose in mg or units, or the words low, high, prophylactic, therapeutic; the way of
    giving heparin too.
    """
    words = f"{text} {drug}".lower()
    asked.dose_band = next((band for word, band in _BANDS.items() if re.search(rf"\b{word}\b", words)), None)
    asked.route = asked.route or sig.parse(text).route
    asked.dose = _amount(text)
    if text.strip() and asked.dose is None and (asked.dose_band is None or re.search(r"\d", text)):
        asked.dose_band = None  # a number that was not read may say another band than the word beside it
        asked.problems.append(
            f"the dose {text!r} was not read: write one amount in mg or units (2.5 mg), or low or high"
        )


def _amount(text: str) -> float | None:
    """The one amount of a text, in mg or units; None when none, or more than one number, or a number that was
    not understood stands there ('2 x 2.5 mg' may be one dose or two)."""
    first = _AMOUNT.search(text)
    if first is None:
        return None
    rest = f"{text[: first.start()]} {text[first.end() :]}"
    if re.search(r"[\dx×*+-]", re.sub(r"[a-z]{2,}", "", rest.lower())) and not sig.parse(rest).understood:
        return None
    bare = not rest.strip() or sig.parse(rest).understood or any(word in rest.lower() for word in _BANDS)
    unit = first.group(2) or ("mg" if bare else "")
    known = doses.dose_unit(unit) if unit else None  # '1 tablet' is no amount
    try:
        value = doses.decimal(first.group(1))
    except ValueError:
        return None
    if not known or value <= 0:
        return None
    mass = value * known[1]
    return float(f"{mass / 1000 if known[0] == 'mcg' else mass:.12g}")


def _dose_of_name(asked: _Question, product: medicines.Product) -> None:
    """'Xarelto 20 mg', 'heparin 5000 units', 'rivaroxaban 20' where a brand of it is sold in 20 mg: said so."""
    (part,) = product.parts
    strength, unit = part.strength, part.strength_unit
    if strength is None and part.ingredient:
        last = re.search(r"\s(\d+(?:\.\d+)?)\s*$", product.written)
        strength = float(last.group(1)) if last else None
        unit = "mg" if strength in brands.sizes_of(part.ingredient, "mg") else None
    if strength is not None and unit in ("mg", "units"):
        asked.dose = strength
        asked.problems.append(f"dose {strength:g} {unit} read from the name")


def _number(asked: _Question, name: str, text: str | None) -> float | None:
    if not (text or "").strip():
        return None
    found = re.fullmatch(r"\s*(\d+(?:[.,]\d+)?)\s*(?:ml/min)?\s*", str(text), re.IGNORECASE)
    about = names.about("crcl")
    value = doses.decimal(found.group(1)) if found else None
    if value is None or (about and not about.low <= value <= about.high):
        asked.problems.append(f"{name} {text!r} was not read: write creatinine clearance in mL/min")
        return None
    return value


def _modifiers(asked: _Question, text: str | None) -> int:
    """How many things raise the bleeding risk: none stated is none; a number, or names separated by ;
    or |.
    """
    words = (text or "").strip().lower()
    if words in _NONE:
        return 0
    if words in _NOT_GIVEN or words.startswith("-"):
        asked.problems.append(
            f"bleeding_modifiers {text!r} is not known: with one of them the class is one higher"
        )
        return 0
    return int(words) if words.isdigit() else len([word for word in re.split(r"[;|]", words) if word.strip()])


def _time(asked: _Question, name: str, cells: Mapping[str, str]) -> datetime | None:
    """A local time. A day alone is read on the careful side: a last dose at its end, a procedure at its start."""
    text = (cells.get(name) or "").strip()
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is not None:
        asked.problems.append(
            f"{name} {text!r} is not a local time: write it as 2026-11-24T08:00, without zone"
        )
        return None
    if re.search(r"[T :]", text):
        return found
    asked.day_alone.add(name)
    asked.problems.append(
        f"{name} {text} has no time of day: "
        + (
            "its end is used"
            if name == "last_dose"
            else "stop is counted from its start, restart from its end"
        )
    )
    return found + _A_DAY if name == "last_dose" else found
