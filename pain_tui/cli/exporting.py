"""The verb `export`: what leaves the patient file for other programs."""

import sys
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
    person: Annotated[
        str | None, typer.Argument(metavar="[PERSON]", help="Whom to export, with --as fhir.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="PATH", help="A new folder for the tables, or a new file for the Bundle."
        ),
    ] = None,
    form: Annotated[
        str | None, typer.Option("--as", metavar="FORM", help="fhir: one person as a FHIR R4 Bundle.")
    ] = None,
    with_identity: Annotated[
        bool, typer.Option("--with-identity", help="The Bundle holds the person's name too.")
    ] = False,
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
    """Write one person as FHIR, or the tables as CSV without identity.

    --as fhir writes a Bundle to standard output, or to a new file that only you may read. It holds no name unless
    asked; goals, plans, diaries and visits have no place in it and are counted.

    --deidentify: people of the same ten-year age band, sex and main condition, living or dead, form a group;
    people of small groups are left out and counted. The link between old and new ids is not kept anywhere.

    Example: pain-tui export clinic.duckdb FIC-T01 --as fhir --out person.json

    Example: pain-tui export clinic.duckdb --deidentify --out tables/
    """
    if form is not None:
        if form != "fhir" or person is None or deidentify:
            raise UsageError(
                "--as fhir exports one person.", "Write: pain-tui export FILE PERSON --as fhir [--out PATH]."
            )
        _fhir(file, person, out, with_identity, passphrase_file, key_file)
        return
    if not deidentify or out is None or person is not None or with_identity:
        raise UsageError(
            "export writes one person as FHIR, or all tables without identity.",
            "Write FILE PERSON --as fhir, or FILE --deidentify --out FOLDER.",
        )
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


def _fhir(
    file: Path,
    person: str,
    out: Path | None,
    with_identity: bool,
    passphrase_file: Path | None,
    key_file: Path | None,
) -> None:
    from pain_tui.patients import fhir_out
    from pain_tui.patients.audit import Entry
    from pain_tui.report import json_form
    from pain_tui.report.writing import write_private

    with common.open_patient_file(file, passphrase_file, key_file, knowledge=False) as opened:
        at = common.now()
        zone = opened.meta.get("time_zone")
        with opened.attached(write=True) as cursor:
            made = fhir_out.bundle(cursor, person, at=at, zone=zone, with_identity=with_identity)
            detail = {"form": "fhir", "identity": with_identity}
            opened.note(cursor, [Entry("export", person, detail=detail)], actor=common.actor(), at=at)
            text = json_form.escape(json_form.form(made.bundle, indent=True)) + "\n"
            if out is not None:
                write_private(out, text)
    if out is None:
        sys.stdout.write(text)
    else:
        common.out(f"{out}: {len(made.bundle['entry'])} resources of {person}. Only you may read it.")
    left = ", ".join(f"{count} of {table}" for table, count in made.left_out.items())
    if left:
        common.warn(f"Not in the Bundle: {left}.")
