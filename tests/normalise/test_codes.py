"""Codes: exact first, the longest prefix of each kind, spellings of systems; one name for each fact."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pain_tui.patients.normalise import codes, names
from pain_tui.patients.normalise.tables import rows

MAPS = rows("code_maps")


@pytest.mark.parametrize("system", sorted({row["system"] for row in MAPS}))
def test_every_code_of_the_table_resolves_to_its_row(system: str) -> None:
    """No row of the table is out of reach, whatever dots or case it is written with."""
    for row in MAPS:
        if row["system"] == system:
            written = row["code"].replace(".", "").lower() if system.startswith("ICD") else row["code"]
            found = codes.resolve(system, written)
            assert row["row_id"] in {m.row_id for m in found} or any(
                m.kind == row["target_kind"] for m in found
            )


@pytest.mark.parametrize(
    ("system", "code", "kind", "target"),
    [
        ("http://hl7.org/fhir/sid/icd-10-cm", "M47.816", "condition", "facet_lumbar"),
        ("http://hl7.org/fhir/sid/icd-10-cm", "C79.2", "comorbidity", "cancer"),
        ("ICD-10-CM", "E11.42", "condition", "pdn"),
        ("ICD-10-CM", "E11.42", "comorbidity", "diabetes_type2"),
        ("ICD-10-CM", "E11.9", "comorbidity", "diabetes_type2"),
        (None, "M4726", None, None),
        ("http://loinc.org", "72514-3", "observation", "pain_nrs"),
        ("http://snomed.info/sct", "266919005", "value", "smoking"),
    ],
)
def test_the_longest_prefix_of_each_kind_wins(
    system: str | None, code: str, kind: str | None, target: str | None
) -> None:
    """A code can be a pain condition and a comorbidity; each kind has its own most specific row."""
    found = {m.kind: m.target for m in codes.resolve(system, code)}
    assert found.get(kind) == target if kind else "condition" not in found or found["condition"]


def test_a_shorter_code_does_not_take_a_longer_row() -> None:
    assert all(m.code != "E11.42" for m in codes.resolve("ICD-10-CM", "E11.4"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("phq9", "phq9_total"),
        ("PHQ9_Total", "phq9_total"),
        ("bmi", "bmi_kg_m2"),
        ("isi", "isi_total"),
        ("pcs", "pcs_total"),
        ("opiates", "uds_opiates"),
    ],
)
def test_two_spellings_are_one_fact(one: str, other: str) -> None:
    assert names.fact(one) == names.fact(other) == other


@pytest.mark.parametrize(
    ("code", "fact"),
    [
        ("2160-0", "creatinine"),
        ("777-3", "platelets"),
        ("4548-4", "hba1c"),
        ("44261-6", "phq9_total"),
        ("39156-5", "bmi_kg_m2"),
        ("6301-6", "inr"),
    ],
)
def test_a_loinc_code_and_a_field_name_are_one_fact(code: str, fact: str) -> None:
    assert (
        codes.observation_fact("http://loinc.org", code)
        == codes.observation_fact(None, code)
        == names.fact(fact)
        == fact
    )


def test_every_fact_is_its_own_name() -> None:
    assert [row["fact"] for row in rows("facts") if names.fact(row["fact"]) != row["fact"]] == []


@given(st.text(max_size=20), st.text(max_size=20))
def test_no_code_raises(system: str, code: str) -> None:
    codes.resolve(system, code, code)
    codes.observation_fact(system or None, code)


def test_every_diagnosis_of_the_guideline_lists_reaches_its_fact() -> None:
    """A diagnosis that no row maps reads as absent on a complete list. Counselling of relatives is no diagnosis."""
    wanted = {
        "OUD": {"opioid_use_disorder"},
        "SUBSTANCE_MISUSE": {"opioid_use_disorder", "alcohol_use_disorder", "substance_use_disorder"},
        "SICKLE_CELL": {"sickle_cell"},
    }
    not_the_person = {"Z71.4", "Z71.42", "Z71.5", "Z71.52"}
    asked = [row for row in rows("code_lists") if row["list_code"] in wanted and row["system"] == "ICD-10-CM"]
    wrong = []
    for row in asked:
        found = {mapping.target for mapping in codes.resolve(row["system"], row["code"])}
        if row["code"] not in not_the_person and not found & wanted[row["list_code"]]:
            wrong.append(f"{row['list_code']} {row['code']} {row['display']}: {found}")
    assert len(asked) > 600
    assert wrong == []
