"""The plain spellings that SQL takes apart mean what `notation.read` says."""

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pain_tui.genotype import notation, step
from tests.genotype import tables

side = st.builds(
    lambda n, c: f"*{n}{c}", st.integers(1, 200), st.sampled_from(["", "", "x2", "x3", "x10", "x1"])
)


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    return tables.connect()


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(side, side).map("/".join), min_size=1, max_size=40, unique=True))
def test_sql_and_python_read_alike(connection: duckdb.DuckDBPyConnection, written: list[str]) -> None:
    tables.load_case(
        connection,
        [
            {"person": str(n), "gene": "CYP2D6", "state": "called", "diplotype": text}
            for n, text in enumerate(written)
        ],
    )
    step.read_texts(connection)
    others = tables.rows(connection, "SELECT written FROM written_diplotypes WHERE NOT is_plain")
    assert all("x1" in row["written"] for row in others), "everything else of this kind is taken apart in SQL"
    readings = [notation.read("CYP2D6", text) for text in written]
    answers = tables.rows(
        connection,
        "SELECT gene, written, answer, label, side_1, side_2 FROM written_answers ORDER BY written",
    )
    expected = sorted(
        (row for reading in readings for row in step.answers_of(reading)), key=lambda row: str(row["written"])
    )
    assert answers == expected
    units = tables.rows(
        connection,
        "SELECT gene, allele, copies, at_least, unconfirmed FROM written_units ORDER BY allele, copies",
    )
    python_units = [
        {k: u[k] for k in ("gene", "allele", "copies", "at_least", "unconfirmed")}
        for u in step.units_of(readings)
    ]
    assert units == sorted(python_units, key=lambda u: (str(u["allele"]), u["copies"]))
