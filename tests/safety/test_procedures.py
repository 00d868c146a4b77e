"""The procedure check: each item clear, not clear or cannot tell; unknown never clears; guidelines
stay apart.
"""

import csv
import re
from typing import Any

import duckdb
import pytest

from pain_tui.assess.calculators import medicine_rows
from tests.oracle.interactions import read
from tests.safety import whole

Cursor = duckdb.DuckDBPyConnection
Facts = dict[str, str]
Answers = dict[tuple[str, str], tuple[Any, ...]]
ITEMS = {row["row_id"]: row for row in read("procedure_items.csv")}
SAFETY = {row["row_id"]: row for row in read("procedure_safety.csv")}
PROCEDURES = read("procedures.csv")
TESTS: dict[str, list[dict[str, str]]] = {}
for _row in read("procedure_tests.csv"):
    TESTS.setdefault(_row["item_row"], []).append(_row)


def ask(
    cursor: Cursor, people: dict[str, tuple[str, Facts]], *, complete: bool = True, listed: str = "asked"
) -> dict[str, Answers]:
    """person -> (item, row) -> (answer, tier, why, do, missing), for one procedure each and no medicines."""
    cursor.execute(
        "CREATE OR REPLACE TEMP TABLE options (person VARCHAR, problem VARCHAR, option VARCHAR, "
        "listed VARCHAR, "
        "procedure_codes VARCHAR[], declined BOOLEAN)"
    )
    cursor.execute(
        "CREATE OR REPLACE TEMP TABLE fact_cells (person VARCHAR, problem VARCHAR, "
        "fact VARCHAR, value VARCHAR)"
    )
    cursor.execute(
        "CREATE OR REPLACE TEMP TABLE medication_list (person VARCHAR, complete BOOLEAN, "
        "unknown_drugs VARCHAR[])"
    )
    cursor.execute(
        "CREATE OR REPLACE TEMP TABLE medications (person VARCHAR, drug VARCHAR, ingredient "
        "VARCHAR, active BOOLEAN, route VARCHAR, "
        "dose DOUBLE, dose_max DOUBLE, amount_unit VARCHAR, unit VARCHAR, last_dose TIMESTAMP, "
        "indication VARCHAR, strength_mg DOUBLE)"
    )
    for person, (code, _) in people.items():
        cursor.execute("INSERT INTO options VALUES (?, 'x', 'o', ?, [?], false)", [person, listed, code])
        cursor.execute("INSERT INTO medication_list VALUES (?, ?, [])", [person, complete])
    cells = [
        [person, "", fact, value] for person, (_, facts) in people.items() for fact, value in facts.items()
    ]
    if cells:
        cursor.executemany("INSERT INTO fact_cells VALUES (?, ?, ?, ?)", cells)
    medicine_rows.run_steps(cursor, ("056", "083", "084", "085"))
    found: dict[str, Answers] = {person: {} for person in people}
    sql = 'SELECT person, item, row_id, answer, tier, why, "do", missing FROM procedure_check'
    for person, item, row_id, *rest in cursor.execute(sql).fetchall():
        found[person][item, row_id] = tuple(rest)
    return found


def _code(item: str) -> str:
    """A procedure the item belongs to."""
    scopes = ITEMS[item]["scopes"] or SAFETY[ITEMS[item]["safety_row"]]["scope"]
    first, _, without = scopes.split("|")[0].partition("-")
    for row in PROCEDURES:
        groups = row["groups"].split(";")
        if first in ("ANY", row["procedure_code"]) or (
            first in groups and not (without and without in groups)
        ):
            return row["procedure_code"]
    raise AssertionError(f"no procedure for {item}")


def _value(test: dict[str, str]) -> str:
    number = {"<": -1.0, ">": 1.0}.get(test["op"], 0.0)
    if test["op"] in ("<", ">", "<=", ">="):
        return f"{float(test['value']) + number:g}"
    return "true" if test["op"] == "known" else test["value"]


