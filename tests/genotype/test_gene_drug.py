"""Guideline rows for a person's drugs: the right one, of each body, today and by genotype; none where
nothing is known.
"""

from datetime import date, timedelta
from typing import Any

import duckdb
import pytest

from tests.genotype import tables

PERSON = "p1"


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    return tables.connect()


def found(
    connection: duckdb.DuckDBPyConnection,
    drug: str,
    genes: dict[str, str],
    drugs: tuple = (),
    *,
    problem: str | None = None,
    complete: bool = True,
) -> list[dict[str, Any]]:
    """All rows about one drug."""
    calls = [
        {"person": PERSON, "gene": gene, "state": "called", "diplotype": text} for gene, text in genes.items()
    ]
    medicines = [{"person": PERSON, **(d if isinstance(d, dict) else {"ingredient": d})} for d in drugs]
    tables.load_case(
        connection,
        calls or [{"person": PERSON, "gene": "CYP2C9", "state": "not_tested"}],
        medicines,
        list_complete=complete,
    )
    tables.ask_drugs(connection, [(PERSON, drug)])
    connection.execute("DELETE FROM case_problem")
    connection.execute(
        "INSERT INTO case_problem (person, problem, condition) VALUES (?, 'x', ?)",
        [PERSON, problem or "knee_oa"],
    )
    tables.run_steps(connection)
    tables.run_steps(connection, "070_gene_drug")
    return tables.rows(
        connection,
        "SELECT * FROM gene_drug WHERE drug = ? ORDER BY guideline_order, with_drugs, row_id",
        [drug],
    )


def codes(
    rows: list[dict[str, Any]], guideline: str = "CPIC", gene: str = "CYP2D6", *, today: bool | None = None
) -> list[str | None]:
    return [
        r["action_code"]
        for r in rows
        if r["guideline"] == guideline and gene in r["genes"] and (today is None or r["with_drugs"] == today)
    ]


@pytest.mark.parametrize(
    ("diplotype", "cpic", "dpwg"),
    [
        ("*4/*4", "AVOID_ALTERNATIVE", "ALTERNATIVE"),
        ("*4/*10", "LABEL_DOSE_SWITCH_IF_NO_RESPONSE", "LABEL_DOSE_INCREASE_THEN_SWITCH_IF_NO_RESPONSE"),
        ("*1/*4", "LABEL_DOSE_SWITCH_IF_NO_RESPONSE", "LABEL_DOSE_INCREASE_THEN_SWITCH_IF_NO_RESPONSE"),
        ("*1/*10", "LABEL_DOSE", "NO_RECOMMENDATION"),
        ("*1x2/*10", "LABEL_DOSE", "NO_RECOMMENDATION"),
        ("*1x2/*17", "AVOID_ALTERNATIVE", "NO_RECOMMENDATION"),
        ("*1/*1x2", "AVOID_ALTERNATIVE", "CONTRAINDICATED_ABOVE_DOSE_LIMIT"),
        ("*1/*1x≥3", "AVOID_ALTERNATIVE", "CONTRAINDICATED_ABOVE_DOSE_LIMIT"),
        ("*1/*22", "NO_RECOMMENDATION", None),
        ("*1xN/*4", "NO_RECOMMENDATION", None),
    ],
)
def test_codeine_by_score(
    connection: duckdb.DuckDBPyConnection, diplotype: str, cpic: str, dpwg: str | None
) -> None:
    """CPIC and DPWG side by side; at 2.5 they differ."""
    rows = found(connection, "codeine", {"CYP2D6": diplotype})
    assert codes(rows) == [cpic] and codes(rows, "DPWG") == [dpwg]


def test_not_tested_gives_no_action_and_the_reason(connection: duckdb.DuckDBPyConnection) -> None:
    rows = [
        r for r in found(connection, "codeine", {}) if r["guideline"] == "CPIC" and r["genes"] == ["CYP2D6"]
    ]
    assert [(r["action_code"], r["open_genes"]) for r in rows] == [(None, "CYP2D6 not tested")]


def test_today_and_by_genotype_with_an_inhibitor(connection: duckdb.DuckDBPyConnection) -> None:
    rows = found(connection, "tramadol", {"CYP2D6": "*1/*1"}, ("paroxetine",))
    assert codes(rows, today=False) == ["LABEL_DOSE"] and codes(rows, today=True) == ["AVOID_ALTERNATIVE"]


def test_a_strong_inhibitor_speaks_even_without_a_genotype(connection: duckdb.DuckDBPyConnection) -> None:
    rows = found(connection, "codeine", {}, ("paroxetine",))
    assert codes(rows, today=True) == ["AVOID_ALTERNATIVE"]


