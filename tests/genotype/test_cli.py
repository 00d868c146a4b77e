"""The verbs call, phenotype and action, as a shell would use them."""

import csv
import io
import json
from pathlib import Path

import pytest

from tests.cli.program import run
from tests.genotype import files


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_one_pair_in_words_and_as_json() -> None:
    words = run("phenotype", "CYP2D6", "*1/*4", "--inhibitors", "Paxil")
    assert words.returncode == 0 and "Intermediate Metabolizer, activity score 1" in words.stdout
    assert "with paroxetine (strong): Poor Metabolizer" in words.stdout
    shape = json.loads(run("phenotype", "CYP2D6", "*1/*4", "--inhibitors", "Paxil", "--json").stdout)
    (row,) = shape["phenotypes"]
    assert list(shape)[:2] == ["schema", "versions"] and row["row"] == 1
    assert (row["activity_score"], row["phenotype"]) == (1, "Intermediate Metabolizer")
    assert row["inhibitors"] == [{"drug": "paroxetine", "strength": "strong"}]
    assert (row["activity_score_with_drugs"], row["phenotype_with_drugs"]) == (0, "Poor Metabolizer")


CSV = (
    "id,gene,diplotype,inhibitors\na,CYP2D6,*1/*4,paroxetine\nb,cyp2c19,*2/*2,\nc,FOO,*1/*1,\n"
    "d,CYP2D6,,\ne,CYP2D6,*1/*1,paroxtine\n"
)


