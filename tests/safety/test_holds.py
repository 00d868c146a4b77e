"""Stopping before procedures: every row of the table, upgrades, dose and kidney bands, times, and what
cannot be told.
"""

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pain_tui.assess.calculators import holding
from tests.oracle.interactions import read

Cursor = duckdb.DuckDBPyConnection
OF_CLASS = {
    "high": "SCS_IMPLANT",
    "intermediate": "MBB_C",
    "low": "SIJ_INJ",
    "neuraxial_deep": "ILESI_L",
    "procedure": "ILESI_L",
    "any": "ILESI_L",
}
PAUSE = {"high": "ILESI_L", "low": "SIJ_INJ"}
DRUG = {
    "aspirin / NSAID": "aspirin",
    "NSAID": "naproxen",
    "NSAID (by half-life)": "sulindac",
    "SSRI / SNRI": "sertraline",
    "DOAC / antiplatelet": "apixaban",
    "fibrinolytic": "alteplase",
    "enoxaparin prophylactic": "enoxaparin",
    "enoxaparin therapeutic / dalteparin": "dalteparin",
    "herbal (garlic, ginkgo, ginseng, fish oil)": "ginkgo",
    "heparin IV": "heparin",
    "heparin SC": "heparin",
    "heparin SC BID/TID": "heparin",
}
GIVEN: dict[str, dict[str, str]] = {
    "primary prevention": {"indication": "primary prevention"},
    "secondary prevention": {"indication": "secondary prevention"},
    "normal renal function": {"renal": "60"},
    "impaired renal function": {"renal": "40"},
    "CrCl>=50": {"renal": "50"},
    "CrCl<50": {"renal": "49"},
    "low dose": {"dose": "low dose", "renal": "60"},
    "high dose": {"dose": "high dose", "renal": "60"},
    "low dose; CrCl<30": {"dose": "low", "renal": "29"},
    "low dose; CrCl 30-49": {"dose": "low", "renal": "30"},
    "high dose; CrCl 30-49": {"dose": "high", "renal": "49"},
    "high dose; CrCl<30": {"dose": "high", "renal": "29"},
    "5000 U": {"dose": "5000 units"},
    "7500-10000 U": {"dose": "7500 units"},
    ">20000 U/day": {},
}


def ask(cursor: Cursor, *rows: dict[str, str]) -> list[list[dict[str, Any]]]:
    """The answers to each row."""
    found = list(holding.holds(cursor, list(enumerate(rows, start=1))))
    return [[answer for answer in found if answer["row"] == row] for row in range(1, len(rows) + 1)]


def one(cursor: Cursor, guideline: str, **cells: str) -> dict[str, Any]:
    (answer,) = [a for a in ask(cursor, cells)[0] if a["guideline"] == guideline]
    return answer


def _question(row: dict[str, str]) -> dict[str, str]:
    drug = DRUG.get(row["drug"], row["drug"].split(" / ")[0])
    way = {"heparin IV": "IV", "heparin SC": "SC", "heparin SC BID/TID": "SC"}.get(row["drug"], "")
    dose = {"enoxaparin prophylactic": "prophylactic"}.get(row["drug"], "")
    code = PAUSE[row["risk_class"]] if row["guideline"] == "PAUSE-2019" else OF_CLASS[row["risk_class"]]
    if row["condition"] == "low bleeding risk":
        code = "SIJ_INJ"
    if row["row_id"] == "ACH128":
        code = "ILESI_C"
    given = {"dose": f"{dose} {way}".strip(), **GIVEN.get(row["condition"], {})}
    if way and "dose" in GIVEN.get(row["condition"], {}):
        given["dose"] += f" {way}"
    return {"drug": drug, "procedure": code, **given}


