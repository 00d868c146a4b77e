"""A gene's call: the one shape that every genotype reader gives, with the columns of `genotype_call`."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import lru_cache

from pain_tui.genotype import words
from pain_tui.genotype.definitions import Definitions, Gene, Position, load
from pain_tui.genotype.match import Match, Site, match

REPEATED = "structural alleles are not seen in this kind of file"


@dataclass(frozen=True)
class GeneCall:
    """One gene's (or one marker's) result. `diplotype` holds every equally good answer, joined by `|`.

    positions_tested None: the source does not say which positions were tested.
    """

    gene: str
    state: str
    diplotype: str | None = None
    rsid: str | None = None
    alleles: str | None = None
    copy_number: str | None = None
    activity_score_reported: float | None = None
    phenotype_reported: str | None = None
    positions_tested: tuple[str, ...] | None = None
    positions_missing: tuple[str, ...] = ()
    alleles_not_excluded: tuple[str, ...] = ()
    build: str | None = None
    method: str | None = None
    laboratory: str | None = None
    date: datetime.date | None = None
    note: str | None = None

    def __post_init__(self) -> None:
        if self.state not in words.STATES:
            raise ValueError(f"{self.state!r} is not one of {words.STATES}")

    def as_row(self) -> dict[str, object]:
        """The columns of `genotype_call` (without person and row id)."""
        row: dict[str, object] = {field.name: getattr(self, field.name) for field in fields(self)}
        for name in ("positions_tested", "positions_missing", "alleles_not_excluded"):
            value = getattr(self, name)
            row[name] = None if value is None else list(value)
        return row

    def replaced(self, **changes: object) -> "GeneCall":
        """A copy with some fields changed."""
        return replace(self, **changes)  # type: ignore[arg-type]  # the names are those of the fields


@dataclass(frozen=True)
class SampleCalls:
    """All calls of one sample of one file, and what was set aside on the way (sentences with line or
    position).
    """

    sample: str
    build: str | None
    calls: tuple[GeneCall, ...]
    problems: tuple[str, ...] = ()


def from_sites(
    sites: Mapping[Position, Site],
    covered: frozenset[Position],
    *,
    build: str | None,
    method: str,
    sex: str | None = None,
    undocumented: Mapping[Position, str] | None = None,
) -> tuple[GeneCall, ...]:
    """Call every gene that this kind of file can show, and say of the others why not.

    sites: what was read. covered: positions that the file names at all, also with `./.`.
    undocumented: bases at known positions that the tables do not list there.
    """
    definitions: Definitions = load()
    calls: list[GeneCall] = []
    for gene in definitions.genes.values():
        if gene.scheme == "marker":
            calls += _markers(gene, sites, covered, build, method)
        else:
            calls.append(_gene_call(gene, sites, covered, build, method, sex, undocumented or {}))
    return tuple(calls)


def _gene_call(
    gene: Gene,
    sites: Mapping[Position, Site],
    covered: frozenset[Position],
    build: str | None,
    method: str,
    sex: str | None,
    undocumented: Mapping[Position, str],
) -> GeneCall:
    if not gene.from_file:
        return GeneCall(gene.name, "not_tested", build=build, method=method, note=gene.why_not or None)
    here = {position: sites[position] for position in gene.positions if position in sites}
    here, problem = _with_ploidy(here, gene, sex)
    if problem:
        return _open(gene, here, build, method, problem)
    if not here:
        return _unread(gene, covered, build, method)
    found = match(gene, here)
    strange = [text for position, text in undocumented.items() if position.gene == gene.name]
    return _from_match(gene, found, strange, build, method)


def _with_ploidy(
    here: dict[Position, Site], gene: Gene, sex: str | None
) -> tuple[dict[Position, Site], str | None]:
    """The sites with as many bases as the person has chromosomes there, and why they cannot be used.

    A single base where two are expected says nothing of the other chromosome, so the position is missing.
    """
    counts = {len(site.bases) for site in here.values()}
    if not gene.x_linked or sex == "female":
        return (here if counts <= {2} else {p: s for p, s in here.items() if len(s.bases) == 2}), None
    if sex == "male" or counts == {1}:
        if any(site.is_heterozygous for site in here.values()):
            return here, "two different alleles on one X: the sex or the sample does not fit"
        return {position: Site(site.bases[:1]) for position, site in here.items()}, None
    if len(counts) > 1:
        return here, "one base at some positions and two at others: say with --sex whether there is one X"
    return here, None


def _unread(gene: Gene, covered: frozenset[Position], build: str | None, method: str) -> GeneCall:
    """None of the gene's positions has a usable genotype."""
    state = "no_call" if any(position in covered for position in gene.positions) else "not_tested"
    note = (
        "all its positions are without a call (./.)"
        if state == "no_call"
        else "none of its positions is in the file"
    )
    return GeneCall(
        gene.name,
        state,
        positions_tested=(),
        positions_missing=_names(gene.positions),
        build=build,
        method=method,
        note=note,
    )


def _from_match(
    gene: Gene,
    found: Match,
    strange: list[str],
    build: str | None,
    method: str,
) -> GeneCall:
    return GeneCall(
        gene.name,
        "called" if found.diplotypes else "no_call",
        diplotype="|".join(found.diplotypes) or None,
        positions_tested=_names(found.tested),
        positions_missing=_names(found.missing),
        alleles_not_excluded=found.not_excluded,
        build=build,
        method=method,
        note=". ".join(filter(None, [found.unexplained, *strange])) or None,
    )


def _open(gene: Gene, here: Mapping[Position, Site], build: str | None, method: str, note: str) -> GeneCall:
    missing = tuple(position for position in gene.positions if position not in here)
    return GeneCall(
        gene.name,
        "indeterminate",
        positions_tested=_names(tuple(here)),
        positions_missing=_names(missing),
        build=build,
        method=method,
        note=note,
    )


def _markers(
    gene: Gene, sites: Mapping[Position, Site], covered: frozenset[Position], build: str | None, method: str
) -> list[GeneCall]:
    """Single markers: the two bases, no phenotype. One row for the gene when none of its positions is in the
    file.
    """
    rows = [
        GeneCall(
            gene.name,
            "called" if position in sites else "no_call",
            diplotype="/".join(sorted(sites[position].bases, key=lambda base: base != position.ref))
            if position in sites
            else None,
            rsid=position.rsid,
            alleles="/".join(sites[position].bases) if position in sites else None,
            positions_tested=(position.name,) if position in sites else (),
            positions_missing=() if position in sites else (position.name,),
            build=build,
            method=method,
        )
        for position in gene.positions
        if position in covered or position in sites
    ]
    if rows:
        return rows
    note = gene.why_not or "none of its positions is in the file"
    return [
        GeneCall(
            gene.name,
            "not_tested",
            positions_tested=(),
            positions_missing=_names(gene.positions),
            build=build,
            method=method,
            note=note,
        )
    ]


@lru_cache(maxsize=4096)
def _names(positions: tuple[Position, ...]) -> tuple[str, ...]:
    return tuple(position.name for position in positions)
