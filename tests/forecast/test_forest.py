"""The forest as rows: every trial, what the pool is joined from, and nothing without its company."""

import pytest

from pain_tui.forecast import forest, forest_rows, load
from pain_tui.forecast.cells import Evidence

OWN = [
    (c["condition"], c["option"], c["horizon"], c["bias"])
    for c in load.load().cells
    if not c["borrowed_from"] and c["horizon"] in (12, 52)
]


@pytest.mark.parametrize("condition, option, horizon, bias", OWN[::7])
def test_rows_of_a_cell(condition: str, option: str, horizon: int, bias: bool) -> None:
    found = forest.gather(condition, option, horizon, bias)
    made = forest_rows.rows(found)
    assert found.cell is not None
    trials = [r for r in made if r.kind == "trial"]
    assert {r.row_id for r in trials} >= {*found.cell["rows"], *found.cell["supporting"]}
    (pool,) = [r for r in made if r.kind == "pool"]
    assert pool.lo is not None and pool.p is not None and pool.hi is not None
    assert pool.lo < pool.p < pool.hi and pool.denominator and pool.weeks
    comparators = [r for r in made if r.kind == "comparator"]
    assert bool(comparators) == (found.cell["a"] is not None)
    assert {r.row_id for r in made if r.contradicts} >= set(found.cell["contradicting"])
    for row in made:
        assert row.say and row.label and row.outcome
        if row.p is not None and row.lo is not None and row.hi is not None:
            assert row.lo <= row.p <= row.hi


def test_what_the_pool_is_joined_from_stands_beside_it() -> None:
    made = {r.kind: r for r in forest_rows.rows(forest.gather("psps2", "scs_tonic", 26))}
    own, others, pool = made["own"], made["others"], made["pool"]
    assert own.p is not None and others.p is not None and pool.p is not None
    assert own.p < pool.p < others.p
    text = "\n".join(forest.lines(forest.gather("psps2", "scs_tonic", 26)))
    assert "own trials alone" in text and "trials of other cells" in text


def test_an_outcome_of_its_own_is_not_pooled_with_others() -> None:
    made = forest_rows.rows(forest.gather("cluster_occipital", "ons"))
    assert {r.kind for r in made} == {"trial", "pool", "comparator"}


def test_a_cell_without_evidence_has_no_pool() -> None:
    made = forest_rows.rows(forest.gather("crps", "exercise_pt"))
    assert [r for r in made if r.kind != "trial"] == []


def test_every_contradicting_row_is_in_a_forest() -> None:
    """Nobody can hide a negative study: each is printed in the forest of its option and condition."""
    for row in Evidence.read().rates:
        if row["prior_role"] == "contradicting":
            text = "\n".join(forest.lines(forest.gather(row["condition_id"], row["intervention_id"])))
            assert row["row_id"] in text and "contradicts" in text
