"""`pain-tui lessons`: the teaching cases of the fictional clinic, the naive answer beside the careful one."""

from typing import TYPE_CHECKING, Annotated

import typer

from pain_tui.cli import common
from pain_tui.errors import UsageError

if TYPE_CHECKING:
    from pain_tui.patients.fictional.lessons import Lesson

WIDTH = 96


def register(app: typer.Typer) -> None:
    """Add `lessons`."""
    app.command("lessons")(lessons_)


def lessons_(
    person: Annotated[
        str | None,
        typer.Argument(metavar="[PERSON]", help="The id of a case, for example FIC-T01; all when left out."),
    ] = None,
    notes: Annotated[
        bool, typer.Option("--notes", help="Also the notes for whoever leads the hour.")
    ] = False,
    json: common.JsonOption = False,
) -> None:
    """Print the teaching cases: what each teaches; of one, the naive answer beside the careful one.

    Example: pain-tui lessons FIC-T01 --notes
    """
    from pain_tui.patients.fictional.lessons import FICTIONAL, lessons

    found = lessons()
    if person is not None and person not in found:
        raise UsageError(f"{person!r} is not a teaching case.", f"Cases: {', '.join(found)}.")
    chosen = [found[person]] if person else list(found.values())
    if json:
        common.write_json({"fictional": True, "lessons": [lesson.as_dict() for lesson in chosen]})
    elif person:
        _one(chosen[0], notes=notes)
    else:
        common.out(FICTIONAL.replace("this is not a real person", "no real people"))
        for lesson in chosen:
            common.out(f"{lesson.person}  {lesson.title}")
            if notes:
                _one(lesson, notes=True)
                common.out()


def _one(lesson: "Lesson", *, notes: bool) -> None:
    from pain_tui.tui.panes import lesson as panes
    from pain_tui.tui.widgets.lines import plain

    common.out(plain((panes.notes if notes else panes.answers)(lesson, WIDTH)))
