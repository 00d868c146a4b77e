"""Third-party genotype files behave as the note beside them says; each mismatch is named."""

import re
from pathlib import Path

import duckdb
import pytest

from pain_tui.assess import genotype_tables
from pain_tui.errors import InputError
from pain_tui.genotype.call import SampleCalls, call_file, kind_of
from pain_tui.genotype.definitions import load
from tests.genotype import external, files, tables

pytestmark = pytest.mark.external

# What the name of each file says was found. "missing" in a name, and every position left out, is no reference.
CYP2C19 = {
    "noCall": "",
    "rs12769205call": "*1/*35",
    "rs12769205missingrs4244285het": "*1/*2",
    "rs12769205only": "*38/*2|*38/*35|*1/*2|*1/*35",
    "rs12769205ref": "*38/*35|*1/*35",
    "s15s28": "*15/*28|*28/*39",
    "s1s1": "*1/*1",
    "s1s17": "*38/*17|*1/*17",
    "s1s17s1s4bmissing": "*1/*4|*1/*17",
    "s1s17s1s4bmissingmore": "*1/*4|*1/*17",
    "s1s1rs12248560missing": "*1/*1",
    "s1s2": "*1/*2",
    "s1s28": "*1/*28",
    "s1s2rs3758581missing": "*38/*2|*1/*2",
    "s1s2rs3758581missingRs58973490het": "*1/*2",
    "s1s2rs58973490het": "*1/*2",
    "s1s35": "*38/*35|*1/*35",
    "s1s4b": "*1/*4",
    "s1s4s17": "*1/*4",
    "s2s2": "*2/*2",
    "s2s3": "*2/*3",
    "s4as4b": "*4/*4",
    "s4bs17": "*4/*17",
    "s4bs17rs28399504missing": "*4/*4|*4/*17|*17/*17",
    "s4s17het": "*4/*17",
    "s4s17missingS1": "*38/*4|*1/*4",
    "sUnks17": "",
}


def pairs(text: str | None) -> set[tuple[str, ...]]:
    return {tuple(sorted(answer.split("/"))) for answer in (text or "").split("|") if answer}


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    return tables.connect()


def phenotypes(
    connection: duckdb.DuckDBPyConnection, samples: list[SampleCalls]
) -> dict[tuple[str, str], dict]:
    """(number of the sample, gene) -> its row."""
    genotype_tables.of_calls(
        connection, [(str(n), sample.calls) for n, sample in enumerate(samples)], as_of=tables.AS_OF
    )
    found = tables.rows(connection, "SELECT * FROM phenotypes")
    return {(row["person"], row["gene"]): row for row in found}


def test_27_cyp2c19_files(connection: duckdb.DuckDBPyConnection) -> None:
    """All equally good answers; what is missing is listed and never filled with *1."""
    folder = external.root() / "data" / "pharmcat_star_allele_vcfs_cyp2c19"
    paths = sorted(folder.glob("*.vcf"))
    assert {path.stem for path in paths} == set(CYP2C19)
    samples = [call_file(path)[0] for path in paths]
    got = phenotypes(connection, samples)
    wrong = []
    for number, (path, sample) in enumerate(zip(paths, samples, strict=True)):
        call = files.gene(sample, "CYP2C19")
        if pairs(call.diplotype) != pairs(CYP2C19[path.stem]):
            wrong.append(f"{path.name}: {CYP2C19[path.stem] or 'no call'}, got {call.diplotype}")
        expected = "called" if CYP2C19[path.stem] else "no_call"
        if call.state != expected or (expected == "no_call" and "no pair of listed" not in (call.note or "")):
            wrong.append(f"{path.name}: {expected}, got {call.state} ({call.note})")
        absent = {p.name for p in load().genes["CYP2C19"].positions} - set(call.positions_tested or ())
        if absent != set(call.positions_missing):
            wrong.append(f"{path.name}: missing {sorted(absent)}, got {call.positions_missing}")
        row = got[str(number), "CYP2C19"]
        if row["phenotype"] == "Normal Metabolizer":  # every one of these files leaves a position out
            wrong.append(f"{path.name}: normal although {row['positions_missing']} was not read")
    assert not wrong, "; ".join(wrong)


def test_the_genome_of_na18565(connection: duckdb.DuckDBPyConnection) -> None:
    """CYP2D6 only from the outside call, with its copies; "Not available" is not tested; no gene made up."""
    folder = external.root() / "data" / "vcf_getrm_NA18565"
    whole = call_file(folder / "NA18565.preprocessed.vcf")[0]
    assert whole.build == "GRCh38"
    alone = files.gene(whole, "CYP2D6")
    assert (alone.state, alone.diplotype) == ("not_tested", None) and "Copy number" in (alone.note or "")
    assert files.gene(whole, "CYP3A5").diplotype == "*1/*3"
    for gene in ("OPRM1", "COMT", "HLA-A", "HLA-B", "G6PD"):
        assert {c.state for c in whole.calls if c.gene == gene} == {"not_tested"}, gene
    outside = call_file(folder / "outside_calls_from_get-rm.NA18565.txt", kind="outside")[0]
    got = phenotypes(connection, [outside])
    cyp2d6, g6pd = got["0", "CYP2D6"], got["0", "G6PD"]
    assert (float(cyp2d6["activity_score"]), cyp2d6["phenotype"]) == (0.25, "Intermediate Metabolizer")
    assert (g6pd["state"], g6pd["phenotype"]) == ("not_tested", None)
    snps = call_like("*10/*10")
    assert float(phenotypes(connection, [snps])["0", "CYP2D6"]["activity_score"]) == 0.5


