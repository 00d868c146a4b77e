"""Conditions against medicines: every row at its limits, every unknown fact, own rows before class rows."""

import csv
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import duckdb
import pytest

from pain_tui.assess.calculators import medicine_rows
from tests.oracle.interactions import read
from tests.safety import whole

Cursor = duckdb.DuckDBPyConnection
Facts = dict[str, str]
FACTS = {
    "CrCl": "crcl",
    "eGFR": "egfr",
    "GFR": "egfr",
    "QTc": "qtc",
    "age": "age_years",
    "K": "potassium",
    "Na": "sodium",
    "PaCO2": "paco2",
    "SBP": "sbp",
    "weight": "weight",
    "gestation": "gestation_weeks",
}
ROWS = {row["row_id"]: row for row in read("drug_conditions.csv")}
NUMERIC = [row for row in ROWS.values() if row["parameter"] in FACTS and (row["min"] or row["max"])]
BESIDE = {"pregnant": "true", "after_tonsillectomy": "true"}
TESTS: dict[str, list[dict[str, str]]] = {}
for _row in read("condition_tests.csv"):
    TESTS.setdefault(_row["condition_row"], []).append(_row)


def ask(
    cursor: Cursor, people: dict[str, tuple[str, Facts]], **drug: object
) -> dict[str, dict[str, tuple[Any, ...]]]:
    """person -> row -> (applies, missing), for people who take one term each and have these facts."""
    cursor.execute(
        "CREATE OR REPLACE TEMP TABLE drugs_in_question (person VARCHAR, ingredient VARCHAR, term "
        "VARCHAR, in_use BOOLEAN, "
        "stopped_days INTEGER, products INTEGER, purpose VARCHAR, route VARCHAR, days INTEGER, "
        "on_list VARCHAR[])"
    )
    cursor.execute(
        "CREATE OR REPLACE TEMP TABLE fact_cells (person VARCHAR, problem VARCHAR, fact VARCHAR, "
        "value VARCHAR)"
    )
    extra = [drug.get("in_use", True), drug.get("purpose"), drug.get("route"), drug.get("days")]
    cursor.executemany(
        "INSERT INTO drugs_in_question SELECT ?, (SELECT min(ingredient) FROM "
        "knowledge.term_index WHERE term = ?), "
        "?, ?, NULL, 1, ?, ?, ?, []",
        [[person, term, term, *extra] for person, (term, _) in people.items()],
    )
    cells = [
        [person, "", fact, value] for person, (_, facts) in people.items() for fact, value in facts.items()
    ]
    if cells:
        cursor.executemany("INSERT INTO fact_cells VALUES (?, ?, ?, ?)", cells)
    medicine_rows.run_steps(cursor, ("056", "080"))
    absent = (False, [])  # what does not apply is left out of the table
    found: dict[str, dict[str, tuple[Any, ...]]] = {person: defaultdict(lambda: absent) for person in people}
    for person, row_id, applies, missing in cursor.execute(
        "SELECT person, row_id, applies, missing FROM drug_condition"
    ).fetchall():
        found[person][row_id] = (applies, missing)
    return found


def _term(row: dict[str, str]) -> str:
    """A term the row speaks of: the drug itself, or a member of the class without a row of its own for
    the condition.
    """
    if row["subject_type"] == "drug":
        return row["subject"].lower()
    own = {(r["subject"].lower(), r["condition_code"]) for r in ROWS.values() if r["subject_type"] == "drug"}
    names = [r["drug"].lower() for r in read("drug_classes.csv") if r["drug_class"] == row["subject"]]
    return next((name for name in names if (name, row["condition_code"]) not in own), names[0])


def _within(value: float, row: dict[str, str]) -> bool:
    low = not row["min"] or (
        value >= float(row["min"]) if row["min_op"] == ">=" else value > float(row["min"])
    )
    high = not row["max"] or (
        value <= float(row["max"]) if row["max_op"] == "<=" else value < float(row["max"])
    )
    return low and high


def _edges(row: dict[str, str]) -> Iterable[float]:
    for limit in filter(None, (row["min"], row["max"])):
        yield from (float(limit) - 0.1, float(limit), float(limit) + 0.1)


