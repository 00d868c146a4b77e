"""Records: what becomes of each row; every problem has place, value and remedy; missing stays missing."""

# ruff: noqa: E501 - tables of cases read better with one case a line

import datetime as dt
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pain_tui.assess import case
from pain_tui.patients.normalise import records
from pain_tui.patients.normalise.problem import IGNORED, ROW, VALUE

DAY = dt.date(2026, 11, 20)


def read(**lists: Any) -> records.Normalised:
    person = {"person": "p1", "birth_date": "1960-02-03", "sex": "female"}
    return records.normalise({"person": person, **lists}, place="x.json", as_of=DAY)


def codes_of(found: records.Normalised, level: str | None = None) -> list[str]:
    return [p.code for p in found.problems if level in (None, p.level)]


def medicine(**cells: Any) -> list[dict[str, Any]]:
    return read(medications=[cells]).case.get("medication", [])


def test_case_rows_have_only_the_columns_of_the_case() -> None:
    """What normalise gives, the case takes; a column more would be refused there."""
    found = read(
        problems=[{"icd10": "M47.816"}],
        observations=[{"code": "nrs_average", "value": 6, "at": "2026-11-01"}],
        medications=[{"drug": "tramadol 50 mg tablet", "dose": 50, "unit": "mg", "per_day": 3}],
        conditions=[{"code": "E11.9", "system": "ICD-10-CM"}],
        allergies=[{"substance": "codeine"}],
        devices=[{"kind": "pacemaker"}],
        treatments=[{"option": "tfesi", "date": "2026-01-01", "relief_pct": 40}],
        genotype=[{"gene": "CYP2D6", "diplotype": "*1/*4"}],
        preferences=[{"kind": "declined", "option": "tfesi"}],
    )
    assert found.problems == []
    for table, rows in found.case.items():
        allowed = {name for name, _ in case.columns_of(table)}
        assert rows and all(set(row) <= allowed for row in rows), table


def test_an_absent_list_is_unknown_and_an_empty_list_is_complete() -> None:
    """Absence from a list is only meaningful when the list was stated."""
    assert "list_review" not in read().case
    assert read(medications=[]).case["list_review"] == [
        {"person": "p1", "list": "medication", "complete": True, "at": dt.datetime(2026, 11, 20)}
    ]


def test_a_list_of_which_a_row_was_set_aside_is_not_complete() -> None:
    found = read(medications=[{"dose": 5}])
    assert found.case["list_review"][0]["complete"] is False


def test_a_combination_gives_one_row_an_ingredient_each_with_its_dose() -> None:
    rows = medicine(
        drug="Acetaminophen 325 MG / HYDROcodone Bitartrate 7.5 MG Oral Tablet",
        dose="1-2",
        unit="tablet",
        per_day=4,
    )
    assert [(r["ingredient"], r["dose"], r["dose_max"], r["unit"], r["ingredient_count"]) for r in rows] == [
        ("acetaminophen", 325, 650, "mg", 2), ("hydrocodone", 7.5, 15, "mg", 2),
    ]  # fmt: skip


def test_a_dose_in_mg_of_a_combination_belongs_to_the_ingredient_it_fits() -> None:
    rows = medicine(
        drug="Acetaminophen 325 MG / HYDROcodone Bitartrate 7.5 MG Oral Tablet", dose=15, unit="mg", per_day=2
    )
    assert [(r["ingredient"], r["dose"]) for r in rows] == [("acetaminophen", 650), ("hydrocodone", 15)]
    unclear = read(medications=[{"drug": "hydrocodone/acetaminophen", "dose": 10, "unit": "mg"}])
    assert [r["dose"] for r in unclear.case["medication"]] == [None, None]
    assert codes_of(unclear) == ["dose_of_which_ingredient"]