def test_a_drug_does_not_convert_its_own_advice(connection: duckdb.DuckDBPyConnection) -> None:
    alone = found(connection, "paroxetine", {"CYP2D6": "*1/*1"}, ("paroxetine",))
    assert codes(alone) == ["LABEL_DOSE"] and not any(r["with_drugs"] for r in alone)
    with_other = found(connection, "paroxetine", {"CYP2D6": "*1/*1"}, ("paroxetine", "quinidine"))
    assert codes(with_other, today=True) == codes(found(connection, "paroxetine", {"CYP2D6": "*4/*4"}))


def test_a_research_conversion_is_marked_unchecked(connection: duckdb.DuckDBPyConnection) -> None:
    rows = [
        r for r in found(connection, "citalopram", {"CYP2C19": "*1/*1"}, ("fluvoxamine",)) if r["with_drugs"]
    ]
    assert rows and {r["sureness"] for r in rows} == {"unchecked"}


def test_two_gene_rows(connection: duckdb.DuckDBPyConnection) -> None:
    rows = found(connection, "imipramine", {"CYP2D6": "*4/*4", "CYP2C19": "*1/*1"})
    assert [r["row_id"] for r in rows if r["guideline"] == "CPIC"] and codes(rows) == ["AVOID_ALTERNATIVE"]
    one = found(connection, "imipramine", {"CYP2C19": "*1/*1"})
    (row,) = [r for r in one if r["guideline"] == "CPIC"]
    assert row["open_genes"] == "CYP2D6 not tested", "the row says which gene it could not use"


def test_carbamazepine_with_hla(connection: duckdb.DuckDBPyConnection) -> None:
    both = {"HLA-B": "*15:02/*57:01", "HLA-A": "*02:01/*03:01"}
    naive = [r for r in found(connection, "carbamazepine", both) if r["guideline"] == "CPIC"]
    assert [(r["population"], r["action_code"]) for r in naive] == [
        ("carbamazepine_naive", "AVOID_ALTERNATIVE")
    ]
    long_ago = {"ingredient": "carbamazepine", "active": True, "start": date(2025, 1, 1)}
    taken = [r for r in found(connection, "carbamazepine", both, (long_ago,)) if r["guideline"] == "CPIC"]
    assert [r["population"] for r in taken] == ["carbamazepine_over_3_months"]
    unknown = {"ingredient": "carbamazepine", "active": True}
    either = [r for r in found(connection, "carbamazepine", both, (unknown,)) if r["guideline"] == "CPIC"]
    assert {r["population"] for r in either} == {"carbamazepine_naive", "carbamazepine_over_3_months"}
    untested = [r for r in found(connection, "carbamazepine", {}) if r["guideline"] == "CPIC"]
    assert [r["action_code"] for r in untested] == [None] and "HLA-B not tested" in untested[0]["open_genes"]


