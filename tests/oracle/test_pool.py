"""Every cell of the bundled model against a second, plain reading of the evidence tables (`tests.oracle.pool`)."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from pain_tui.forecast.cells import Evidence
from pain_tui.forecast.hierarchy import hierarchy
from pain_tui.forecast.tables import FOLDER
from tests.oracle import pool
from tests.oracle.pool_parts import WINDOWS, Answer

MODEL = Path(__file__).resolve().parents[2] / "models" / "pain_evidence.json"
SHARED = os.environ.get("PAIN_TUI_TEST_DATA", "")
NAMES = ("treated", "effect", "control")

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def model() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(MODEL.read_text(encoding="utf-8"))
    return found


def _variances(bias: bool) -> dict[str, list[float]]:
    found = hierarchy(Evidence.read(), 12, bias).variances
    return {name: list(held) for name, held in zip(NAMES, found, strict=True)}


@pytest.mark.parametrize("bias", [True, False])
def test_the_variances_maximise_the_restricted_likelihood(bias: bool) -> None:
    """Found by a bounded optimiser here and by a fixed-point iteration there, to the last of three digits."""
    reading = pool.Reading(FOLDER, bias)
    reading.learn()
    for name, held in _variances(bias).items():
        assert reading.variances[name] == pytest.approx(held, abs=0.0021), name


def _differences(folder: Path, bias: bool, model: dict[str, Any]) -> list[tuple[Any, ...]]:
    reading = pool.Reading(folder, bias)
    reading.variances = _variances(bias)
    cells = {
        (c["condition"], c["option"], c["horizon"]): c
        for c in model["cells"]
        if c["bias"] == bias and c["option"] != "watch"
    }
    found: dict[tuple[str, str, int], Answer] = {}
    for weeks in WINDOWS:
        for condition in reading.lenders:
            found |= {(condition, o, weeks): a for o, a in reading.cells(condition, weeks).items()}
    assert len(cells) > 800 and set(found) == set(cells)
    return [(key, *_apart(found[key], cell)) for key, cell in cells.items() if _apart(found[key], cell)]


def _apart(a: Answer, cell: dict[str, Any]) -> list[Any]:
    here = [a.rows, a.kind, a.outcome, a.in_window, a.borrowed, a.a is None]
    there = [cell[k] for k in ("rows", "kind", "outcome_class", "in_window", "borrowed_from")]
    apart = [] if here == [*there, cell["a"] is None] else [here, there]
    numbers = {"t": a.t, "vt": a.vt, "a": a.a or 0.0, "va": a.va, "c": a.c}
    return apart + [(k, v, cell[k]) for k, v in numbers.items() if abs(v - (cell[k] or 0.0)) > 1e-9]


@pytest.mark.parametrize("bias", [True, False])
def test_every_cell_is_what_the_tables_say(bias: bool, model: dict[str, Any]) -> None:
    """Rows, comparator, outcome, lender, response, control and covariance of all cells at all horizons."""
    assert _differences(FOLDER, bias, model) == []


@pytest.mark.external
@pytest.mark.skipif(not SHARED, reason="PAIN_TUI_TEST_DATA is not set")
def test_every_cell_is_what_the_tables_it_came_from_say(model: dict[str, Any]) -> None:
    """The tables as they were handed over give the same cells as the packaged copy."""
    assert _differences(Path(SHARED) / "reference" / "evidence", True, model) == []


def test_the_threshold_step_is_the_same(model: dict[str, Any]) -> None:
    """The step between relief of 50 % and of 30 %."""
    reading = pool.Reading(FOLDER, True)
    step = model["shift30"]
    assert (reading.step, reading.step_variance) == pytest.approx((step["mean"], step["variance"]), abs=1e-10)
