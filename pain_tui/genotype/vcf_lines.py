"""The lines of a VCF at needed places, as fast as plain Python can: whole blocks of a sorted file are
passed over.

With a tabix index (`.tbi`) beside a bgzip file only the needed parts are read at all.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import IO

from pain_tui.errors import InputError
from pain_tui.genotype.vcf_build import Header
from pain_tui.outside_files import open_bytes

BLOCK = 1 << 20
REACH = 200  # bases before a place at which a deletion over it may begin; longer ones are structural variants
_LONGEST_LINE = 1 << 26


@lru_cache(maxsize=4096)
def chromosome(name: str) -> str:
    """`10`, `chr10` and `Chr10` are `chr10`; `23` is `chrX`."""
    bare = name[3:] if name[:3].lower() == "chr" else name
    return "chr" + {"23": "X", "x": "X", "24": "Y", "M": "M", "MT": "M"}.get(bare, bare)


def open_vcf(path: Path, places: Mapping[str, Sequence[int]]) -> tuple[Header, Iterator[tuple[int, str]]]:
    """The header, and then the numbered lines that may speak about one of `places` (others may come too).

    places: chromosome -> sorted positions.
    Raises InputError with the line or byte where the file is not a VCF or is damaged.
    """
    stream = open_bytes(path, packed=True)
    try:
        header, rest, number = _read_header(path, stream)
    except BaseException:
        stream.close()
        raise
    indexed = _indexed(path, places) if places else None
    if indexed is not None:
        stream.close()
        return header, indexed
    return header, _lines(path, stream, rest, number, places)


def _read(path: Path, stream: IO[bytes], size: int) -> bytes:
    try:
        return stream.read(size)
    except OSError as error:
        raise InputError(
            f"{path}: cannot be read ({error.strerror or error}).", "Check the drive and try again."
        ) from error


def _read_header(path: Path, stream: IO[bytes]) -> tuple[Header, bytes, int]:
    """The header lines, what was read beyond them, and the number of the #CHROM line."""
    buffer = _read(path, stream, BLOCK)
    meta: list[str] = []
    at = number = 0
    while True:
        end = buffer.find(b"\n", at)
        if end < 0:
            more = _read(path, stream, BLOCK)
            if more and len(buffer) < _LONGEST_LINE:
                buffer = buffer[at:] + more
                at = 0
                continue
            end = len(buffer)
        line = _text(path, number + 1, buffer[at:end]).rstrip("\r")
        number += 1
        if line.startswith("##"):
            meta.append(line)
        elif line.startswith("#CHROM"):
            return Header(_sample_names(path, number, line), tuple(meta)), buffer[end + 1 :], number
        else:
            what = (
                "is empty"
                if not line and number == 1
                else f"{number}: {line[:40]!r} stands where the #CHROM line should be"
            )
            raise InputError(
                f"{path.name} line {what}.", "This is not a VCF; choose another reader with --as."
            )
        at = end + 1


def _sample_names(path: Path, number: int, line: str) -> tuple[str, ...]:
    names = line.split("\t")[9:]
    if not names:
        raise InputError(
            f"{path.name} line {number}: no sample column, so there are no genotypes.",
            "Export the VCF with genotypes (FORMAT and samples).",
        )
    double = {name for name in names if names.count(name) > 1}
    if double:
        raise InputError(
            f"{path.name} line {number}: sample {sorted(double)[0]!r} stands there twice.",
            "Give each sample its own name.",
        )
    return tuple(names)


def _text(path: Path, number: int, line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path.name} line {number}: byte {error.start + 1} of the line is not text.",
            "The file is damaged or of another kind.",
        ) from error


def _lines(
    path: Path, stream: IO[bytes], rest: bytes, number: int, places: Mapping[str, Sequence[int]]
) -> Iterator[tuple[int, str]]:
    """Numbered lines at needed places, block by block.

    A block that lies in order on one chromosome is passed over, or searched by halving; any other is read
    line by line, and so is the whole of a small file. Once a block lies out of order, nothing is passed
    over any more.
    """
    before = b""  # the last line of the block before: its gVCF block may reach into this one
    last: tuple[str, int] | None = None
    is_sorted = True
    with stream:
        for block in _blocks(path, stream, rest, number):
            first, final = _ends(block)
            is_sorted = is_sorted and _follows(last, first, final)
            if (
                is_sorted
                and last is not None
                and first is not None
                and final is not None
                and last[0] == final[0]
            ):
                found = _search(before + block, len(before), last, final, places)
            else:
                found = _scan(block, places)
            counted = line_ends = 0
            for start, line in found:
                if start > counted:
                    line_ends += block.count(b"\n", counted, start)
                    counted = start
                at = number + line_ends + 1 if start >= 0 else number
                yield at, _text(path, at, line)
            number += block.count(b"\n")
            before = block[block.rfind(b"\n", 0, len(block) - 1) + 1 :]
            last = final or last