def test_low_dose_amitriptyline_for_neuropathic_pain_goes_before_the_general_row(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    genes = {"CYP2D6": "*1/*1", "CYP2C19": "*2/*2"}
    general = [r for r in found(connection, "amitriptyline", genes) if r["guideline"] == "CPIC"]
    assert {r["population"] for r in general} == {"general"}
    pain = [r for r in found(connection, "amitriptyline", genes, problem="phn") if r["guideline"] == "CPIC"]
    assert {r["population"] for r in pain} == {"neuropathic_pain_low_dose"} and all(
        r["condition"] for r in pain
    )
    high = {"ingredient": "amitriptyline", "active": True, "amount_per_day_max": 75.0}
    more = [
        r
        for r in found(connection, "amitriptyline", genes, (high,), problem="phn")
        if r["guideline"] == "CPIC"
    ]
    assert {r["population"] for r in more} == {"general"}


@pytest.mark.parametrize(
    ("drug", "genes"),
    [
        ("oxycodone", {"CYP2D6": "*4/*4"}),
        ("methadone", {"CYP2D6": "*4/*4"}),
        ("duloxetine", {"CYP2D6": "*4/*4"}),
        ("morphine", {}),
    ],
)
def test_drugs_without_a_recommendation_say_so_and_why(
    connection: duckdb.DuckDBPyConnection, drug: str, genes: dict[str, str]
) -> None:
    rows = [r for r in found(connection, drug, genes) if r["guideline"] == "CPIC"]
    assert (
        rows
        and {r["action_code"] for r in rows} == {"NO_RECOMMENDATION"}
        and all(r["mechanism"] for r in rows)
    )


def test_conflicting_results_give_no_action(connection: duckdb.DuckDBPyConnection) -> None:
    tables.load_case(
        connection,
        [{"person": PERSON, "gene": "CYP2D6", "state": "called", "diplotype": d} for d in ("*1/*1", "*4/*4")],
    )
    tables.ask_drugs(connection, [(PERSON, "codeine")])
    tables.run_steps(connection)
    tables.run_steps(connection, "070_gene_drug")
    rows = tables.rows(connection, "SELECT * FROM gene_drug WHERE genes = ['CYP2D6'] AND guideline = 'CPIC'")
    assert [r["action_code"] for r in rows] == ["NO_RECOMMENDATION"]


def test_every_test_of_the_action_table_can_be_read(connection: duckdb.DuckDBPyConnection) -> None:
    """Only the three result words that no genotype can fit are left unread; each row has its
    action's meaning.
    """
    unread = {
        r["word"]
        for r in tables.rows(connection, "SELECT word FROM knowledge.action_tests WHERE kind = 'unread'")
    }
    assert unread == {"1511 and 1502", "homozygous atypical", "not stated here"}
    assert not tables.rows(
        connection,
        "SELECT * FROM knowledge.gene_actions WHERE meaning IS NULL OR population_label IS NULL AND "
        "population <> 'general'",
    )


def test_a_research_rule_of_one_gene_does_not_weaken_what_the_other_says(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    """Fluoxetine makes CYP2D6 poor by CPIC's rule; what it does to CYP2C19 is research. The row that holds without
    the research is advice, the other stands beside it as unchecked.
    """
    genes = {"CYP2D6": "*1/*2", "CYP2C19": "*1/*17"}
    rows = [
        r
        for r in found(connection, "amitriptyline", genes, ("fluoxetine",))
        if r["guideline"] == "CPIC" and r["population"] == "general" and r["speaks"] == "today"
    ]
    said = {r["is_research"]: (r["action_code"], r["sureness"], r["mechanism"]) for r in rows}
    assert set(said) == {False, True} and said[True][1] == "unchecked"
    assert said[False][:2] == ("AVOID_ALTERNATIVE", "read") and "2C19 fast" in said[False][2]


def test_research_that_changes_nothing_is_not_told_twice(connection: duckdb.DuckDBPyConnection) -> None:
    rows = found(connection, "amitriptyline", {"CYP2D6": "*1/*2"}, ("fluoxetine",))
    today = [r for r in rows if r["guideline"] == "CPIC" and r["speaks"] == "today"]
    assert today and {r["is_research"] for r in today} == {False}
    alone = found(connection, "sertraline", {"CYP2C19": "*1/*1"}, ("omeprazole",))
    assert {r["is_research"] for r in alone if r["speaks"] == "today"} == {True}


@pytest.mark.parametrize(
    ("inhibitor", "days"),
    # half_lives.csv: five half-lives of norfluoxetine; recovery of the inactivated enzyme; five of threohydrobupropion
    [("fluoxetine", 64), ("paroxetine", 28), ("bupropion", 11)],
)
@pytest.mark.parametrize("since_stop", [None, 0, 10])
def test_the_advice_at_both_dates(
    connection: duckdb.DuckDBPyConnection, inhibitor: str, days: int, since_stop: int | None
) -> None:
    """Codeine for a normal metabolizer: avoided while the inhibitor acts, the label's dose when it has gone."""
    drug: dict[str, Any] = {"ingredient": inhibitor}
    if since_stop is not None:
        drug |= {"active": False, "stop": tables.AS_OF - timedelta(days=since_stop)}
    rows = {
        r["speaks"]: r
        for r in found(connection, "codeine", {"CYP2D6": "*1/*2"}, (drug,))
        if r["guideline"] == "CPIC" and r["genes"] == ["CYP2D6"]
    }
    gone = tables.AS_OF + timedelta(days=days - (since_stop or 0))
    assert {k: (r["action_code"], r["clears_on"]) for k, r in rows.items()} == {
        "today": ("AVOID_ALTERNATIVE", gone),
        "later": ("LABEL_DOSE", gone),
    }


@pytest.mark.parametrize(("inhibitor", "days"), [("fluoxetine", 64), ("paroxetine", 28), ("bupropion", 11)])
def test_from_the_day_it_has_gone_only_the_genes_speak(
    connection: duckdb.DuckDBPyConnection, inhibitor: str, days: int
) -> None:
    drug = {"ingredient": inhibitor, "active": False, "stop": tables.AS_OF - timedelta(days=days)}
    rows = found(connection, "codeine", {"CYP2D6": "*1/*2"}, (drug,))
    cpic = [r for r in rows if r["guideline"] == "CPIC" and r["genes"] == ["CYP2D6"]]
    assert [(r["action_code"], r["speaks"]) for r in cpic] == [("LABEL_DOSE", "both")]