def _true_facts(item: str) -> Facts:
    facts: Facts = {}
    for test in TESTS[item]:
        if test["op"] != "known" or test["fact"] not in facts:
            facts[test["fact"]] = _value(test)
    return facts


def _key(item: str) -> tuple[str, str]:
    return ITEMS[item]["item"], ITEMS[item]["safety_row"] if ITEMS[item]["safety_row"] in SAFETY else item


QUIET = {"PSF018"}  # shellfish: says only that it is no reason


def _blocking() -> list[str]:
    return [
        i
        for i in ITEMS
        if ITEMS[i]["sureness"] != "unchecked"
        and ITEMS[i]["note"] != "technique"
        and ITEMS[i]["safety_row"] not in QUIET
    ]


def test_every_item_is_not_clear_when_its_facts_hold(cursor: Cursor) -> None:
    people = {item: (_code(item), _true_facts(item)) for item in _blocking()}
    found = ask(cursor, people)
    wrong = [
        f"{i} {ITEMS[i]['item']}: {found[i].get(_key(i))}"
        for i in people
        if found[i][_key(i)][0] != "not_clear" or not found[i][_key(i)][2]
    ]
    assert len(people) > 45
    assert wrong == []


def test_no_fact_taken_away_ever_clears_an_item(cursor: Cursor) -> None:
    """From facts that block, blank each: never clear. An untested gene leaves it to history, and the
    table says so.
    """
    people = {}
    for item in _blocking():
        facts = _true_facts(item)
        gene = {t["fact"] for t in TESTS[item] if t["op"] == "found"}
        for gone in set(facts) - gene:
            people[f"{item} {gone}"] = (
                _code(item),
                {f: v for f, v in facts.items() if f != gone and f not in gene},
            )
    found = ask(cursor, people)
    wrong = [p for p in people if found[p][_key(p.split()[0])][0] == "clear"]
    assert wrong == []


def test_nothing_known_clears_nothing(cursor: Cursor) -> None:
    """Every procedure, a person about whom nothing is known: no item is clear, each says what would
    settle it.
    """
    people: dict[str, tuple[str, Facts]] = {
        row["procedure_code"]: (row["procedure_code"], {}) for row in PROCEDURES
    }
    found = ask(cursor, people, complete=False)
    for code, answers in found.items():
        for key, (answer, _, _, do, missing) in answers.items():
            assert answer != "clear", (code, key)
            assert answer != "cannot_tell" or (do and missing), (code, key)


@pytest.mark.parametrize(
    ("platelets", "answer", "tier"),
    [
        ("49", "not_clear", "CAUTION"),
        ("49.9", "not_clear", "CAUTION"),
        ("50", "clear", None),
        ("100", "clear", None),
        (None, "cannot_tell", None),
    ],
)
def test_platelets_for_an_epidural(
    cursor: Cursor, platelets: str | None, answer: str, tier: str | None
) -> None:
    facts = {} if platelets is None else {"platelets": platelets}
    found = ask(cursor, {"p": ("ILESI_L", facts)})["p"]["platelets", "PSF010"]
    assert (found[0], found[1]) == (answer, tier)


@pytest.mark.parametrize(
    ("inr", "answer"), [("1.4", "clear"), ("1.5", "clear"), ("1.6", "not_clear"), (None, "cannot_tell")]
)
def test_inr_for_an_epidural(cursor: Cursor, inr: str | None, answer: str) -> None:
    facts = {} if inr is None else {"inr": inr}
    assert ask(cursor, {"p": ("ILESI_L", facts)})["p"]["INR", "PSF009"][0] == answer