def test_a_dose_without_unit_leaves_the_medicine_and_loses_the_dose() -> None:
    found = read(medications=[{"drug": "oxycodone 5 mg tablet", "dose": 5, "per_day": 4}])
    row = found.case["medication"][0]
    assert (row["ingredient"], row["dose"], row["unit"]) == ("oxycodone", None, None)
    (problem,) = found.problems
    assert (problem.code, problem.level, problem.value, problem.place) == (
        "dose_without_unit",
        VALUE,
        "5",
        "x.json, medications[0]",
    )
    assert "mg" in problem.allowed and problem.remedy


def test_the_direction_and_the_dose_column_are_read_together() -> None:
    """Dose '5 mg' beside '1-2 tablets' of a 5 mg tablet means up to 10 mg; two that contradict mean unknown."""
    (row,) = medicine(
        drug="oxycodone 5 mg tablet", dose=5, unit="mg", frequency="1-2 tablets every 4-6 h as needed"
    )
    assert (row["dose"], row["dose_max"], row["per_day"], row["per_day_max"], row["as_needed"]) == (
        5,
        10,
        0,
        6,
        True,
    )
    found = read(
        medications=[
            {"drug": "oxycodone 5 mg tablet", "dose": 30, "unit": "mg", "frequency": "2 tablets bid"}
        ]
    )
    assert found.case["medication"][0]["dose"] is None and "dose_differs" in codes_of(found)


def test_an_unknown_drug_is_kept_as_written_with_names_offered() -> None:
    found = read(medications=[{"drug": "oxycodne", "dose": 5, "unit": "mg"}])
    assert (
        found.case["medication"][0]["ingredient"] is None
        and found.case["medication"][0]["drug"] == "oxycodne"
    )
    (problem,) = found.problems
    assert problem.code == "unknown_drug" and "oxycodone" in problem.allowed


@pytest.mark.parametrize(
    ("frequency", "stop", "supply", "status"),
    [
        ("1 tablet bid for 7 days", "2026-11-08", 7, None),
        ("stat", "2026-11-02", None, None),
        ("on hold", None, None, "on-hold"),
        ("discontinued", None, None, "stopped"),
        ("bid", None, None, None),
    ],
)
def test_what_the_direction_says_of_its_end(
    frequency: str, stop: str | None, supply: float | None, status: str | None
) -> None:
    (row,) = medicine(drug="tramadol 50 mg tablet", start="2026-11-01", frequency=frequency)
    assert (row["stop"].isoformat() if row["stop"] else None, row["supply_days"], row["status"]) == (
        stop,
        supply,
        status,
    )


