"""Read only the needed parts of a bgzip-compressed VCF through its tabix index (`.tbi`).

The index maps places to virtual offsets (block in the file, byte in the block). Format: the SAM/BAM and tabix
specifications of samtools/hts-specs.
"""

import gzip
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

from pain_tui.errors import InputError

_Needed = Callable[[bytes, Mapping[str, Sequence[int]]], bool]
_WINDOW = 14  # the linear index has one entry per 2**14 bases


class _Index:
    """The chunks of each chromosome: bin -> [(begin, end)], and the linear index."""

    def __init__(self, data: bytes) -> None:
        if data[:4] != b"TBI\1":
            raise ValueError("no tabix magic")
        count, *_, length = struct.unpack_from("<8i", data, 4)
        names = data[36 : 36 + length].split(b"\0")[:count]
        self.bins: dict[str, dict[int, list[tuple[int, int]]]] = {}
        self.linear: dict[str, tuple[int, ...]] = {}
        at = 36 + length
        for name in names:
            at = self._read_reference(name.decode("ascii", "replace"), data, at)

    def _read_reference(self, name: str, data: bytes, at: int) -> int:
        (bins,) = struct.unpack_from("<i", data, at)
        at += 4
        found: dict[int, list[tuple[int, int]]] = {}
        for _ in range(bins):
            number, chunks = struct.unpack_from("<Ii", data, at)
            at += 8
            values = struct.unpack_from(f"<{2 * chunks}Q", data, at)
            at += 16 * chunks
            found[number] = list(zip(values[::2], values[1::2], strict=True))
        (windows,) = struct.unpack_from("<i", data, at)
        at += 4
        self.bins[name] = found
        self.linear[name] = struct.unpack_from(f"<{windows}Q", data, at)
        return at + 8 * windows

    def chunks(self, name: str, places: Sequence[int]) -> list[tuple[int, int]]:
        """The merged chunks that can hold records over these places."""
        wanted: set[tuple[int, int]] = set()
        windows = self.linear[name]
        for place in places:
            start = place - 1
            first = windows[min(start >> _WINDOW, len(windows) - 1)] if windows else 0
            for number in _bins_over(start):
                wanted.update(chunk for chunk in self.bins[name].get(number, ()) if chunk[1] > first)
        merged: list[tuple[int, int]] = []
        for begin, end in sorted(wanted):
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
        found = _Index(gzip.decompress(index.read_bytes()))
    except (OSError, ValueError, EOFError, zlib.error, struct.error):
        return None
    wanted = {name: places[chromosome(name)] for name in found.bins if places.get(chromosome(name))}
    return _read(path, {name: found.chunks(name, here) for name, here in wanted.items()}, places, is_needed)


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
        return zlib.decompress(packed[:-8], wbits=-15), size
    except zlib.error as error:
        raise InputError(
            f"{path.name}: the bgzip block at byte {at} is damaged.", "Copy or export the file again."
        ) from error
