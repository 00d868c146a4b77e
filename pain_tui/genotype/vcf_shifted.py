"""What a VCF line says about a known position that is not its own place.

One deletion in a run of equal bases can be written at several places; the tables hold the leftmost. A file that
is not left-aligned writes it further right. No reference genome is read here, so a change is moved only where
the bases of the line and of the tables together prove it the same. Where they do not, the position counts as
missing, also beside a reference record at the place of the tables (`bcftools norm` left-aligns a file).

A line over several bases may also exchange a known base, or take it away. What is taken away was not read as
reference, whatever a record at its own place says; the tables' own deletions are written with the reference
base inside them and take nothing away.
"""

from functools import lru_cache

from pain_tui.genotype.definitions import BUILDS, Position, load
from pain_tui.genotype.vcf_build import LineHead
from pain_tui.genotype.vcf_sites import NO_ALLELE

BEFORE, AFTER = 25, 100  # bases: the longest known change with its padding, and how far a repeat can carry it
SHIFTED, OTHER, GONE = "shifted", "other", "gone"

Told = tuple[Position, tuple[str | None, ...]]


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
def elsewhere(head: LineHead, build: str) -> tuple[Told, ...]:
    """The positions at other places of which this line says something, each with the line's alleles as the tables
    write them, SHIFTED (perhaps the known change), GONE (taken away) or OTHER (nothing known).
    """
    ref, alts = head.fields[3].upper(), head.fields[4].upper().split(",")
    if all(_is_symbol(alt) for alt in alts):
        return _structural(head, alts, build)
    if len(ref) == 1 and all(len(alt) == 1 for alt in alts):
        return ()
    told = [*_lengths(head, ref, alts, build), *_bases(head, ref, alts, build)]
    return tuple((position, alleles) for position, alleles in told if set(alleles[1:]) - {OTHER, None})


def _is_symbol(alt: str) -> bool:
    return alt in NO_ALLELE or alt.startswith("<") or "[" in alt or "]" in alt


def _structural(head: LineHead, alts: list[str], build: str) -> tuple[Told, ...]:
    """A structural variant (<DEL>, <DUP>, <CNV>): nothing within it is two plain copies in who carries it."""
    if head.end is None or all(alt in NO_ALLELE for alt in alts):
        return ()
    changed = [None if alt in NO_ALLELE else GONE for alt in alts]
    return tuple(
        (position, (position.ref, *changed))
        for place, found in load().wanted(build).get(head.chrom, {}).items()
        if head.pos < place <= head.end
        for position in found
    )


def _lengths(head: LineHead, ref: str, alts: list[str], build: str) -> list[Told]:
    """Known changes of length that this line writes at another place."""
    told: list[Told] = []
    for place, position in windows(build).get(head.chrom, ()):
        if head.pos == place or not place - BEFORE - len(ref) <= head.pos <= place + AFTER:
            continue
        named = tuple(_named(head.pos, ref, alt, place, position) for alt in alts)
        told.append((position, (position.ref, *named)))
    return told


def _named(pos: int, ref: str, alt: str, place: int, position: Position) -> str | None:
    if _is_symbol(alt):
        return None if alt in NO_ALLELE else OTHER
    proven = _proven(pos, ref, alt, place, position)
    if proven:
        return proven
    start, change = _minimal(pos, ref, alt)
    same = any(_is_same(change, known) for known in _changes(position))
    if same and place <= start <= place + AFTER:
        return SHIFTED
    begin, end = _touched(pos, ref, alt)
    return GONE if len(ref) > len(alt) and begin <= place and end > place + 1 else OTHER


def _proven(pos: int, ref: str, alt: str, place: int, position: Position) -> str | None:
    """The allele of the tables that makes the same bases, where line and tables together hold every base between."""
    first = min(pos, place)
    if pos > place + len(position.ref) or place > pos + len(ref):
        return None
    known: dict[int, str] = dict(enumerate(position.ref, place))
    if any(known.get(at, base) != base for at, base in enumerate(ref, pos)):
        return None
    known.update(enumerate(ref, pos))
    bases = "".join(known[at] for at in sorted(known))
    ours = bases[: pos - first] + alt + bases[pos - first + len(ref) :]
    for listed in position.alts:
        if bases[: place - first] + listed + bases[place - first + len(position.ref) :] == ours:
            return listed
    return None


def _bases(head: LineHead, ref: str, alts: list[str], build: str) -> list[Told]:
    """Known single bases behind the first base of this line: exchanged, or taken away."""
    wanted = load().wanted(build).get(head.chrom, {})
    listed = _listed_changes(head, build)
    told: list[Told] = []
    for place in range(head.pos + 1, head.pos + len(ref)):
        for position in wanted.get(place, ()):
            if position.is_snv:
                named = tuple(_base_at(head.pos, ref, alt, place, alt in listed) for alt in alts)
                told.append((position, (ref[place - head.pos], *named)))
    return told


def _base_at(pos: int, ref: str, alt: str, place: int, is_listed: bool) -> str | None:
    if alt in NO_ALLELE:
        return None
    begin, end = _touched(pos, ref, alt)
    if is_listed or _is_symbol(alt) or not begin <= place < end:
        return OTHER
    return alt[place - pos] if len(alt) == len(ref) else GONE


def _listed_changes(head: LineHead, build: str) -> set[str]:
    """Which of the line's changes of length the tables list, here or moved."""
    ref, found = head.fields[3].upper(), set()
    for place, position in windows(build).get(head.chrom, ()):
        if place - BEFORE <= head.pos <= place + AFTER:
            alts = head.fields[4].upper().split(",")
            found |= {a for a in alts if not _is_symbol(a) and _proven(head.pos, ref, a, place, position)}
    return found


@lru_cache(maxsize=4096)
def _changes(position: Position) -> tuple[tuple[int, str], ...]:
    """Each known change of length: bases gained (or lost, below zero), and which."""
    found = (_minimal(0, position.ref, alt)[1] for alt in position.alts)
    return tuple(change for change in found if change[0])


def _touched(pos: int, ref: str, alt: str) -> tuple[int, int]:
    """From the first to behind the last base of the reference that is not the same in the other allele."""
    while ref and alt and ref[-1] == alt[-1]:
        ref, alt = ref[:-1], alt[:-1]
    while ref and alt and ref[0] == alt[0]:
        ref, alt, pos = ref[1:], alt[1:], pos + 1
    return pos, pos + len(ref)


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
