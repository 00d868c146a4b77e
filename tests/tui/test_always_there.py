"""What never goes: identity, the counts, every open STOP, the line of keys, the line that is selected."""

import importlib
import pkgutil
from threading import Event

import pytest
from textual.command import SearchIcon

from pain_tui.tui import screens
from pain_tui.tui.screens.dialog import Dialog

from .screen_text import SIZES, press, running, screen_text, settle

INSIDE = 76  # columns of a dialog between its frame and padding


def _dialogs() -> list[type[Dialog[object]]]:
    for module in pkgutil.iter_modules(screens.__path__):
        importlib.import_module(f"{screens.__name__}.{module.name}")
    found, left = [], [Dialog]
    while left:
        found.append(left.pop())
        left += found[-1].__subclasses__()
    return found


def test_no_line_of_keys_is_cut() -> None:
    """Each dialog's keys fit its narrowest frame, the way back among them."""
    assert len(_dialogs()) > 10
    for dialog in _dialogs():
        assert len(dialog.keys_text) <= INSIDE, f"{dialog.__name__}: {dialog.keys_text}"


@pytest.mark.parametrize("size", SIZES)
async def test_zoom_keeps_who_and_what_is_open(size: str) -> None:
    """The pane takes the screen between header and footer, and gives it back."""
    async with running(SIZES[size]) as (app, pilot):
        await press(pilot, "5")
        before = screen_text(app).splitlines()
        await press(pilot, "z")
        zoomed = screen_text(app).splitlines()
        assert zoomed[:3] == before[:3]
        assert zoomed[-1] == before[-1]
        assert zoomed[3].startswith("┌─ Plan")
        assert zoomed[-2].startswith("└"), "the pane fills what is between"
        await press(pilot, "z")
        assert screen_text(app).splitlines() == before


async def test_the_selected_line_stays_in_view_when_a_neighbour_grows() -> None:
    """The pane of the field grows with what it says; the list above it shrinks and follows its mark."""
    async with running((80, 24)) as (app, pilot):
        await press(pilot, "4")
        for _ in range(12):
            await press(pilot, "down")
            assert "│>" in screen_text(app)


async def test_who_is_being_opened_is_said_at_once() -> None:
    """A key that seems to do nothing is pressed again."""
    async with running((80, 24)) as (app, pilot):
        read, go_on = app.desk.chart, Event()
        app.desk.chart = lambda *asked: (go_on.wait(20), read(*asked))[1]
        await pilot.press("enter")
        await pilot.pause(0.1)
        said = screen_text(app).splitlines()[2]
        go_on.set()
        await settle(pilot)
        assert "opening FIC-0042 ..." in said
        assert "w next STOP" in said
        assert "opening" not in screen_text(app)


async def test_the_palette_draws_no_picture() -> None:
    """A sign that every font has."""
    async with running((80, 24)) as (app, pilot):
        await pilot.press("ctrl+p")
        await settle(pilot)
        assert app.screen.query_one(SearchIcon).icon.isascii()


async def test_every_stop_is_in_full_on_the_plan() -> None:
    """Whatever the options need: a STOP is read without scrolling."""
    async with running((80, 24)) as (app, pilot):
        await press(pilot, "5")
        shown = screen_text(app)
        stops = [f for f in app.chart.findings if f["tier"] == "STOP"]
        for finding in stops:
            assert finding["say"][:40] in shown
            assert finding["do"][:40] in shown


@pytest.mark.parametrize("width", [80, 90, 99, 100, 105, 110, 119, 120, 140])
async def test_no_row_of_the_list_is_cut(width: int) -> None:
    """The last column is whole at every width."""
    async with running((width, 30)) as (app, _):
        pane = app.screen.pane("patients-list")
        rows = [line.text.rstrip() for line in pane.lines if line.key is not None]
        assert rows
        assert max(map(len, rows)) <= pane.room + 1
        assert len(pane.lines[0].text.rstrip()) <= pane.room + 1
