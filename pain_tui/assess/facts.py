"""Step 055: lay the known values out as one wide row per person and problem, one column per fact.

The statements are made from `knowledge/facts.csv`, once in a process; nothing is decided here that does not
stand in that table. The wide table is filled by one pivot over text cells: joins that carry every fact are
slow to plan. What is unknown has no cell and stays NULL.
"""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

import duckdb

from pain_tui.knowledge import load, plans

_SQL_TYPES = {
    "number": "DOUBLE",
    "integer": "INTEGER",
    "flag": "BOOLEAN",
    "choice": "VARCHAR",
    "text": "VARCHAR",
}
_WAYS = (("source_kind", "source_code"), ("then_kind", "then_code"))
_DIRECT = {"person": "people.", "problem": "problems.", "list": "lists.", "step": ""}

Fact = Mapping[str, str]


@lru_cache(maxsize=1)
def catalogue() -> tuple[dict[str, str], ...]:
    """The rows of facts.csv that have a column in `facts`, as text, in file order."""
    with (load.FOLDER / "facts.csv").open(encoding="utf-8", newline="") as lines:
        return tuple(row for row in csv.DictReader(lines) if row["source_kind"] != "per_option")


def columns() -> Iterator[tuple[str, str]]:
    """(name, SQL type) of each column of `facts` after person and problem."""
    for fact in catalogue():
        yield fact["fact"], _SQL_TYPES[fact["type"]]


def run(cursor: duckdb.DuckDBPyConnection) -> None:
    """Make the temp tables `fact_cells` (known facts in long form) and `facts` (wide).

    Where plans are kept nobody reads the wide rows (knowledge.fact_columns), and `facts` is a view of the cells.
    """
    for statement in _cell_statements():
        plans.execute(cursor, statement)
    if plans.keeps(cursor):
        plans.once(cursor, _view_sql())
    else:
        for statement in _wide_statements():
            plans.execute(cursor, statement)


@lru_cache(maxsize=1)
def _cell_statements() -> tuple[str, ...]:
    return (_cells_sql(), *(_derived_sql(number, level) for number, level in enumerate(_levels())))


@lru_cache(maxsize=1)
def _wide_statements() -> tuple[str, str]:
    shape = ", ".join(f'"{name}" {kind}' for name, kind in columns())
    return (
        f"CREATE OR REPLACE TEMP TABLE facts (person VARCHAR, problem VARCHAR, {shape})",
        f"INSERT INTO facts {_wide_sql()}",
    )


@lru_cache(maxsize=1)
def _view_sql() -> str:
    typed = ", ".join(f'"{name}"::{kind} AS "{name}"' for name, kind in columns())
    return f"CREATE OR REPLACE TEMP VIEW facts AS SELECT person, problem, {typed} FROM ({_wide_sql()})"


def _cells_sql() -> str:
    """One text cell per person, problem and known fact, before the derived ways."""
    direct = [(f["fact"], _column(f[a], f[b])) for f in catalogue() for a, b in _WAYS if f[a] in _DIRECT]
    listed = ", ".join(f"{{'fact': '{name}', 'value': {column}::VARCHAR}}" for name, column in direct)
    return f"""CREATE OR REPLACE TEMP TABLE fact_cells AS
WITH stated AS (
    SELECT person, fact, CASE type WHEN 'flag' THEN CASE num WHEN 1 THEN 'true' WHEN 0 THEN 'false' END
                              WHEN 'integer' THEN num::BIGINT::VARCHAR
                              ELSE coalesce(txt, num::VARCHAR) END AS value
    FROM fact_values WHERE is_used
),
-- absence from a list means no only where that list was stated complete
absent AS (
    SELECT l.person, k.fact, k.value
    FROM (
        SELECT person, unnest(complete) AS list FROM lists UNION ALL
        SELECT person, 'known_medicines' FROM medication_list WHERE complete AND len(unknown_drugs) = 0
    ) l JOIN knowledge.fact_absence k USING (list)
    ANTI JOIN stated s ON s.person = l.person AND s.fact = k.fact
),
direct AS (
    SELECT person, coalesce(problem, '') AS problem, unnest([{listed}], recursive := true)
    FROM people LEFT JOIN problems USING (person) LEFT JOIN lists USING (person)
    LEFT JOIN medication_list USING (person) LEFT JOIN mme USING (person)
    LEFT JOIN urine_tests USING (person)
),
whole AS (FROM stated UNION ALL FROM absent)
SELECT w.person, coalesce(p.problem, '') AS problem, w.fact, w.value
FROM whole w LEFT JOIN problems p USING (person) WHERE w.value IS NOT NULL
UNION ALL
SELECT person, problem, fact, value FROM direct WHERE value IS NOT NULL"""


def _column(kind: str, code: str) -> str:
    if kind == "list":
        return f"list_contains(lists.complete, '{code}')"
    return f"{_DIRECT[kind]}{code}"


def _derived_sql(number: int, level: Sequence[Fact]) -> str:
    """Work out facts of one level from the cells of earlier ones; a stated value comes first.

    A flag is yes when either way says yes; any other type takes the stated value where there is one.
    """
    names = [fact["fact"] for fact in level]
    kinds = dict(columns())
    needed = sorted({n for f in level for n in _words(_expression(f)) if n in kinds} | set(names))
    inputs = ", ".join(f'c."{name}"::{kinds[name]} AS "{name}"' for name in needed)
    results = ", ".join(
        f"{{'fact': '{fact['fact']}', 'value': ({_derive(fact)})::VARCHAR}}" for fact in level
    )
    quoted = _quoted(names)
    return f"""CREATE OR REPLACE TEMP TABLE fact_derived_{number} AS
WITH c AS (PIVOT fact_cells ON fact IN ({_quoted(needed)}) USING first(value) GROUP BY person, problem),
typed AS (SELECT person, problem, {inputs} FROM c)
SELECT person, problem, unnest([{results}], recursive := true) FROM typed;
DELETE FROM fact_cells WHERE fact IN ({quoted});
INSERT INTO fact_cells
SELECT person, problem, fact, value FROM fact_derived_{number} WHERE value IS NOT NULL"""


def _wide_sql() -> str:
    names = [name for name, _ in columns()]
    return f"""FROM (PIVOT fact_cells ON fact IN ({_quoted(names)}) USING first(value) GROUP BY person, problem)"""


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)


def _expression(fact: Fact) -> str:
    return fact["source_code"] if fact["source_kind"] == "derived" else fact["then_code"]


def _derive(fact: Fact) -> str:
    name, worked_out = f'"{fact["fact"]}"', f"({_expression(fact)})"
    if fact["type"] == "flag":
        return f"coalesce({name} OR {worked_out}, {name}, {worked_out})"
    return f"coalesce({name}, {worked_out})"


def _words(expression: str) -> set[str]:
    return set(re.findall(r"[a-z_0-9]+", expression))


def _levels() -> list[list[Fact]]:
    """Derived facts grouped so that each group needs only facts of earlier groups."""
    derived = {f["fact"]: f for f in catalogue() if "derived" in (f["source_kind"], f["then_kind"])}
    needs = {name: (_words(_expression(fact)) & set(derived)) - {name} for name, fact in derived.items()}
    levels: list[list[Fact]] = []
    done: set[str] = set()
    while len(done) < len(derived):
        ready = [name for name in derived if name not in done and needs[name] <= done]
        if not ready:
            raise ValueError(f"Derived facts need each other: {sorted(set(derived) - done)}")
        levels.append([derived[name] for name in ready])
        done |= set(ready)
    return levels
