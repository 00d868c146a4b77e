"""Which pairs of named alleles fit what was read at a gene's positions.

Only positions that were read count; a missing one is never taken as reference. An allele carries the reference base
where it lists nothing. The pair with the highest score (listed, unambiguous, fitting positions of both alleles) wins,
and all pairs with that score are answers: none is preferred by frequency or ancestry. Unphased sites fit in any phase;
sites of one phase set keep theirs. What no pair explains is named, not forced into the nearest allele.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement

from pain_tui.genotype.definitions import Allele, Gene, Position


@dataclass(frozen=True)
class Site:
    """What one sample carries at one position: one base string (one X) or two, and their phase set when phased."""

    bases: tuple[str, ...]
    phase_set: str | None = None

    @property
    def is_heterozygous(self) -> bool:
        return len(set(self.bases)) == 2


@dataclass(frozen=True)
class Match:
    """The answers for one gene and what stays open."""

    diplotypes: tuple[str, ...]
    missing: tuple[Position, ...]
    not_excluded: tuple[str, ...]
    unexplained: str | None = None


def match(gene: Gene, sites: Mapping[Position, Site]) -> Match:
    """Match one sample's sites to the gene's alleles. `sites` holds only positions that were read."""
    read = [number for number, position in enumerate(gene.positions) if position in sites]
    present = [sites[gene.positions[number]] for number in read]
    missing = tuple(position for position in gene.positions if position not in sites)
    usable = [allele for allele in gene.alleles if _is_usable(allele, read)]
    wanted = {allele.name: _wanted(gene, allele, read) for allele in usable}
    fitting = [
        allele
        for allele in usable
        if all(_fits(w, s) for w, s in zip(wanted[allele.name], present, strict=True))
    ]
    answers = _best(gene, fitting, wanted, read, present)
    open_alleles = _not_excluded(gene, missing, sites, answers)
    return Match(answers, missing, open_alleles, None if answers else _name_variants(gene, read, present))


def _is_usable(allele: Allele, read: Sequence[int]) -> bool:
    """An allele whose own positions are all missing cannot be seen at all."""
    return allele.is_reference or any(number in allele.bases for number in read)


def _wanted(gene: Gene, allele: Allele, read: Sequence[int]) -> list[frozenset[str]]:
    return [allele.bases.get(number) or frozenset({gene.positions[number].ref}) for number in read]


def _fits(wanted: frozenset[str], site: Site) -> bool:
    return any(base in wanted for base in site.bases)


def _best(
    gene: Gene,
    alleles: list[Allele],
    wanted: Mapping[str, list[frozenset[str]]],
    read: Sequence[int],
    present: Sequence[Site],
) -> tuple[str, ...]:
    """All pairs (or single alleles on one X) with the highest score."""
    single = bool(present) and all(len(site.bases) == 1 for site in present)
    groups = _phase_groups(present)
    scored: dict[str, int] = {}
    pairs: Iterator[tuple[Allele, ...]] = (
        ((allele,) for allele in alleles) if single else combinations_with_replacement(alleles, 2)
    )
    for pair in pairs:
        score = _score(gene, pair, wanted, read, present, groups)
        if score is not None:
            scored["/".join(allele.name for allele in pair)] = score
    top = max(scored.values(), default=0)
    return tuple(name for name, score in scored.items() if score == top)


def _phase_groups(present: Sequence[Site]) -> list[list[int]]:
    """Sites whose orientation is shared; each unphased or homozygous site stands alone."""
    sets: dict[str, list[int]] = defaultdict(list)
    alone: list[list[int]] = []
    for number, site in enumerate(present):
        if site.phase_set is not None and site.is_heterozygous:
            sets[site.phase_set].append(number)
        else:
            alone.append([number])
    return alone + list(sets.values())


def _score(
    gene: Gene,
    pair: tuple[Allele, ...],
    wanted: Mapping[str, list[frozenset[str]]],
    read: Sequence[int],
    present: Sequence[Site],
    groups: Sequence[Sequence[int]],
) -> int | None:
    """The pair's score, or None when it cannot carry what was read."""
    needs = [wanted[allele.name] for allele in pair]
    score = sum(
        1 for allele in pair for number in read if number in allele.bases and number not in allele.ambiguous
    )
    for group in groups:
        ways = [_extra(gene, pair, needs, read, present, group, turned) for turned in (False, True)]
        possible = [extra for extra in ways if extra is not None]
        if not possible:
            return None
        score += max(possible)
    return score


def _extra(
    gene: Gene,
    pair: tuple[Allele, ...],
    needs: Sequence[Sequence[frozenset[str]]],
    read: Sequence[int],
    present: Sequence[Site],
    group: Sequence[int],
    turned: bool,
) -> int | None:
    """What ambiguous bases add in this orientation (they score only when not reference); None: does not fit."""
    extra = 0
    for place in group:
        bases = present[place].bases
        ordered = bases if len(bases) == 1 and len(pair) == 1 else (bases * 2)[:2]
        if turned:
            ordered = ordered[::-1]
        for side, base in enumerate(ordered):
            if base not in needs[side][place]:
                return None
            number = read[place]
            if number in pair[side].ambiguous and base != gene.positions[number].ref:
                extra += 1
    return extra


def _not_excluded(
    gene: Gene, missing: Sequence[Position], sites: Mapping[Position, Site], answers: Sequence[str]
) -> tuple[str, ...]:
    """Alleles that list a missing position and that nothing read speaks against, and those no file of this kind shows."""
    called = {name for answer in answers for name in answer.split("/")}
    absent = {number for number, position in enumerate(gene.positions) if position in set(missing)}
    open_names = []
    for allele in gene.alleles:
        lists_missing = any(
            number in absent and bases != {gene.positions[number].ref}
            for number, bases in allele.bases.items()
        )
        if not lists_missing or allele.is_reference or allele.name in called:
            continue
        read_here = (n for n in allele.bases if n not in absent)
        if all(_fits(allele.bases[n], sites[gene.positions[n]]) for n in read_here):
            open_names.append(allele.name)
    return (*open_names, *(name for name in gene.structural if name not in called))


def _name_variants(gene: Gene, read: Sequence[int], present: Sequence[Site]) -> str:
    found = [
        f"{gene.positions[number].name} {'/'.join(site.bases)}"
        for number, site in zip(read, present, strict=True)
        if any(base != gene.positions[number].ref for base in site.bases)
    ]
    return "no pair of listed alleles carries what was found: " + (
        ", ".join(found) or "nothing but reference bases"
    )
