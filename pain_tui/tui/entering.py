"""What is typed in a form, read by the same rules as an import: rows to store, or the sentence why not."""

from typing import Any

from pain_tui.patients.normalise import records
from pain_tui.patients.normalise.sink import Sink
from pain_tui.tui.chart import Chart, Field

_NOT_COLUMNS = ("person", "row_id", "source", "source_key")


def value(field: Field, text: str, chart: Chart, day: str = "") -> tuple[dict[str, Any] | None, str]:
    """One value of a field, measured on `day` (the chart's when empty): the columns of an observation row, or None
    and the sentence."""
    typed = text.strip()
    if field.choices:
        word = _choice(field, typed)
        if word is None:
            return None, f"{field.label} {typed}: one of {', '.join(field.choices)}."
        cells: dict[str, Any] = {"text": word}
    else:
        number, _, unit = typed.partition(" ")
        cells = {
            "value": number,
            "unit": unit.strip() or (field.unit if field.unit not in ("points", "") else None),
        }
        refused = _out_of_range(field, number, unit)
        if refused:
            return None, refused
    sink = Sink(as_of=chart.as_of)
    given = {
        "code": field.fact,
        "at": day.strip() or chart.as_of.isoformat(),
        **{k: v for k, v in cells.items() if v is not None},
    }
    records.add_row(sink, "observation", given, place=field.label, person=chart.identity.person)
    return _first(sink, "observation")


def _choice(field: Field, typed: str) -> str | None:
    hits = [word for word in field.choices if word.casefold().startswith(typed.casefold())] if typed else []
    exact = [word for word in hits if word.casefold() == typed.casefold()]
    return exact[0] if exact else hits[0] if len(hits) == 1 else None


def _out_of_range(field: Field, number: str, unit: str) -> str:
    """Checked here only for a value in the field's own unit; conversion and its limits are the reader's."""
    try:
        entered = float(number)
    except ValueError:
        return f"{field.label} {number}: must be a number."
    if unit.strip() or field.low is None or field.high is None or field.low <= entered <= field.high:
        return ""
    return f"{field.label} {number}: must be {field.low:g} to {field.high:g}."


def medicine(cells: dict[str, str], chart: Chart) -> tuple[list[dict[str, Any]], str]:
    """A medicine: one row an ingredient, and what it was read as; or no rows and the sentence."""
    sink = Sink(as_of=chart.as_of)
    given = {
        "start": chart.as_of.isoformat(),
        "authored": chart.as_of.isoformat(),
        "status": "active",
        **cells,
    }
    records.add_row(sink, "medication", given, place="this form", person=chart.identity.person)
    rows = [_columns(row) for row in sink.rows.get("medication", [])]
    refused = [problem for problem in sink.problems if problem.level in ("row", "value")]
    said = " ".join(
        problem.sentence().removeprefix("this form: ") for problem in (refused or sink.problems)[:2]
    )
    if refused or not rows:
        return [], said or "This cannot be read as a medicine."
    return rows, f"Read as {'; '.join(_read_as(row) for row in rows)}. {said}".strip()


def _read_as(row: dict[str, Any]) -> str:
    dose = (
        f"{row['dose']:g} {row.get('unit') or ''}".strip()
        if row.get("dose") is not None
        else "dose not known"
    )
    often = f", {row['per_day']:g} a day" if row.get("per_day") is not None else ", how often not known"
    name = row.get("ingredient") or f"{row.get('drug')} (not known to this program)"
    return f"{name} {dose}{often}"


def _first(sink: Sink, table: str) -> tuple[dict[str, Any] | None, str]:
    rows = sink.rows.get(table, [])
    said = " ".join(problem.sentence() for problem in sink.problems[:2])
    refused = any(problem.level in ("row", "value") for problem in sink.problems)
    return (None, said) if refused or not rows else (_columns(rows[0]), said)


def _columns(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in _NOT_COLUMNS and value is not None}
