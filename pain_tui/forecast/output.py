"""From arrays to the temp tables `forecast` and `forecast_inputs`.

Arrays go to DuckDB as numbers only, words as one JSON parameter a table: object arrays cost a look for other
libraries a value. Words belong to cells, terms and reasons, so their tables are short.
"""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from pain_tui.errors import ModelError
from pain_tui.forecast import words
from pain_tui.forecast.load import Model
from pain_tui.forecast.predict import Rows, logits

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
_SQL = Path(__file__).resolve().parent / "forecast.sql"

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
    "term": "BIGINT", "label": "VARCHAR", "kind": "VARCHAR", "fact": "VARCHAR", "form": "VARCHAR",
    "population_mean": "DOUBLE", "population_variance": "DOUBLE", "changeable": "BOOLEAN",
}
_SLOPE = {"slope": "BIGINT", "slope_mean": "DOUBLE", "source": "VARCHAR", "source_rows": ["VARCHAR"]}
_TEXT = {"text": "BIGINT", "words": "VARCHAR"}


def write(cursor: duckdb.DuckDBPyConnection, model: Model, made: dict[str, Any], evidence_set: str) -> None:
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
    }
    inputs = _inputs(model, made, evidence_set, texts)
    used = np.unique(made["cell"][made["cell"] >= 0])
    _tables(
        cursor,
        numbers,
        inputs,
        [_cell_words(model, int(i)) for i in used],
        [_reason_words(model, i, code, key) for i, (code, key) in enumerate(reasons)],
        [_term_words(i, t) for i, t in enumerate(model.terms)],
        [
            {"slope": i, "slope_mean": s["mean"], "source": s["source"], "source_rows": s["rows"]}
            for i, s in enumerate(model.data["slopes"])
        ],
        [{"text": i, "words": text} for text, i in texts.items()],
        (model.level, model.version, made["horizon"], words.PHRASES["placebo_course"]),
    )


def refuse(cursor: duckdb.DuckDBPyConnection, error: ModelError, horizon: int) -> None:
    """The same tables without any number: there is no usable model, and every row says so."""
    counted = cursor.execute("SELECT count(*) FROM forecast_asked").fetchone()
    size = int(counted[0]) if counted else 0
    numbers: dict[str, NDArray[Any]] = {name: np.full(size, np.nan) for name in (*NUMBERS, *_ROAD)}
    whole = np.full(size, -1, dtype=np.int64)
    numbers |= {
        "row": np.arange(size, dtype=np.int64),
        "cell": whole,
        "gates": whole,
        "by_drug": whole,
        "reason": np.zeros(size, dtype=np.int64),
        "placebo_beside": np.zeros(size, dtype=bool),
    }
    none = np.zeros(0, dtype=np.int64)
    inputs = dict.fromkeys(("row", "term", "slope", "state", "word"), none) | {
        name: np.zeros(0) for name in ("shift", "added_sd", "value")
    }
    reason = {"reason": 0, "code": "model_mismatch", "say": error.message, "remedy": error.hint}
    _tables(cursor, numbers, inputs, [], [reason], [], [], [], (float("nan"), None, horizon, ""))


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
    found = logits(model, rows, evidence_set)
    i, j = np.nonzero((made["cell"] >= 0)[:, None] & found.active)
    value, word = np.full(len(i), np.nan), np.full(len(i), -1, dtype=np.int64)
    for t in np.unique(j):
        held, at = made["facts"].get(model.terms[t]["fact"]), j == t
        if held is not None and held.numbers is not None:
            value[at] = held.numbers[i[at]]
        elif held is not None and held.words is not None:
            word[at] = _text_indices(held.words[i[at]], texts)
    limit = np.flatnonzero((made["cell"] >= 0) & (found.limited != 0))
    none = np.full(len(limit), -1, dtype=np.int64)
    parts = {
        "row": (i, limit),
        "term": (j, none),
        "slope": (model.slope_row[evidence_set][rows.pair[i], j], none),
        "shift": (found.shift[i, j], found.limited[limit]),
        "added_sd": (np.sqrt(found.added[i, j]), np.zeros(len(limit))),
        "state": (rows.state[i, j].astype(np.int64), np.zeros(len(limit), dtype=np.int64)),
        "value": (value, np.full(len(limit), np.nan)),
        "word": (word, none),
    }
    return {name: np.concatenate(both) for name, both in parts.items()}


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


def _tables(
    cursor: duckdb.DuckDBPyConnection,
    numbers: dict[str, NDArray[Any]],
    inputs: dict[str, NDArray[Any]],
    cells: list[dict[str, Any]],
    reasons: list[dict[str, Any]],
    terms: list[dict[str, Any]],
    slopes: list[dict[str, Any]],
    texts: list[dict[str, Any]],
    run: tuple[float, str | None, int, str],
) -> None:
    listed = (
        ("cells", _CELL, cells),
        ("reasons", _REASON, reasons),
        ("terms", _TERM, terms),
        ("slopes", _SLOPE, slopes),
        ("texts", _TEXT, texts),
    )
    for name, shape, held in listed:
        cursor.execute(
            f"CREATE OR REPLACE TEMP TABLE made_{name} AS SELECT unnest(from_json(?, ?), max_depth := 2)",
            [json.dumps(held, ensure_ascii=False), json.dumps([shape])],
        )
    cursor.execute(
        "CREATE OR REPLACE TEMP TABLE made_run AS "
        "SELECT ?::DOUBLE AS level, ?::VARCHAR AS model, ?::BIGINT AS horizon, ?::VARCHAR AS placebo_course",
        list(run),
    )
    for name, view in (("made_rows", numbers), ("made_inputs", inputs)):
        cursor.register(name, view)
    try:
        cursor.execute(_SQL.read_text(encoding="utf-8"))
    finally:
        for name in ("made_rows", "made_inputs"):
            cursor.unregister(name)
        for name in ("cells", "reasons", "terms", "slopes", "texts", "run"):
            cursor.execute(f"DROP TABLE made_{name}")
