"""Read a VCF (plain, gzip, bgzip; one or many samples; gVCF) at the positions that the allele tables need.

A streaming reader: most blocks of a sorted file hold no needed position and are passed over without
splitting lines. Absent positions and `./.` are missing, never reference. The build comes from the header
and from where the known variants lie; when the two disagree, or the file mixes builds, the file is refused.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from pain_tui.errors import InputError
from pain_tui.genotype import vcf_build, vcf_lines, vcf_shifted, vcf_sites
from pain_tui.genotype.calls import SampleCalls, from_sites
from pain_tui.genotype.definitions import Position, load
from pain_tui.genotype.match import Site
from pain_tui.genotype.vcf_sites import GOOD_FILTERS, NO_ALLELE, alleles_at, site_of


@dataclass
class _Sample:
    """What was gathered for one sample so far."""

    sites: dict[Position, Site] = field(default_factory=dict)
    listed: dict[Position, tuple[str | None, ...]] = field(default_factory=dict)
    covered: set[Position] = field(default_factory=set)
    undocumented: dict[Position, str] = field(default_factory=dict)
    contradicted: set[Position] = field(default_factory=set)


def call_vcf(path: Path, *, sex: str | None = None, build: str | None = None) -> list[SampleCalls]:
    """Call every gene for every sample of one VCF.

    sex: "male" or "female" when known; a male has one X.
    build: GRCh38 or GRCh37 when the file does not say it and its positions cannot.
    Raises InputError: not a VCF, no sample, damaged lines, build unknown, mixed or contradicted.
    """
    header, lines = vcf_lines.open_vcf(path, vcf_build.all_places())
    records = [_split(path, number, line) for number, line in lines]
    used = vcf_build.decide(path, header, records, build)
    samples = {name: _Sample() for name in header.samples}
    order = list(samples.values())
    problems: dict[str, None] = {}
    for record in records if used else ():
        for position, alleles in _told(record.head, used or ""):
            _gather(record, position, alleles, order, problems)
        for position, alleles in vcf_shifted.elsewhere(record.head, used or ""):
            _elsewhere(record, position, alleles, order, problems)
    return [
        SampleCalls(
            name,
            used,
            from_sites(
                s.sites, frozenset(s.covered), build=used, method="vcf", sex=sex, undocumented=s.undocumented
            ),
            tuple(problems),
        )
        for name, s in samples.items()
    ]


def _split(path: Path, number: int, line: str) -> vcf_build.Record:
    text, _, cell = line.rstrip("\r\n").rpartition("\t")  # one sample is the rule, and then this is its cell
    head = _head(text)
    if head is not None:
        return vcf_build.Record(number, head, [cell])
    fields = line.rstrip("\r\n").split("\t")
    if len(fields) < 10:
        raise InputError(
            f"{path.name} line {number}: {len(fields)} columns, a VCF line with a sample has at least "
            "10, separated by tabs.",
            "Check that the file is complete; export it again if it was cut.",
        )
    head = _head("\t".join(fields[:9]))
    if head is None:
        wrong = (
            f"POS {fields[1][:20]!r} is not a number"
            if fields[3] and all(fields[4].split(","))
            else "REF or ALT is empty"
        )
        raise InputError(f"{path.name} line {number}: {wrong}.", "Export the file again.")
    return vcf_build.Record(number, head, fields[9:])


@lru_cache(maxsize=8192)
def _head(text: str) -> vcf_build.LineHead | None:
    """The first nine columns, kept: many files hold the same. None when they are fewer, more, or no place."""
    fields = tuple(text.split("\t"))
    if len(fields) != 9 or not (fields[1].isascii() and fields[1].isdecimal()):
        return None
    if not fields[3] or not all(fields[4].split(",")):
        return None
    return vcf_build.LineHead(vcf_lines.chromosome(fields[0]), int(fields[1]), _end_of(fields[7]), fields)


def _end_of(info: str) -> int | None:
    return next(
        (
            int(part[4:])
            for part in info.split(";")
            if part.startswith("END=") and part[4:].isascii() and part[4:].isdecimal()
        ),
        None,
    )


@lru_cache(maxsize=8192)
def _told(head: vcf_build.LineHead, build: str) -> list[tuple[Position, tuple[str | None, ...]]]:
    """The positions that a line speaks about, each with the line's alleles as the tables write them."""
    told = []
    for position in vcf_build.positions_at(load().wanted(build), head):
        is_here = head.pos == position.pos[build]
        alleles = (
            alleles_at(position, head.fields[3], head.fields[4])
            if is_here
            else _reference_block(head, position)
        )
        if alleles is not None:
            told.append((position, alleles))
    return told


