"""The forest of one cell: each row with its interval, the pool, the comparator, what contradicts it.

Read from the evidence tables, so that every number on a screen can be followed to its papers. The front ends
print the `lines` or the shape of `as_dict`; `forest_rows.rows` gives the same as rows to draw.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from pain_tui.errors import UsageError
from pain_tui.forecast import words
from pain_tui.forecast.cells import WATCH, Evidence
from pain_tui.forecast.load import Model, load
from pain_tui.forecast.predict import expit
from pain_tui.forecast.tables import Row, number

_USE = {
    "primary": "pooled",
    "supporting": "widens",
    "contradicting": "contradicts",
    "not_for_prior": "shown only",
}
_SCALE = 40  # characters from 0 to 100


@dataclass(frozen=True)
class Line:
    """One row of the evidence: the rate as used after the bias rule, and its part in the cell."""

    row: Row
    use: str
    used: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Forest:
    """All that the tables hold on one option in one condition, and what the model makes of it."""

    condition: str
    option: str
    horizon: int
    bias: bool
    model: Model
    cell: dict[str, Any] | None
    lines: tuple[Line, ...]


def gather(condition: str, option: str, horizon: int = 12, bias: bool = True) -> Forest:
    """The forest of one cell. Raises UsageError for an id or horizon that the tables do not have."""
    model = load()
    for kind, value in (("condition", condition), ("option", option)):
        known = model.data[f"{kind}s"]
        if value not in known:
            near = ", ".join(sorted(known))
            raise UsageError(f"No {kind} is called {value!r}.", f"The {kind}s are: {near}.")
    if horizon not in model.data["horizons"]:
        raise UsageError(
            f"A horizon of {horizon} weeks is not offered.", f"Use one of {model.data['horizons']}."
        )
    index = model.cell_of(condition, option, horizon, bias)
    cell = model.cells[index] if index >= 0 else None
    evidence = Evidence.read()
    source = cell["borrowed_from"] if cell and cell["borrowed_from"] else condition
    rows = _course_rows(evidence, cell) if option == WATCH else evidence.of(source, option)
    if source != condition and option != WATCH:
        rows = [*evidence.of(condition, option), *rows]
    lines = tuple(_line(r, cell, bias, evidence, option == WATCH) for r in sorted(rows, key=_order))
    return Forest(condition, option, horizon, bias, model, cell, lines)


def _course_rows(evidence: Evidence, cell: dict[str, Any] | None) -> list[Row]:
    return [] if cell is None else [r for r in evidence.rates if r["row_id"] in cell["rows"]]


def _order(row: Row) -> tuple[int, str, float]:
    return list(_USE).index(row["prior_role"]), row["outcome_class"], float(row["time_weeks"])


def _line(row: Row, cell: dict[str, Any] | None, bias: bool, evidence: Evidence, control: bool) -> Line:
    in_pool = cell is not None and row["row_id"] in cell["rows"]
    in_support = cell is not None and row["row_id"] in cell["supporting"]
    use = "pooled" if in_pool else "widens" if in_support else _USE[row["prior_role"]]
    if not in_pool and not in_support and use in ("pooled", "widens"):
        use = _why_not(row, cell)
    if control:
        return Line(row, use, number(row["rate_control"]), None, None)
    if not row["rate_treated"]:
        return Line(row, use, None, None, None)
    from pain_tui.forecast.cells import treated_logit

    middle = treated_logit(row, bias)
    half = 1.2815515655446004 * float(row["se_logit"]) if row["se_logit"] else 0.0
    used = expit(np.array([middle, middle - half, middle + half]))
    return Line(row, use, float(used[0]), float(used[1]), float(used[2]))


def _why_not(row: Row, cell: dict[str, Any] | None) -> str:
    """Why a row that may be fitted has no part in this cell."""
    if cell is None:
        return "not used"
    if row["outcome_class"] != cell["outcome_class"]:
        return "other outcome"
    low, high = cell["weeks"]
    return "same trial" if low <= float(row["time_weeks"]) <= high else "other time"


LABELS = {
    "own": "own trials alone",
    "others": "trials of other cells",
    "pool": "pool",
    "comparator": "comparator",
}


def parts(forest: Forest, cell: dict[str, Any]) -> list[tuple[str, float | None, float | None, str]]:
    """What the pool is joined from: the cell's own trials and those of other cells; nothing when not joined."""
    if not cell["around"]:
        return []
    treated, effect, control = cell["around"]
    alone, alone_control, _ = cell["alone"]
    has = cell["a"] is not None
    return [
        ("own", _share(alone), _share(alone_control) if has else None, words.PHRASES["own_trials"]),
        (
            "others",
            _share(treated),
            _share(control) if has else None,
            words.PHRASES["other_trials"]
            + (words.PHRASES["other_ratio"].format(ratio=math.exp(effect)) if effect is not None else ""),
        ),
    ]


