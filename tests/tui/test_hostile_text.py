"""Names and notes that try to drive the terminal, the mark-up, a page or a file name."""

import datetime as dt
import os
import threading
from pathlib import Path

import pytest

from pain_tui.patients import file as patient_file
from pain_tui.report.writing import file_name
from pain_tui.tui.desk import Desk
from pain_tui.tui.widgets.lines import Piece

from . import real_clinic
from .screen_text import press, running, screen_text

ESCAPE = "\x1b]0;owned\x07\x1b[2J\x1b[31m"
NAME = f"[bold]Z{ESCAPE}[/]]<script>alert(1)</script>\u202e"
PERSON = "FIC-T01"
UNSAFE = {"\x1b", "\x07", "\u202e", "\x9b"}


@pytest.fixture
def clinic(tmp_path: Path) -> Path:
    """A file in which somebody has put such texts past every reader."""
    path = real_clinic.make(tmp_path / "clinic.duckdb")
    with (
        patient_file.open_file(path, actor="a", at=dt.datetime(2026, 11, 24), knowledge=False) as opened,
        opened.attached(write=True) as cursor,
    ):
        cursor.execute("UPDATE clinic.main.person_name SET family = ? WHERE person = ?", [NAME, PERSON])
        cursor.execute(
            "UPDATE clinic.main.problem SET text = ?, site = ? WHERE person = ?", [NAME, NAME, PERSON]
        )
        cursor.execute("UPDATE clinic.main.medication SET drug = ? || drug WHERE person = ?", [NAME, PERSON])
    return path


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
async def test_no_text_drives_the_terminal_or_the_markup(clinic: Path, size: tuple[int, int]) -> None:
    desk = Desk(clinic, actor="test")
    desk.open()
    try:
        async with running(size, desk) as (app, pilot):
            seen = screen_text(app)
            assert "[bold]" in seen or size[0] < 100
            app.screen.query_one("#patients-list").select(PERSON)  # type: ignore[attr-defined]
            for keys in (
                ("enter",),
                ("3",),
                ("4",),
                ("5",),
                ("h",),
                ("escape",),
                ("p",),
                ("escape",),
                ("6",),
            ):
                await press(pilot, *keys)
                app.notify(NAME)
                await pilot.pause()
                seen += screen_text(app)
            assert not UNSAFE & set(seen)
            assert "\x1b" not in app.title + app.sub_title + str(app.screen.title)
    finally:
        desk.close()


def test_a_piece_of_a_line_is_one_line_of_printable_text() -> None:
    assert Piece("a\x1b[2Jb\nc\td").text == "a\N{REPLACEMENT CHARACTER}[2Jb c d"
    assert Piece("Zoë 李 10\xa0mg").text == "Zoë 李 10\xa0mg"


@pytest.mark.parametrize("person", ["../../etc/passwd", "/etc/passwd", "..", "C:\\x", "a\0b", "x" * 500, ""])
def test_a_proposed_file_name_stays_in_its_folder(person: str) -> None:
    name = file_name(person, "2026-11-24", "html")
    assert Path(name).name == name and not name.startswith(".") and len(name) < 100
    assert (Path("/home") / name).resolve().parent == Path("/home")


async def test_no_name_in_a_window_title_or_a_process_argument(tmp_path: Path) -> None:
    """What other users of the workstation can see of a visit: the title of the window, the list of processes."""
    path = real_clinic.make(tmp_path / "clinic.duckdb", real_clinic.CASES[:1])
    with (
        patient_file.open_file(path, actor="a", at=dt.datetime(2026, 11, 24), knowledge=False) as opened,
        opened.attached() as cursor,
    ):
        named = cursor.execute("SELECT family, given FROM clinic.main.person_name").fetchall()
    names = [part.casefold() for row in named for part in row if part] + [PERSON.casefold()]
    desk = Desk(path, actor="test")
    desk.open()
    seen = []
    written: list[str] = []
    try:
        async with running((120, 40), desk) as (app, pilot):
            app._driver.write = written.append  # type: ignore[union-attr,method-assign]
            for key in ("enter", "5", "a", "3", "h", "escape", "6"):
                await press(pilot, key)
                titles = [app.title, app.sub_title, str(app.screen.title), str(app.screen.sub_title)]
                seen += [*titles, *(thread.name for thread in threading.enumerate())]
                seen += [child.read_text(errors="replace") for child in _command_lines()]
    finally:
        desk.close()
    assert len(names) > 1 and not [name for name in names if name in " ".join(seen).casefold()]
    titled = "".join(written)
    assert "\x1b]0;" not in titled and "\x1b]2;" not in titled  # the terminal's own title is never set


def _command_lines() -> list[Path]:
    """Of this process and those it started."""
    own = Path(f"/proc/{os.getpid()}/task")
    if not own.is_dir():
        return []
    children = [number for task in own.iterdir() for number in (task / "children").read_text().split()]
    return [path for number in ("self", *children) if (path := Path(f"/proc/{number}/cmdline")).exists()]
