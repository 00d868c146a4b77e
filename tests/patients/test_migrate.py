"""Every older file of ours opens: frozen files of each schema version, and several programs that open one at once.

`frozen/version-N.duckdb.gz` was written by the program of that time: three people, one row corrected, a list
stated complete, an override, a plan, diaries on two scales. `version-N-encrypted` is a backup of the same,
encrypted, written by that program too (with blocks of 16 KiB, so that it is small enough to be kept here); its
passphrase and its recovery code stand below, and nobody in it is real.
"""

import gzip
import subprocess
import sys
from pathlib import Path

import pytest

from pain_tui.errors import StoreError
from pain_tui.patients import migrate, turn
from pain_tui.patients.file import PatientFile
from tests.patients import clinic

FROZEN = Path(__file__).parent / "frozen"
VERSIONS = range(1, migrate.latest())


def thaw(version: int, folder: Path) -> Path:
    """A copy of one frozen file."""
    path = folder / "clinic.duckdb"
    path.write_bytes(gzip.decompress((FROZEN / f"version-{version}.duckdb.gz").read_bytes()))
    return path


OLD_PASSPHRASE = "fictional passphrase of old"
OLD_RECOVERY_CODES = {
    1: "M253-W2TA-73DH-QKGY-NLDG-JH5L-DO6C-V5QS",
    2: "AC7X-23WI-ACE2-2OZO-RKOD-YXZX-H3Y3-YQYR",
}


def thaw_encrypted(version: int, folder: Path) -> Path:
    """A copy of one frozen encrypted file and its keys."""
    for end in ("duckdb", "keys"):
        frozen = FROZEN / f"version-{version}-encrypted.{end}.gz"
        (folder / f"clinic.{end}").write_bytes(gzip.decompress(frozen.read_bytes()))
    return folder / "clinic.duckdb"


def _counts(file: PatientFile) -> dict[str, int]:
    with file.attached() as cursor:
        tables = [
            name
            for (name,) in cursor.execute(
                "SELECT table_name FROM duckdb_tables() WHERE database_name = 'clinic'"
            ).fetchall()
        ]
        return {
            name: cursor.execute(f"SELECT count(*) FROM clinic.main.{name}").fetchall()[0][0]
            for name in tables
        }


def _columns(file: PatientFile) -> list[tuple[str, str, str]]:
    with file.attached() as cursor:
        return cursor.execute(
            "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE database_name = 'clinic' "
            "ORDER BY ALL"
        ).fetchall()


def test_each_older_version_is_kept() -> None:
    """A new migration needs a frozen file of the version before it."""
    endings = (".duckdb.gz", "-encrypted.duckdb.gz", "-encrypted.keys.gz")
    assert {file.name for file in FROZEN.iterdir()} == {
        f"version-{n}{end}" for n in VERSIONS for end in endings
    }


@pytest.mark.parametrize("secret", [None, OLD_PASSPHRASE], ids=["plain", "encrypted"])
@pytest.mark.parametrize("version", VERSIONS)
def test_an_older_file_is_brought_up_to_date_with_everything_in_it(
    version: int, secret: str | None, tmp_path: Path
) -> None:
    path = thaw_encrypted(version, tmp_path) if secret else thaw(version, tmp_path)
    with clinic.open_again(path, secret, knowledge=False) as file:
        assert file.meta["schema_version"] == str(migrate.latest())
        counts, columns = _counts(file), _columns(file)
        assert {counts[name] for name in ("person", "person_name", "medication", "genotype_call")} == {3}
        assert (counts["observation"], counts["diary"], counts["plan"], counts["override"]) == (7, 6, 1, 1)
        assert file.verify_audit() == []
        with file.attached() as cursor:
            actions = [
                a for (a,) in cursor.execute("SELECT action FROM clinic.main.audit ORDER BY seq").fetchall()
            ]
            scales = cursor.execute(
                "SELECT nrs, intensity, scale FROM clinic.main.diary WHERE person = 'FIC-1' ORDER BY ALL"
            ).fetchall()
    assert "migrate" in actions and "observation.correct" in actions
    assert scales == [(4.0, None, None), (None, 45.0, "0-100")]
    with clinic.new(tmp_path / "new.duckdb", passphrase=None) as fresh:
        assert columns == _columns(fresh)
    copy = tmp_path / f"clinic.version-{version}.duckdb"
    assert copy.exists() and copy.with_suffix(".keys").exists() == bool(secret)
    assert not list(tmp_path.glob("*.migrating"))


