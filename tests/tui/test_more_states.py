"""States of the screen drawings as stored text at both sizes: empty, no match, error, declined, stale, reckoning."""

import asyncio
from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from pain_tui.errors import StoreError
from pain_tui.tui.chart import Chart
from pain_tui.tui.draft import Edit

from . import fixture
from .screen_text import SIZES, check, press, running, screen_text, settle, type_in
from .test_states import Changed
from .test_trying import Held


def declined_for_a_child() -> dict[str, Any]:
    """The model declines, with the reason; the warnings stay."""
    why = {
        "code": "child",
        "say": "Age 17 is outside 18 to 90: the evidence is from adults.",
        "remedy": "Refer.",
    }
    none = {"response": None, "comparator": None, "extra": None, "no_estimate": why, "drivers": []}
    problems = [
        {**problem, "options": [{**option, **none} for option in problem["options"]]}
        for problem in fixture.ASSESSMENT["problems"]
    ]
    return {"assessment": {**fixture.ASSESSMENT, "problems": problems}}


def conflicting() -> dict[str, Any]:
    """Two laboratories, two results."""
    first, *rest = fixture.ASSESSMENT["genes"]
    open_one = {
        **first, "state": "conflicting", "phenotype": None, "phenotype_with_drugs": None, "drugs": [],
        "diplotypes": ["*1/*4", "*1/*1"], "activity_score": None,
    }  # fmt: skip
    return {"assessment": {**fixture.ASSESSMENT, "genes": [open_one, *rest]}}


STALE = {"medication": {"list": "medication", "complete": True, "at": date(2026, 8, 1), "is_old": True}}
STATES: dict[str, tuple[dict[str, Any], str, str]] = {
    "declined-by-the-model": (declined_for_a_child(), "5", "no estimate"),
    "conflicting-genotype": (conflicting(), "2", "conflict"),
    "stale-medicines": ({"reviews": STALE}, "3", "caution  reconciled 2026-08-01"),
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", STATES)
async def test_state(name: str, size: str) -> None:
    """The reason is on the screen; the text is stored."""
    parts, key, says = STATES[name]
    async with running(SIZES[size], desk=Changed(**parts)) as (app, pilot):
        await press(pilot, key)
        assert says in screen_text(app).lower()
        check(app, f"{name}-{size}")


@pytest.mark.parametrize("size", SIZES)
async def test_empty_list(size: str) -> None:
    """Nobody yet: what to do next."""
    desk = fixture.FixtureDesk()
    desk.rows = []
    async with running(SIZES[size], desk=desk) as (app, _):
        check(app, f"empty-{size}")


@pytest.mark.parametrize("size", SIZES)
async def test_no_match(size: str) -> None:
    """The filter matches nobody: how to clear it."""
    async with running(SIZES[size]) as (app, pilot):
        await press(pilot, "slash")
        await type_in(pilot, "zzz")
        check(app, f"no-match-{size}")


class Held_by_another(fixture.FixtureDesk):  # noqa: N801
    """A file that another program holds."""

    def chart(self, person: str, edits: Sequence[Edit]) -> Chart:
        """Refused."""
        raise StoreError("The file is open in another window.", "Close it there, or r to retry.")


@pytest.mark.parametrize("size", SIZES)
async def test_error(size: str) -> None:
    """What failed, what to do, how to try again."""
    async with running(SIZES[size], desk=Held_by_another()) as (app, pilot):
        await pilot.press("5")
        for _ in range(200):
            await pilot.pause(0.05)
            if "another window" in screen_text(app):
                break
        check(app, f"error-{size}")


@pytest.mark.parametrize("size", SIZES)
async def test_reckoning(size: str) -> None:
    """The numbers on the screen are those before the change, and the screen says so until the new ones are there."""
    held = Held()
    async with running(SIZES[size], desk=held) as (app, pilot):
        await press(pilot, "4", "enter")
        await pilot.press("5", "enter")
        assert await asyncio.to_thread(held.begun.wait, 60)
        await pilot.press("5")
        await pilot.pause(0.3)
        assert "reckoning" in screen_text(app)
        held.let_go.set()
        await settle(pilot)
        assert "reckoning" not in screen_text(app)
