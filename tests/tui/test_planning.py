"""Goals, declined options, what-if, note, print, the walk, and the draft left behind: by keys, over the invented person."""

from pathlib import Path

import pytest

from pain_tui.tui.screens.hand_out import NoteDialog, PathDialog

from .fixture import FixtureDesk
from .screen_text import check, press, running, screen_text, type_in

SIZE = (120, 40)


async def test_a_goal_is_written_changed_and_dropped() -> None:
    """n writes it, enter on it changes it, emptied it is gone; each is an unsaved change and can be undone."""
    async with running() as (app, pilot):
        await press(pilot, "5", "n")
        await type_in(pilot, "walk to the shop")
        await press(pilot, "enter")
        assert "Goals     walk to the shop" in screen_text(app)
        app.screen.query_one("#draft").focus()
        await press(pilot, "enter")
        app.screen.query_one("#goal").value = "dance"  # type: ignore[attr-defined]
        await press(pilot, "enter")
        assert "Goals     dance" in screen_text(app) and app.draft is not None and len(app.draft) == 1
        await press(pilot, "enter")
        app.screen.query_one("#goal").value = ""  # type: ignore[attr-defined]
        await press(pilot, "enter")
        assert "none recorded" in screen_text(app) and len(app.draft) == 0
        await press(pilot, "u")
        assert "Goals     dance" in screen_text(app)


async def test_a_declined_option_leaves_the_plan_and_cannot_be_chosen_until_taken_back() -> None:
    """d: out of the draft and named; a is refused with the way back; d again: wanted after all."""
    async with running() as (app, pilot):
        await press(pilot, "5", "d")
        assert app.draft is not None and "declined" in app.draft.words(5)
        effective = {edit.table: edit for edit in app.draft.effective()}
        assert effective["preference"].values["kind"] == "declined"
        assert effective["plan"].values["options"] == []
        assert "Declined" in screen_text(app)
        await press(pilot, "d")
        assert all(edit.table != "preference" for edit in app.draft.effective())


async def test_what_if_changes_nothing_and_cannot_leave_the_screen() -> None:
    """Assumptions are marked, cannot be saved, signed or printed, and are gone at the end."""
    desk = FixtureDesk()
    async with running(desk=desk) as (app, pilot):
        await press(pilot, "4", "i", "enter")
        await type_in(pilot, "2")
        await press(pilot, "enter")
        assert app.trial is not None and len(app.trial) == 1 and app.draft is not None and not len(app.draft)
        assert "WHAT IF" in screen_text(app).upper()
        await press(pilot, "s", "5", "g", "p")
        assert desk.saved == [] and not isinstance(app.screen, PathDialog)
        await press(pilot, "j")
        assert "Before and after" in screen_text(app)
        await press(pilot, "escape", "escape")
        assert app.trial is None and len(app.draft) == 0 and "[5 PLAN]" in screen_text(app)


async def test_the_note_is_read_and_says_what_is_not_saved() -> None:
    """h shows it; an unsaved change is named before the text."""
    async with running() as (app, pilot):
        await press(pilot, "4", "enter")
        await type_in(pilot, "3")
        await press(pilot, "enter", "h")
        assert isinstance(app.screen, NoteDialog)
        assert "Not saved yet: 1 change" in screen_text(app) and "Pain plan" in screen_text(app)


async def test_a_page_is_only_of_what_is_saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """p asks where once nothing is unsaved; the file is private; one that is there already stays."""
    monkeypatch.chdir(tmp_path)
    async with running() as (app, pilot):
        await press(pilot, "4", "enter")
        await type_in(pilot, "3")
        await press(pilot, "enter", "p")
        assert not isinstance(app.screen, PathDialog)
        await press(pilot, "s", "p")
        assert isinstance(app.screen, PathDialog)
        await press(pilot, "enter")
        (page,) = tmp_path.glob("*.html")
        assert page.read_text() == "<p>page</p>\n" and page.stat().st_mode & 0o077 == 0
        page.write_text("mine")
        await press(pilot, "p", "enter")
        assert page.read_text() == "mine"


@pytest.mark.parametrize("size", ["120x40", "80x24"])
async def test_the_walk_goes_through_the_four_steps(size: str) -> None:
    """Next, next, next; each step says what is complete and what is missing; the plan ends it."""
    width, height = (int(part) for part in size.split("x"))
    async with running((width, height)) as (app, pilot):
        await press(pilot, "full_stop")
        check(app, f"walk-{size}")
        for number, name in enumerate(("GENOTYPE", "HISTORY", "LIFESTYLE", "PLAN"), 1):
            text = screen_text(app)
            assert f" {name}]" in text and f"Step {number} of 4, {name.lower()}: " in text
            await press(pilot, "full_stop")
        assert "Step " not in screen_text(app)
        await press(pilot, "comma")
        assert "[4 LIFESTYLE]" in screen_text(app)


STATES = {
    "sign": ("5", "g"),
    "goal": ("5", "n"),
    "what-if": ("5", "i"),
    "note": ("5", "h"),
    "print": ("5", "p"),
    "against": ("5", "c"),
    "forest": ("5", "v"),
    "facts": ("5", "f"),
    "audit": ("5", "y"),
}


@pytest.mark.parametrize("size", ["120x40", "80x24"])
@pytest.mark.parametrize("name", STATES)
async def test_dialog(name: str, size: str) -> None:
    """Each dialog as text at both sizes."""
    width, height = (int(part) for part in size.split("x"))
    async with running((width, height)) as (app, pilot):
        await press(pilot, *STATES[name])
        check(app, f"{name}-{size}")
