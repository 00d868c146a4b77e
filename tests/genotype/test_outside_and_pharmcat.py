"""Results that somebody else called: outside calls, laboratory tables, PharmCAT's files."""

import json
from pathlib import Path
from typing import Any

import pytest

from pain_tui.errors import InputError
from pain_tui.genotype.call import call_file, kind_of
from tests.genotype import files


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_outside_calls(tmp_path: Path) -> None:
    """Gene, diplotype, phenotype, score; "Not available" is not tested; an unknown gene is set aside with its
    line.
    """
    text = (
        "CYP2D6\t*10/*36x2\nG6PD\t\tNot available\nCYP2C9\t\t\t1.5\nCYP2C19\t*1/*1\tPoor Metabolizer\n"
        "MT-RNR1\t1555A>G\ncyp3a5\t*1\n"
    )
    path = write(tmp_path / "calls.tsv", text)
    assert kind_of(path) == "outside"
    sample = call_file(path)[0]
    got = {
        c.gene: (c.state, c.diplotype, c.phenotype_reported, c.activity_score_reported) for c in sample.calls
    }
    assert got["CYP2D6"] == ("called", "*10/*36x2", None, None)
    assert got["G6PD"] == ("not_tested", None, None, None)
    assert got["CYP2C9"] == ("called", None, None, 1.5)
    assert got["CYP2C19"] == ("called", "*1/*1", "Poor Metabolizer", None)
    assert got["CYP3A5"][0] == "indeterminate"
    assert any("line 5: MT-RNR1" in problem for problem in sample.problems)
    assert {c.method for c in sample.calls} == {"outside call"}


@pytest.mark.parametrize("word", ["Not available", "not tested", "NA", "-", ""])
def test_words_for_not_tested(tmp_path: Path, word: str) -> None:
    assert (
        call_file(write(tmp_path / "a.tsv", f"CYP2D6\t{word}\nCYP2C19\t*1/*1\n"))[0].calls[0].state
        == "not_tested"
    )


@pytest.mark.parametrize("word", ["No Call", "failed", "Unknown/Unknown", "./."])
def test_words_for_no_call(tmp_path: Path, word: str) -> None:
    assert (
        call_file(write(tmp_path / "a.tsv", f"CYP2D6\t{word}\nCYP2C19\t*1/*1\n"))[0].calls[0].state
        == "no_call"
    )


def test_laboratory_table(tmp_path: Path) -> None:
    text = (
        "sample,gene,diplotype,phenotype,activity score,copy number,report "
        "date,laboratory,positions_missing\n"
        "a,CYP2D6,*1/*4,Intermediate Metabolizer,1.0,2,2024-05-01,Lab One,\n"
        "a,CYP2C19,*1/*1,,,,not a date,Lab One,rs12248560|rs4244285\n"
        "b,cyp2c9,*1/*3,,x,,,,\n"
        "b,NOTAGENE,*1/*3,,,,,,\n"
    )
    one, two = call_file(write(tmp_path / "lab.csv", text))
    assert (one.sample, two.sample) == ("a", "b")
    assert (
        str(one.calls[0].date) == "2024-05-01"
        and one.calls[0].copy_number == "2"
        and one.calls[0].laboratory == "Lab One"
    )
    assert one.calls[1].positions_missing == ("rs12248560", "rs4244285")
    assert any("line 3: date 'not a date'" in text for text in one.problems)
    assert any("line 4: score 'x'" in text for text in two.problems) and any(
        "NOTAGENE" in text for text in two.problems
    )


@pytest.mark.parametrize("text", ["gene,note\nCYP2D6,x\n", "gene,diplotype\n", "gene,diplotype\nFOO,*1/*1\n"])
def test_a_laboratory_table_without_a_usable_row_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError):
        call_file(write(tmp_path / "lab.csv", text))


def report(label: str | None = "*1/*2", **more: Any) -> dict[str, Any]:
    """One gene as PharmCAT writes it."""
    return {
        "callSource": "MATCHER",
        "sourceDiplotypes": [
            {"label": label, "phenotypes": [], "activityScore": None, "outsidePhenotype": False}
        ],
        "variants": [{"dbSnpId": "rs1", "chromosome": "chr10", "position": 1, "call": "A/A"}],
        "uncalledHaplotypes": [],
    } | more


