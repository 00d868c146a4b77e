"""From arrays to the temp tables `forecast` and `forecast_inputs`.

Of many people arrays go to DuckDB as numbers only, words as one JSON parameter a table: object arrays cost a
look for other libraries a value. Words belong to cells, terms and reasons, so their tables are short. A few
people's rows are made whole (whole_rows.py).
"""

import json
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from pain_tui.errors import ModelError
from pain_tui.forecast import whole_rows, words
from pain_tui.forecast.load import Model
from pain_tui.forecast.predict import Rows, chunks, logits
from pain_tui.knowledge import plans

NUMBERS = (
    "p_response",
    "lo",
    "hi",
    "p_comparator",
    "comparator_lo",
    "comparator_hi",
    "extra",
    "extra_lo",
    "extra_hi",
    "p30_response",
    "p30_lo",
    "p30_hi",
    "p30_comparator",
    "p30_comparator_lo",
    "p30_comparator_hi",
    "p30_extra",
    "p30_extra_lo",
    "p30_extra_hi",
    "logit",
    "logit_variance",
)
_ROAD = ("p_road", "road_lo", "road_hi")
_FOLDER = Path(__file__).resolve().parent

_CELL = {
    "cell": "BIGINT",
    "horizon_weeks": "BIGINT",
    "in_window": "BOOLEAN",
    "weeks_from": "DOUBLE",
    "weeks_to": "DOUBLE",
    "people": "BIGINT",
    "start_logit": "DOUBLE",
    "step": "DOUBLE",
    "step_variance": "DOUBLE",
    "outcome": "VARCHAR",
    "outcome_counted": "VARCHAR",
    "outcome_label": "VARCHAR",
    "denominator": "VARCHAR",
    "kind": "VARCHAR",
    "comparator": "VARCHAR",
    "comparator_why": "VARCHAR",
    "certainty": "VARCHAR",
    "positions": "VARCHAR",
    "borrowed_from": "VARCHAR",
    "rank_group": "VARCHAR",
    "role": "VARCHAR",
    "evidence": ["VARCHAR"],
    "alike": "VARCHAR",
}
_REASON = {"reason": "BIGINT", "code": "VARCHAR", "say": "VARCHAR", "remedy": "VARCHAR"}
_TERM = {
    "term": "BIGINT",
    "label": "VARCHAR",
    "kind": "VARCHAR",
    "fact": "VARCHAR",
    "form": "VARCHAR",
    "population_mean": "DOUBLE",
    "population_variance": "DOUBLE",
    "changeable": "BOOLEAN",
}
_SLOPE = {"slope": "BIGINT", "slope_mean": "DOUBLE", "source": "VARCHAR", "source_rows": ["VARCHAR"]}
_TEXT = {"text": "BIGINT", "words": "VARCHAR"}
_RUN = {"level": "DOUBLE", "model": "VARCHAR", "horizon": "BIGINT", "placebo_course": "VARCHAR"}
_SHAPES: dict[str, Any] = {
    "cells": [_CELL],
    "reasons": [_REASON],
    "terms": [_TERM],
    "slopes": [_SLOPE],
    "texts": [_TEXT],
    "run": _RUN,
}
# The words each statement is given, as one text.
_GIVEN = {"forecast_inputs": ("terms", "slopes", "texts"), "forecast": ("cells", "reasons", "texts", "run")}


def write(
    cursor: duckdb.DuckDBPyConnection,
    model: Model,
    asked: dict[str, Any],
    made: dict[str, Any],
    evidence_set: str,
) -> None:
    """Make forecast and forecast_inputs from the arrays of `step.forecast`."""
    texts: dict[str, int] = {}
    reasons = sorted({(c, r) for c, r in zip(made["code"], made["reason"], strict=True) if c}, key=str)
    numbers = {name: made[name] for name in (*NUMBERS, *_ROAD)} | {
        "row": np.arange(len(made["code"]), dtype=np.int64),
        "cell": made["cell"].astype(np.int64),
        "reason": _indices(
            zip(made["code"], made["reason"], strict=True), {key: i for i, key in enumerate(reasons)}
        ),
        "gates": _text_indices(made["gates"], texts),
        "by_drug": _text_indices(made["by_drug"], texts),
        "placebo_beside": made["placebo_beside"],
        "beside_outcome": _text_indices(made["beside_outcome"], texts),
        "beside_of": _text_indices(made["beside_of"], texts),
    }
    inputs = _inputs(model, made, evidence_set, texts)
    used = np.unique(made["cell"][made["cell"] >= 0])
    terms, slopes = (
        np.unique(inputs["term"][inputs["term"] >= 0]),
        np.unique(inputs["slope"][inputs["slope"] >= 0]),
    )
    words_of = {
        "cells": [_cell_words(model, int(i)) for i in used],
        "reasons": [_reason_words(model, i, code, key) for i, (code, key) in enumerate(reasons)],
        "terms": [_term_words(int(i), model.terms[i]) for i in terms],
        "slopes": [_slope_words(int(i), model.data["slopes"][i]) for i in slopes],
        "texts": [{"text": i, "words": text} for text, i in texts.items()],
    }
    run = {"level": model.level, "model": model.version, "horizon": made["horizon"]}
    _tables(
        cursor, asked, numbers, inputs, words_of, run | {"placebo_course": words.PHRASES["placebo_course"]}
    )


