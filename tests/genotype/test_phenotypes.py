"""From a recorded result to a phenotype: bands at their edges, five states, and what today's medicines
change.
"""

from datetime import date, datetime
from typing import Any

import duckdb
import pytest

from tests.genotype import tables

PERSON = "p1"


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    return tables.connect()


def one(
    connection: duckdb.DuckDBPyConnection, gene: str, *calls: dict, drugs: tuple = (), complete: bool = True
) -> dict[str, Any]:
    """The phenotype row of one gene of one person."""
    rows = [{"person": PERSON, "gene": gene, "state": "called", **call} for call in calls]
    medicines = [
        {"person": PERSON, **(drug if isinstance(drug, dict) else {"ingredient": drug})} for drug in drugs
    ]
    tables.load_case(
        connection,
        rows or [{"person": PERSON, "gene": "CYP2C9", "state": "not_tested"}],
        medicines,
        list_complete=complete,
    )
    tables.run_steps(connection)
    return tables.rows(connection, "SELECT * FROM phenotypes WHERE person = ? AND gene = ?", [PERSON, gene])[
        0
    ]


@pytest.mark.parametrize("text", ["*5x2/*1", "*1/*5x2", "*5xN/*1", "*5x≥3/*1", "*5+*1/*2", "*1/*2|*5x2/*1"])
def test_a_deleted_gene_is_neither_multiplied_nor_in_tandem(
    connection: duckdb.DuckDBPyConnection, text: str
) -> None:
    """*5 is the absence of the gene: `*5x2` cannot have been measured, so what was meant stays open."""
    row = one(connection, "CYP2D6", {"diplotype": text})
    assert (row["state"], row["activity_score"]) == ("indeterminate", None)
    assert "deletion of the whole gene" in row["note"] or "*1/*5x2 Indeterminate" in row["note"]
    assert not row["needs_copy_number"]


@pytest.mark.parametrize(
    ("text", "diplotypes", "score"),
    [
        ("(*4/*5)x2", ["*4x2/*5"], 0),
        ("(*1/*5)x2", ["*1x2/*5"], 2),
        ("*5/*1", ["*1/*5"], 1),
        ("*5/*5", ["*5/*5"], 0),
    ],
)
def test_beside_a_deleted_gene_only_the_other_can_be_multiplied(
    connection: duckdb.DuckDBPyConnection, text: str, diplotypes: list[str], score: int
) -> None:
    row = one(connection, "CYP2D6", {"diplotype": text})
    assert (row["state"], row["diplotypes"], float(row["activity_score"])) == ("called", diplotypes, score)


def test_the_deletion_of_cyp2c19(connection: duckdb.DuckDBPyConnection) -> None:
    assert one(connection, "CYP2C19", {"diplotype": "*1/*36"})["phenotype"] == "Intermediate Metabolizer"
    assert one(connection, "CYP2C19", {"diplotype": "*1/*36x2"})["state"] == "indeterminate"


@pytest.mark.parametrize("bases", [{"alleles": "G/A"}, {"diplotype": "G/A"}, {"diplotype": "AA"}])
@pytest.mark.parametrize(("gene", "rsid"), [("CYP2D6", "rs3892097"), ("CYP2C19", "rs4244285")])
def test_one_position_names_no_pair_of_alleles(
    connection: duckdb.DuckDBPyConnection, gene: str, rsid: str, bases: dict
) -> None:
    """A lone rsID, whatever it says, and whatever the report made of it, gives no phenotype."""
    row = one(connection, gene, {"rsid": rsid, **bases, "phenotype_reported": "Normal Metabolizer"})
    assert (row["state"], row["phenotype"], row["activity_score"]) == ("indeterminate", None, None)
    assert f"{rsid} " in row["diplotypes"][0]
    assert "a single position" in row["note"] and "the report says Normal Metabolizer" in row["note"]


def test_one_position_beside_a_result_takes_nothing_from_it(connection: duckdb.DuckDBPyConnection) -> None:
    """Reports name the variants that they found beside the diplotype."""
    calls = {"rsid": "rs3892097", "diplotype": "G/A"}, {"diplotype": "*1/*4"}
    row = one(connection, "CYP2D6", *calls)
    assert (row["state"], row["diplotypes"]) == ("called", ["*1/*4"])
    named = one(connection, "CYP2C9", {"rsid": "rs1799853", "diplotype": "*1/*2"})
    assert (named["state"], named["phenotype"]) == ("called", "Intermediate Metabolizer")