def _gather(
    record: vcf_build.Record,
    position: Position,
    alleles: tuple[str | None, ...],
    samples: Sequence[_Sample],
    problems: dict[str, None],
) -> None:
    head, cells = record.head, record.cells
    if len(cells) < len(samples):
        _say(problems, f"{record.where}: {len(cells)} of {len(samples)} samples have a genotype")
    if head.fields[6] != "PASS" and not _is_used(head):
        _say(problems, f"{record.where}: {position.name} has FILTER {head.fields[6]}; not used")
        for sample in samples:
            sample.covered.add(position)
        return
    for sample, cell in zip(samples, cells, strict=False):
        sample.covered.add(position)
        site, problem = site_of(alleles, head.fields[8], cell)
        if problem:
            _say(problems, f"{record.where}: {problem}; the position counts as missing")
        if site is not None:
            _take(sample, position, site, alleles[1:], record, problems)


def _take(
    sample: _Sample,
    position: Position,
    site: Site,
    others: tuple[str | None, ...],
    record: vcf_build.Record,
    problems: dict[str, None],
) -> None:
    """others: what the record lists there besides the reference, carried or not."""
    if position in sample.contradicted:
        return
    before = sample.sites.get(position)
    if before is not None and before != site:
        joined = vcf_sites.joined(position, (before, sample.listed[position]), (site, others))
        if joined is None:
            sample.contradicted.add(position)
            sample.sites.pop(position, None)
            text = f"{position.name} stands twice with different genotypes; it counts as missing"
            _say(problems, f"{record.where}: {text}")
            return
        site = joined
    sample.sites[position] = site
    sample.listed[position] = others if before is None else sample.listed[position] + others
    if not position.bases.issuperset(site.bases):
        unknown = [base for base in site.bases if base not in position.bases]
        sample.undocumented[position] = (
            f"{position.name} carries {'/'.join(unknown)}, which no listed allele has there"
        )


_WHY = {
    vcf_shifted.SHIFTED: "the change of {} is written here, not left-aligned",
    vcf_shifted.GONE: "what is changed here takes the place of {} away",
}


def _elsewhere(
    record: vcf_build.Record,
    position: Position,
    alleles: tuple[str | None, ...],
    samples: Sequence[_Sample],
    problems: dict[str, None],
) -> None:
    """What a line at another place says of who carries its change: the bases there, or that none can be used."""
    ref, *changed = alleles
    if not _is_used(record.head) and record.head.fields[4].startswith("<"):
        return
    for sample, cell in zip(samples, record.cells, strict=False):
        site, _ = site_of(alleles, record.head.fields[8], cell)
        if site is None or not set(site.bases) & set(changed) - {ref, vcf_shifted.OTHER}:
            # nobody carries the known change that is proven to be written here
            if site is not None and not position.is_snv and position.bases.issuperset(filter(None, alleles)):
                sample.covered.add(position)
                _take(sample, position, site, alleles[1:], record, problems)
            continue
        sample.covered.add(position)
        why = next((text for mark, text in _WHY.items() if mark in site.bases), None)
        if why is None and _is_used(record.head) and vcf_shifted.OTHER not in site.bases:
            _take(sample, position, site, alleles[1:], record, problems)
            continue
        sample.contradicted.add(position)
        sample.sites.pop(position, None)
        text = (why or "a change that cannot be used reaches {}").format(position.name)
        _say(problems, f"{record.where}: {text}; the position counts as missing")


def _is_used(head: vcf_build.LineHead) -> bool:
    """Whether the line passed its filters."""
    return head.fields[6] in GOOD_FILTERS or set(head.fields[6].split(";")) <= GOOD_FILTERS


def _reference_block(head: vcf_build.LineHead, position: Position) -> tuple[str | None, ...] | None:
    """A gVCF block that spans the position: its reference call holds there."""
    if head.end is None or any(alt not in NO_ALLELE for alt in head.fields[4].split(",")):
        return None
    return (position.ref,)


def _say(problems: dict[str, None], text: str) -> None:
    """Each sentence once, in the order found."""
    problems[text] = None


def samples_of(path: Path) -> Iterator[str]:
    """The sample names of the header."""
    header, _ = vcf_lines.open_vcf(path, {})
    yield from header.samples
