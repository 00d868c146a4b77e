"""The verb `score`: a whole patient file to tables of forecasts and findings."""

import os
from pathlib import Path
from typing import Annotated

import typer

from pain_tui.cli import common
from pain_tui.errors import InputError


def register(app: typer.Typer) -> None:
    """Add `score`."""
    app.command()(score)


def score(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The patient file.")],
    out: Annotated[Path, typer.Option("--out", metavar="PATH", help="Forecasts: .parquet, .csv or .jsonl.")],
    findings: Annotated[
        Path | None, typer.Option("--findings", metavar="PATH", help="Findings: .parquet, .csv or .jsonl.")
    ] = None,
    people: Annotated[
        Path | None, typer.Option("--people", metavar="IDS.txt", help="Only these ids, one a line.")
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option("--jobs", metavar="N", min=1, help="Partitions at once (default: one a core)."),
    ] = None,
    with_identity: Annotated[bool, typer.Option("--with-identity", help="Write names too.")] = False,
    horizon: Annotated[
        int, typer.Option("--horizon", metavar="WEEKS", help="Display horizon: 12, 26 or 52 weeks.")
    ] = 12,
    as_of: common.AsOfOption = None,
    json: common.JsonOption = False,
    passphrase_file: common.PassphraseFileOption = None,
    key_file: common.KeyFileOption = None,
) -> None:
    """Forecast and check everybody in a patient file: one row per person, problem and option, without names.

    Example: pain-tui score clinic.duckdb --out forecast.parquet --findings findings.parquet
    """
    from pain_tui.assess import case, cohort

    chosen = _ids(people) if people else None
    with common.open_patient_file(file, passphrase_file, key_file) as opened:
        run = case.Run(common.as_of_date(as_of, opened), horizon)
        with common.progress("Scored", len(chosen) if chosen else None) as advance:
            made = cohort.score(
                opened, out, findings, run, versions=common.versions(), people=chosen, jobs=jobs or os.cpu_count() or 1,
                with_identity=with_identity, progress=advance,
            )  # fmt: skip
    if json:
        places = {"out": str(out), "findings_out": str(findings) if findings else None}
        common.write_json({"as_of": run.as_of, **places, **vars(made)})
        return
    common.out(
        f"{made.people} people: {made.forecasts} forecasts in {out} "
        f"({made.without_estimate} with a reason in place of a number)"
        + (f", {made.findings} findings in {findings}." if findings else ".")
    )


def _ids(path: Path) -> list[str]:
    ids = [line.strip() for line in common.read_text_or_stdin(path).splitlines() if line.strip()]
    if not ids:
        raise InputError(f"{path} names nobody.", "Write one person id a line.")
    return ids
