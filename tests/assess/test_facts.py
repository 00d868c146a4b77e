"""What is known on the day: the latest value within its validity; a list says no only when complete."""

from datetime import date, timedelta

import duckdb
import pytest

from pain_tui.assess import facts as facts_step
from tests.assess.people import AS_OF, Row, days_ago, facts, observation, person, review

Cursor = duckdb.DuckDBPyConnection


def _validity(fact: str) -> int:
    return int(next(row["validity_days"] for row in facts_step.catalogue() if row["fact"] == fact))


@pytest.mark.parametrize(("extra", "known"), [(-1, True), (0, True), (1, False)])
@pytest.mark.parametrize("fact", ["platelets", "inr", "phq9_total", "weight", "sleep_hours"])
def test_a_value_counts_up_to_its_validity_and_not_a_day_longer(
    cursor: Cursor, fact: str, extra: int, known: bool
) -> None:
    """An old platelet count must never clear a procedure."""
    found = facts(cursor, observation=[observation(fact, 20, _validity(fact) + extra)])
    assert found[fact] == (20 if known else None)


def test_an_old_value_is_kept_and_named_old(cursor: Cursor) -> None:
    """The screens say 'old' instead of hiding that there was a value."""
    facts(cursor, observation=[observation("platelets", 200, 400)])
    row = cursor.execute(
        "SELECT why_not, is_old, is_used FROM fact_values WHERE fact = 'platelets'"
    ).fetchone()
    assert row == ("old", True, False)


def test_the_latest_value_on_or_before_the_day_counts(cursor: Cursor) -> None:
    """Yesterday's value beats last week's; tomorrow's is not yet known."""
    found = facts(
        cursor,
        observation=[
            observation("platelets", 90, 7),
            observation("platelets", 210, 0),
            observation("platelets", 300, -1),
        ],
    )
    assert found["platelets"] == 210


def test_an_unusable_latest_value_is_not_replaced_by_an_earlier_one(cursor: Cursor) -> None:
    """The newest result was only a bound: the older number would say more than is known."""
    found = facts(
        cursor,
        observation=[observation("platelets", 210, 9), observation("platelets", 100, 1, comparator="<")],
    )
    assert found["platelets"] is None
    row = cursor.execute("SELECT why_not, shown FROM fact_values WHERE fact = 'platelets'").fetchone()
    assert row == ("bound", "<100")


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (observation("platelets", 210, None), "undated"),
        (observation("platelets", 90000, 1), "out_of_range"),
        (observation("smoking", "sometimes", 1), "not_readable"),
    ],
)
def test_a_value_that_cannot_be_used_is_unknown_and_says_why(cursor: Cursor, row: Row, why: str) -> None:
    """Missing is never normal."""
    found = facts(cursor, observation=[row])
    assert found[row["code"]] is None
    assert cursor.execute("SELECT why_not FROM fact_values WHERE fact = ?", [row["code"]]).fetchone() == (
        why,
    )


@pytest.mark.parametrize(
    ("held", "expected"), [(1, True), (0, False), ("yes", True), ("no", False), ("maybe", None)]
)
def test_a_flag_is_yes_no_or_unknown(cursor: Cursor, held: float | str, expected: bool | None) -> None:
    """Words and numbers of forms and records mean the same."""
    assert (
        facts(cursor, observation=[observation("heavy_physical_work", held)])["heavy_physical_work"]
        is expected
    )


LIST_FACTS = [
    (
        "condition",
        "diabetes",
        {"condition": [{"person": "p", "row_id": "c", "comorbidity": "diabetes_type2"}]},
    ),
    ("allergy", "allergy_latex", {"allergy": [{"person": "p", "row_id": "a", "substance": "Latex gloves"}]}),
    ("device", "has_pacemaker", {"device": [{"person": "p", "row_id": "d", "kind": "pacemaker"}]}),
    (
        "treatment",
        "esi_last_6_months",
        {
            "treatment": [
                {"person": "p", "row_id": "t", "option": "tfesi", "date": AS_OF - timedelta(days=30)}
            ]
        },
    ),
]


