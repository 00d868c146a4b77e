"""Several programs at one file, and one that is killed: nothing finished is lost, no half action is seen."""

import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from pain_tui.errors import StoreError
from pain_tui.patients import migrate, room
from pain_tui.patients.file import PatientFile
from tests.patients import clinic

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="uses POSIX signals")

_START = """
    import sys, datetime as dt
    from pathlib import Path
    from pain_tui.patients import crypt, edit, room
    from pain_tui.patients import file as patient_file
    whole = room.open_room
    room.open_room = lambda *a, **k: whole(*a, **{**k, "knowledge": False})
    AT = dt.datetime(2026, 11, 24, 8)
    file = patient_file.open_file(Path(sys.argv[1]), passphrase=sys.argv[2], actor="other", at=AT)
"""


def _start(script: str, path: Path) -> subprocess.Popen[str]:
    program = textwrap.dedent(_START) + textwrap.dedent(script)
    return subprocess.Popen(
        [sys.executable, "-c", program, str(path), clinic.PASSPHRASE], stdout=subprocess.PIPE, text=True
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "clinic.duckdb"
    with clinic.new(made) as file:
        clinic.bring(file, clinic.tables())
    return made


_HOLD = """
    import time
    with file.attached(write=True) as cursor:
        print("held", flush=True)
        time.sleep(float({seconds}))
"""


def test_a_busy_file_is_waited_for(path: Path) -> None:
    other = _start(_HOLD.format(seconds=1.0), path)
    assert other.stdout is not None
    assert other.stdout.readline() == "held\n"
    with clinic.open_again(path) as file:
        file.audit("view", "P-0", at=clinic.AT)
    assert other.wait(30) == 0


def test_a_file_that_stays_busy_is_one_sentence(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room.attach, "__kwdefaults__", {**(room.attach.__kwdefaults__ or {}), "wait": 0.3})
    other = _start(_HOLD.format(seconds=60), path)
    assert other.stdout is not None
    assert other.stdout.readline() == "held\n"
    try:
        with pytest.raises(
            StoreError, match=rf"in use by another program \(process {other.pid}\)"
        ) as refused:
            clinic.open_again(path)
        assert refused.value.exit_code == 4
    finally:
        other.kill()
        other.wait()
    clinic.open_again(path).close()


_ADD = """
    for number in range(int({times})):
        change = edit.Change("medication", "add", "P-0", None, {{"drug": f"{name}{{number}}"}})
        made = edit.apply(file, [change], actor="other", at=AT)
        print(made[0], flush=True)
"""


def test_three_writers_lose_nothing(path: Path) -> None:
    others = [_start(_ADD.format(times=8, name=name), path) for name in "abc"]
    said = [other.communicate(timeout=120)[0].split() for other in others]
    assert [other.returncode for other in others] == [0, 0, 0]
    with clinic.open_again(path) as file, file.attached() as cursor:
        drugs = {d for (d,) in cursor.execute("SELECT drug FROM clinic.main.medication").fetchall()}
        assert drugs == {f"{name}{number}" for name in "abc" for number in range(8)}
        assert file.breaks(cursor) == []
    ids = [row_id for each in said for row_id in each]
    assert len(set(ids)) == 24


def _kill_while_writing(path: Path, kills: int) -> None:
    finished: set[str] = set()
    for round_number in range(kills):
        other = _start(_ADD.format(times=1000, name=f"k{round_number}-"), path)
        assert other.stdout is not None
        finished.add(other.stdout.readline().strip())  # it is writing now
        time.sleep(0.002 * (round_number % 25))
        os.kill(other.pid, signal.SIGKILL)
        finished |= set(other.stdout.read().split())
        other.wait()
        with clinic.open_again(path) as file, file.attached() as cursor:
            there = {r for (r,) in cursor.execute("SELECT row_id FROM clinic.main.medication").fetchall()}
            assert finished <= there, f"round {round_number}: lost {finished - there}"
            assert file.breaks(cursor) == []
            noted = cursor.execute(
                "SELECT count(*) FROM clinic.main.audit WHERE action = 'medication.add'"
            ).fetchone()
            assert noted == (len(there),)


def test_a_kill_loses_nothing_that_was_finished(path: Path) -> None:
    _kill_while_writing(path, 4)


@pytest.mark.slow
def test_many_kills_lose_nothing_that_was_finished(path: Path) -> None:
    _kill_while_writing(path, 60)


_IMPORT = """
    from pain_tui.patients import intake
    print("start", flush=True)
    rows = [{{"person": f"K-{{n}}", "fictional": True, "sex": "female"}} for n in range(3000)]
    more = [{{"person": f"K-{{n}}", "code": "nrs_average", "value": 3.0}} for n in range(3000)]
    found = {{"person": rows, "observation": more}}
    intake.bring_in(file, found, source="k", reader="csv", rows_read=6000, actor="o", at=AT)
    print("done", flush=True)
"""


@pytest.mark.parametrize("wait", [0.05, 0.3])
def test_an_import_that_is_killed_is_all_or_nothing(path: Path, wait: float) -> None:
    other = _start(_IMPORT.format(), path)
    assert other.stdout is not None
    assert other.stdout.readline() == "start\n"
    time.sleep(wait)
    other.kill()
    done = "done" in other.stdout.read()
    other.wait()
    with clinic.open_again(path) as file, file.attached() as cursor:
        counts = cursor.execute(
            "SELECT (SELECT count(*) FROM clinic.main.person WHERE starts_with(person, 'K-')), "
            "(SELECT count(*) FROM clinic.main.observation WHERE starts_with(person, 'K-'))"
        ).fetchone()
        assert counts in {(0, 0), (3000, 3000)}
        assert counts == (3000, 3000) or not done
        assert file.breaks(cursor) == []


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may write everywhere"
)
def test_a_read_only_folder_is_one_sentence_and_can_be_read(path: Path) -> None:
    path.chmod(0o400)
    path.parent.chmod(0o500)
    try:
        with clinic.open_again(path) as file:
            with file.attached() as cursor:
                assert cursor.execute("SELECT count(*) FROM clinic.main.person").fetchone() == (3,)
            with pytest.raises(StoreError, match="permission denied"):
                file.audit("view", at=clinic.AT)
    finally:
        path.parent.chmod(0o700)
        path.chmod(0o600)


