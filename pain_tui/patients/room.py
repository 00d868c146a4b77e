"""One DuckDB instance and the door to one patient file: attach for a piece of work, then detach.

DuckDB lets many processes read a file, or one write it. So a file is attached for moments only, a busy file
is waited for, and every way in which attaching can fail becomes one sentence. DuckDB itself stays closed:
no path but the patient file's, no extension but the packaged signed one, configuration locked
(knowledge.load.connect).
"""

import re
import threading
import time
from collections.abc import Callable, Iterable
from importlib.util import find_spec
from pathlib import Path

from pain_tui import duck as duckdb
from pain_tui.errors import PainTuiError, StoreError
from pain_tui.knowledge import load
from pain_tui.patients import turn


class DiskFull(StoreError):
    """The file could not be written because the disk is full or gone; what was saved before is intact."""


WAIT_SECONDS = 30.0
# Bytes of a new file's blocks. A block is decrypted whole before its first value can be read: with DuckDB's own
# 262,144 the first look at an encrypted clinic decrypts three times as much as it reads.
BLOCK_BYTES = 32_768
_SAY_SO_AFTER = 1.0  # seconds of waiting
CATALOG = "clinic"


def open_room(
    file: Path, *, encrypted: bool, knowledge: bool, copies: Iterable[Path] = ()
) -> duckdb.DuckDBPyConnection:
    """A DuckDB instance that may attach this file.

    knowledge: with the knowledge tables (about a quarter of a second), or bare (about 20 ms).
    encrypted: with DuckDB's signed extension, without which an encrypted file can only be read.
    """
    extension = extension_path() if encrypted else None
    return load.connect(file, extension=extension, only=None if knowledge else (), copies=copies)


class Coming:
    """A room that is being made in a thread, while the key function works on the passphrase."""

    def __init__(self, file: Path, *, knowledge: bool) -> None:
        self._made: duckdb.DuckDBPyConnection | None = None
        self._failed: PainTuiError | None = None
        self._thread = threading.Thread(target=self._make, args=(file, knowledge), daemon=True)
        self._thread.start()

    def _make(self, file: Path, knowledge: bool) -> None:
        try:
            self._made = open_room(file, encrypted=True, knowledge=knowledge)
        except PainTuiError as error:  # said to whoever wants the room, if anybody does
            self._failed = error

    def room(self) -> duckdb.DuckDBPyConnection:
        """The room, as soon as it is made. Raises what making it raised."""
        self._thread.join()
        if self._made is None:
            raise self._failed or RuntimeError("the room could not be made; the trace stands above")
        return self._made

    def drop(self) -> None:
        """Nobody needs it."""
        self._thread.join()
        if self._made is not None:
            self._made.close()


def extension_path() -> Path:
    """DuckDB's own signed httpfs extension (OpenSSL for AES-GCM), as packaged for this DuckDB version."""
    spec = find_spec("duckdb_extension_httpfs")
    if spec is not None and spec.origin is not None:
        folder = Path(spec.origin).parent / "extensions" / f"v{duckdb.__version__}"
        found = folder / "httpfs.duckdb_extension"
        if found.exists():
            return found
    raise StoreError(
        f"The encryption part for DuckDB {duckdb.__version__} is not installed; "
        "encrypted files can be read, not written.",
        f"Install duckdb-extension-httpfs=={duckdb.__version__} (it comes with pain-tui's own lock file).",
    )


def attach(
    connection: duckdb.DuckDBPyConnection,
    file: Path,
    key: str | None,
    *,
    write: bool,
    catalog: str = CATALOG,
    wait: float = WAIT_SECONDS,
    tell: Callable[[str], object] | None = None,
    new: bool = False,
) -> None:
    """Attach the file, waiting up to `wait` seconds while another program holds it. Raises StoreError.

    new: the file is to be made. Otherwise one that is not there is never made in its place: its drive is gone.
    tell: hears one sentence when the waiting takes longer than a moment.
    """
    options = [
        *(["ENCRYPTION_KEY ?"] if key else []),
        *([] if write else ["READ_ONLY"]),
        *([f"BLOCK_SIZE {BLOCK_BYTES}"] if new else []),
    ]
    command = f"ATTACH {_quoted(file)} AS {catalog}" + (f" ({', '.join(options)})" if options else "")
    began = time.monotonic()
    with turn.taken(file, began + wait):
        while True:
            seen = _which_file(file)
            if seen is None and not new:
                raise StoreError(
                    f"{file} is gone: it was moved, or its drive or folder is not there any more.",
                    "Reconnect the drive or put the file back, then try again. What was saved before is in it.",
                )
            try:
                connection.execute(command, [key] if key else [])
                if not write or seen is None or seen == _which_file(file):
                    return
                detach(
                    connection, catalog
                )  # it was replaced (written anew, restored) while it was being opened
            except duckdb.Error as error:
                if _NOT_OURS in str(error):
                    turn.leave_nothing(file)
                waited = time.monotonic() - began
                if not _is_lock(str(error)) or waited > wait:
                    raise explain(error, file) from error
                if tell is not None and waited > _SAY_SO_AFTER:
                    tell(f"Waiting for another program that uses {file.name}{_holder(str(error))} ...")
                    tell = None
            time.sleep(turn.PAUSE_SECONDS)


