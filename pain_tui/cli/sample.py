"""The verbs for fictional people: a larger clinic (`sample`) and the demo."""

from pathlib import Path
from typing import Annotated

import typer

from pain_tui.cli import common


def register(app: typer.Typer) -> None:
    """Add `sample` and `demo`."""
    app.command()(sample)
    app.command()(demo)


def sample(
    out: Annotated[Path, typer.Option("--out", help="The new patient file.")],
    people: Annotated[int, typer.Option("--people", min=1, help="How many people.")] = 100,
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same people.")] = 1,
) -> None:
    """Write a fictional clinic of any size, drawn from published distributions.

    Example: pain-tui sample --people 1000 --seed 7 --out big.duckdb
    """
    from pain_tui.patients.fictional.clinic import write_clinic
    from pain_tui.patients.fictional.people import default_as_of, draw_people

    with common.progress("people", people) as done:
        file, problems = write_clinic(
            out,
            draw_people(people, seed, default_as_of()),
            as_of=default_as_of(),
            actor=common.actor(),
            at=common.now(),
            progress=done,
        )
    file.close()
    common.out(f"{out}: {people} fictional people, seed {seed}, as of {default_as_of()}.")
    for problem in problems[:20]:
        common.note(f"{problem.place}: {problem.what}")


def demo(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where the fictional clinic is kept.")] = Path(
        "demo"
    ),
    reset: Annotated[
        bool, typer.Option("--reset", help="Throw away changes and make the clinic anew.")
    ] = False,
    seed: Annotated[
        int | None,
        typer.Option(
            "--seed", help="Other people around the teaching cases; the same seed, the same people."
        ),
    ] = None,
    large: Annotated[
        bool, typer.Option("--large", help="For a projector: one column, black and white; enlarge the font.")
    ] = False,
    plain: Annotated[
        bool,
        typer.Option("--plain", help="Print the list and one assessment instead of opening the screens."),
    ] = False,
) -> None:
    """Make the fictional clinic and open it. Without a terminal, print the clinic list and one full assessment.

    `pain-tui lessons` has the teaching cases with their naive and careful answers.

    Example: pain-tui demo
    """
    from pain_tui.cli.demo import show

    show(folder, reset=reset, seed=seed, large=large, plain=plain)