_CARE = """
    from pain_tui.patients import backup, decide, passphrase
    print("start", flush=True)
    for number in range(1000):
        words = ["{first}", "{second}"][number % 2]
        person = f"X-{{number}}"
        passphrase.change(file, words, None, actor="o", at=AT)
        backup.backup(file, Path(sys.argv[1]).with_name(f"copy-{{number}}.duckdb"), actor="o", at=AT)
        change = edit.Change("person", "add", person, None, {{"fictional": True}})
        edit.apply(file, [change], actor="o", at=AT)
        decide.save_plan(file, person, options=["watch"], state="signed", actor="o", at=AT)
        print(person, flush=True)
        if number % 3 == 2:
            decide.delete_person(file, person, actor="o", at=AT)
            backup.rewrite(file)
"""
_SECOND = "the other one"


def _kill_while_caring(folder: Path, kills: int) -> None:
    """Passphrase change, backup, signing, deleting and rewriting, killed at any moment."""
    for number in range(kills):
        path = folder / f"round-{number}" / "clinic.duckdb"
        path.parent.mkdir()
        clinic.new(path).close()
        other = _start(_CARE.format(first=clinic.PASSPHRASE, second=_SECOND), path)
        assert other.stdout is not None
        assert other.stdout.readline() == "start\n"
        time.sleep(0.02 + 0.017 * (number * 7 % 60))
        os.kill(other.pid, signal.SIGKILL)
        signed = set(other.stdout.read().split())
        other.wait()
        with _opens_with_either(path) as file, file.attached() as cursor:
            assert file.breaks(cursor) == []
            plans = {p for (p,) in cursor.execute("SELECT person FROM clinic.main.plan").fetchall()}
            deleted = "SELECT person FROM clinic.main.audit WHERE action = 'delete'"
            gone = {p for (p,) in cursor.execute(deleted).fetchall()}
        assert signed <= plans | gone
        for copy in path.parent.glob("copy-*.duckdb"):
            with _opens_with_either(copy) as whole:
                assert whole.verify_audit() == []


def _opens_with_either(path: Path) -> PatientFile:
    """With the old or the new passphrase: a kill must not leave neither."""
    try:
        return clinic.open_again(path)
    except StoreError as refused:
        assert "does not open" in refused.message
        return clinic.open_again(path, _SECOND)


def test_a_kill_while_caring_for_the_file_leaves_it_whole(tmp_path: Path) -> None:
    _kill_while_caring(tmp_path, 3)


@pytest.mark.slow
def test_many_kills_while_caring_for_the_file_leave_it_whole(tmp_path: Path) -> None:
    _kill_while_caring(tmp_path, 80)


def test_a_kill_in_a_migration_leaves_the_old_or_the_new_file(path: Path, tmp_path: Path) -> None:
    """The migration is one transaction; the automatic copy was compared before it began."""
    folder = tmp_path / "migrations"
    shutil.copytree(migrate.FOLDER, folder)
    (folder / "0099_next.sql").write_text(
        "ALTER TABLE visit ADD COLUMN room VARCHAR; "
        "CREATE TABLE slow AS SELECT range AS i FROM range(3000000);"
    )
    program = textwrap.dedent(f"""
        import sys
        from pathlib import Path
        from pain_tui.patients import migrate
        migrate.FOLDER = Path({str(folder)!r})
        print("start", flush=True)
    """) + textwrap.dedent(_START)
    for number in range(3):
        other = subprocess.Popen(
            [sys.executable, "-c", program, str(path), clinic.PASSPHRASE], stdout=subprocess.PIPE, text=True
        )
        assert other.stdout is not None
        assert other.stdout.readline() == "start\n"
        time.sleep(0.3 + 0.15 * number)
        other.kill()
        other.wait()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(migrate, "FOLDER", folder)
            with clinic.open_again(path, note_opening=False) as file, file.attached() as cursor:
                assert cursor.execute("SELECT count(*), count(room) FROM clinic.main.visit").fetchone() == (
                    3,
                    0,
                )
                assert file.meta["schema_version"] == "99"
                assert file.breaks(cursor) == []
