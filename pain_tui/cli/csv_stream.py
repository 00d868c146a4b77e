"""CSV of any length between a pipe or file and DuckDB, without a copy on disk: the calculators' way in and
out.

The core is closed to the outside except for the paths named when it is opened; here these are the ends of
two pipes (where the system has them) or the input file itself. Nothing heavy is imported at the top.
"""

import csv
import io
import os
import re
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from pain_tui import outside_files
from pain_tui.errors import InputError

if TYPE_CHECKING:
    import duckdb

STDIN = "standard input"
_CHUNK = 1 << 20
_HAS_PIPES = os.name == "posix" and Path("/dev/fd").exists()


@dataclass(frozen=True)
class Source:
    """The input table: its column names (lower case) and the SQL that reads it; `name` for messages."""

    name: str
    columns: tuple[str, ...]
    sql: str
    path: str


@contextmanager
def source(file: Path | None, needed: Sequence[str]) -> Iterator[Source]:
    """The CSV to work on: a file, or standard input when `file` is None or `-`.

    Raises InputError when it cannot be read, is empty, or lacks one of the needed columns.
    """
    if file is not None and str(file) != "-":
        yield _of_file(file, needed)
        return
    with _stdin_bytes() as stream:
        header = _header(stream, STDIN)
        columns = _columns(STDIN, header, needed)
        with _fed(stream) as path:
            yield Source(STDIN, columns, _read_sql(path, columns, skip=0), path)


def _of_file(file: Path, needed: Sequence[str]) -> Source:
    try:
        with file.open("rb") as stream:
            header = _header(stream, file.name)
    except OSError as error:
        raise InputError(
            f"{file}: cannot be read ({error.strerror}).", "Check the path and its permissions."
        ) from error
    columns = _columns(file.name, header, needed)
    return Source(file.name, columns, _read_sql(str(file), columns, skip=1), str(file))


def _header(stream: IO[bytes], name: str) -> str:
    line = stream.readline(outside_files.LONGEST_LINE + 1)
    if len(line) > outside_files.LONGEST_LINE:
        raise outside_files.too_long(name, 1)
    return line.decode("utf-8-sig", "replace")


def _columns(name: str, header: str, needed: Sequence[str]) -> tuple[str, ...]:
    cells = [cell.strip().lower() for cell in next(csv.reader([header.rstrip("\r\n")]), [])]
    lacking = [column for column in needed if column not in cells]
    if lacking:
        raise InputError(
            f"{name} line 1: the column {' and '.join(lacking)} is missing; found "
            f"{', '.join(cells) or 'nothing'}.",
            f"The first line names the columns, separated by commas: {','.join(needed)}.",
        )
    double = {cell for cell in cells if cells.count(cell) > 1}
    if double:
        raise InputError(
            f"{name} line 1: the column {sorted(double)[0]} stands there twice.", "Name each column once."
        )
    return tuple(cells)


def _read_sql(path: str, columns: Sequence[str], *, skip: int) -> str:
    types = ", ".join(f"'{_quoted(name)}': 'VARCHAR'" for name in columns)
    return (
        f"read_csv('{_quoted(path)}', header = false, skip = {skip}, auto_detect = false, delim = "
        "',', quote = '\"', "
        f"escape = '\"', columns = {{{types}}})"
    )


def _quoted(text: str) -> str:
    return text.replace("'", "''")


@contextmanager
def _stdin_bytes() -> Iterator[IO[bytes]]:
    if hasattr(sys.stdin, "buffer"):
        yield sys.stdin.buffer
    else:
        yield io.BytesIO(sys.stdin.read().encode())


@contextmanager
def _fed(stream: IO[bytes]) -> Iterator[str]:
    """A path that DuckDB can read the rest of the stream from."""
    if not _HAS_PIPES:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "input.csv"
            with path.open("wb") as copy:
                _copy(stream.read, copy.write)
            yield str(path)
        return
    reading, writing = os.pipe()

    def feed() -> None:
        with os.fdopen(writing, "wb") as end:
            try:
                _copy(stream.read, end.write)
            except (BrokenPipeError, ValueError):
                return

    worker = threading.Thread(target=feed, daemon=True)
    worker.start()
    try:
        yield f"/dev/fd/{reading}"
    finally:
        os.close(reading)
        worker.join(timeout=5)


@contextmanager
def target() -> Iterator[str]:
    """A path that DuckDB can write CSV to; everything written there goes to standard output in the
    same order.
    """
    if not _HAS_PIPES:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "output.csv"
            yield str(path)
            if path.exists():
                with path.open("rb") as copy:
                    _copy(copy.read, _stdout_write())
        return
    reading, writing = os.pipe()
    broken: list[BaseException] = []
    write = _stdout_write()

    def drain() -> None:
        with os.fdopen(reading, "rb", buffering=0) as end:
            try:
                _copy(end.read, write)
            except BrokenPipeError as error:
                broken.append(error)
                _copy(end.read, len)

    worker = threading.Thread(target=drain, daemon=True)
    worker.start()
    try:
        yield f"/dev/fd/{writing}"
    finally:
        os.close(writing)
        worker.join()
    if broken:
        raise broken[0]


def _stdout_write() -> Callable[[bytes], object]:
    sys.stdout.flush()
    if hasattr(sys.stdout, "buffer"):
        return sys.stdout.buffer.write
    return lambda data: sys.stdout.write(data.decode())


def _copy(read: Callable[[int], bytes], write: Callable[[bytes], object]) -> None:
    while chunk := read(_CHUNK):
        write(chunk)


def run(cursor: "duckdb.DuckDBPyConnection", query: str, name: str) -> None:
    """Run a query that reads the source; a bad line becomes one sentence."""
    import duckdb

    try:
        cursor.execute(query)
    except duckdb.InvalidInputException as error:
        raise bad_line(name, error) from error


def bad_line(name: str, error: Exception) -> InputError:
    """DuckDB's message about a line of CSV, as what is wrong and where."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    where = lines[0].replace("Invalid Input Error: ", "")
    found = re.fullmatch(r"CSV Error on Line: (\d+)", where)
    if found:  # the first line of standard input was taken off before
        where = f"line {int(found[1]) + (name == STDIN)}"
    what = (
        lines[2]
        if len(lines) > 2 and lines[1].startswith("Original Line")
        else lines[1]
        if len(lines) > 1
        else ""
    )
    return InputError(
        f"{name} {where}: {what}",
        "Every row needs as many cells as the first line names; fix the line and run again.",
    )
