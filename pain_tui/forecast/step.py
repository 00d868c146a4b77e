"""Step 100: forecasts of every option of every problem of the chosen people, as the temp table `forecast`.

Reads options, facts and case_run; makes forecast, forecast_inputs (the additive parts of each number, one row
an input) and other_order (would the other evidence set order the options differently?). Everything numeric is one
vectorised call; words belong to cells and are joined by SQL. Reads nobody else's record: a person's forecast is the
same whoever is beside them.
"""

from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from pain_tui.errors import ModelError
from pain_tui.forecast import gates, other_set, output, words
from pain_tui.forecast.cells import WATCH
from pain_tui.forecast.coding import Column, code, column
from pain_tui.forecast.load import Model, load
from pain_tui.forecast.predict import Rows, expit, predict
from pain_tui.knowledge import fact_columns, plans

PRIOR_RELIEF = "prior_same_treatment_relief_pct"
_BY_ROW = ("age_years",)
_OPTIONS = "SELECT person, problem, condition, option{columns} FROM options ORDER BY person, problem, option"
_FACTS = "SELECT person, problem{columns} FROM facts"
_BEFORE = ("prior_relief_pct", "times_given", "drugs")


def run(cursor: duckdb.DuckDBPyConnection) -> None:
    """Make the tables of step 100 on this cursor."""
    found = plans.query(cursor, "SELECT horizon_weeks, evidence_set, bias_rule FROM case_run").fetchone()
    if found is None:
        raise ValueError("case_run is empty")
    horizon, evidence_set, bias = int(found[0]), str(found[1]), bool(found[2])
    asked = _columns(cursor, _OPTIONS, _BEFORE)
    try:
        model = load()
    except ModelError as error:
        output.refuse(cursor, error, asked, horizon)
        other_set.none(cursor)
        return
    asked |= _facts(cursor, model, list(zip(asked["person"], asked["problem"], strict=True)))
    made = forecast(model, asked, horizon=horizon, evidence_set=evidence_set, bias=bias)
    output.write(cursor, model, asked, made, evidence_set)
    other_set.write(cursor, model, asked, made, evidence_set)


def _facts(
    cursor: duckdb.DuckDBPyConnection, model: Model, problems: list[tuple[str, str]]
) -> dict[str, Any]:
    """The known facts, one row a person and problem, and which of their rows each option belongs to (who)."""
    wanted = dict.fromkeys((*model.facts, "age_years", "treatment_list_complete"))
    wanted.pop(PRIOR_RELIEF, None)  # belongs to an option, not to a person
    if plans.keeps(cursor):
        found = fact_columns.from_cells(cursor, wanted)
    else:
        found = _columns(cursor, _FACTS, tuple(wanted))
    row_of = {key: i for i, key in enumerate(zip(found["person"], found["problem"], strict=True))}
    order = {key: who for who, key in enumerate(dict.fromkeys(problems))}
    rows = [row_of.get(key) for key in order]
    facts = {name: [None if i is None else found[name][i] for i in rows] for name in wanted if name in found}
    known = {name: values for name, values in facts.items() if any(value is not None for value in values)}
    return {"facts": known, "who": [order[key] for key in problems]}


def _columns(
    cursor: duckdb.DuckDBPyConnection, select: str, columns: tuple[str, ...]
) -> dict[str, list[Any]]:
    """The columns of one table as lists; of `columns` those that it has (hand-made tables have fewer)."""
    try:
        found = plans.query(cursor, select.format(columns="".join(f", {name}" for name in columns)))
    except duckdb.BinderException:
        table = select.split(" FROM ")[1].split()[0]
        held = {row[0] for row in cursor.execute(f"SELECT column_name FROM (DESCRIBE {table})").fetchall()}
        if held.issuperset(columns):
            raise
        return _columns(cursor, select, tuple(name for name in columns if name in held))
    names = [column[0] for column in found.description or ()]
    rows = found.fetchall()
    return {name: [row[i] for row in rows] for i, name in enumerate(names)}


def _text(values: Any) -> NDArray[Any]:
    return np.array(values, dtype=object)


def own_relief(asked: dict[str, Any], facts: dict[str, Column], who: NDArray[np.int64]) -> Column | None:
    """Relief from the same treatment before, by option; known to be none where the list says so."""
    if "prior_relief_pct" not in asked:
        return None
    numbers = column(asked["prior_relief_pct"]).numbers
    times = column(asked["times_given"]).numbers if "times_given" in asked else None
    complete = facts.get("treatment_list_complete")
    none_yet = None
    if times is not None and complete is not None and complete.numbers is not None:
        none_yet = (times == 0) & (complete.numbers[who] == 1)
    return Column(numbers=np.full(len(who), np.nan) if numbers is None else numbers, none_yet=none_yet)


