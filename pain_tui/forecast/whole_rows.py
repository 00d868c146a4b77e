"""A few people's forecasts as whole rows, words and all: one text a table, taken in by one narrow statement.

For one person joins cost far more than the rows they join, so what `forecast.sql` and `forecast_inputs.sql`
say in SQL for many people is done here in Python, column for column.
"""

import json
from collections import defaultdict
from functools import lru_cache
from math import exp
from typing import Any

import duckdb
from numpy.typing import NDArray

from pain_tui.knowledge import plans

Row = dict[str, Any]
_PROBABILITIES = (
    "p_response", "lo", "hi", "p_comparator", "comparator_lo", "comparator_hi",
)  # fmt: skip
_MORE = (
    "extra", "extra_lo", "extra_hi", "p30_response", "p30_lo", "p30_hi", "p30_comparator",
    "p30_comparator_lo", "p30_comparator_hi", "p30_extra", "p30_extra_lo", "p30_extra_hi",
    "p_road", "road_lo", "road_hi",
)  # fmt: skip
# The columns of `forecast`, as forecast.sql makes them.
_FORECAST: dict[str, Any] = {
    **dict.fromkeys(("person", "problem", "condition", "option", "outcome", "outcome_label"), "VARCHAR"),
    "outcome_counted": "VARCHAR",
    "horizon_weeks": "BIGINT",
    "in_window": "BOOLEAN",
    "weeks_from": "DOUBLE",
    "weeks_to": "DOUBLE",
    "rank_group": "VARCHAR",
    "denominator": "VARCHAR",
    "level": "DOUBLE",
    **dict.fromkeys(_PROBABILITIES, "DOUBLE"),
    **dict.fromkeys(("comparator_kind", "comparator", "comparator_why"), "VARCHAR"),
    **dict.fromkeys(_MORE, "DOUBLE"),
    **dict.fromkeys(("no_estimate_code", "no_estimate_say", "no_estimate_remedy", "certainty"), "VARCHAR"),
    "disputed": "BOOLEAN",
    **dict.fromkeys(("positions", "borrowed_from", "role", "gates", "by_drug"), "VARCHAR"),
    **dict.fromkeys(("start_logit", "logit", "logit_variance"), "DOUBLE"),
    "drivers": "VARCHAR",
    "evidence": ["VARCHAR"],
    "alike": "VARCHAR",
    "people_in_evidence": "BIGINT",
    "model_version": "VARCHAR",
}
# The columns of `forecast_inputs`, as forecast_inputs.sql makes them.
_INPUTS: dict[str, Any] = {
    **dict.fromkeys(("person", "problem", "option", "input", "fact"), "VARCHAR"),
    "shift": "DOUBLE",
    "added_sd": "DOUBLE",
    **dict.fromkeys(("kind", "value", "source"), "VARCHAR"),
    "source_rows": ["VARCHAR"],
    "slope_mean": "DOUBLE",
    "on_control": "BOOLEAN",
    "form": "VARCHAR",
    "population_mean": "DOUBLE",
    "population_variance": "DOUBLE",
    "changeable": "BOOLEAN",
    "whole": "DOUBLE",
    "row": "BIGINT",
}
_STATES = {1: "missing", 2: "outside", 3: "not_applicable"}
_KINDS = {"prognostic": "prognostic", "selection": "gate"}


def write(
    cursor: duckdb.DuckDBPyConnection,
    asked: dict[str, Any],
    numbers: dict[str, NDArray[Any]],
    inputs: dict[str, NDArray[Any]],
    words_of: dict[str, list[Row]],
    run: Row,
) -> None:
    """Make forecast and forecast_inputs from the same arrays and words that the two SQL files join."""
    texts = [entry["words"] for entry in words_of["texts"]]
    made = _inputs(asked, _as_rows(inputs), words_of, texts)
    _insert(cursor, "forecast_inputs", made)
    drivers: dict[int, list[Row]] = defaultdict(list)
    for entry in made:
        drivers[entry["row"]].append(entry)
    _insert(cursor, "forecast", _forecasts(asked, _as_rows(numbers), words_of, texts, drivers, run))


def _as_rows(arrays: dict[str, NDArray[Any]]) -> list[Row]:
    """Arrays of one length as rows; not-a-number is None."""
    lists = [
        [None if x != x else x for x in values.tolist()] if values.dtype.kind == "f" else values.tolist()
        for values in arrays.values()
    ]
    return [dict(zip(arrays, row, strict=True)) for row in zip(*lists, strict=True)]


