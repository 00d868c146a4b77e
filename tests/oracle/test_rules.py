"""The rule program answers as plain SQL does: every packaged rule, and conditions that nobody would write."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pain_tui.knowledge import rules
from pain_tui.knowledge.rule_language import Kind, parse
from tests.knowledge.rule_answers import of_program, of_sql
from tests.knowledge.test_rules import RULES, drawn

KINDS = {
    "age_years": Kind("number"),
    "weight": Kind("number"),
    "opioid_active": Kind("flag"),
    "has_copd": Kind("flag"),
    "sex": Kind("choice", frozenset({"female", "male"})),
    "site": Kind("text"),
    "side": Kind("text"),
}
TESTS = (
    *(f"age_years {sign} 65" for sign in ("=", "<>", "<", "<=", ">", ">=")),
    *(f"65 {sign} age_years" for sign in ("=", "<>", "<", "<=", ">", ">=")),
    *(f"age_years {sign} weight" for sign in ("=", "<>", "<", "<=", ">", ">=")),
    "age_years between 40 and 65",
    "age_years not between 64.5 and 65.5",
    "age_years between weight and 65",
    "age_years in (40, 65)",
    "age_years not in (40, 65)",
    "weight is null",
    "weight is not null",
    "opioid_active",
    "has_copd = false",
    "opioid_active = has_copd",
    "opioid_active <> has_copd",
    "sex = 'male'",
    "sex <> 'male'",
    "sex in ('female', 'male')",
    "sex not in ('female')",
    "site = side",
    "site <> side",
    "'hip' = site",
    "any_active('opioid_any')",
    "2 < 3",
    "'a' = 'b'",
    "true <> false",
)
VALUES = {
    "age_years": (40.0, 64.9, 65.0, 65.1, None),
    "weight": (40.0, 65.0, 80.0, None),
    "opioid_active": (True, False, None),
    "has_copd": (True, False, None),
    "sex": ("female", "male", None),
    "site": ("hip", "knee", "never written in a rule", None),
    "side": ("hip", "knee", "nor this one", None),
    "any_active opioid_any": (True, False, None),
}
CONDITIONS = st.recursive(
    st.sampled_from(TESTS),
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=4).map(lambda parts: "(" + " and ".join(parts) + ")"),
        st.lists(inner, min_size=2, max_size=4).map(lambda parts: "(" + " or ".join(parts) + ")"),
        inner.map(lambda one: f"not ({one})"),
    ),
    max_leaves=8,
)


def plain(answers: list[tuple[bool | None, list[str]]]) -> list[tuple[bool | None, list[str]]]:
    return [(fired, sorted(missing)) for fired, missing in answers]


@settings(max_examples=60)
@given(text=CONDITIONS, seed=st.integers(0, 1000))
def test_any_condition(text: str, seed: int) -> None:
    condition = parse(text, KINDS, frozenset({"opioid_any"}), place="test")
    chance = random.Random(seed)
    given_ = [{name: chance.choice(values) for name, values in VALUES.items()} for _ in range(40)]
    assert plain(of_program(condition, KINDS, given_)) == plain(of_sql(condition, KINDS, given_))


@pytest.mark.parametrize("text", TESTS)
def test_each_kind_of_test(text: str) -> None:
    condition = parse(text, KINDS, frozenset({"opioid_any"}), place="test")
    chance = random.Random(text)
    given_ = [{name: chance.choice(values) for name, values in VALUES.items()} for _ in range(60)]
    assert plain(of_program(condition, KINDS, given_)) == plain(of_sql(condition, KINDS, given_))


@pytest.mark.parametrize("name", sorted(RULES))
def test_every_packaged_rule(name: str) -> None:
    """On complete values and with each value taken away in turn or with several."""
    rule = RULES[name]
    kinds = rules.vocabulary().of(rule.about)
    chance = random.Random(name)
    complete = drawn(rule, 30)
    thinned = [{k: v for k, v in row.items() if chance.random() < 0.7} for row in complete]
    given_ = complete + thinned
    assert plain(of_program(rule.condition, kinds, given_)) == plain(of_sql(rule.condition, kinds, given_))
