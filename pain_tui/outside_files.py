"""The bytes of a file from outside, a piece at a time: no line, document or packed file can fill the memory.

Every reader opens its files here. Genotype files may be packed with gzip (bgzip too), all others are plain
text; anything else (a workbook, an archive, Parquet, a pickle, a database) is refused by its first bytes,
before anything in it is unpacked, parsed or run.
"""

import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from pain_tui.errors import InputError

LONGEST_LINE = 16 << 20  # bytes; a record of one person is some hundred kB
LARGEST_DOCUMENT = 100 << 20  # bytes of one text that must be read whole, such as a Bundle
MOST_VALUES = 4_000_000  # of one JSON document: objects, lists and what commas part, about 120 bytes each
_UNPACKED_FREELY = 8 << 20  # bytes; a small packed file of long runs may shrink a lot
_MOST_SHRUNK = 500  # times; sorted genotypes of thousands of people reach about 200, a bomb 1000
_UNPACKED_AT_ONCE = 1 << 20

_CSV_HINT = "Save each sheet as CSV UTF-8, named after its table, and import those."
_UNPACK_HINT = "Unpack it and import the file that is in it."
# First bytes -> what the file is, and what to do.
_CONTAINERS: tuple[tuple[bytes, str, str], ...] = (
    (b"PK\x03\x04", "an Excel workbook or a zip archive, which is not opened here", _CSV_HINT),
    (b"PK\x05\x06", "an empty zip archive", _UNPACK_HINT),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Word file, which is not opened here", _CSV_HINT),
    (b"PAR1", "a Parquet file, which is not opened here", "Export the table as CSV and import that."),
    (b"SQLite format 3", "a database", "Export its tables as CSV and import those."),
    (b"%PDF", "a PDF", "Ask for the results as CSV, FHIR or VCF; a PDF cannot be read safely."),
    (b"BZh", "packed with bzip2", _UNPACK_HINT),
    (b"\xfd7zXZ", "packed with xz", _UNPACK_HINT),
    (b"\x28\xb5\x2f\xfd", "packed with zstd", _UNPACK_HINT),
    (b"7z\xbc\xaf", "a 7z archive", _UNPACK_HINT),
    (b"Rar!", "a rar archive", _UNPACK_HINT),
    (b"BCF", "a BCF, the binary form of a VCF", "Export it as VCF: bcftools view -Oz."),
    (b"\x80\x02", "a Python pickle, which could run a program and is never opened", "Ask for CSV or JSON."),
    (b"\x80\x03", "a Python pickle, which could run a program and is never opened", "Ask for CSV or JSON."),
    (b"\x80\x04", "a Python pickle, which could run a program and is never opened", "Ask for CSV or JSON."),
    (b"\x80\x05", "a Python pickle, which could run a program and is never opened", "Ask for CSV or JSON."),
    (b"\xff\xfe", "text in UTF-16", "Save the file as UTF-8 and import again."),
    (b"\xfe\xff", "text in UTF-16", "Save the file as UTF-8 and import again."),
)
_DUCKDB_AT = 8  # a DuckDB file has a checksum before its mark


_watching: list[Callable[[int], None]] = []


@contextmanager
def watched(tell: Callable[[int], None]) -> Iterator[None]:
    """Tell how many megabytes are read, as they are read: for a bar beside a long import."""
    _watching.append(tell)
    try:
        yield
    finally:
        _watching.remove(tell)


def _tell(megabytes: int) -> None:
    for tell in _watching:
        tell(megabytes)


def refuse_container(path: Path, first: bytes) -> None:
    """Raise InputError when the first bytes say that the file is neither text nor gzip."""
    if first[_DUCKDB_AT : _DUCKDB_AT + 4] == b"DUCK":
        raise InputError(f"{path.name}: is a database.", "Import what it was made from, or export it as CSV.")
    for mark, what, hint in _CONTAINERS:
        if first.startswith(mark):
            raise InputError(f"{path.name}: is {what}.", hint)


def open_bytes(path: Path, *, packed: bool = False) -> io.BufferedReader:
    """The content of a text file. Raises InputError for anything else.

    packed: gzip is unpacked; reading on then raises InputError when the data is damaged, or unpacks to far more
    than such data does.
    """
    try:
        raw = path.open("rb")
    except OSError as error:
        raise _unreadable(path, error) from error
    try:
        first = raw.peek(16)  # a pipe cannot be read twice
        refuse_container(path, first)
    except BaseException as error:
        raw.close()
        if isinstance(error, OSError):
            raise _unreadable(path, error) from error
        raise
    if not first.startswith(b"\x1f\x8b"):
        return raw
    if not packed:
        raw.close()
        raise InputError(f"{path.name}: is packed with gzip.", _UNPACK_HINT)
    return io.BufferedReader(_Unpacked(path, raw), buffer_size=_UNPACKED_AT_ONCE)