def test_every_row_of_the_table_answers_its_own_question(cursor: Cursor) -> None:
    """Drug, class and condition of each row as a question: the row's own decision and numbers come back."""
    rows = [
        r
        for r in read("anticoag_holds.csv")
        if r["guideline"] not in ("SIR-2019", "SWITCH") and r["condition"] != ">20000 U/day"
    ]
    answers = ask(cursor, *map(_question, rows))
    wrong = []
    for row, found in zip(rows, answers, strict=True):
        own = [a for a in found if a["guideline"] == row["guideline"]]
        if len(own) != 1 or own[0]["row_id"] != row["row_id"] or own[0]["decision"] != row["decision"]:
            wrong.append(
                f"{row['row_id']} {_question(row)}: {[(a['row_id'], a['decision'], a['why']) for a in own]}"
            )
            continue
        number = "" if own[0]["hold_min"] is None else f"{own[0]['hold_min']:g}"
        expected = "" if row["sureness"] == "unchecked" else row["hold_min"]
        if number != expected:
            wrong.append(f"{row['row_id']}: hold {number}, expected {expected}")
    assert len(rows) > 100
    assert wrong == []


@pytest.mark.parametrize(
    ("modifiers", "procedure", "effective"),
    [
        ("", "SIJ_INJ", "low"),
        ("0", "SIJ_INJ", "low"),
        ("1", "SIJ_INJ", "intermediate"),
        ("age;renal", "MBB_C", "high"),
        ("1", "SCS_TRIAL", "high"),
    ],
)
def test_a_raised_bleeding_risk_is_one_class_higher(
    cursor: Cursor, modifiers: str, procedure: str, effective: str
) -> None:
    found = one(cursor, "ASRA-IPM-2018", drug="warfarin", procedure=procedure, bleeding_modifiers=modifiers)
    assert found["effective_class"] == effective


@pytest.mark.parametrize(("renal", "hold"), [("29.9", 30), ("30", 24), ("30.1", 24), ("", None)])
def test_a_row_with_a_clearance_beats_the_general_row(cursor: Cursor, renal: str, hold: float | None) -> None:
    found = one(cursor, "ASRA-RA-2025", drug="rivaroxaban", procedure="ILESI_L", dose="10 mg", renal=renal)
    assert found["hold_min"] == hold
    assert (found["why"] is None) is False


@pytest.mark.parametrize(("renal", "hold"), [("29", None), ("30", 120), ("49", 120), ("50", 72)])
def test_dabigatran_by_clearance(cursor: Cursor, renal: str, hold: float | None) -> None:
    """Below 30 the guideline has no number: nothing is given."""
    found = one(cursor, "ASRA-RA-2025", drug="dabigatran", procedure="ILESI_L", dose="high", renal=renal)
    assert found["hold_min"] == hold
    if hold is None:
        assert found["decision"] is None and "no row" in found["why"]


@pytest.mark.parametrize(
    ("dose", "indication", "hold"),
    [
        ("2.5 mg", "prophylaxis", 36),
        ("2.5 mg", "atrial fibrillation", 72),
        ("2.5 mg", "", None),
        ("5 mg", "", 72),
        ("", "", None),
    ],
)
def test_apixaban_low_dose_depends_on_why_it_is_taken(
    cursor: Cursor, dose: str, indication: str, hold: float | None
) -> None:
    found = one(cursor, "ASRA-RA-2025", drug="Eliquis", procedure="ILESI_L", dose=dose, indication=indication)
    assert (found["decision"], found["hold_min"]) == ("stop", hold)


def test_times_stand_only_where_their_inputs_are_given(cursor: Cursor) -> None:
    cells = {
        "drug": "rivaroxaban",
        "procedure": "ILESI_L",
        "last_dose": "2026-11-20T08:00",
        "procedure_at": "2026-11-25T09:00",
    }
    full = one(cursor, "ASRA-IPM-2018", **cells)
    assert [full[name].isoformat() for name in ("stop_at", "restart_at", "earliest_procedure_at")] == [
        "2026-11-22T09:00:00",
        "2026-11-26T09:00:00",
        "2026-11-23T08:00:00",
    ]
    bare = one(cursor, "ASRA-IPM-2018", drug="rivaroxaban", procedure="ILESI_L")
    assert [bare[name] for name in ("stop_at", "restart_at", "earliest_procedure_at")] == [None] * 3
    assert "no time of the procedure" in bare["why"] and "no time of the last dose" in bare["why"]


