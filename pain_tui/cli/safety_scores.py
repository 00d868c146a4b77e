"""score-instrument, convert and taper: rows in and out."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pain_tui.assess import instruments
from pain_tui.assess.calculators import conversion
from pain_tui.cli import common, safety_rows

_SCORE_OUT = (
    "score",
    "result_code",
    "meaning",
    "source",
    "why",
    "flags",
    "predicted",
    "predicted_unit",
    "frequency",
    "sureness",
    "note",
)
_CONVERT_IN = ("table", "from_drug", "from_route", "dose", "to_drug", "to_route")
_CONVERT_OUT = (
    "found_table",
    "target_drug",
    "target_route",
    "to_value",
    "to_unit",
    "low",
    "high",
    "reduction_pct",
    "code",
    "rule",
    "source",
    "sureness",
    "why",
)
_TAPER_IN = ("start", "months_of_use", "days_of_use", "pct", "of", "steps", "interval")
_TAPER_OUT = ("doses", "pace_code", "pace", "pace_source", "always", "why")


def score_instrument(name: str, file: Path | None, *, base_rate: float | None, as_json: bool) -> None:
    """Score every row of a CSV; the answered items stand before the number."""
    items = instruments.item_columns(name)
    asked = list(enumerate(safety_rows.read(file, (), (), open_ended=True), start=1))
    columns = list(
        dict.fromkeys(
            [*("id", "sex", "age"), *items, *(column for _, cells in asked[:1] for column in cells)]
        )
    )
    lines = (_scored(name, row, cells, base_rate) for row, cells in asked)
    if as_json:
        safety_rows.write_json("scores", lines, instrument=name)
    else:
        safety_rows.write_csv(
            lines, ("row", *(column for column in columns if column not in _SCORE_OUT), *_SCORE_OUT)
        )


def _scored(name: str, row: int, cells: Mapping[str, str], base_rate: float | None) -> dict[str, Any]:
    found = instruments.score(name, cells, base_rate=base_rate)
    answered = [{"item": item.key, "answer": item.answer, "points": item.points} for item in found.items]
    echo = {key: value or None for key, value in cells.items()}
    return {
        "row": row,
        **echo,
        "items": answered,
        "score": found.score,
        "result_code": found.result_code,
        "meaning": found.meaning,
        "source": found.source,
        "why": found.why,
        "flags": list(found.flags),
        "predicted": found.predicted,
        "predicted_unit": found.predicted_unit,
        "frequency": found.frequency,
        "sureness": found.sureness,
        "note": found.note,
    }


def convert(file: Path | None, *, as_json: bool) -> None:
    """Look every row of a CSV up, one line a table row."""
    common.warn(conversion.CAUTION)
    lines = _converted(enumerate(safety_rows.read(file, ("from_drug", "dose"), _CONVERT_IN), start=1))
    if as_json:
        safety_rows.write_json("conversions", lines, caution=conversion.CAUTION)
    else:
        safety_rows.write_csv(lines, ("row", *_CONVERT_IN, *_CONVERT_OUT))


def _converted(asked: Iterator[tuple[int, dict[str, str]]]) -> Iterator[dict[str, Any]]:
    for row, cells in asked:
        for found in conversion.convert(cells):
            yield {
                "row": row,
                **{name: cells.get(name) or None for name in _CONVERT_IN},
                "found_table": found.table or None,
                "target_drug": found.to_drug,
                "target_route": found.to_route,
                "to_value": found.to_value,
                "to_unit": found.to_unit,
                "low": found.low,
                "high": found.high,
                "reduction_pct": found.reduction_pct,
                "code": found.code,
                "rule": found.rule,
                "source": found.source,
                "sureness": found.sureness,
                "why": found.why,
            }


def taper(file: Path | None, *, as_json: bool) -> None:
    """Work the steps of every row of a CSV out."""
    common.warn("A look-up for a plan that both agreed to; lowering a dose is never started by a table.")
    lines = (
        _tapered(row, cells)
        for row, cells in enumerate(safety_rows.read(file, ("start",), _TAPER_IN), start=1)
    )
    if as_json:
        safety_rows.write_json("tapers", lines)
    else:
        safety_rows.write_csv(lines, ("row", *_TAPER_IN, *_TAPER_OUT))


def _tapered(row: int, cells: Mapping[str, str]) -> dict[str, Any]:
    found = conversion.taper(cells)
    echo = {name: cells.get(name) or None for name in _TAPER_IN}
    return {
        "row": row,
        **echo,
        "doses": list(found.doses),
        "pace_code": found.pace_code,
        "pace": found.pace,
        "pace_source": found.pace_source,
        "always": list(found.always),
        "why": found.why,
    }
