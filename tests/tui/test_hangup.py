"""The terminal goes away in the middle of an edit: the draft is on the disk, the program is gone within a second."""

import os
import select
import signal
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest

from pain_tui.patients.file import open_file
from pain_tui.tui.kept import left_over

from . import real_clinic
from .test_process import Terminal

WITHIN = 1.0  # seconds
TRIES = 3  # on a busy machine a second may be somebody else's


def close(terminal: Terminal) -> None:
    """The window is closed: the other end of the pseudo-terminal is gone."""
    os.close(terminal.master)


def send(number: signal.Signals) -> Callable[[Terminal], None]:
    """A signal to the program."""
    return lambda terminal: os.kill(terminal.process.pid, number)


WAYS: dict[str, tuple[Callable[[Terminal], None], int]] = {
    "closed": (close, 129),
    "hang-up": (send(signal.SIGHUP), 129),
    "terminated": (send(signal.SIGTERM), 143),
}


@pytest.fixture
def clinic(tmp_path: Path) -> Path:
    """One teaching case."""
    return real_clinic.make(tmp_path / "clinic.duckdb", real_clinic.CASES[:1])


@pytest.fixture
def opened() -> Iterator[list[Terminal]]:
    """Whatever was started is ended."""
    held: list[Terminal] = []
    yield held
    for terminal in held:
        if terminal.process.poll() is None:
            os.killpg(terminal.process.pid, signal.SIGKILL)
            terminal.process.wait()


def in_the_middle(clinic: Path, home: Path, opened: list[Terminal]) -> Terminal:
    """A value taken and not saved, and the form of another one open with half a number in it."""
    terminal = Terminal(clinic, home)
    opened.append(terminal)
    terminal.wait_for(b"RIVERMARK")
    for keys, painted in (
        (b"4", b"About this field"),
        (b"\r", b"Measured on"),
        (b"3\r", b"NOT SAVED"),
        (b"\r1", b"Measured on"),
    ):
        terminal.seen = b""
        os.write(terminal.master, keys)
        terminal.wait_for(painted)
    return terminal


@pytest.mark.parametrize("way", WAYS)
def test_the_draft_is_kept_and_the_program_is_gone(
    clinic: Path, tmp_path: Path, opened: list[Terminal], way: str
) -> None:
    """Exit code of a shell, within a second, no child left; the change is offered when the file is opened again."""
    go, code = WAYS[way]
    took = []
    for _ in range(TRIES):
        terminal = in_the_middle(clinic, tmp_path, opened)
        began = time.monotonic()
        go(terminal)
        assert terminal.process.wait(timeout=30) == code
        took.append(time.monotonic() - began)
        found = _left(clinic)
        assert [edit.says for edit in found] == ["average pain 0-10 7 -> 3"]
        if took[-1] < WITHIN:
            break
    assert min(took) < WITHIN, took


def _left(clinic: Path) -> list:  # type: ignore[type-arg]
    """The edits of the draft that is offered, which is then thrown away; nothing of it is in the file."""
    with open_file(clinic, actor="t", at=datetime(2026, 11, 24)) as file:
        with file.attached() as cursor:
            stored = cursor.execute(
                "SELECT count(*) FROM clinic.main.observation WHERE code = 'nrs_average' AND value = 3"
            ).fetchone()
        assert stored == (0,)
        (found,) = left_over(file)
        edits = found.draft.effective()
        found.drop()
    return edits


def test_a_terminal_without_a_size_is_not_painted_for_ever(
    clinic: Path, tmp_path: Path, opened: list[Terminal]
) -> None:
    """A pseudo-terminal that nobody sized took megabytes a second; now the program falls silent once it is drawn."""
    terminal = Terminal(clinic, tmp_path)
    opened.append(terminal)
    terminal.wait_for(b"RIVERMARK")
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if not select.select([terminal.master], [], [], 2)[0]:
            break  # two seconds of silence
        terminal.seen += os.read(terminal.master, 65536)
    else:
        pytest.fail(f"still painting after {len(terminal.seen)} bytes")
    assert len(terminal.seen) < 200_000
