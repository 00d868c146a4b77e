"""The order of the plan, the check and the tier of each option, on small tables made by hand."""

from typing import Any

import duckdb
import pytest

from pain_tui.assess import engine

Cursor = duckdb.DuckDBPyConnection

_TABLES = """
CREATE OR REPLACE TEMP TABLE case_run (as_of DATE, horizon_weeks INTEGER);
INSERT INTO case_run VALUES ('2026-11-24', 12);
CREATE OR REPLACE TEMP TABLE options (person VARCHAR, problem VARCHAR, condition VARCHAR, option VARCHAR,
    name VARCHAR, class VARCHAR, listed VARCHAR, nr INTEGER, procedure_codes VARCHAR[], drugs VARCHAR[]);
CREATE OR REPLACE TEMP TABLE forecast (person VARCHAR, problem VARCHAR, option VARCHAR, outcome VARCHAR,
    horizon_weeks DOUBLE, denominator VARCHAR, extra DOUBLE, p_response DOUBLE, no_estimate_code VARCHAR);
CREATE OR REPLACE TEMP TABLE findings (person VARCHAR, problem VARCHAR, option VARCHAR, drug VARCHAR,
    tier VARCHAR);
CREATE OR REPLACE TEMP TABLE procedure_check (person VARCHAR, problem VARCHAR, option VARCHAR,
    answer VARCHAR);
CREATE OR REPLACE TEMP TABLE undecided (person VARCHAR, problem VARCHAR, option VARCHAR, drug VARCHAR,
    fact VARCHAR);
"""


class Bench:
    """Hand-made tables of one person and problem, and the plan they give."""

    def __init__(self, cursor: Cursor) -> None:
        self.cursor = cursor
        cursor.execute(_TABLES)
        self._nr = 0

    def option(
        self,
        name: str,
        *,
        drugs: tuple[str, ...] = (),
        procedures: tuple[str, ...] = (),
        listed: str = "condition",
    ) -> None:
        self._nr += 1
        self.cursor.execute(
            "INSERT INTO options VALUES ('p', 'a', 'c', $1, $1, 'x', $2, $3, $4, $5)",
            [name, listed, self._nr, list(procedures), list(drugs)],
        )

    def forecast(
        self,
        name: str,
        p: float | None,
        extra: float | None = None,
        weeks: int = 12,
        who: str = "ITT",
        what: str = "pain50",
    ) -> None:
        self.cursor.execute(
            "INSERT INTO forecast VALUES ('p', 'a', ?, ?, ?, ?, ?, ?, NULL)",
            [name, what, weeks, who, extra, p],
        )

    def finding(
        self, tier: str, option: str | None = None, drug: str | None = None, problem: str | None = None
    ) -> None:
        self.cursor.execute("INSERT INTO findings VALUES ('p', ?, ?, ?, ?)", [problem, option, drug, tier])

    def plan(self) -> dict[str, dict[str, Any]]:
        engine.run_only(self.cursor, "110_plan")
        self.cursor.execute("SELECT * FROM plan ORDER BY position")
        names = [column[0] for column in self.cursor.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in self.cursor.fetchall()]
        return {row["option"]: row for row in rows}


@pytest.fixture
def bench(cursor: Cursor) -> Bench:
    return Bench(cursor)


def test_the_extra_orders_before_the_response(bench: Bench) -> None:
    """A high response that sham explains does not lead."""
    for name, p, extra in (("a", 0.6, 0.05), ("b", 0.4, 0.20), ("c", 0.5, 0.20), ("d", 0.9, None)):
        bench.option(name)
        bench.forecast(name, p, extra)
    assert list(bench.plan()) == ["c", "b", "a", "d"]


def test_other_times_outcomes_and_denominators_are_never_mixed(bench: Bench) -> None:
    """One year among those implanted is not three months among all."""
    rows = [("a", 12, "ITT"), ("b", 12, "ITT"), ("c", 12, "implanted"), ("d", 52, "ITT")]
    for name, weeks, who in rows:
        bench.option(name)
        bench.forecast(name, 0.5, {"a": 0.1, "b": 0.2, "c": 0.9, "d": 0.9}[name], weeks, who)
    plan = bench.plan()
    assert list(plan) == ["b", "a", "c", "d"]
    assert plan["c"]["order_group"] != plan["a"]["order_group"]
    assert plan["d"]["part"] == "at another time"


def test_without_an_estimate_comes_after_and_watching_last(bench: Bench) -> None:
    """Nothing is hidden; what has no number stands below, in the order of the list."""
    for name in ("watch", "x", "y", "z"):
        bench.option(name, listed="watch" if name == "watch" else "condition")
    bench.forecast("z", 0.3, 0.1)
    bench.forecast("watch", 0.2)
    assert list(bench.plan()) == ["z", "x", "y", "watch"]


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        (["clear", "clear"], "clear"),
        (["clear", "cannot_tell"], "cannot_tell"),
        (["cannot_tell", "not_clear", "clear"], "not_clear"),
        ([], "cannot_tell"),
    ],
)
def test_the_check_is_the_worst_answer(bench: Bench, answers: list[str], expected: str) -> None:
    """Unknown never reads as clear, and a procedure without any answer cannot be told."""
    bench.option("a", procedures=("X",))
    for answer in answers:
        bench.cursor.execute("INSERT INTO procedure_check VALUES ('p', 'a', 'a', ?)", [answer])
    assert bench.plan()["a"]["check"] == expected


@pytest.mark.parametrize(
    ("fact_open", "stop", "expected"),
    [(False, False, "clear"), (True, False, "cannot_tell"), (True, True, "not_clear")],
)
def test_an_option_without_a_procedure_is_judged_by_its_findings(
    bench: Bench, fact_open: bool, stop: bool, expected: str
) -> None:
    """A medicine with an open question is not clear of it."""
    bench.option("a", drugs=("d",))
    if fact_open:
        bench.cursor.execute("INSERT INTO undecided VALUES ('p', '', NULL, 'd', 'qtc')")
    if stop:
        bench.finding("STOP", option="a")
    assert bench.plan()["a"]["check"] == expected


def test_the_tier_of_a_class_is_the_mildest_of_what_remains_usable(bench: Bench) -> None:
    """One member with a STOP does not stop the class; it is named."""
    bench.option("a", drugs=("x", "y", "z"))
    bench.finding("STOP", drug="x")
    bench.finding("CAUTION", drug="y")
    bench.finding("NOTE", drug="z")
    row = bench.plan()["a"]
    assert (row["tier"], row["usable_drugs"], row["stopped_drugs"]) == ("NOTE", ["y", "z"], ["x"])


def test_a_class_is_stopped_when_every_member_is(bench: Bench) -> None:
    """Nothing usable is left."""
    bench.option("a", drugs=("x", "y"))
    bench.finding("STOP", drug="x")
    bench.finding("STOP", option="a", drug="y")
    row = bench.plan()["a"]
    assert (row["tier"], row["usable_drugs"], row["check"]) == ("STOP", [], "not_clear")


def test_a_finding_of_the_whole_option_beats_its_members(bench: Bench) -> None:
    """The highest tier that bears on the option as such stands."""
    bench.option("a", drugs=("x",))
    bench.finding("CAUTION", option="a")
    assert bench.plan()["a"]["tier"] == "CAUTION"


def test_findings_of_the_person_or_of_another_problem_do_not_colour_an_option(bench: Bench) -> None:
    """They stand on the person's line, once."""
    bench.option("a", drugs=("x",))
    bench.finding("STOP")
    bench.finding("STOP", option="a", problem="another")
    assert bench.plan()["a"]["tier"] is None
