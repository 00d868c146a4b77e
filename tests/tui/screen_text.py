"""Run the program in memory and compare what is on the screen, as text, with a stored file.

Set PAIN_TUI_UPDATE_SNAPSHOTS=1 to write the files anew; look at the difference before it is accepted.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from pain_tui.tui.app import PainTui

from .fixture import FixtureDesk

FOLDER = Path(__file__).parent / "snapshots"
UPDATE = "PAIN_TUI_UPDATE_SNAPSHOTS"
SIZES = {"120x40": (120, 40), "80x24": (80, 24)}


@asynccontextmanager
async def running(
    size: tuple[int, int] = (120, 40), desk: Any = None
) -> AsyncIterator[tuple[PainTui, Pilot]]:
    """The program with the invented clinic, its list read and counted."""
    app = PainTui(desk or FixtureDesk(), watch_terminal=False)
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        yield app, pilot


async def settle(pilot: Pilot) -> None:
    """Until the list is counted and no worker is under way."""
    app = pilot.app
    assert isinstance(app, PainTui)
    quiet = 0
    for _ in range(6000):
        await pilot.pause()
        if app._exception is not None:
            raise app._exception
        working = app.counted is not None or app.calculating or app.background.busy()
        quiet = 0 if working else quiet + 1
        if quiet == 3:  # a dialog that closes asks its question one turn later
            break
        await asyncio.sleep(0.01)
    await pilot.pause()


async def press(pilot: Pilot, *keys: str) -> None:
    """Press keys one after the other, each answered before the next."""
    for key in keys:
        await pilot.press(key)
        await settle(pilot)


async def type_in(pilot: Pilot, text: str) -> None:
    """Type a text into the focused line."""
    await pilot.press(*("space" if letter == " " else letter for letter in text))
    await settle(pilot)


def screen_text(app: PainTui) -> str:
    """What is on the screen, line by line, without colours."""
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips) + "\n"


def check(app: PainTui, name: str) -> None:
    """Compare with the stored text of this name, or store it when asked to."""
    file = FOLDER / f"{name}.txt"
    found = screen_text(app)
    if os.environ.get(UPDATE):
        FOLDER.mkdir(exist_ok=True)
        file.write_text(found, encoding="utf-8")
    assert file.exists(), f"no snapshot {name}; run once with {UPDATE}=1 and read it"
    assert found == file.read_text(encoding="utf-8")
