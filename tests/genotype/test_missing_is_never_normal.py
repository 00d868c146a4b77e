"""`./.` or an absent position never yields a normal phenotype: over every reader."""

import json
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pain_tui.assess import genotype_tables
from pain_tui.genotype.call import call_file
from pain_tui.genotype.definitions import load
from tests.genotype import files, tables

GENES = ("CYP2C9", "CYP2C19", "CYP2B6", "CYP3A4", "CYP3A5", "G6PD")
NORMAL = {"Normal Metabolizer", "Normal"}
RELAXED = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    return tables.connect()


def normal_genes(connection: duckdb.DuckDBPyConnection, path: Path, kind: str | None = None) -> set[str]:
    """The genes that come out normal by genotype or with drugs."""
    sample = call_file(path, kind=kind)[0]
    genotype_tables.of_calls(connection, [("0", sample.calls)], as_of=tables.AS_OF)
    rows = tables.rows(
        connection, "SELECT gene, phenotype, phenotype_with_drugs, activity_score FROM phenotypes"
    )
    return {r["gene"] for r in rows if r["phenotype"] in NORMAL or r["phenotype_with_drugs"] in NORMAL}


left_out = st.dictionaries(
    st.sampled_from(files.positions(*GENES)).map(lambda p: p),
    st.sampled_from(["absent", "./.", ".|.", ".", "0/.", "LowQual"]),
    max_size=6,
)


def test_all_read_is_normal(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    """So that the tests below can fail."""
    assert normal_genes(connection, files.vcf(tmp_path / "a.vcf", GENES)) == set(GENES)


@RELAXED
@given(left_out)
def test_vcf(connection: duckdb.DuckDBPyConnection, tmp_path: Path, missing: dict) -> None:
    """A gene with any position not read is not normal, the others stay."""
    absent = [p.name for p, how in missing.items() if how in ("absent", "LowQual")]
    dotted = {p.name: how for p, how in missing.items() if how not in ("absent", "LowQual")}
    path = files.vcf(tmp_path / "a.vcf", GENES, dotted, absent=absent)
    assert normal_genes(connection, path) == set(GENES) - {p.gene for p in missing}


@RELAXED
@given(st.sets(st.sampled_from([p for p in files.positions(*GENES) if p.rsid and p.is_snv])))
def test_array(connection: duckdb.DuckDBPyConnection, tmp_path: Path, covered: set) -> None:
    """However much of a gene an array covers, its coverage is not a normal result."""
    path = tmp_path / "a.txt"
    rows = "".join(f"{p.rsid}\t{p.chrom[3:]}\t{p.pos['GRCh38']}\t{p.ref}{p.ref}\n" for p in covered)
    path.write_text("rsid\tchromosome\tposition\tgenotype\nx\t1\t1\tAA\n" + rows)
    assert normal_genes(connection, path) == set()


@RELAXED
@given(st.sets(st.sampled_from(GENES), min_size=1))
def test_pharmcat(connection: duckdb.DuckDBPyConnection, tmp_path: Path, incomplete: set[str]) -> None:
    """A diplotype that PharmCAT called with a position missing."""
    names = {gene: next(a.name for a in load().genes[gene].alleles if a.is_reference) for gene in GENES}
    reports = {
        gene: {
            "callSource": "MATCHER",
            "sourceDiplotypes": [{"label": f"{name}/{name}", "phenotypes": ["Normal Metabolizer"]}],
            "variants": [{"dbSnpId": "rs1", "call": None if gene in incomplete else "A/A"}],
        }
        for gene, name in names.items()
    }
    path = tmp_path / "p.json"
    path.write_text(json.dumps({"geneReports": reports}))
    assert normal_genes(connection, path).isdisjoint(incomplete)


@RELAXED
@given(
    st.sampled_from(["", "Not available", "not tested", "No Call", "./.", "Unknown/Unknown", "--", "failed"]),
    st.booleans(),
)
def test_outside_and_laboratory(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, word: str, as_table: bool
) -> None:
    path = tmp_path / "a.txt"
    rows = [("CYP2C19", word), ("CYP2C9", "*1/*2")]
    mark = "," if as_table else "\t"
    path.write_text(
        ("gene,diplotype\n" if as_table else "") + "".join(f"{gene}{mark}{text}\n" for gene, text in rows)
    )
    assert normal_genes(connection, path, "lab" if as_table else "outside") == set()


def test_laboratory_with_a_missing_position(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("gene,diplotype,positions_missing\nCYP2C19,*1/*1,rs12248560\nCYP2C9,*1/*1,\n")
    assert normal_genes(connection, path) == {"CYP2C9"}
