"""The verbs that ask about one person without storing anything: what-if, and the printable page."""

from pathlib import Path
from typing import Annotated

import typer

from pain_tui.cli import common

FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="The patient file.")]
PersonArgument = Annotated[str, typer.Argument(metavar="PERSON", help="The person's id.")]
HorizonOption = Annotated[
    int, typer.Option("--horizon", metavar="WEEKS", help="Display horizon: 12, 26 or 52 weeks.")
]


def register(app: typer.Typer) -> None:
    """Add the verbs of this group."""
    app.command("what-if")(what_if)
    app.command()(report)


def what_if(
    file: FileArgument,
    person: PersonArgument,
    settings: Annotated[
        list[str],
        typer.Option("--set", metavar="FACT=VALUE", help="A fact or a gene set otherwise; may be repeated."),
    ],
    horizon: HorizonOption = 12,
    as_of: common.AsOfOption = None,
    json: common.JsonOption = False,
    passphrase_file: common.PassphraseFileOption = None,
    key_file: common.KeyFileOption = None,
) -> None:
    """Before and after, side by side, if a fact were different. Nothing is stored.

    Example: pain-tui what-if clinic.duckdb FIC-0001 --set smoking=never --set CYP2D6='*1/*4'
    """
    from pain_tui.assess import case
    from pain_tui.assess import what_if as asking
    from pain_tui.report import what_if_text

    with common.open_patient_file(file, passphrase_file, key_file) as opened:
        run = case.Run(common.as_of_date(as_of, opened), horizon)
        shape = asking.what_if(opened, person, settings, run).as_dict()
    if json:
        common.write_json({"set": settings, **shape})
    else:
        common.out(what_if_text.compared(shape, settings))


def report(
    file: FileArgument,
    person: PersonArgument,
    out: Annotated[Path, typer.Option("--out", metavar="PAGE.html", help="Where to write the page.")],
    horizon: HorizonOption = 12,
    as_of: common.AsOfOption = None,
    passphrase_file: common.PassphraseFileOption = None,
    key_file: common.KeyFileOption = None,
) -> None:
    """Write one printable page about a person: no name, no picture, nothing loaded from anywhere.

    Example: pain-tui report clinic.duckdb FIC-0001 --out page.html
    """
    from pain_tui.assess import assessment, case, engine
    from pain_tui.report import html
    from pain_tui.report.writing import write_private

    with common.open_patient_file(file, passphrase_file, key_file) as opened:
        cursor = opened.cursor()
        run = case.Run(common.as_of_date(as_of, opened), horizon)
        with opened.attached(cursor=cursor):
            case.from_file(cursor, [person], run)
        engine.run(cursor)
        shape = {"versions": common.versions(), **assessment.assess_people(cursor)[0].as_dict()}
    write_private(out, html.page(shape), over=True)
    common.out(f"{out}: the page of {person}.")
