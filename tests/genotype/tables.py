"""Small hand-made cases for the genotype steps: calls and medicines in, phenotypes out, through the real
steps.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

import duckdb

from pain_tui.assess import engine
from pain_tui.knowledge import load

AS_OF = date(2026, 11, 24)
GENOTYPE_STEPS = ("031_modulators", "035_written_results", "038_gene_results", "040_phenotypes")
_CASE = Path(engine.__file__).with_name("case.sql")


def connect() -> duckdb.DuckDBPyConnection:
    """Knowledge loaded, empty case tables."""
    connection = load.connect()
    connection.execute(_CASE.read_text(encoding="utf-8"))
    return connection


def load_case(
    connection: duckdb.DuckDBPyConnection,
    calls: Sequence[dict],
    medicines: Iterable[dict] = (),
    *,
    list_complete: bool = True,
) -> None:
    """Put rows straight into the tables that the genotype steps read.

    calls: columns of case_genotype_call (person, gene and state at least).
    medicines: person, ingredient, active (True, False, None) and optionally stop, last_dose, start.
    """
    connection.execute("DELETE FROM case_genotype_call")
    if calls:
        names = sorted({name for call in calls for name in call})
        rows = [[call.get(name) for name in names] for call in calls]
        connection.executemany(
            f"INSERT INTO case_genotype_call ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})",
            rows,
        )
    medicines = list(medicines)
    people = sorted({row["person"] for row in [*calls, *medicines]})
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE people AS SELECT unnest(?::VARCHAR[]) AS person, NULL::VARCHAR "
        "AS sex, ?::DATE AS as_of",
        [people, AS_OF],
    )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE medication_list AS SELECT person, ?::BOOLEAN AS complete, "
        "[]::VARCHAR[] AS unknown_drugs FROM people",
        [list_complete],
    )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE medications (person VARCHAR, row_id VARCHAR, ingredient "
        "VARCHAR, active BOOLEAN, "
        "start DATE, stop DATE, last_dose TIMESTAMP, amount_per_day_max DOUBLE)"
    )
    for number, row in enumerate(medicines):
        connection.execute(
            "INSERT INTO medications VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                row["person"],
                str(number),
                row["ingredient"],
                row.get("active", True),
                row.get("start"),
                row.get("stop"),
                row.get("last_dose"),
                row.get("amount_per_day_max"),
            ],
        )


def run_steps(connection: duckdb.DuckDBPyConnection, *names: str) -> None:
    """Run the genotype steps (or the named ones) as the engine would."""
    by_name = {step.name: step.run for step in engine.steps()}
    for name in names or GENOTYPE_STEPS:
        by_name[name](connection)


def rows(connection: duckdb.DuckDBPyConnection, query: str, parameters: Sequence = ()) -> list[dict]:
    """The query's rows as dictionaries."""
    result = connection.execute(query, list(parameters))
    names = [column[0] for column in result.description]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def ask_drugs(connection: duckdb.DuckDBPyConnection, asked: Iterable[tuple[str, str]]) -> None:
    """Drugs in question beyond the medicines taken; no options on the list."""
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE options (person VARCHAR, option VARCHAR, drugs VARCHAR[])"
    )
    connection.execute("DELETE FROM case_asked")
    for person, drug in asked:
        connection.execute("INSERT INTO case_asked VALUES (?, 'drug', ?)", [person, drug])
