"""A clinic of several pages: what is shown of how many, the ways to the others, and what is counted."""

from collections.abc import Mapping, Sequence

from pain_tui.tui import clinic_page
from pain_tui.tui.app import PainTui
from pain_tui.tui.chart import ClinicRow, Counts
from pain_tui.tui.clinic_page import PAGE, Asked, ClinicPage, Warned

from . import fixture
from .screen_text import press, running, screen_text, settle, type_in

STOPS = {"L-00450", "L-00310", "L-00001"}


class LargeDesk(fixture.FixtureDesk):
    """People by number; the fixture's page of them. What was asked is kept."""

    def __init__(self, people: int) -> None:
        super().__init__()
        self.rows = [
            ClinicRow(f"L-{number:05}", f"PERSON, {number}", f"L-{number:05}", "female", 50, "knee")
            for number in range(people)
        ]
        self.read: list[Asked] = []
        self.assessed: list[str] = []

    def clinic(self, asked: Asked = Asked(), flags: Mapping[str, int] | None = None) -> ClinicPage:
        self.read.append(asked)
        return super().clinic(asked, flags)

    def warnings(self, people: Sequence[str]) -> dict[str, Warned]:
        self.assessed += people
        return {person: Warned(Counts(STOP=int(person in STOPS)), "none", "") for person in people}


def _list(app: PainTui) -> object:
    return app.screen.query_one("#patients-list")


def _said(app: PainTui) -> str:
    """The whole list as text, also what is scrolled out of view."""
    return " ".join(" ".join(item.text for item in _list(app).lines).split())  # type: ignore[attr-defined]


async def test_the_page_says_which_people_of_how_many() -> None:
    """Numbers with thousands marked; the first page first."""
    async with running(desk=LargeDesk(4500)) as (app, _):
        assert "1-200 of 4,500" in screen_text(app)
        assert "Past the first and last line the list goes on" in _said(app)


async def test_the_list_goes_on_past_its_lines() -> None:
    """Down past the last line shows the next page from its top, up past the first the one before from its end."""
    async with running(desk=LargeDesk(450)) as (app, pilot):
        await press(pilot, "t")  # by name, where nothing moves
        pane = _list(app)
        for _ in range(PAGE + 5):
            await pilot.press("pagedown")
            await settle(pilot)
            if app.page.offset == PAGE:
                break
        assert "201-400 of 450" in screen_text(app)
        assert pane.key == app.page.rows[0].person  # type: ignore[attr-defined]
        await press(pilot, "up")
        assert "1-200 of 450" in screen_text(app)
        assert pane.key == app.page.rows[-1].person  # type: ignore[attr-defined]
        await press(pilot, "up", "down")
        assert "1-200 of 450" in screen_text(app)


async def test_home_and_end_go_to_the_ends_of_the_list() -> None:
    """The last page holds what is left; beyond it there is nothing more."""
    async with running(desk=LargeDesk(450)) as (app, pilot):
        await press(pilot, "t", "end")
        assert "401-450 of 450" in screen_text(app)
        last = _list(app).key  # type: ignore[attr-defined]
        assert last == app.page.rows[-1].person
        await press(pilot, "down")
        assert (app.page.offset, _list(app).key) == (400, last)  # type: ignore[attr-defined]
        await press(pilot, "home")
        assert "1-200 of 450" in screen_text(app)
        assert _list(app).key == app.page.rows[0].person  # type: ignore[attr-defined]


async def test_everybody_is_searched_not_only_the_page() -> None:
    """Somebody on the third page is found; esc brings the first page back."""
    async with running(desk=LargeDesk(450)) as (app, pilot):
        await press(pilot, "slash")
        await type_in(pilot, "l-00449")
        assert "PERSON, 449" in screen_text(app)
        assert "1 / 450" in screen_text(app)
        await press(pilot, "escape")
        assert "1-200 of 450" in screen_text(app)


async def test_flags_of_everybody_order_the_list_of_a_middling_clinic() -> None:
    """All are counted, and those with a STOP come first although they were on other pages."""
    desk = LargeDesk(460)
    async with running(desk=desk) as (app, _):
        assert sorted(desk.assessed) == sorted(row.person for row in desk.rows)
        assert {row.person for row in app.page.rows[:3]} == STOPS
        assert app.people_by_flag()["STOP"] == 3


async def test_who_has_moved_keeps_the_order() -> None:
    """While flags come in, a list of several pages is not turned over under the reader."""
    desk = LargeDesk(460)
    async with running(desk=desk) as (app, pilot):
        await press(pilot, "down")
        key = _list(app).key  # type: ignore[attr-defined]
        order = [row.person for row in app.page.rows]
        app.forget("L-00310")
        app.count_warnings()
        await settle(pilot)
        assert [row.person for row in app.page.rows] == order
        assert _list(app).key == key  # type: ignore[attr-defined]


async def test_a_large_clinic_is_counted_page_by_page(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    """Only people that were looked at are assessed, and the screen says so."""
    monkeypatch.setattr("pain_tui.tui.listing.COUNT_ALL", 400)
    desk = LargeDesk(450)
    async with running(desk=desk) as (app, pilot):
        assert len(desk.assessed) == PAGE
        assert "the pages you look at (200 of 450 people so far)" in _said(app)
        assert "STOP" not in {row.flag for row in app.page.rows[:1]}
        await press(pilot, "t", "end")
        assert len(desk.assessed) == len(set(desk.assessed)) > PAGE
        await press(pilot, "t", "t")
        assert app.page.rows[0].flag == "STOP"  # by flag again: those known come first


async def test_a_saved_change_is_counted_and_read_again() -> None:
    """Back on the list the person is read anew; the others are left as they are."""
    desk = LargeDesk(30)
    async with running(desk=desk) as (app, pilot):
        before, read = len(desk.assessed), len(desk.read)
        app.forget("L-00007")
        app.list_again()
        await settle(pilot)
        assert desk.assessed[before:] == ["L-00007"]
        assert len(desk.read) > read
        app.list_again()
        await settle(pilot)
        assert desk.assessed[before:] == ["L-00007"]


async def test_a_page_is_the_size_that_is_promised() -> None:
    """200 people; a clinic above 5,000 is counted page by page."""
    assert (PAGE, clinic_page.COUNT_ALL) == (200, 5000)