def test_a_stimulation_trial_restarts_from_the_removal_of_the_lead(cursor: Cursor) -> None:
    found = one(
        cursor, "ASRA-IPM-2018", drug="apixaban", procedure="SCS_TRIAL", procedure_at="2026-11-25T09:00"
    )
    assert found["restart_at"] is None and "removal" in found["why"]


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        ({"drug": "metformin", "procedure": "ILESI_L"}, "not an all-clear"),
        ({"drug": "nosuchdrug", "procedure": "ILESI_L"}, "not a known medicine name"),
        ({"drug": "apixaban", "procedure": "NOPE"}, "not a procedure code"),
        ({"drug": "apixaban", "procedure": "KET_INF"}, "no needle"),
        ({"drug": "apixaban", "procedure": "ILESI_L", "last_dose": "yesterday"}, "not a local time"),
        ({"drug": "apixaban", "procedure": "ILESI_L", "renal": "bad"}, "creatinine clearance"),
    ],
)
def test_what_cannot_be_answered_says_why(cursor: Cursor, cells: dict[str, str], says: str) -> None:
    found = ask(cursor, cells)[0]
    assert found and all(says in answer["why"] for answer in found)


def test_guidelines_are_named_and_never_merged(cursor: Cursor) -> None:
    found = ask(cursor, {"drug": "rivaroxaban", "procedure": "ILESI_L", "dose": "20 mg"})[0]
    assert {a["guideline"]: a["hold_min"] for a in found} == {
        "ASIPP-2024": None,
        "ASRA-IPM-2018": 3,
        "ASRA-RA-2025": 72,
        "LABEL": 24,
        "PAUSE-2019": 2,
    }


def test_every_procedure_has_an_answer(cursor: Cursor) -> None:
    codes = [row["procedure_code"] for row in read("procedures.csv")]
    for code, found in zip(
        codes, ask(cursor, *({"drug": "warfarin", "procedure": code} for code in codes)), strict=True
    ):
        assert found, code
        assert all(answer["decision"] or answer["why"] for answer in found), code


@pytest.mark.external
def test_the_example_of_the_shapes_file(cursor: Cursor, examples: Path) -> None:
    for entry in json.loads((examples / "shapes_examples.json").read_text(encoding="utf-8"))["anticoag"]:
        expected = entry["expected"]
        found = one(cursor, expected["guideline"], drug=entry["drug"], procedure=entry["procedure"])
        assert (
            found["risk_class"],
            found["decision"],
            f"{found['hold_min']:g}",
            found["hold_unit"],
            f"{found['restart_min_h']:g}",
        ) == (
            expected["risk_class"],
            expected["decision"],
            expected["hold_min"],
            expected["hold_unit"],
            expected["restart_min_h"],
        ), entry["id"]


# What is written in the drug's name decides as its own cell does: (drug, more cells) -> guideline, hold, unit, row.
FROM_THE_NAME = [
    ("Xarelto 20 mg", {}, "ASRA-RA-2025", 72, "h", "ACH084"),
    ("Xarelto 2.5 mg", {}, "ASRA-RA-2025", 24, "h", "ACH083"),
    ("rivaroxaban 20", {}, "ASRA-RA-2025", 72, "h", "ACH084"),
    ("Xarelto", {}, "ASRA-RA-2025", None, None, "ACH083"),
    ("Eliquis 5 mg", {}, "ASRA-RA-2025", 72, "h", "ACH082"),
    ("Eliquis 2.5 mg", {"indication": "VTE prophylaxis"}, "ASRA-RA-2025", 36, "h", "ACH081"),
    ("Eliquis 2.5 mg", {"indication": "atrial fibrillation"}, "ASRA-RA-2025", 72, "h", "ACH082"),
    ("Eliquis 2.5 mg", {}, "ASRA-RA-2025", None, None, "ACH081"),
    ("fondaparinux 2.5 mg", {}, "ASRA-RA-2025", 36, "h", "ACH099"),
    ("Arixtra 7.5", {}, "ASRA-RA-2025", None, None, None),
    ("heparin 5000 units SC", {}, "ASRA-RA-2025", 4, "h", "ACH094"),
    ("enoxaparin 40 mg", {"renal": "30"}, "ASRA-RA-2025", 12, "h", "ACH097"),
    ("enoxaparin 40 mg", {"renal": "29"}, "ESAIC-2022", 24, "h", "ACH126"),
    ("enoxaparin 80 mg", {"renal": "29"}, "ESAIC-2022", 48, "h", "ACH127"),
    ("enoxaparin 50 mg", {"renal": "80"}, "ASRA-RA-2025", None, None, None),
    ("prasugrel 10 mg", {}, "ASRA-IPM-2018", 7, "d", "ACH026"),
    ("Brilinta 90", {}, "ASRA-IPM-2018", 5, "d", "ACH029"),
]  # fmt: skip


