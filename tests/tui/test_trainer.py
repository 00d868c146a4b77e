"""The trainer: nothing is told before it is asked for, FICTIONAL stands on every screen, and no real person gets in."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pain_tui.errors import InputError
from pain_tui.patients import file as patient_file
from pain_tui.patients.fictional.lessons import lesson_of, lessons
from pain_tui.tui.app import PainTui
from pain_tui.tui.desk import Desk
from pain_tui.tui.screens.lesson import LessonDialog
from tests.cli.program import run

from . import real_clinic
from .screen_text import check, press, running, screen_text

SIZES = {"120x40": (120, 40), "80x24": (80, 24)}
PERSON = "FIC-T01"


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two teaching cases."""
    return real_clinic.make(tmp_path_factory.mktemp("trainer") / "clinic.duckdb", real_clinic.CASES[:2])


@pytest.fixture
def desk(clinic: Path) -> Iterator[Desk]:
    """Read only by these tests."""
    opened = Desk(clinic, actor="test")
    opened.open()
    yield opened
    opened.close()


def test_twelve_cases_and_each_says_what_a_leader_needs() -> None:
    """Both answers, questions, traps and where to look; the two answers differ."""
    assert len(lessons()) >= 12
    for lesson in lessons().values():
        assert lesson.person.startswith("FIC-") and lesson.traps and lesson.shows() and lesson.where
        assert len(lesson.ask) >= 2 and all(text.endswith("?") for text in lesson.ask)
        assert lesson.naive != lesson.careful


@pytest.mark.parametrize("size", SIZES)
async def test_a_lesson_tells_nothing_before_it_is_asked(desk: Desk, size: str) -> None:
    """Questions; L: both answers beside each other; L: the notes; L: back."""
    lesson = lessons()[PERSON]
    async with running(SIZES[size], desk=desk) as (app, pilot):
        app.screen.query_one("#patients-list").select(PERSON)  # type: ignore[attr-defined]
        await press(pilot, "L")
        assert lesson.ask[0][:30] in screen_text(app) and "Careful answer" not in screen_text(app)
        await press(pilot, "L")
        assert "Naive answer" in screen_text(app) and "Careful answer" in screen_text(app)
        check(app, f"lesson-{size}")
        await press(pilot, "L", "end")
        assert "pain-tui demo --reset" in " ".join(screen_text(app).replace("│", " ").split())
        await press(pilot, "L")
        assert not isinstance(app.screen, LessonDialog)


async def test_only_a_teaching_case_of_a_fictional_file_has_a_lesson() -> None:
    """An invented person of another clinic has none; nor has the same id in a file of real people."""
    assert lesson_of(PERSON, "fictional") is not None and lesson_of(PERSON, "real") is None
    async with running() as (app, pilot):
        await press(pilot, "L")
        assert not isinstance(app.screen, LessonDialog)


@pytest.mark.parametrize("size", SIZES)
async def test_fictional_stands_on_every_screen(desk: Desk, size: str) -> None:
    """The first line of all six, also behind a dialog."""
    async with running(SIZES[size], desk=desk) as (app, pilot):
        assert "FICTIONAL" in screen_text(app).splitlines()[0]
        for key in ("2", "3", "4", "5", "6"):
            await press(pilot, key)
            assert "FICTIONAL" in screen_text(app).splitlines()[0]
            await press(pilot, "question_mark")
            assert "FICTIONAL" in screen_text(app).splitlines()[0]
            await press(pilot, "escape")


OF_A_PERSON = ("assess", "genotype", "history", "lifestyle", "plan", "monitor", "limits", "check")


@pytest.mark.parametrize(
    "words", [("people",), *((verb, PERSON) for verb in OF_A_PERSON)], ids=lambda words: words[0]
)
def test_fictional_stands_on_every_output(clinic: Path, words: tuple[str, ...]) -> None:
    """Text says it in words, JSON as a fact."""
    verb, *person = words
    said = run(verb, str(clinic), *person)
    assert "FICTIONAL" in said.stdout, said.stderr


def test_the_page_and_the_note_say_it(desk: Desk) -> None:
    """What goes on paper too."""
    chart = desk.chart(PERSON)
    assert "FICTIONAL" in desk.page(chart).upper() and "FICTIONAL" in desk.note(chart).upper()
    assert '"fictional": true' in desk.as_json(chart)


def test_a_demo_file_refuses_a_real_person(tmp_path: Path) -> None:
    """Nothing is written; the sentence says what to do."""
    file = real_clinic.make(tmp_path / "clinic.duckdb", real_clinic.CASES[:1])
    (tmp_path / "person.csv").write_text("person,birth_date,sex\np-1,1970-01-01,female\n")
    done = run("import", str(file), str(tmp_path / "person.csv"))
    assert done.returncode != 0 and "may be a real person" in done.stderr
    listed = run("people", str(file)).stdout
    assert "p-1" not in listed
    with patient_file.open_file(file, actor="t", at=real_clinic.MADE_AT) as opened:
        from pain_tui.patients.intake import bring_in

        with pytest.raises(InputError, match="may be a real person"):
            bring_in(
                opened, {"person": [{"person": "p-1", "sex": "female", "fictional": False}]}, source="x", reader="csv",
                rows_read=1, actor="t", at=real_clinic.MADE_AT,
            )  # fmt: skip


async def test_large_is_one_column_at_every_width(desk: Desk) -> None:
    """For a projector: the layout of 80 columns, so that the font can be enlarged."""
    app = PainTui(desk, watch_terminal=False, theme="pain-tui-contrast", large=True)
    async with app.run_test(size=(120, 40)) as pilot:
        await press(pilot, "6")
        assert app.screen.wide is False and app.screen.has_class("narrow")  # type: ignore[attr-defined]
        assert app.theme == "pain-tui-contrast"


def test_a_seed_makes_the_same_people_and_never_over_a_file(tmp_path: Path) -> None:
    """Teaching cases first; the same seed, the same list; an existing folder is not touched without --reset."""
    first = run("demo", str(tmp_path / "a"), "--seed", "3", "--plain")
    second = run("demo", str(tmp_path / "b"), "--seed", "3", "--plain")
    assert first.returncode == 0 and first.stdout == second.stdout and PERSON in first.stdout
    refused = run("demo", str(tmp_path / "a"), "--seed", "4", "--plain")
    assert refused.returncode == 2 and "--reset" in refused.stderr
