"""Which genome build a VCF is on: what its header says, checked against where the known variants lie."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import NamedTuple

from pain_tui.errors import InputError
from pain_tui.genotype.definitions import BUILDS, Position, load

_NAMES = {
    "GRCh38": re.compile(r"grch38|hg38|b38|hs38", re.IGNORECASE),
    "GRCh37": re.compile(r"grch37|hg19|b37|hs37|g1k_v37", re.IGNORECASE),
}
# Length of chromosome 10 and others in each build, as headers give them.
_LENGTHS = {
    "GRCh38": {
        "1": 248956422,
        "2": 242193529,
        "7": 159345973,
        "10": 133797422,
        "19": 58617616,
        "22": 50818468,
        "X": 156040895,
    },
    "GRCh37": {
        "1": 249250621,
        "2": 243199373,
        "7": 159138663,
        "10": 135534747,
        "19": 59128983,
        "22": 51304566,
        "X": 155270560,
    },
}


@dataclass(frozen=True)
class Header:
    """The lines before the first record."""

    samples: tuple[str, ...]
    meta: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class LineHead:
    """The first nine columns of a line, parsed. chrom: `chr10`; end: of a gVCF block."""

    chrom: str
    pos: int
    end: int | None
    fields: tuple[str, ...]

    @cached_property
    def evidence(self) -> "dict[str, _Evidence]":
        """What this line alone says about the build."""
        return {build: _evidence_of(self, build) for build in BUILDS}


class Record(NamedTuple):
    """One line at a needed place: its number (0 when found through an index), its head and the samples'
    cells.
    """

    number: int
    head: LineHead
    cells: list[str]

    @property
    def where(self) -> str:
        """For messages: the line, or the place when it was found through an index."""
        return f"line {self.number}" if self.number else f"{self.head.chrom}:{self.head.pos}"


@lru_cache(maxsize=1)
def all_places() -> dict[str, list[int]]:
    """Every needed position of either build, sorted, by chromosome; around changes of length also the places
    at which they may be written.
    """
    from pain_tui.genotype import vcf_shifted

    places: dict[str, set[int]] = {}
    for build in BUILDS:
        for chrom, found in load().wanted(build).items():
            places.setdefault(chrom, set()).update(found)
        for chrom, near in vcf_shifted.places(build).items():
            places[chrom].update(near)
    return {chrom: sorted(found) for chrom, found in places.items()}


def positions_at(wanted: Mapping[str, Mapping[int, list[Position]]], head: LineHead) -> list[Position]:
    """The needed positions that a line speaks about: its own place, or all within its gVCF block."""
    places = wanted.get(head.chrom, {})
    if head.end is None or head.end <= head.pos:
        return places.get(head.pos, [])
    return [
        position for place, found in places.items() if head.pos <= place <= head.end for position in found
    ]


def from_header(header: Header) -> set[str]:
    """The builds that the header names, by name or by chromosome length."""
    named = set()
    for line in header.meta:
        is_contig = line.startswith("##contig=")
        if not is_contig and not line.startswith(("##reference=", "##assembly=", "##build=", "##genome")):
            continue
        named |= {build for build, pattern in _NAMES.items() if pattern.search(line)}
        length = re.search(r"length=(\d+)", line)
        contig = re.search(r"ID=(?:chr)?([0-9XY]+)", line)
        if is_contig and length and contig:
            named |= {build for build, sizes in _LENGTHS.items() if sizes.get(contig[1]) == int(length[1])}
    return named


def decide(path: Path, header: Header, records: Sequence[Record], asked: str | None) -> str | None:
    """The build of the file; None when it says none and holds no needed place, so that nothing depends on it.

    Raises InputError when it is mixed, contradicted, or cannot be told.
    """
    named = from_header(header)
    if len(named) > 1:
        raise InputError(
            f"{path.name}: the header names two genome builds ({' and '.join(sorted(named))}).",
            "A file of one build is needed; nothing was called.",
        )
    stated = asked or next(iter(named), None)
    seen = {build: _evidence(records, build) for build in BUILDS}
    _refuse_mixed(path, seen)
    likely = _likely(seen)
    if stated and likely and likely != stated:
        raise InputError(
            f"{path.name}: {'--build' if asked else 'the header'} says {stated}, but the known "
            f"variants lie where {likely} has them.",
            "Find out which build the file is on; nothing was called.",
        )
    if stated or likely or not records:
        return stated or likely
    raise InputError(
        f"{path.name}: the genome build cannot be told from its header or its positions.",
        "Say it with --build GRCh38 or --build GRCh37.",
    )


_SYMBOLS = frozenset({".", "<NON_REF>", "<*>"})


class _Evidence(NamedTuple):
    by_name: int
    fitting: int
    other: int


@lru_cache(maxsize=len(BUILDS))
def _telling(build: str) -> dict[tuple[str, int], list[Position]]:
    """Places that can tell the build: one base, and at another place in the other build."""
    found: dict[tuple[str, int], list[Position]] = {}
    for chrom, places in load().wanted(build).items():
        for place, positions in places.items():
            for position in positions:
                if position.is_snv and position.pos["GRCh38"] != position.pos["GRCh37"]:
                    found.setdefault((chrom, place), []).append(position)
    return found


def _evidence_of(head: LineHead, build: str) -> _Evidence:
    """At this build's place: does the line carry the known rsID there, and the known bases?"""
    by_name = fitting = other = 0
    for position in _telling(build).get((head.chrom, head.pos), ()):
        by_name += bool(position.rsid) and position.rsid in head.fields[2].split(";")
        ref = head.fields[3].upper()
        if len(ref) == 1:
            fits = ref in position.bases and all(
                alt in position.bases or alt in _SYMBOLS for alt in head.fields[4].upper().split(",")
            )
            fitting, other = fitting + fits, other + (not fits)
    return _Evidence(by_name, fitting, other)


def _evidence(records: Sequence[Record], build: str) -> _Evidence:
    """Records at this build's places: how many carry the known rsID there, and how many the known bases."""
    found = [record.head.evidence[build] for record in records]
    return _Evidence(*map(sum, zip(*found, strict=True))) if found else _Evidence(0, 0, 0)


def _likely(seen: Mapping[str, _Evidence]) -> str | None:
    names = {build: evidence.by_name for build, evidence in seen.items()}
    if any(names.values()):
        return max(names, key=lambda build: names[build])
    # by bases alone: most records at the right build's places fit, few by chance at the other's
    strong = [b for b, e in seen.items() if e.fitting >= 3 and e.fitting >= 4 * e.other]
    return strong[0] if len(strong) == 1 else None


def _refuse_mixed(path: Path, seen: Mapping[str, _Evidence]) -> None:
    if all(evidence.by_name > 0 for evidence in seen.values()):
        raise InputError(
            f"{path.name}: some known variants lie at their GRCh38 places and some at their GRCh37 places.",
            "The file mixes two builds; nothing was called.",
        )