@pytest.mark.parametrize("version", VERSIONS)
def test_an_older_encrypted_file_stays_unreadable_and_is_refused_as_a_new_one_is(
    version: int, tmp_path: Path
) -> None:
    """Before, in and after the migration: no name in any file, the same sentences, the old recovery code."""
    path = thaw_encrypted(version, tmp_path)
    with pytest.raises(StoreError, match="does not open"):
        clinic.open_again(path, "another passphrase", knowledge=False)
    before = path.read_bytes()
    with clinic.open_again(path, OLD_RECOVERY_CODES[version], knowledge=False) as file:
        with file.attached() as cursor:
            names = cursor.execute("SELECT DISTINCT family FROM clinic.main.person_name").fetchall()
        assert names == [("Canaryname",)] and file.verify_audit() == []
    copy = tmp_path / f"clinic.version-{version}.duckdb"
    for each in tmp_path.iterdir():
        assert b"anaryname" not in each.read_bytes().lower(), each.name
    path.write_bytes(before)  # the old database beside keys that know of more
    with pytest.raises(StoreError, match="has lost its last"):
        clinic.open_again(path, OLD_PASSPHRASE, knowledge=False)
    damaged = bytearray(before)
    for place in range(20_000, len(damaged), 4_000):
        damaged[place] ^= 1
    copy.write_bytes(damaged)
    with pytest.raises(StoreError, match="was changed after it was written"):
        clinic.open_again(copy, OLD_PASSPHRASE, knowledge=False)


_OPEN = """
import datetime as dt, sys
from pathlib import Path
from pain_tui.patients import file as patient_file
print("ready", flush=True)
sys.stdin.readline()
opened = patient_file.open_file(Path(sys.argv[1]), actor=sys.argv[2], at=dt.datetime(2026, 11, 24), knowledge=False)
with opened.attached(write=True):
    opened.audit("view", "FIC-1", at=dt.datetime(2026, 11, 24))
print(opened.meta["schema_version"])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="without locks the second one tries again")
def test_windows_that_open_an_older_file_at_once_all_get_it(tmp_path: Path) -> None:
    path = thaw(1, tmp_path)
    windows = [
        subprocess.Popen(
            [sys.executable, "-c", _OPEN, str(path), f"window-{number}"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for number in range(4)
    ]  # fmt: skip
    for window in windows:
        assert window.stdout is not None and window.stdout.readline() == "ready\n"
    for window in windows:
        assert window.stdin is not None
        window.stdin.write("go\n")
        window.stdin.flush()
    for window in windows:
        said, error = window.communicate(timeout=120)
        assert (window.returncode, said.strip()) == (0, str(migrate.latest())), error
    with clinic.open_again(path, None, knowledge=False) as file:
        assert file.verify_audit() == []
        with file.attached() as cursor:
            done = cursor.execute(
                "SELECT count(*) FILTER (action = 'migrate'), count(*) FILTER (action = 'view') "
                "FROM clinic.main.audit"
            ).fetchone()
    assert done == (1, 4)
    assert [copy.name for copy in tmp_path.glob("clinic.version*")] == ["clinic.version-1.duckdb"]
    assert not list(tmp_path.glob("*.new")) and not list(tmp_path.glob("*.migrating"))


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX locks")
def test_who_waits_is_told_and_does_not_wait_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turn, "LONGEST_WAIT", 1.3)
    path, said = tmp_path / "clinic.duckdb", list[str]()
    with turn.alone(path, said.append):
        assert said == []
        with turn.alone(path, said.append):  # the lock is held by another descriptor, as by another program
            assert len(said) == 1 and "up to date" in said[0]
    with turn.alone(path, said.append):
        assert len(said) == 1
