"""The screens over the real core: changes show at once, and what is saved is there again."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from pain_tui.tui.app import PainTui
from pain_tui.tui.chart import Chart
from pain_tui.tui.desk import Desk
from pain_tui.tui.draft import Edit

from . import real_clinic
from .screen_text import press, running, screen_text, type_in

PERSON = "FIC-T01"


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three teaching cases in one file."""
    return real_clinic.make(tmp_path_factory.mktemp("clinic") / "clinic.duckdb")


@pytest.fixture
def desk(clinic: Path, tmp_path: Path) -> Iterator[Desk]:
    """A desk on a copy of the file, so that no test sees another's changes."""
    file = tmp_path / "clinic.duckdb"
    file.write_bytes(clinic.read_bytes())
    opened = Desk(file, actor="test")
    opened.open()
    yield opened
    opened.close()


def chart_of(app: PainTui) -> Chart:
    """The open chart."""
    assert app.chart is not None
    return app.chart


def responses(chart: Chart) -> dict[str, float]:
    """Option -> chance of response."""
    assert chart.problem is not None
    return {o["option"]: o["response"]["p"] for o in chart.problem["options"] if o["response"]}


async def open_case(app: PainTui, pilot: Pilot, *keys: str) -> Any:
    """Open the teaching case and press some keys."""
    app.screen.query_one("#patients-list").select(PERSON)  # type: ignore[attr-defined]
    await press(pilot, "enter", *keys)


async def test_a_plan_that_another_screen_saved_meanwhile_is_not_overwritten(desk: Desk) -> None:
    """Both values are shown, nothing is saved; after taking the change back the new plan is there to decide on."""
    async with running(desk=desk) as (app, pilot):
        await open_case(app, pilot, "5", "a")
        assert app.draft is not None and len(app.draft) == 1
        other = Desk(desk.path, actor="dr-other")
        other.open()
        other.warm()
        values = {"problem": None, "options": ["mbb"], "state": "draft", "stop_rule": "after 6 weeks"}
        other.save(PERSON, [Edit("plan", "add", PERSON, None, values, "plan", "plan", version=0)])
        other.close()
        await press(pilot, "down", "a")  # a second change of the same draft does not make the other one seen
        await press(pilot, "s")
        seen = " ".join(screen_text(app).replace("│", " ").split())
        assert (
            "saved meanwhile by dr-other" in seen
            and "There now, draft: mbb, stop rule: after 6 weeks" in seen
        )
        assert "Yours, draft:" in seen and app.draft is not None and len(app.draft) == 1
        await press(pilot, "escape", "u", "u")
        assert not len(app.draft) and (chart_of(app).plan or {}).get("options") == ["mbb"]
        await press(pilot, "a", "s")
        assert not len(app.draft) and "mbb" in (chart_of(app).plan or {})["options"]


async def edit_field(app: PainTui, pilot: Pilot, fact: str, text: str) -> None:
    """Enter a value on the lifestyle screen."""
    await press(pilot, "4")
    app.screen.query_one("#fields").select(fact)  # type: ignore[attr-defined]
    await press(pilot, "enter")
    await type_in(pilot, text)
    await press(pilot, "enter")


async def test_a_score_changes_the_plan_at_once_and_undo_brings_it_back(desk: Desk) -> None:
    """PHQ-9 is in the model for facet pain: the plan's numbers follow before anything is saved."""
    async with running(desk=desk) as (app, pilot):
        await open_case(app, pilot)
        before = responses(chart_of(app))
        await edit_field(app, pilot, "phq9_total", "3")
        assert responses(chart_of(app)) != before
        await press(pilot, "u")
        assert responses(chart_of(app)) == before


async def test_a_medicine_changes_mme_and_warnings_and_is_there_after_reopening(desk: Desk) -> None:
    """Oxycodone is added in the form; total, warnings and list follow; saved, it is in the file."""
    async with running(desk=desk) as (app, pilot):
        await open_case(app, pilot, "3")
        before = chart_of(app)
        await press(pilot, "n")
        for words in ("oxycodone 5 mg oral tablet", "5", "mg", "3 times a day"):
            await type_in(pilot, words)
            await press(pilot, "enter")
        await press(pilot, "enter", "enter", "enter")
        after = chart_of(app)
        assert after.assessment["opioid"]["mme"]["total_mme_per_day"] == pytest.approx(
            before.assessment["opioid"]["mme"]["total_mme_per_day"] + 22.5
        )
        assert len(after.findings) > len(before.findings)
        await press(pilot, "s")
        assert app.draft is not None and len(app.draft) == 0
    again = desk.chart(PERSON)
    assert "oxycodone" in {row["ingredient"] for row in again.medicines if row["active"]}
    assert again.assessment["opioid"]["mme"] == {
        **after.assessment["opioid"]["mme"],
        "doses": again.assessment["opioid"]["mme"]["doses"],
    }


