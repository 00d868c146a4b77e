"""Would the options stand in another order if weak evidence counted as well (or did not)?

The default model takes the modifiers that the tables call usable; a second set takes the weak ones too. This
asks the same people's forecasts with the set that was not chosen, orders the options of each group as the plan does
(extra, then response, within one outcome, time and denominator), and says where the two orders differ.
Makes the temp table `other_order`, one row a group of two options or more.
"""

import json
from functools import lru_cache
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from pain_tui.forecast import words
from pain_tui.forecast.cells import WATCH
from pain_tui.forecast.load import Floats, Model
from pain_tui.forecast.predict import Rows, expit, logits
from pain_tui.forecast.terms import DEFAULT, WEAK
from pain_tui.knowledge import plans

OTHER = {DEFAULT: WEAK, WEAK: DEFAULT}
_SHAPE = {
    "person": "VARCHAR",
    "problem": "VARCHAR",
    "outcome": "VARCHAR",
    "horizon_weeks": "BIGINT",
    "denominator": "VARCHAR",
    "used": "VARCHAR",
    "other": "VARCHAR",
    "order_used": ["VARCHAR"],
    "order_other": ["VARCHAR"],
    "differs": "BOOLEAN",
    "say": "VARCHAR",
}


def write(
    cursor: duckdb.DuckDBPyConnection,
    model: Model,
    asked: dict[str, Any],
    made: dict[str, Any],
    evidence_set: str,
) -> None:
    """Make other_order from the arrays of `step.forecast`."""
    found = compare(model, asked, made, evidence_set)
    plans.execute(cursor, _statement(), [json.dumps(found, ensure_ascii=False)])


def none(cursor: duckdb.DuckDBPyConnection) -> None:
    """The same table without rows: there is no usable model."""
    plans.execute(cursor, _statement(), ["[]"])


def compare(
    model: Model, asked: dict[str, Any], made: dict[str, Any], evidence_set: str
) -> list[dict[str, Any]]:
    """One entry for each group of at least two options with numbers, by person and problem."""
    shown = np.flatnonzero((made["cell"] >= 0) & (made["option"] != WATCH))
    if len(shown) < 2:
        return []
    rows = made["rows"].take(shown)
    response, extra = _means(model, rows, OTHER[evidence_set])
    names, group = _groups(model, made["cell"][shown])
    key = rows.who * len(names) + group
    used = _order(key, made["extra"][shown], made["p_response"][shown])
    other = _order(key, extra, response)
    option, at = made["option"][shown], key[used]
    starts = np.flatnonzero(np.r_[True, at[1:] != at[:-1]])
    entries = []
    for start, end in zip(starts, np.r_[starts[1:], len(at)], strict=True):
        if end - start < 2:
            continue
        first, then = [str(option[i]) for i in used[start:end]], [str(option[i]) for i in other[start:end]]
        row = int(shown[used[start]])
        outcome, weeks, denominator = names[int(group[used[start]])]
        entries.append(
            {
                "person": asked["person"][row],
                "problem": asked["problem"][row],
                "outcome": outcome,
                "horizon_weeks": weeks,
                "denominator": denominator,
                "used": evidence_set,
                "other": OTHER[evidence_set],
                "order_used": first,
                "order_other": then,
                "differs": first != then,
                "say": _say(model, evidence_set, first, then),
            }
        )
    return entries


def _means(model: Model, rows: Rows, evidence_set: str) -> tuple[Floats, Floats]:
    """Response and extra without their intervals: as `predict` gives them, at a third of its cost."""
    found = logits(model, rows, evidence_set)
    move = model.step50[rows.cell] * model.data["shift30"]["mean"]
    response = expit(found.treated + move)
    extra = response - expit(found.control + move)
    return response, np.where(model.gives_extra[rows.cell], extra, np.nan)


def _groups(model: Model, cell: NDArray[np.int64]) -> tuple[list[tuple[str, int, str]], NDArray[np.int64]]:
    """The groups that are ordered together, and which of them each row is in."""
    used, place = np.unique(cell, return_inverse=True)
    names: dict[tuple[str, int, str], int] = {}
    of_cell = []
    for i in used:
        held = model.cells[int(i)]
        name = words.outcome_of(held), words.shown_horizon(held), held["denominator"]
        of_cell.append(names.setdefault(name, len(names)))
    return list(names), np.array(of_cell, dtype=np.int64)[place]


def _order(key: NDArray[np.int64], extra: Floats, response: Floats) -> NDArray[np.int64]:
    """Rows group by group, the largest extra first (no control data last), then the largest response."""
    last = np.where(np.isnan(extra), np.inf, -extra)
    return np.lexsort((np.arange(len(key)), -response, last, key))


def _say(model: Model, used: str, first: list[str], then: list[str]) -> str:
    how = words.PHRASES["weak_too" if used == DEFAULT else "weak_out"]
    if first == then:
        return words.PHRASES["order_same"].format(how=how)
    name = model.data["options"]
    moved = [i for i, (a, b) in enumerate(zip(first, then, strict=True)) if a != b]
    low, high = moved[0], moved[-1] + 1
    listed = [" before ".join(name[o] for o in order[low:high]) for order in (then, first)]
    code = "order_first" if low == 0 else "order_later"
    return words.PHRASES[code].format(how=how, other=listed[0], used=listed[1], first=name[first[0]])


@lru_cache
def _statement() -> str:
    return (
        "CREATE OR REPLACE TEMP TABLE other_order AS "
        f"SELECT unnest(from_json(?::VARCHAR, '{json.dumps([_SHAPE])}'), max_depth := 2)"
    )