@pytest.mark.parametrize(
    ("bases", "state", "phenotype"),
    [
        ("G/A", "called", "Malignant Hyperthermia Susceptibility"),
        ("A/G", "called", "Malignant Hyperthermia Susceptibility"),
        ("G/G", "indeterminate", None),
        ("T/T", "indeterminate", None),
    ],
)
def test_a_listed_risk_variant_alone_is_enough(
    connection: duckdb.DuckDBPyConnection, bases: str, state: str, phenotype: str | None
) -> None:
    """One risk variant of RYR1 decides, wherever it is named; its absence decides nothing."""
    row = one(connection, "RYR1", {"rsid": "rs121918592", "alleles": bases})
    assert (row["state"], row["phenotype"]) == (state, phenotype)


def test_a_conflict_names_both_results_with_laboratory_and_day(connection: duckdb.DuckDBPyConnection) -> None:
    first = {"diplotype": "*1/*2", "laboratory": "Lab One", "date": date(2025, 6, 11)}
    row = one(
        connection, "CYP2D6", first, {"diplotype": "*4/*4", "laboratory": "Lab Two"}, {"diplotype": "*1/*2"}
    )
    assert row["state"] == "conflicting" and row["phenotype"] is None
    assert (
        "two results disagree: *1/*2 and *1/*2 (Lab One, 2025-06-11) and *4/*4 (Lab Two); neither is used"
        in row["note"]
    )


def test_a_marker_read_twice_with_other_bases_conflicts(connection: duckdb.DuckDBPyConnection) -> None:
    first, same, other = ({"rsid": "rs1799971", "alleles": text} for text in ("A/G", "G/A", "A/A"))
    assert one(connection, "OPRM1", first, same)["diplotypes"] == ["rs1799971 G/A"]
    row = one(connection, "OPRM1", first, other)
    assert row["state"] == "conflicting" and "two results disagree" in row["note"]
    two = one(connection, "COMT", {"rsid": "rs4680", "alleles": "A/G"}, {"rsid": "rs4633", "alleles": "T/T"})
    assert two["state"] == "called"


@pytest.mark.parametrize(
    ("score", "phenotype"),
    [
        (0, "Poor Metabolizer"),
        (0.01, "Intermediate Metabolizer"),
        (0.25, "Intermediate Metabolizer"),
        (1, "Intermediate Metabolizer"),
        (1.24, "Intermediate Metabolizer"),
        (1.25, "Normal Metabolizer"),
        (1.26, "Normal Metabolizer"),
        (2.24, "Normal Metabolizer"),
        (2.25, "Normal Metabolizer"),
        (2.26, "Ultrarapid Metabolizer"),
        (2.5, "Ultrarapid Metabolizer"),
        (7, "Ultrarapid Metabolizer"),
    ],
)
def test_cyp2d6_bands_below_at_and_above_each_cut(
    connection: duckdb.DuckDBPyConnection, score: float, phenotype: str
) -> None:
    """CPIC's bands; a score that is not listed belongs to its band."""
    assert one(connection, "CYP2D6", {"activity_score_reported": score})["phenotype"] == phenotype


@pytest.mark.parametrize(
    ("diplotype", "score", "phenotype", "state"),
    [
        ("*1x2/*4", 2, "Normal Metabolizer", "called"),
        ("*4x2/*1", 1, "Intermediate Metabolizer", "called"),
        ("*41x3/*1", 1.75, "Normal Metabolizer", "called"),
        ("*10x4/*4", 1, "Intermediate Metabolizer", "called"),
        ("*36+*10/*36+*10", 0.5, "Intermediate Metabolizer", "called"),
        ("*2+*68/*5", 1, "Intermediate Metabolizer", "called"),
        ("*1x≥3/*4", 3, "Ultrarapid Metabolizer", "called"),
        ("*4x≥3/*4", 0, "Poor Metabolizer", "called"),
        ("*10x≥3/*4", None, None, "indeterminate"),
        ("*1xN/*4", None, "Indeterminate", "indeterminate"),
        ("*1/*22", None, "Indeterminate", "indeterminate"),
        ("*1/*9999", None, "Indeterminate", "indeterminate"),
        ("*68x2/*1", None, "Indeterminate", "indeterminate"),
        ("*1/(*4)", None, None, "indeterminate"),
        ("*1B/*4", None, None, "indeterminate"),
        ("(*1/*4)x2", None, None, "indeterminate"),
        ("(*4/*5)x2", 0, "Poor Metabolizer", "called"),
        ("nonsense", None, None, "indeterminate"),
    ],
)
def test_cyp2d6_structures(
    connection: duckdb.DuckDBPyConnection,
    diplotype: str,
    score: float | None,
    phenotype: str | None,
    state: str,
) -> None:
    """Copies, tandems, and what leaves the answer open, with a reason."""
    row = one(connection, "CYP2D6", {"diplotype": diplotype})
    got = None if row["activity_score"] is None else float(row["activity_score"])
    assert (got, row["phenotype"], row["state"]) == (score, phenotype, state)
    assert state == "called" or row["note"]


