"""The whole program as plain lines, and the plain twins of what stands beside the plan."""

import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pain_tui.cli import plain
from pain_tui.tui.desk import Desk
from tests.tui import real_clinic

from .program import run

PERSON = "FIC-T01"
BOXES = set("┌┐└┘│─├┤\x1b")


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One teaching case."""
    return real_clinic.make(tmp_path_factory.mktemp("plain") / "clinic.duckdb", real_clinic.CASES[:1])


@pytest.fixture
def desk(clinic: Path) -> Iterator[Desk]:
    """The file, open."""
    opened = Desk(clinic, actor="test")
    opened.open()
    yield opened
    opened.close()


def said(desk: Desk, capsys: pytest.CaptureFixture[str], *lines: str) -> str:
    """What is printed for these lines."""
    plain.session(desk, lines)
    out = capsys.readouterr()
    return out.out + out.err


def test_every_screen_is_reached_by_lines(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    """List, person, six screens, warnings, limits, note, case against, walk, audit: linear, FICTIONAL, no boxes."""
    text = said(
        desk,
        capsys,
        PERSON,
        "2",
        "3",
        "4",
        "5",
        "6",
        "w",
        "l",
        "h",
        "c rfa_lumbar_mb",
        "k",
        "y",
        "b",
        "q",
        "nobody-after-q",
    )
    for words in (
        "WARNINGS", "CYP2D6", "Total opioid dose", "PHQ-9 total", "Watch, no new treatment", "forecasts kept", "LIMITS",
        "Goals: none recorded", "What it adds", "Step 4 of 4, plan", "when (UTC)",
    ):  # fmt: skip
        assert words in text, words
    assert not BOXES & set(text) and "FICTIONAL" in text and "nobody-after-q" not in text


def test_what_cannot_be_answered_says_what_can(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    """A screen without a person, a person who is not there, help: no traceback, and it goes on."""
    text = said(desk, capsys, "5", "nobody", "?", PERSON, "c nothing")
    assert "Open a person first" in text and "nobody" in text and "opens the person" in text
    assert "c OPTION, one of: " in text


def test_at_a_terminal_it_asks_and_leaves(clinic: Path, tmp_path: Path) -> None:
    """A real pseudo-terminal: the prompt, a person, a screen, q; nothing moves the cursor."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "pain_tui", "open", str(clinic), "--plain"], stdin=slave, stdout=slave, stderr=slave,
        env={**os.environ, "XDG_STATE_HOME": str(tmp_path), "TERM": "xterm"}, start_new_session=True,
    )  # fmt: skip
    os.close(slave)
    seen = b""
    for awaited, typed in ((b"q to leave: ", PERSON), (b"q leave: ", "6"), (b"forecasts kept", "q")):
        until = time.monotonic() + 60
        while awaited not in seen and time.monotonic() < until:
            if select.select([master], [], [], 0.2)[0]:
                seen += os.read(master, 65536)
        assert awaited in seen, seen[-500:]
        os.write(master, f"{typed}\n".encode())
    try:
        assert process.wait(timeout=30) == 0
    finally:
        process.kill()
        os.close(master)
    assert b"\x1b[" not in seen.replace(b"\x1b[?2004h", b"").replace(b"\x1b[?2004l", b"")


def test_piped_plain_is_the_list_and_asks_nothing(clinic: Path) -> None:
    """No prompt without a terminal."""
    done = run("open", str(clinic), "--plain", stdin="5\n")
    assert done.returncode == 0 and PERSON in done.stdout and "leave" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    "words", [("note",), ("walk",), ("against", "rfa_lumbar_mb")], ids=lambda words: words[0]
)
def test_the_twins_beside_the_plan(clinic: Path, words: tuple[str, ...]) -> None:
    """Linear, marked, without boxes."""
    verb, *rest = words
    done = run(verb, str(clinic), PERSON, *rest)
    assert done.returncode == 0, done.stderr
    assert "FICTIONAL" in done.stdout and not BOXES & set(done.stdout)


def test_a_case_against_what_is_not_listed_names_what_is(clinic: Path) -> None:
    """Exit 2 and the options."""
    done = run("against", str(clinic), PERSON, "magic")
    assert done.returncode == 2 and "rfa_lumbar_mb" in done.stderr


def test_both_sides_of_a_dispute_stand_in_the_evidence(desk: Desk) -> None:
    """`e` on a disputed option: for and against, each with its rows."""
    from pain_tui.tui.panes.against import both_sides
    from pain_tui.tui.widgets.lines import plain as as_text

    chart = desk.chart(PERSON)
    options = {one["option"]: one for one in (chart.problem or {})["options"]}
    text = as_text(both_sides(chart, options["rfa_lumbar_mb"], 90))
    assert text.index("For") < text.index("[r188") < text.index("Against") < text.index("[r030]")
    assert both_sides(chart, options["exercise_pt"], 90) == []