@pytest.mark.parametrize(("name", "fact", "rows"), LIST_FACTS)
def test_absence_is_no_only_on_a_list_stated_complete_within_its_validity(
    cursor: Cursor, name: str, fact: str, rows: dict[str, list[Row]]
) -> None:
    """An import never states a list complete, so its silence clears nothing."""
    days = cursor.execute("SELECT validity_days FROM knowledge.lists WHERE list = ?", [name]).fetchone()
    assert days is not None
    assert facts(cursor)[fact] is None
    assert facts(cursor, list_review=[review(name, days[0])])[fact] is False
    assert facts(cursor, list_review=[review(name, days[0] + 1)])[fact] is None
    assert facts(cursor, list_review=[review(name, 9), review(name, 2, complete=False)])[fact] is None
    assert facts(cursor, **rows)[fact] is True
    assert facts(cursor, **rows, list_review=[review(name)])[fact] is True


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"comorbidity": "diabetes_type2"}, True),
        ({"comorbidity": "diabetes_type2", "certainty": "ask"}, None),
        ({"comorbidity": "diabetes_type2", "status": "provisional"}, None),
        ({"comorbidity": "diabetes_type2", "status": "entered-in-error"}, False),
        ({"comorbidity": "diabetes_type2", "resolved": AS_OF}, False),
        ({"comorbidity": "diabetes_type2", "resolved": AS_OF + timedelta(days=1)}, True),
        ({"comorbidity": "diabetes_type2", "onset": AS_OF + timedelta(days=1)}, False),
    ],
)
def test_a_diagnosis_counts_when_it_is_sure_and_open_on_the_day(
    cursor: Cursor, row: Row, expected: bool | None
) -> None:
    """A code that must be confirmed is neither yes nor no, even on a complete list."""
    rows = [{"person": "p", "row_id": "c", **row}]
    assert facts(cursor, condition=rows, list_review=[review("condition")])["diabetes"] is expected


def test_a_resolved_diagnosis_still_counts_where_history_is_asked(cursor: Cursor) -> None:
    """Opioid use disorder in remission remains history."""
    rows = [
        {"person": "p", "row_id": "c", "comorbidity": "opioid_use_disorder", "resolved": date(2020, 1, 1)}
    ]
    assert facts(cursor, condition=rows)["has_opioid_use_disorder"] is True


@pytest.mark.parametrize(("substance", "egg"), [("Egg protein", True), ("eggplant", False)])
def test_an_allergy_is_matched_by_whole_words(cursor: Cursor, substance: str, egg: bool) -> None:
    """Eggplant is no egg."""
    rows = [{"person": "p", "row_id": "a", "substance": substance}]
    assert facts(cursor, allergy=rows, list_review=[review("allergy")])["allergy_egg"] is egg


def test_derived_facts_come_from_measured_ones(cursor: Cursor) -> None:
    """Body mass index, Cockcroft-Gault (1976) by hand, smoking status."""
    found = facts(
        cursor,
        observation=[
            observation("weight", 72, 10),
            observation("height", 180, 500),
            observation("creatinine", 1.2, 10),
            observation("smoking", "current", 10),
        ],
    )
    assert found["bmi_kg_m2"] == pytest.approx(72 / 1.8**2)
    assert found["crcl"] == pytest.approx((140 - 56) * 72 / (72 * 1.2) * 0.85)
    assert found["current_smoker"] is True


def test_a_derived_fact_is_unknown_when_an_input_is(cursor: Cursor) -> None:
    """No weight, no clearance; no sex, no clearance."""
    creatinine = observation("creatinine", 1.2, 10)
    assert facts(cursor, observation=[creatinine])["crcl"] is None
    known = facts(
        cursor, person=[person(sex="unknown")], observation=[creatinine, observation("weight", 72, 1)]
    )
    assert known["crcl"] is None


def test_a_measured_value_beats_a_derived_one(cursor: Cursor) -> None:
    """A reported clearance is not recalculated."""
    rows = [observation("weight", 72, 1), observation("creatinine", 1.2, 1), observation("crcl", 40, 1)]
    assert facts(cursor, observation=rows)["crcl"] == 40


@pytest.mark.parametrize(
    ("born", "age", "child"),
    [("2008-11-25", 17, True), ("2008-11-24", 18, False), ("2008-02-29", 18, False), (None, None, None)],
)
def test_age_is_whole_years_on_the_day(
    cursor: Cursor, born: str | None, age: int | None, child: bool | None
) -> None:
    """The eighteenth birthday is the first adult day."""
    found = facts(cursor, person=[person(birth_date=born)])
    assert (found["age_years"], found["is_child"]) == (age, child)


