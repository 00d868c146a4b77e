"""Every packaged rule: cut-points below, at and above, "not known" never read as clear, wording that can
be filled.
"""

import itertools
import random
import re
from datetime import date

import pytest

from pain_tui.knowledge import rules
from pain_tui.knowledge.rows import rows
from pain_tui.knowledge.rule_language import CONFIRMED, class_column
from tests.knowledge import rule_answers

RULES = {rule.id: rule for rule in rules.packaged()}

# rule, facts that hold, the fact at its cut, values that fire, values that do not
CUTS = [
    ("opioid.mme_50", {}, "mme_per_day", (50, 50.1, 600), (49.9, 0)),
    ("opioid.mme_50_lower_bound", {"mme_state": "cannot_total"}, "mme_lower_bound", (50, 90), (49.9,)),
    ("opioid.hypercapnia", {"opioid_active": True}, "paco2", (45, 60), (44.9,)),
    ("opioid.stop_bang_high", {"opioid_active": True, "has_sleep_apnoea": False}, "stop_bang", (5, 8), (4,)),
    ("opioid.child", {"opioid_prodrug_active": True}, "age_years", (11.9,), (12, 18)),
    (
        "opioid.alcohol",
        {"opioid_active": True, "has_alcohol_use_disorder": False},
        "drinks_per_week",
        (15,),
        (14, 0),
    ),
    ("mood.self_harm_item9", {}, "phq9_item9", (1, 3), (0,)),
    ("mood.depression_severe", {}, "phq9_total", (20, 27), (19,)),
    ("mood.depression_moderate", {}, "phq9_total", (10, 19), (9, 20)),
    ("mood.anxiety", {}, "gad7_total", (15,), (14,)),
    ("mood.catastrophizing", {}, "pcs_total", (30,), (29,)),
    ("mood.insomnia", {}, "isi_total", (15,), (14,)),
    ("kidney.nsaid_severe", {"nsaid_active": True}, "egfr", (29.9,), (30, 90)),
    (
        "kidney.morphine",
        {"morphine_active": True, "codeine_active": False, "meperidine_active": False},
        "crcl",
        (29.9,),
        (30,),
    ),
    ("kidney.baclofen", {"baclofen_active": True}, "egfr", (29.9,), (30,)),
    ("bleeding.platelets_low", {}, "platelets", (49,), (50, 200)),
    ("bleeding.inr_high", {}, "inr", (4.1,), (4, 1)),
    ("pregnancy.nsaid", {"nsaid_active": True, "pregnant": True}, "gestation_weeks", (20, 38), (19.9,)),
    ("age.opioid", {"opioid_active": True}, "age_years", (65, 90), (64.9,)),
    ("age.nsaid", {"nsaid_active": True}, "age_years", (75,), (74.9,)),
    ("age.meperidine", {"meperidine_active": True}, "age_years", (65,), (64.9,)),
    ("age.gabapentinoid_kidney", {"age_years": 70, "gabapentinoid_active": True}, "crcl", (59.9,), (60,)),
    ("heart.qt_500", {"qt_drug_active": True}, "qtc", (500, 600), (499,)),
    ("heart.qt_450", {"qt_drug_active": True}, "qtc", (450, 499), (449, 500)),
    ("heart.qt_potassium", {"qt_drug_active": True}, "potassium", (3.4,), (3.5,)),
    ("heart.tizanidine_pressure", {"tizanidine_active": True}, "sbp", (99,), (100,)),
    ("procedure.steroid_glucose", {"uses_steroid": True, "diabetes": True}, "hba1c", (8.1,), (8.0, 6)),
    ("procedure.steroid_load", {"uses_steroid": True}, "steroid_injections_12_months", (4, 9), (3,)),
    ("procedure.scs_without_trial", {"option": "scs_10khz"}, "scs_trial_relief_pct", (49, 0), (50, 100)),
    ("procedure.implant_glucose", {"is_implant": True, "diabetes": True}, "hba1c", (8.1,), (8.0,)),
    ("cdc2022.12_treat_oud", {"opioid_active": True}, "ort_oud", (3, 9), (2,)),
]


def evaluate(rule: rules.Rule, assignments: list[dict[str, object]]) -> list[tuple[bool | None, list[str]]]:
    """(fired, missing) of each assignment; a name that is left out is not known."""
    kinds = rules.vocabulary().of(rule.about)
    return rule_answers.of_program(rule.condition, kinds, assignments)


@pytest.mark.parametrize(
    ("name", "given", "fact", "fires", "clear"), CUTS, ids=[f"{c[0]}-{c[2]}" for c in CUTS]
)
def test_cut_points(
    name: str, given: dict[str, object], fact: str, fires: tuple[float, ...], clear: tuple[float, ...]
) -> None:
    values = (*fires, *clear)
    found = evaluate(RULES[name], [{**given, fact: value} for value in values])
    assert [fired for fired, _ in found] == [True] * len(fires) + [False] * len(clear)


def candidates(rule: rules.Rule) -> dict[str, list[object]]:
    """Values worth trying for each name: around each number, each word, yes and no."""
    kinds = rules.vocabulary().of(rule.about)
    found: dict[str, list[object]] = {class_column(name): [True, False] for name in rule.condition.classes}
    for name in rule.condition.names:
        kind = kinds[name]
        if kind.type == "flag":
            found[name] = [True, False]
        elif kind.type in ("number", "integer"):
            cuts = [float(text) for text in re.findall(rf"\b{name} *[<>=]+ *(-?\d+(?:\.\d+)?)", rule.when)]
            found[name] = [value for cut in cuts or [1.0] for value in (cut - 1, cut, cut + 1)]
        else:
            words = sorted(kind.choices) or re.findall(r"'([^']+)'", rule.when)
            found[name] = [*words]
    return found


