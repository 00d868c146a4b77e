"""Resized at any moment: nothing breaks, identity and footer stay whole, too small says so and comes back."""

import asyncio

import pytest

from pain_tui.tui.app import PainTui
from pain_tui.tui.screens.too_small import TooSmall
from pain_tui.tui.widgets.footer import KeyFooter

from .screen_text import press, running, screen_text, settle, type_in
from .test_trying import Held

WAY = ((100, 30), (72, 20), (80, 24), (40, 8), (120, 40), (99, 24), (200, 60), (80, 23), (1, 1), (120, 40))
PLACES = {
    "patients": (),
    "genotype": ("2",),
    "history": ("3",),
    "lifestyle": ("4",),
    "plan": ("5",),
    "monitor": ("6",),
    "form": ("4", "enter"),
    "medicine": ("3", "n"),
    "sign": ("5", "g"),
    "evidence": ("5", "e"),
    "override": ("5", "o"),
    "warnings": ("5", "w"),
    "palette": ("5", "ctrl+p"),
}


def small(size: tuple[int, int]) -> bool:
    """Below the smallest."""
    return size[0] < 80 or size[1] < 24


async def resize(app: PainTui, pilot, size: tuple[int, int]) -> None:  # type: ignore[no-untyped-def]
    """To a size, and settled."""
    await pilot.resize_terminal(*size)
    await settle(pilot)


@pytest.mark.parametrize("place", PLACES)
async def test_every_place_takes_every_size(place: str) -> None:
    """Through ten sizes and back: the same place, nothing cut, the message while it is too small."""
    async with running() as (app, pilot):
        await press(pilot, *PLACES[place])
        before, stack = screen_text(app), len(app.screen_stack)
        for size in WAY:
            await resize(app, pilot, size)
            text = screen_text(app)
            assert all(len(line) <= size[0] for line in text.splitlines())
            assert isinstance(app.screen, TooSmall) is small(size), (size, app.screen)
        assert len(app.screen_stack) == stack
        assert screen_text(app) == before


async def test_what_is_typed_survives_a_resize() -> None:
    """Half a number in a form stays in its line, also through too small."""
    async with running() as (app, pilot):
        await press(pilot, "4", "enter")
        await type_in(pilot, "1")
        for size in ((80, 24), (60, 10), (120, 40)):
            await resize(app, pilot, size)
        await type_in(pilot, "0")
        assert app.screen.query_one("#value").value == "10"  # type: ignore[attr-defined]


async def test_resized_while_numbers_are_reckoned() -> None:
    """The answer comes after the window changed: it is shown, nothing breaks."""
    held = Held()
    async with running(desk=held) as (app, pilot):
        await press(pilot, "4", "enter")
        await pilot.press("5", "enter")
        assert await asyncio.to_thread(held.begun.wait, 60)
        for size in WAY:
            await pilot.resize_terminal(*size)
        held.let_go.set()
        await settle(pilot)
        assert app.draft is not None and len(app.draft) == 1 and "NOT SAVED" in screen_text(app)


@pytest.mark.parametrize("width", [80, 99, 100, 101, 119, 120, 140])
async def test_no_key_of_the_footer_is_cut(width: int) -> None:
    """Every screen, drawn: the words of the footer are all there, help first, within the width."""
    async with running((width, 30)) as (app, pilot):
        for key in ("", "2", "3", "4", "5", "6"):
            await press(pilot, *key)
            last = screen_text(app).splitlines()[-1]
            footer = app.screen.query_one(KeyFooter)
            entries = footer.entries(width)
            assert entries[0][0].id == "help" and len(last) <= width
            for action, word in entries:
                assert f"{action.shown_key} {word}" in last, (width, key, action.id)
            assert entries[-1][0].id in ("back", "quit") and entries[-2][0].id == "palette"
