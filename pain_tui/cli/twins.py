"""The plain-text twins of the screens History, Lifestyle and Monitor: the same lines, without boxes."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pain_tui.cli import common

if TYPE_CHECKING:
    from pain_tui.tui.chart import Chart

WIDTH = 100
FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="The patient file.")]
PersonArgument = Annotated[str, typer.Argument(metavar="PERSON", help="The person's id.")]


def register(app: typer.Typer) -> None:
    """Add the three verbs."""
    app.command()(history)
    app.command()(lifestyle)
    app.command()(monitor)


def history(
    file: FileArgument,
    person: PersonArgument,
    as_of: common.AsOfOption = None,
    json: common.JsonOption = False,
    passphrase_file: common.PassphraseFileOption = None,
    key_file: common.KeyFileOption = None,
) -> None:
    """Print medicines with their opioid dose, the opioid panel, treatments tried, problems, conditions, allergies.

    Example: pain-tui history clinic.duckdb FIC-0001
    """
    chart = _chart(file, person, as_of, passphrase_file, key_file)
    if json:
        write(
            chart,
            medicines=chart.medicines,
            treatments=chart.treatments,
            problems=chart.problems,
            conditions=chart.conditions,
            reviews=chart.reviews,
            opioid=chart.assessment.get("opioid"),
        )
        return
    from pain_tui.tui.panes import history as panes
    from pain_tui.tui.panes import opioid

    show(
        chart,
        panes.medicines(chart, WIDTH),
        [panes.reviewed(chart)],
        opioid.panel(chart, WIDTH),
        panes.tried(chart, WIDTH),
        panes.problems(chart, WIDTH),
    )


def lifestyle(
    file: FileArgument,
    person: PersonArgument,
    as_of: common.AsOfOption = None,
    json: common.JsonOption = False,
    passphrase_file: common.PassphraseFileOption = None,
    key_file: common.KeyFileOption = None,
) -> None:
    """Print every value that can be entered, with unit, range, date, and whether the model uses it.

    Example: pain-tui lifestyle clinic.duckdb FIC-0001
    """
    chart = _chart(file, person, as_of, passphrase_file, key_file)
    if json:
        names = ("fact", "group", "label", "unit", "low", "high", "value", "at", "is_old", "used", "warns")
        write(chart, fields=[{name: getattr(field, name) for name in names} for field in chart.fields])
        return
    from pain_tui.tui.panes import lifestyle as panes

    show(chart, panes.field_lines(chart, WIDTH))


def monitor(
    file: FileArgument,
    person: PersonArgument,
    as_of: common.AsOfOption = None,
    json: common.JsonOption = False,
    passphrase_file: common.PassphraseFileOption = None,
    key_file: common.KeyFileOption = None,
) -> None:
    """Print visits with pain, function and opioid dose, the person's usual swing, and what is due.

    Example: pain-tui monitor clinic.duckdb FIC-0001
    """
    chart = _chart(file, person, as_of, passphrase_file, key_file, course=True)
    if json:
        write(
            chart,
            visits=chart.visits,
            trend=chart.trend,
            ledger=chart.ledger,
            **(chart.course.as_dict() if chart.course else {}),
        )
        return
    from pain_tui.tui.panes import diary
    from pain_tui.tui.panes import monitor as panes

    show(
        chart,
        panes.visit_lines(chart, WIDTH),
        panes.values(chart, WIDTH),
        panes.due_lines(chart, WIDTH),
        panes.said_lines(chart, WIDTH),
        diary.plain(chart, WIDTH),
    )


def _chart(
    file: Path,
    person: str,
    as_of: str | None,
    passphrase_file: Path | None,
    key_file: Path | None,
    *,
    course: bool = False,
) -> "Chart":
    from dataclasses import replace

    from pain_tui.tui import reading

    with common.open_patient_file(file, passphrase_file, key_file) as opened:
        day: date = common.as_of_date(as_of, opened)
        chart = reading.chart(opened, person, (), day)
        if not course:
            return chart
        mme, followed = reading.course(opened, person, (), day, [row["at"] for row in chart.visits])
        visits = tuple({**row, "mme": mme.get(row["at"])} for row in chart.visits)
        return replace(chart, visits=visits, course=followed)


def write(chart: "Chart", **parts: Any) -> None:
    """The stable shape: who, the day, then the parts."""
    common.write_json(
        {
            "person": chart.identity.person,
            "as_of": chart.as_of,
            "fictional": chart.identity.fictional,
            **parts,
        }
    )


def show(chart: "Chart", *blocks: Iterable[Any]) -> None:
    """The head, then each block of lines as linear text."""
    from pain_tui.tui.widgets.lines import plain

    head(chart)
    for block in blocks:
        common.out()
        common.out(plain(block))


def head(chart: "Chart") -> None:
    """Who it is, whether the person is invented, and what is open."""
    if chart.identity.fictional:
        common.out("FICTIONAL: this is not a real person.")
    counts = chart.counts
    common.out(f"Person {chart.identity.person} as of {chart.as_of.isoformat()}")
    common.out(f"STOP {counts.STOP}, CAUTION {counts.CAUTION}, NOTE {counts.NOTE}, MISSING {counts.MISSING}")
