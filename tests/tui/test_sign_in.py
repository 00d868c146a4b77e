"""Who is at the keyboard: signed in from the screens, named by the audit; a wrong PIN slows down and is on record."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from pain_tui.patients import users
from pain_tui.tui.desk import Desk

from .real_clinic import make
from .screen_text import press, running, screen_text, settle, type_in

AT = datetime(2026, 11, 24, 6, 0)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A fictional file with two local users, opened by the log-in ward3."""
    found = Desk(make(tmp_path / "clinic.duckdb"), actor="ward3")
    found.open()
    for name, pin in (("anna", "2468"), ("ben", "1357")):
        users.add(found.file, name, pin, actor="ward3", at=AT)
    yield found
    found.close()


def _audit(desk: Desk) -> list[tuple[str, str]]:
    with desk.file.attached() as cursor:
        return cursor.execute("SELECT action, actor FROM clinic.main.audit ORDER BY seq").fetchall()


async def test_the_audit_names_who_signed_in(desk: Desk) -> None:
    """Two keys, a name, a PIN; what is stored afterwards is hers, also after a colleague takes over."""
    async with running((80, 24), desk) as (app, pilot):
        await press(pilot, "U")
        assert "anna, ben" in screen_text(app)
        assert "names ward3" in screen_text(app)
        await type_in(pilot, "anna")
        await press(pilot, "enter")
        await type_in(pilot, "2468")
        await press(pilot, "enter")
        assert "signed in: anna" in screen_text(app)
        assert desk.actor == "anna (ward3)"
        assert _audit(desk)[-1] == ("sign_in", "anna (ward3)")
        desk.file.audit("looked", at=AT)
        assert _audit(desk)[-1][1] == "anna (ward3)"
        desk.sign_in("ben", "1357")
        assert desk.actor == "ben (ward3)", "not a name inside a name"


async def test_a_wrong_pin_changes_nobody_and_slows_down(desk: Desk) -> None:
    """The dialog stays, says why, and soon asks to wait; each try is in the audit under the log-in."""
    async with running((80, 24), desk) as (app, pilot):
        await press(pilot, "U")
        await type_in(pilot, "anna")
        await press(pilot, "enter")
        for _ in range(6):
            await type_in(pilot, "0000")
            await press(pilot, "enter")
            if "Wait" in screen_text(app):
                break
        assert "Wait" in screen_text(app)
        tried = _audit(desk).count(("pin_failed", "ward3"))
        await type_in(pilot, "2468")
        await press(pilot, "enter")
        assert desk.actor == "ward3", "the right PIN too soon is refused as well"
        assert _audit(desk).count(("pin_failed", "ward3")) == tried >= 3
        await press(pilot, "escape")
        assert "signed in" not in screen_text(app)


async def test_unsaved_changes_stay_with_their_maker(desk: Desk) -> None:
    """Nothing of one person is stored under the name of the next."""
    async with running((80, 24), desk) as (app, pilot):
        await press(pilot, "enter", "3", "r", "U")
        assert app.draft is not None and len(app.draft)
        assert "Local name" not in screen_text(app)
        await press(pilot, "u", "U")
        await settle(pilot)
        assert "Local name" in screen_text(app)


async def test_a_file_without_local_users_says_how_to_make_one(tmp_path: Path) -> None:
    """Nobody is asked for a name that nobody has."""
    alone = Desk(make(tmp_path / "clinic.duckdb"), actor="ward3")
    alone.open()
    async with running((80, 24), alone) as (app, pilot):
        await press(pilot, "U")
        assert "Local name" not in screen_text(app)
        assert any("user add" in note.message for note in app._notifications)
    alone.close()