def _inputs(
    asked: dict[str, Any], rows: list[Row], words_of: dict[str, list[Row]], texts: list[str]
) -> list[Row]:
    terms = {entry["term"]: entry for entry in words_of["terms"]}
    slopes = {entry["slope"]: entry for entry in words_of["slopes"]}
    made = []
    for given in rows:
        row, term, slope = given["row"], terms.get(given["term"], {}), slopes.get(given["slope"], {})
        value = None if given["value"] is None else f"{given['value']:g}"
        made.append(
            {
                **{name: asked[name][row] for name in ("person", "problem", "option")},
                "input": term.get("label", "limit on the total shift"),
                "fact": term.get("fact"),
                "shift": given["shift"],
                "added_sd": given["added_sd"],
                "kind": _STATES.get(given["state"]) or _KINDS.get(term["kind"], "effect")
                if term
                else "limit",
                "value": texts[given["word"]] if given["word"] >= 0 else value,
                "source": slope.get("source"),
                "source_rows": slope.get("source_rows"),
                "slope_mean": slope.get("slope_mean"),
                "on_control": term["kind"] == "prognostic" if term else None,
                **{
                    name: term.get(name)
                    for name in ("form", "population_mean", "population_variance", "changeable")
                },
                "whole": given["whole"],
                "row": row,
            }
        )
    return made


def _forecasts(
    asked: dict[str, Any],
    rows: list[Row],
    words_of: dict[str, list[Row]],
    texts: list[str],
    drivers: dict[int, list[Row]],
    run: Row,
) -> list[Row]:
    cells = {entry["cell"]: entry for entry in words_of["cells"]}
    made = []
    for row, given in enumerate(rows):
        cell = cells.get(given["cell"], {})
        reason = words_of["reasons"][given["reason"]] if given["reason"] >= 0 else {}
        beside = given["placebo_beside"]
        step, start = cell.get("step"), cell["start_logit"] + cell["step"] if cell else None
        whole = {
            **{name: cell.get(name) for name in _FORECAST},
            **{name: asked[name][row] for name in ("person", "problem", "condition", "option")},
            **{name: given[name] for name in (*_PROBABILITIES, *_MORE)},
            "level": run["level"],
            "model_version": run["model"],
            "people_in_evidence": cell.get("people"),
            "disputed": cell.get("positions") is not None,
            "comparator_kind": "sham" if beside else cell.get("kind"),
            "comparator_why": run["placebo_course"]
            if beside
            else reason["say"]
            if reason
            else cell.get("comparator_why"),
            **{f"no_estimate_{name}": reason.get(name) for name in ("code", "say", "remedy")},
            **{name: texts[given[name]] if given[name] >= 0 else None for name in ("gates", "by_drug")},
            "start_logit": start,
            "logit": _sum(given["logit"], step),
            "logit_variance": _sum(given["logit_variance"], cell.get("step_variance")),
            "drivers": _drivers(cell, start, drivers.get(row, [])) if start is not None else None,
        }
        if beside:  # a comparator without an option of its own: of whom, and what was counted
            whole["outcome"], whole["denominator"] = (
                texts[given["beside_outcome"]],
                texts[given["beside_of"]],
            )
        if whole["horizon_weeks"] is None:
            whole["horizon_weeks"] = run["horizon"]
        made.append(whole)
    return made


def _sum(first: float | None, second: float | None) -> float | None:
    return None if first is None or second is None else first + second


def _drivers(cell: Row, start: float, entries: list[Row]) -> str:
    """The start and the shifts, largest first, as JSON; points: change of the chance against the average."""
    evidence = cell["evidence"]
    first = {"input": "average person in the trials", "fact": None, "value": None, "shift": start}
    shown = [
        first
        | {
            "points": _chance(start),
            "added_sd": 0.0,
            "kind": "start",
            "source": "; ".join(evidence),
            "rows": evidence,
        }
    ]
    for entry in sorted(entries, key=lambda e: (-abs(e["shift"]), -e["added_sd"], e["input"])):
        points = _chance(entry["whole"]) - _chance(entry["whole"] - entry["shift"])
        held = {name: entry[name] for name in ("input", "fact", "value", "shift")}
        shown.append(
            {
                **held,
                "points": points,
                "added_sd": entry["added_sd"],
                "kind": entry["kind"],
                "source": entry["source"],
                "rows": entry["source_rows"],
            }
        )
    return json.dumps(shown, ensure_ascii=False)


def _chance(logit: float) -> float:
    return 1 / (1 + exp(-logit))


def _insert(cursor: duckdb.DuckDBPyConnection, table: str, rows: list[Row]) -> None:
    plans.execute(cursor, _statement(table), [json.dumps(rows, ensure_ascii=False)])


@lru_cache
def _statement(table: str) -> str:
    shape = json.dumps([_FORECAST if table == "forecast" else _INPUTS])
    return f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT unnest(from_json(?::VARCHAR, '{shape}'), max_depth := 2)"