def drawn(rule: rules.Rule, count: int = 60) -> list[dict[str, object]]:
    """Complete assignments: all of them when few, else a fixed draw, leaning to what makes a rule fire."""
    values = candidates(rule)
    whole = 1
    for options in values.values():
        whole *= len(options)
    if whole <= count:
        return [dict(zip(values, row, strict=True)) for row in itertools.product(*values.values())]
    chance = random.Random(rule.id)
    lead = {name: chance.choice(options) for name, options in values.items()}
    fired = [{**lead, **_nudged(rule, values, chance)} for _ in range(count)]
    return fired


def _nudged(rule: rules.Rule, values: dict[str, list[object]], chance: random.Random) -> dict[str, object]:
    """Flags as the rule asks for them most of the time: yes, or no after a `not`."""
    chosen: dict[str, object] = {}
    for name, options in values.items():
        wanted = (
            not re.search(rf"\bnot {name}\b", rule.when)
            if options == [True, False]
            else chance.choice(options)
        )
        chosen[name] = wanted if chance.random() < 0.8 else chance.choice(options)
    return chosen


@pytest.mark.parametrize("name", sorted(RULES))
def test_not_known_is_never_clear(name: str) -> None:
    """Taking one input away leaves the answer or makes it "cannot tell"; it never turns it round.

    Exempt is only a name that the rule itself asks about with `is null`.
    """
    rule = RULES[name]
    complete = drawn(rule)
    before = [fired for fired, _ in evaluate(rule, complete)]
    assert None not in before
    for fact in (*rule.condition.names, *(class_column(c) for c in rule.condition.classes)):
        if fact in rule.condition.may_be_unknown:
            continue
        after = evaluate(rule, [{k: v for k, v in given.items() if k != fact} for given in complete])
        for told, (fired, missing) in zip(before, after, strict=True):
            assert fired in (told, None)
            if fired is None:
                assert missing == [CONFIRMED if fact.startswith("any_active ") else fact]


@pytest.mark.parametrize("name", sorted(RULES))
def test_every_rule_can_fire_and_can_be_clear(name: str) -> None:
    """A rule that never fires, or always, is a mistake. What it asks for with `is null` is left unknown."""
    rule = RULES[name]
    open_names = rule.condition.may_be_unknown
    tried = drawn(rule, 200)
    tried += [{k: v for k, v in given.items() if k not in open_names} for given in tried]
    found = {fired for fired, _ in evaluate(rule, tried)}
    assert True in found
    assert False in found


@pytest.mark.parametrize("name", sorted(RULES))
def test_a_rule_about_a_recorded_finding_is_silent_when_nothing_is_recorded(name: str) -> None:
    """With nothing known at all, nothing fires except what asks for the unknown on purpose."""
    ((fired, _),) = evaluate(RULES[name], [{}])
    assert fired is not True


@pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))
def test_wording(rule: rules.Rule) -> None:
    """Why, an action as a verb, a source and a date; short enough to be read at a glance."""
    assert rule.say.endswith((".", "?")) and rule.do.endswith((".", "?"))
    assert len(rule.say) <= 160 and len(rule.do) <= 220
    assert rule.do[0].isupper()
    assert rule.checked <= date(2026, 11, 24)
    assert rule.source and rule.strength in rules.STRENGTHS


def test_the_rule_set_is_wide_and_few_are_stop() -> None:
    assert len(RULES) >= 60
    topics = {name.split(".")[0] for name in RULES}
    assert {
        "opioid",
        "mood",
        "kidney",
        "liver",
        "bleeding",
        "pregnancy",
        "age",
        "heart",
        "procedure",
        "cdc2022",
    } <= topics
    stops = [rule for rule in RULES.values() if rule.tier == "STOP"]
    assert len(stops) < len(RULES) / 3


def test_the_three_questions_that_block_when_unknown() -> None:
    blocking = {rule.id for rule in RULES.values() if rule.blocks_when_unknown}
    assert blocking == {"mood.self_harm_item9", "procedure.pregnancy_xray", "procedure.anticoagulant"}
    assert all(RULES[name].tier == "STOP" for name in blocking)
    signed = {row["match"] for row in rows("sign_blocks") if row["kind"] == "rule"}
    assert "mood.self_harm_item9" in signed and signed <= set(RULES)


def test_a_dose_alone_is_never_a_stop() -> None:
    """CDC 2022: 50 MME is a point to pause at, not a limit."""
    assert RULES["opioid.mme_50"].tier == "CAUTION"
    for rule in RULES.values():
        if rule.tier == "STOP":
            assert set(rule.condition.names) - {"mme_per_day", "mme_lower_bound", "mme_state"}


def test_every_packaged_rule_has_a_name_a_reader_understands() -> None:
    """A line that leaves a question open names it in words, never by its id."""
    titles = [rule.title for rule in RULES.values()]
    assert len(set(titles)) == len(titles)
    for rule in RULES.values():
        assert rule.named, rule.id
        assert not {"_", "{"} & set(rule.title) and ": " not in rule.title, rule.id
        assert rule.title[-1] != "." and len(rule.title) <= 90, rule.id