def _share(logit: float | None) -> float | None:
    return None if logit is None else float(expit(np.array([logit]))[0])


def as_dict(forest: Forest) -> dict[str, Any]:
    """The shape of `model evidence --json`."""
    cell = forest.cell
    return {
        "condition": forest.condition,
        "option": forest.option,
        "horizon_weeks": forest.horizon,
        "bias_rule": forest.bias,
        "pool": None if cell is None else _pool_shape(forest, cell),
        "why_none": None if cell is not None else _why_none(forest)[0],
        "rows": [
            {
                "row": line.row["row_id"],
                "use": line.use,
                "role": line.row["prior_role"],
                "outcome": line.row["outcome_class"],
                "weeks": float(line.row["time_weeks"]),
                "denominator": line.row["denominator"],
                "n": number(line.row["n_treated"]),
                "rate_as_published": number(line.row["rate_treated"]),
                "rate_as_used": line.used,
                "lo": line.low,
                "hi": line.high,
                "comparator": line.row["comparator"],
                "comparator_type": line.row["comparator_type"],
                "rate_control": number(line.row["rate_control"]),
                "certainty": line.row["grade_certainty"],
                "effect": line.row["other_effect"] or None,
                "citation": line.row["citation"],
                "doi": line.row["doi"] or None,
                "pmid": line.row["pmid"] or None,
                "sureness": line.row["sureness"],
            }
            for line in forest.lines
        ],
    }


def _pool_shape(forest: Forest, cell: dict[str, Any]) -> dict[str, Any]:
    treated, control = estimates(forest, cell)
    return {
        "outcome": cell["outcome_class"],
        "in_window": cell["in_window"],
        "weeks": cell["weeks"],
        "level": forest.model.level,
        "denominator": cell["denominator"],
        "response": treated,
        "comparator": control,
        "comparator_kind": cell["kind"] or None,
        "comparator_why": words.comparator_why(forest.model, cell),
        "joined_from": [
            {"from": LABELS[kind], "response": p, "comparator": control, "say": say}
            for kind, p, control, say in parts(forest, cell)
        ],
        "held": words.PHRASES["held_" + cell["held"]] if cell["held"] else None,
        "strata": [{"row": row, "people": said} for row, said in cell["strata"]],
        "certainty": cell["certainty"],
        "borrowed_from": cell["borrowed_from"] or None,
        "role": cell["role"],
        "disputed": bool(cell["contradicting"]),
    }


def estimates(forest: Forest, cell: dict[str, Any]) -> tuple[list[float], list[float] | None]:
    """Response and comparator with interval, at the cell's own outcome."""

    def three(mean: float, variance: float) -> list[float]:
        half = forest.model.z * variance**0.5
        return [float(v) for v in expit(np.array([mean, mean - half, mean + half]))]

    return three(cell["t"], cell["vt"]), None if cell["a"] is None else three(cell["a"], cell["va"])


def _why_none(forest: Forest) -> tuple[str, str]:
    code = "no_course_data" if forest.option == WATCH else "no_evidence"
    names = forest.model.data
    return words.no_estimate(
        code, option=names["options"][forest.option], condition=names["conditions"][forest.condition]
    )