def test_a_stated_age_grows_with_the_calendar(cursor: Cursor) -> None:
    """61 stated two years ago is 63 now."""
    row = person(birth_date=None, age_stated=61, age_stated_at=AS_OF - timedelta(days=731))
    assert facts(cursor, person=[row])["age_years"] == 63


@pytest.mark.parametrize(("died", "alive"), [(None, True), (AS_OF, False), (AS_OF + timedelta(days=1), True)])
def test_alive_unless_a_death_date_on_or_before_the_day(
    cursor: Cursor, died: date | None, alive: bool
) -> None:
    """As-of uses what was true on that day."""
    assert facts(cursor, person=[person(death_date=died)])["is_alive"] is alive


def test_each_problem_has_its_own_row_with_the_facts_of_the_person(cursor: Cursor) -> None:
    """Facts of the person stand on every problem's row; the duration is the problem's own."""
    facts_of = {"problem": [
        {"person": "p", "problem": "a", "condition": "crps", "onset_date": AS_OF - timedelta(days=61)},
        {"person": "p", "problem": "b", "condition": "pdn"},
        {"person": "p", "problem": "c", "condition": "phn", "resolved": AS_OF},
    ], "observation": [observation("platelets", 200)]}  # fmt: skip
    from tests.assess.people import run

    run(cursor, "055", facts_of)
    found = cursor.execute(
        "SELECT problem, condition, platelets, pain_duration_months FROM facts ORDER BY problem"
    ).fetchall()
    assert [row[:3] for row in found] == [("a", "crps", 200), ("b", "pdn", 200)]
    assert found[0][3] == pytest.approx(61 * 12 / 365.25)
    assert found[1][3] is None


def test_every_fact_of_the_catalogue_is_a_column_of_its_type(cursor: Cursor) -> None:
    """A rule or the model may name any of them."""
    facts(cursor)
    shape = {row[0]: row[1] for row in cursor.execute("DESCRIBE facts").fetchall()}
    assert {name: shape[name] for name, _ in facts_step.columns()} == dict(facts_step.columns())


def test_at_the_very_time_of_two_values_the_answer_does_not_depend_on_row_order(cursor: Cursor) -> None:
    """The same record in another order is the same assessment."""
    one, two = observation("platelets", 90, 1), {**observation("platelets", 210, 1), "row_id": "z"}
    assert (
        facts(cursor, observation=[one, two])["platelets"]
        == facts(cursor, observation=[two, one])["platelets"]
    )


def test_days_ago_is_what_it_says() -> None:
    """The helper that all the tests above rest on."""
    assert days_ago(1).date() == AS_OF - timedelta(days=1)


@pytest.mark.parametrize("sex", ["female", "male", None])
@pytest.mark.parametrize("birth_date", ["1966-01-01", "2020-01-01", None])
def test_nothing_measured_gives_no_number(cursor: Cursor, sex: str | None, birth_date: str | None) -> None:
    """An eGFR of 99 was worked out from age and sex alone: `least` and `greatest` pass over what is missing."""
    found = facts(cursor, person=[person(sex=sex, birth_date=birth_date)])
    kinds = dict(facts_step.columns())
    numbers = {
        name
        for name, value in found.items()
        if value is not None and kinds.get(name) in ("DOUBLE", "INTEGER")
    }
    assert numbers <= {"age_years"}


@pytest.mark.parametrize("gone", ["creatinine", "sex", "age"])
def test_kidney_function_needs_each_of_its_inputs(cursor: Cursor, gone: str) -> None:
    """CKD-EPI 2021 and Cockcroft-Gault: whole with all inputs, unknown without any one of them."""
    who = {"sex": "female", "birth_date": "1966-01-01"}
    who.update({"sex": None} if gone == "sex" else {"birth_date": None} if gone == "age" else {})
    seen = [observation("weight", 70, 3)] + (
        [] if gone == "creatinine" else [observation("creatinine", 0.9, 3)]
    )
    found = facts(cursor, person=[person(**who)], observation=seen)
    assert found["egfr"] is None and found["crcl"] is None