@pytest.mark.parametrize(
    ("table", "row", "code"),
    [
        ("observations", {"code": "nrs_average", "value": 5, "at": "2026-11-21"}, "date_in_future"),
        ("observations", {"code": "nrs_average", "value": 11, "at": "2026-11-01"}, "value_out_of_range"),
        ("observations", {"code": "platelets", "value": 150000, "at": "2026-11-01"}, "unit_trap"),
        ("observations", {"code": "hba1c", "value": "pending", "at": "2026-11-01"}, "no_value"),
        ("observations", {"code": "hba1c", "value": "high", "unit": "%", "at": "2026-11-01"}, "not_a_number"),
        ("observations", {"code": "smoking", "text": "sometimes", "at": "2026-11-01"}, "not_allowed"),
        ("observations", {"code": "opioid_active", "value": 1, "at": "2026-11-01"}, "not_an_observation"),
        ("observations", {"value": 5}, "no_code"),
        ("medications", {"dose": 5, "unit": "mg"}, "no_drug"),
        ("conditions", {"onset": "2020-01-01"}, "no_code"),
        ("allergies", {"reaction": "rash"}, "no_substance"),
        ("devices", {"mri": "safe"}, "no_device"),
        ("treatments", {"relief_pct": 50}, "no_treatment"),
        ("treatments", {"option": "tfesi", "date": "2027-01-01"}, "date_in_future"),
        ("genotype", {"gene": "CYP9Z9", "diplotype": "*1/*1"}, "unknown_gene"),
        ("genotype", {"gene": "CYP2D6", "state": "called"}, "called_without_result"),
        ("genotype", {"gene": "CYP2D6", "diplotype": "*1/*1", "date": "2031-01-01"}, None),
        ("problems", {"site": "lumbar"}, "no_condition"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_used_is_set_aside_with_its_reason(
    table: str, row: dict[str, Any], code: str | None
) -> None:
    """Every reason is a sentence with place and value, and the other rows of the record are used."""
    good = {"code": "peg", "value": 5, "at": "2026-11-01"}
    lists: dict[str, Any] = {"observations": [good]}
    lists[table] = [*lists.get(table, []), row] if table == "observations" else [row]
    found = read(**lists)
    assert len(found.case["observation"]) == 1
    if code is None:
        assert [p.level for p in found.problems] == [VALUE]
        return
    (problem,) = [p for p in found.problems if p.level == ROW]
    assert (
        problem.code == code
        and problem.place.startswith(f"x.json, {table}[")
        and problem.sentence().startswith(problem.place)
    )


def test_today_is_not_the_future() -> None:
    assert codes_of(read(observations=[{"code": "peg", "value": 5, "at": "2026-11-20"}])) == []


def test_a_bound_keeps_its_comparator() -> None:
    (row,) = read(
        observations=[{"code": "egfr", "value": ">90", "unit": "mL/min/1.73m2", "at": "2026-11-01"}]
    ).case["observation"]
    assert (row["value"], row["comparator"]) == (90, ">")


def test_a_visual_scale_in_mm_becomes_the_ten_point_average() -> None:
    (row,) = read(observations=[{"code": "pain_vas", "value": 65, "unit": "mm", "at": "2026-11-01"}]).case[
        "observation"
    ]
    assert (row["code"], row["value"]) == ("nrs_average", 6.5)


def test_the_same_person_with_two_birth_dates_is_refused() -> None:
    from pain_tui.patients.normalise.sink import Sink

    sink = Sink(as_of=DAY)
    for born in ("1960-01-01", "1961-01-01"):
        records.add_row(sink, "person", {"person": "p", "birth_date": born}, place="person.csv")
    assert [str(r["birth_date"]) for r in sink.rows["person"]] == ["1960-01-01"]
    assert [(p.code, p.level) for p in sink.problems] == [("two_birth_dates", ROW)]


def test_a_birth_year_gives_an_age_and_no_birthday() -> None:
    (row,) = records.normalise({"person": {"person": "p", "birth_date": "1960"}}, place="x", as_of=DAY).case[
        "person"
    ]
    assert (row["birth_date"], row["age_stated"], row["age_stated_at"]) == (None, 66, DAY)


@pytest.mark.parametrize(
    ("substance", "ingredient"),
    [("NSAIDs", "class:nsaid"), ("Local anesthetics", "class:local_anaesthetic"), ("lidocaine", "lidocaine"), ("IV contrast", "iodinated contrast"), ("Latex allergy", "latex"),
     ("lidocaine 5% patch", "lidocaine"), ("sulfa", "sulfonamide"), ("steroids", "class:corticosteroid"), ("pollen", None)],
)  # fmt: skip
def test_allergies_to_groups_and_drugs_are_recognised(substance: str, ingredient: str | None) -> None:
    """An allergy to "NSAIDs" must reach the fact about NSAIDs, or a complete list would read as no allergy."""
    found = read(allergies=[{"substance": substance}])
    assert found.case["allergy"][0]["ingredient"] == ingredient
    assert codes_of(found) == ([] if ingredient else ["unknown_substance"])


def test_every_word_for_an_allergen_reaches_a_fact() -> None:
    from pain_tui.knowledge import load
    from pain_tui.patients.normalise.tables import rows

    reachable = (
        load.connect()
        .execute("SELECT DISTINCT code FROM knowledge.fact_ways WHERE kind = 'allergy'")
        .fetchall()
    )
    assert [
        row["ingredient"] for row in rows("allergen_words") if (row["ingredient"].lower(),) not in reachable
    ] == []


@pytest.mark.parametrize(
    ("row", "comorbidity"),
    [
        ({"text": "Sleep apnoea"}, "sleep_apnoea"),
        ({"code": "sleep_apnoea"}, "sleep_apnoea"),
        ({"code": "E11.9", "system": "http://hl7.org/fhir/sid/icd-10"}, "diabetes_type2"),
        ({"text": "ingrown toenail"}, None),
    ],
)
def test_diagnoses_by_words_and_by_who_codes(row: dict[str, Any], comorbidity: str | None) -> None:
    found = read(conditions=[row])
    assert found.case["condition"][0]["comorbidity"] == comorbidity
    assert codes_of(found) == ([] if comorbidity else ["unknown_diagnosis"])


def test_problems_without_an_id_are_numbered_among_the_persons() -> None:
    found = read(problems=[{"problem": "back", "condition": "facet_lumbar"}, {"condition": "knee_oa"}])
    assert [r["problem"] for r in found.case["problem"]] == ["back", "p2"]


def test_terminal_escapes_are_taken_out_and_said() -> None:
    found = records.normalise(
        {"person": {"person": "p", "family": "Ev\x1b[31mil\x1b]0;x\x07\u202e"}}, place="x", as_of=DAY
    )
    assert found.rows["person_name"][0]["family"] == "Evil" and codes_of(found) == ["control_characters"]


def test_an_unknown_key_or_column_is_named() -> None:
    found = read(
        hobbies=["chess"], observations=[{"code": "peg", "value": 5, "at": "2026-11-01", "colour": "red"}]
    )
    assert sorted(codes_of(found, IGNORED)) == ["unknown_column", "unknown_key"]


def test_the_same_record_gives_the_same_rows() -> None:
    record = {
        "person": {"person": "p"},
        "medications": [{"drug": "Percocet 10/325", "dose": 1, "unit": "tablet"}],
    }
    assert records.normalise(record, place="x", as_of=DAY) == records.normalise(record, place="x", as_of=DAY)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
CELLS = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(
        (
            "code",
            "value",
            "unit",
            "at",
            "drug",
            "dose",
            "frequency",
            "gene",
            "diplotype",
            "option",
            "date",
            "substance",
            "kind",
            "start",
            "strength",
            "onset",
            "system",
            "state",
            "sex",
            "birth_date",
            "age",
            "text",
            "per_day",
        ),
        JSON,
    ),
)


@settings(max_examples=40)
@given(
    st.dictionaries(
        st.sampled_from(["person", *records.KEYS, "other"]),
        JSON | st.lists(CELLS, max_size=3) | CELLS,
        max_size=6,
    )
)
def test_no_record_raises(record: dict[str, Any]) -> None:
    """Whatever the JSON, the answer is rows and problems; nothing more is ever needed than reading them."""
    found = records.normalise(record, place="x", as_of=DAY)
    assert all(p.place and p.what for p in found.problems)
    json.dumps(found.case, default=str, allow_nan=False)


@pytest.mark.parametrize(
    ("written", "read_as", "said"),
    [
        ("2026-11-18T08:00", dt.datetime(2026, 11, 18, 8), None),
        ("2026-11-18", dt.datetime(2026, 11, 18, 23, 59), "no_time_of_day"),
        ("2026-11", None, "no_day"),
    ],
)
def test_a_last_dose_without_a_time_is_read_on_the_careful_side(
    written: str, read_as: dt.datetime | None, said: str | None
) -> None:
    found = read(medications=[{"drug": "apixaban", "last_dose": written}])
    assert found.case["medication"][0]["last_dose"] == read_as
    assert codes_of(found) == ([said] if said else [])