@pytest.mark.parametrize("state", ["not_tested", "no_call", "indeterminate", "conflicting"])
def test_only_called_has_a_phenotype(connection: duckdb.DuckDBPyConnection, state: str) -> None:
    """A row that says it is not a result is not made one by the diplotype beside it."""
    row = one(connection, "CYP2C19", {"state": state, "diplotype": "*1/*1"})
    assert (row["state"], row["phenotype"], row["phenotype_with_drugs"]) == (state, None, None)


def test_a_gene_without_a_row_is_not_tested(connection: duckdb.DuckDBPyConnection) -> None:
    row = one(connection, "CYP2D6")
    assert (row["state"], row["phenotype"], row["note"]) == ("not_tested", None, "not tested")


def test_every_shown_gene_has_a_row(connection: duckdb.DuckDBPyConnection) -> None:
    one(connection, "CYP2D6", {"diplotype": "*1/*1"})
    shown = {r["gene"] for r in tables.rows(connection, "SELECT gene FROM knowledge.genes_shown")}
    got = [
        r["gene"] for r in tables.rows(connection, "SELECT gene FROM phenotypes WHERE person = ?", [PERSON])
    ]
    assert set(got) == shown and len(got) == len(shown)


def test_normal_with_an_untested_position_is_withheld(connection: duckdb.DuckDBPyConnection) -> None:
    """*1/*1 means that nothing was found where one looked; the note says which alleles stay open."""
    row = one(
        connection,
        "CYP3A5",
        {"diplotype": "*1/*1", "positions_missing": ["rs776746"], "alleles_not_excluded": ["*3"]},
    )
    assert (row["state"], row["phenotype"], row["activity_score"]) == ("indeterminate", None, None)
    assert "Normal Metabolizer only if" in row["note"] and "rs776746" in row["note"] and "*3" in row["note"]