def test_every_number_just_below_at_and_above_its_limit(cursor: Cursor) -> None:
    """One person for each side of each limit of each numeric row."""
    people: dict[str, tuple[str, Facts]] = {}
    expected: dict[str, tuple[str, bool]] = {}
    for row in NUMERIC:
        for value in _edges(row):
            person = f"{row['row_id']} {value:g}"
            facts = {**BESIDE, FACTS[row["parameter"]]: f"{value:g}"}
            if row["also_requires"] == "age>=65":
                facts["age_years"] = "70"
            people[person] = (_term(row), facts)
            expected[person] = (row["row_id"], _within(value, row))
    found = ask(cursor, people)
    wrong = [
        f"{p}: {found[p].get(r)}, expected {e}" for p, (r, e) in expected.items() if found[p][r][0] is not e
    ]
    assert len(people) > 250
    assert wrong == []


def test_every_unknown_number_cannot_be_told(cursor: Cursor) -> None:
    people = {row["row_id"]: (_term(row), dict(BESIDE)) for row in NUMERIC}
    found = ask(cursor, people)
    wrong = [
        r for r in people if found[r][r][0] is not None or FACTS[ROWS[r]["parameter"]] not in found[r][r][1]
    ]
    assert wrong == []


def _true_facts(row_id: str) -> Facts:
    """Facts under which a row of words holds: the first alternative of each clause."""
    facts: Facts = {}
    for test in TESTS[row_id]:
        value = {"known": "yes", "in": test["value"].split("|")[0]}.get(test["op"], test["value"])
        if test["op"] != "known" or test["fact"] not in facts:
            facts[test["fact"]] = str(float(value) - 1) if test["op"] == "<" else value
    row = ROWS[row_id]
    if row["also_requires"] == "age>=65":
        facts["age_years"] = "70"
    if row["parameter"] == "age":
        facts["age_years"] = str(float(row["max"]) - 1)
    return facts


WORDS = [row_id for row_id in TESTS if not any(t["fact"].startswith("drug:") for t in TESTS[row_id])]


def test_every_row_of_words_holds_when_its_facts_do(cursor: Cursor) -> None:
    people = {row_id: (_term(ROWS[row_id]), _true_facts(row_id)) for row_id in WORDS}
    found = ask(cursor, people)
    wrong = [
        f"{r} {_term(ROWS[r])}: {found[r].get(r)}"
        for r in WORDS
        if found[r][r][0] is not True and not _is_replaced(r, found[r])
    ]
    assert len(WORDS) > 120
    assert wrong == []


def _is_replaced(row_id: str, found: dict[str, tuple[Any, ...]]) -> bool:
    same = [
        r
        for r in found
        if ROWS[r]["condition_code"] == ROWS[row_id]["condition_code"] and ROWS[r]["subject_type"] == "drug"
    ]
    return ROWS[row_id]["subject_type"] == "class" and any(found[r][0] for r in same)


def test_no_fact_taken_away_ever_clears_a_row(cursor: Cursor) -> None:
    """From facts under which a row holds, blank each in turn: the row may become undecided, never cleared."""
    people: dict[str, tuple[str, Facts]] = {}
    for row_id in WORDS:
        facts = _true_facts(row_id)
        for gone in facts:
            people[f"{row_id} {gone}"] = (_term(ROWS[row_id]), {f: v for f, v in facts.items() if f != gone})
    found = ask(cursor, people)
    wrong = [
        p for p in people if found[p][p.split()[0]][0] is False and not _is_replaced(p.split()[0], found[p])
    ]
    assert wrong == []


def test_nothing_known_clears_nothing(cursor: Cursor) -> None:
    """A person about whom nothing is known: no row of words or numbers is FALSE."""
    people = {
        row["row_id"]: (_term(row), {}) for row in ROWS.values() if row["row_id"] in WORDS or row in NUMERIC
    }
    found = ask(cursor, people, in_use=True)
    wrong = [r for r in people if found[r][r][0] is False]
    assert wrong == []


@pytest.mark.parametrize(
    ("purpose", "class_row", "own_row"), [("oud", False, True), (None, None, None), ("pain", True, False)]
)
def test_treatment_of_opioid_use_disorder_is_never_answered_with_avoid(
    cursor: Cursor, purpose: str | None, class_row: object, own_row: object
) -> None:
    facts = {"has_opioid_use_disorder": "true"}
    found = ask(cursor, {"p": ("methadone", facts)}, purpose=purpose)["p"]
    assert (found["DCO235"][0], found["DCO263"][0]) == (class_row, own_row)