async def test_stopping_the_inhibitor_shows_in_the_phenotype(desk: Desk) -> None:
    """Bupropion stopped: the phenotype with drugs keeps its wash-out, the change is named."""
    async with running(desk=desk) as (app, pilot):
        await open_case(app, pilot, "3")
        row = next(r for r in chart_of(app).medicines if r["ingredient"] == "bupropion")
        app.screen.query_one("#medicines").select(f"medication:{row['row_id']}")  # type: ignore[attr-defined]
        await press(pilot, "enter", "f6")
        assert app.draft is not None and "bupropion stopped" in app.draft.words()
        gene = next(g for g in chart_of(app).assessment["genes"] if g["gene"] == "CYP2D6")
        assert gene["phenotype"] == "Intermediate Metabolizer"
        stopped = next(r for r in chart_of(app).medicines if r["ingredient"] == "bupropion")
        assert stopped["active"] is False


async def test_an_override_is_stored_and_holds(desk: Desk) -> None:
    """A STOP answered with a reason is shown as overridden, also after reopening."""
    async with running(desk=desk) as (app, pilot):
        await open_case(app, pilot, "5", "o")
        await type_in(pilot, "3")
        await press(pilot, "enter", "s")
    again = desk.chart(PERSON)
    assert [f["answer"] for f in again.findings if f["tier"] == "STOP"] == ["override"]


async def test_watch_is_always_on_the_list_and_evidence_opens(desk: Desk) -> None:
    """Watching stands in the plan; e shows trials and inputs of an option and of a warning."""
    async with running(desk=desk) as (app, pilot):
        await open_case(app, pilot, "5")
        assert "Watch, no new treatment" in screen_text(app)
        await press(pilot, "e")
        assert "Evidence: " in screen_text(app)
        await press(pilot, "escape", "tab", "e")
        assert "Inputs of this person" in screen_text(app)


async def test_what_the_screen_says_equals_the_assessment(desk: Desk) -> None:
    """Each estimate on the plan is the assessment's number, as a whole number of 100."""
    async with running(desk=desk) as (app, pilot):
        await open_case(app, pilot, "5")
        lines = {item.key: item.text for item in app.screen.query_one("#options").lines if item.key}  # type: ignore[attr-defined]
        for option, p in responses(chart_of(app)).items():
            assert f" {round(p * 100)} " in lines[option]


async def test_a_person_who_died_has_no_plan(desk: Desk) -> None:
    """No options are compared, and the screen says why."""
    died = next(row.person for row in desk.clinic().rows if row.plan == "died")
    async with running(desk=desk) as (app, pilot):
        app.screen.query_one("#patients-list").select(died)  # type: ignore[attr-defined]
        await press(pilot, "5")
        if not (chart_of(app).problem or {}).get("options"):
            assert "No options to compare" in screen_text(app)
        assert not responses(chart_of(app)) if chart_of(app).problem else True


def test_the_latest_word_on_a_list_counts_and_grows_old(desk: Desk) -> None:
    """Confirmed: current to the last day of its validity (30), old on the next; taken back: not confirmed at all."""
    from datetime import date, datetime

    from pain_tui.patients import decide
    from pain_tui.tui import reading

    said = {"actor": "t", "at": datetime(2026, 11, 20, 9)}
    for person, complete in (("FIC-T01", True), ("FIC-T04", False)):
        decide.state_list_complete(
            desk.file, person, "medication", complete, seen_at=datetime(2026, 11, 20), **said
        )  # type: ignore[arg-type]
    ages = [
        reading.chart(desk.file, PERSON, (), day).reviews["medication"]["is_old"]
        for day in (date(2026, 12, 20), date(2026, 12, 21))
    ]
    assert ages == [False, True]
    assert "medication" not in desk.chart("FIC-T04").reviews
