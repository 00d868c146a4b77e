"""A full disk, a read-only folder, a drive that vanishes: a clear sentence, the old file intact, nothing told wrong."""

import ctypes
import os
import random
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from pain_tui.errors import StoreError
from pain_tui.patients import backup, edit, room
from pain_tui.patients.patient_file import PatientFile
from tests.cli.program import run
from tests.patients import clinic

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX drives and limits")
MOUNT = shutil.which("mount")
BALLAST = 3_000_000


@pytest.fixture
def drive(tmp_path: Path) -> Iterator[Path]:
    """A small drive of its own, where the test may mount one."""
    folder = tmp_path / "drive"
    folder.mkdir()
    may = MOUNT is not None and hasattr(os, "geteuid") and os.geteuid() == 0
    if (
        not may
        or subprocess.run(
            [str(MOUNT), "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(folder)],
            capture_output=True,
            check=False,
        ).returncode
    ):
        pytest.skip("a drive of one's own cannot be mounted here")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=False, capture_output=True)


def _start(path: Path) -> PatientFile:
    file = clinic.new(path)
    edit.apply(file, [edit.Change("person", "add", "P-0", None, {"fictional": True})], **_BY)
    return file


_BY = {"actor": clinic.WHO, "at": clinic.AT}


def _big(number: int, count: int = 20) -> list[edit.Change]:
    """Medicines whose names do not shrink."""
    draw = random.Random(number)
    return [
        edit.Change("medication", "add", "P-0", None, {"drug": f"m{number}-{draw.randbytes(1500).hex()}"})
        for _ in range(count)
    ]


def _there(file: PatientFile) -> tuple[int, int]:
    with file.attached() as cursor:
        assert file.breaks(cursor) == []
        row = cursor.execute(
            "SELECT (SELECT count(*) FROM clinic.main.medication), "
            "(SELECT count(*) FROM clinic.main.audit WHERE action = 'medication.add')"
        ).fetchone()
    return (int(row[0]), int(row[1])) if row else (0, 0)


def test_on_a_full_disk_what_is_told_is_what_is_there(drive: Path) -> None:
    """Saved means saved and refused means not saved, also when the disk fills up in the middle of it."""
    path, ballast = drive / "clinic.duckdb", drive / "ballast"
    ballast.write_bytes(bytes(BALLAST))
    said: list[str] = []
    saved = 0
    with _start(path) as file:
        file.on_notice = said.append
        with pytest.raises(room.DiskFull, match="the disk is full or gone. What was saved before is intact"):
            for number in range(1000):
                saved += len(edit.apply(file, _big(number), **_BY))
        assert _there(file) == (saved, saved)
    assert saved
    with clinic.open_again(path, on_notice=said.append) as file:  # it can be read while the disk is full
        assert _there(file) == (saved, saved)
    ballast.unlink()
    with clinic.open_again(path) as file:
        assert backup.verify(file).is_whole
        saved += len(edit.apply(file, _big(5000), **_BY))
        assert _there(file) == (saved, saved)


def test_an_import_that_does_not_fit_leaves_the_file_as_it_was(drive: Path) -> None:
    path = drive / "clinic.duckdb"
    with _start(path) as file:
        before = backup.verify(file).rows
        people = [{"person": f"B-{n}", "fictional": True} for n in range(2000)]
        names = [
            {"person": p["person"], "family": random.Random(str(p)).randbytes(4000).hex()} for p in people
        ]
        with pytest.raises(StoreError, match="disk is full"):
            clinic.bring(file, {"person": people, "person_name": names})
        assert {k: v for k, v in backup.verify(file).rows.items() if k != "audit"} == {
            k: v for k, v in before.items() if k != "audit"
        }
    with clinic.open_again(path) as file:
        assert backup.verify(file).is_whole


def test_a_backup_that_does_not_fit_is_refused_and_leaves_no_half_copy(drive: Path, tmp_path: Path) -> None:
    path = tmp_path / "clinic.duckdb"
    with _start(path) as file:
        (drive / "ballast").write_bytes(bytes(12 * 2**20 - 100_000))
        with pytest.raises(StoreError):
            backup.backup(file, drive / "copy.duckdb", **_BY)
        assert not (drive / "copy.duckdb").exists()
        assert file.verify_audit() == []


def test_a_read_only_drive_can_be_read_and_says_that_it_cannot_be_written(drive: Path) -> None:
    path = drive / "clinic.duckdb"
    _start(path).close()
    subprocess.run([str(MOUNT), "-o", "remount,ro", str(drive)], check=True)
    with clinic.open_again(path) as file:
        assert _there(file) == (0, 0)
        with pytest.raises(StoreError, match="permission denied, or its folder is read-only"):
            edit.apply(file, _big(1), **_BY)


def test_a_drive_that_vanishes_is_one_sentence_and_no_empty_file_takes_the_place(drive: Path) -> None:
    """DuckDB would make a new, empty database at a path that is not there any more."""
    path = drive / "clinic.duckdb"
    with _start(path) as file:
        subprocess.run(["umount", "-l", str(drive)], check=True)
        for write in (False, True):
            with pytest.raises(StoreError, match="is gone: it was moved, or its drive"), file.attached(write):
                pass
        assert list(drive.iterdir()) == []


