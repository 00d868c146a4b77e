"""Plain-text twins of what stands beside the plan: the note with goals and declined options, the walk, the case against."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pain_tui.cli import common, twins
from pain_tui.errors import UsageError

if TYPE_CHECKING:
    from pain_tui.tui.chart import Chart
    from pain_tui.tui.desk import Desk

OptionArgument = Annotated[
    str, typer.Argument(metavar="OPTION", help="The option's id, as `plan --json` has it.")
]


def register(app: typer.Typer) -> None:
    """Add the three verbs."""
    app.command()(note)
    app.command()(walk)
    app.command()(against)


def note(
    file: twins.FileArgument,
    person: twins.PersonArgument,
    as_of: common.AsOfOption = None,
    passphrase_file: common.PassphraseFileOption = None,
    key_file: common.KeyFileOption = None,
) -> None:
    """Print the plan as a note: goals, what is chosen with its numbers, what is declined, what blocks signing.

    Example: pain-tui note clinic.duckdb FIC-0001
    """
    desk, chart = _asked(file, person, as_of, passphrase_file, key_file)
    common.out(desk.note(chart).rstrip("\n"))
    desk.close()


def walk(
    file: twins.FileArgument,
    person: twins.PersonArgument,
    as_of: common.AsOfOption = None,
    json: common.JsonOption = False,
    passphrase_file: common.PassphraseFileOption = None,
    key_file: common.KeyFileOption = None,
) -> None:
    """Print the guided walk: at each of its four steps what is complete and what is missing.

    Example: pain-tui walk clinic.duckdb FIC-0001
    """
    from pain_tui.tui import walk as steps

    desk, chart = _asked(file, person, as_of, passphrase_file, key_file)
    desk.close()
    said = {step: steps.state(chart, step) for step in steps.STEPS}
    if json:
        twins.write(chart, steps=said)
        return
    twins.head(chart)
    for number, (step, state) in enumerate(said.items(), 1):
        common.out(f"Step {number} of {len(said)}, {step}: {state}")


def against(
    file: twins.FileArgument,
    person: twins.PersonArgument,
    option: OptionArgument,
    as_of: common.AsOfOption = None,
    json: common.JsonOption = False,
    passphrase_file: common.PassphraseFileOption = None,
    key_file: common.KeyFileOption = None,
) -> None:
    """Print the strongest case against an option for a person, with both sides where the evidence disagrees.

    Example: pain-tui against clinic.duckdb FIC-0001 rfa_lumbar_mb
    """
    desk, chart = _asked(file, person, as_of, passphrase_file, key_file)
    desk.close()
    options: dict[str, Any] = {one["option"]: one for one in (chart.problem or {}).get("options", [])}
    if option not in options:
        raise UsageError(
            f"{option!r} is not listed for {person}.", f"Listed: {', '.join(options) or 'nothing'}."
        )
    from pain_tui.tui.panes.against import against_lines, parts_of

    if json:
        said = [
            {"heading": title, "sentences": list(sentences)}
            for title, sentences in parts_of(chart, options[option])
        ]
        twins.write(chart, option=option, against=said)
        return
    twins.show(chart, against_lines(chart, options[option], twins.WIDTH))


def _asked(
    file: Path, person: str, as_of: str | None, passphrase_file: Path | None, key_file: Path | None
) -> "tuple[Desk, Chart]":
    from pain_tui.tui.desk import Desk

    desk = Desk(
        file, actor=common.actor(), as_of=common.as_of_date(as_of) if as_of else None, key_file=key_file
    )
    desk.open(common.ask_passphrase(passphrase_file) if file.exists() and desk.needs_passphrase else None)
    return desk, desk.chart(person)
