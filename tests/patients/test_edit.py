"""Corrections are versions; a stale one is refused with both values; deciding is stored with who and when."""

import json
from pathlib import Path
from typing import Any

import pytest

from pain_tui.errors import InputError, StoreError
from pain_tui.patients import decide, edit
from pain_tui.patients.edit import Change
from pain_tui.patients.file import PatientFile
from tests.patients import clinic

BY = {"actor": clinic.WHO, "at": clinic.AT}


@pytest.fixture
def file(tmp_path: Path) -> PatientFile:
    made = clinic.new(tmp_path / "clinic.duckdb", passphrase=None)
    clinic.bring(made, clinic.tables())
    return made


def _tramadol(file: PatientFile) -> str:
    return edit.apply(
        file, [Change("medication", "add", "P-0", None, {"drug": "tramadol", "dose": 50.0})], **BY
    )[0]


def _versions(file: PatientFile, table: str, row_id: str, *columns: str) -> list[tuple[Any, ...]]:
    with file.attached() as cursor:
        return [tuple(row[c] for c in columns) for row in edit.history(cursor, table, "P-0", row_id)]


def test_a_correction_is_a_new_version_and_the_old_one_stays(file: PatientFile) -> None:
    row_id = _tramadol(file)
    edit.apply(file, [Change("medication", "correct", "P-0", row_id, {"dose": 100.0}, "typing error")], **BY)
    assert _versions(
        file, "medication", row_id, "version", "dose", "is_current", "change_reason", "entered_by"
    ) == [
        (1, 50.0, False, None, clinic.WHO),
        (2, 100.0, True, "typing error", clinic.WHO),
    ]


def test_a_retired_row_is_gone_and_its_history_stays(file: PatientFile) -> None:
    row_id = _tramadol(file)
    edit.apply(file, [Change("medication", "retire", "P-0", row_id, reason="other patient")], **BY)
    assert _versions(file, "medication", row_id, "version", "is_current") == [(1, False), (2, False)]
    with pytest.raises(InputError, match="no current row"):
        edit.apply(file, [Change("medication", "correct", "P-0", row_id, {"dose": 1.0})], **BY)


def test_a_value_can_become_unknown(file: PatientFile) -> None:
    row_id = _tramadol(file)
    edit.apply(file, [Change("medication", "correct", "P-0", row_id, {"dose": None})], **BY)
    assert _versions(file, "medication", row_id, "dose")[-1] == (None,)


def test_people_and_names_are_corrected_like_rows(file: PatientFile) -> None:
    changes = [
        Change("person", "correct", "P-0", None, {"sex": "male"}),
        Change("person_name", "correct", "P-0", None, {"family": "Newname"}),
    ]
    assert edit.apply(file, changes, **BY) == ["P-0", "P-0"]
    assert _versions(file, "person", "P-0", "sex", "is_current") == [("female", False), ("male", True)]


def test_a_stale_edit_is_refused_with_both_values(file: PatientFile) -> None:
    row_id = _tramadol(file)
    edit.apply(file, [Change("medication", "correct", "P-0", row_id, {"dose": 100.0}, version=1)], **BY)
    with pytest.raises(StoreError, match=r"dose: there now 100\.0, yours 75\.0"):
        edit.apply(file, [Change("medication", "correct", "P-0", row_id, {"dose": 75.0}, version=1)], **BY)
    assert _versions(file, "medication", row_id, "dose") == [(50.0,), (100.0,)]


def test_all_changes_or_none(file: PatientFile) -> None:
    good = Change("medication", "add", "P-0", None, {"drug": "ibuprofen"})
    bad = Change("medication", "add", "P-9", None, {"drug": "ibuprofen"})
    with pytest.raises(InputError, match="no person P-9"):
        edit.apply(file, [good, bad], **BY)
    with file.attached() as cursor:
        assert cursor.execute("SELECT count(*) FROM clinic.main.medication").fetchone() == (0,)
    assert file.verify_audit() == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (Change("medication", "add", "P-0", None, {"colour": "red"}), "no column 'colour'"),
        (Change("medication", "add", "P-0", None, {}), "does not fit"),
        (Change("medication", "add", "P-0", None, {"drug": "x", "dose": "much"}), "does not fit"),
        (Change("person", "add", "P-0", None, {"fictional": True}), "already has person"),
    ],
)
def test_what_does_not_fit_is_refused(file: PatientFile, change: Change, said: str) -> None:
    with pytest.raises(InputError, match=said):
        edit.apply(file, [change], **BY)


