"""The pseudo-terminal of the benchmarks: text without escape codes, times in order, an end that is told."""

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))
pty = pytest.importorskip("pty", reason="needs a pseudo-terminal")
import terminal  # noqa: E402

ECHO = """
import sys, tty, time
tty.setraw(0)
sys.stdout.write("\\x1b[2J\\x1b[1;31mhel\\x1b[0mlo\\x1b]0;title\\x07")
sys.stdout.flush()
while True:
    key = sys.stdin.read(1)
    if key == "q":
        break
    time.sleep(0.05)
    sys.stdout.write("\\x1b[1;1Hgot ")
    sys.stdout.flush()
    time.sleep(0.03)
    sys.stdout.write(key)
    sys.stdout.flush()
"""


def _echo() -> terminal.Terminal:
    return terminal.Terminal([sys.executable, "-u", "-c", ECHO], dict(os.environ))


def test_text_is_read_without_escape_codes() -> None:
    """A word painted in two colours is one word; a window title is no text."""
    with _echo() as running:
        assert running.wait_for("hello") > 0
        assert "title" not in running.text()
        assert running.memory() > 1


def test_a_key_is_timed_from_its_press_to_the_last_byte() -> None:
    """The first byte comes no sooner than it was written, the last one after it."""
    with _echo() as running:
        running.wait_for("hello")
        running.key("x")
        first, last = running.answer()
        assert first >= 0.05
        assert first + 0.02 <= last
        assert running.text() == "got x"


def test_what_never_comes_is_told() -> None:
    """A marker that is not painted, and a program that ended, each end the benchmark with their text."""
    with _echo() as running:
        running.wait_for("hello")
        with pytest.raises(SystemExit, match="never painted 'goodbye'"):
            running.wait_for("goodbye", limit=0.2)
        os.write(running._master, b"q")
        with pytest.raises(SystemExit, match="ended|never painted"):
            running.wait_for("goodbye", limit=5)


def test_a_blink_is_no_answer() -> None:
    """What is reckoned is there when enough was painted after the word that announces it."""
    with _echo() as running:
        running.wait_for("hello")
        running.key("x")
        assert running.wait_after("got ", least=1) >= 0.05
        with pytest.raises(SystemExit, match="painted nothing after 'got '"):
            running.wait_after("got ", least=5, limit=0.2)


def test_a_key_that_brings_nothing() -> None:
    """It ends the benchmark only where an answer must come."""
    with _echo() as running:
        running.wait_for("hello")
        assert running.answer(limit=0.1, quiet=0.05, must=False) == (0.0, 0.0)
        with pytest.raises(SystemExit, match="did not answer"):
            running.answer(limit=0.1, quiet=0.05)
