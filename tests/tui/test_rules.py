"""What holds on every screen: identity, counts, keys, words instead of colours."""

from dataclasses import replace
from datetime import timedelta

import pytest
from textual.geometry import Size

from pain_tui.tui import actions
from pain_tui.tui.chart import Counts
from pain_tui.tui.panes import patients, plan
from pain_tui.tui.screens.base import ClinicScreen
from pain_tui.tui.widgets.footer import KeyFooter
from pain_tui.tui.widgets.header import Header, Standing, allergy_words

from . import fixture
from .screen_text import press, running, screen_text

KEYS = {"genotype": "2", "history": "3", "lifestyle": "4", "plan": "5", "monitor": "6"}
WIDTHS = {80: (80, 24), 100: (100, 30), 120: (120, 40)}
EATEN = {f"ctrl+{letter}" for letter in "sqzcabwhijm"}


@pytest.mark.parametrize("size", WIDTHS.values())
@pytest.mark.parametrize("name", KEYS)
async def test_identity_and_counts_on_every_screen(name: str, size: tuple[int, int]) -> None:
    """Two identifiers and the four counts, at every size: nobody acts on the wrong person."""
    async with running(size) as (app, pilot):
        await press(pilot, KEYS[name])
        top = "\n".join(screen_text(app).splitlines()[:3])
        for wanted in (
            "RIVERA, Ana",
            "SYN-0042",
            "1968-03-14",
            "ALLERGY",
            "FICTIONAL",
            "STOP 2",
            "CAUTION 2",
            "NOTE 1",
            "MISSING 2",
        ):
            assert wanted in top


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("screen", actions.SCREENS)
def test_footer_is_never_cut(screen: str, width: int) -> None:
    """Every key of the footer is whole, at most seven (eight when wide), help first, the way back last."""
    entries = KeyFooter(screen).entries(width)
    used = KeyFooter(screen)._length(entries, width >= 100)
    assert used <= width
    assert len(entries) <= (8 if width >= 100 else 7)
    assert entries[0][0].id == "help"
    assert entries[-1][0].id in ("back", "quit")
    assert len(entries) == len(actions.footer(screen, wide=width >= 100)), "a key had to be left out"


@pytest.mark.parametrize("width", [80, 100, 104, 110, 120])
@pytest.mark.parametrize("days_ago", [0, 2, 33, 400])
@pytest.mark.parametrize("unsaved", [0, 12])
def test_the_line_of_counts_is_never_cut(width: int, days_ago: int, unsaved: int) -> None:
    """Long words where all of them fit, short ones otherwise; the line keeps a column free on the left."""
    review = {"list": "medication", "complete": True, "at": fixture.CHART.as_of - timedelta(days=days_ago)}
    header = Header("plan")
    header.standing = Standing(unsaved=unsaved)
    header.chart = replace(fixture.CHART, counts=Counts(12, 10, 30, 145), reviews={"medication": review})
    left, right = header.lines(width)[2]
    assert sum(len(piece.text) for piece in (*left, *right)) + 2 <= width
    assert "warnings" in right[-1].text


@pytest.mark.parametrize("width", [58, 66, 76])
def test_what_a_group_counts_is_said_whole(width: int) -> None:
    """Outcome, time and denominator stand over the numbers at every width that has headings."""
    order = "listed"
    shown = " ".join(one.text.strip() for one in plan.option_lines(fixture.CHART, order, width))
    for group in plan.groups(fixture.CHART, order):
        assert plan.counted(group[0]) in shown
    assert all(len(one.text) <= width for one in plan.option_lines(fixture.CHART, order, width))


async def test_footer_words_are_on_the_screen() -> None:
    """The drawn footer holds what the registry says."""
    async with running((80, 24)) as (app, _):
        last = screen_text(app).splitlines()[-1]
        for action, word in KeyFooter("patients").entries(80):
            assert f"{action.shown_key} {word}" in last


