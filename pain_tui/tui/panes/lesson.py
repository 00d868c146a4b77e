"""A teaching case on the screen: first the questions; on request both answers beside each other, and the notes."""

from collections.abc import Iterator
from itertools import zip_longest
from textwrap import wrap

from pain_tui.patients.fictional.lessons import FICTIONAL, Lesson
from pain_tui.tui.widgets.lines import Line, Piece, line, paragraph, rule

GAP = 3


def questions(lesson: Lesson, width: int) -> list[Line]:
    """What to think about before anything is told."""
    return [
        line(Piece(lesson.title, "head")),
        line(FICTIONAL),
        rule(),
        line(Piece("Before you look", "head")),
        *(part for text in lesson.ask for part in paragraph(f"- {text}", width, indent="  ")),
    ]


def answers(lesson: Lesson, width: int) -> list[Line]:
    """The naive answer beside the careful one, and what makes the difference."""
    return [
        *questions(lesson, width),
        rule(),
        *_beside(lesson.naive, lesson.careful, width),
        rule(),
        line(Piece("Why they differ", "head")),
        *paragraph(lesson.teaches, width),
    ]


def notes(lesson: Lesson, width: int) -> list[Line]:
    """All of it, with the notes for whoever leads the hour."""
    return [
        *answers(lesson, width),
        rule(),
        line(Piece("Notes for whoever leads", "head")),
        *paragraph(f"Where: {lesson.where}.", width),
        *(part for text in lesson.traps for part in paragraph(f"Trap: {text}", width, indent="  ")),
        *(
            part
            for text in lesson.shows()
            for part in paragraph(f"The program shows {text}", width, indent="  ")
        ),
        *paragraph(
            "Let them answer before L is pressed again. Undo everything: pain-tui demo --reset.", width
        ),
    ]


def _beside(naive: str, careful: str, width: int) -> Iterator[Line]:
    column = (width - GAP) // 2
    yield line(Piece("Naive answer".ljust(column + GAP), "head"), Piece("Careful answer", "head"))
    for left, right in zip_longest(wrap(naive, column), wrap(careful, column), fillvalue=""):
        yield line(left.ljust(column + GAP), right)