def test_a_folder_that_was_moved_away_and_comes_back(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    with _start(folder / "clinic.duckdb") as file:
        folder.rename(tmp_path / "elsewhere")
        with pytest.raises(StoreError, match="is gone"):
            edit.apply(file, _big(1), **_BY)
        (tmp_path / "elsewhere").rename(folder)
        assert len(edit.apply(file, _big(1), **_BY)) == 20
        assert _there(file) == (20, 20)


_STALE = """
    #define _GNU_SOURCE
    #include <errno.h>
    #include <stdlib.h>
    #include <unistd.h>
    #include <dlfcn.h>
    static int gone(void) { const char *flag = getenv("DRIVE_GONE"); return flag && access(flag, F_OK) == 0; }
    ssize_t pwrite(int fd, const void *b, size_t n, off_t o) {
        static ssize_t (*real)(int, const void *, size_t, off_t);
        if (!real) real = dlsym(RTLD_NEXT, "pwrite");
        if (gone()) { errno = ESTALE; return -1; }
        return real(fd, b, n, o);
    }
    ssize_t pwrite64(int fd, const void *b, size_t n, off_t o) { return pwrite(fd, b, n, o); }
    ssize_t write(int fd, const void *b, size_t n) {
        static ssize_t (*real)(int, const void *, size_t);
        if (!real) real = dlsym(RTLD_NEXT, "write");
        if (fd > 2 && gone()) { errno = ESTALE; return -1; }
        return real(fd, b, n);
    }
    int fsync(int fd) {
        static int (*real)(int);
        if (!real) real = dlsym(RTLD_NEXT, "fsync");
        if (gone()) { errno = ESTALE; return -1; }
        return real(fd);
    }
"""
_EDITS = """
    import sys
    from pathlib import Path
    from pain_tui.errors import StoreError
    from pain_tui.patients import crypt, edit
    from tests.patients import clinic
    flag = Path(sys.argv[2])
    said = []
    with clinic.open_again(Path(sys.argv[1]), knowledge=False, on_notice=said.append) as file:
        def add(name):
            change = edit.Change("medication", "add", "P-0", None, {"drug": name})
            return edit.apply(file, [change], actor="a", at=clinic.AT)
        add("before")
        flag.touch()
        try:
            add("while gone")
        except StoreError as error:
            print("refused", error.message)
        else:
            print("saved")
        flag.unlink()
"""


def test_a_network_drive_that_goes_stale_in_the_middle(tmp_path: Path) -> None:
    """Every write of the process fails with ESTALE, as on a network drive whose server went away."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None or not sys.platform.startswith("linux"):
        pytest.skip("needs a C compiler and LD_PRELOAD")
    (tmp_path / "stale.c").write_text(textwrap.dedent(_STALE))
    library, flag = tmp_path / "stale.so", tmp_path / "gone"
    subprocess.run(
        [compiler, "-shared", "-fPIC", "-o", str(library), str(tmp_path / "stale.c"), "-ldl"],
        check=True,
        capture_output=True,
    )
    assert ctypes.CDLL(str(library))
    path = tmp_path / "clinic.duckdb"
    _start(path).close()
    ended = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(_EDITS), str(path), str(flag)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "LD_PRELOAD": str(library), "DRIVE_GONE": str(flag)},
    )
    assert ended.returncode == 0, ended.stderr
    with clinic.open_again(path) as file, file.attached() as cursor:
        drugs = [
            d for (d,) in cursor.execute("SELECT drug FROM clinic.main.medication ORDER BY 1").fetchall()
        ]
        assert file.breaks(cursor) == []
    assert drugs == (["before", "while gone"] if ended.stdout == "saved\n" else ["before"])
    assert ended.stdout == "saved\n" or "disk is full or gone" in ended.stdout


@pytest.mark.parametrize(
    "words",
    [
        ("backup", "{file}", "{drive}"),
        ("restore", "{file}", "{drive}/r.duckdb"),
        ("export", "{file}", "--deidentify", "--out", "{drive}/tables"),
        ("export", "{file}", "--deidentify", "--out", "{file}"),
        ("export", "{file}", "P-0", "--as", "fhir", "--out", "{drive}/p.json"),
        ("report", "{file}", "P-0", "--out", "{drive}/p.html"),
        ("score", "{file}", "--out", "{drive}/f.parquet"),
        ("sample", "--people", "2", "--out", "{drive}/s.duckdb"),
        ("init", "{drive}/i.duckdb", "--fictional", "--no-encryption"),
    ],
)
def test_a_place_that_cannot_be_written_is_one_sentence(
    drive: Path, tmp_path: Path, words: tuple[str, ...]
) -> None:
    """No verb takes a read-only folder for a bug of its own, and the patient file stays whole."""
    path = tmp_path / "clinic.duckdb"
    with clinic.new(path, passphrase=None) as file:
        clinic.bring(file, clinic.tables(1))
    subprocess.run([str(MOUNT), "-o", "remount,ro", str(drive)], check=True)
    ended = run(*(word.format(file=path, drive=drive) for word in words))
    assert ended.returncode in (3, 4), ended.stderr
    assert (
        ended.stderr.startswith("Error: ")
        and "bug" not in ended.stderr
        and len(ended.stderr.splitlines()) == 2
    )
    with clinic.open_again(path, None) as file:
        assert backup.verify(file).is_whole