def test_one_key_means_one_thing() -> None:
    """No screen binds a key twice, and a shared key has one meaning (open or edit what is selected, what stands behind it)."""
    for screen in actions.SCREENS:
        keys = [key for action in actions.of_screen(screen) for key in action.keys]
        assert len(keys) == len(set(keys)), screen
    meanings: dict[str, set[str]] = {}
    for action in actions.ACTIONS:
        for key in action.keys:
            meanings.setdefault(key, set()).add(action.id)
    shared = {key: ids for key, ids in meanings.items() if len(ids) > 1}
    assert shared == {
        "enter": {"choose", "edit"},
        "v": {"forest", "positions"},  # the rows behind what is selected
        "w": {"warnings", "next_stop"},
        "f8": {"warnings", "next_stop"},
    }


def test_no_key_that_terminals_take() -> None:
    """Terminals, editors and multiplexers take these for themselves."""
    keys = {key for action in actions.ACTIONS for key in action.keys}
    assert not keys & EATEN
    assert not [key for key in keys if key.startswith("alt+")]


@pytest.mark.parametrize("screen", actions.SCREENS)
async def test_every_action_is_bound_and_in_help(screen: str) -> None:
    """The registry, the bindings and the help page say the same."""
    async with running() as (app, pilot):
        if screen != "patients":
            await press(pilot, KEYS[screen])
        assert isinstance(app.screen, ClinicScreen)
        bound = {key for key, _ in app.screen._bindings}
        for action in actions.of_screen(screen):
            assert action.key in bound or action.id in ("tab_section", "next_group")
        await press(pilot, "f1")
        pane = app.screen.query_one("#reading")
        page = "\n".join(item.text for item in pane.lines)  # type: ignore[attr-defined]
        for action in actions.of_screen(screen):
            assert f"{action.label}: " in page


def test_allergies_get_shorter_before_they_are_only_counted() -> None:
    """The reaction goes first, then names are counted; that there are allergies is always said."""
    allergies = ("iodinated contrast (hives)", "latex (rash)")
    texts = {room: allergy_words(allergies, room).text for room in (60, 36, 30, 12)}
    assert texts == {
        60: "ALLERGY iodinated contrast (hives), latex (rash)",
        36: "ALLERGY iodinated contrast, latex",
        30: "ALLERGY iodinated contrast +1",
        12: "ALLERGY 2: see 3",
    }


def test_tiers_differ_in_words() -> None:
    """Two rows that differ only in tier differ in text: colour is never the only carrier."""
    row = fixture.clinic_rows()[0]
    from dataclasses import replace

    texts = {
        patients.row_line(replace(row, counts=Counts(*numbers)), 76).text
        for numbers in ((1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0), (0, 0, 0, 0))
    }
    assert len(texts) == 4


async def test_no_color_keeps_the_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    """Under NO_COLOR a STOP is still reverse and bold, a MISSING still underlined, and no hue is left."""
    monkeypatch.setenv("NO_COLOR", "1")
    async with running() as (app, pilot):
        await press(pilot, "5")
        segments = [
            segment for strip in app.screen._compositor.render_strips() for segment in strip if segment.style
        ]
        stop = [s for s in segments if s.text.startswith("STOP 2")]
        missing = [s for s in segments if s.text.startswith("MISSING 2")]
        assert stop and all(s.style and s.style.bold and s.style.reverse for s in stop)
        assert missing and all(s.style and s.style.underline for s in missing)


async def test_brackets_in_a_name_are_not_markup() -> None:
    """A name is shown as written."""
    async with running() as (app, _):
        assert "MOREAU, Alix [x]" in screen_text(app)


async def test_resize_to_small_and_back() -> None:
    """A shrunken window says what to do, and grows back to where it was."""
    async with running() as (app, pilot):
        await press(pilot, "5")
        await pilot.resize_terminal(60, 20)
        await pilot.pause()
        assert "60 x 20" in screen_text(app)
        await pilot.resize_terminal(120, 40)
        await pilot.pause()
        await pilot.pause()
        assert "[5 PLAN]" in screen_text(app)
        assert app.size == Size(120, 40)
