"""A form shows what a change would do while it is typed: in the background, the last text only, never in the way."""

import asyncio
import threading
from collections.abc import Sequence
from datetime import date

from pain_tui.tui.chart import Chart
from pain_tui.tui.draft import Edit

from . import fixture
from .screen_text import press, running, screen_text, settle, type_in
from .test_real import clinic, desk, open_case  # noqa: F401 (fixtures)


def counts_line(text: str) -> str:
    """The line of the form that says how the counts move."""
    return next((line for line in text.splitlines() if "->" in line), "")


async def test_a_medicine_shows_its_warnings_before_it_is_taken(desk) -> None:  # type: ignore[no-untyped-def]  # noqa: F811
    """Oxycodone 30 mg a day: the counts in the form are those that the header shows once it is taken."""
    async with running(desk=desk) as (app, pilot):
        await open_case(app, pilot, "3", "n")
        for words in ("oxycodone 10 mg oral", "10", "mg"):
            await type_in(pilot, words)
            await press(pilot, "enter")
        await type_in(pilot, "3 times a day")
        await asyncio.sleep(0.2)
        await settle(pilot)
        said = counts_line(screen_text(app))
        assert "CAUTION 2 -> 4" in said and "75 MME a day" in screen_text(app)
        assert app.draft is not None and len(app.draft) == 0
        asked = app._asked
        await press(pilot, *["enter"] * 4)
        assert app.chart is not None and app.chart.counts.CAUTION == 4
        assert app._asked == asked + 1 and app._tried is not None and app.chart is app._tried[1]


async def test_numbers_of_a_score_stand_in_the_form(desk) -> None:  # type: ignore[no-untyped-def]  # noqa: F811
    """PHQ-9 moves the chances: before -> after, as on the plan afterwards."""
    async with running(desk=desk) as (app, pilot):
        await open_case(app, pilot, "4")
        app.screen.query_one("#fields").select("phq9_total")  # type: ignore[attr-defined]
        await press(pilot, "enter")
        await type_in(pilot, "3")
        await asyncio.sleep(0.2)
        await settle(pilot)
        text = screen_text(app)
        moved = [line for line in text.splitlines() if ") -> " in line]
        assert moved or "Nothing on the plan changes." in text
        await press(pilot, "escape")
        assert app.draft is not None and len(app.draft) == 0


class Held(fixture.FixtureDesk):
    """A core that answers a trial only when it is let go, and remembers what it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.begun, self.let_go = threading.Event(), threading.Event()

    def chart(self, person: str, edits: Sequence[Edit]) -> Chart:
        """Waits, when there is something to try."""
        if edits:
            self.asked.append(edits[-1].says)
            self.begun.set()
            assert self.let_go.wait(60)
        return super().chart(person, edits)


async def begun(held: Held) -> None:
    """Until the core has its first question."""
    assert await asyncio.to_thread(held.begun.wait, 60)


async def test_no_key_waits_for_the_reckoning() -> None:
    """Keys go into the line while the core is held; of the texts since, only the last is reckoned."""
    held = Held()
    async with running(desk=held) as (app, pilot):
        await press(pilot, "4", "enter")
        await pilot.press("5")
        await begun(held)
        await pilot.press("backspace", "6", "backspace", "7", "backspace", "4")
        assert app.screen.query_one("#value").value == "4"  # type: ignore[attr-defined]
        await asyncio.sleep(0.3)  # the text rests, and is asked about
        held.let_go.set()
        await settle(pilot)
        assert held.asked[-1].endswith("-> 4")
        assert len(held.asked) <= 4  # not one for each of the six keys


async def test_a_form_that_is_gone_is_not_written_to() -> None:
    """The answer comes after esc: nothing happens, nothing is taken."""
    held = Held()
    async with running(desk=held) as (app, pilot):
        await press(pilot, "4", "enter")
        await pilot.press("5")
        await begun(held)
        await pilot.press("escape")
        held.let_go.set()
        await settle(pilot)
        assert app.draft is not None and len(app.draft) == 0 and "[4 LIFESTYLE]" in screen_text(app)


async def test_a_value_has_its_own_date() -> None:
    """Measured last week: the day goes into the change and into its words; a newer value stays in use."""
    async with running() as (app, pilot):
        await press(pilot, "4", "enter")
        await type_in(pilot, "5")
        app.screen.query_one("#day").value = "2026-11-10"  # type: ignore[attr-defined]
        await press(pilot, "tab")
        assert "The value of 2026-11-18 is newer" in screen_text(app)
        await press(pilot, "enter")
        assert app.draft is not None
        (edit,) = app.draft.effective()
        assert edit.values["at"].date() == date(2026, 11, 10) and edit.says.endswith("-> 5 on 2026-11-10")


async def test_a_date_that_is_none_is_refused_in_the_form() -> None:
    """The sentence stands at the field and the form stays."""
    async with running() as (app, pilot):
        await press(pilot, "4", "enter")
        await type_in(pilot, "5")
        app.screen.query_one("#day").value = "2026-02-30"  # type: ignore[attr-defined]
        await press(pilot, "enter")
        assert "Not taken." in screen_text(app) and app.draft is not None and len(app.draft) == 0
