"""Medicine names: every spelling of the tables, strengths to the right ingredient, unknown names offered and not guessed."""

# ruff: noqa: E501 - tables of cases read better with one case a line

import difflib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pain_tui.patients.normalise import doses, drug_index, medicines
from pain_tui.patients.normalise.tables import rows, split

CASES = [
    ("Acetaminophen 325 MG / HYDROcodone Bitartrate 7.5 MG Oral Tablet", [("acetaminophen", 325, "mg"), ("hydrocodone", 7.5, "mg")], "tablet", "oral"),
    ("Acetaminophen 300 MG / HYDROcodone Bitartrate 5 MG [Vicodin]", [("acetaminophen", 300, "mg"), ("hydrocodone", 5, "mg")], None, None),
    ("hydrocodone-acetaminophen 5-325 mg tablet", [("hydrocodone", 5, "mg"), ("acetaminophen", 325, "mg")], "tablet", "oral"),
    ("PERCOCET 10 mg Tablet", [("oxycodone", 10, "mg"), ("acetaminophen", None, None)], "tablet", "oral"),
    ("Percocet 10/325", [("oxycodone", 10, "mg"), ("acetaminophen", 325, "mg")], "tablet", "oral"),
    ("Suboxone 2 MG / 0.5 MG Sublingual Film", [("buprenorphine", 2, "mg"), ("naloxone", 0.5, "mg")], "film", "sublingual"),
    ("buprenorphine/naloxone 8 mg-2 mg sublingual film", [("buprenorphine", 8, "mg"), ("naloxone", 2, "mg")], "film", "sublingual"),
    ("fentanyl 25 mcg/hr patch", [("fentanyl", 25, "mcg/h")], "patch", "transdermal"),
    ("168 HR buprenorphine 0.0075 MG/HR Transdermal System [BuTrans]", [("buprenorphine", 7.5, "mcg/h")], "patch", "transdermal"),
    ("24 HR metformin hydrochloride 500 MG Extended Release Oral Tablet", [("metformin", 500, "mg")], "tablet, extended release", "oral"),
    ("MS Contin 60 mg Tablet, Extended Release", [("morphine", 60, "mg")], "tablet, extended release", "oral"),
    ("morphine 10 mg/5 mL oral solution", [("morphine", 2, "mg/mL")], "solution", "oral"),
    ("1 ML morphine sulfate 10 MG/ML Prefilled Syringe", [("morphine", 10, "mg/mL")], "injection", None),
    ("SUBSYS 400 mcg sublingual spray", [("fentanyl", 400, "mcg")], "spray", "sublingual"),
    ("lidocaine 5% patch", [("lidocaine", 5, "%")], "topical patch", "topical"),
    ("potassium chloride 20 meq tablet", [("potassium chloride", 20, "meq")], "tablet", "oral"),
    ("Naproxen sodium 220 MG Oral Tablet", [("naproxen", 220, "mg")], "tablet", "oral"),
    ("aspirin 325 MG / oxycodone hydrochloride 2.25 MG / oxycodone terephthalate 0.19 MG Oral Tablet", [("aspirin", 325, "mg"), ("oxycodone", 2.44, "mg")], "tablet", "oral"),
    ("Tylenol with codeine #3", [("codeine", 30, "mg"), ("acetaminophen", None, None)], None, "oral"),
    ("tramadol 50mg", [("tramadol", 50, "mg")], None, None),
    # as record systems and prescribers write them
    ("oxyCODONE (ROXICODONE) 5 MG immediate release tablet", [("oxycodone", 5, "mg")], "tablet, immediate release", "oral"),
    ("oxycodone-acetaminophen (PERCOCET) 5-325 mg per tablet", [("oxycodone", 5, "mg"), ("acetaminophen", 325, "mg")], "tablet", "oral"),
    ("buprenorphine-naloxone (SUBOXONE) 8-2 mg SL film", [("buprenorphine", 8, "mg"), ("naloxone", 2, "mg")], "film", "sublingual"),
    ("DULoxetine (CYMBALTA) 60 mg DR capsule", [("duloxetine", 60, "mg")], "capsule, delayed release", "oral"),
    ("oxycodone 5mg PO q6h", [("oxycodone", 5, "mg")], None, "oral"),
    ("aspirin 81", [("aspirin", None, None)], None, None),
    ("Targinact 10mg/5mg modified-release tablets", [("oxycodone", 10, "mg"), ("naloxone", 5, "mg")], "tablet, extended release", "oral"),
    ("BuTrans 10 micrograms/hour transdermal patches", [("buprenorphine", 10, "mcg/h")], "patch", "transdermal"),
    ("methadone 10 mg/mL concentrate", [("methadone", 10, "mg/mL")], "solution", "oral"),
    ("hydrocodone bitartrate and acetaminophen tablets USP 5 mg/325 mg", [("hydrocodone", 5, "mg"), ("acetaminophen", 325, "mg")], "tablet", "oral"),
    # a brand says its route, and whose strength a bare number is; a number that no row lists is left
    ("Duragesic-50", [("fentanyl", 50, "mcg/h")], "patch", "transdermal"),
    ("Duragesic 33", [("fentanyl", None, None)], "patch", "transdermal"),
    ("MS Contin 30", [("morphine", 30, "mg")], "tablet, extended release", "oral"),
    ("Opana ER", [("oxymorphone", None, None)], "tablet, extended release", "oral"),
    ("Actiq 400", [("fentanyl", 400, "mcg")], "lozenge", "buccal"),
    ("Abstral 200", [("fentanyl", 200, "mcg")], "tablet", "sublingual"),
    ("Tylenol #4", [("codeine", 60, "mg"), ("acetaminophen", None, None)], None, "oral"),
    ("Tylenol No. 3", [("codeine", 30, "mg"), ("acetaminophen", None, None)], None, "oral"),
    ("Tylenol 500 mg", [("acetaminophen", 500, "mg")], None, None),
    ("Vicodin ES", [("hydrocodone", 7.5, "mg"), ("acetaminophen", None, None)], "tablet", "oral"),
    ("Targin 20/10", [("oxycodone", 20, "mg"), ("naloxone", 10, "mg")], "tablet, extended release", "oral"),
    ("Seglentis", [("tramadol", 44, "mg"), ("celecoxib", 56, "mg")], "tablet", "oral"),
    ("Palexia retard 100 mg", [("tapentadol", 100, "mg")], "tablet, extended release", "oral"),
    ("Methadose dispersible", [("methadone", 40, "mg")], "tablet", "oral"),
    ("Apadaz 6.12/325", [("benzhydrocodone", 6.12, "mg"), ("acetaminophen", 325, "mg")], "tablet", "oral"),
    ("Zydol 50", [("tramadol", 50, "mg")], None, None),
    ("Aggrenox", [("aspirin", 25, "mg"), ("dipyridamole", 200, "mg")], "capsule, extended release", "oral"),
    # a decimal comma is no thousand
    ("oxycodone 7,5 mg tablet", [("oxycodone", 7.5, "mg")], "tablet", "oral"),
    ("metformin 1,000 mg tablet", [("metformin", 1000, "mg")], "tablet", "oral"),
]  # fmt: skip


