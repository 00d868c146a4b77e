"""Empty, error, first-run, one-visit, no-genotype and model-off states say what is so and what to do."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pain_tui.errors import StoreError
from pain_tui.monitor import diary
from pain_tui.monitor.course import Course, Told
from pain_tui.monitor.verdict import Verdict
from pain_tui.patients import file as patient_file
from pain_tui.tui.chart import Chart, ClinicRow
from pain_tui.tui.desk import Desk
from pain_tui.tui.draft import Edit
from pain_tui.tui.first_run import FirstRun
from pain_tui.tui.screens.error import ErrorDialog
from pain_tui.tui.screens.unlock import UnlockDialog
from pain_tui.tui.theme import THEMES

from . import fixture
from .screen_text import SIZES, check, press, running, screen_text, settle, type_in


class Changed(fixture.FixtureDesk):
    """The invented person with parts of the chart replaced."""

    def __init__(self, **parts: Any) -> None:
        super().__init__()
        self.course_held = parts.pop("course", self.course_held)
        self.parts = parts

    def chart(self, person: str, edits: Sequence[Edit]) -> Chart:
        """The chart with the parts."""
        return replace(super().chart(person, edits), **self.parts)


def without_genotype() -> dict[str, Any]:
    """Every gene untested."""
    genes = [
        {**gene, "state": "not_tested", "diplotypes": [], "phenotype": None, "drugs": []}
        for gene in fixture.ASSESSMENT["genes"]
    ]
    return {"assessment": {**fixture.ASSESSMENT, "genes": genes}}


def open_genotypes() -> dict[str, Any]:
    """Two results that conflict, a normal phenotype withheld, an unknown allele, an inhibitor that decides."""
    none = {
        "phenotype": None,
        "activity_score": None,
        "phenotype_with_drugs": None,
        "inhibitors": [],
        "drugs": [],
    }
    first, second, third, *others = fixture.ASSESSMENT["genes"]
    told = (
        "two results disagree: *1/*2 (Lab One, 2025-06-11) and *4/*4 (Lab Two, 2026-02-11); neither is used"
    )
    withheld = "Normal Metabolizer only if what was not tested carries no variant. not tested: rs28371685"
    genes = [
        {**first, **none, "state": "conflicting", "diplotypes": ["*1/*2", "*4/*4"], "note": told},
        {**second, **none, "state": "indeterminate", "diplotypes": ["*1/*1"], "note": withheld},
        {
            **third,
            **none,
            "state": "indeterminate",
            "diplotypes": ["*1/*99"],
            "note": "*99 is not in the allele tables",
        },
        *others,
    ]
    return {"assessment": {**fixture.ASSESSMENT, "genes": genes}}


def without_problem() -> dict[str, Any]:
    """No pain problem recorded."""
    limit = {
        "code": "no_problem",
        "about": "person",
        "say": "No pain problem is recorded.",
        "remedy": "Enter it.",
        "facts": [],
    }
    limits = [limit, *fixture.ASSESSMENT["limits"]]
    return {"assessment": {**fixture.ASSESSMENT, "problems": [], "limits": limits}}


def model_off() -> dict[str, Any]:
    """The model refuses: no option has a number, the warnings stay."""
    reason = {"code": "model_mismatch", "say": "The model does not fit the tables.", "remedy": "Rebuild it."}
    none = {"response": None, "comparator": None, "extra": None, "no_estimate": reason, "drivers": []}
    problems = [
        {**problem, "options": [{**option, **none} for option in problem["options"]]}
        for problem in fixture.ASSESSMENT["problems"]
    ]
    return {"assessment": {**fixture.ASSESSMENT, "problems": problems}}


def followed() -> Course:
    """A diary on a scale of its own, a treatment judged, a forecast told."""
    own = {"scale": "app, 1 to 9.5", "symptom": "Knee pain"}
    entries = [
        {**own, "at": datetime(2026, 9, 1) + timedelta(days=n), "intensity": 3 + n % 3 / 5}
        for n in range(75)
        if n % 9 != 4
    ]
    name = "Medial branch block (diagnostic)"
    said = "Pain 7.0 -> 3 on 2026-11-10 (-57 %; 50 % less is asked for): reached."
    given = Verdict("mbb_diagnostic", date(2026, 9, 19), "reached", said, name=name)
    told = {"response": {"p": 0.58, "lo": 0.44, "hi": 0.71, "horizon_weeks": 12}}
    early = Verdict("rfa", date(2026, 11, 1), "not_yet", "Too early: judged from 2026-12-13 to 2027-01-31.",
                    opens=date(2026, 12, 13), closes=date(2027, 1, 31), name="RFA")  # fmt: skip
    return Course(diary.series(entries), (given,), (Told("e1", "rfa", date(2026, 11, 1), told, early),))


STATES: dict[str, tuple[dict[str, Any], str]] = {
    "no-genotype": (without_genotype(), "2"),
    "open-genotypes": (open_genotypes(), "2"),
    "no-medicines": ({"medicines": (), "reviews": {}}, "3"),
    "no-problem": (without_problem(), "5"),
    "model-off": (model_off(), "5"),
    "one-visit": (
        {"visits": fixture.VISITS[:1], "trend": {"say": "Two visits are needed for a trend."}},
        "6",
    ),
    "no-visits": ({"visits": (), "trend": None}, "6"),
    "diary": ({"visits": (), "trend": None, "course": followed()}, "6"),
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", STATES)
async def test_state(name: str, size: str) -> None:
    """Each state as text at both sizes."""
    parts, key = STATES[name]
    async with running(SIZES[size], desk=Changed(**parts)) as (app, pilot):
        await press(pilot, key)
        check(app, f"{name}-{size}")


async def test_empty_clinic_names_the_next_step() -> None:
    """Nobody in the file: the commands that add people."""
    desk = fixture.FixtureDesk()
    desk.rows = []
    async with running(desk=desk) as (app, _):
        assert "No patients yet" in screen_text(app)
        assert "pain-tui import clinic.duckdb" in screen_text(app)


async def test_no_match_is_not_an_empty_clinic() -> None:
    """A filter that matches nobody says how to clear it, and esc does."""
    async with running() as (app, pilot):
        await press(pilot, "slash")
        await type_in(pilot, "zzz")
        assert "No patients match. esc clears the filter" in screen_text(app)
        await press(pilot, "escape")
        assert "RIVERA, Ana" in screen_text(app)


class Failing(fixture.FixtureDesk):
    """A file that is held by another program, once."""

    def __init__(self) -> None:
        super().__init__()
        self.failures = 1

    def chart(self, person: str, edits: Sequence[Edit]) -> Chart:
        """Refuse the first time."""
        if self.failures:
            self.failures -= 1
            raise StoreError("The file is open in another window.", "Close it there, or r to retry.")
        return super().chart(person, edits)


async def test_an_error_says_what_failed_and_retry_works() -> None:
    """The whole text in a dialog; r tries again."""
    async with running(desk=Failing()) as (app, pilot):
        await pilot.press("2")
        for _ in range(100):
            await pilot.pause(0.05)
            if isinstance(app.screen, ErrorDialog):
                break
        assert "open in another window" in screen_text(app)
        await press(pilot, "r")
        assert "[2 GENOTYPE]" in screen_text(app)


class Buggy(fixture.FixtureDesk):
    """A core with a bug."""

    def chart(self, person: str, edits: Sequence[Edit]) -> Chart:
        """Never works."""
        raise KeyError("Ana Rivera")


async def test_a_bug_of_ours_shows_no_value_and_keeps_the_program_open() -> None:
    """A bug in an assessment is told by kind and place; a person's values are not in the sentence."""
    async with running(desk=Buggy()) as (app, pilot):
        await pilot.press("2")
        for _ in range(100):
            await pilot.pause(0.05)
            if isinstance(app.screen, ErrorDialog):
                break
        assert isinstance(app.screen, ErrorDialog)
        assert "bug of its own (KeyError" in app.screen.what
        assert "Rivera" not in app.screen.what + app.screen.hint