@pytest.mark.parametrize(("platelets", "notes"), [("49", False), ("50", True), ("99", True), ("100", False)])
def test_an_unchecked_limit_is_a_note_and_neither_clears_nor_blocks(
    cursor: Cursor, platelets: str, notes: bool
) -> None:
    found = ask(cursor, {"p": ("ILESI_L", {"platelets": platelets})})["p"].get(
        ("platelets 50 to 100", "PSF011")
    )
    assert (found is not None) is notes
    if found:
        assert (found[0], found[1]) == (None, "NOTE")


@pytest.mark.parametrize(
    ("facts", "answer"),
    [
        ({"pregnant": "true", "pregnancy_possible": "true"}, "not_clear"),
        ({"pregnant": "false", "pregnancy_possible": "false"}, "clear"),
        ({"pregnancy_possible": "false"}, "clear"),
        ({"pregnancy_possible": "true"}, "cannot_tell"),
        ({}, "cannot_tell"),
        ({"pregnant": "true"}, "not_clear"),
    ],
)
def test_pregnancy_and_x_ray(cursor: Cursor, facts: Facts, answer: str) -> None:
    found = ask(cursor, {"p": ("TFESI_TL", facts)})["p"]["pregnancy and X-ray", "PSF015"]
    assert found[0] == answer


def test_the_absence_of_blood_thinners_needs_a_confirmed_list(cursor: Cursor) -> None:
    key = ("medicines that thin the blood", "HOLD000")
    assert ask(cursor, {"p": ("ILESI_L", {})}, complete=True)["p"][key][0] == "clear"
    unconfirmed = ask(cursor, {"p": ("ILESI_L", {})}, complete=False)["p"][key]
    assert (unconfirmed[0], unconfirmed[4]) == ("cannot_tell", ["medication_list_complete"])


def _with_apixaban(cursor: Cursor, active: str, code: str = "ILESI_L") -> list[tuple[Any, ...]]:
    ask(cursor, {"p": (code, {})})
    cursor.execute(
        "INSERT INTO medications VALUES ('p', 'Eliquis', 'apixaban', " + active + ", 'oral', 5, "
        "5, 'mg', 'mg', TIMESTAMP '2025-06-01 08:00', NULL, NULL)"
    )
    medicine_rows.run_steps(cursor, ("056", "083", "084", "085"))
    sql = (
        'SELECT guideline, answer, why, "do" FROM procedure_check '
        "WHERE item LIKE '%apixaban%' ORDER BY guideline"
    )
    return cursor.execute(sql).fetchall()


def test_each_guideline_stands_alone_with_the_prescriber_step(cursor: Cursor) -> None:
    found = _with_apixaban(cursor, "true")
    assert [row[0] for row in found] == ["ASIPP-2024", "ASRA-IPM-2018", "ASRA-RA-2025", "LABEL", "PAUSE-2019"]
    assert [row[1] for row in found] == [None, "not_clear", "not_clear", "not_clear", "not_clear"]
    for _, answer, why, do in found:
        if answer == "not_clear":
            assert "prescriber" in do and "stop" in why
    assert "not before 2025-06-04 08:00" in found[1][2]


def test_a_blood_thinner_of_unknown_activity_is_not_clear(cursor: Cursor) -> None:
    assert {row[1] for row in _with_apixaban(cursor, "NULL")} <= {None, "not_clear", "cannot_tell"}


def test_every_procedure_is_checked(cursor: Cursor) -> None:
    found = ask(cursor, {row["procedure_code"]: (row["procedure_code"], {}) for row in PROCEDURES})
    bare = [code for code, answers in found.items() if not answers]
    assert sorted(bare) == ["CAP8"]  # a topical patch: nothing of this check asks about it


def test_every_fact_of_the_items_is_a_fact() -> None:
    from pain_tui.knowledge import load

    with (load.FOLDER / "facts.csv").open(encoding="utf-8", newline="") as lines:
        facts = {row["fact"] for row in csv.DictReader(lines)}
    assert sorted({t["fact"] for tests in TESTS.values() for t in tests} - facts) == []


