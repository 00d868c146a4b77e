"""The steps' SQL agrees with the plain second implementation on every pair of listed alleles."""

import json

import duckdb
import pytest

from tests.genotype import tables
from tests.oracle import genotype as plain

DRUGS = {
    "CYP2D6": ("paroxetine", "duloxetine", "sertraline", "ibuprofen"),
    "CYP2C19": ("fluvoxamine", "omeprazole", "efavirenz", "ibuprofen"),
    "CYP2C9": ("rifampin", "ibuprofen"),
    "CYP2B6": ("carbamazepine", "clopidogrel"),
    "CYP3A4": ("ketoconazole",),
    "CYP3A5": ("ketoconazole",),
}


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    return tables.connect()


@pytest.mark.parametrize("gene", plain.SIX)
def test_all_pairs_of_listed_alleles(connection: duckdb.DuckDBPyConnection, gene: str) -> None:
    """Every diplotype of the allele tables, all pairs: same score, same phenotype."""
    listed = plain.alleles()[gene]
    names = list(listed)
    pairs = [(a, b) for i, a in enumerate(names) for b in names[i:]]
    _load(connection, gene, [f"{a}/{b}" for a, b in pairs], None)
    tables.run_steps(connection, "035_written_results", "038_gene_results")
    got = {
        r["person"]: r
        for r in tables.rows(
            connection, "SELECT person, activity_score, at_least, phenotype FROM gene_results"
        )
    }
    wrong = []
    for number, (a, b) in enumerate(pairs):
        score, at_least, phenotype = plain.by_genotype(gene, listed[a], listed[b])
        row = got[str(number)]
        if (row["activity_score"], row["phenotype"]) != (score, phenotype) or row["at_least"] != at_least:
            wrong.append((a, b, row, (score, at_least, phenotype)))
    assert not wrong, f"{len(wrong)} of {len(pairs)} differ, first: {wrong[:3]}"


@pytest.mark.parametrize(("gene", "drug"), [(gene, drug) for gene, drugs in DRUGS.items() for drug in drugs])
def test_pairs_with_a_drug(connection: duckdb.DuckDBPyConnection, gene: str, drug: str) -> None:
    """One allele of each kind against every other, with one drug taken: same phenotype today."""
    listed = plain.alleles()[gene]
    kinds = list({kind: name for name, kind in reversed(listed.items())}.values())
    pairs = [(a, b) for i, a in enumerate(kinds) for b in kinds[i:]]
    _load(connection, gene, [f"{a}/{b}" for a, b in pairs], drug)
    tables.run_steps(connection)
    got = {r["person"]: r for r in tables.rows(connection, "SELECT * FROM phenotypes WHERE gene = ?", [gene])}
    wrong = []
    for number, (a, b) in enumerate(pairs):
        score, at_least, phenotype = plain.by_genotype(gene, listed[a], listed[b])
        expected = plain.with_drug(gene, score, at_least, phenotype, drug)
        if got[str(number)]["phenotype_with_drugs"] != expected:
            wrong.append((a, b, got[str(number)]["phenotype_with_drugs"], expected, got[str(number)]["note"]))
    assert not wrong, f"{len(wrong)} of {len(pairs)} differ, first: {wrong[:3]}"


def _load(connection: duckdb.DuckDBPyConnection, gene: str, diplotypes: list[str], drug: str | None) -> None:
    tables.load_case(connection, [])
    rows = [{"person": str(n), "gene": gene, "diplotype": text} for n, text in enumerate(diplotypes)]
    shape = '[{"person":"VARCHAR","gene":"VARCHAR","diplotype":"VARCHAR"}]'
    connection.execute(
        "INSERT INTO case_genotype_call (person, gene, state, diplotype) "
        "SELECT person, gene, 'called', diplotype FROM (SELECT unnest(from_json(?::JSON, ?), "
        "recursive := true))",
        [json.dumps(rows), shape],
    )
    connection.execute(
        "INSERT INTO people SELECT person, NULL, ?::DATE FROM case_genotype_call", [tables.AS_OF]
    )
    connection.execute("INSERT INTO medication_list SELECT person, true, [] FROM people")
    if drug:
        connection.execute(
            "INSERT INTO medications (person, row_id, ingredient, active) SELECT person, '1', ?, "
            "true FROM people",
            [drug],
        )
