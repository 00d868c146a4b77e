"""Step 055: lay the known values out as one wide row per person and problem, one column per fact.

The statement is made from `knowledge/facts.csv`, once in a process; every fact becomes one column expression
and nothing is decided here that does not stand in that table. What is unknown stays NULL.
"""

import csv
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

import duckdb

from pain_tui.knowledge import load

_SQL_TYPES = {
    "number": "DOUBLE",
    "integer": "INTEGER",
    "flag": "BOOLEAN",
    "choice": "VARCHAR",
    "text": "VARCHAR",
}
# The list whose completeness turns an absent row into "no"; of the other kinds absence says nothing.
_LIST_OF_KIND = {
    "comorbidity": "l.condition",
    "comorbidity_ever": "l.condition",
    "comorbidity_within": "l.condition",
    "allergy": "l.allergy",
    "device": "l.device",
    "device_mri": "l.device",
    "treatment": "l.treatment",
    "treatment_count": "l.treatment",
    "treatment_count_relief": "l.treatment",
    "drug": "l.all_medicines",
    "drug_rescue": "l.all_medicines",
    "indication": "l.all_medicines",
}
_STEP_TABLES = {"medication_list": "ml", "mme": "m"}

Fact = Mapping[str, str]


@lru_cache(maxsize=1)
def catalogue() -> tuple[dict[str, str], ...]:
    """The rows of facts.csv, as text, in file order."""
    with (load.FOLDER / "facts.csv").open(encoding="utf-8", newline="") as lines:
        return tuple(csv.DictReader(lines))


def columns() -> Iterator[tuple[str, str]]:
    """(name, SQL type) of each column of `facts` after person and problem."""
    for fact in catalogue():
        if fact["source_kind"] != "per_option":
            yield fact["fact"], _SQL_TYPES[fact["type"]]


def run(cursor: duckdb.DuckDBPyConnection) -> None:
    """Make the temp table `facts`; it keeps its shape, so later runs only fill it again."""
    cursor.execute(_table_sql())
    cursor.execute(_fill_sql())


@lru_cache(maxsize=1)
def _table_sql() -> str:
    listed = ", ".join(f'"{name}" {kind}' for name, kind in columns())
    shape = f"person VARCHAR, problem VARCHAR, {listed}"
    return f"CREATE TEMP TABLE IF NOT EXISTS facts ({shape}); DELETE FROM facts"


@lru_cache(maxsize=1)
def _fill_sql() -> str:
    facts = [fact for fact in catalogue() if fact["source_kind"] != "per_option"]
    numbers = [f for f in facts if f["type"] in ("number", "integer", "flag") and _from_values(f)]
    words = [f for f in facts if f["type"] in ("choice", "text") and _from_values(f)]
    base = ",\n    ".join(f'{_column(fact)} AS "{fact["fact"]}"' for fact in facts)
    return f"""INSERT INTO facts
WITH used AS (SELECT person, fact, num, txt FROM fact_values WHERE is_used),
n AS (PIVOT used ON fact IN ({_names(numbers)}) USING first(num) GROUP BY person),
t AS (PIVOT used ON fact IN ({_names(words)}) USING first(txt) GROUP BY person),
l AS (
    SELECT lists.*, ml.complete AND len(ml.unknown_drugs) = 0 AS all_medicines
    FROM lists JOIN medication_list ml USING (person)
),
base AS (
    SELECT p.person, coalesce(pr.problem, '') AS problem,
    {base}
    FROM people p LEFT JOIN problems pr USING (person) LEFT JOIN l USING (person) LEFT JOIN n USING (person)
    LEFT JOIN t USING (person) LEFT JOIN medication_list ml USING (person) LEFT JOIN mme m USING (person)
)
{_with_derived(facts)}"""


def _names(facts: list[dict[str, str]]) -> str:
    return ", ".join(f"'{fact['fact']}'" for fact in facts)


def _from_values(fact: Fact) -> bool:
    """Whether any row of fact_values can hold this fact."""
    elsewhere = {"person", "problem", "step", "derived", "list", "per_option", ""}
    return fact["source_kind"] not in elsewhere or fact["then_kind"] not in elsewhere


def _column(fact: Fact) -> str:
    """The expression of one fact before the derived ways are laid over it."""
    kind = _SQL_TYPES[fact["type"]]
    ways = [("source_kind", "source_code"), ("then_kind", "then_code")]
    parts = [_value(fact)] if _from_values(fact) else []
    parts += [_direct(fact[a], fact[b]) for a, b in ways if fact[a] in ("person", "problem", "step", "list")]
    parts = parts or ["NULL"]
    value = parts[0] if len(parts) == 1 else f"coalesce({', '.join(parts)})"
    return f"({value})::{kind}"


def _direct(kind: str, code: str) -> str:
    if kind == "step":
        table, column = code.split(".")
        return f'{_STEP_TABLES[table]}."{column}"'
    return f'{ {"person": "p", "problem": "pr", "list": "l"}[kind] }."{code}"'


def _value(fact: Fact) -> str:
    if fact["type"] in ("choice", "text"):
        return f't."{fact["fact"]}"'
    value = f'n."{fact["fact"]}"'
    kinds = (fact["source_kind"], fact["then_kind"])
    complete = next((_LIST_OF_KIND[kind] for kind in kinds if kind in _LIST_OF_KIND), None)
    if fact["type"] == "flag":
        absent = f" WHEN {value} IS NULL AND {complete} THEN false" if complete else ""
        return f"CASE WHEN {value} = 1 THEN true WHEN {value} = 0 THEN false{absent} END"
    if any(kind.startswith("treatment_count") for kind in kinds):
        return f"coalesce({value}, CASE WHEN {complete} THEN 0 END)"
    return value


def _with_derived(facts: list[dict[str, str]]) -> str:
    """Derived ways in file order, each level seeing the finished values of the one before."""
    derived = {f["fact"]: f for f in facts if "derived" in (f["source_kind"], f["then_kind"])}
    source = "FROM base"
    for level in _levels(derived):
        replaced = ", ".join(f'{_derive(derived[name])} AS "{name}"' for name in level)
        source = f"FROM (SELECT * REPLACE ({replaced}) {source})"
    return f"SELECT * {source}"


def _expression(fact: Fact) -> str:
    return fact["source_code"] if fact["source_kind"] == "derived" else fact["then_code"]


def _derive(fact: Fact) -> str:
    name, kind, worked_out = f'"{fact["fact"]}"', _SQL_TYPES[fact["type"]], f"({_expression(fact)})"
    if fact["type"] == "flag":
        return f"coalesce({name} OR {worked_out}, {name}, {worked_out})::BOOLEAN"
    return f"coalesce({name}, {worked_out})::{kind}"


def _levels(derived: Mapping[str, Fact]) -> list[list[str]]:
    """Derived facts grouped so that each group needs only facts of earlier groups."""
    needs = {
        n: (set(re.findall(r"[a-z_0-9]+", _expression(f))) & set(derived)) - {n} for n, f in derived.items()
    }
    levels: list[list[str]] = []
    done: set[str] = set()
    while len(done) < len(derived):
        ready = [name for name in derived if name not in done and needs[name] <= done]
        if not ready:
            raise ValueError(f"Derived facts need each other: {sorted(set(derived) - done)}")
        levels.append(ready)
        done |= set(ready)
    return levels
