"""The verbs that make and care for a patient file."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pain_tui.cli import common
from pain_tui.errors import StoreError, UsageError

if TYPE_CHECKING:
    from pain_tui.patients.audit import Break
    from pain_tui.patients.file import PatientFile

FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="The patient file.")]


def register(app: typer.Typer) -> None:
    """Add init, backup, restore, verify, passphrase, delete and the group audit."""
    for verb in (init, backup, restore, verify, passphrase, delete):
        app.command()(verb)
    audit = typer.Typer(help="The audit of a patient file.", rich_markup_mode=None, no_args_is_help=True)
    audit.command("verify")(audit_verify)
    audit.command("list")(audit_list)
    app.add_typer(audit, name="audit")


def init(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The new file, for example clinic.duckdb.")],
    fictional: Annotated[bool, typer.Option("--fictional", help="For fictional people only.")] = False,
    no_encryption: Annotated[
        bool, typer.Option("--no-encryption", help="Plain, without passphrase; with --fictional only.")
    ] = False,
    passphrase_file: common.PassphraseFileOption = None,
    key_file: Annotated[
        Path | None,
        typer.Option("--key-file", metavar="PATH", help="Also ask for this file; made when missing."),
    ] = None,
    zone: Annotated[
        str | None,
        typer.Option("--time-zone", metavar="NAME", help="The clinic's, for example Europe/Vienna."),
    ] = None,
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="YYYY-MM-DD", help="A fictional file's own day.")
    ] = None,
    json: common.JsonOption = False,
) -> None:
    """Make a new, empty patient file.

    It is encrypted; its keys lie beside it in a file of the same name ending in .keys. The recovery code
    is printed once: keep it on paper, away from the computer.

    Example: pain-tui init clinic.duckdb
    """
    if no_encryption and not fictional:
        raise UsageError("--no-encryption is for fictional people only.", "Add --fictional, or leave it out.")
    if as_of and not fictional:
        raise UsageError("--as-of sets the day of a fictional file.", "Add --fictional, or leave it out.")
    from pain_tui.patients import file as patient_file

    words = None if no_encryption else _new_passphrase(passphrase_file)
    with patient_file.create(
        file,
        kind="fictional" if fictional else "real",
        passphrase=words,
        key_file=_made_key_file(key_file),
        default_as_of=common.as_of_date(as_of) if as_of else None,
        time_zone=_known_zone(zone or common.time_zone()),
        actor=common.actor(),
        at=common.now(),
    ) as made:
        code, kind, path = made.recovery_code, made.kind, made.path
    if json:
        shape = {"file": str(path), "kind": kind, "encrypted": words is not None, "recovery_code": code}
        common.write_json(shape)
        return
    common.out(f"{path}: a new patient file for {kind} people, {'encrypted' if words else 'not encrypted'}.")
    if code:
        common.out(f"Recovery code (shown once, write it down): {code}")
        common.note(
            "Without the passphrase or this code, and without the .keys file, nobody can open it again."
        )


def backup(
    file: FileArgument,
    target: Annotated[Path, typer.Argument(metavar="TARGET", help="A new file, or a folder.")],
    passphrase_file: common.PassphraseFileOption = None,
    key_file: common.KeyFileOption = None,
) -> None:
    """Write a compared copy of the patient file and its keys.

    Example: pain-tui backup clinic.duckdb /media/backup/
    """
    from pain_tui.patients import backup as copies

    with _open(file, passphrase_file, key_file) as opened:
        common.note(f"Copying and comparing {opened.path.stat().st_size / 1e6:,.0f} MB ...")
        with common.progress("Tables copied and compared") as tell:
            made = copies.backup(opened, target, actor=common.actor(), at=common.now(), tell=tell)
    common.out(str(made))
    common.note("It opens with the passphrase of today. Keep the .keys file beside it.")


def restore(
    source: Annotated[Path, typer.Argument(metavar="BACKUP", help="A file made by `pain-tui backup`.")],
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="The place to put it; what is there is kept aside.")
    ],
    passphrase_file: common.PassphraseFileOption = None,
    key_file: common.KeyFileOption = None,
) -> None:
    """Check a backup and put it in the place of the patient file.

    Example: pain-tui restore /media/backup/clinic-20261124-080000.duckdb clinic.duckdb
    """
    from pain_tui.patients import crypt
    from pain_tui.patients import restore as copies

    words = common.ask_passphrase(passphrase_file) if crypt.is_encrypted(source) else None
    with common.progress("Tables checked") as tell:
        kept = copies.restore(
            source,
            file,
            passphrase=words,
            key_file=key_file,
            actor=common.actor(),
            at=common.now(),
            tell=tell,
        )
    common.out(str(file))
    if kept:
        common.warn(f"The file that was there is kept as {kept}.")


def verify(
    file: FileArgument,
    passphrase_file: common.PassphraseFileOption = None,
    key_file: common.KeyFileOption = None,
    json: common.JsonOption = False,
) -> None:
    """Read every block of the patient file and check its audit chain; exit 4 when something is wrong.

    Example: pain-tui verify clinic.duckdb
    """
    from pain_tui.patients import backup as copies

    with _open(file, passphrase_file, key_file) as opened, common.progress("Tables checked") as tell:
        health = copies.verify(opened, tell)
    if json:
        common.write_json(
            {
                "file": str(file),
                "whole": health.is_whole,
                "bytes": health.size,
                "rows": health.rows,
                **_as_json(health.breaks),
            }
        )
    else:
        for table, count in health.rows.items():
            common.out(f"{table:20} {count:>12,}")
    _finish(health.breaks, quiet=json)


def passphrase(
    file: FileArgument,
    passphrase_file: common.PassphraseFileOption = None,
    key_file: common.KeyFileOption = None,
    new_passphrase_file: Annotated[
        Path | None,
        typer.Option("--new-passphrase-file", metavar="PATH", help="The new one, on the first line."),
    ] = None,
    new_key_file: Annotated[
        Path | None,
        typer.Option("--new-key-file", metavar="PATH", help="Ask for this file too; made when missing."),
    ] = None,
    new_recovery_code: Annotated[
        bool,
        typer.Option(
            "--new-recovery-code", help="Also print a new recovery code; the old one stops working."
        ),
    ] = False,
) -> None:
    """Change the passphrase (the recovery code opens the file here too).

    Copies of the old .keys file, in backups too, still open with the old passphrase.

    Example: pain-tui passphrase clinic.duckdb
    """
    from pain_tui.patients import passphrase as keys

    with _open(file, passphrase_file, key_file) as opened:
        if not opened.is_encrypted:
            raise StoreError(f"{file} is not encrypted.", "A plain fictional file has no passphrase.")
        words = _new_passphrase(new_passphrase_file, variable=False)
        who, at = common.actor(), common.now()
        keys.change(opened, words, _made_key_file(new_key_file), actor=who, at=at)
        code = keys.new_recovery_code(opened, actor=who, at=at) if new_recovery_code else None
    common.out(f"{file} opens with the new passphrase.")
    if code:
        common.out(f"Recovery code (shown once, write it down): {code}")


def delete(
    file: FileArgument,
    person: Annotated[str, typer.Argument(metavar="PERSON", help="The person's id.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    passphrase_file: common.PassphraseFileOption = None,
    key_file: common.KeyFileOption = None,
) -> None:
    """Delete a person for real; the audit keeps that it happened, under the id only.

    Backups made before still hold the person.

    Example: pain-tui delete clinic.duckdb S-0042
    """
    from pain_tui.patients import backup as copies
    from pain_tui.patients import decide

    with _open(file, passphrase_file, key_file) as opened:
        if not yes:
            _confirm(f"Delete {person} and everything recorded about this person?")
        removed = decide.delete_person(opened, person, actor=common.actor(), at=common.now())
        copies.rewrite(opened)
    common.out(f"{person} is deleted: {sum(removed.values())} rows of {len(removed)} tables.")
    common.note("Backups and automatic copies made before still hold this person.")


def audit_verify(
    file: FileArgument,
    passphrase_file: common.PassphraseFileOption = None,
    key_file: common.KeyFileOption = None,
    json: common.JsonOption = False,
) -> None:
    """Check that no row of the audit was changed, removed, swapped or cut off; exit 4 when one was.

    Example: pain-tui audit verify clinic.duckdb
    """
    with _open(file, passphrase_file, key_file) as opened:
        breaks = opened.verify_audit()
        anchored = opened.is_encrypted
    if json:
        common.write_json({"file": str(file), "whole": not breaks, "anchored": anchored, **_as_json(breaks)})
    elif not anchored:
        common.note("This file has no keys, so a cut at the end of the audit cannot be noticed.")
    _finish(breaks, quiet=json)


def audit_list(
    file: FileArgument,
    person: Annotated[str | None, typer.Option("--person", metavar="ID", help="Only this person.")] = None,
    last: Annotated[int, typer.Option("--last", metavar="N", help="The last N rows.", min=1)] = 50,
    passphrase_file: common.PassphraseFileOption = None,
    key_file: common.KeyFileOption = None,
) -> None:
    """Print who did what when, newest last (times in UTC).

    Example: pain-tui audit list clinic.duckdb --person S-0042
    """
    with _open(file, passphrase_file, key_file) as opened, opened.attached() as cursor:
        rows = cursor.execute(
            'SELECT seq, "at", actor, action, person, row_id FROM clinic.main.audit '
            "WHERE ?::VARCHAR IS NULL OR person = ? ORDER BY seq DESC LIMIT ?",
            [person, person, last],
        ).fetchall()
    for seq, at, who, action, whom, row_id in reversed(rows):
        line = f"{seq:>6}  {at:%Y-%m-%d %H:%M:%S}  {who:12}  {action:24} {whom or '-':16} {row_id or ''}"
        common.out(line.rstrip())


def _open(file: Path, passphrase_file: Path | None, key_file: Path | None) -> "PatientFile":
    return common.open_patient_file(file, passphrase_file, key_file, knowledge=False)


def _finish(breaks: "list[Break]", *, quiet: bool) -> None:
    if not breaks:
        if not quiet:
            common.out("The audit chain is whole.")
        return
    if not quiet:
        for found in breaks:
            common.out(f"audit {found.kind}: {found.say}")
    raise typer.Exit(StoreError.exit_code)


def _as_json(breaks: "list[Break]") -> dict[str, object]:
    return {"audit_breaks": [{"row": found.seq, "kind": found.kind, "say": found.say} for found in breaks]}


_SHORTEST = 8


def _new_passphrase(source: Path | None, *, variable: bool = True) -> str:
    if source is None and not variable and not sys.stdin.isatty():
        raise StoreError("The new passphrase is missing.", "Give --new-passphrase-file PATH.")
    words = common.ask_passphrase(source, prompt="New passphrase", twice=True, variable=variable)
    if len(words) < _SHORTEST:
        raise StoreError(
            f"A passphrase has at least {_SHORTEST} characters.", "Four or five unrelated words are good."
        )
    return words


def _made_key_file(path: Path | None) -> Path | None:
    """The key file; made of random bytes when it does not exist."""
    if path is not None and not path.exists():
        import os
        import secrets

        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            raise StoreError(
                f"The key file {path} cannot be made ({error.strerror}).", "Check the path."
            ) from error
        with os.fdopen(descriptor, "wb") as handle:
            handle.write(secrets.token_bytes(64))
    return path


def _known_zone(name: str) -> str:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UsageError(
            f"{name!r} is not a time zone.", "Use a name such as Europe/Vienna or UTC."
        ) from error
    return name


def _confirm(question: str) -> None:
    if not sys.stdin.isatty():
        raise UsageError("Deleting needs a yes, and there is no terminal to ask at.", "Add --yes.")
    sys.stderr.write(f"{common.clean(question)} Type yes: ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() != "yes":
        raise UsageError("Nothing was deleted.", "")
