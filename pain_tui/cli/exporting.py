"""The verb `export`: what leaves the patient file for other programs."""

from pathlib import Path
from typing import Annotated

import typer

from pain_tui.cli import common
from pain_tui.errors import UsageError


def register(app: typer.Typer) -> None:
    """Add export."""
    app.command()(export)


def export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The patient file.")],
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="A new folder for the tables.")],
    deidentify: Annotated[
        bool,
        typer.Option(
            "--deidentify", help="New ids, dates shifted per person, free text and rare values left out."
        ),
    ] = False,
    smallest_cell: Annotated[
        int, typer.Option("--smallest-cell", metavar="N", min=2, help="Groups of fewer people are left out.")
    ] = 5,
    as_of: common.AsOfOption = None,
    passphrase_file: common.PassphraseFileOption = None,
    key_file: common.KeyFileOption = None,
    json: common.JsonOption = False,
) -> None:
    """Write the tables as CSV without identity.

    People of the same ten-year age band, sex and main condition form a group; people of small groups are left
    out and counted. The link between old and new ids is not kept anywhere.

    Example: pain-tui export clinic.duckdb --deidentify --out tables/
    """
    if not deidentify:
        raise UsageError("export writes tables without identity only.", "Add --deidentify.")
    import secrets

    from pain_tui.patients import deidentify as without_identity

    with common.open_patient_file(file, passphrase_file, key_file, knowledge=False) as opened:
        done = without_identity.export(
            opened,
            out,
            as_of=common.as_of_date(as_of, opened),
            secret=secrets.token_bytes(32),
            smallest_cell=smallest_cell,
            actor=common.actor(),
            at=common.now(),
        )
    if json:
        shape = {"out": str(out), "people": done.people, "left_out": done.left_out, "rows": done.rows}
        common.write_json({**shape, "held_back": dict(done.held_back)})
        return
    common.out(
        f"{done.people} people written to {out}, {done.left_out} left out of groups under {smallest_cell}."
    )
    for table, count in done.rows.items():
        common.out(f"  {table:16} {count:>10,} rows")
    for column, count in done.held_back.items():
        common.out(f"  {column}: {count:,} values held back, shared by too few")
    common.note("A rare genotype or an unusual course can still be recognised. Look before you pass it on.")