def lines(forest: Forest, width: int = 100) -> Iterator[str]:
    """The forest as text, readable without colour."""
    names = forest.model.data
    yield f"{names['options'][forest.option]} in {names['conditions'][forest.condition]}"
    rule = "bias rule on" if forest.bias else "bias rule off"
    yield f"Horizon {forest.horizon} weeks, {rule}, of 100 people"
    yield f"Model {forest.model.version}, fitted to no patient"
    yield ""
    yield f"row   use           outcome    weeks     n  got used ctrl  {_axis()}"
    for line in forest.lines:
        yield _row_text(line)
        yield _indented(
            f"{line.row['citation']}; {line.row['denominator']}; vs {line.row['comparator']}", width
        )
        if line.row["prior_role"] == "contradicting" or not line.row["rate_treated"]:
            yield _indented(line.row["other_effect"], width)
    yield ""
    yield from _pool_text(forest)


def _row_text(line: Line) -> str:
    row = line.row
    got, control = number(row["rate_treated"]), number(row["rate_control"])
    bar = (
        _bar(line.low, line.used, line.high, control)
        if line.used is not None and line.low is not None
        else ""
    )
    return (
        f"{row['row_id']:<5} {line.use:<13} {row['outcome_class']:<10} {float(row['time_weeks']):>5g} "
        f"{row['n_treated'] or '-':>5} {_of100(got):>4} {_of100(line.used):>4} {_of100(control):>4}  {bar}"
    )


def _of100(p: float | None) -> str:
    return "-" if p is None else f"{100 * p:.0f}"


def _axis() -> str:
    return "0" + "100".rjust(_SCALE)


def _bar(low: float | None, middle: float | None, high: float | None, control: float | None = None) -> str:
    """`--o--` from low to high on a scale of 0 to 100; `c` marks the control."""
    if low is None or middle is None or high is None:
        return ""
    cells = [" "] * (_SCALE + 1)
    for i in range(round(low * _SCALE), round(high * _SCALE) + 1):
        cells[i] = "-"
    if control is not None:
        cells[round(control * _SCALE)] = "c"
    cells[round(middle * _SCALE)] = "o"
    return "".join(cells).rstrip()


def _indented(text: str, width: int) -> str:
    whole = " " * 6 + text
    return whole if len(whole) <= width else whole[: width - 1] + "…"


def _pool_text(forest: Forest) -> Iterator[str]:
    cell = forest.cell
    if cell is None:
        yield from _why_none(forest)
        return
    treated, control = estimates(forest, cell)
    label = "course" if forest.option == WATCH else "response"
    outcome = forest.model.data["outcomes"][cell["outcome_class"]]
    yield f"pool of {len(cell['rows'])}: {outcome}, {cell['denominator']}"
    yield f"  {label:<11}{_interval(treated):<42}{_bar(treated[1], treated[0], treated[2])}"
    if control is not None:
        yield f"  {'comparator':<11}{_interval(control):<42}{_bar(control[1], control[0], control[2])}"
    yield f"  {words.comparator_why(forest.model, cell)}"
    for kind, p, held, say in parts(forest, cell):
        against = f", comparator {_of100(held)}" if held is not None else ""
        yield f"  {LABELS[kind]}: {_of100(p)} of 100{against}; {say}"
    if cell["held"]:
        yield f"  {words.PHRASES['held_' + cell['held']]}"
    if not cell["in_window"]:
        low, high = cell["weeks"]
        yield f"  Time of its own ({low:g} to {high:g} weeks), outside the window; not ordered with it."
    if cell["borrowed_from"]:
        yield f"  Borrowed from {forest.model.data['conditions'][cell['borrowed_from']]}, interval widened."
    if cell["role"] == "supporting":
        yield "  Only supporting rows at this time: interval widened."
    if cell["strata"]:
        sides = "; ".join(f"{row} {said}" for row, said in cell["strata"])
        yield f"  Strata: {sides}. The pool stands in the middle; the person's own side moves it."
    if cell["rank_group"]:
        yield "  Stimulation waveforms are partly pooled and share one rank."
    disputed = " Disputed." if cell["contradicting"] else ""
    yield f"  Certainty: {cell['certainty'].replace('_', ' ')}.{disputed}"


def _interval(three: list[float]) -> str:
    return f"{100 * three[0]:.0f} of 100 (80% interval {100 * three[1]:.0f} to {100 * three[2]:.0f})"
