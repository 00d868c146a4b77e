"""Step 100: forecasts of every option of every problem of the chosen people, as the temp table `forecast`.

Reads options, facts and case_run; makes forecast and forecast_inputs (the additive parts of each number,
one row an input). Everything numeric is one vectorised call; words belong to cells and are joined by SQL.
Reads nobody else's record: a person's forecast is the same whoever is beside them.
"""

from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from pain_tui.errors import ModelError
from pain_tui.forecast import gates, output
from pain_tui.forecast.cells import WATCH
from pain_tui.forecast.coding import Column, code, column
from pain_tui.forecast.load import Model, load
from pain_tui.forecast.predict import Rows, expit, predict

PRIOR_RELIEF = "prior_same_treatment_relief_pct"
# The rows of this step in their final order; arrays below are joined to it by number.
_ASKED = """
CREATE OR REPLACE TEMP TABLE forecast_asked AS
SELECT row_number() OVER (ORDER BY person, problem, option) - 1 AS row, person, problem, condition, option
FROM options
"""


def run(cursor: duckdb.DuckDBPyConnection) -> None:
    """Make the tables of step 100 on this cursor."""
    settings = cursor.execute("SELECT horizon_weeks, evidence_set, bias_rule FROM case_run").fetchone()
    if settings is None:
        raise ValueError("case_run is empty")
    horizon, evidence_set, bias = int(settings[0]), str(settings[1]), bool(settings[2])
    cursor.execute(_ASKED)
    try:
        model = load()
    except ModelError as error:
        output.refuse(cursor, error, horizon)
        return
    asked = _read(cursor, model)
    made = forecast(model, asked, horizon=horizon, evidence_set=evidence_set, bias=bias)
    output.write(cursor, model, made, evidence_set)


def _read(cursor: duckdb.DuckDBPyConnection, model: Model) -> dict[str, Any]:
    """Options with the facts of their person and problem, one row an option, as columns."""
    known = {row[0] for row in cursor.execute("SELECT column_name FROM (DESCRIBE facts)").fetchall()}
    wanted = [f for f in (*model.facts, "age_years", "treatment_list_complete") if f in known]
    extra = {row[0] for row in cursor.execute("SELECT column_name FROM (DESCRIBE options)").fetchall()}
    before = [c for c in ("prior_relief_pct", "times_given", "drugs") if c in extra]
    chosen = ", ".join(
        [f'o."{c}" AS "o:{c}"' for c in before] + [f'f."{c}" AS "f:{c}"' for c in dict.fromkeys(wanted)]
    )
    found = cursor.execute(
        f"SELECT a.condition, a.option{', ' + chosen if chosen else ''} FROM forecast_asked a "
        "JOIN options o USING (person, problem, option) LEFT JOIN facts f USING (person, problem) "
        "ORDER BY a.row"
    ).fetchnumpy()
    return dict(found)


def _text(values: Any) -> NDArray[Any]:
    data = np.ma.asarray(values)
    out = np.asarray(data.data, dtype=object).copy()
    out[np.ma.getmaskarray(data)] = None
    return out


def columns(model: Model, asked: dict[str, Any]) -> dict[str, Column]:
    """The facts of the model as columns over the asked rows; a fact without a column is missing."""
    held = {name: column(asked[f"f:{name}"]) for name in model.facts if f"f:{name}" in asked}
    if "o:prior_relief_pct" in asked:
        numbers = column(asked["o:prior_relief_pct"]).numbers
        times = column(asked["o:times_given"]).numbers if "o:times_given" in asked else None
        none_yet = None
        if times is not None and "f:treatment_list_complete" in asked:
            complete = column(asked["f:treatment_list_complete"]).numbers
            none_yet = (times == 0) & (complete == 1)
        held[PRIOR_RELIEF] = Column(numbers=_as_numbers(asked, numbers), none_yet=none_yet)
    return held


def _as_numbers(asked: dict[str, Any], numbers: NDArray[Any] | None) -> NDArray[Any]:
    return numbers if numbers is not None else np.full(len(asked["option"]), np.nan)


def coded(model: Model, facts: dict[str, Column], size: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Coded values and states of every term over the rows."""
    x, state = np.empty((size, len(model.terms))), np.empty((size, len(model.terms)), dtype=np.int8)
    for j, term in enumerate(model.terms):
        x[:, j], state[:, j] = code(term, facts.get(term["fact"]), size)
    return x, state


def forecast(
    model: Model, asked: dict[str, Any], *, horizon: int, evidence_set: str = "default", bias: bool = True
) -> dict[str, Any]:
    """Forecast columns for the asked rows (person, problem, condition, option and facts as columns)."""
    condition, option = _text(asked["condition"]), _text(asked["option"])
    size = len(option)
    facts = columns(model, asked)
    x, state = coded(model, facts, size)
    pairs = {(c, k) for c, k in zip(condition, option, strict=True)}
    cell_of = {key: model.cell_of(key[0], key[1], horizon, bias) for key in pairs}
    pair_of = {key: model.pair_of(*key) for key in pairs}
    keys = list(zip(condition, option, strict=True))
    rows = Rows(
        np.fromiter((cell_of[k] for k in keys), dtype=np.int64, count=size),
        np.fromiter((pair_of[k] for k in keys), dtype=np.int64, count=size),
        x,
        state,
    )
    made: dict[str, Any] = dict(predict(model, rows, evidence_set))
    codes, reasons = _reasons(model, asked, facts, rows.cell, condition, option, horizon)
    blocked = codes != ""
    for name in output.NUMBERS:
        made[name] = np.where(blocked, np.nan, made[name])
    _placebo_beside(model, made, condition, option, codes, horizon)
    road, road_json = gates.road(model, facts, rows.cell, condition, option, made, blocked, horizon)
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
        "horizon": horizon,
        **road,
    }
    return made


def _reasons(
    model: Model,
    asked: dict[str, Any],
    facts: dict[str, Column],
    cell: NDArray[np.int64],
    condition: NDArray[Any],
    option: NDArray[Any],
    horizon: int,
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
    age = column(asked["f:age_years"]).numbers if "f:age_years" in asked else None
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
    for i in np.flatnonzero((option == WATCH) & (codes == "no_course_data")):
        course = model.data["placebo"].get(f"{condition[i]}|{horizon}")
        if course is None or not course["in_window"]:
            continue
        beside[i] = True
        step = -model.data["shift30"]["mean"] if course["outcome_class"] == "pain30" else 0.0
        spread = course["variance"] + (model.data["shift30"]["variance"] if step else 0.0)
        middle, half = course["mean"] + step, model.z * spread**0.5
        made["p_comparator"][i], made["comparator_lo"][i], made["comparator_hi"][i] = expit(
            np.array([middle, middle - half, middle + half])
        )
    made["placebo_beside"] = beside