def phenotype_json(path: Path, **genes: dict[str, Any]) -> Path:
    whole = {"matcherMetadata": {"sampleId": "S1", "genomeBuild": "GRCh38.p14"}, "geneReports": genes}
    return write(path, json.dumps(whole))


def test_pharmcat_phenotype_json(tmp_path: Path) -> None:
    missing = [
        {"dbSnpId": "rs2", "call": None},
        {"dbSnpId": None, "chromosome": "chr7", "position": 5, "call": None},
    ]
    path = phenotype_json(
        tmp_path / "p.json",
        CYP2C19=report(),
        CYP3A5=report("*1/*1", variants=report()["variants"] + missing),
        CYP2C9=report("Unknown/Unknown", variants=missing),
        CYP2D6=report("*1/*3", callSource="OUTSIDE", variants=[]),
        ABCG2=report("x/y"),
    )
    assert kind_of(path) == "pharmcat"
    sample = call_file(path)[0]
    assert (sample.sample, sample.build) == ("S1", "GRCh38")
    got = {c.gene: c for c in sample.calls}
    assert set(got) == {"CYP2C19", "CYP3A5", "CYP2C9", "CYP2D6"}
    assert got["CYP3A5"].positions_missing == ("rs2", "chr7:5")
    assert got["CYP2C9"].state == "not_tested"
    assert got["CYP2D6"].method == "outside call" and got["CYP2D6"].positions_tested is None


def test_pharmcat_version_2_levels_and_several_diplotypes(tmp_path: Path) -> None:
    two = report()
    two["sourceDiplotypes"] = [
        {"label": "*1/*4", "phenotypes": ["x"]},
        {"label": "*1/*17", "phenotypes": ["y"]},
    ]
    path = write(
        tmp_path / "p.json",
        json.dumps({"geneReports": {"CPIC": {"CYP2C19": two}, "DPWG": {"CYP2C19": report("*9/*9")}}}),
    )
    assert call_file(path)[0].calls[0].diplotype == "*1/*4|*1/*17"


def test_pharmcat_tsv(tmp_path: Path) -> None:
    text = (
        "PharmCAT v3.1.0\nGene\tSource Diplotype\tPhenotype\tActivity Score\tOutside Call\tMissing "
        "positions\n"
        "CYP2C19\t*38/*38\tNormal Metabolizer\t\tno\trs1, rs2\nCYP2D6\t*1/*3\tIntermediate "
        "Metabolizer\t1.0\tyes\t\nABCG2\tx/x\t\t\tno\t\n"
    )
    path = write(tmp_path / "r.tsv", text)
    assert kind_of(path) == "pharmcat"
    got = {c.gene: c for c in call_file(path)[0].calls}
    assert got["CYP2C19"].positions_missing == ("rs1", "rs2") and got["CYP2D6"].method == "outside call"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "line 1 column 2"),
        ('{\n"a": }', "line 2"),
        ("{}", "no gene reports"),
        ('{"geneReports": {"CYP2C19": {"sourceDiplotypes": 3}}}', "no gene report could be used"),
    ],
)
def test_broken_json_says_where(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        call_file(write(tmp_path / "p.json", text))


def test_one_broken_gene_leaves_the_others(tmp_path: Path) -> None:
    sample = call_file(
        phenotype_json(
            tmp_path / "p.json",
            CYP2C19=report(),
            CYP3A5={"sourceDiplotypes": [{"label": "*1/*1", "phenotypes": 5}]},
        )
    )[0]
    assert files.gene(sample, "CYP2C19").state == "called" and "geneReports.CYP3A5" in sample.problems[0]


def test_a_laboratory_table_that_names_a_single_position(tmp_path: Path) -> None:
    """The rsID is kept with its bases, and no star alleles are read into them."""
    path = tmp_path / "a.csv"
    path.write_text(
        "gene,rsid,diplotype\nCYP2D6,rs3892097,G/A\nCYP2C9,,rs1799853 C/T\nCYP2C9,rs1799853,*1/*2\n"
    )
    lone, written, named = call_file(path)[0].calls
    assert (lone.rsid, lone.diplotype, lone.note) == ("rs3892097", "G/A", None)
    assert written.state == "indeterminate" and "names a single position" in (written.note or "")
    assert (named.rsid, named.diplotype) == (None, "*1/*2")