class _Unpacked(io.RawIOBase):
    """Unpacked gzip that stops at what is no honest file."""

    def __init__(self, path: Path, raw: IO[bytes]) -> None:
        import gzip  # not at the top: most runs of the program read no packed file

        self._path, self._raw, self._done = path, raw, 0
        self._packed = os.fstat(raw.fileno()).st_size
        self._stream = gzip.GzipFile(fileobj=raw, mode="rb")

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: Any) -> int:
        """The next bytes."""
        import zlib

        try:
            found = self._stream.read(min(len(buffer), _UNPACKED_AT_ONCE))
        except (OSError, EOFError, zlib.error) as error:
            raise InputError(
                f"{self._path.name}: the compressed data is damaged or cut off near byte {self._done} of its "
                "content.",
                "Copy or export the file again.",
            ) from error
        self._done += len(found)
        if self._done > _UNPACKED_FREELY and self._done > _MOST_SHRUNK * self._packed:
            raise InputError(
                f"{self._path.name}: unpacks to over {_MOST_SHRUNK} times its size, so it was not read on.",
                "No file of records or genotypes shrinks that much. Ask the sender what it is.",
            )
        buffer[: len(found)] = found
        return len(found)

    def close(self) -> None:
        """Close the file underneath too."""
        if not self.closed:
            self._stream.close()
            self._raw.close()
        super().close()


def byte_lines(path: Path, *, packed: bool = False) -> Iterator[tuple[int, bytes]]:
    """Numbered lines with their ends, none longer than LONGEST_LINE. Raises InputError."""
    number = done = 0
    try:
        with open_bytes(path, packed=packed) as stream:
            while line := stream.readline(LONGEST_LINE + 1):
                number += 1
                if len(line) > LONGEST_LINE:
                    raise too_long(path.name, number)
                if (done + len(line)) >> 20 > done >> 20:
                    _tell(((done + len(line)) >> 20) - (done >> 20))
                done += len(line)
                yield number, line
    except OSError as error:
        raise _unreadable(path, error) from error


def text_lines(path: Path) -> Iterator[str]:
    """Lines of UTF-8 text, with or without its mark, each ending in one line feed. Raises InputError."""
    before = 0
    for number, raw in byte_lines(path):
        try:
            text = raw.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise InputError(
                f"{path.name}: byte {before + error.start} is not UTF-8 text.",
                "Save the file as UTF-8 and import again.",
            ) from error
        before += len(raw)
        yield from _parted(text)


def _parted(text: str) -> Iterator[str]:
    """A line at its carriage returns, as every text editor shows it (a line separator may stand in a JSON text)."""
    if "\r" not in text:
        yield text
        return
    parts = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    yield from (f"{part}\n" for part in parts[:-1])
    if parts[-1]:
        yield parts[-1]


def whole_text(path: Path, *, packed: bool = False) -> str:
    """The text of a file that has to be read whole; UTF-8, line ends as line feeds. Raises InputError."""
    try:
        with open_bytes(path, packed=packed) as stream:
            content = stream.read(LARGEST_DOCUMENT + 1)
    except OSError as error:
        raise _unreadable(path, error) from error
    _tell(len(content) >> 20)
    if len(content) > LARGEST_DOCUMENT:
        raise too_large(path.name)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path.name}: byte {error.start} is not UTF-8 text.", "Save the file as UTF-8 and import again."
        ) from error
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def refuse_crowded(text: str, name: str) -> None:
    """Raise InputError for a JSON text whose values would fill the memory once they are read."""
    if len(text) > MOST_VALUES and text.count("{") + text.count("[") + text.count(",") > MOST_VALUES:
        raise InputError(
            f"{name}: over {MOST_VALUES:,} values in one JSON document.",
            "Export it in parts, or as lines (NDJSON), one resource or record a line.",
        )


def bounded_lines(stream: IO[str], name: str) -> Iterator[str]:
    """Lines of an open text stream such as standard input, none longer than LONGEST_LINE. Raises InputError."""
    number = 0
    while line := stream.readline(LONGEST_LINE + 1):
        number += 1
        if len(line) > LONGEST_LINE:
            raise too_long(name, number)
        yield line


def too_long(name: str, line: int) -> InputError:
    """A line that no honest file has."""
    return InputError(
        f"{name} line {line}: over {LONGEST_LINE:,} bytes without a line end.",
        "The file is damaged, or of another kind; export it again.",
    )


def too_large(name: str) -> InputError:
    """A text that cannot be read whole."""
    return InputError(
        f"{name}: over {LARGEST_DOCUMENT:,} bytes in one document.",
        "Export it in parts, or as lines (NDJSON), one resource or record a line.",
    )


def _unreadable(path: Path, error: OSError) -> InputError:
    return InputError(
        f"{path}: cannot be read ({error.strerror or error}).", "Check the path and its permissions."
    )
