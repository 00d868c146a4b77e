"""Which pairs of named alleles fit what was read at a gene's positions.

Only positions that were read count; a missing one is never taken as reference. An allele carries the
reference base where it lists nothing. The pair with the highest score (listed, unambiguous, fitting
positions of both alleles) wins,
and all pairs with that score are answers: none is preferred by frequency or ancestry. Unphased sites fit in
any phase; sites of one phase set keep theirs. What no pair explains is named, not forced into the nearest
allele.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations_with_replacement

from pain_tui.genotype.definitions import Allele, Gene, Position, load


@dataclass(frozen=True)
class Site:
    """What one sample carries at one position: one base string (one X) or two, and their phase set when
    phased.
    """

    bases: tuple[str, ...]
    phase_set: str | None = None

    @property
    def is_heterozygous(self) -> bool:
        return len(set(self.bases)) == 2


@dataclass(frozen=True)
class Match:
    """The answers for one gene and what stays open."""

    diplotypes: tuple[str, ...]
    tested: tuple[Position, ...]
    missing: tuple[Position, ...]
    not_excluded: tuple[str, ...]
    unexplained: str | None = None


@dataclass(frozen=True)
class _Read:
    """What was read at one gene: the numbers of its read positions, the sites that are not plain reference,
    and whether each site is one base (one X).
    """

    numbers: frozenset[int]
    variants: tuple[tuple[int, Site], ...]
    is_single: bool


def match(gene: Gene, sites: Mapping[Position, Site]) -> Match:
    """Match one sample's sites to the gene's alleles. `sites` holds only positions that were read, all of
    one base or all of two.

    Only sites that are not plain reference are looked at closely: at all others every fitting allele fits
    in any phase. So samples that read alike there have one answer, which is kept.
    """
    numbers: list[int] = []
    variants: list[tuple[int, Site]] = []
    is_single = False
    for number, position in enumerate(gene.positions):
        site = sites.get(position)
        if site is None:
            continue
        numbers.append(number)
        is_single = len(site.bases) == 1
        if site.bases not in position.plain:
            variants.append((number, site))
    return _match(gene.name, _Read(frozenset(numbers), tuple(variants), is_single))


@lru_cache(maxsize=8192)
def _match(name: str, read: _Read) -> Match:
    gene = load().genes[name]
    bases = {n: frozenset({gene.positions[n].ref}) for n in read.numbers}
    bases.update({n: frozenset(site.bases) for n, site in read.variants})
    fitting = [
        allele for allele in gene.alleles if _is_usable(allele, read) and _fits(gene, allele, read, bases)
    ]
    answers = _best(gene, fitting, read)
    missing = tuple(position for n, position in enumerate(gene.positions) if n not in read.numbers)
    open_alleles = _not_excluded(gene, bases, answers) if missing else gene.structural
    return Match(
        answers,
        tuple(position for n, position in enumerate(gene.positions) if n in read.numbers),
        missing,
        open_alleles,
        None if answers else _name_variants(gene, read),
    )


def _is_usable(allele: Allele, read: _Read) -> bool:
    """An allele whose own positions are all missing cannot be seen at all."""
    return allele.is_reference or not read.numbers.isdisjoint(allele.bases)


def _fits(gene: Gene, allele: Allele, read: _Read, found: Mapping[int, frozenset[str]]) -> bool:
    """Whether one of the sample's chromosomes can carry the allele, position by position."""
    if not allele.is_reference:
        for number, bases in allele.bases.items():
            if number in found and bases.isdisjoint(found[number]):
                return False
    return all(not _needs(gene, allele, number).isdisjoint(site.bases) for number, site in read.variants)


def _needs(gene: Gene, allele: Allele, number: int) -> frozenset[str]:
    """The bases an allele may carry at a position: what it lists, else the reference."""
    return allele.bases.get(number) or frozenset({gene.positions[number].ref})


def _best(gene: Gene, alleles: Sequence[Allele], read: _Read) -> tuple[str, ...]:
    """All pairs (or single alleles on one X) with the highest score."""
    listed = {
        allele.name: sum(n in read.numbers and n not in allele.ambiguous for n in allele.bases)
        for allele in alleles
    }
    groups = _phase_groups(read)
    pairs: Iterator[tuple[Allele, ...]] = (
        ((allele,) for allele in alleles) if read.is_single else combinations_with_replacement(alleles, 2)
    )
    scored: dict[str, int] = {}
    for pair in pairs:
        extra = _phased_extra(gene, pair, groups)
        if extra is not None:
            scored["/".join(allele.name for allele in pair)] = extra + sum(
                listed[allele.name] for allele in pair
            )
    top = max(scored.values(), default=0)
    return tuple(name for name, score in scored.items() if score == top)


def _phase_groups(read: _Read) -> list[list[tuple[int, Site]]]:
    """Sites whose orientation is shared; each unphased or homozygous site stands alone."""
    sets: dict[str, list[tuple[int, Site]]] = defaultdict(list)
    alone: list[list[tuple[int, Site]]] = []
    for number, site in read.variants:
        if site.phase_set is not None and site.is_heterozygous:
            sets[site.phase_set].append((number, site))
        else:
            alone.append([(number, site)])
    return alone + list(sets.values())


def _phased_extra(
    gene: Gene, pair: tuple[Allele, ...], groups: Sequence[Sequence[tuple[int, Site]]]
) -> int | None:
    """What ambiguous bases add over all groups, each turned the better way; None when the pair does
    not fit.
    """
    total = 0
    for group in groups:
        ways = [_extra(gene, pair, group, turned) for turned in (False, True)]
        possible = [extra for extra in ways if extra is not None]
        if not possible:
            return None
        total += max(possible)
    return total


def _extra(
    gene: Gene, pair: tuple[Allele, ...], group: Sequence[tuple[int, Site]], turned: bool
) -> int | None:
    """What ambiguous bases add in this orientation (they score only when not reference); None: does
    not fit.
    """
    extra = 0
    for number, site in group:
        for allele, base in zip(pair, site.bases[::-1] if turned else site.bases, strict=True):
            if base not in _needs(gene, allele, number):
                return None
            if number in allele.ambiguous and base != gene.positions[number].ref:
                extra += 1
    return extra


def _not_excluded(gene: Gene, found: Mapping[int, frozenset[str]], answers: Sequence[str]) -> tuple[str, ...]:
    """Alleles that list a missing position and that nothing read speaks against, and those no file of this
    kind shows.
    """
    called = {name for answer in answers for name in answer.split("/")}
    open_names = []
    for allele in gene.alleles:
        if allele.is_reference or allele.name in called:
            continue
        lists_missing = any(
            n not in found and bases != {gene.positions[n].ref} for n, bases in allele.bases.items()
        )
        if lists_missing and all(
            not bases.isdisjoint(found[n]) for n, bases in allele.bases.items() if n in found
        ):
            open_names.append(allele.name)
    return (*open_names, *(name for name in gene.structural if name not in called))


def _name_variants(gene: Gene, read: _Read) -> str:
    found = [f"{gene.positions[number].name} {'/'.join(site.bases)}" for number, site in read.variants]
    return "no pair of listed alleles carries what was found: " + (
        ", ".join(found) or "nothing but reference bases"
    )
