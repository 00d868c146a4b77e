"""The known facts of a small case as columns, straight from the cells: laying out one wide row costs far more.

For cursors that keep their plans; elsewhere the table `facts` holds the same values.
"""

from collections.abc import Iterable
from functools import lru_cache
from math import copysign, floor
from typing import Any

import duckdb

from pain_tui.knowledge import plans
from pain_tui.knowledge.rows import rows

_CELLS = "SELECT person, problem, fact, value FROM fact_cells"


def from_cells(cursor: duckdb.DuckDBPyConnection, names: Iterable[str]) -> dict[str, list[Any]]:
    """`person`, `problem` and these facts, a row for each person and problem with any known fact, in order."""
    kinds = _kinds()
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for person, problem, fact, value in plans.query(cursor, _CELLS).fetchall():
        found.setdefault((person, problem), {})[fact] = _value(kinds[fact], value)
    keys = sorted(found)
    columns: dict[str, list[Any]] = {
        "person": [person for person, _ in keys],
        "problem": [problem for _, problem in keys],
    }
    return columns | {name: [found[key].get(name) for key in keys] for name in names}


@lru_cache(maxsize=1)
def _kinds() -> dict[str, str]:
    return {row["fact"]: row["type"] for row in rows("facts")}


def _value(kind: str, text: str) -> Any:
    """The text of a cell as its SQL type would read it."""
    if kind == "flag":
        return text == "true"
    if kind == "number":
        return float(text)
    if kind == "integer":
        number = float(text)
        return int(copysign(floor(abs(number) + 0.5), number))
    return text
