"""Insertions and deletions written at another place than the tables have them.

One deletion in a run of equal bases can be written at several places; the tables hold the leftmost. A file that
is not left-aligned writes it further right, and may still carry a reference record at the place of the tables.
That record then says nothing: beside a change of the same bases in reach the position counts as missing. (No
reference genome is read here, so nothing is moved; `bcftools norm` moves it.)
"""

from functools import lru_cache

from pain_tui.genotype.definitions import BUILDS, Position, load
from pain_tui.genotype.vcf_build import LineHead
from pain_tui.genotype.vcf_sites import NO_ALLELE

BEFORE, AFTER = 25, 100  # bases: the longest known change with its padding, and how far a repeat can carry it
SHIFTED, OTHER = "shifted", "other"


@lru_cache(maxsize=len(BUILDS))
def windows(build: str) -> dict[str, list[tuple[int, Position]]]:
    """chromosome -> place and position of every known change of length."""
    found: dict[str, list[tuple[int, Position]]] = {}
    for chrom, places in load().wanted(build).items():
        for place, positions in places.items():
            found.setdefault(chrom, []).extend((place, p) for p in positions if _changes(p))
    return found


def places(build: str) -> dict[str, set[int]]:
    """Every place at which such a change may be written."""
    return {
        chrom: {near for place, _ in listed for near in range(max(place - BEFORE, 1), place + AFTER + 1)}
        for chrom, listed in windows(build).items()
    }


@lru_cache(maxsize=8192)
def shifted(head: LineHead, build: str) -> tuple[tuple[Position, tuple[str | None, ...]], ...]:
    """The positions whose change this line writes at another place, each with the line's alleles as reference
    (""), that change (SHIFTED) or anything else (OTHER).
    """
    ref, alts = head.fields[3].upper(), head.fields[4].upper().split(",")
    if all(len(alt) == len(ref) for alt in alts):
        return ()
    told: list[tuple[Position, tuple[str | None, ...]]] = []
    for place, position in windows(build).get(head.chrom, ()):
        if not place - BEFORE <= head.pos <= place + AFTER or head.pos == place:
            continue
        alleles = tuple(_named(head.pos, ref, alt, place, position) for alt in alts)
        if SHIFTED in alleles:
            told.append((position, ("", *alleles)))
    return tuple(told)


def _named(pos: int, ref: str, alt: str, place: int, position: Position) -> str | None:
    if alt in NO_ALLELE:
        return None
    start, change = _minimal(pos, ref, alt)
    same = any(_is_same(change, known) for known in _changes(position))
    return SHIFTED if same and place <= start <= place + AFTER else OTHER


@lru_cache(maxsize=4096)
def _changes(position: Position) -> tuple[tuple[int, str], ...]:
    """Each known change of length: bases gained (or lost, below zero), and which."""
    found = (_minimal(0, position.ref, alt)[1] for alt in position.alts)
    return tuple(change for change in found if change[0])


def _minimal(pos: int, ref: str, alt: str) -> tuple[int, tuple[int, str]]:
    """Where the change begins without common bases around it, and what is gained or lost; (0, "") when bases are
    exchanged as well.
    """
    while len(ref) > 1 and len(alt) > 1 and ref[-1] == alt[-1]:
        ref, alt = ref[:-1], alt[:-1]
    while len(ref) > 1 and len(alt) > 1 and ref[0] == alt[0] and ref[1] == alt[1]:
        ref, alt, pos = ref[1:], alt[1:], pos + 1
    if ref[0] != alt[0] or min(len(ref), len(alt)) > 1:
        return pos, (0, "")
    return pos, (len(alt) - len(ref), max(ref, alt, key=len)[1:])


def _is_same(change: tuple[int, str], known: tuple[int, str]) -> bool:
    """The same bases gained or lost; moved along a repeat they come turned round."""
    return bool(change[0]) and change[0] == known[0] and change[1] in known[1] * 2
