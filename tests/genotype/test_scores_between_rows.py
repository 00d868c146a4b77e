"""A score that no guideline row lists, as a moderate inhibitor makes it, belongs to the band of its phenotype."""

import duckdb
import pytest

from tests.genotype import tables
from tests.genotype.test_gene_drug import codes, found


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    return tables.connect()


@pytest.mark.parametrize(
    ("diplotype", "score", "code", "strength"),
    [
        ("*41/*5", 0.125, "LABEL_DOSE_SWITCH_IF_NO_RESPONSE", "moderate"),  # below the first score listed
        ("*10/*41", 0.25, "LABEL_DOSE_SWITCH_IF_NO_RESPONSE", "moderate"),
        ("*1/*10", 0.625, "LABEL_DOSE_SWITCH_IF_NO_RESPONSE", "moderate"),
        ("*1/*2", 1.0, "LABEL_DOSE_SWITCH_IF_NO_RESPONSE", "moderate"),
        ("*1x2/*10", 1.125, "LABEL_DOSE_SWITCH_IF_NO_RESPONSE", "moderate"),  # above the last score listed
        ("*1x2/*17", 1.25, "LABEL_DOSE", "strong"),
    ],
)
def test_codeine_with_a_moderate_inhibitor(
    connection: duckdb.DuckDBPyConnection, diplotype: str, score: float, code: str, strength: str
) -> None:
    rows = found(connection, "codeine", {"CYP2D6": diplotype}, ("duloxetine",))
    converted = tables.rows(
        connection, "SELECT activity_score_with_drugs AS s FROM phenotypes WHERE gene = 'CYP2D6'"
    )
    assert float(converted[0]["s"]) == score
    today = [r for r in rows if r["guideline"] == "CPIC" and r["genes"] == ["CYP2D6"] and r["with_drugs"]]
    assert [(r["action_code"], r["strength"]) for r in today] == [(code, strength)]


def test_between_two_rows_of_one_phenotype_both_are_told(connection: duckdb.DuckDBPyConnection) -> None:
    """Nortriptyline has a row for 0.25 to 0.5 and one for 0.75 to 1; 0.625 is listed in neither."""
    rows = found(connection, "nortriptyline", {"CYP2D6": "*1/*10"}, ("duloxetine",))
    told = {r["strength"] for r in rows if r["guideline"] == "CPIC" and r["speaks"] == "today"}
    assert told == {"moderate", "optional"}


@pytest.mark.parametrize(("diplotype", "dpwg"), [("*1x2/*17", 1), ("*1/*1x2", 1)])
def test_at_and_above_a_listed_score_one_row_speaks(
    connection: duckdb.DuckDBPyConnection, diplotype: str, dpwg: int
) -> None:
    """2.5 and 3: DPWG has a row for the one and a row for what is above it."""
    assert len(codes(found(connection, "codeine", {"CYP2D6": diplotype}), "DPWG")) == dpwg


def test_every_score_has_a_row_where_its_neighbours_have(connection: duckdb.DuckDBPyConnection) -> None:
    """No gap is left between the rows of a drug for one gene alone that name 0, 0.25-1, 1.25-2.25 and >2.25."""
    gaps = tables.rows(
        connection,
        """SELECT d.drug, s.score FROM knowledge.drug_actions d
        CROSS JOIN (SELECT unnest(range(0, 28)) * 0.125 AS score) s
        LEFT JOIN knowledge.action_tests t ON t.row_id = d.row_id AND t.side = 1 AND t.kind = 'score'
            AND (CASE WHEN t.low_is_above THEN s.score > t.low ELSE s.score >= t.low END)
            AND (t.high IS NULL OR s.score <= t.high)
        WHERE d.guideline = 'CPIC' AND d.gene_1 = 'CYP2D6' AND d.gene_2 IS NULL AND d.result_1 <> 'any'
            AND d.population = 'general'
        GROUP BY ALL HAVING count(t.row_id) = 0""",
    )
    assert gaps == []