def refuse(cursor: duckdb.DuckDBPyConnection, error: ModelError, asked: dict[str, Any], horizon: int) -> None:
    """The same tables without any number: there is no usable model, and every row says so."""
    size = len(asked["option"])
    numbers: dict[str, NDArray[Any]] = {name: np.full(size, np.nan) for name in (*NUMBERS, *_ROAD)}
    whole = np.full(size, -1, dtype=np.int64)
    numbers |= {
        "row": np.arange(size, dtype=np.int64),
        "cell": whole,
        "gates": whole,
        "by_drug": whole,
        "beside_outcome": whole,
        "beside_of": whole,
        "reason": np.zeros(size, dtype=np.int64),
        "placebo_beside": np.zeros(size, dtype=bool),
    }
    none = np.zeros(0, dtype=np.int64)
    inputs = dict.fromkeys(("row", "term", "slope", "state", "word"), none) | {
        name: np.zeros(0) for name in ("shift", "added_sd", "value", "whole")
    }
    reason = {"reason": 0, "code": "model_mismatch", "say": error.message, "remedy": error.hint}
    words_of: dict[str, list[dict[str, Any]]] = {name: [] for name in _SHAPES if name != "run"} | {
        "reasons": [reason]
    }
    _tables(
        cursor,
        asked,
        numbers,
        inputs,
        words_of,
        {"level": None, "model": None, "horizon": horizon, "placebo_course": ""},
    )


def _indices(keys: Iterable[Any], index: dict[Any, int]) -> NDArray[np.int64]:
    return np.array([index.get(key, -1) for key in keys], dtype=np.int64)


def _text_indices(values: Sequence[str | None], texts: dict[str, int]) -> NDArray[np.int64]:
    """Each text's number in the table of texts, which grows as needed; -1 for none."""
    return np.array([-1 if v is None else texts.setdefault(v, len(texts)) for v in values], dtype=np.int64)


def _inputs(
    model: Model, made: dict[str, Any], evidence_set: str, texts: dict[str, int]
) -> dict[str, NDArray[Any]]:
    """The additive parts of each number, long form: row, term, shift, added SD, state, value."""
    rows: Rows = made["rows"]
    parts = [
        _inputs_part(model, made, rows.take(index), index, evidence_set, texts) for index in chunks(rows)
    ]
    names = ("row", "term", "slope", "shift", "added_sd", "state", "value", "word", "whole")
    if not parts:
        return {name: np.zeros(0, dtype=np.int64 if name in names[:3] else np.float64) for name in names}
    return {name: np.concatenate([part[name] for part in parts]) for name in names}


def _inputs_part(
    model: Model,
    made: dict[str, Any],
    rows: Rows,
    index: NDArray[np.int64],
    evidence_set: str,
    texts: dict[str, int],
) -> dict[str, NDArray[Any]]:
    found = logits(model, rows, evidence_set)
    shown = made["cell"][index] >= 0
    i, k = np.nonzero(shown[:, None] & found.active)
    j = found.columns[k]
    value, word = np.full(len(i), np.nan), np.full(len(i), -1, dtype=np.int64)
    for t in np.unique(j):
        at = np.flatnonzero(j == t)
        held, place = (
            (made["own"][t], index[i[at]])
            if t in made["own"]
            else (made["facts"].get(model.terms[t]["fact"]), rows.who[i[at]])
        )
        if held is not None and held.numbers is not None:
            value[at] = held.numbers[place]
        elif held is not None and held.words is not None:
            word[at] = _text_indices(held.words[place], texts)
    limit = np.flatnonzero(shown & (found.limited != 0))
    cell = np.where(rows.cell >= 0, rows.cell, 0)
    whole = made["logit"][index] + model.step50[cell] * model.data["shift30"]["mean"]
    none = np.full(len(limit), -1, dtype=np.int64)
    parts = {
        "row": (index[i], index[limit]),
        "term": (j, none),
        "slope": (model.slope_row[evidence_set][rows.pair[i], j], none),
        "shift": (found.shift[i, k], found.limited[limit]),
        "added_sd": (np.sqrt(found.added[i, k]), np.zeros(len(limit))),
        "state": (found.state[i, k].astype(np.int64), np.zeros(len(limit), dtype=np.int64)),
        "value": (value, np.full(len(limit), np.nan)),
        "word": (word, none),
        "whole": (whole[i], whole[limit]),
    }
    return {name: np.concatenate(both) for name, both in parts.items()}


