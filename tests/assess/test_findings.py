"""Findings: the tier from the table, one a pair, the person's own values in the words, nothing unknown
read as clear.
"""

import json
from typing import Any

import duckdb
import pytest

from pain_tui.assess import case
from pain_tui.knowledge import own_rules
from pain_tui.knowledge.rows import rows
from tests.assess.people import AS_OF, Row, days_ago, observation, person, review, run

Rows = dict[str, list[Row]]


def medicine(ingredient: str, **more: Any) -> Row:
    held = {
        "person": "p",
        "row_id": f"m-{ingredient}",
        "drug": ingredient,
        "ingredient": ingredient,
        "ingredient_count": 1,
    }
    return {
        **held,
        "dose": 10.0,
        "unit": "mg",
        "per_day": 2.0,
        "per_day_max": 2.0,
        "route": "oral",
        "form": "tablet",
        "start": days_ago(60).date(),
        "authored": days_ago(5).date(),
        "status": "active",
        **more,
    }


def problem(condition: str, **more: Any) -> Row:
    return {"person": "p", "problem": "p1", "condition": condition, "is_primary": True, **more}


def disorder(comorbidity: str, **more: Any) -> Row:
    return {
        "person": "p",
        "row_id": f"c-{comorbidity}",
        "comorbidity": comorbidity,
        "certainty": "certain",
        **more,
    }


LISTS = [review(name) for name in ("medication", "condition", "allergy", "device", "treatment")]


def findings(
    cursor: duckdb.DuckDBPyConnection, data: Rows, *asked: tuple[str, str], lists: bool = True
) -> list[Row]:
    data = {"list_review": LISTS if lists else [], **data}
    run(cursor, "095", data, case.Run(AS_OF, asked=asked))
    found = cursor.execute("SELECT * FROM findings ORDER BY rule, option, drug").fetchall()
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found]


def of(found: list[Row], rule: str) -> list[Row]:
    return [row for row in found if row["rule"] == rule]