async def test_an_encrypted_file_asks_for_its_passphrase(tmp_path: Path) -> None:
    """A wrong passphrase is refused in place; the right one opens the list; REAL is on the screen."""
    path = tmp_path / "real.duckdb"
    made_at = datetime(2026, 11, 24)
    patient_file.create(
        path, kind="real", passphrase="right horse", time_zone="UTC", actor="test", at=made_at
    ).close()
    desk = Desk(path, actor="test", as_of=date(2026, 11, 20))
    from pain_tui.tui.app import PainTui

    app = PainTui(desk, watch_terminal=False)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        assert isinstance(app.screen, UnlockDialog)
        for words, opens in (("wrong", False), ("right horse", True)):
            await pilot.press(*("space" if letter == " " else letter for letter in words), "enter")
            for _ in range(400):
                await pilot.pause(0.05)
                if not app.background.busy("unlock"):
                    break
            assert desk.is_open is opens
        await settle(pilot)
        assert "REAL" in screen_text(app).splitlines()[0]
        assert "No patients yet" in screen_text(app)
    desk.close()


async def test_first_run_offers_the_fictional_clinic() -> None:
    """No file was ever opened: d opens the demo."""
    app = FirstRun()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("d")
    assert app.return_value == "demo"


def brightness(colour: str) -> float:
    """Relative luminance (WCAG 2)."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours."""
    light, dark = sorted((brightness(one), brightness(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_contrast_of_text(theme: Any) -> None:
    """Every text colour reaches 4.5 to 1 on every ground it stands on, reversed STOP included."""
    grounds = (theme.background, theme.surface, theme.panel)
    texts = (theme.foreground, theme.accent, *theme.variables.values())
    for ground in grounds:
        for text in texts:
            assert contrast(text, ground) >= 4.5, (text, ground)


def test_a_row_without_a_name_is_still_a_row() -> None:
    """Nothing about a person is needed but the id."""
    from pain_tui.tui.panes.patients import row_line

    assert "(no name)" in row_line(ClinicRow("FIC-1", "", "", None, None), 76).text
