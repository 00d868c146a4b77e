"""From the words of a command line to one exit code: verbs and paths, wrong usage, our own bugs.

Exit codes stand in docs/cli.md. A bug's trace is written without values: frames and the kind of error only,
because messages of errors and local variables can hold what a person's record says.
"""

import difflib
import errno
import os
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import typer

from pain_tui.cli.common import prepare_streams, say_error
from pain_tui.errors import PainTuiError, StoreError, UsageError
from pain_tui.paths import state_folder

INTERRUPTED = 130
OPEN_VERB = "open"
_LOG_LIMIT = 1_000_000  # bytes; an older log is moved aside once


def run_command(command: Any, words: list[str]) -> int:
    """Run one command line; every way it can end becomes an exit code and, where needed, one clear line."""
    prepare_streams()
    try:
        with command.make_context("pain-tui", words_for(command, words)) as context:
            result = command.invoke(context)
        sys.stdout.flush()
        return result if isinstance(result, int) and not isinstance(result, bool) else 0
    except typer.Exit as leaving:
        return leaving.exit_code
    except PainTuiError as error:
        say_error(error)
        return error.exit_code
    except typer.TyperException as error:
        say_error(_usage(error))
        return UsageError.exit_code
    except (KeyboardInterrupt, EOFError, typer.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        _forget_stdout()
        return 0
    except OSError as error:
        refused = _by_the_disk(error)
        if refused is None:
            return _own_bug(error)
        say_error(refused)
        return refused.exit_code
    except Exception as error:  # noqa: BLE001 - the one place where a bug of ours becomes a sentence
        return _own_bug(error)


def words_for(command: Any, words: list[str]) -> list[str]:
    """`pain-tui NAME` is a verb if NAME is one, else a path to open; no words opens the screens."""
    if not words:
        return [OPEN_VERB] if OPEN_VERB in command.commands else ["--help"]
    first = words[0]
    if first in command.commands or first in {"--help", "--version"}:
        return words
    if (
        first.startswith("-")
        and not first.startswith("--passphrase-file")
        and not first.startswith("--key-file")
    ):
        return words
    if not first.startswith("-") and not _looks_like_a_path(first):
        raise UsageError(f"{first!r} is neither a verb nor a file.", _nearest(first, list(command.commands)))
    return [OPEN_VERB, *words]


def _looks_like_a_path(word: str) -> bool:
    return Path(word).suffix != "" or "/" in word or os.sep in word or Path(word).exists()


def _nearest(word: str, verbs: list[str]) -> str:
    near = difflib.get_close_matches(word, verbs, n=1)
    return f"Did you mean `pain-tui {near[0]}`?" if near else "`pain-tui --help` lists the verbs."


def _usage(error: Any) -> UsageError:
    """Typer's usage error as one line, with where to read on."""
    context = getattr(error, "ctx", None)
    where = context.command_path if context is not None else "pain-tui"
    return UsageError(error.format_message(), f"`{where} --help` shows how it is used.")


def _forget_stdout() -> None:
    """The reader has gone (`| head`): that is no error, and the interpreter must not complain at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


_DISK = {
    errno.EACCES: "Check who may write there.", errno.EPERM: "Check who may write there.",
    errno.EROFS: "Choose a place that can be written.", errno.ENOSPC: "Free some space, then try again.",
    errno.EDQUOT: "Free some space, then try again.", errno.EEXIST: "Choose another name; it was not touched.",
    errno.ENOTDIR: "Check the path.", errno.EISDIR: "Name a file in it.", errno.ENAMETOOLONG: "Choose a shorter name.",
    errno.EIO: "Check the drive.", errno.ESTALE: "Reconnect the drive, then try again.",
    errno.ENXIO: "Check the drive.", errno.ENODEV: "Check the drive.",
}  # fmt: skip


def _by_the_disk(error: OSError) -> StoreError | None:
    """What the operating system refused at a path, as a sentence; None for what can only be a bug of ours."""
    hint = _DISK.get(error.errno or 0)
    if hint is None or (error.filename is None and error.errno != errno.ENOSPC):
        return None
    where = f"{os.fsdecode(error.filename)}: " if isinstance(error.filename, str | bytes) else ""
    return StoreError(f"{where}{error.strerror}.", hint)


def _own_bug(error: Exception) -> int:
    """Say it shortly, keep the trace (without values) in the log, leave with 1."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{Path(place.filename).name} line {place.lineno}"
    log = write_trace(error)
    kept = f"The trace, without patient data, is in {log}." if log else "The trace could not be written."
    sys.stderr.write(f"Error: pain-tui met a bug of its own ({type(error).__name__}, {where}).\n{kept}\n")
    return 1


def write_trace(error: BaseException) -> Path | None:
    """Append the frames of an error to the log file; None when that is not possible."""
    log = state_folder() / "bugs.log"
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        if log.exists() and log.stat().st_size > _LOG_LIMIT:
            log.replace(log.with_suffix(".old.log"))
        with log.open("a", encoding="utf-8") as lines:
            lines.write(f"{datetime.now(UTC).isoformat(timespec='seconds')}\n{_frames(error)}\n")
    except OSError:
        return None
    return log


def _frames(error: BaseException) -> str:
    """File, line and function of each frame and the kinds of error; no message, no local variable."""
    text = "".join(traceback.format_list(traceback.extract_tb(error.__traceback__)))
    kinds = type(error).__name__
    if error.__cause__ is not None:
        return f"{_frames(error.__cause__)}{text}{kinds} (from the one above)\n"
    return f"{text}{kinds}\n"
