"""Write a bgzip file and its tabix index, for tests and benchmarks: small, plain, by the specification."""

import gzip
import struct
import zlib
from collections import defaultdict
from pathlib import Path

_BLOCK = 0xFF00


def write_indexed(path: Path, text: bytes) -> None:
    """The VCF text as `path` (bgzip) and `path`.tbi."""
    packed, starts = _blocks(text)
    path.write_bytes(packed)
    path.with_name(path.name + ".tbi").write_bytes(gzip.compress(_index(text, starts)))


def _blocks(text: bytes) -> tuple[bytes, list[int]]:
    out, starts = bytearray(), []
    for at in range(0, len(text), _BLOCK):
        starts.append(len(out))
        out += _block(text[at : at + _BLOCK])
    starts.append(len(out))
    return bytes(out + _block(b"")), starts


def _block(data: bytes) -> bytes:
    squeeze = zlib.compressobj(1, zlib.DEFLATED, -15)
    body = squeeze.compress(data) + squeeze.flush()
    head = b"\x1f\x8b\x08\x04\0\0\0\0\0\xff\x06\0BC\x02\0" + struct.pack("<H", len(body) + 25)
    return head + body + struct.pack("<II", zlib.crc32(data), len(data))


def _index(text: bytes, starts: list[int]) -> bytes:
    bins: dict[str, dict[int, list[tuple[int, int]]]] = defaultdict(lambda: defaultdict(list))
    linear: dict[str, dict[int, int]] = defaultdict(dict)
    at = 0
    while at < len(text):
        end = text.index(b"\n", at) + 1
        if text[at : at + 1] != b"#":
            fields = text[at:end].split(b"\t", 8)
            chrom, start = fields[0].decode(), int(fields[1]) - 1
            stop = (
                int(fields[7][4:].split(b";")[0]) if fields[7].startswith(b"END=") else start + len(fields[3])
            )
            begin_offset, end_offset = _virtual(at, starts), _virtual(end, starts)
            chunks = bins[chrom][_bin(start, stop)]
            if chunks and chunks[-1][1] == begin_offset:
                chunks[-1] = (chunks[-1][0], end_offset)
            else:
                chunks.append((begin_offset, end_offset))
            for window in range(start >> 14, ((stop - 1) >> 14) + 1):
                linear[chrom].setdefault(window, begin_offset)
        at = end
    return _pack(bins, linear)


def _virtual(at: int, starts: list[int]) -> int:
    return (starts[at // _BLOCK] << 16) | (at % _BLOCK)


def _bin(start: int, stop: int) -> int:
    last = stop - 1
    for offset, shift in ((4681, 14), (585, 17), (73, 20), (9, 23), (1, 26)):
        if start >> shift == last >> shift:
            return offset + (start >> shift)
    return 0


def _pack(bins: dict[str, dict[int, list[tuple[int, int]]]], linear: dict[str, dict[int, int]]) -> bytes:
    names = b"".join(name.encode() + b"\0" for name in bins)
    out = bytearray(b"TBI\1" + struct.pack("<8i", len(bins), 2, 1, 2, 0, ord("#"), 0, len(names)) + names)
    for name, found in bins.items():
        out += struct.pack("<i", len(found))
        for number, chunks in found.items():
            out += struct.pack("<Ii", number, len(chunks))
            for chunk in chunks:
                out += struct.pack("<QQ", *chunk)
        windows = linear[name]
        size = max(windows) + 1
        out += struct.pack("<i", size)
        last = 0
        for window in range(size):
            last = windows.get(window, last)
            out += struct.pack("<Q", last)
    return bytes(out)
