"""A visit by keyboard alone: open, read, enter, undo, save; leaving unsaved work asks."""

from pain_tui.tui.screens.unsaved import UnsavedDialog

from .fixture import FixtureDesk
from .screen_text import press, running, screen_text, type_in


async def test_walk_through_the_six_screens() -> None:
    """Digits and function keys lead to the same screens; esc goes one step back."""
    async with running() as (app, pilot):
        await press(pilot, "enter")
        assert "[2 GENOTYPE]" in screen_text(app)
        for key, name in (("3", "HISTORY"), ("f5", "LIFESTYLE"), ("5", "PLAN"), ("f7", "MONITOR")):
            await press(pilot, key)
            assert f" {name}]" in screen_text(app)
        await press(pilot, "escape")
        assert "[1 PATIENTS]" in screen_text(app)


async def test_change_undo_save() -> None:
    """A change shows at once, undo takes it back, save stores it."""
    desk = FixtureDesk()
    async with running(desk=desk) as (app, pilot):
        await press(pilot, "4", "down", "down", "down", "enter")
        await type_in(pilot, "22")
        await press(pilot, "enter")
        assert app.draft is not None and app.draft.words() == "1 change (Insomnia (ISI) 15 -> 22)"
        assert "[       22]" in screen_text(app)
        await press(pilot, "u")
        assert "[       15]" in screen_text(app)
        await press(pilot, "enter")
        await type_in(pilot, "9")
        await press(pilot, "enter", "s")
        assert [edit.values["value"] for edit in desk.saved] == [9.0]
        assert app.draft is not None and len(app.draft) == 0


async def test_two_changes_of_one_field_are_one() -> None:
    """The last value of a field counts, and the words keep the value on file as the start."""
    async with running() as (app, pilot):
        for value in ("22", "23"):
            await press(pilot, "4")
            app.screen.query_one("#fields").select("isi_total")  # type: ignore[attr-defined]
            await press(pilot, "enter")
            await type_in(pilot, value)
            await press(pilot, "enter")
        assert app.draft is not None
        assert app.draft.words() == "1 change (Insomnia (ISI) 15 -> 23)"


async def test_escape_never_discards() -> None:
    """esc with unsaved work asks; esc again stays; d discards only then."""
    desk = FixtureDesk()
    async with running(desk=desk) as (app, pilot):
        await press(pilot, "4", "enter")
        await type_in(pilot, "3")
        await press(pilot, "enter", "escape")
        assert isinstance(app.screen, UnsavedDialog)
        await press(pilot, "escape")
        assert app.draft is not None and len(app.draft) == 1
        await press(pilot, "escape", "s")
        assert "[1 PATIENTS]" in screen_text(app)
        assert len(desk.saved) == 1


async def test_digit_in_a_field_is_text_but_function_keys_work() -> None:
    """In a form `3` is typed, and esc leaves the form without taking anything."""
    async with running() as (app, pilot):
        await press(pilot, "4", "enter", "3")
        assert app.screen.query_one("#value").value == "3"  # type: ignore[attr-defined]
        await press(pilot, "escape")
        assert "[4 LIFESTYLE]" in screen_text(app)
        assert app.draft is not None and len(app.draft) == 0


async def test_new_medicine_needs_a_unit() -> None:
    """A dose without unit is refused in the form; with it the medicine is an unsaved change."""
    async with running() as (app, pilot):
        await press(pilot, "3", "n")
        await type_in(pilot, "oxycodone")
        await press(pilot, "enter")
        await type_in(pilot, "5")
        await press(pilot, *["enter"] * 6)
        assert "no unit" in screen_text(app)
        app.screen.query_one("#unit").value = "mg"  # type: ignore[attr-defined]
        app.screen.query_one("#indication").focus()
        await press(pilot, "enter")
        assert app.draft is not None and "+ oxycodone" in app.draft.words()


async def test_stop_is_not_passed_without_a_reason() -> None:
    """An override without a reason is refused; with one it becomes a change to save."""
    async with running() as (app, pilot):
        await press(pilot, "5", "o", "enter")
        assert "The STOP stays" in screen_text(app)
        await type_in(pilot, "5")
        await press(pilot, "enter")
        assert "needs words" in screen_text(app)
        await type_in(pilot, " seen by two of us")
        await press(pilot, "enter")
        assert app.draft is not None
        edit = app.draft.effective()[0]
        assert (edit.table, edit.values["kind"], edit.values["reason"]) == (
            "override",
            "override",
            "seen by two of us",
        )
