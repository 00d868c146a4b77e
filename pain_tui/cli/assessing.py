"""The verbs about people: the clinic list, one assessment, and the plain-text twins of the screens."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pain_tui import outside_files
from pain_tui.cli import common
from pain_tui.errors import InputError, UsageError

if TYPE_CHECKING:
    from pain_tui.assess.assessment import Assessment
    from pain_tui.assess.case import Run

NO_ESTIMATE = 5
RECORDS_AT_ONCE = 500

FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="The patient file.")]
PersonArgument = Annotated[str, typer.Argument(metavar="PERSON", help="The person's id.")]
OptionOption = Annotated[
    list[str] | None,
    typer.Option(
        "--option", metavar="ID", help="Add an option or procedure that is not on the list; may be repeated."
    ),
]
HorizonOption = Annotated[
    int, typer.Option("--horizon", metavar="WEEKS", help="Display horizon: 12, 26 or 52 weeks.")
]


def register(app: typer.Typer) -> None:
    """Add the verbs of this group."""
    app.command()(people)
    app.command()(assess)
    app.command()(genotype)
    app.command()(plan)
    app.command()(limits)
    app.command()(check)


def people(
    file: FileArgument,
    find: Annotated[
        str,
        typer.Option(
            "--find", metavar="TEXT", help="Only people with this in their id, name or open problem."
        ),
    ] = "",
    limit: Annotated[
        int | None,
        typer.Option("--limit", min=1, metavar="N", help="At most N people, who comes next first."),
    ] = None,
    as_of: common.AsOfOption = None,
    json: common.JsonOption = False,
    passphrase_file: common.PassphraseFileOption = None,
    key_file: common.KeyFileOption = None,
) -> None:
    """Print the clinic list: id, age, problem, counts of STOP, CAUTION, NOTE, MISSING.

    Everybody is assessed for it, a thousand people in some ten seconds; --find and --limit keep it short.

    Example: pain-tui people clinic.duckdb

    Example: pain-tui people clinic.duckdb --find rivera --limit 20
    """
    from pain_tui.assess import clinic
    from pain_tui.patients import people as listing
    from pain_tui.report import clinic_text

    with common.open_patient_file(file, passphrase_file, key_file) as opened:
        day = common.as_of_date(as_of, opened)
        with opened.attached() as cursor:
            everybody = listing.count_people(cursor)
            only = None
            if find.strip() or limit is not None:
                found = listing.clinic_list(cursor, as_of=day, names=True, find=find, limit=limit)
                only = [row.person for row in found]
        with common.progress("Assessed", everybody if only is None else len(only)) as advance:
            rows = clinic.people(opened, as_of=day, only=only, progress=advance)
        if only is not None:
            place = {person: number for number, person in enumerate(only)}
            rows.sort(key=lambda row: place[row["person"]])
            common.note(f"{len(rows):,} of {everybody:,} people.")
        if json:
            common.write_json({"fictional": opened.kind == "fictional", "people": rows})
        else:
            common.out(clinic_text.people(rows, fictional=opened.kind == "fictional"))


def assess(
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="The patient file.")] = None,
    person: Annotated[str | None, typer.Argument(metavar="[PERSON]", help="The person's id.")] = None,
    record: Annotated[
        str | None,
        typer.Option(
            "--record", metavar="FILE", help="People as JSON, one a line (`-` for stdin); nothing is stored."
        ),
    ] = None,
    option: OptionOption = None,
    horizon: HorizonOption = 12,
    as_of: common.AsOfOption = None,
    json: common.JsonOption = False,
    passphrase_file: common.PassphraseFileOption = None,
    key_file: common.KeyFileOption = None,
) -> None:
    """Print one full assessment of a person in a patient file, or of people given as JSON records.

    Example: pain-tui assess clinic.duckdb FIC-0001 --json

    Example: pain-tui assess --record people.jsonl --option idds
    """
    if record is not None:
        if file is not None or person is not None:
            raise UsageError(
                "assess takes a patient file and a person, or --record, not both.", "Leave one of them out."
            )
        _assess_records(record, option or [], horizon, as_of)
        return
    if file is None or person is None:
        raise UsageError(
            "assess needs FILE and PERSON, or --record FILE.", "Try: pain-tui assess clinic.duckdb FIC-0001"
        )
    found = _of_file(file, person, option or [], horizon, as_of, passphrase_file, key_file)
    if json:
        common.write_json(found.as_dict())
    else:
        _print_text(found)
    _leave_with_estimate(found)


def genotype(
    file: FileArgument,
    person: PersonArgument,
    as_of: common.AsOfOption = None,
    json: common.JsonOption = False,
    passphrase_file: common.PassphraseFileOption = None,
    key_file: common.KeyFileOption = None,
) -> None:
    """Print the genotype ladder: every gene, its phenotype, and the phenotype with present medicines.

    Example: pain-tui genotype clinic.duckdb FIC-0001
    """
    found = _of_file(file, person, [], 12, as_of, passphrase_file, key_file)
    if json:
        common.write_json(_part(found, "genes"))
    else:
        _print_text(found, "genotype")


def plan(
    file: FileArgument,
    person: PersonArgument,
    option: OptionOption = None,
    horizon: HorizonOption = 12,
    as_of: common.AsOfOption = None,
    json: common.JsonOption = False,
    passphrase_file: common.PassphraseFileOption = None,
    key_file: common.KeyFileOption = None,
) -> None:
    """Print the plan: every option with response, comparator, extra, harms, check and highest tier.

    Example: pain-tui plan clinic.duckdb FIC-0001 --horizon 26
    """
    found = _of_file(file, person, option or [], horizon, as_of, passphrase_file, key_file)
    if json:
        common.write_json(_part(found, "findings", "problems", "limits"))
    else:
        _print_text(found, "findings", "plan", "limits")
    _leave_with_estimate(found)


def limits(
    file: FileArgument,
    person: Annotated[
        str | None, typer.Argument(metavar="[PERSON]", help="The person's id; everybody when left out.")
    ] = None,
    as_of: common.AsOfOption = None,
    json: common.JsonOption = False,
    passphrase_file: common.PassphraseFileOption = None,
    key_file: common.KeyFileOption = None,
) -> None:
    """Print what cannot be said, why, and what would close it.

    Example: pain-tui limits clinic.duckdb FIC-0001
    """
    from pain_tui.assess import clinic
    from pain_tui.report import clinic_text

    with common.open_patient_file(file, passphrase_file, key_file) as opened:
        day = common.as_of_date(as_of, opened)
        rows = clinic.limits(opened, [person] if person else None, as_of=day)
        if json:
            common.write_json({"fictional": opened.kind == "fictional", "as_of": day, "limits": rows})
        else:
            common.out(clinic_text.limits(rows, fictional=opened.kind == "fictional"))


def check(
    file: FileArgument,
    person: Annotated[
        str | None, typer.Argument(metavar="[PERSON]", help="The person's id; everybody when left out.")
    ] = None,
    fail_on: Annotated[
        str | None,
        typer.Option("--fail-on", metavar="WHAT", help="stop, or unknown: exit 10 when there is one."),
    ] = None,
    as_of: common.AsOfOption = None,
    json: common.JsonOption = False,
    passphrase_file: common.PassphraseFileOption = None,
    key_file: common.KeyFileOption = None,
) -> None:
    """Print the findings only, for a pipeline.

    Example: pain-tui check clinic.duckdb --fail-on stop
    """
    from pain_tui.assess import clinic
    from pain_tui.report import clinic_text

    if fail_on not in (None, "stop", "unknown"):
        raise UsageError(f"--fail-on {fail_on!r} is not known.", "Use stop or unknown.")
    with common.open_patient_file(file, passphrase_file, key_file) as opened:
        day = common.as_of_date(as_of, opened)
        found = clinic.findings(opened, [person] if person else None, as_of=day)
        if json:
            shape = {"findings": found.findings, "undecided_stops": found.undecided_stops}
            common.write_json({"fictional": opened.kind == "fictional", "as_of": day, **shape})
        else:
            common.out(clinic_text.findings(found.findings, fictional=opened.kind == "fictional"))
    stops = any(row["tier"] == "STOP" for row in found.findings)
    if fail_on and (stops or (fail_on == "unknown" and found.undecided_stops)):
        raise typer.Exit(10)


# --- one person ------------------------------------------------------------------------------------------


def _of_file(
    file: Path,
    person: str,
    options: list[str],
    horizon: int,
    as_of: str | None,
    passphrase_file: Path | None,
    key_file: Path | None,
) -> "Assessment":
    from pain_tui import settings
    from pain_tui.assess import assessment, case, engine

    with common.open_patient_file(file, passphrase_file, key_file) as opened:
        cursor = opened.cursor()
        run = case.Run(common.as_of_date(as_of, opened), horizon, asked=case.asked(cursor, options))
        with opened.attached(cursor=cursor):
            case.from_file(cursor, [person], run)
        engine.run(cursor)
        return assessment.assess_people(cursor, base_rates=settings.load().base_rates)[0]


def _part(found: "Assessment", *names: str) -> dict[str, Any]:
    shape = found.as_dict()
    return {name: shape[name] for name in ("person", "as_of", "fictional", *names)}


def _print_text(found: "Assessment", *sections: str) -> None:
    from pain_tui.report import text

    shape = {"versions": common.versions(), **found.as_dict()}
    common.out(text.assessment(shape, sections=sections or text.SECTIONS))


def _leave_with_estimate(found: "Assessment") -> None:
    if not found.has_estimate:
        raise typer.Exit(NO_ESTIMATE)


# --- records ---------------------------------------------------------------------------------------------


def _assess_records(source: str, options: list[str], horizon: int, as_of: str | None) -> None:
    """Read JSON lines, assess some hundreds at a time, print one shape a line in the order of the input."""
    from pain_tui.assess import assessment, case, engine
    from pain_tui.knowledge import load

    cursor = load.connect().cursor()
    run = case.Run(common.as_of_date(as_of), horizon, asked=case.asked(cursor, options))
    used, last = 0, None
    lines = _records(source)
    while chunk := list(islice(lines, RECORDS_AT_ONCE)):
        rows, order, aside = _normalised(chunk, run)
        if not order:
            continue
        case.from_records(cursor, rows, run)
        engine.run(cursor)
        found = {one.person: one for one in assessment.assess_people(cursor)}
        for person in order:
            last = found[person]
            common.write_json({**last.as_dict(), "set_aside": aside.get(person, [])}, line=True)
            used += 1
    if not used:
        raise InputError(
            f"{source}: no record could be used.", "Each line is one JSON object with the key person."
        )
    if used == 1 and last is not None:
        _leave_with_estimate(last)


def _records(source: str) -> Iterator[tuple[str, Any]]:
    """(place, record) of each line that is JSON; the others are told on stderr."""
    import json

    name = "stdin" if source == "-" else Path(source).name
    with common.lines_of(source) as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            place = f"{name} line {number}"
            try:
                outside_files.refuse_crowded(line, place)
                yield place, json.loads(line)
            except (ValueError, RecursionError) as error:
                common.warn(
                    f"{place}: not JSON ({error}), so it was left out. "
                    "One person is one JSON object on one line."
                )


def _normalised(
    chunk: list[tuple[str, Any]], run: "Run"
) -> tuple[dict[str, list[dict[str, Any]]], list[str], dict[str, list[str]]]:
    """The rows of all records together, the people in input order, and what was set aside of each."""
    from pain_tui.patients.normalise import records

    rows: dict[str, list[dict[str, Any]]] = {}
    aside: dict[str, list[str]] = {}
    for place, record in chunk:
        made = records.normalise(record, place=place, as_of=run.as_of)
        sentences = [problem.sentence() for problem in made.problems]
        for sentence in sentences:
            common.warn(sentence)
        if made.person is None:
            continue
        if made.person in aside:
            common.warn(
                f"{place}: person {made.person} stands twice, so it was left out. Give each person one id."
            )
            continue
        aside[made.person] = sentences
        for table, found in made.case.items():
            rows.setdefault(table, []).extend(found)
    return rows, list(aside), aside