def call_like(diplotype: str) -> SampleCalls:
    from pain_tui.genotype.calls import GeneCall

    return SampleCalls("s", None, (GeneCall("CYP2D6", "called", diplotype, method="outside call"),))


def test_pharmcat_output(connection: duckdb.DuckDBPyConnection) -> None:
    """The VCF, the phenotype JSON and the report table of one sample give one answer."""
    folder = external.root() / "data" / "pharmcat_outputs"
    names = ("phenotype.json", "report.tsv", "vcf", "outsideCall.tsv")
    samples = [call_file(folder / f"pharmcat.example.{name}")[0] for name in names]
    got = phenotypes(connection, samples)
    wrong = []
    for number, name in enumerate(names[:3]):
        for gene, diplotype, phenotype in [
            ("CYP2C19", "*38/*38", "Normal Metabolizer"),
            ("CYP2C9", "*1/*1", "Normal Metabolizer"),
            ("CYP2B6", "*1/*1", "Normal Metabolizer"),
            ("CYP3A5", "*1/*1", "Normal Metabolizer"),
            ("CYP3A4", "*1/*1", "Normal Metabolizer"),
            ("RYR1", "Reference/Reference", "Uncertain Susceptibility"),
            ("CACNA1S", "Reference/Reference", "Uncertain Susceptibility"),
            ("CYP2D6", "*1/*3", "Intermediate Metabolizer"),
        ]:
            if gene == "CYP2D6" and name == "vcf":
                continue
            row = got[str(number), gene]
            if (row["state"], row["diplotypes"], row["phenotype"]) != ("called", [diplotype], phenotype):
                wrong.append(f"{name} {gene}: {row['state']} {row['diplotypes']} {row['phenotype']}")
    assert not wrong, "; ".join(wrong)
    assert got["2", "CYP2D6"]["state"] == "not_tested"
    for number in ("0", "3"):
        assert float(got[number, "CYP2D6"]["activity_score"]) == 1.0
        assert "*15:02 positive" in got[number, "HLA-B"]["results"]


def test_every_array_format(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    """Each of the 45 files is read or refused with a sentence; with a known variant put into it, the variant is
    found; none of them makes a normal result.
    """
    folder = external.root() / "data" / "dtc_genotype_formats"
    paths = sorted(folder.iterdir())
    assert len(paths) == 45
    wrong, refused = [], set()
    samples = []
    for path in paths:
        try:
            found = call_file(path)
        except InputError as error:
            refused.add(path.name)
            if not re.search(r"line \d+|is empty|no table of genotypes", error.message):
                wrong.append(f"{path.name}: {error.message}")
            continue
        samples += found
        if any(call.state == "called" for sample in found for call in sample.calls):
            wrong.append(f"{path.name}: a call although no known variant stands in it")
    assert refused == {"discrepant_snps.csv", "empty.txt"}
    normal = [k for k, row in phenotypes(connection, samples).items() if row["phenotype"]]
    assert not wrong and not normal, "; ".join(wrong) + str(normal)


def test_a_known_variant_in_each_array_format(tmp_path: Path) -> None:
    """A row with two different bases is made CYP2C19 rs4244285 A/G at its GRCh37 place, in that format's
    layout.
    """
    folder = external.root() / "data" / "dtc_genotype_formats"
    position = next(p for p in load().genes["CYP2C19"].positions if p.rsid == "rs4244285")
    wrong, planted = [], 0
    for path in sorted(folder.iterdir()):
        text = path.read_text(encoding="utf-8", errors="replace")
        changed = plant(text, position.rsid, str(position.pos["GRCh37"]))
        if changed is None or kind_of(path) != "array":
            continue
        planted += 1
        target = tmp_path / path.name
        target.write_text(changed, encoding="utf-8")
        call = files.gene(call_file(target)[0], "CYP2C19")
        if "rs4244285" not in (call.positions_tested or ()) or "*2" not in (call.diplotype or ""):
            wrong.append(f"{path.name}: {call.state} {call.diplotype} {call.note}")
    assert not wrong, "; ".join(wrong)
    assert planted >= 25, planted


def plant(text: str, rsid: str, place: str) -> str | None:
    """The row of rs8 (A and T on chromosome 1 at 108 in most of these files) as another variant."""
    row = next((r for r in text.splitlines() if re.search(r"\brs8\b", r) and "108" in r), None)
    if row is None:
        return None
    made = row.replace("rs8", rsid).replace("108", place)
    made = re.sub(r"(?<![\w:])(chr)?1(?!\w)", r"\g<1>10", made, count=1)
    made = re.sub(r"\bAT\b", "AG", made)
    made = re.sub(r"\bA([\t,\" /|]+)T\b", r"A\1G", made)
    made = re.sub(r"\bT([\t,\" /|]+)A\b", r"G\1A", made)
    return text.replace(row, made)