@pytest.mark.parametrize(("written", "parts", "form", "route"), CASES, ids=[c[0] for c in CASES])
def test_names_as_they_are_written(
    written: str, parts: list[tuple], form: str | None, route: str | None
) -> None:
    found = medicines.parse(written)
    assert [(p.ingredient, p.strength, p.strength_unit) for p in found.parts] == parts
    assert (found.form, found.route) == (form, route)


@pytest.mark.parametrize("written", ["oxycodne 5 mg", "fentanil patch", "gabapentine"])
def test_an_unknown_name_is_offered_near_matches_and_not_guessed(written: str) -> None:
    found = medicines.parse(written)
    if found.known:
        pytest.skip("the table knows this spelling")
    assert [p.ingredient for p in found.parts] == [None] and found.near


@pytest.mark.parametrize("written", ["NSAID", "platelets", "none", "xyzzy"])
def test_what_is_no_drug_gives_no_ingredient(written: str) -> None:
    assert [p.ingredient for p in medicines.parse(written).parts] == [None]


@pytest.mark.parametrize(
    "written",
    [
        "oxycodone 5 mg with foobarium",
        "aspirin 25 mg dipyridamol 200 mg",
        "morphine (xyzzy) plus glorp 10 mg",
    ],
)
def test_a_second_name_that_is_not_known_is_never_dropped(written: str) -> None:
    """What is cut away to find a name must not hide another drug."""
    assert any(p.ingredient is None for p in medicines.parse(written).parts)


def test_every_spelling_of_the_table_resolves_to_its_row_or_to_an_ingredient_of_that_name() -> None:
    """No alias or brand is lost; a spelling that two rows share goes to one of them."""
    wrong = []
    for row in rows("drug_names"):
        if row["kind"] in ("group", "not_a_drug", "strip_word", "form_word") or not (
            row["ingredient"] or row["members"]
        ):
            continue
        for word in [
            row["ingredient"],
            *split(row["aliases"]),
            *split(row["brands_us"]),
            *split(row["brands_intl"]),
        ]:
            found = drug_index.find(word) if word else None
            if word and (found is None or not found.members):
                wrong.append(word)
    assert wrong == []


def test_every_opioid_product_of_rxnorm_has_its_ingredient_and_strength() -> None:
    """912 RxNorm names: the opioid and its strength come out as the product table has them (two salts add up)."""
    wanted: dict[str, dict[str, float]] = {}
    for row in rows("opioid_products_rxnorm"):
        unit = doses.dose_unit(row["strength_unit"])
        assert unit
        strength = float(row["strength_value"]) * unit[1]
        per_name = wanted.setdefault(row["rxnorm_name"], {})
        name = drug_index.find(row["ingredient"])
        assert name
        per_name[name.members[0]] = per_name.get(name.members[0], 0) + strength
    wrong = []
    for name, parts in wanted.items():
        found = {p.ingredient: p.strength for p in medicines.parse(name).parts}
        if any(
            found.get(drug) is None or abs(found[drug] - strength) > 1e-9 for drug, strength in parts.items()
        ):  # type: ignore[operator]
            wrong.append((name, parts, found))
    assert wrong == []


