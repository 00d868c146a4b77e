"""A backup is a pair that opens and equals the original; restoring keeps what it replaces."""

from pathlib import Path

import pytest

from pain_tui.errors import StoreError
from pain_tui.patients import backup, crypt, decide, passphrase, restore
from tests.patients import clinic

BY = {"actor": clinic.WHO, "at": clinic.AT}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "clinic.duckdb"
    with clinic.new(made) as file:
        clinic.bring(file, clinic.tables())
    return made


def _rows(path: Path) -> dict[str, int]:
    with clinic.open_again(path, note_opening=False) as file:
        health = backup.verify(file)
    assert health.is_whole
    return health.rows


def test_a_backup_equals_the_original(path: Path, tmp_path: Path) -> None:
    with clinic.open_again(path) as file:
        made = backup.backup(file, tmp_path / "copy.duckdb", **BY)
    assert _rows(made) == _rows(path)
    assert crypt.keys_path(made).exists()
    assert made.stat().st_mode & 0o077 == 0


def test_a_backup_into_a_folder_is_named_by_its_time(path: Path, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    with clinic.open_again(path) as file:
        assert backup.backup(file, folder, **BY).name == "clinic-20261124-080000.duckdb"
        with pytest.raises(StoreError, match="already there"):
            backup.backup(file, folder, **BY)


def test_restore_brings_back_what_was_deleted_and_keeps_the_newer_file(path: Path, tmp_path: Path) -> None:
    with clinic.open_again(path) as file:
        made = backup.backup(file, tmp_path / "copy.duckdb", **BY)
        decide.delete_person(file, "P-0", **BY)
    kept = restore.restore(made, path, passphrase=clinic.PASSPHRASE, key_file=None, **BY)
    assert kept is not None
    assert _rows(path)["person"] == 3
    assert _rows(kept)["person"] == 2


def test_a_damaged_backup_is_refused_and_nothing_is_replaced(path: Path, tmp_path: Path) -> None:
    with clinic.open_again(path) as file:
        made = backup.backup(file, tmp_path / "copy.duckdb", **BY)
    made.write_bytes(made.read_bytes()[:300_000])
    before = path.read_bytes()
    with pytest.raises(StoreError, match="damaged"):
        restore.restore(made, path, passphrase=clinic.PASSPHRASE, key_file=None, **BY)
    assert path.read_bytes() == before


def test_a_backup_opens_with_the_passphrase_of_its_day(path: Path, tmp_path: Path) -> None:
    with clinic.open_again(path) as file:
        made = backup.backup(file, tmp_path / "copy.duckdb", **BY)
        passphrase.change(file, "a different one", None, **BY)
    clinic.open_again(made).close()


def test_a_plain_file_is_backed_up_without_keys(tmp_path: Path) -> None:
    with clinic.new(tmp_path / "plain.duckdb", passphrase=None) as file:
        made = backup.backup(file, tmp_path / "copy.duckdb", **BY)
    assert not crypt.keys_path(made).exists()
    clinic.open_again(made, None).close()