def test_csv_keeps_order_echoes_inputs_and_drops_nothing(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text(CSV)
    from_stdin, from_file = run("phenotype", stdin=CSV), run("phenotype", "--csv", tmp_path / "in.csv")
    assert from_stdin.stdout == from_file.stdout and from_file.returncode == 0
    rows = table(from_file.stdout)
    assert [(r["row"], r["id"], r["gene"]) for r in rows] == [
        ("1", "a", "CYP2D6"),
        ("2", "b", "cyp2c19"),
        ("3", "c", "FOO"),
        ("4", "d", "CYP2D6"),
        ("5", "e", "CYP2D6"),
    ]
    assert [r["phenotype"] for r in rows] == [
        "Intermediate Metabolizer",
        "Poor Metabolizer",
        "",
        "",
        "Normal Metabolizer",
    ]
    assert "FOO is not a gene" in rows[2]["note"] and rows[3]["state"] == "not_tested"
    assert rows[4]["phenotype_with_drugs"] == "" and "paroxtine" in rows[4]["note"], (
        "an unknown drug could be any"
    )
    assert "FOO" in from_file.stderr


def test_json_of_a_table_holds_the_same_rows() -> None:
    shape = json.loads(run("phenotype", "--json", stdin=CSV).stdout)
    assert [r["row"] for r in shape["phenotypes"]] == [1, 2, 3, 4, 5]


def test_many_rows_stay_in_order(tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_text(
        "gene,diplotype,n\n" + "".join(f"CYP2D6,*{n % 150 + 1}/*{n % 97 + 1},{n}\n" for n in range(30_000))
    )
    rows = table(run("phenotype", "--csv", path).stdout)
    assert [r["n"] for r in rows] == [str(n) for n in range(30_000)]


@pytest.mark.parametrize(
    ("words", "stdin", "code", "says"),
    [
        (("phenotype", "FOO", "*1/*1"), "", 3, "'FOO' is not a gene of the tables"),
        (("phenotype", "CYP2D6"), "", 2, "belong together"),
        (("phenotype",), "gene\nCYP2D6\n", 3, "line 1: the column diplotype is missing"),
        (("phenotype",), "gene,diplotype\nCYP2C9,*1/*1\nCYP2D6\n", 3, "line 3"),
        (("phenotype",), "gene,diplotype\nFOO,*1/*1\n", 3, "No row has a gene"),
        (("phenotype", "--csv", "/nowhere.csv"), "", 3, "cannot be read"),
        (("action", "codeine"), "", 2, "belong together"),
        (("action", "codeine", "CYP2D6", "*1/*1", "CYP2C19"), "", 2, "belong together"),
        (("call", "/nowhere.vcf"), "", 3, "cannot be read"),
        (("call", "/nowhere.vcf", "--sex", "x"), "", 2, "--sex"),
    ],
)
def test_bad_input_is_one_sentence_and_the_right_code(
    words: tuple[str, ...], stdin: str, code: int, says: str
) -> None:
    result = run(*words, stdin=stdin)
    assert result.returncode == code and says in result.stderr and "Traceback" not in result.stderr


@pytest.mark.parametrize("by_pipe", [False, True])
def test_the_rows_stay_in_the_order_of_a_long_file(tmp_path: Path, by_pipe: bool) -> None:
    """The input is read by all cores; row and echo still belong together, from the first to the last."""
    texts = [f"CYP2D6,*{1 + n % 7}/*{1 + n % 11},{n}" for n in range(150_000)]
    source = tmp_path / "long.csv"
    source.write_text("gene,diplotype,mine\n" + "\n".join(texts) + "\n")
    result = run("phenotype", stdin=source.read_text()) if by_pipe else run("phenotype", "--csv", source)
    rows = table(result.stdout)
    assert [(r["row"], r["mine"]) for r in rows] == [(str(n + 1), str(n)) for n in range(150_000)]
    assert all(
        f"{r['gene']},{r['diplotype']},{r['mine']}" == text for r, text in zip(rows, texts, strict=True)
    )


def test_a_column_named_like_the_numbers_that_are_kept() -> None:
    text = "rowid,gene,diplotype\n7,CYP2D6,*1/*4\n7,CYP2D6,*4/*4\n"
    rows = table(run("phenotype", stdin=text).stdout)
    assert [(r["row"], r["rowid"], r["phenotype"][:4]) for r in rows] == [
        ("1", "7", "Inte"),
        ("2", "7", "Poor"),
    ]
    found = json.loads(run("phenotype", "--json", stdin=text).stdout)["phenotypes"]
    assert [r["row"] for r in found] == [1, 2]


def test_action_gives_one_row_a_guideline_cpic_first() -> None:
    shape = json.loads(
        run("action", "codeine", "CYP2D6", "*1/*1", "--inhibitors", "paroxetine", "--json").stdout
    )
    rows = shape["actions"]
    assert [r["guideline"] for r in rows] == ["CPIC", "DPWG", "FDA table"]
    assert rows[0]["action_code"] == "AVOID_ALTERNATIVE" and "by genotype alone: LABEL_DOSE" in rows[0]["say"]
    assert {
        "drug",
        "genes",
        "guideline",
        "action_code",
        "strength",
        "if_used_anyway",
        "monitor",
        "condition",
        "say",
        "source",
    } <= set(rows[0])


def test_action_csv_with_two_genes_and_a_drug_without_rows() -> None:
    text = (
        "drug,gene,diplotype,gene_2,diplotype_2\nimipramine,CYP2D6,*4/*4,CYP2C19,*1/*1\n"
        "paracetamol,CYP2D6,*1/*1,,\noxycodone,CYP2D6,*4/*4,,\n"
    )
    rows = table(run("action", stdin=text).stdout)
    first = next(r for r in rows if r["row"] == "1")
    assert (first["genes"], first["action_code"]) == ("CYP2D6|CYP2C19", "AVOID_ALTERNATIVE")
    (none,) = [r for r in rows if r["row"] == "2"]
    assert none["action_code"] == "" and "no guideline row" in none["say"]
    assert (
        next(r for r in rows if r["row"] == "3" and r["guideline"] == "CPIC")["action_code"]
        == "NO_RECOMMENDATION"
    )


def test_call_with_outside_calls(tmp_path: Path) -> None:
    vcf = files.vcf(tmp_path / "a.vcf", ("CYP2C19", "CYP3A5"), absent=["rs776746"])
    outside = tmp_path / "o.tsv"
    outside.write_text("CYP2D6\t*1/*4\nG6PD\t\tNot available\n")
    result = run("call", vcf, "--outside", outside, "--json")
    shape = json.loads(result.stdout)
    assert (shape["sample"], shape["build"]) == ("s1", "GRCh38")
    genes = {c["gene"]: c for c in shape["calls"]}
    assert genes["CYP2D6"]["phenotype"] == "Intermediate Metabolizer" and genes["CYP2D6"]["state"] == "called"
    assert (
        genes["CYP2C19"]["diplotypes"] == ["*38/*38"]
        and genes["CYP2C19"]["phenotype"] == "Normal Metabolizer"
    )
    assert (genes["CYP3A5"]["state"], genes["CYP3A5"]["phenotype"]) == ("indeterminate", None)
    assert (
        genes["CYP3A5"]["positions_missing"] == ["rs776746"]
        and "*3" in genes["CYP3A5"]["alleles_not_excluded"]
    )
    assert set(genes["CYP2D6"]) == {
        "gene", "state", "diplotypes", "copy_number", "activity_score", "phenotype",
        "phenotype_if_untested_are_reference", "positions_tested",
        "positions_missing", "alleles_not_excluded", "note",
    }  # fmt: skip
    assert run("call", vcf).stdout.splitlines()[0] == "s1  GRCh38"


def test_call_of_many_files_goes_on_past_a_bad_one(tmp_path: Path) -> None:
    """One line a sample, in the order of the files; exit 3 only when none could be used."""
    good = [files.vcf(tmp_path / f"{name}.vcf", ("CYP3A5",), samples=(name,)) for name in "ab"]
    bad = tmp_path / "bad.vcf"
    bad.write_text("##fileformat=VCFv4.2\nchr7\t1\n")
    result = run("call", good[0], bad, good[1], "--json")
    assert [json.loads(line)["sample"] for line in result.stdout.splitlines()] == ["a", "b"]
    assert result.returncode == 0 and "bad.vcf line 2" in result.stderr
    assert run("call", bad, bad).returncode == 3
    assert run("call", *good, "--outside", bad).returncode in (2, 3)


def test_output_that_is_closed_early_is_no_bug(tmp_path: Path) -> None:
    """`pain-tui phenotype ... | head`"""
    import subprocess
    import sys

    path = tmp_path / "in.csv"
    path.write_text("gene,diplotype\n" + "CYP2D6,*1/*4\n" * 200_000)
    command = f"{sys.executable} -m pain_tui phenotype --csv {path} | head -1"
    result = subprocess.run(command, shell=True, capture_output=True, text=True, timeout=120)  # noqa: S602
    assert result.stdout.startswith("row,gene,diplotype") and "bug" not in result.stderr