def test_normal_from_an_array_is_withheld_even_without_missing_positions(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    assert one(connection, "CYP2C19", {"diplotype": "*1/*1", "method": "array"})["phenotype"] is None
    assert (
        one(connection, "CYP2C19", {"diplotype": "*2/*2", "method": "array"})["phenotype"]
        == "Poor Metabolizer"
    )


def test_two_results_that_disagree_conflict(connection: duckdb.DuckDBPyConnection) -> None:
    row = one(connection, "CYP2C19", {"diplotype": "*1/*1"}, {"diplotype": "*2/*2"})
    assert (row["state"], row["phenotype"], row["diplotypes"]) == ("conflicting", None, ["*1/*1", "*2/*2"])
    same = one(connection, "CYP2C19", {"diplotype": "*1/*1"}, {"diplotype": "*38/*38"})
    assert (same["state"], same["phenotype"]) == ("called", "Normal Metabolizer")
    score = one(connection, "CYP2D6", {"diplotype": "*10/*10"}, {"diplotype": "*10/*36x2"})
    assert score["state"] == "conflicting", "the same phenotype by another score still changes advice"


def test_a_result_beside_a_gene_that_was_not_tested(connection: duckdb.DuckDBPyConnection) -> None:
    """The outside call counts; the file that could not call the gene says nothing."""
    row = one(
        connection,
        "CYP2D6",
        {"state": "not_tested", "note": "not from a VCF"},
        {"diplotype": "*1/*4", "method": "outside call"},
    )
    assert (row["state"], row["phenotype"]) == ("called", "Intermediate Metabolizer")


def test_a_reported_phenotype_that_differs(connection: duckdb.DuckDBPyConnection) -> None:
    """An outside call's phenotype is used with a warning; a laboratory's leaves the two in conflict."""
    outside = one(
        connection,
        "CYP2D6",
        {"diplotype": "*1/*1", "phenotype_reported": "Poor Metabolizer", "method": "outside call"},
    )
    assert (
        outside["phenotype"] == "Poor Metabolizer" and "the tables give Normal Metabolizer" in outside["note"]
    )
    lab = one(
        connection,
        "CYP2D6",
        {"diplotype": "*10/*10", "phenotype_reported": "Normal Metabolizer", "method": "laboratory"},
    )
    assert (lab["state"], lab["phenotype"]) == ("conflicting", None)


def test_hla_is_negative_only_when_both_alleles_are_typed(connection: duckdb.DuckDBPyConnection) -> None:
    both = one(connection, "HLA-B", {"diplotype": "*07:02/*44:03"})
    assert "*15:02 negative" in both["results"]
    half = one(connection, "HLA-B", {"diplotype": "*07:02"})
    assert half["phenotype"] is None and not half["results"]
    carrier = one(connection, "HLA-B", {"diplotype": "*15:02"})
    assert carrier["phenotype"] == "*15:02 positive"


def test_malignant_hyperthermia_is_never_ruled_out(connection: duckdb.DuckDBPyConnection) -> None:
    assert (
        one(connection, "RYR1", {"diplotype": "Reference/Reference"})["phenotype"]
        == "Uncertain Susceptibility"
    )
    assert (
        one(connection, "RYR1", {"diplotype": "Reference/c.7358T>C"})["phenotype"]
        == "Malignant Hyperthermia Susceptibility"
    )


def test_g6pd_on_one_x(connection: duckdb.DuckDBPyConnection) -> None:
    """A male has one allele; the rule is from a dated copy and says so."""
    row = one(connection, "G6PD", {"diplotype": "B (reference)"})
    assert (row["phenotype"], row["sureness"]) == ("Normal", "unchecked")
    assert one(connection, "CYP2C19", {"diplotype": "*1"})["phenotype"] is None


def test_strong_inhibitor_makes_poor_whatever_the_genotype(connection: duckdb.DuckDBPyConnection) -> None:
    row = one(connection, "CYP2D6", {"diplotype": "*1/*2x2"}, drugs=("paroxetine",))
    assert (row["phenotype"], row["phenotype_with_drugs"]) == ("Ultrarapid Metabolizer", "Poor Metabolizer")
    assert row["inhibitors"] == [{"drug": "paroxetine", "strength": "strong"}]
    assert row["clears_on"] == date(2026, 12, 22), "28 days: inactivated enzyme has to be made anew"
    untested = one(connection, "CYP2D6", drugs=("paroxetine",))
    assert (
        untested["phenotype_with_drugs"] == "Poor Metabolizer" and "whatever the genotype" in untested["note"]
    )


@pytest.mark.parametrize(
    ("drug", "gone"),
    [("fluoxetine", date(2027, 1, 27)), ("bupropion", date(2026, 12, 5)), ("paroxetine", date(2026, 12, 22))],
)
def test_the_day_an_inhibitor_has_gone(connection: duckdb.DuckDBPyConnection, drug: str, gone: date) -> None:
    """64, 11 and 28 days after today's dose."""
    assert one(connection, "CYP2D6", {"diplotype": "*1/*1"}, drugs=(drug,))["clears_on"] == gone


@pytest.mark.parametrize(
    ("stopped", "phenotype"),
    [(date(2026, 9, 21), "Normal Metabolizer"), (date(2026, 9, 22), "Poor Metabolizer")],
)
def test_a_stopped_inhibitor_acts_until_it_has_gone(
    connection: duckdb.DuckDBPyConnection, stopped: date, phenotype: str
) -> None:
    """Fluoxetine: 64 days after the last dose the genotype speaks again, not a day sooner."""
    drug = {"ingredient": "fluoxetine", "active": False, "stop": stopped}
    assert (
        one(connection, "CYP2D6", {"diplotype": "*1/*1"}, drugs=(drug,))["phenotype_with_drugs"] == phenotype
    )


def test_last_dose_before_stop_counts(connection: duckdb.DuckDBPyConnection) -> None:
    drug = {
        "ingredient": "fluoxetine",
        "active": False,
        "stop": date(2026, 11, 1),
        "last_dose": datetime(2026, 9, 1),
    }
    assert (
        one(connection, "CYP2D6", {"diplotype": "*1/*1"}, drugs=(drug,))["phenotype_with_drugs"]
        == "Normal Metabolizer"
    )


def test_not_knowing_whether_it_is_taken_leaves_today_open(connection: duckdb.DuckDBPyConnection) -> None:
    row = one(
        connection, "CYP2D6", {"diplotype": "*1/*1"}, drugs=({"ingredient": "fluoxetine", "active": None},)
    )
    assert (row["phenotype"], row["phenotype_with_drugs"]) == ("Normal Metabolizer", None)
    assert "not known whether fluoxetine" in row["note"]


def test_a_list_that_is_not_complete_leaves_today_open(connection: duckdb.DuckDBPyConnection) -> None:
    row = one(connection, "CYP2D6", {"diplotype": "*1/*1"}, complete=False)
    assert row["phenotype_with_drugs"] is None and "not stated complete" in row["note"]
    poor = one(connection, "CYP2D6", {"diplotype": "*1/*1"}, drugs=("quinidine",), complete=False)
    assert poor["phenotype_with_drugs"] == "Poor Metabolizer", "no further drug could change it"


def test_two_moderate_inhibitors_are_not_multiplied(connection: duckdb.DuckDBPyConnection) -> None:
    row = one(connection, "CYP2D6", {"diplotype": "*1/*1"}, drugs=("duloxetine", "mirabegron"))
    assert float(row["activity_score_with_drugs"]) == 1


def test_an_unchecked_inhibitor_changes_nothing_and_is_named(connection: duckdb.DuckDBPyConnection) -> None:
    row = one(connection, "CYP2D6", {"diplotype": "*1/*1"}, drugs=("moclobemide",))
    assert row["phenotype_with_drugs"] == "Normal Metabolizer" and "moclobemide" in row["note"]


def test_a_halved_lower_bound_gives_no_single_phenotype(connection: duckdb.DuckDBPyConnection) -> None:
    row = one(connection, "CYP2D6", {"diplotype": "*1x≥3/*1"}, drugs=("duloxetine",))
    assert row["phenotype"] == "Ultrarapid Metabolizer" and row["phenotype_with_drugs"] is None


def test_cyp2c19_is_converted_by_a_research_rule_and_says_so(connection: duckdb.DuckDBPyConnection) -> None:
    row = one(connection, "CYP2C19", {"diplotype": "*1/*17"}, drugs=("fluvoxamine",))
    assert row["phenotype_with_drugs"] == "Poor Metabolizer" and row["with_drugs_is_research"]
    assert "research rule" in row["note"]


def test_no_rule_for_cyp2c9_so_no_phenotype_with_an_inhibitor(connection: duckdb.DuckDBPyConnection) -> None:
    row = one(connection, "CYP2C9", {"diplotype": "*1/*1"}, drugs=("rifampin",))
    assert (row["phenotype"], row["phenotype_with_drugs"]) == ("Normal Metabolizer", None)


def test_a_single_marker_has_no_phenotype_and_says_so(connection: duckdb.DuckDBPyConnection) -> None:
    tables.load_case(connection, [{"person": "1", "gene": "OPRM1", "state": "called", "diplotype": "A/G"}])
    tables.run_steps(connection)
    (row,) = tables.rows(connection, "SELECT * FROM phenotypes WHERE gene = 'OPRM1'")
    assert row["phenotype"] is None and row["results"] == []
    written = tables.rows(connection, "SELECT reason FROM written_results WHERE gene = 'OPRM1'")
    assert written == [{"reason": "a single marker: no guideline gives it a phenotype"}]


def test_an_allele_without_a_value_is_named_beside_its_neighbours(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    """*68x2 has no value in the tables though *68 has one; the reason says which allele it is."""
    row = one(connection, "CYP2D6", {"diplotype": "*68x2+*4/*1"})
    assert row["phenotype"] == "Indeterminate" and row["note"].startswith(
        "*68x2 (no function) has no activity value"
    )