def test_psychological_readiness_is_asked_for_once_an_implant_is_planned(cursor: Cursor) -> None:
    """An implant that is only one of many listed options adds no warning; the procedure check asks either way."""
    record = {"problems": [{"problem": "x", "condition": "psps2", "is_primary": True}]}
    listed = whole.assess(cursor, record)
    assert whole.of(listed, "procedure.implant_psych_unknown") == []
    assert whole.check(listed, "scs_tonic")["psychological evaluation"]["answer"] == "cannot_tell"
    planned = whole.assess(cursor, record, ("option", "scs_tonic"))
    assert {row["option"] for row in whole.of(planned, "procedure.implant_psych_unknown")} == {"scs_tonic"}


def test_a_chosen_procedure_is_checked_as_chosen_where_the_condition_lists_it(cursor: Cursor) -> None:
    """Sepsis is an absolute contraindication: a CAUTION while the option is one of many, a STOP once it is chosen."""
    record = {
        "problems": [{"problem": "x", "condition": "lumbar_radicular", "is_primary": True}],
        "conditions": [{"code": "A41.9", "system": "icd10", "text": "sepsis", "onset": "2026-11-20"}],
    }
    tiers = []
    for asked in ((), (("option", "ilesi"),)):
        found = whole.assess(cursor, record, *asked)
        rows = [r for r in found.findings if r["option"] == "ilesi" and r["origin"] == "procedure"]
        tiers.append({r["tier"] for r in rows if "nfection" in r["say"] or "epsis" in r["say"]})
    assert tiers == [{"CAUTION"}, {"STOP"}]


@pytest.mark.parametrize(
    ("more", "tier"),
    [
        ({}, "CAUTION"),
        ({"medications": [{"drug": "aspirin 81 mg", "status": "active", "start": "2026-11-01"}]}, "STOP"),
        (
            {"observations": [{"code": "egfr", "value": 29, "unit": "mL/min/1.73m2", "at": "2026-11-20"}]},
            "STOP",
        ),
        (
            {"observations": [{"code": "egfr", "value": 30, "unit": "mL/min/1.73m2", "at": "2026-11-20"}]},
            "CAUTION",
        ),
        ({"person": {"person": "p", "age": 75}}, "STOP"),
        ({"person": {"person": "p", "age": 74}}, "CAUTION"),
    ],
)
def test_a_raised_bleeding_risk_makes_a_low_class_procedure_a_stop(
    cursor: Cursor, more: dict[str, Any], tier: str
) -> None:
    """As the guideline's own upgrade: the rule and the times of the procedure check say the same."""
    taken = [{"drug": "apixaban", "status": "active", "start": "2026-11-01"}, *more.get("medications", [])]
    problem = {"problem": "x", "condition": "facet_lumbar", "is_primary": True}
    record = {**more, "problems": [problem], "medications": taken}
    found = whole.assess(cursor, record, ("procedure", "FACET_IA_TL"))
    rows = [r for r in found.findings if r["rule"].startswith("procedure.anticoagulant_low")]
    assert [r["tier"] for r in rows if r["option"] == "FACET_IA_TL"] == [tier]


CODES = sorted(row["procedure_code"] for row in read("procedures.csv"))