@pytest.mark.parametrize(("drug", "more", "guideline", "low", "unit", "row"), FROM_THE_NAME)
def test_a_dose_in_the_name_decides(
    cursor: Cursor,
    drug: str,
    more: dict[str, str],
    guideline: str,
    low: float | None,
    unit: str | None,
    row: str | None,
) -> None:
    found = one(cursor, guideline, **{"drug": drug, "procedure": "ILESI_L", "renal": "80", **more})
    assert (found["hold_min"], found["hold_unit"], found["row_id"]) == (low, unit, row)


@pytest.mark.parametrize("renal", ["30", "80"])
def test_a_guideline_that_speaks_of_poor_kidneys_only_says_nothing_of_others(
    cursor: Cursor, renal: str
) -> None:
    (found,) = ask(cursor, {"drug": "enoxaparin 40 mg", "procedure": "ILESI_L", "renal": renal})
    assert {a["guideline"] for a in found} == {"ASRA-IPM-2018", "ASRA-RA-2025"}


@pytest.mark.parametrize("drug", ["Aggrenox", "aspirin/dipyridamole", "Asasantin Retard"])
def test_aspirin_with_dipyridamole_follows_the_aspirin_rule(cursor: Cursor, drug: str) -> None:
    found = one(
        cursor, "ASRA-IPM-2018", drug=drug, procedure="SCS_IMPLANT", indication="secondary prevention"
    )
    assert (found["row_id"], found["decision"], found["hold_min"]) == ("ACH004", "shared", 6)
    assert "by aspirin" in found["why"]
    alone = one(cursor, "ASRA-IPM-2018", drug="dipyridamole", procedure="SCS_IMPLANT")
    assert (alone["row_id"], alone["hold_min"]) == ("ACH016", 2)


def test_an_interval_of_two_numbers_gives_both_times(cursor: Cursor) -> None:
    found = one(
        cursor,
        "ASRA-IPM-2018",
        drug="prasugrel",
        procedure="SCS_IMPLANT",
        last_dose="2026-11-18T08:00",
        procedure_at="2026-11-24T08:00",
    )
    assert f"{found['stop_at']:%Y-%m-%d}" == "2026-11-17"
    assert f"{found['earliest_procedure_at']:%Y-%m-%d}" == "2026-11-25"
    assert "by the longer one stop at 2026-11-14 08:00" in found["why"]
    assert "by the longer one not before 2026-11-28 08:00" in found["why"]
    assert "planned too early" in found["why"]


def test_every_answer_carries_the_prescriber_step(cursor: Cursor) -> None:
    drugs = ["warfarin", "apixaban", "aspirin", "cilostazol", "dabigatran"]
    answers = ask(cursor, *[{"drug": drug, "procedure": "ILESI_L"} for drug in drugs])
    assert all("prescriber" in answer["do"] for found in answers for answer in found)


def test_poor_kidneys_with_dabigatran_are_warned_of(cursor: Cursor) -> None:
    found = one(cursor, "ASRA-RA-2025", drug="dabigatran 150 mg", procedure="ILESI_L", renal="29")
    assert found["decision"] is None and "avoid neuraxial puncture" in found["why"]


