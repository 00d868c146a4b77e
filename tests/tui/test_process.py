"""The program as a process: what it imports, what it does without a terminal and when it goes away."""

import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from . import real_clinic

HEAVY = ("sklearn", "scipy", "pandas", "pyarrow")
LATER = ("numpy", "typer", "pydantic", "cryptography", "pain_tui.assess", "pain_tui.forecast")


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One teaching case in a file."""
    return real_clinic.make(tmp_path_factory.mktemp("clinic") / "clinic.duckdb", real_clinic.CASES[:1])


def test_screens_never_import_heavy_libraries(clinic: Path) -> None:
    """A whole visit in a fresh interpreter: list, chart, save; and none of the heavy modules."""
    script = f"""
import asyncio, sys
from pathlib import Path
from pain_tui.tui.app import PainTui
from pain_tui.tui.desk import Desk
desk = Desk(Path({str(clinic)!r}), actor="test")
desk.open()
async def visit():
    app = PainTui(desk, watch_terminal=False)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        for key in ("enter", "5", "e", "escape", "3", "4", "6"):
            await pilot.press(key)
            while app.background.busy("chart"): await asyncio.sleep(0.05)
            await pilot.pause()
asyncio.run(visit())
print([name for name in {HEAVY!r} if name in sys.modules])
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=300, check=True
    )
    assert done.stdout.strip() == "[]"


def test_list_is_read_before_knowledge_and_numpy_are_loaded(clinic: Path) -> None:
    """The first list needs neither the knowledge tables nor numpy nor the command-line library."""
    script = f"""
import sys
from pathlib import Path
from pain_tui.tui.desk import Desk
desk = Desk(Path({str(clinic)!r}), actor="test")
desk.open()
rows = desk.clinic().rows
assert rows and desk.file._full is None
import pain_tui.tui.app, pain_tui.tui.screens.patients
print([name for name in {LATER!r} if name in sys.modules])
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout.strip() == "[]"


def test_without_a_terminal_the_list_is_printed(clinic: Path) -> None:
    """A pipe gets text and exit code 0."""
    done = subprocess.run(
        [sys.executable, "-m", "pain_tui", str(clinic)],
        capture_output=True,
        text=True,
        timeout=120,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0
    assert "FIC-T01" in done.stdout and "STOP" in done.stdout
    assert "\x1b" not in done.stdout


@pytest.mark.parametrize("verb", ["history", "lifestyle", "monitor"])
def test_each_screen_has_a_plain_twin(clinic: Path, verb: str) -> None:
    """The verbs print linear text without boxes or colours."""
    done = subprocess.run(
        [sys.executable, "-m", "pain_tui", verb, str(clinic), "FIC-T01"],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert "FICTIONAL" in done.stdout and "FIC-T01" in done.stdout
    assert not set(done.stdout) & set("┌┐└┘│─\x1b")


class Terminal:
    """The program in a pseudo-terminal."""

    def __init__(self, clinic: Path, home: Path, **variables: str) -> None:
        self.master, slave = pty.openpty()
        environment = {**os.environ, "TERM": "xterm-256color", "XDG_STATE_HOME": str(home), **variables}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "pain_tui", str(clinic)],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            env=environment,
        )
        os.close(slave)
        self.seen = b""

    def wait_for(self, words: bytes, seconds: float = 60) -> None:
        """Until the words are painted."""
        until = time.monotonic() + seconds
        while words not in self.seen and time.monotonic() < until:
            if select.select([self.master], [], [], 0.1)[0]:
                try:
                    self.seen += os.read(self.master, 65536)
                except OSError:
                    break
        assert words in self.seen, self.seen[-2000:]


@pytest.fixture
def terminal(clinic: Path, tmp_path: Path) -> Iterator[Terminal]:
    """A started program, ended whatever happens."""
    started = Terminal(clinic, tmp_path)
    yield started
    if started.process.poll() is None:
        os.killpg(started.process.pid, signal.SIGKILL)
        started.process.wait()


@pytest.mark.parametrize("how", ["closed", "hangup"])
def test_ends_when_the_terminal_goes_away(terminal: Terminal, how: str) -> None:
    """A closed window or a hang-up ends the program soon; it does not go on on a dead terminal."""
    terminal.wait_for(b"Patients")
    if how == "closed":
        os.close(terminal.master)
    else:
        os.kill(terminal.process.pid, signal.SIGHUP)
    began = time.monotonic()
    terminal.process.wait(timeout=30)
    # One second on a quiet machine; the rest is room for a busy one.
    assert time.monotonic() - began < 5


def test_a_dumb_terminal_gets_plain_text(clinic: Path, tmp_path: Path) -> None:
    """TERM=dumb cannot draw: the list is printed instead."""
    plain = Terminal(clinic, tmp_path, TERM="dumb")
    plain.wait_for(b"FIC-T01")
    assert plain.process.wait(timeout=60) == 0
    assert b"\x1b[" not in plain.seen
    os.close(plain.master)
