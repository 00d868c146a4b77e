"""What every verb needs: output, questions, options, the passphrase, and the way out.

Data goes to stdout, narration to stderr and only to a terminal, meaning to the exit code (docs/cli.md).
Nothing heavy is imported at the top; `--help` stays fast.
"""

import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pain_tui import outside_files
from pain_tui.cli import who
from pain_tui.cli.who import actor as actor
from pain_tui.errors import InputError, PainTuiError, StoreError, UsageError
from pain_tui.report import json_form

if TYPE_CHECKING:
    from pain_tui.patients.file import PatientFile

DECIMALS = json_form.DECIMALS
PASSPHRASE_VARIABLE = "PAIN_TUI_PASSPHRASE_FILE"
USER_VARIABLE, PIN_VARIABLE = "PAIN_TUI_USER", "PAIN_TUI_PIN_FILE"

# Options that mean the same in every verb.
PassphraseFileOption = Annotated[
    Path | None,
    typer.Option(
        "--passphrase-file",
        metavar="PATH",
        help=f"Read the passphrase from the first line of this file (or set {PASSPHRASE_VARIABLE}).",
    ),
]
KeyFileOption = Annotated[
    Path | None,
    typer.Option("--key-file", metavar="PATH", help="The key file, if the patient file asks for one."),
]
AsOfOption = Annotated[
    str | None,
    typer.Option("--as-of", metavar="YYYY-MM-DD", help="The day the answer is for (default today)."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the stable JSON shape.")]


# --- out and err -----------------------------------------------------------------------------------------


def prepare_streams() -> None:
    """UTF-8 and plain line ends on every system, so that the same input gives the same bytes."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")
    if hasattr(sys.stdin, "reconfigure"):
        sys.stdin.reconfigure(encoding="utf-8-sig", errors="strict")


def clean(text: str) -> str:
    """The text without control and direction-changing characters: a name must not drive the terminal."""
    return json_form.clean(text)


def out(text: str = "") -> None:
    """One piece of data to stdout, with a line end."""
    sys.stdout.write(clean(text) + "\n")


def note(text: str) -> None:
    """Narration to stderr, and only when somebody is reading it."""
    if sys.stderr.isatty():
        sys.stderr.write(clean(text) + "\n")


def warn(text: str) -> None:
    """A warning to stderr, also when piped: something was not done as asked."""
    sys.stderr.write(clean(text) + "\n")


def say_error(error: PainTuiError) -> None:
    """The message and, under it, what to do next."""
    sys.stderr.write(clean(f"Error: {error.message}") + "\n")
    if error.hint:
        sys.stderr.write(clean(error.hint) + "\n")


def write_json(shape: Mapping[str, Any], *, line: bool = False) -> None:
    """One JSON object to stdout: `schema` and `versions` first, floats rounded to 6 decimals half-even.

    line: on one line, for JSON lines; otherwise indented by two.
    """
    sys.stdout.write(json_text(shape, line=line) + "\n")


def json_text(shape: Mapping[str, Any], *, line: bool = False) -> str:
    """The text `write_json` prints. Not-a-number is our bug and raises: unknown is null with a reason."""
    return json_form.shape_text(shape, shape.get("versions") or versions(), line=line)


def json_row(row: Mapping[str, Any]) -> str:
    """One row of a long list as one line, with the same rounding; for lists that are written as they come."""
    return json_form.escape(json_form.form(row, indent=False))


@contextmanager
def progress(label: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """A bar on stderr for work that takes over a second, on a terminal only. Yields `advance(count)`."""
    began = time.monotonic()
    shows = sys.stderr.isatty()
    done = last = 0.0

    def advance(count: int = 1) -> None:
        nonlocal done, last
        done += count
        now = time.monotonic()
        if shows and now - began > 1 and now - last > 0.1:
            last = now
            sys.stderr.write("\r" + _bar(label, int(done), total))
            sys.stderr.flush()

    try:
        yield advance
    finally:
        if last:
            sys.stderr.write("\r" + " " * len(_bar(label, int(done), total)) + "\r")


def _bar(label: str, done: int, total: int | None) -> str:
    if not total or done > total:
        return f"{label}: {done:,}"
    filled = min(20, 20 * done // total)
    return f"{label} [{'#' * filled}{'-' * (20 - filled)}] {done:,} of {total:,}"


# --- in --------------------------------------------------------------------------------------------------


def read_text_or_stdin(source: str | Path) -> str:
    """The whole text of a file, or of stdin for `-`. UTF-8, with or without its mark."""
    try:
        if str(source) == "-":
            text = sys.stdin.read(outside_files.LARGEST_DOCUMENT + 1)
            if len(text) > outside_files.LARGEST_DOCUMENT:
                raise outside_files.too_large("standard input")
            return text
    except UnicodeDecodeError as error:
        raise InputError(
            f"{source}: byte {error.start} is not UTF-8 text.", "Save the file as UTF-8 and try again."
        ) from error
    return outside_files.whole_text(Path(source))


@contextmanager
def lines_of(source: str | Path) -> Iterator[Iterator[str]]:
    """The lines of a file, or of stdin for `-`, read as they are asked for. UTF-8, with or without its mark.

    Raises InputError when the file cannot be opened, or holds what is not UTF-8 text or no line of a text.
    """
    try:
        if str(source) == "-":
            yield outside_files.bounded_lines(sys.stdin, "standard input")
        else:
            yield outside_files.text_lines(Path(source))
    except UnicodeDecodeError as error:
        raise InputError(
            f"{source}: not UTF-8 text ({error.reason}).", "Save the file as UTF-8 and try again."
        ) from error


def as_of_date(text: str | None, file: "PatientFile | None" = None) -> date:
    """The day an answer is for: as asked, else the fictional file's own day, else today."""
    if text is None:
        stored = file.meta.get("default_as_of") if file is not None else None
        return date.fromisoformat(stored) if stored else date.today()
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(
            f"--as-of {text!r} is not a date.", "Write it as YYYY-MM-DD, for example 2026-11-24."
        ) from error


def now() -> datetime:
    """The clock of the front ends: UTC without zone, as the audit keeps it."""
    return datetime.now(UTC).replace(tzinfo=None)


def time_zone() -> str:
    """The workstation's time zone by name, for a new patient file; UTC where it has none."""
    named = os.environ.get("TZ", "").lstrip(":")
    if named and not named.startswith("/"):
        return named
    link = Path("/etc/localtime")
    if link.is_symlink():
        parts = link.resolve().as_posix().split("/zoneinfo/")
        if len(parts) == 2:
            return parts[1]
    return "UTC"


# --- the patient file ------------------------------------------------------------------------------------


def open_patient_file(
    path: str | Path,
    passphrase_file: Path | None = None,
    key_file: Path | None = None,
    *,
    knowledge: bool = True,
) -> "PatientFile":
    """Open a patient file; the passphrase comes from the option, the variable, or the keyboard.

    knowledge: False for caring for the file, which needs no knowledge tables and then starts faster.
    Raises StoreError (exit 4) when it is missing, locked, damaged, newer, or the passphrase does not fit.
    """
    from pain_tui.patients import crypt
    from pain_tui.patients import file as patient_file

    path = Path(path).expanduser().resolve()  # the keys lie beside the file itself, not beside a link to it
    passphrase = None
    if path.exists() and crypt.keys_path(path).exists():
        passphrase = ask_passphrase(passphrase_file)
    opened = patient_file.open_file(
        path,
        passphrase=passphrase,
        key_file=key_file,
        actor=actor(),
        at=now(),
        knowledge=knowledge,
        ahead=True,
        on_notice=warn,
    )
    user = local_user()
    if user is not None:
        from pain_tui.patients import users

        try:
            who.confirmed = users.confirm(opened, *user, login=actor(), at=now())
        except BaseException:
            opened.close()
            raise
    return opened


def local_user() -> tuple[str, str] | None:
    """Local name and PIN, when PAIN_TUI_USER names somebody who was not confirmed yet; the PIN is asked for."""
    name = os.environ.get(USER_VARIABLE)
    if not name or who.confirmed is not None:
        return None
    source = os.environ.get(PIN_VARIABLE)
    if source:
        return name, first_line(Path(source), "PIN")
    if not sys.stdin.isatty():
        raise StoreError(
            f"{USER_VARIABLE} names {name}, and there is no terminal to ask for the PIN at.",
            f"Set {PIN_VARIABLE} to a file with the PIN, or unset {USER_VARIABLE}.",
        )
    import getpass

    return name, getpass.getpass(f"PIN of {clean(name)}: ", stream=sys.stderr)


def ask_passphrase(
    passphrase_file: Path | None = None,
    *,
    prompt: str = "Passphrase",
    twice: bool = False,
    variable: bool = True,
) -> str:
    """The passphrase from the file, the variable's file, or the keyboard; never from the command line."""
    named = os.environ.get(PASSPHRASE_VARIABLE) if variable else None
    source = passphrase_file or (Path(named) if named else None)
    if source is not None:
        return first_line(source, "passphrase")
    if not sys.stdin.isatty():
        raise StoreError(
            "This patient file needs a passphrase, and there is no terminal to ask at.",
            f"Give --passphrase-file PATH or set {PASSPHRASE_VARIABLE}.",
        )
    import getpass

    first = getpass.getpass(f"{prompt}: ", stream=sys.stderr)
    if twice and getpass.getpass(f"{prompt}, once more: ", stream=sys.stderr) != first:
        raise StoreError("The two passphrases differ; nothing was changed.", "Try again.")
    if not first:
        raise StoreError("An empty passphrase is not taken.", "Type one, or use --passphrase-file PATH.")
    return first


def first_line(source: Path, what: str) -> str:
    """The first line of a file that holds a secret. Raises StoreError."""
    try:
        lines = source.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise StoreError(
            f"The {what} file {source} cannot be read.",
            f"Check the path; it is UTF-8 text, the {what} on line 1.",
        ) from error
    if not lines or not lines[0]:
        raise StoreError(f"The {what} file {source} is empty.", f"Put the {what} on its first line.")
    return lines[0]


# --- versions --------------------------------------------------------------------------------------------


def versions() -> dict[str, str | None]:
    """Versions of program, knowledge and model; a missing model is null."""
    from pain_tui import versions as stated

    return stated.all_versions()
