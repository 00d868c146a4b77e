"""Run the clinical steps, in order, over a chosen set of people.

A step is one SQL file in `steps/`, run in the order of its number. It reads the `case_*` tables (the chosen
people's rows, see case.py), the schema `knowledge` and the tables of earlier steps, and makes one or two
TEMP tables. Temp tables belong to one DuckDB cursor, so several assessments can run at once.
Where a step must be Python (the forecast), it stands in PYTHON_STEPS under the same numbering.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from pathlib import Path

import duckdb

from pain_tui.assess import case
from pain_tui.knowledge import plans

STEPS_FOLDER = Path(__file__).resolve().parent / "steps"
CASE_FILE = Path(__file__).resolve().parent / "case.sql"

# name of the step -> "module:function"; the function takes the cursor and makes its tables.
PYTHON_STEPS: dict[str, str] = {
    "035_written_results": "pain_tui.genotype.step:run",
    "055_facts": "pain_tui.assess.facts:run",
    "090_rule_results": "pain_tui.assess.rule_results:run",
    "100_forecast": "pain_tui.forecast.step:run",
}

CASE_TABLES = tuple(f"case_{table}" for table in (*case.TABLES, "run", "asked"))


@dataclass(frozen=True)
class Step:
    """One clinical step: its numbered name and what runs it."""

    name: str
    run: Callable[[duckdb.DuckDBPyConnection], None]


def steps() -> Iterator[Step]:
    """All steps in order: `010_people`, `020_medications`, ..."""
    names = {file.stem for file in STEPS_FOLDER.glob("*.sql")} | set(PYTHON_STEPS)
    for name in sorted(names):
        yield Step(
            name, _python(PYTHON_STEPS[name]) if name in PYTHON_STEPS else _sql(STEPS_FOLDER / f"{name}.sql")
        )


def run(cursor: duckdb.DuckDBPyConnection, *, until: str | None = None) -> None:
    """Run every step up to and including `until` (a name or its number) on the loaded case.

    On a cursor that keeps its plans, what a change cannot have touched stays as it is (knowledge.unchanged).
    """
    with plans.unchanged_stays(cursor, CASE_TABLES):
        for step in steps():
            step.run(cursor)
            if until is not None and step.name.startswith(until):
                return


def run_only(cursor: duckdb.DuckDBPyConnection, name: str) -> None:
    """Run one step by its name, on tables that are already there: for calculators and tests."""
    if name in PYTHON_STEPS:
        _python(PYTHON_STEPS[name])(cursor)
    else:
        _sql(STEPS_FOLDER / f"{name}.sql")(cursor)


@lru_cache(maxsize=64)
def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8")


def _sql(file: Path) -> Callable[[duckdb.DuckDBPyConnection], None]:
    def run_file(cursor: duckdb.DuckDBPyConnection) -> None:
        plans.execute(cursor, _text(file))

    return run_file


def _python(target: str) -> Callable[[duckdb.DuckDBPyConnection], None]:
    module, function = target.split(":")

    def run_function(cursor: duckdb.DuckDBPyConnection) -> None:
        getattr(import_module(module), function)(cursor)

    return run_function
