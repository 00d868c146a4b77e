"""The lock hides everything, opens by the passphrase only, and nothing that happens behind it comes through."""

import asyncio
from typing import Any

import pytest
from textual.pilot import Pilot

from pain_tui.errors import StoreError
from pain_tui.tui import lock
from pain_tui.tui.app import PainTui
from pain_tui.tui.screens.error import ErrorDialog
from pain_tui.tui.screens.lock import LockScreen

from . import fixture
from .screen_text import SIZES, check, press, screen_text, settle, type_in

WORDS = "right horse"


class Encrypted(fixture.FixtureDesk):
    """The invented clinic as if its file were encrypted."""

    lockable = True

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def unlock(self, passphrase: str) -> None:
        """Only one fits."""
        self.asked.append(passphrase)
        if passphrase != WORDS:
            raise StoreError(
                "The passphrase does not open clinic.duckdb.", "Try again; capital letters count."
            )


def program(desk: Any, **more: Any) -> PainTui:
    """Not yet running."""
    return PainTui(desk, watch_terminal=False, **more)


async def enter(pilot: Pilot, words: str) -> None:
    """Type a passphrase and wait for the answer."""
    await type_in(pilot, words)
    await press(pilot, "enter")


@pytest.mark.parametrize("size", SIZES)
async def test_locked_screens_show_nothing_of_anybody(size: str) -> None:
    app = program(Encrypted())
    async with app.run_test(size=SIZES[size]) as pilot:
        await settle(pilot)
        await press(pilot, "5", "ctrl+l")
        check(app, f"lock-{size}")
        await enter(pilot, "wrong horse")
        check(app, f"lock-refused-{size}")
        shown = screen_text(app)
        assert not any(word in shown for word in ("RIVERA", "SYN-", "tramadol", "wrong horse"))
        await enter(pilot, WORDS)
        assert "RIVERA" in screen_text(app)


async def test_every_key_leads_nowhere_while_locked() -> None:
    """Each key of the registry, escape and the palette: still locked, and nothing shown."""
    from pain_tui.tui.actions import ACTIONS

    app = program(Encrypted())
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await press(pilot, "5", "ctrl+l")
        for key in (
            *(key for action in ACTIONS for key in action.keys),
            "ctrl+c",
            "ctrl+q",
            "tab",
            "shift+tab",
        ):
            await press(pilot, key)
            assert isinstance(app.screen, LockScreen), key
            assert "RIVERA" not in screen_text(app), key


async def test_nothing_that_happens_behind_comes_through() -> None:
    """A dialog, a change of screen, a notice, a smaller window: they wait until it is unlocked."""
    app = program(Encrypted())
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await press(pilot, "5")
        app.notify("Saved: tramadol of RIVERA.")
        await pilot.pause()
        app.lock()
        app.notify("Saved: codeine of RIVERA.")
        app.push_screen(ErrorDialog("RIVERA could not be saved", ""))
        app.go("history")
        app.do_back()
        await pilot.resize_terminal(60, 20)
        await settle(pilot)
        assert isinstance(app.screen, LockScreen)
        assert not any(
            word in screen_text(app) for word in ("RIVERA", "tramadol", "codeine", "PERSON", "pain-tui")
        )
        await pilot.resize_terminal(120, 40)
        await enter(pilot, WORDS)
        assert not isinstance(app.screen, LockScreen)


async def test_a_person_that_is_still_being_opened_does_not_open_the_lock() -> None:
    """The answer of a slow question comes while the screens are locked."""
    gate = asyncio.Event()

    class Slow(Encrypted):
        def chart(self, person: str, edits: Any) -> Any:
            while not gate.is_set():
                import time

                time.sleep(0.01)
            return super().chart(person, edits)

    app = program(Slow())
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await pilot.press("5")
        app.lock()
        gate.set()
        await settle(pilot)
        assert isinstance(app.screen, LockScreen)
        await enter(pilot, WORDS)
        assert not app.locked


async def test_it_locks_by_itself_after_the_time_and_a_key_puts_it_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = program(Encrypted(), lock_after=300.0)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        app._last = (lock.time.monotonic() - 200, lock.time.time())
        assert not app._look()
        await pilot.press("down")  # somebody is there
        assert app.idle_seconds() < 100
        app._last = (lock.time.monotonic() - 300, lock.time.time())
        await pilot.press("5")  # too late: the key brings up the lock and does nothing else
        assert app.locked
        await enter(pilot, WORDS)
        assert not app.locked
        assert app.chart is None


async def test_a_machine_that_slept_is_locked() -> None:
    """While it sleeps the running clock stands still; the wall clock does not."""
    app = program(Encrypted(), lock_after=300.0)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        app._last = (lock.time.monotonic(), lock.time.time() - 301)
        assert app._look()


async def test_a_file_without_a_passphrase_does_not_lock() -> None:
    app = program(fixture.FixtureDesk(), lock_after=0.0)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await press(pilot, "ctrl+l", "down")
        assert not app.locked


async def test_the_terminals_scrollback_is_erased(monkeypatch: pytest.MonkeyPatch) -> None:
    app = program(Encrypted())
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        written: list[str] = []
        monkeypatch.setattr(app._driver, "write", written.append)
        await press(pilot, "ctrl+l")
        assert lock.ERASE_SCROLLBACK in written


async def test_an_empty_line_is_no_try() -> None:
    desk = Encrypted()
    app = program(desk)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "ctrl+l", "enter")
        assert desk.asked == []
        assert app.locked


@pytest.mark.parametrize("size", SIZES)
async def test_the_first_screen_of_an_encrypted_file_shows_nobody(size: str) -> None:
    """Until the passphrase fits nothing of the file is read."""

    class Closed(fixture.FixtureDesk):
        path = "clinic.duckdb"
        kind = "real"

        def __init__(self) -> None:
            super().__init__()
            self.is_open = False
            self.kind = "real"

    app = program(Closed())
    async with app.run_test(size=SIZES[size]) as pilot:
        await pilot.pause()
        check(app, f"unlock-{size}")


@pytest.mark.parametrize("size", SIZES)
async def test_first_run(size: str) -> None:
    """What can be opened, when nothing was."""
    from pain_tui.tui.first_run import FirstRun

    app = FirstRun()
    async with app.run_test(size=SIZES[size]) as pilot:
        await pilot.pause()
        check(app, f"first-run-{size}")  # type: ignore[arg-type]