def undecided(cursor: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    return dict(cursor.execute("SELECT rule, missing FROM rule_results WHERE fired IS NULL").fetchall())


def test_the_persons_own_medicines_and_values_stand_in_the_words(cursor: duckdb.DuckDBPyConnection) -> None:
    found = findings(cursor, {"medication": [medicine("oxycodone"), medicine("diazepam")]})
    (stop,) = of(found, "opioid.benzodiazepine")
    assert stop["tier"] == "STOP" and stop["say"].startswith("oxycodone with diazepam: ")
    assert json.loads(stop["inputs"])["benzodiazepine_active"] is True
    assert "{" not in "".join(row["say"] + row["do"] for row in found)


def test_what_a_rule_says_is_not_said_again_by_the_look_up(cursor: duckdb.DuckDBPyConnection) -> None:
    """One alert a pair: the rule on opioid and benzodiazepine covers row DDI001."""
    found = findings(cursor, {"medication": [medicine("oxycodone"), medicine("diazepam")]})
    assert not [
        row
        for row in found
        if row["origin"] == "interaction" and {"oxycodone", "diazepam"} <= set(row["say"].split())
    ]


def test_an_unconfirmed_list_leaves_the_question_open(cursor: duckdb.DuckDBPyConnection) -> None:
    found = findings(cursor, {"medication": [medicine("oxycodone")]}, lists=False)
    assert not of(found, "opioid.benzodiazepine")
    assert undecided(cursor)["opioid.benzodiazepine"] == ["benzodiazepine_active"]


def test_a_confirmed_list_without_it_is_clear(cursor: duckdb.DuckDBPyConnection) -> None:
    findings(cursor, {"medication": [medicine("oxycodone")]})
    assert "opioid.benzodiazepine" not in undecided(cursor)


PREGNANCY = "procedure.pregnancy_xray"


def woman(**more: Any) -> Rows:
    return {
        "person": [person(birth_date="1994-01-01", **more)],
        "problem": [problem("lumbar_radicular", site="lumbar")],
    }


def test_pregnancy_not_known_is_a_limit_until_an_option_with_xray_is_chosen(
    cursor: duckdb.DuckDBPyConnection,
) -> None:
    assert not of(findings(cursor, woman()), PREGNANCY)
    assert undecided(cursor)[PREGNANCY] == ["pregnant"]
    (stop,) = of(findings(cursor, woman(), ("option", "tfesi")), PREGNANCY)
    assert stop["tier"] == "STOP" and stop["option"] == "tfesi"
    assert "Cannot tell" in stop["say"] and "pregnant" in stop["say"]


def test_pregnancy_ruled_out_is_clear_also_when_chosen(cursor: duckdb.DuckDBPyConnection) -> None:
    rows_ = {**woman(), "observation": [observation("pregnant", "no")]}
    assert not of(findings(cursor, rows_, ("option", "tfesi")), PREGNANCY)
    assert PREGNANCY not in undecided(cursor)


def test_pregnant_is_a_stop_when_chosen_and_a_caution_when_only_listed(
    cursor: duckdb.DuckDBPyConnection,
) -> None:
    rows_ = {**woman(), "observation": [observation("pregnant", "yes")]}
    listed = {row["option"]: row["tier"] for row in of(findings(cursor, rows_), PREGNANCY)}
    assert listed["tfesi"] == "CAUTION" and "exercise_pt" not in listed
    chosen = {
        row["option"]: row["tier"] for row in of(findings(cursor, rows_, ("option", "tfesi")), PREGNANCY)
    }
    assert chosen["tfesi"] == "STOP" and chosen["ilesi"] == "CAUTION"


def test_self_harm_blocks_a_choice_until_asked(cursor: duckdb.DuckDBPyConnection) -> None:
    rows_: Rows = {"problem": [problem("lumbar_radicular")]}
    assert not of(findings(cursor, rows_), "mood.self_harm_item9")
    (stop,) = of(findings(cursor, rows_, ("option", "exercise_pt")), "mood.self_harm_item9")
    assert stop["tier"] == "STOP" and stop["say"].startswith("Cannot tell")
    asked = {**rows_, "observation": [observation("phq9_item9", 0)]}
    assert not of(findings(cursor, asked, ("option", "exercise_pt")), "mood.self_harm_item9")


def test_nothing_that_is_only_listed_is_a_stop(cursor: duckdb.DuckDBPyConnection) -> None:
    rows_ = {
        "problem": [problem("np_general")],
        "condition": [disorder("opioid_use_disorder"), disorder("epilepsy")],
        "observation": [observation("egfr", 12), observation("qtc", 520)],
    }
    found = findings(cursor, rows_)
    assert [row for row in found if row["option"]]
    assert not [row for row in found if row["tier"] == "STOP" and (row["option"] or row["drug"])]


def test_what_holds_for_every_medicine_of_an_option_is_said_once(cursor: duckdb.DuckDBPyConnection) -> None:
    found = findings(cursor, {"problem": [problem("phn")], "medication": [medicine("phenelzine")]})
    tca = [row for row in found if row["option"] == "tca" and row["origin"] == "interaction"]
    assert len(tca) == 1 and tca[0]["drug"] is None
    assert tca[0]["say"].startswith("Every medicine of: Tricyclic")


def test_an_unchecked_row_is_a_marked_note_at_most(cursor: duckdb.DuckDBPyConnection) -> None:
    """DCO206 says "avoid" (a CAUTION), but nobody has checked it."""
    assert (
        next(row for row in rows("drug_conditions") if row["row_id"] == "DCO206")["sureness"] == "unchecked"
    )
    found = findings(
        cursor, {"medication": [medicine("valproate")], "observation": [observation("has_porphyria", "yes")]}
    )
    (row,) = of(found, "DCO206")
    assert row["tier"] == "NOTE" and row["say"].endswith("(Source not checked.)")


def answer(found: Row, **more: Any) -> Row:
    return {
        "person": "p",
        "rule": found["rule"],
        "tier": "STOP",
        "kind": "override",
        "reason_code": "tolerated_before",
        "reason": "tolerated for years",
        "inputs": found["inputs"],
        "actor": "dr",
        "at": days_ago(1),
        **more,
    }


def test_an_override_holds_until_an_input_changes(cursor: duckdb.DuckDBPyConnection) -> None:
    both: Rows = {"medication": [medicine("oxycodone"), medicine("diazepam")]}
    (stop,) = of(findings(cursor, both), "opioid.benzodiazepine")
    assert stop["answer"] is None
    (same,) = of(findings(cursor, {**both, "override": [answer(stop)]}), "opioid.benzodiazepine")
    assert same["answer"] == "override" and same["answer_reason"] == "tolerated for years"
    more = {"medication": [*both["medication"], medicine("morphine")], "override": [answer(stop)]}
    (changed,) = of(findings(cursor, more), "opioid.benzodiazepine")
    assert changed["answer"] is None, "a further opioid is a new question"


OWN = """
[[rule]]
id = "clinic.steps"
tier = "CAUTION"
about = "person"
when = "any_active('opioid_any') and age_years >= 50"
say = "{opioids} at age {age_years}."
do = "Book a longer visit."
source = "clinic meeting"
strength = "local"
checked = 2026-05-04

[[rule]]
id = "clinic.tramadol"
tier = "STOP"
about = "drug"
when = "drug = 'tramadol'"
say = "Tramadol is not used here."
do = "Choose another medicine."
source = "clinic meeting"
strength = "local"
checked = 2026-05-04
"""


def test_a_clinics_own_rules_stand_apart_and_may_only_add(
    cursor: duckdb.DuckDBPyConnection, room: duckdb.DuckDBPyConnection, request: pytest.FixtureRequest
) -> None:
    rows_: Rows = {
        "medication": [medicine("oxycodone"), medicine("diazepam")],
        "problem": [problem("knee_oa")],
    }
    before = findings(cursor, rows_)
    own_rules.put(cursor, own_rules.OwnRules(OWN, "own.toml"))
    request.addfinalizer(lambda: own_rules.put(room, None))
    after = findings(cursor, rows_)
    (own,) = of(after, "clinic.steps")
    assert own["clinic_own"] and own["say"] == "oxycodone at age 56."
    (listed,) = of(after, "clinic.tramadol")
    assert listed["tier"] == "CAUTION" and listed["drug"] == "tramadol", "only listed: at most CAUTION"
    assert [row for row in after if not row["clinic_own"]] == before
    (chosen,) = of(findings(cursor, rows_, ("drug", "tramadol")), "clinic.tramadol")
    assert chosen["tier"] == "STOP"


def test_naloxone_names_its_reasons(cursor: duckdb.DuckDBPyConnection) -> None:
    rows_ = {
        "medication": [medicine("morphine", dose=30.0)],
        "condition": [disorder("sleep_apnoea_obstructive")],
    }
    (offer,) = of(findings(cursor, rows_), "opioid.naloxone")
    assert "MME per day 60" in offer["say"] and "sleep apnoea" in offer["say"]
    assert offer["panel"] == "naloxone_offer"
    with_kit = {**rows_, "observation": [observation("naloxone_rescue_active", "yes")]}
    assert not of(findings(cursor, with_kit), "opioid.naloxone")


@pytest.mark.parametrize(("told", "fires"), [("cancer", False), ("sickle_cell", False), (None, True)])
def test_cards_of_the_guideline_are_not_for_cancer_or_sickle_cell(
    cursor: duckdb.DuckDBPyConnection, told: str | None, fires: bool
) -> None:
    rows_ = {"medication": [medicine("morphine", dose=30.0)], "condition": [disorder(told)] if told else []}
    assert bool(of(findings(cursor, rows_), "opioid.mme_50")) is fires


def test_counts_are_of_the_person_and_of_what_is_chosen(cursor: duckdb.DuckDBPyConnection) -> None:
    rows_ = {
        "problem": [problem("lumbar_radicular", site="lumbar")],
        "medication": [medicine("apixaban", dose=5.0)],
    }
    listed = [row for row in findings(cursor, rows_) if row["option"] == "tfesi"]
    assert listed and not any(row["is_counted"] for row in listed)
    chosen = [row for row in findings(cursor, rows_, ("option", "tfesi")) if row["option"] == "tfesi"]
    assert chosen and all(row["is_counted"] for row in chosen)
    assert {row["tier"] for row in of(chosen, "procedure.anticoagulant")} == {"STOP"}


def test_everybody_at_once_gives_what_each_alone_gives(cursor: duckdb.DuckDBPyConnection) -> None:
    """One path for one and for many."""
    both: Rows = {"medication": [medicine("oxycodone"), medicine("diazepam")], "list_review": LISTS}
    alone = [(row["rule"], row["tier"], row["say"]) for row in findings(cursor, both)]
    others = {table: [{**row, "person": "q"} for row in rows_] for table, rows_ in both.items()}
    crowd = {table: [*rows_, *others[table]] for table, rows_ in both.items()}
    crowd["person"] = [person(), person("q")]
    found = findings(cursor, crowd)
    assert [(row["rule"], row["tier"], row["say"]) for row in found if row["person"] == "p"] == alone
    assert [(row["rule"], row["tier"], row["say"]) for row in found if row["person"] == "q"] == alone


def test_what_is_missing_is_named_by_its_label_and_parted_by_semicolons(
    cursor: duckdb.DuckDBPyConnection,
) -> None:
    """`phq9 item9` was printed; labels hold commas, so a comma cannot part them."""
    asked = case.Run(AS_OF, asked=(("option", "scs_tonic"),))
    run(cursor, "095", {}, asked)
    found = "SELECT rule, say FROM findings WHERE starts_with(say, 'Cannot tell')"
    said: dict[str, str] = dict(cursor.execute(found).fetchall())
    assert "Not known: PHQ-9 item 9." in said["mood.self_harm_item9"]
    labels = {row["label"] for row in rows("facts")}
    for say in said.values():
        named = say.split("Not known: ")[1].rstrip(".").split("; ")
        assert set(named) <= labels, say
