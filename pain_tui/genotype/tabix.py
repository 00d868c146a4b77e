"""Read only the needed parts of a bgzip-compressed VCF through its tabix index (`.tbi`).

The index maps places to virtual offsets (block in the file, byte in the block). Format: the SAM/BAM and tabix
specifications of samtools/hts-specs.
"""

import struct
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

from pain_tui.errors import InputError
from pain_tui.outside_files import open_bytes

_Needed = Callable[[bytes, Mapping[str, Sequence[int]]], bool]
_WINDOW = 14  # the linear index has one entry per 2**14 bases


_LARGEST_INDEX = 64 << 20  # bytes unpacked; a whole genome's has about 3 MB
_LARGEST_BLOCK = 1 << 16  # bytes unpacked, by the format
_LONGEST_LINE = 1 << 26
_BIN = struct.Struct("<Ii")


class _Index:
    """The chunks that can hold records over the needed places, by chromosome as the file names it."""

    def __init__(self, data: bytes, wanted: Callable[[str], Sequence[int]]) -> None:
        if data[:4] != b"TBI\1":
            raise ValueError("no tabix magic")
        count, *_, length = struct.unpack_from("<8i", data, 4)
        self.chunks: dict[str, list[tuple[int, int]]] = {}
        at = 36 + length
        for name in data[36 : 36 + length].split(b"\0")[:count]:
            text = name.decode("ascii", "replace")
            at = self._read_reference(text, wanted(text), data, at)

    def _read_reference(self, name: str, places: Sequence[int], data: bytes, at: int) -> int:
        """Keep the chunks of the bins over the places; a genome has too many bins to unpack them all."""
        bins_wanted = {number for place in places for number in _bins_over(place - 1)}
        (bins,) = struct.unpack_from("<i", data, at)
        at += 4
        found: set[tuple[int, int]] = set()
        for _ in range(bins):
            number, chunks = _BIN.unpack_from(data, at)
            at += 8
            if chunks < 0:
                raise ValueError("a negative count would be read for ever")
            if number in bins_wanted:
                values = struct.unpack_from(f"<{2 * chunks}Q", data, at)
                found.update(zip(values[::2], values[1::2], strict=True))
            at += 16 * chunks
        (windows,) = struct.unpack_from("<i", data, at)
        linear = at + 4
        if windows < 0:
            raise ValueError("a negative count would be read for ever")
        if places and windows:
            window = min((places[0] - 1) >> _WINDOW, windows - 1)
            (first,) = struct.unpack_from("<Q", data, linear + 8 * window)
            found = {chunk for chunk in found if chunk[1] > first}
        if found:
            self.chunks[name] = _merged(found)
        return linear + 8 * windows


def _merged(chunks: set[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for begin, end in sorted(chunks):
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((begin, end))
    return merged


def _bins_over(start: int) -> list[int]:
    """The bins (one a level) that hold a record over this 0-based place."""
    return [
        0,
        *(offset + (start >> shift) for offset, shift in ((1, 26), (9, 23), (73, 20), (585, 17), (4681, 14))),
    ]


def lines(
    path: Path, index: Path, places: Mapping[str, Sequence[int]], is_needed: _Needed
) -> Iterator[tuple[int, str]] | None:
    """Lines that may speak about the places; None when the index is older than the file or cannot be read.

    The line number is 0: through an index nobody has counted the lines.
    """
    from pain_tui.genotype.vcf_lines import chromosome

    try:
        if index.stat().st_mtime < path.stat().st_mtime:
            return None
        with open_bytes(index, packed=True) as stream:
            data = stream.read(_LARGEST_INDEX + 1)
        if len(data) > _LARGEST_INDEX:
            return None
        found = _Index(data, lambda name: places.get(chromosome(name), ()))
    except (InputError, OSError, ValueError, EOFError, zlib.error, struct.error):
        return None
    return _read(path, found.chunks, places, is_needed)


def _read(
    path: Path,
    chunks: Mapping[str, list[tuple[int, int]]],
    places: Mapping[str, Sequence[int]],
    is_needed: _Needed,
) -> Iterator[tuple[int, str]]:
    with path.open("rb") as file:
        for ranges in chunks.values():
            for begin, end in ranges:
                for line in _chunk_lines(path, file, begin, end):
                    if line and not line.startswith(b"#") and is_needed(line, places):
                        yield 0, line.decode("utf-8", "replace")


def _chunk_lines(path: Path, file: IO[bytes], begin: int, end: int) -> Iterator[bytes]:
    """The whole lines from one virtual offset to another."""
    at, inside = begin >> 16, begin & 0xFFFF
    rest = b""
    while at <= end >> 16:
        data, size = _block(path, file, at)
        if not size:
            break
        text = data[inside : end & 0xFFFF if at == end >> 16 else None]
        parts = (rest + text).split(b"\n")
        rest = parts.pop()
        if len(rest) > _LONGEST_LINE:
            raise InputError(
                f"{path.name}: over {_LONGEST_LINE:,} bytes without a line end.", "The file is damaged."
            )
        yield from parts
        at, inside = at + size, 0
    if rest:
        yield rest


def _block(path: Path, file: IO[bytes], at: int) -> tuple[bytes, int]:
    """One bgzip block: its content and its size in the file."""
    file.seek(at)
    head = file.read(18)
    if not head:
        return b"", 0
    if len(head) < 18 or head[:4] != b"\x1f\x8b\x08\x04":
        raise InputError(
            f"{path.name}: byte {at} is not the start of a bgzip block, as its index says.",
            "Index the file again, or remove the .tbi.",
        )
    size = struct.unpack_from("<H", head, 16)[0] + 1
    packed = file.read(size - 18)
    try:
        unpacking = zlib.decompressobj(wbits=-15)
        data = unpacking.decompress(packed[:-8], _LARGEST_BLOCK)
        if not unpacking.eof and unpacking.decompress(unpacking.unconsumed_tail, 1):
            raise zlib.error("more than a block can hold")
        return data, size
    except zlib.error as error:
        raise InputError(
            f"{path.name}: the bgzip block at byte {at} is damaged.", "Copy or export the file again."
        ) from error
