"""Every published example row gives its expected result; each mismatch is named."""

import json
from pathlib import Path

import duckdb
import pytest

from pain_tui.genotype import notation
from pain_tui.genotype.call import SampleCalls, call_file
from tests.genotype import external, tables

pytestmark = pytest.mark.external


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    return tables.connect()


def _number(text: str) -> float | None:
    return None if text in ("", "n/a") else float(text.lstrip("≥"))


def _pairs(text: str) -> set[tuple[str, ...]]:
    """Diplotypes without order: of the two sides, and of the answers."""
    return {tuple(sorted(answer.split("/"))) for answer in text.split("|") if answer}


def test_every_diplotype_example(connection: duckdb.DuckDBPyConnection) -> None:
    """Score and phenotype of all stored diplotypes."""
    rows = external.read("diplotype_phenotype_dev.csv")
    assert len(rows) > 5000
    tables.load_case(connection, [])
    keyed = [{"person": str(n), "gene": r["gene"], "diplotype": r["diplotype"]} for n, r in enumerate(rows)]
    connection.execute(
        "INSERT INTO case_genotype_call (person, gene, state, diplotype) SELECT person, gene, "
        "'called', diplotype "
        "FROM (SELECT unnest(from_json(?::JSON, ?), recursive := true))",
        [json.dumps(keyed), '[{"person":"VARCHAR","gene":"VARCHAR","diplotype":"VARCHAR"}]'],
    )
    tables.run_steps(connection, "035_written_results", "038_gene_results")
    got = {r["person"]: r for r in tables.rows(connection, "SELECT * FROM gene_results")}
    wrong = []
    for number, row in enumerate(rows):
        result = got[str(number)]
        score = None if result["activity_score"] is None else float(result["activity_score"])
        expected = (row["phenotype"], _number(row["activity_score"]), row["activity_score"].startswith("≥"))
        if (result["phenotype"] or "", score, result["at_least"]) != expected:
            wrong.append(f"{row['gene']} {row['diplotype']}: {expected}, got {result['phenotype']} {score}")
    assert not wrong, f"{len(wrong)} of {len(rows)}: " + "; ".join(wrong[:20])


@pytest.fixture(scope="module")
def called() -> dict[Path, SampleCalls]:
    files = {external.examples() / row["vcf_file"] for row in external.read("vcf_expected_dev.csv")}
    return {file: call_file(file)[0] for file in files}


def test_every_vcf_example_gives_all_equally_good_diplotypes(called: dict[Path, SampleCalls]) -> None:
    """An ambiguous call counts only when every tied answer is listed."""
    wrong = []
    rows = external.read("vcf_expected_dev.csv")
    for row in rows:
        sample = called[external.examples() / row["vcf_file"]]
        call = next(c for c in sample.calls if c.gene == row["gene"])
        if _pairs(call.diplotype or "") != _pairs(row["expected_diplotypes"]):
            wrong.append(f"{row['case_id']}: {row['expected_diplotypes']}, got {call.state} {call.diplotype}")
    assert not wrong, f"{len(wrong)} of {len(rows)}: " + "; ".join(wrong)


def test_every_vcf_example_gives_its_phenotype(
    connection: duckdb.DuckDBPyConnection, called: dict[Path, SampleCalls]
) -> None:
    """The expected phenotype. An untested position never lets a normal one stand as `phenotype`; what is
    expected there stands in `phenotype_if_untested_are_reference`, as it does in every row.
    """
    from pain_tui.assess import genotype_tables

    names = {str(n): file for n, file in enumerate(called)}
    genotype_tables.of_calls(
        connection, [(n, called[file].calls) for n, file in names.items()], as_of=tables.AS_OF
    )
    got = {
        (names[r["person"]], r["gene"]): r
        for r in tables.rows(
            connection,
            "SELECT person, gene, state, phenotype, phenotype_if_untested_are_reference, activity_score, "
            "positions_missing, note FROM phenotypes",
        )
    }
    wrong, withheld = [], 0
    for row in external.read("vcf_expected_dev.csv"):
        result = got[external.examples() / row["vcf_file"], row["gene"]]
        expected = {"no call": ""}.get(row["expected_phenotype"], row["expected_phenotype"])
        if "|" not in expected and (result["phenotype_if_untested_are_reference"] or "") != expected:
            wrong.append(f"{row['case_id']}: {expected}, got {result['phenotype_if_untested_are_reference']}")
        if expected == "Normal Metabolizer" and result["positions_missing"]:
            withheld += 1
            if result["phenotype"] is not None or "Normal Metabolizer only if" not in result["note"]:
                wrong.append(
                    f"{row['case_id']}: a normal phenotype although {result['positions_missing']} was "
                    "not tested"
                )
        elif "|" in expected:
            if result["phenotype"] is not None or not all(
                word in result["note"] for word in expected.split("|")
            ):
                wrong.append(f"{row['case_id']}: {expected}, got {result['phenotype']} ({result['note']})")
        elif (result["phenotype"] or "") != expected:
            wrong.append(f"{row['case_id']}: {expected}, got {result['phenotype']} ({result['note']})")
        score = None if result["activity_score"] is None else float(result["activity_score"])
        if (
            row["expected_activity_score"]
            and not result["positions_missing"]
            and score != _number(row["expected_activity_score"])
        ):
            wrong.append(f"{row['case_id']}: score {row['expected_activity_score']}, got {score}")
    assert not wrong, "; ".join(wrong)
    assert withheld == 4, "the four examples of a normal result with an untested position"


