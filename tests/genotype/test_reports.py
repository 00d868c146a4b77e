"""What a report says beside the diplotype: the phenotype in its own words, and how many copies it counted."""

from pathlib import Path

import duckdb
import pytest

from pain_tui.assess import genotype_tables
from pain_tui.genotype.call import call_file
from tests.genotype import tables
from tests.genotype.test_phenotypes import one


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    return tables.connect()


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("PM", "Poor Metabolizer"),
        ("pm", "Poor Metabolizer"),
        ("Poor metaboliser", "Poor Metabolizer"),
        ("Poor Metabolizer (PM)", "Poor Metabolizer"),
        ("CYP2D6 Poor Metabolizer", "Poor Metabolizer"),
        ("poor", "Poor Metabolizer"),
        ("IM", "Intermediate Metabolizer"),
        ("NM", "Normal Metabolizer"),
        ("EM", "Normal Metabolizer"),
        ("Extensive metaboliser", "Normal Metabolizer"),
        ("UM", "Ultrarapid Metabolizer"),
        ("Ultra-rapid metabolizer", "Ultrarapid Metabolizer"),
    ],
)
def test_a_phenotype_as_reports_write_it(
    connection: duckdb.DuckDBPyConnection, written: str, meant: str
) -> None:
    """Alone it is the result; beside another diplotype it is used (outside call) or conflicts (laboratory)."""
    alone = one(connection, "CYP2D6", {"phenotype_reported": written, "method": "outside call"})
    assert (alone["state"], alone["phenotype"]) == ("called", meant)
    other = "*1/*1x2" if meant != "Ultrarapid Metabolizer" else "*1/*4"
    beside = {"diplotype": other, "phenotype_reported": written}
    outside = one(connection, "CYP2D6", {**beside, "method": "outside call"})
    assert outside["phenotype"] == meant and f"the report says {meant}" in outside["note"]
    laboratory = one(connection, "CYP2D6", {**beside, "method": "laboratory"})
    assert (laboratory["state"], laboratory["phenotype"]) == ("conflicting", None)


def test_words_that_are_no_phenotype_are_said_and_not_used(connection: duckdb.DuckDBPyConnection) -> None:
    row = one(connection, "CYP2D6", {"diplotype": "*1/*4", "phenotype_reported": "see comment"})
    assert row["phenotype"] == "Intermediate Metabolizer" and '"see comment", which is not' in row["note"]
    alone = one(connection, "CYP2D6", {"phenotype_reported": "see comment"})
    assert alone["phenotype"] is None and '"see comment", which is not' in alone["note"]


@pytest.mark.parametrize(
    ("diplotype", "copies", "phenotype"),
    [
        ("*1/*4", "2", "Intermediate Metabolizer"),
        ("*1/*4", "3", None),  # *1x2/*4 is normal, *1/*4x2 intermediate
        ("*1/*4", "≥3", None),
        ("*1/*4", "N", None),
        ("*1/*1", "1", None),  # *1/*5: intermediate, not normal
        ("*1/*5", "1", "Intermediate Metabolizer"),
        ("*1/*5", "2", None),
        ("*5/*5", "0", "Poor Metabolizer"),
        ("*1/*2x2", "3", "Ultrarapid Metabolizer"),
        ("*1/*2x2", "3.0", "Ultrarapid Metabolizer"),
        ("(*1/*1)x2", "3", "Ultrarapid Metabolizer"),
        ("*36+*10/*1", "2", "Normal Metabolizer"),  # a hybrid may count or not, so nothing is said
        ("*1/*4", " ", "Intermediate Metabolizer"),
        ("*1/*4", None, "Intermediate Metabolizer"),
    ],
)
def test_copies_that_the_diplotype_does_not_name(
    connection: duckdb.DuckDBPyConnection, diplotype: str, copies: str | None, phenotype: str | None
) -> None:
    """One allele is multiplied or absent and nobody said which: no phenotype, no score, no action."""
    row = one(connection, "CYP2D6", {"diplotype": diplotype, "copy_number": copies})
    assert row["phenotype"] == phenotype
    if phenotype is None:
        assert (row["state"], row["activity_score"]) == ("indeterminate", None)
        assert "ask the laboratory" in row["note"] and row["needs_copy_number"]


def test_through_the_readers(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    outside, laboratory = tmp_path / "a.tsv", tmp_path / "b.csv"
    outside.write_text("CYP2D6\t*1/*1\tPM\n")
    laboratory.write_text("gene,diplotype,copy number\nCYP2D6,*1/*4,3\nCYP2C19,*1/*2,2\n")
    found = []
    for path in (outside, laboratory):
        genotype_tables.of_calls(connection, [("0", call_file(path)[0].calls)], as_of=tables.AS_OF)
        found += tables.rows(connection, "SELECT gene, phenotype FROM phenotypes ORDER BY gene DESC")
    assert [(r["gene"], r["phenotype"]) for r in found] == [
        ("CYP2D6", "Poor Metabolizer"),
        ("CYP2D6", None),
        ("CYP2C19", "Intermediate Metabolizer"),
    ]
