"""Each screen and dialog as text at both sizes, against stored files."""

import pytest

from .screen_text import SIZES, check, press, running, type_in

SCREENS = {
    "patients": (),
    "genotype": ("2",),
    "history": ("3",),
    "lifestyle": ("4",),
    "plan": ("5",),
    "monitor": ("6",),
}


WIDTHS = {**SIZES, "100x30": (100, 30)}


@pytest.mark.parametrize("size", WIDTHS)
@pytest.mark.parametrize("name", SCREENS)
async def test_screen(name: str, size: str) -> None:
    """The six screens."""
    async with running(WIDTHS[size]) as (app, pilot):
        await press(pilot, *SCREENS[name])
        check(app, f"{name}-{size}")


STATES = {
    "warnings": ("5", "w"),
    "limits": ("5", "l"),
    "evidence-option": ("5", "e"),
    "evidence-warning": ("5", "tab", "e"),
    "evidence-gene": ("2", "e"),
    "positions": ("2", "down", "v"),
    "override": ("5", "o"),
    "help-plan": ("5", "question_mark"),
    "new-medicine": ("3", "n"),
    "field": ("4", "down", "down", "down", "enter"),
    "blank": ("5", "b"),
    "find": ("slash", "o", "t", "t", "o"),
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", STATES)
async def test_state(name: str, size: str) -> None:
    """Dialogs and key states."""
    async with running(SIZES[size]) as (app, pilot):
        await press(pilot, *STATES[name])
        check(app, f"{name}-{size}")


async def test_unsaved_change_is_named() -> None:
    """What is not saved is named in words, and leaving asks."""
    async with running(SIZES["120x40"]) as (app, pilot):
        await press(pilot, "4", "down", "down", "down", "enter")
        await type_in(pilot, "22")
        await press(pilot, "enter")
        check(app, "lifestyle-unsaved-120x40")
        await press(pilot, "escape")
        check(app, "leaving-unsaved-120x40")


async def test_refused_value_stays_in_the_field() -> None:
    """Out of range is refused where the cursor is; nothing is lost."""
    async with running(SIZES["80x24"]) as (app, pilot):
        await press(pilot, "4", "down", "down", "down", "enter")
        await type_in(pilot, "31")
        await press(pilot, "enter")
        check(app, "field-refused-80x24")


async def test_too_small() -> None:
    """Below 80 x 24: the size, and the command that prints the same."""
    async with running((72, 20)) as (app, _):
        check(app, "too-small-72x20")
