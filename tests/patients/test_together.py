"""Two screens, a `score` and an `import` at one file at once: nothing lost, no error that a wait would have avoided."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from pain_tui.patients import room, turn
from tests.patients import clinic

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the turn is POSIX only")


def _together(folder: Path, seconds: int) -> dict[str, Any]:
    words = ["-m", "tests.patients.together", "--seconds", str(seconds), "--folder", str(folder)]
    ended = subprocess.run([sys.executable, *words], capture_output=True, text=True, check=False)
    assert ended.stdout, ended.stderr
    return dict(json.loads(ended.stdout))


@pytest.mark.slow
def test_a_minute_of_two_screens_a_score_and_an_import(tmp_path: Path) -> None:
    told = _together(tmp_path, 60)
    assert told["errors"] == []
    assert told["lost updates"] == 0
    assert told["audit"] == []
    assert told["saved"] > 2
    assert all(each.get("done", 1) for each in told["processes"])


_READS = """
import sys, time, datetime as dt
from pathlib import Path
from tests.patients import clinic
from pain_tui.patients import file as patient_file
file = clinic.open_again(Path(sys.argv[1]), None, note_opening=False, knowledge=False)
print("ready", flush=True)
until = time.time() + 6
while time.time() < until:
    with file.attached() as cursor:
        time.sleep(0.05)
"""


def test_a_writer_is_not_overtaken_by_readers_for_ever(tmp_path: Path) -> None:
    """Three programs read all the time, overlapping: without turns there is hardly a moment to write."""
    path = tmp_path / "clinic.duckdb"
    clinic.new(path, passphrase=None).close()
    readers = [
        subprocess.Popen([sys.executable, "-c", _READS, str(path)], stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    try:
        for reader in readers:
            assert reader.stdout is not None
            assert reader.stdout.readline() == "ready\n"
        longest = 0.0
        with clinic.open_again(path, None) as file:
            for _ in range(5):
                began = time.monotonic()
                file.audit("view", "P-0", at=clinic.AT)
                longest = max(longest, time.monotonic() - began)
            assert file.verify_audit() == []
    finally:
        for reader in readers:
            reader.kill()
            reader.wait()
    assert longest < 3, longest


def test_waiting_is_said_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a moment, in one sentence with the process that holds the file."""
    path = tmp_path / "clinic.duckdb"
    clinic.new(path, passphrase=None).close()
    monkeypatch.setattr(room, "_SAY_SO_AFTER", 0.1)
    hold = (
        "import duckdb, sys, time; c = duckdb.connect(sys.argv[1]); print('held', flush=True); time.sleep(1)"
    )
    other = subprocess.Popen([sys.executable, "-c", hold, str(path)], stdout=subprocess.PIPE, text=True)
    assert other.stdout is not None
    assert other.stdout.readline() == "held\n"
    said: list[str] = []
    with clinic.open_again(path, None, on_notice=said.append) as file, file.attached():
        pass
    assert said == [f"Waiting for another program that uses clinic.duckdb (process {other.pid}) ..."]
    other.wait()


def test_a_folder_without_turns_still_opens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The turn is a courtesy; a drive without locks or a folder that cannot be written is no reason to stop."""
    path = tmp_path / "clinic.duckdb"
    clinic.new(path, passphrase=None).close()
    monkeypatch.setattr(turn, "_open", lambda _: None)
    with clinic.open_again(path, None) as file:
        file.audit("view", "P-0", at=clinic.AT)
        assert file.verify_audit() == []