@pytest.mark.parametrize(
    ("dose", "hold"),
    [
        ("2.5 mg", 36),
        ("2,5 mg", 36),  # a decimal comma is not five milligrams
        ("2.5mg bid", 36),
        ("2.5 mg PO twice a day", 36),
        ("2500 mcg", 36),
        ("0.0025 g", 36),
        ("2.5", 36),
        ("5 mg", 72),
        ("10 mg BID", 72),
        ("2 x 2.5 mg", None),  # one dose of two tablets, or two doses
        ("2.5-5 mg", None),
        ("-2.5 mg", None),
        ("0", None),
        ("1 tablet", None),
        ("low 5-10 mg", None),
    ],
)
def test_a_dose_is_read_whole_or_not_at_all(cursor: Cursor, dose: str, hold: float | None) -> None:
    cells = {"drug": "apixaban", "procedure": "ILESI_L", "indication": "prophylaxis", "dose": dose}
    found = one(cursor, "ASRA-RA-2025", **cells)
    assert found["hold_min"] == hold
    assert ("was not read" in found["why"]) == (hold is None)


def test_a_day_without_a_time_is_read_on_the_careful_side(cursor: Cursor) -> None:
    """The last dose may have been late that day; the procedure may be early for the stop, late for the restart."""
    cells = {"drug": "rivaroxaban", "procedure": "ILESI_L"}
    found = one(cursor, "ASRA-IPM-2018", **cells, last_dose="2026-11-20", procedure_at="2026-11-25")
    assert [found[name].isoformat() for name in ("stop_at", "restart_at", "earliest_procedure_at")] == [
        "2026-11-22T00:00:00",
        "2026-11-27T00:00:00",
        "2026-11-24T00:00:00",
    ]
    assert "has no time of day" in found["why"]


@pytest.mark.parametrize("text", ["2026-11-20T08:00Z", "2026-11-20T08:00+01:00", "20/11/2026 08:00"])
def test_a_time_with_a_zone_is_not_a_local_time(cursor: Cursor, text: str) -> None:
    found = one(cursor, "ASRA-IPM-2018", drug="rivaroxaban", procedure="ILESI_L", last_dose=text)
    assert found["earliest_procedure_at"] is None and "not a local time" in found["why"]


@pytest.mark.parametrize("word", ["unknown", "?", "-1", "nan"])
def test_bleeding_modifiers_that_are_not_known_are_said(cursor: Cursor, word: str) -> None:
    found = one(cursor, "ASRA-IPM-2018", drug="warfarin", procedure="SIJ_INJ", bleeding_modifiers=word)
    assert found["effective_class"] == "low" and "class is one higher" in found["why"]


@pytest.mark.parametrize(("renal", "read"), [("45,5", True), ("0", False), ("301", False), ("300", True)])
def test_a_clearance_that_is_not_possible_is_not_read(cursor: Cursor, renal: str, read: bool) -> None:
    found = one(cursor, "PAUSE-2019", drug="dabigatran", procedure="ILESI_L", renal=renal)
    assert (found["hold_min"] is not None) == read


def test_a_medicine_put_on_the_skin_is_said(cursor: Cursor) -> None:
    found = one(cursor, "ASRA-IPM-2018", drug="diclofenac gel", procedure="SCS_IMPLANT")
    assert "put on the skin" in found["why"]


@pytest.mark.parametrize(
    ("drug", "procedure", "decision", "row"),
    [
        ("ibuprofen", "ILESI_C", "shared", "ACH128"),
        ("naproxen", "SGB", "shared", "ACH128"),
        ("ibuprofen", "ILESI_L", "no_stop", "ACH014"),
        ("celecoxib", "SGB", "no_stop", "ACH129"),
        ("ibuprofen", "TFESI_C", "no_stop", "ACH014"),
    ],
)
def test_an_nsaid_before_a_cervical_epidural_or_stellate_block_is_a_shared_decision(
    cursor: Cursor, drug: str, procedure: str, decision: str, row: str
) -> None:
    """The intermediate class says no stop, but not for these two procedures."""
    found = ask(cursor, {"drug": drug, "procedure": procedure})[0]
    own = next(answer for answer in found if answer["guideline"] == "ASRA-IPM-2018")
    assert (own["decision"], own["row_id"]) == (decision, row)
