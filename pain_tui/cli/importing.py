"""The verbs that bring outside files in, and that say what is wrong or missing in a patient file."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pain_tui.cli import common
from pain_tui.errors import InputError, PainTuiError, UsageError

if TYPE_CHECKING:
    from pain_tui.patients.file import PatientFile
    from pain_tui.patients.normalise.problem import Problem
    from pain_tui.patients.readers.base import Options, Reading
    from pain_tui.patients.readers.bring import Outcome
    from pain_tui.patients.readers.dispatch import Read
    from pain_tui.patients.readers.units import Units

NEW_PERSON = "N-"
FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="The patient file.")]
_NUMBERS = "government_identifier"
_SHOWN = 3  # places shown of one reason; --json lists all


def register(app: typer.Typer) -> None:
    """Add import and validate."""
    app.command("import")(import_)
    app.command()(validate)


def import_(
    file: FileArgument,
    sources: Annotated[list[Path], typer.Argument(metavar="SOURCE...", help="Files or folders to read.")],
    reader: Annotated[
        str | None,
        typer.Option(
            "--as",
            metavar="READER",
            help="csv, fhir, record, synthea, diary, vcf, array, pharmcat, lab, outside; else guessed.",
        ),
    ] = None,
    person: Annotated[
        str | None, typer.Option("--person", metavar="ID", help="Whose a genotype or diary file is.")
    ] = None,
    new_person: Annotated[
        bool, typer.Option("--new-person", help="Make the person of a genotype or diary file.")
    ] = False,
    scale: Annotated[
        str | None,
        typer.Option(
            "--scale",
            metavar="NAME",
            help="The scale of a diary's ratings when the file names none: 0-10, or its own name.",
        ),
    ] = None,
    symptom: Annotated[
        list[str] | None,
        typer.Option(
            "--symptom",
            metavar="NAME",
            help="Read this symptom of a diary; again for another. Else every pain.",
        ),
    ] = None,
    sample_map: Annotated[
        Path | None, typer.Option("--sample-map", metavar="PATH", help="CSV with the columns sample, person.")
    ] = None,
    keep_identifiers: Annotated[
        bool, typer.Option("--keep-identifiers", help="Also store government numbers (set aside otherwise).")
    ] = False,
    declare_fictional: Annotated[
        bool, typer.Option("--declare-fictional", help="These people are invented: for a fictional file.")
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Write nothing and exit 3 when any row is bad.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and report; write nothing.")] = False,
    as_of: common.AsOfOption = None,
    passphrase_file: common.PassphraseFileOption = None,
    key_file: common.KeyFileOption = None,
    json: common.JsonOption = False,
) -> None:
    """Read outside files into the patient file.

    Good rows go in; every row that could not be used is listed with its reason. The same row again is
    skipped,
    a changed one becomes a new version.

    Example: pain-tui import clinic.duckdb bundle.json medication.csv

    Example: pain-tui import clinic.duckdb sample.vcf --person p-12

    Example: pain-tui import clinic.duckdb diary.csv --person p-12 --scale 0-10
    """
    if new_person and len(sources) > 1:
        raise UsageError(
            f"--new-person with {len(sources)} sources: are they one person or several?",
            "Import the first with --new-person, then the others with --person and the id that was printed.",
        )
    from pain_tui import outside_files

    patient_file = common.open_patient_file(file, passphrase_file, key_file)
    try:
        options = replace(
            _options(patient_file, person, new_person, sample_map, keep_identifiers, as_of),
            scale=scale,
            symptoms=tuple(symptom or ()),
        )
        with _progress(sources) as advance, outside_files.watched(advance):
            done, units = _read(
                patient_file, sources, reader, options, declare_fictional, not (strict or dry_run)
            )
            bad = units.has_bad_rows or bool(done.errors) or any(_is_bad(r) for r in done.readings)
            units.writes = writes = not dry_run and not (strict and bad)
            if writes and strict and units.was_parted:  # too large to be held: read for the second time
                done, units = _read(patient_file, sources, reader, options, declare_fictional, True)
        outcomes = units.finish(done.readings)
    finally:
        patient_file.close()
    if json:
        common.write_json(_shape(file, outcomes, done.errors, written=writes))
    else:
        _say(
            outcomes, done.errors, written=writes, dry_run=dry_run, prefix="FIC-" if declare_fictional else ""
        )
    _leave(outcomes, strict=strict and bad)


def validate(
    file: FileArgument,
    as_of: common.AsOfOption = None,
    passphrase_file: common.PassphraseFileOption = None,
    key_file: common.KeyFileOption = None,
    json: common.JsonOption = False,
) -> None:
    """Say what is wrong or missing in a patient file; exit 3 when something is wrong.

    Example: pain-tui validate clinic.duckdb
    """
    from pain_tui.patients import checks

    patient_file = common.open_patient_file(file, passphrase_file, key_file)
    try:
        day = common.as_of_date(as_of, patient_file)
        with patient_file.attached() as cursor:
            found = checks.run(cursor, as_of=day)
    finally:
        patient_file.close()
    wrong = sum(row.is_wrong for row in found)
    if json:
        common.write_json(
            {
                "file": file.name,
                "as_of": day,
                "wrong": wrong,
                "missing": len(found) - wrong,
                "rows": [row.as_dict() for row in found],
            }
        )
    else:
        for row in found:
            common.out(row.line())
        common.out(f"{wrong} wrong, {len(found) - wrong} missing.")
    if wrong:
        raise typer.Exit(3)


def _options(
    file: "PatientFile",
    person: str | None,
    new_person: bool,
    sample_map: Path | None,
    keep_identifiers: bool,
    as_of: str | None,
) -> "Options":
    from pain_tui.patients.readers import genotype
    from pain_tui.patients.readers.base import Options

    if person and new_person:
        raise UsageError(
            "--person and --new-person do not go together.",
            "Name a person who is in the file, or make a new one.",
        )
    samples = dict(genotype.read_map(sample_map)) if sample_map else {}
    return Options(
        as_of=common.as_of_date(as_of, file),
        time_zone=file.meta.get("time_zone"),
        person=person,
        new_person=new_person,
        samples=samples,
        keep_identifiers=keep_identifiers,
        sexes=_sexes(file, [name for name in (person, *samples.values()) if name]),
    )


def _sexes(file: "PatientFile", people: list[str]) -> dict[str, str]:
    """The sex of the people named, for genes on the X."""
    if not people:
        return {}
    with file.attached() as cursor:
        rows = cursor.execute(
            "SELECT person, sex FROM clinic.main.person WHERE is_current AND list_contains(?, person)",
            [people],
        ).fetchall()
    return {str(name): str(sex) for name, sex in rows if sex}


def _read(
    file: "PatientFile",
    sources: list[Path],
    reader: str | None,
    options: "Options",
    declare: bool,
    writes: bool,
) -> "tuple[Read, Units]":
    """Read all sources; what is too large to be held is stored meanwhile, or let go where nothing is written."""
    from pain_tui.patients.readers import dispatch
    from pain_tui.patients.readers.units import Units

    units = Units(file, declare, common.actor(), common.now(), writes)
    return dispatch.read(sources, reader, replace(options, units=units)), units


def _is_bad(reading: "Reading") -> bool:
    return any(problem.code != _NUMBERS for problem in reading.bad())


def _progress(sources: list[Path]) -> AbstractContextManager[Callable[[int], None]]:
    """A bar over the bytes of the sources; some are read more than once, so it may start again."""
    total = sum(file.stat().st_size for source in sources for file in _files(source)) >> 20
    return common.progress("MB read", total)


def _files(source: Path) -> list[Path]:
    if source.is_dir():
        return [file for file in source.iterdir() if file.is_file()]
    return [source] if source.is_file() else []


def _shape(
    file: Path, outcomes: "list[Outcome]", errors: list[tuple[str, PainTuiError]], *, written: bool
) -> dict[str, Any]:
    sources = [outcome.as_dict() for outcome in outcomes]
    names = ("rows_read", "rows_used", "rows_unchanged", "rows_set_aside", "rows_ignored")
    return {
        "file": file.name,
        "written": written,
        "totals": {name: sum(source[name] for source in sources) for name in names},
        "sources": sources,
        "errors": [
            {"source": name, "message": error.message, "remedy": error.hint or None} for name, error in errors
        ],
    }


def _say(
    outcomes: "list[Outcome]",
    errors: list[tuple[str, PainTuiError]],
    *,
    written: bool,
    dry_run: bool,
    prefix: str = "",
) -> None:
    for outcome in outcomes:
        reading = outcome.reading
        common.out(
            f"{reading.place} ({reading.reader}): {reading.read} read, {outcome.used} used, "
            f"{outcome.unchanged} unchanged, "
            f"{outcome.set_aside} set aside, {reading.ignored} ignored"
        )
        for person in sorted(reading.described):
            if person.startswith(NEW_PERSON):
                common.out(f"  person {prefix}{person}: birth date and sex are not known; enter them")
        for title, level in (
            ("set aside", "row"),
            ("value left unknown", "value"),
            ("used, please check", "doubt"),
        ):
            _say_problems(title, [p for p in outcome.problems if p.level == level and p.code != _NUMBERS])
        _say_problems("kept out", [p for p in outcome.problems if p.code == _NUMBERS])
        unknown = [f"{table}.{name}" for table, name, use in reading.columns if use == "unknown"]
        if unknown:
            common.out(f"  columns not known and not used: {', '.join(unknown)}")
    for _, error in errors:
        common.say_error(error)
    if not written:
        common.out("Nothing was written (--dry-run)." if dry_run else "Nothing was written (--strict).")


def _say_problems(title: str, problems: "list[Problem]") -> None:
    """Each reason once, with how often and the first places."""
    groups: dict[tuple[str, str], list[Problem]] = {}
    for problem in problems:
        groups.setdefault((problem.code, problem.remedy), []).append(problem)
    for found in groups.values():
        first = found[0]
        common.out(f"  {title}, {len(found)}: {first.sentence()}")
        for other in found[1:_SHOWN]:
            common.out(f"      also {other.place}: {other.what}")
        if len(found) > _SHOWN:
            common.out(f"      and {len(found) - _SHOWN} more of this kind (--json lists all)")


def _leave(outcomes: "list[Outcome]", *, strict: bool) -> None:
    if strict or not any(outcome.used or outcome.unchanged for outcome in outcomes):
        if not strict:
            common.say_error(
                InputError(
                    "No input could be used.", "The reasons stand above; correct the files and import again."
                )
            )
        raise typer.Exit(3)
