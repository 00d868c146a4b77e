"""Several programs at one file, and one that is killed: nothing finished is lost, no half action is seen."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from pain_tui.errors import StoreError
from pain_tui.patients import room
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