def test_grch37_is_recognised(called: dict[Path, SampleCalls]) -> None:
    """The file on the older build is called on that build, not as if it were the newer one."""
    by_name = {file.name: sample.build for file, sample in called.items()}
    assert by_name["trap_GRCh37_CYP2C19_dev.vcf"] == "GRCh37"
    assert set(by_name.values()) == {"GRCh37", "GRCh38"}


def test_every_notation_example(connection: duckdb.DuckDBPyConnection) -> None:
    """Spelling, score and phenotype of each way of writing."""
    calls = []
    rows = external.read("notation_examples_dev.csv")
    for number, row in enumerate(rows):
        call: dict = {"person": str(number), "gene": row["gene"], "state": "called", "method": "outside call"}
        text = row["input"]
        if text.startswith("score only: "):
            call["activity_score_reported"] = float(text.removeprefix("score only: "))
        elif " plus reported phenotype PM" in text:
            call |= {"diplotype": text.split()[0], "phenotype_reported": "Poor Metabolizer"}
        else:
            call["diplotype"] = text
        calls.append(call)
    tables.load_case(connection, calls)
    tables.run_steps(connection, "035_written_results", "038_gene_results")
    got = {r["person"]: r for r in tables.rows(connection, "SELECT * FROM gene_results")}
    wrong = []
    for number, row in enumerate(rows):
        result = got[str(number)]
        written = calls[number].get("diplotype")
        if written and "(" not in row["expected_normalised"]:
            label = notation.normalised(row["gene"], written) or ""
            if _pairs(label) != _pairs(row["expected_normalised"]):
                wrong.append(f"{row['input']}: {row['expected_normalised']}, got {label}")
        score = None if result["activity_score"] is None else float(result["activity_score"])
        if row["expected_score"] and score != _number(row["expected_score"]):
            wrong.append(f"{row['input']}: score {row['expected_score']}, got {score}")
        if row["expected_phenotype"] and result["phenotype"] != row["expected_phenotype"]:
            wrong.append(f"{row['input']}: {row['expected_phenotype']}, got {result['phenotype']}")
    assert not wrong, "; ".join(wrong)
    disagreeing = next(n for n, row in enumerate(rows) if "plus reported" in row["input"])
    assert "the report says Poor Metabolizer" in got[str(disagreeing)]["note"]


def test_every_phenoconversion_example(connection: duckdb.DuckDBPyConnection) -> None:
    """Score and phenotype before and after an inhibitor."""
    rows = external.read("phenoconversion_examples_dev.csv")
    drugs = {"strong": "quinidine", "moderate": "mirabegron"}
    tables.load_case(
        connection,
        [
            {
                "person": str(n),
                "gene": "CYP2D6",
                "state": "called",
                "activity_score_reported": float(r["genotype_score"]),
            }
            for n, r in enumerate(rows)
        ],
        [
            {"person": str(n), "ingredient": drugs[r["cyp2d6_inhibitor"]]}
            for n, r in enumerate(rows)
            if r["cyp2d6_inhibitor"] in drugs
        ],
    )
    tables.run_steps(connection)
    got = {r["person"]: r for r in tables.rows(connection, "SELECT * FROM phenotypes WHERE gene = 'CYP2D6'")}
    wrong = []
    for number, row in enumerate(rows):
        r = got[str(number)]
        result = (r["phenotype"], float(r["activity_score_with_drugs"]), r["phenotype_with_drugs"])
        if result != (row["genotype_phenotype"], float(row["converted_score"]), row["converted_phenotype"]):
            wrong.append(f"{row}: got {result}")
    assert not wrong, "; ".join(wrong)


def test_every_scenario(connection: duckdb.DuckDBPyConnection) -> None:
    """Diplotype, co-medication and drug: CPIC's row today and by genotype alone."""
    rows = external.read("scenarios_dev.csv")
    tables.load_case(
        connection,
        [
            {"person": r["case_id"], "gene": "CYP2D6", "state": "called", "diplotype": r["cyp2d6_diplotype"]}
            for r in rows
        ],
        [{"person": r["case_id"], "ingredient": drug} for r in rows for drug in r["comedication"].split("|")],
    )
    tables.ask_drugs(connection, [(r["case_id"], r["drug"]) for r in rows])
    tables.run_steps(connection)
    tables.run_steps(connection, "070_gene_drug")
    wrong = []
    for row in rows:
        found = tables.rows(
            connection,
            "SELECT * FROM gene_drug WHERE person = ? AND drug = ? AND guideline = 'CPIC' AND genes "
            "= ['CYP2D6'] ORDER BY with_drugs",
            [row["case_id"], row["drug"]],
        )
        alone = [r for r in found if not r["with_drugs"]]
        today = [r for r in found if r["with_drugs"]] or alone
        if len(alone) != 1 or len(today) != 1:
            wrong.append(f"{row['case_id']}: {len(alone)} and {len(today)} rows")
            continue
        result = (
            today[0]["action_code"],
            today[0]["if_used_anyway"] or "",
            today[0]["strength"],
            alone[0]["action_code"],
        )
        expected = (
            row["expected_action_code"],
            row["if_used_anyway"],
            row["expected_strength"],
            row["action_from_genotype_alone"],
        )
        if result != expected:
            wrong.append(f"{row['case_id']}: {expected}, got {result}")
    assert not wrong, "; ".join(wrong)