@pytest.mark.parametrize(
    "wrong",
    [
        {"table": "audit", "op": "add"},
        {"table": "person", "op": "drop"},
        {"table": "problem", "op": "correct"},
    ],
)
def test_a_change_checks_itself(wrong: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        Change(person="P-0", **wrong)


def test_each_change_is_in_the_audit(file: PatientFile) -> None:
    row_id = _tramadol(file)
    with file.attached() as cursor:
        last = cursor.execute(
            "SELECT action, person, row_id, actor FROM clinic.main.audit ORDER BY seq DESC"
        ).fetchone()
    assert last == ("medication.add", "P-0", row_id, clinic.WHO)


def test_row_ids_are_never_used_twice(file: PatientFile) -> None:
    ids = [_tramadol(file) for _ in range(3)]
    decide.delete_person(file, "P-1", **BY)
    ids += edit.apply(file, [Change("medication", "add", "P-0", None, {"drug": d}) for d in ("a", "b")], **BY)
    assert len(set(ids)) == 5


def test_a_stop_is_overridden_only_with_a_reason(file: PatientFile) -> None:
    with pytest.raises(InputError, match="only with a reason"):
        decide.record_override(file, "P-0", "opioid.benzodiazepine", tier="STOP", **BY)
    made = decide.record_override(
        file, "P-0", "opioid.benzodiazepine", tier="STOP", reason="tapering", inputs={"mme": 50}, **BY
    )
    with file.attached() as cursor:
        row = cursor.execute("SELECT override, reason, inputs, actor FROM clinic.main.override").fetchone()
    assert row == (made, "tapering", '{"mme": 50}', clinic.WHO)


def test_a_plan_keeps_every_state(file: PatientFile) -> None:
    plan = decide.save_plan(file, "P-0", options=["watch", "mbb"], stop_rule="6 weeks", **BY)
    later = {"actor": clinic.WHO, "at": clinic.AT.replace(hour=9)}
    decide.save_plan(file, "P-0", options=["watch"], state="signed", plan=plan, **later)
    latest = decide.latest_plan(file, "P-0")
    assert latest is not None
    assert (latest["plan"], latest["state"], latest["options"]) == (plan, "signed", ["watch"])
    assert decide.latest_plan(file, "P-1") is None


def test_a_plan_saved_over_one_that_was_not_seen_is_refused_with_both(file: PatientFile) -> None:
    decide.save_plan(file, "P-0", options=["watch"], seen=0, **BY)
    decide.save_plan(file, "P-1", options=["watch"], seen=0, **BY)  # of each person by itself
    later = {"actor": "dr-other", "at": clinic.AT.replace(hour=9)}
    decide.save_plan(file, "P-0", options=["mbb"], stop_rule="6 weeks", state="signed", seen=1, **later)
    with pytest.raises(StoreError) as refused:
        decide.save_plan(file, "P-0", options=["tfesi", "watch"], seen=1, **BY)
    said = str(refused.value)
    assert "dr-other (2026-11-24 09:00 UTC)" in said and "There now, signed: mbb, stop rule: 6 weeks" in said
    assert "Yours, draft: tfesi, watch" in said and "Nothing was saved" in said
    latest = decide.latest_plan(file, "P-0")
    assert latest is not None and latest["options"] == ["mbb"]
    decide.save_plan(file, "P-0", options=["tfesi"], seen=2, at=clinic.AT.replace(hour=10), actor="a")
    assert file.verify_audit() == []


def test_a_signed_plan_says_it_was_discussed_and_keeps_what_was_told(file: PatientFile) -> None:
    told = {"watch": {"response": {"p": 0.19, "lo": 0.06, "hi": 0.46}, "extra": None}}
    with pytest.raises(InputError, match="discussed"):
        decide.save_plan(
            file, "P-0", options=["watch"], state="signed", discussed=False, forecasts=told, **BY
        )
    decide.save_plan(file, "P-0", options=["watch"], discussed=False, forecasts=told, **BY)
    with file.attached() as cursor:
        assert cursor.execute("SELECT count(*) FROM clinic.main.ledger").fetchone() == (0,)
    plan = decide.save_plan(
        file, "P-0", options=["watch"], state="signed", discussed=True, forecasts=told,
        versions={"model": "m1"}, **BY,
    )  # fmt: skip
    with file.attached() as cursor:
        option, kept, outcome, state = cursor.execute(
            "SELECT option, forecast, outcome, state FROM clinic.main.ledger"
        ).fetchone()  # type: ignore[misc]
        discussed = cursor.execute("SELECT discussed FROM clinic.main.plan WHERE state = 'signed'").fetchone()
    assert (option, outcome, state, discussed) == ("watch", None, "open", (True,))
    assert json.loads(kept) == {**told["watch"], "plan": plan, "versions": {"model": "m1"}}


def test_only_known_lists_can_be_complete(file: PatientFile) -> None:
    decide.state_list_complete(file, "P-0", "medication", True, **BY)
    with pytest.raises(InputError, match="not a list"):
        decide.state_list_complete(file, "P-0", "observation", True, **BY)


def test_deleting_leaves_nothing_but_the_id_in_the_audit(file: PatientFile) -> None:
    _tramadol(file)
    decide.save_plan(file, "P-0", options=["watch"], **BY)
    decide.state_list_complete(file, "P-0", "medication", True, **BY)
    removed = decide.delete_person(file, "P-0", **BY)
    assert removed["medication"] == 1
    with file.attached() as cursor:
        tables = cursor.execute(
            "SELECT table_name FROM duckdb_columns() "
            "WHERE database_name = 'clinic' AND column_name = 'person'"
        ).fetchall()
        left = {
            table
            for (table,) in tables
            if cursor.execute(f"SELECT count(*) FROM clinic.main.{table} WHERE person = 'P-0'").fetchone()
            != (0,)
        }
    assert left == {"audit"}
    assert file.verify_audit() == []


def test_deleted_content_is_gone_from_the_file_after_a_rewrite(tmp_path: Path) -> None:
    """A plain file shows it: the name is there before, and not after."""
    from pain_tui.patients import backup

    path = tmp_path / "plain.duckdb"
    with clinic.new(path, passphrase=None) as file:
        found = clinic.tables(1, family="Canaryname")
        found["person"].append({"person": "Q", "birth_date": None, "sex": "male", "fictional": True})
        clinic.bring(file, found)
        assert b"Canaryname" in path.read_bytes()
        decide.delete_person(file, "P-0", **BY)
        backup.rewrite(file)
        assert b"Canaryname" not in path.read_bytes()
        with file.attached() as cursor:
            assert cursor.execute("SELECT person FROM clinic.main.person").fetchall() == [("Q",)]
        assert file.verify_audit() == []