def _vignette(cursor: Cursor, record: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Every procedure of the table asked for one person: code -> the option as the shape has it."""
    whole_record = {
        "problems": [{"problem": "x", "condition": "lumbar_radicular", "is_primary": True}],
        **record,
    }
    found = whole.assess(cursor, whole_record, *[("procedure", code) for code in CODES], doubts=True)
    options = [one.as_dict() for problem in found.problems for one in problem.options]
    return {one["option"]: one for one in options if one["option"] in CODES}


def test_every_procedure_for_four_people(cursor: Cursor) -> None:
    """Nothing known clears nothing; a healthy person with all lists stated has no STOP; what is against a
    procedure is told; every answer that is not clear says why and what to do."""
    lists: dict[str, Any] = {
        name: [] for name in ("medications", "conditions", "allergies", "devices", "treatments")
    }
    person = {"person": "p", "age": 70, "sex": "female"}
    seen = [
        {"code": code, "value": value, "unit": unit, "at": "2026-11-20"}
        for code, value, unit in [
            ("platelets", 250, "10*9/L"),
            ("inr", 1.0, None),
            ("egfr", 90, "mL/min/1.73m2"),
        ]
    ]
    apixaban = {"drug": "apixaban", "status": "active", "start": "2026-11-01"}
    people = {
        "unknown": {},
        "healthy": {"person": person, **lists, "observations": seen},
        "on apixaban": {"person": person, **lists, "medications": [apixaban], "observations": seen},
        "allergic": {
            "person": person,
            **lists,
            "allergies": [{"substance": "latex"}, {"substance": "chlorhexidine"}],
        },
    }
    for name, record in people.items():
        found = _vignette(cursor, record)
        assert sorted(found) == CODES, name
        for code, option in found.items():
            items = option["procedure_check"]
            told = {item["item"].split(":")[0]: item for item in items}
            assert all(item["why"] and item["do"] for item in items if item["answer"] == "not_clear"), (
                name,
                code,
            )
            assert all(item["do"] for item in items if item["answer"] == "cannot_tell"), (name, code)
            open_skin = any(item["item"] == "infection at the site" for item in items)
            if name == "unknown":
                assert option["check"] != "clear", code
            if name == "healthy":
                assert option["tier"] != "STOP", code
                assert not open_skin or told["medicines that thin the blood"]["answer"] == "clear", code
            if name == "on apixaban" and open_skin:
                assert option["check"] == "not_clear" and option["tier"] in ("CAUTION", "STOP"), code
            if name == "allergic" and open_skin:
                assert {i["item"] for i in items if i["answer"] == "not_clear"} >= {
                    "allergy: latex",
                    "allergy: chlorhexidine",
                }, code
    # without a needle or an incision: infusions and the patch
    assert {code for code, o in found.items() if "infection at the site" not in {i["item"] for i in o["procedure_check"]}} == {
        "CAP8", "KET_INF", "LID_INF",
    }  # fmt: skip


NO_ROW = {("sertraline", "TPI"), ("ginkgo", "ILESI_C"), ("ginkgo", "TPI")}


@pytest.mark.parametrize("code", ["SCS_TRIAL", "ILESI_C", "TPI"])
def test_a_medicine_is_named_once_and_numbers_agree_with_their_words(cursor: Cursor, code: str) -> None:
    """`ibuprofen: ibuprofen: stop 1 days before` was printed."""
    for drug in ("ibuprofen", "apixaban", "aspirin", "sertraline", "dabigatran", "ginkgo"):
        rows = _rows_of(cursor, drug, code)
        assert rows or (drug, code) in NO_ROW
        for row in rows:
            why = row["why"]
            assert not why.startswith(drug) and row["item"].endswith(drug)
            assert not re.search(r"\b1 (days|hours|half-lives)\b|[2-9] (day|hour)\b", why), why
            assert not re.search(r"_|\bno_stop\b|neuraxial_deep|LABEL", why), why


def _rows_of(cursor: Cursor, drug: str, code: str) -> list[dict[str, Any]]:
    record = {"person": {"person": "p", "age": 50}, "medications": [{"drug": drug, "status": "active"}]}
    found = whole.assess(cursor, record, ("procedure", code))
    items = [
        row
        for problem in found.problems
        for option in problem.options
        for row in option.as_dict()["procedure_check"]
        if row["item"] == f"medicine that thins the blood: {drug}"
    ]
    told = [f["say"] for f in found.findings if f["origin"] == "procedure" and drug in f["say"].casefold()]
    assert all(say.casefold().count(drug) == 1 and say.rstrip(")").endswith(".") for say in told), told
    return items
