"""`./.` or an absent position never yields a normal phenotype: over every reader."""

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pain_tui.assess import genotype_tables
from pain_tui.genotype.call import call_file
from pain_tui.genotype.definitions import load
from pain_tui.patients.normalise.records import normalise
from tests.genotype import files, tables
from tests.readers.test_fhir import observation
from tests.readers.test_fhir import read as read_bundle
from tests.readers.test_fhir_genomics import coded, part
from tests.readers.test_fhir_genomics import gene as named

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


def blocks(chosen: dict) -> str:
    """A gVCF of one reference block a position, but for what is left out or empty of reads."""
    lines = []
    for p in files.positions(*GENES):
        how = chosen.get(p, "0/0:30:99")
        if how != "absent":
            place = p.pos["GRCh38"]
            lines.append(
                f"{p.chrom}\t{place}\t.\t{p.ref[0]}\t<NON_REF>\t.\t.\tEND={place}\tGT:DP:GQ\t{how}\n"
            )
    head = files.HEADER.format(build="GRCh38") + "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\ts\n"
    return head + "".join(lines)


not_read = st.dictionaries(
    st.sampled_from(files.positions(*GENES)),
    st.sampled_from(
        ["absent", "./.:0:0", "./.:30:99", "0/0:0:0", "0/0:0:99", "0/0:30:0", ".:.:.", "0/.:30:99"]
    ),
    max_size=6,
)


@RELAXED
@given(not_read)
def test_gvcf(connection: duckdb.DuckDBPyConnection, tmp_path: Path, missing: dict) -> None:
    """A place outside every block, and a block without a read or without any quality, are not read."""
    path = tmp_path / "a.g.vcf"
    path.write_text(blocks(missing))
    assert normal_genes(connection, path) == set(GENES) - {p.gene for p in missing}


@RELAXED
@given(st.sets(st.sampled_from(GENES), min_size=1))
def test_pharmcat_report_table(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, incomplete: set[str]
) -> None:
    """The table of PharmCAT's report names missing positions in a column of its own."""
    names = {gene: next(a.name for a in load().genes[gene].alleles if a.is_reference) for gene in GENES}
    lines = ["PharmCAT v3", "Gene\tSource Diplotype\tPhenotype\tOutside Call\tMissing positions"]
    lines += [
        f"{gene}\t{name}/{name}\tNormal{'' if gene == 'G6PD' else ' Metabolizer'}\tno\t{'rs1' if gene in incomplete else ''}"
        for gene, name in names.items()
    ]
    path = tmp_path / "r.tsv"
    path.write_text("\n".join(lines) + "\n")
    assert normal_genes(connection, path) == set(GENES) - incomplete


def normal_of_rows(connection: duckdb.DuckDBPyConnection, rows: list[dict[str, Any]]) -> set[str]:
    """The genes that come out normal from rows of genotype_call, as FHIR, records and tables give them."""
    columns = (
        "gene",
        "rsid",
        "state",
        "diplotype",
        "alleles",
        "phenotype_reported",
        "positions_missing",
        "method",
    )
    calls = [{"person": "p", **{name: row.get(name) for name in columns}} for row in rows]
    tables.load_case(connection, calls or [{"person": "p", "gene": "CYP2C9", "state": "not_tested"}])
    tables.run_steps(connection)
    found = tables.rows(connection, "SELECT gene, phenotype, phenotype_with_drugs FROM phenotypes")
    return {r["gene"] for r in found if r["phenotype"] in NORMAL or r["phenotype_with_drugs"] in NORMAL}


def variant(gene: str, rsid: str, ref: str, *, present: str) -> dict[str, Any]:
    """A single variant that was looked for and not found, or not called."""
    return observation(
        "69548-6",
        valueCodeableConcept=coded(present),
        component=[
            named(gene),
            part("81255-2", {"text": rsid}),
            part("69547-8", {"text": ref}),
            part("69551-0", {"text": "T"}),
        ],
    )


without_answer = st.one_of(
    st.sampled_from(
        ["./.", "Unknown/Unknown", "no call", "Not available", "*1", "?/?", "--", "", "*1/?"]
    ).map(
        lambda text: observation(
            "84413-4", valueCodeableConcept={"text": text} if text else {}, component=[named("CYP2C19")]
        )
    ),
    st.just(observation("84413-4", dataAbsentReason={"text": "failed"}, component=[named("CYP2C19")])),
    st.just(observation("84414-2", valueCodeableConcept={"text": "*1"}, component=[named("CYP2C19")])),
    st.sampled_from([p for p in load().genes["CYP2C19"].positions if p.rsid]).flatmap(
        lambda p: st.sampled_from(["LA9634-2", "LA18198-4", "LA9633-4"]).map(
            lambda present: variant("CYP2C19", p.rsid, p.ref, present=present)
        )
    ),
)


@RELAXED
@given(st.lists(without_answer, min_size=1, max_size=4))
def test_fhir_genomics(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, resources: list[dict[str, Any]]
) -> None:
    """No answer, half an answer, or any number of single variants that were not found."""
    numbered = [{**one, "id": f"o{n}"} for n, one in enumerate(resources)]
    rows = read_bundle(tmp_path, *numbered).rows.get("genotype_call", [])
    assert normal_of_rows(connection, rows) == set()


def test_fhir_with_a_whole_answer_is_normal(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    """So that the test above can fail."""
    whole = observation("84413-4", valueCodeableConcept={"text": "*1/*1"}, component=[named("CYP2C19")])
    rows = read_bundle(tmp_path, whole).rows["genotype_call"]
    assert normal_of_rows(connection, rows) == {"CYP2C19"}


@RELAXED
@given(
    st.sampled_from(GENES[:4]),
    st.one_of(
        st.fixed_dictionaries(
            {"state": st.sampled_from(["not_tested", "no_call", "indeterminate", "conflicting"])},
            optional={"diplotype": st.just("*1/*1"), "phenotype_reported": st.just("Normal Metabolizer")},
        ),
        st.fixed_dictionaries(
            {"diplotype": st.just("*1/*1"), "positions_missing": st.sampled_from(["rs1", ["rs1"]])}
        ),
        st.fixed_dictionaries({"diplotype": st.sampled_from(["./.", "*1", "", "*1/."])}),
        st.fixed_dictionaries({"diplotype": st.just("*1/*1"), "method": st.just("array")}),
        st.fixed_dictionaries({"rsid": st.just("rs1"), "alleles": st.sampled_from(["G/G", "./.", "A"])}),
    ),
)
def test_records_and_own_tables(
    connection: duckdb.DuckDBPyConnection, gene: str, call: dict[str, Any]
) -> None:
    """A record's genotype and a row of genotype_call.csv go one way: `normalise`."""
    record = {"person": {"person": "p", "age": 50, "sex": "female"}, "genotype": [{"gene": gene, **call}]}
    rows = normalise(record, place="here").case.get("genotype_call", [])
    assert normal_of_rows(connection, rows) == set()
