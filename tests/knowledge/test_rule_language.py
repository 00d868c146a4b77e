"""The rule language lets through only what a rule may say, and never turns "not known" into an answer."""

from contextlib import suppress

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pain_tui.errors import RuleError
from pain_tui.knowledge.rule_language import Kind, parse
from tests.oracle import rule_sql

KINDS = {
    "age_years": Kind("number"),
    "platelets": Kind("number"),
    "opioid_active": Kind("flag"),
    "has_copd": Kind("flag"),
    "sex": Kind("choice", frozenset({"female", "male"})),
    "site": Kind("text"),
}
CLASSES = frozenset({"benzodiazepine", "opioid_any"})


def read(text: str):
    return parse(text, KINDS, CLASSES, place="own.toml, rule clinic.x")


@pytest.mark.parametrize(
    ("text", "sql"),
    [
        ("opioid_active", '"opioid_active"'),
        ("age_years >= 65", '("age_years" >= 65)'),
        ("age_years between 18 and 64.5", '("age_years" BETWEEN 18 AND 64.5)'),
        ("sex in ('female', 'male')", "(\"sex\" IN ('female', 'male'))"),
        ("sex not in ('female')", "(\"sex\" NOT IN ('female'))"),
        ("platelets is null", '("platelets" IS NULL)'),
        ("platelets is not null", '("platelets" IS NOT NULL)'),
        ("not opioid_active or has_copd", '((NOT "opioid_active") OR "has_copd")'),
        ("NOT (opioid_active AND has_copd)", '(NOT ("opioid_active" AND "has_copd"))'),
        (
            "any_active('benzodiazepine') and opioid_active",
            '("any_active benzodiazepine" AND "opioid_active")',
        ),
        ("opioid_active = true", '("opioid_active" = true)'),
        ("age_years < -1", '("age_years" < -1)'),
    ],
)
def test_what_is_allowed_becomes_plain_sql(text: str, sql: str) -> None:
    assert rule_sql.sql(read(text)) == sql


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "empty"),
        ("postcode = '12345'", "'postcode' is not a fact"),
        ("person = 'FIC-1'", "'person' is not a fact"),
        ("age_years", "not a yes/no fact"),
        ("age_years > 'old'", "another kind"),
        ("sex > 'female'", "no order"),
        ("sex = 'woman'", "not one of female, male"),
        ("opioid_active = 1", "another kind"),
        ("any_active('dragon_blood')", "not a drug class"),
        ("any_active(opioid_active)", "one class in quotes"),
        ("age_years + 1 > 65", "'+"),
        ("age_years > 65;", "';'"),
        ("age_years > 65 -- comment", "'--"),
        ("coalesce(opioid_active, false)", "'coalesce' is not a fact"),
        ("(select 1) = 1", "'select' is not a fact"),
        ("opioid_active and", "ends too early"),
        ("(opioid_active", "')' is expected"),
        ("opioid_active)", "not expected here"),
        ("sex in (sex)", "literals only"),
        ("sex like 'f%'", "not a yes/no fact"),
        ('"age_years" > 5', "is not allowed"),
        ("site = 'a''b'", "not expected here"),
        ("age_years between 1 or 2", "'and' is expected"),
        ("age_years is 5", "'null' is expected"),
        ("not", "ends too early"),
        ("opioid_active not has_copd", "not expected here"),
    ],
)
def test_anything_else_is_refused_with_its_place(text: str, why: str) -> None:
    with pytest.raises(RuleError) as refused:
        read(text)
    assert refused.value.message.startswith("own.toml, rule clinic.x, character ")
    assert why in refused.value.message
    assert "Allowed are" in refused.value.hint


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=60))
def test_no_text_does_more_than_parse_or_be_refused(text: str) -> None:
    """A clinic's file is text from outside: it may not crash the program."""
    with suppress(RuleError):
        read(text)


PIECES = st.sampled_from(
    [
        "opioid_active",
        "has_copd",
        "age_years >= 65",
        "platelets < 50",
        "sex = 'male'",
        "any_active('opioid_any')",
    ]
)
CONDITIONS = st.recursive(
    PIECES,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda two: f"({two[0]} and {two[1]})"),
        st.tuples(inner, inner).map(lambda two: f"({two[0]} or {two[1]})"),
        inner.map(lambda one: f"not ({one})"),
    ),
    max_leaves=6,
)
COLUMNS = {
    "opioid_active": "BOOLEAN",
    "has_copd": "BOOLEAN",
    "age_years": "DOUBLE",
    "platelets": "DOUBLE",
    "sex": "VARCHAR",
    "any_active opioid_any": "BOOLEAN",
}
VALUES = {
    "BOOLEAN": ("true", "false", "NULL"),
    "DOUBLE": ("40", "65", "NULL"),
    "VARCHAR": ("'male'", "'female'", "NULL"),
}


@pytest.fixture(scope="module")
def every_row() -> duckdb.DuckDBPyConnection:
    """All 729 combinations of yes, no and not known over the six names."""
    connection = duckdb.connect()
    parts = [
        f'(SELECT unnest([{", ".join(f"{v}::{kind}" for v in VALUES[kind])}]) AS "{name}")'
        for name, kind in COLUMNS.items()
    ]
    connection.execute(f"CREATE TABLE every AS SELECT * FROM {' CROSS JOIN '.join(parts)}")
    return connection


@given(text=CONDITIONS)
def test_an_undecided_condition_names_what_is_missing(
    every_row: duckdb.DuckDBPyConnection, text: str
) -> None:
    """Undecided exactly when something is missing that matters; a decided one would not change were more
    known.
    """
    condition = read(text)
    wrong = every_row.execute(
        f"SELECT count(*) FROM (SELECT {rule_sql.sql(condition)} AS fired, {rule_sql.missing_sql(condition)} AS missing "
        f"FROM every) "
        "WHERE fired IS NULL AND len(missing) = 0"
    ).fetchone()
    assert wrong == (0,)


@given(text=CONDITIONS, name=st.sampled_from(list(COLUMNS)))
def test_knowing_more_never_reverses_an_answer(
    every_row: duckdb.DuckDBPyConnection, text: str, name: str
) -> None:
    others = " AND ".join(f'a."{o}" IS NOT DISTINCT FROM b."{o}"' for o in COLUMNS if o != name)
    sql = rule_sql.sql(read(text))
    reversed_answers = every_row.execute(
        f"WITH e AS (SELECT *, {sql} AS fired FROM every) SELECT count(*) FROM e a JOIN e b ON {others} "
        f'WHERE a."{name}" IS NULL AND b."{name}" IS NOT NULL '
        "AND a.fired IS NOT NULL AND a.fired IS DISTINCT FROM b.fired"
    ).fetchone()
    assert reversed_answers == (0,)


@pytest.mark.parametrize("around", [("(", ")"), ("not ", "")], ids=["brackets", "nots"])
def test_nesting_has_an_end(around: tuple[str, str]) -> None:
    """A clinic's own rule must not be able to exhaust the interpreter's stack (found by fuzzing)."""
    before, after = around
    read(before * 40 + "opioid_active" + after * 40)
    for times in (41, 5000):
        with pytest.raises(RuleError, match="within each other"):
            read(before * times + "opioid_active" + after * times)