def test_an_own_row_replaces_the_class_row_only_when_it_applies(cursor: Cursor) -> None:
    """Diclofenac in established heart disease: its own row; ibuprofen: the class row."""
    facts = {"has_coronary_disease": "true"}
    found = ask(cursor, {"own": ("diclofenac", facts), "class": ("ibuprofen", facts)})
    assert (found["own"]["DCO140"][0], found["own"]["DCO139"][0]) == (True, False)
    assert found["class"]["DCO139"][0] is True
    unknown_alt = ask(cursor, {"p": ("diclofenac", {"child_pugh_class": "C"})})["p"]
    assert unknown_alt["DCO071"][0] is True, "an undecided own row as severe must not hide the class row"


def test_creatinine_clearance_and_egfr_are_not_swapped(cursor: Cursor) -> None:
    """Labels quote CrCl: an eGFR alone decides no CrCl row."""
    found = ask(cursor, {"p": ("gabapentin", {"egfr": "25"})})["p"]
    assert found["DCO019"] == (None, ["crcl"])


def test_every_row_is_asked(cursor: Cursor) -> None:
    """No row of the table is left without a test: with nothing known, each appears for its own term.

    Only the rows on an abrupt stop do not: they cannot hold while the drug is taken.
    """
    stops = {row_id for row_id, tests in TESTS.items() if any(t["value"] == "stopping" for t in tests)}
    found = ask(cursor, {row_id: (_term(row), {}) for row_id, row in ROWS.items()}, in_use=True)
    assert {row_id for row_id in ROWS if row_id not in found[row_id]} == stops


def test_every_fact_of_the_tests_is_a_fact() -> None:
    from pain_tui.knowledge import load

    with (load.FOLDER / "facts.csv").open(encoding="utf-8", newline="") as lines:
        facts = {row["fact"] for row in csv.DictReader(lines)}
    used = {t["fact"] for tests in TESTS.values() for t in tests if not t["fact"].startswith("drug:")}
    used |= {row["fact"] for row in read("procedure_tests.csv")} | set(FACTS.values())
    assert sorted(used - facts) == []


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"sex": "male", "age_years": "40"}, "absent"),
        ({"sex": "male"}, "absent"),
        ({"sex": "female", "age_years": "55"}, None),
        ({"sex": "female", "age_years": "56"}, "absent"),
        ({"sex": "female"}, None),
        ({"age_years": "40"}, None),
        ({}, None),
        ({"sex": "male", "contraception": "hormonal"}, True),
        ({"sex": "female", "age_years": "60", "contraception": "hormonal"}, True),
        ({"sex": "female", "age_years": "30", "contraception": "other"}, "absent"),
    ],
)
def test_contraception_is_asked_only_of_those_it_can_concern(
    cursor: Cursor, facts: Facts, expected: object
) -> None:
    """An open question for women up to 55 years and where sex or age is not known; what is recorded counts."""
    found = ask(cursor, {"p": ("suzetrigine", facts)})["p"].get("DCO084", ("absent",))
    assert found[0] == expected


PREGNANCY = {
    "pregnant",
    "pregnancy_possible",
    "gestation_weeks",
    "breastfeeding",
    "contraception",
    "wants_pregnancy",
}


def test_a_man_is_asked_nothing_about_pregnancy(cursor: Cursor) -> None:
    """Every medicine with a row about pregnancy, a procedure under X-ray, all rules: nothing of it stays open."""
    drugs = ["valproate", "suzetrigine", "topiramate", "codeine", "methotrexate", "ergotamine", "ketamine"]
    drugs += ["ibuprofen", "methadone", "carbamazepine", "gabapentin", "buprenorphine", "tramadol"]
    open_facts = {}
    for sex in ("male", "female", None):
        person = {"person": "p", "age": 40, **({"sex": sex} if sex else {})}
        record = {"person": person, "medications": [{"drug": drug, "status": "active"} for drug in drugs]}
        found = whole.assess(cursor, record, ("procedure", "ILESI_L"))
        open_facts[sex] = {fact for limit in found.limits for fact in limit["facts"]} & PREGNANCY
    assert open_facts["male"] == set()
    assert open_facts["female"] >= {"pregnant", "breastfeeding", "contraception"}
    assert open_facts[None] >= {"pregnant", "breastfeeding", "contraception"}