def _slope_words(index: int, slope: dict[str, Any]) -> dict[str, Any]:
    """One pooled slope and where it comes from."""
    return {
        "slope": index,
        "slope_mean": slope["mean"],
        "source": slope["source"],
        "source_rows": slope["rows"],
    }


def _term_words(index: int, term: dict[str, Any]) -> dict[str, Any]:
    """What one term reads, and its place in the population."""
    held = {k: term[k] for k in ("label", "kind", "fact", "form", "changeable")}
    return {"term": index, **held, "population_mean": term["mean"], "population_variance": term["variance"]}


def _cell_words(model: Model, index: int) -> dict[str, Any]:
    """What one cell says."""
    cell = model.cells[index]
    return {
        "cell": index,
        "horizon_weeks": words.shown_horizon(cell),
        "in_window": cell["in_window"],
        "weeks_from": cell["weeks"][0],
        "weeks_to": cell["weeks"][1],
        "people": cell["people"],
        "start_logit": cell["t"],
        "step": -model.data["shift30"]["mean"] if cell["outcome_class"] == "pain30" else 0.0,
        "step_variance": model.data["shift30"]["variance"] if cell["outcome_class"] == "pain30" else 0.0,
        "outcome": words.outcome_of(cell),
        "outcome_counted": cell["outcome_class"],
        "outcome_label": model.data["outcomes"][words.outcome_of(cell)],
        "denominator": cell["denominator"],
        "kind": cell["kind"] or None,
        "comparator": cell["comparator"] or None,
        "comparator_why": words.comparator_why(model, cell),
        "certainty": cell["certainty"],
        "positions": words.positions(model, cell),
        "borrowed_from": cell["borrowed_from"] or None,
        "rank_group": cell["rank_group"] or cell["option"],
        "role": cell["role"],
        "evidence": [*cell["rows"], *cell["supporting"], *cell["contradicting"]],
        "alike": words.alike(model, cell),
    }


def _reason_words(model: Model, index: int, code: str, key: str) -> dict[str, Any]:
    """Say and remedy of one no-estimate code with its place filled in."""
    first, second = (str(key).split("|") + [""])[:2]
    if code == "not_eligible":
        gate = next(g for g in model.data["gates"] if g["gate"] == key)
        say, remedy = words.no_estimate(code, why=gate["say"], do=gate["remedy"])
    elif code == "out_of_range":
        low, high = model.settings["smallest_age"], model.settings["largest_age"]
        say, remedy = words.no_estimate(code, fact="An age", value=second, low=f"{low:g}", high=f"{high:g}")
    else:
        condition = model.data["conditions"].get(
            first, "a condition that is not recorded" if first == "None" else first
        )
        say, remedy = words.no_estimate(
            code, option=model.data["options"].get(second, second), condition=condition
        )
    return {"reason": index, "code": code, "say": say, "remedy": remedy}


_FEW_ROWS = 400
# The rows in their order; the arrays are joined to them by number.
_ASKED = """
CREATE OR REPLACE TEMP TABLE forecast_asked AS
SELECT row_number() OVER (ORDER BY person, problem, option) - 1 AS row, person, problem, condition, option
FROM options
"""


def _tables(
    cursor: duckdb.DuckDBPyConnection,
    asked: dict[str, Any],
    numbers: dict[str, NDArray[Any]],
    inputs: dict[str, NDArray[Any]],
    words_of: dict[str, list[dict[str, Any]]],
    run: dict[str, Any],
) -> None:
    """Both tables, from arrays and from words: few rows whole, many by joins."""
    if len(asked["option"]) <= _FEW_ROWS:
        whole_rows.write(cursor, asked, numbers, inputs, words_of, run)
        return
    plans.execute(cursor, _ASKED)
    for name, arrays in (("made_rows", numbers), ("made_inputs", inputs)):
        _array_table(cursor, name, arrays)
    for name in ("forecast_inputs", "forecast"):
        given = {key: (words_of | {"run": run})[key] for key in _GIVEN[name]}
        plans.execute(cursor, _sql(name), [json.dumps(given, ensure_ascii=False)])


@lru_cache
def _sql(name: str) -> str:
    """The statement of one table, with the shape of its words written out."""
    shape = {key: _SHAPES[key] for key in _GIVEN[name]}
    sql = (_FOLDER / f"{name}.sql").read_text(encoding="utf-8")
    return sql.replace("$given", f"from_json(?::VARCHAR, '{json.dumps(shape)}')")


def _array_table(cursor: duckdb.DuckDBPyConnection, name: str, arrays: dict[str, NDArray[Any]]) -> None:
    cursor.register(f"{name}_arrays", arrays)
    try:
        plans.execute(cursor, f"CREATE OR REPLACE TEMP TABLE {name} AS FROM {name}_arrays")
    finally:
        cursor.unregister(f"{name}_arrays")