def _blocks(path: Path, stream: IO[bytes], rest: bytes, number: int) -> Iterator[bytes]:
    """Whole lines, about BLOCK bytes at a time."""
    while True:
        more = _read(path, stream, BLOCK)
        block = rest + more
        cut = block.rfind(b"\n") + 1 if more else len(block)
        if cut == 0 and more:
            if len(block) > _LONGEST_LINE:
                raise InputError(
                    f"{path.name} line {number + 1}: over {_LONGEST_LINE:,} bytes without a line end.",
                    "The file is damaged.",
                )
            rest = block
            continue
        block, rest = block[:cut], block[cut:]
        if block:
            yield block
        if not more:
            return


def _ends(block: bytes) -> tuple[tuple[str, int] | None, tuple[str, int] | None]:
    start = block.rfind(b"\n", 0, len(block) - 1) + 1
    return _place(block[: block.find(b"\n") + 1] or block), _place(block[start:])


def _place(line: bytes) -> tuple[str, int] | None:
    parts = line.split(b"\t", 2)
    if len(parts) < 2 or not parts[1].isdigit():
        return None
    return _name(parts[0]), int(parts[1])


@lru_cache(maxsize=4096)
def _name(name: bytes) -> str:
    return chromosome(name.decode("ascii", "replace"))


def _follows(
    last: tuple[str, int] | None, first: tuple[str, int] | None, final: tuple[str, int] | None
) -> bool:
    """Whether the block's ends are in the order of a sorted file."""
    if last is None or first is None or final is None:
        return last is None
    return (first[0] != last[0] or first[1] >= last[1]) and (final[0] != first[0] or final[1] >= first[1])


def _scan(block: bytes, places: Mapping[str, Sequence[int]]) -> Iterator[tuple[int, bytes]]:
    """Needed lines with their start in the block, each line looked at."""
    start = 0
    for line in block.split(b"\n"):
        if line and _is_needed(line, places):
            yield start, line
        start += len(line) + 1


def _search(
    block: bytes,
    offset: int,
    last: tuple[str, int],
    final: tuple[str, int],
    places: Mapping[str, Sequence[int]],
) -> Iterator[tuple[int, bytes]]:
    """Needed lines of a sorted block by halving; `offset` bytes at its front belong to the block before."""
    starts = _structural(block)
    given = -1  # the start of the last line looked at, so that each is looked at once
    for low, high in _stretches(tuple(places.get(final[0], ()))):
        if high < last[1] or low > final[1]:
            continue
        start = _first_at(block, low)
        at = max(
            block.rfind(b"\n", 0, max(start - 1, 0)) + 1, given + 1
        )  # the line before may be a gVCF block
        while at < len(block):
            end = block.find(b"\n", at)
            line = block[at : end if end >= 0 else len(block)]
            place = _place(line)
            if place is not None and place[1] > high:
                break
            if line and _is_needed(line, places):
                starts.add(at)
            at += len(line) + 1
            given = at - 1
    for at in sorted(starts):
        end = block.find(b"\n", at)
        line = block[at : end if end >= 0 else len(block)]
        if _is_needed(line, places):
            yield at - offset, line


@lru_cache(maxsize=256)
def _stretches(here: tuple[int, ...]) -> tuple[tuple[int, int], ...]:
    """The stretches of a chromosome in which a line over one of the places can begin, merged."""
    merged: list[tuple[int, int]] = []
    for place in here:
        low = max(place - REACH, 1)
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], place)
        else:
            merged.append((low, place))
    return tuple(merged)


def _structural(block: bytes) -> set[int]:
    """Where the lines of structural variants start: they may begin far before the places that they take away."""
    starts = set()
    at = block.find(b"SVTYPE=")
    while at >= 0:
        starts.add(block.rfind(b"\n", 0, at) + 1)
        at = block.find(b"SVTYPE=", at + 1)
    return starts


def _first_at(block: bytes, place: int) -> int:
    """The start of the first line at or after a place (or of one that cannot be read)."""
    low, high = 0, len(block)
    while low < high:
        middle = (low + high) // 2
        start = block.rfind(b"\n", 0, middle) + 1
        one = block.find(b"\t", start) + 1
        text = block[one : block.find(b"\t", one)]
        if text.isdigit() and int(text) < place:
            low = block.find(b"\n", middle) + 1 or len(block)
        else:
            high = start
    return low


def _is_needed(line: bytes, places: Mapping[str, Sequence[int]]) -> bool:
    """A line at a needed place, one that spans it, or one that cannot be read (to be reported)."""
    place = _place(line)
    if place is None:
        return True
    here = places.get(place[0])
    if not here:
        return False
    at = bisect_left(here, place[1])
    if at < len(here) and here[at] == place[1]:
        return True
    if at < len(here) and here[at] - place[1] < len(line):
        fields = line.split(b"\t", 4)
        if len(fields) > 3 and here[at] - place[1] < len(fields[3]):
            return True  # its bases reach the place
    if b"END=" not in line:
        return False
    end = line.split(b"END=", 1)[1].split(b";", 1)[0].split(b"\t", 1)[0]
    return end.isdigit() and at < len(here) and here[at] <= int(end)


def _indexed(path: Path, places: Mapping[str, Sequence[int]]) -> Iterator[tuple[int, str]] | None:
    index = path.with_name(path.name + ".tbi")
    if not index.exists():
        return None
    from pain_tui.genotype import tabix

    return tabix.lines(path, index, places, _is_needed)