def coded(model: Model, facts: dict[str, Column], size: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Coded values and states of every term, one row a person and problem."""
    x, state = np.empty((size, len(model.terms))), np.empty((size, len(model.terms)), dtype=np.int8)
    for j, term in enumerate(model.terms):
        x[:, j], state[:, j] = code(term, facts.get(term["fact"]), size)
    return x, state


def forecast(
    model: Model, asked: dict[str, Any], *, horizon: int, evidence_set: str = "default", bias: bool = True
) -> dict[str, Any]:
    """Forecast columns for the asked rows.

    asked: condition, option, who (which row of the facts) and, where known, prior_relief_pct, times_given and
    drugs as columns of equal length; facts: the facts as columns, one row a person and problem.
    """
    condition, option = _text(asked["condition"]), _text(asked["option"])
    size, who = len(option), np.asarray(asked["who"], dtype=np.int64)
    facts = {name: column(values) for name, values in asked["facts"].items()}
    x, state = coded(model, facts, int(who.max()) + 1 if size else 0)
    relief = own_relief(asked, facts, who)
    own = (
        {} if relief is None else {j: relief for j, t in enumerate(model.terms) if t["fact"] == PRIOR_RELIEF}
    )
    pairs = {(c, k) for c, k in zip(condition, option, strict=True)}
    cell_of = {key: model.cell_of(key[0], key[1], horizon, bias) for key in pairs}
    pair_of = {key: model.pair_of(*key) for key in pairs}
    keys = list(zip(condition, option, strict=True))
    rows = Rows(
        np.fromiter((cell_of[k] for k in keys), dtype=np.int64, count=size),
        np.fromiter((pair_of[k] for k in keys), dtype=np.int64, count=size),
        x,
        state,
        who,
        {j: code(model.terms[j], held, size) for j, held in own.items()},
    )
    made: dict[str, Any] = dict(predict(model, rows, evidence_set))
    spread = {
        name: held.take(who) for name, held in facts.items() if name in _BY_ROW or name in gates.facts(model)
    }
    codes, reasons = _reasons(model, spread, rows.cell, condition, option)
    blocked = codes != ""
    for name in output.NUMBERS:
        made[name] = np.where(blocked, np.nan, made[name])
    _placebo_beside(model, made, condition, option, codes, horizon)
    road, road_json = gates.road(model, spread, rows.cell, condition, option, made, blocked)
    made |= {
        "condition": condition,
        "option": option,
        "cell": np.where(blocked, -1, rows.cell),
        "code": codes,
        "reason": reasons,
        "gates": road_json,
        "by_drug": gates.by_drug(model, asked, rows, made, evidence_set),
        "rows": rows,
        "facts": facts,
        "own": own,
        "horizon": horizon,
        **road,
    }
    return made


def _reasons(
    model: Model,
    facts: dict[str, Column],
    cell: NDArray[np.int64],
    condition: NDArray[Any],
    option: NDArray[Any],
) -> tuple[NDArray[Any], NDArray[Any]]:
    """The no-estimate code of each row ("" when there is a number), and the key of its words."""
    size = len(option)
    codes, reasons = np.full(size, "", dtype=object), np.full(size, None, dtype=object)
    known_conditions, known_options = set(model.data["conditions"]), set(model.data["options"])

    def put(where: NDArray[np.bool_], name: str, text: NDArray[Any]) -> None:
        open_ = where & (codes == "")
        codes[open_] = name
        reasons[open_] = text[open_]

    key = np.array([f"{c}|{k}" for c, k in zip(condition, option, strict=True)], dtype=object)
    age = facts["age_years"].numbers if "age_years" in facts else None
    if age is not None:
        low, high = model.settings["smallest_age"], model.settings["largest_age"]
        put(age < low, "child", key)
        put(age > high, "out_of_range", np.array([f"age_years|{a:g}" for a in age], dtype=object))
    put(*gates.not_eligible(model, facts, condition, option))
    put(np.array([c not in known_conditions for c in condition], dtype=bool), "condition_not_covered", key)
    put(np.array([k not in known_options for k in option], dtype=bool), "option_not_covered", key)
    put((cell < 0) & (option == WATCH), "no_course_data", key)
    put(cell < 0, "no_evidence", key)
    return codes, reasons


def _placebo_beside(
    model: Model,
    made: dict[str, Any],
    condition: NDArray[Any],
    option: NDArray[Any],
    codes: NDArray[Any],
    horizon: int,
) -> None:
    """Where no course without treatment is known: what people given placebo did, as comparator only."""
    beside = np.zeros(len(option), dtype=bool)
    counted, of = (np.full(len(option), None, dtype=object) for _ in range(2))
    for i in np.flatnonzero((option == WATCH) & (codes == "no_course_data")):
        course = model.data["placebo"].get(f"{condition[i]}|{horizon}")
        if course is None or not course["in_window"]:
            continue
        beside[i], counted[i], of[i] = True, words.outcome_of(course), course["denominator"]
        step = -model.data["shift30"]["mean"] if course["outcome_class"] == "pain30" else 0.0
        spread = course["variance"] + (model.data["shift30"]["variance"] if step else 0.0)
        middle, half = course["mean"] + step, model.z * spread**0.5
        made["p_comparator"][i], made["comparator_lo"][i], made["comparator_hi"][i] = expit(
            np.array([middle, middle - half, middle + half])
        )
    made |= {"placebo_beside": beside, "beside_outcome": counted, "beside_of": of}
