"""Advice in plain sentences: one a code, no more than the row supports, the row's own words always beside it."""

import re

import duckdb
import pytest

from tests.oracle.interactions import read
from tests.safety import whole

Cursor = duckdb.DuckDBPyConnection
TABLES = {
    "drug_conditions": ("action_code", "guidance"),
    "drug_interactions": ("management_code", "management"),
}
ADVICE = {(row["table_name"], row["code"]): row for row in read("advice.csv")}
VERBS = {
    "Add", "Aim", "Ask", "Avoid", "Bring", "Check", "Choose", "Combine", "Correct", "Defer", "Do", "Give", "Halve",
    "Have", "Hold", "Keep", "Limit", "Lower", "Make", "Mind", "Offer", "Plan", "Prescribe", "Reassess", "See", "Start",
    "Take", "Talk", "Tell", "Test", "Treat", "Use", "Wait", "Watch", "Weigh",
}  # fmt: skip
NOT_VERBS = {
    "If they are combined",
    "They may be combined",
    "A low dose may",
    "No routine",
    "No action",
    "When clonidine",
}


def _told(cursor: Cursor) -> dict[str, str]:
    return dict(cursor.execute("SELECT row_id, advice FROM knowledge.advice_told").fetchall())


def test_every_code_of_both_tables_has_one_sentence() -> None:
    for table, (code, _) in TABLES.items():
        assert {row[code] for row in read(f"{table}.csv")} == {c for t, c in ADVICE if t == table}
    assert len(ADVICE) == len(read("advice.csv"))


@pytest.mark.parametrize("key", sorted(ADVICE))
def test_a_sentence_begins_with_what_to_do_and_is_one_sentence(key: tuple[str, str]) -> None:
    sentence = ADVICE[key]["sentence"]
    assert sentence.endswith(".") and sentence.count(".") == 1 and "_" not in sentence
    assert sentence.split()[0].rstrip(",") in VERBS or any(sentence.startswith(start) for start in NOT_VERBS)
    # a number of days or mg stands in the row, not in the code's sentence, but where every row of the code says it
    assert not re.search(r"\d", sentence) or ADVICE[key]["code"] in {
        "AVOID_14D", "HOLD_SEROTONERGIC", "CHOOSE_NON_PRODRUG", "AVOID_IN_OLDER", "SEPARATE_2H", "HOLD_METFORMIN_48H",
        "INTERVAL_12_WEEKS",
    }  # fmt: skip
    assert not re.search(r"\btaper\b|\bnow\b", sentence, re.I)


def test_the_words_of_the_row_are_always_told(cursor: Cursor) -> None:
    """Beside the sentence, or alone where they disagree with it or were not checked; only a repeat is left out."""
    told = _told(cursor)
    for table, (code, words) in TABLES.items():
        for row in read(f"{table}.csv"):
            advice, own = ADVICE[table, row[code]], row[words].rstrip(".")
            alone = row["row_id"] in advice["not_for"].split("|") or row["sureness"] == "unchecked"
            source = f"The source says: {own}."
            if alone:
                assert told[row["row_id"]] == source
            elif row[words] in advice["same_as"].split("|"):
                assert told[row["row_id"]] == advice["sentence"]
            else:
                assert told[row["row_id"]] == f"{advice['sentence']} {source}"


def test_rows_named_as_exceptions_carry_the_code() -> None:
    rows = {row["row_id"]: row for table in TABLES for row in read(f"{table}.csv")}
    for (table, code), advice in ADVICE.items():
        for row in filter(None, advice["not_for"].split("|")):
            assert rows[row][TABLES[table][0]] == code


@pytest.mark.parametrize(
    ("drugs", "rule", "do"),
    [
        (
            ["methadone", "haloperidol"],
            "DDI108",
            "Avoid this combination, or do an ECG. The source says: ECG before, 30 d, after change; correct K/Mg.",
        ),
        (["celecoxib", "lisinopril"], "DDI190", "creatinine, K 1-2 weeks."),
        (["methadone", "fluconazole"], "DDI125", "The source says: ECG."),
        (
            ["sertraline", "phenelzine"],
            "DDI081",
            "Do not combine them: it is contraindicated. The source says: 14 d;",
        ),
    ],
)
def test_a_finding_says_what_to_do_in_a_sentence(
    cursor: Cursor, drugs: list[str], rule: str, do: str
) -> None:
    medications = [{"drug": drug, "status": "active"} for drug in drugs]
    found = whole.assess(cursor, {"person": {"person": "p", "age": 50}, "medications": medications})
    (told,) = whole.of(found, rule)
    assert do in told["do"]
    assert "management" not in told["do"]
