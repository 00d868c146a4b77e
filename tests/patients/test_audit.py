"""The audit chain finds one changed, removed, swapped or cut row, and says which."""

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from pain_tui.errors import StoreError
from pain_tui.patients import audit, crypt
from pain_tui.patients.file import PatientFile
from tests.patients import clinic


@pytest.fixture
def file(tmp_path: Path) -> PatientFile:
    made = clinic.new(tmp_path / "clinic.duckdb")
    for number in range(6):
        made.audit("view", f"P-{number}", {"screen": number}, at=clinic.AT + dt.timedelta(seconds=number))
    return made


def test_an_untouched_chain_is_whole(file: PatientFile) -> None:
    assert file.verify_audit() == []


def _tamper(file: PatientFile, *statements: str) -> list[audit.Break]:
    """Change the audit behind the program's back, leaving the keys file as it was."""
    anchored = crypt.keys_path(file.path).read_bytes()
    with file.attached(write=True) as cursor:
        for statement in statements:
            cursor.execute(statement)
    crypt.keys_path(file.path).write_bytes(anchored)
    return file.verify_audit()


@pytest.mark.parametrize("column", ["actor", "action", "person", "row_id", "detail_hash"])
def test_a_changed_row_is_named(file: PatientFile, column: str) -> None:
    found = _tamper(file, f"UPDATE clinic.main.audit SET {column} = 'someone' WHERE seq = 4")
    assert [(b.seq, b.kind) for b in found] == [(4, "changed")]


def test_a_changed_time_is_named(file: PatientFile) -> None:
    found = _tamper(
        file, """UPDATE clinic.main.audit SET "at" = "at" + INTERVAL 1 MICROSECOND WHERE seq = 2"""
    )
    assert [(b.seq, b.kind) for b in found] == [(2, "changed")]


@pytest.mark.parametrize("seq", [1, 3, 6])
def test_a_removed_row_is_named(file: PatientFile, seq: int) -> None:
    found = _tamper(file, f"DELETE FROM clinic.main.audit WHERE seq = {seq}")
    assert [(b.seq, b.kind) for b in found] == [(seq, "removed")]
    assert found[0].say == f"Row {seq} was removed."


def test_removed_and_renumbered_rows_are_noticed(file: PatientFile) -> None:
    found = _tamper(
        file,
        "DELETE FROM clinic.main.audit WHERE seq = 3",
        "UPDATE clinic.main.audit SET seq = seq - 1 WHERE seq > 3",
    )
    assert found[0].seq == 3
    assert any(b.kind == "tail" for b in found)


def test_swapped_rows_are_noticed(file: PatientFile) -> None:
    found = _tamper(
        file, "UPDATE clinic.main.audit SET seq = CASE seq WHEN 3 THEN 4 ELSE 3 END WHERE seq IN (3, 4)"
    )
    assert [b.seq for b in found if b.kind == "changed"] == [3, 4]


def test_a_row_put_in_twice_is_noticed(file: PatientFile) -> None:
    found = _tamper(file, "INSERT INTO clinic.main.audit SELECT * FROM clinic.main.audit WHERE seq = 3")
    assert [(b.seq, b.kind) for b in found] == [(3, "order")]


@pytest.mark.parametrize("kept", [0, 1, 6])
def test_a_cut_tail_is_noticed(file: PatientFile, kept: int) -> None:
    found = _tamper(file, f"DELETE FROM clinic.main.audit WHERE seq > {kept}")
    assert [(b.seq, b.kind) for b in found] == [(kept + 1, "tail")]


def test_a_chain_written_anew_is_noticed(file: PatientFile) -> None:
    """Somebody with the key rebuilds a consistent chain without one row; the anchor does not fit it."""
    anchored = crypt.keys_path(file.path).read_bytes()
    with file.attached(write=True) as cursor:
        rows = cursor.execute(
            'SELECT "at", actor, action, person FROM clinic.main.audit ORDER BY seq'
        ).fetchall()
        cursor.execute("DELETE FROM clinic.main.audit")
        for at, actor, action, person in [*rows[:3], *rows[4:], rows[4]]:
            audit.append(cursor, [audit.Entry(action, person)], actor=actor, at=at, file_id=file.file_id)
    crypt.keys_path(file.path).write_bytes(anchored)
    assert [b.kind for b in file.verify_audit()] == ["anchor"]


def test_an_anchor_written_without_the_key_is_noticed(file: PatientFile) -> None:
    keys = crypt.read(file.path)
    assert keys.anchor is not None
    crypt.write(file.path, crypt.Keys(keys.file_id, keys.wraps, {**keys.anchor, "seq": 1}))
    with pytest.raises(StoreError, match="anchor .* was changed"):
        file.verify_audit()


def test_rows_hold_no_value(file: PatientFile) -> None:
    """Only ids, the action and a hash: deleting a person leaves nothing of the person."""
    with file.attached() as cursor:
        row = cursor.execute("SELECT detail_hash FROM clinic.main.audit WHERE seq = 2").fetchone()
        columns = [c[0] for c in cursor.execute("FROM clinic.main.audit LIMIT 0").description or []]
    assert row is not None
    assert len(row[0]) == 64
    assert tuple(columns) == audit.COLUMNS


def test_the_anchor_follows_each_piece_of_writing(file: PatientFile) -> None:
    stored: Callable[[], int] = lambda: json.loads(crypt.keys_path(file.path).read_text())["anchor"]["seq"]  # noqa: E731
    before = stored()
    file.audit("export", at=clinic.AT)
    assert stored() == before + 1