def test_a_product_code_is_enough() -> None:
    row = rows("opioid_products_rxnorm")[0]
    found = medicines.parse(None, rxnorm=row["rxcui"].split(".")[0])
    assert found.parts[0].ingredient == row["ingredient"] and found.parts[0].strength == float(
        row["strength_value"]
    )


def test_product_names_of_the_cdc_file_resolve_to_their_drug() -> None:
    """Brand names of opioids: where the name is known at all, the listed drug is among its ingredients."""
    wrong = []
    for row in rows("opioid_products_cdc2018"):
        found = medicines.parse(row["product_name"])
        names = {p.ingredient for p in found.parts}
        drug = drug_index.find(row["drug"])
        itself = drug_index.find(row["product_name"])
        if (
            itself
            and itself.kind == "ingredient"
            and itself.members[0] == drug_index.key(row["product_name"])
        ):
            continue  # the file lists 'ACETAMINOPHEN' as a codeine product; a plain ingredient's name means itself
        if found.known and drug and drug.members[0] not in names:
            wrong.append((row["product_name"], row["drug"], names))
    assert wrong == []


def test_dose_units_agree_with_the_table_of_the_steps() -> None:
    """A unit that both tables know means the same amount, so that reading and adding up cannot drift apart."""
    wrong = []
    for row in rows("dose_units"):
        mine = doses.dose_unit(row["unit"])
        kind = {"mass": "mg", "rate": "mcg/h", "volume": "mL", "concentration": "mg/mL"}.get(row["kind"])
        if mine is None or kind is None:
            continue
        factor = mine[1] * (0.001 if mine[0].startswith("mcg") and kind != "mcg/h" else 1)
        if abs(factor - float(row["factor"])) > 1e-9:
            wrong.append((row["unit"], mine, row["factor"]))
    assert wrong == []


@pytest.mark.parametrize(
    ("dose", "unit", "strength", "strength_unit", "expected"),
    [
        (2, "tablet", 5, "mg", (10, "mg")),
        (5, "mL", 2, "mg/mL", (10, "mg")),
        (0.5, "g", None, None, (500, "mg")),
        (1, "patch", 25, "mcg/h", (25, "mcg/h")),
        (25, "mcg/hr", None, None, (25, "mcg/h")),
        (2, "puffs", 0.09, "mg/piece", (0.18, "mg")),
        (1, "tablet", None, None, (1, "tablet")),
    ],
)
def test_what_one_administration_holds(
    dose: float, unit: str, strength: float | None, strength_unit: str | None, expected: tuple
) -> None:
    found = doses.administered(
        dose, dose, unit, strength=strength, strength_unit=strength_unit, counted=True, drug="x"
    )
    assert (found.low, found.unit) == expected and found.problem is None


@pytest.mark.parametrize(
    ("unit", "strength_unit", "code"),
    [
        (None, "mg", "dose_without_unit"),
        ("bananas", "mg", "unknown_dose_unit"),
        ("TAB", "mg/mL", "dose_does_not_fit"),
    ],
)
def test_a_dose_that_cannot_be_read_stays_unknown(unit: str | None, strength_unit: str, code: str) -> None:
    found = doses.administered(1, 1, unit, strength=10, strength_unit=strength_unit, counted=True, drug="x")
    assert found.low is None and found.problem is not None and found.problem.code == code


@given(st.text(max_size=60))
def test_no_text_raises(text: str) -> None:
    medicines.parse(text)


def test_a_text_longer_than_any_name_is_not_known_and_takes_no_time() -> None:
    """Found by fuzzing: four thousand digits and commas took six seconds."""
    import time

    began = time.process_time()
    found = medicines.parse("1," * 2000)
    assert time.process_time() - began < 0.1
    assert not found.known
    assert "longer than 500 characters" in found.note
    assert medicines.parse("tramadol 50 mg tablet".ljust(500)).known
    assert not medicines.parse("tramadol 50 mg tablet".ljust(501)).known


@settings(max_examples=30, deadline=None)
@given(
    text=st.one_of(st.text(max_size=30), st.sampled_from(["oxycodne", "gabapetin", "suboxne", "tramadl hcl"]))
)
def test_near_names_are_those_difflib_finds(text: str) -> None:
    """Leaving names out by their letters is only quicker: none that is alike is lost."""
    names = list(drug_index._names())
    wanted = drug_index.key(text)
    found = difflib.get_close_matches(wanted, drug_index._may_be_alike(wanted), n=9, cutoff=0.75)
    assert found == difflib.get_close_matches(wanted, names, n=9, cutoff=0.75)
