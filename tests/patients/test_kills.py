"""`kill -9` at random moments of every kind of action: no file that does not open, nothing finished lost, nothing half."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.patients.kill_actions import KINDS

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="forks, and uses POSIX signals")


def _kill(folder: Path, rounds: int, *words: str, before: str = "") -> dict[str, Any]:
    program = f"{before}\nimport sys\nfrom tests.patients import kills\nkills.main()"
    ended = subprocess.run(
        [sys.executable, "-c", program, "--rounds", str(rounds), "--folder", str(folder), *words],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.stdout, ended.stderr
    return dict(json.loads(ended.stdout))


def test_a_kill_in_each_kind_of_action_loses_nothing(tmp_path: Path) -> None:
    """The part of the long run that fits into every test run: one kill a kind."""
    told = _kill(tmp_path, len(KINDS))
    assert told["kills"] == len(KINDS)
    assert told["in the middle of an action"] >= len(KINDS) // 2
    assert told["faults"] == []


def test_an_action_in_two_transactions_would_be_seen(tmp_path: Path) -> None:
    """The look afterwards can fail: with two transactions a kill between them leaves half an action."""
    halves = """
import time
from tests.patients import clinic, kill_actions
def two(file, n):
    one = kill_actions.edit.Change("medication", "add", "P-1", None, {"drug": f"s{n}"})
    kill_actions.edit.apply(file, [one], **kill_actions.WHO)
    time.sleep(1.5)
    kill_actions.decide.record_override(file, "P-1", f"s{n}", tier="CAUTION", kind="acknowledge", **kill_actions.WHO)
    kill_actions.decide.save_plan(file, "P-1", options=["watch"], note=f"s{n}", **kill_actions.WHO)
kill_actions.ACTIONS["save"] = two
"""
    told = _kill(tmp_path, 4, "--only", "save", before=halves)
    assert any("half: save" in fault for fault in told["faults"])


@pytest.mark.slow
def test_five_hundred_kills_lose_nothing(tmp_path: Path) -> None:
    """The figure of docs/security.md."""
    told = _kill(tmp_path, 500)
    assert told["kills"] == 500
    assert told["in the middle of an action"] >= 350
    assert told["faults"] == []