def _holder(text: str) -> str:
    who = re.search(r"PID (\d+)", text)
    return f" (process {who.group(1)})" if who else ""


def detach(connection: duckdb.DuckDBPyConnection, catalog: str = CATALOG) -> None:
    """Let the file go."""
    try:
        connection.execute(f"DETACH {catalog}")
    except (
        duckdb.Error
    ) as error:  # on a full disk: it is let go; what was not moved out of the WAL is read from there
        if "Detached database" not in str(error):
            raise


def explain(error: duckdb.Error, file: Path) -> PainTuiError:
    """DuckDB's error about a patient file as one sentence and what to do; other errors come back as they are.

    The sentences differ for: busy, not ours, damaged, keys of another file, newer, disk full, no permission.
    """
    text = str(error)
    for pattern, message, hint in _SENTENCES:
        if re.search(pattern, text, re.IGNORECASE):
            who = re.search(r"PID (\d+)", text)
            kind = DiskFull if message is _FULL else StoreError
            return kind(message.format(file=file, who=f" (process {who.group(1)})" if who else ""), hint)
    return StoreError(f"{file} cannot be used: {_first_sentence(text)}", "`pain-tui verify FILE` says more.")


def is_about_the_file(error: duckdb.Error) -> bool:
    """Whether an error in the middle of work comes from the file or the disk, not from our SQL."""
    return any(re.search(pattern, str(error), re.IGNORECASE) for pattern, _, _ in _SENTENCES)


_NOT_OURS = "not a valid DuckDB database"
_RESTORE = "Restore a backup (`pain-tui restore`); the damaged file is left as it is."
_FULL = "{file} could not be written: the disk is full or gone. What was saved before is intact."
_SENTENCES = (
    (
        r"could not set lock|conflicting lock|being used by another process|cannot access the file because",
        "{file} is in use by another program{who}.",
        "Wait until it has finished, or close it there, and try again.",
    ),
    (
        r"already attached|different configuration than existing",
        "{file} is already open in this program.",
        "Close it there first.",
    ),
    (
        r"without a key",
        "{file} is encrypted, and its keys file is not beside it.",
        "Put the .keys file from the same backup next to it; without it the file cannot be opened.",
    ),
    (
        r"wrong encryption key|is not encrypted|encryption key .* provided",
        "{file} and the .keys file beside it do not belong together.",
        "Put back the pair from one backup.",
    ),
    (
        r"not a valid duckdb database|loading external extensions is disabled",
        "{file} is not a patient file.",
        "Name a file made with `pain-tui init`.",
    ),
    (
        r"newer version|version number|storage version",
        "{file} was written by a newer DuckDB than this program has.",
        "Open it with a newer pain-tui.",
    ),
    (
        r"aes tag",
        "{file} was changed after it was written, by a fault of the disk or by somebody: the seal of a block "
        "does not fit.",
        "Nothing of it was used. Restore a backup (`pain-tui restore`), keep the changed file, and ask who had "
        "access to the folder.",
    ),
    (
        r"checksum|corrupt|could not read enough bytes|not enough data|failed to decrypt",
        "{file} is damaged.",
        _RESTORE,
    ),
    (
        r"no space left|disk full|could not write|not enough space",
        _FULL,
        "Free some space or reconnect the drive, then try again.",
    ),
    (
        r"permission denied|read-only file system|cannot open file",
        "{file} cannot be opened for this: permission denied, or its folder is read-only.",
        "Check who may write the file and its folder.",
    ),
)


def _is_lock(text: str) -> bool:
    return re.search(_SENTENCES[0][0], text, re.IGNORECASE) is not None


def _which_file(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _quoted(file: Path) -> str:
    return "'" + str(file).replace("'", "''") + "'"


def _first_sentence(text: str) -> str:
    return text.split("\n", 1)[0].removeprefix("IO Error: ").strip()
