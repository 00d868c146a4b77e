"""Wrong passphrases are slowed down and end in the audit."""

import datetime as dt
from pathlib import Path

import pytest

from pain_tui.errors import StoreError
from pain_tui.patients import file as patient_file
from pain_tui.patients import passphrase, tries
from tests.patients import clinic


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "clinic.duckdb"
    clinic.new(made).close()
    return made


def _try(path: Path, passphrase: str, second: int) -> patient_file.PatientFile:
    at = clinic.AT + dt.timedelta(seconds=second)
    return patient_file.open_file(path, passphrase=passphrase, actor="guesser", at=at)


def _fail(path: Path, times: int, second: int = 0) -> None:
    for _ in range(times):
        with pytest.raises(StoreError, match="does not open"):
            _try(path, "wrong", second)


@pytest.mark.parametrize(
    ("failures", "pause"), [(0, 0), (4, 0), (5, 2), (6, 4), (12, 256), (13, 300), (999, 300)]
)
def test_each_further_try_doubles_the_pause(failures: int, pause: int) -> None:
    assert tries.pause_after(failures) == pause


def test_even_the_right_passphrase_waits_for_the_pause(path: Path) -> None:
    _fail(path, 5)
    with pytest.raises(StoreError, match="5 wrong passphrases") as refused:
        _try(path, clinic.PASSPHRASE, 1)
    assert refused.value.hint == "Wait 2 seconds, then try again."
    _try(path, clinic.PASSPHRASE, 2).close()


def test_the_tries_are_told_to_the_audit_when_the_file_opens(path: Path) -> None:
    _fail(path, 3)
    with clinic.open_again(path) as file, file.attached() as cursor:
        said = cursor.execute("SELECT action, actor FROM clinic.main.audit ORDER BY seq").fetchall()
        assert file.breaks(cursor) == []
    assert said[1:] == [("unlock_failed", "guesser")] * 3 + [("open", clinic.WHO)]
    assert list(path.parent.glob("*.failed")) == []


def test_a_garbled_note_stops_nobody(path: Path) -> None:
    note = path.with_name("clinic.keys.failed")
    note.write_bytes(b'\xff\x00{"at": 3}\n[]\n{"at": "2026-11-24", "actor": "x"}\n')
    clinic.open_again(path).close()


def test_unlocking_an_open_file(path: Path) -> None:
    """A wrong passphrase at the lock is in the audit at once, and once."""
    with clinic.open_again(path) as file:
        passphrase.confirm(file, clinic.PASSPHRASE, actor="me", at=clinic.AT)
        with pytest.raises(StoreError, match="does not open"):
            passphrase.confirm(file, "wrong", actor="me", at=clinic.AT)
        with file.attached() as cursor:
            last = cursor.execute("SELECT action, actor FROM clinic.main.audit ORDER BY seq DESC").fetchone()
    assert last == ("unlock_failed", "me")
    with clinic.open_again(path) as file, file.attached() as cursor:
        said = cursor.execute("SELECT action FROM clinic.main.audit ORDER BY seq").fetchall()
    assert [action for (action,) in said].count("unlock_failed") == 1


def test_wrong_tries_at_the_lock_slow_down_and_ending_the_program_does_not_help(path: Path) -> None:
    with clinic.open_again(path) as file:
        for _ in range(5):
            with pytest.raises(StoreError, match="does not open"):
                passphrase.confirm(file, "wrong", actor="me", at=clinic.AT)
        with pytest.raises(StoreError, match="5 wrong passphrases"):
            passphrase.confirm(file, clinic.PASSPHRASE, actor="me", at=clinic.AT + dt.timedelta(seconds=1))
    with pytest.raises(StoreError, match="5 wrong passphrases"):
        _try(path, clinic.PASSPHRASE, 1)
    with _try(path, clinic.PASSPHRASE, 2) as file:
        assert file.verify_audit() == []


def test_another_files_keys_do_not_unlock(path: Path) -> None:
    """Keys that somebody put in place of the right ones open the lock no more than the file."""
    from pain_tui.patients import crypt

    other = path.with_name("other.duckdb")
    clinic.new(other, passphrase="an intruder").close()
    with clinic.open_again(path) as file:
        right = crypt.keys_path(path).read_bytes()
        crypt.keys_path(path).write_bytes(crypt.keys_path(other).read_bytes())
        with pytest.raises(StoreError):
            passphrase.confirm(file, "an intruder", actor="me", at=clinic.AT)
        crypt.keys_path(path).write_bytes(right)
