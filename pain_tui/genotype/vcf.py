"""Read a VCF (plain, gzip, bgzip; one or many samples; gVCF) at the positions that the allele tables need.

A streaming reader: most blocks of a sorted file hold no needed position and are passed over without
splitting lines. Absent positions and `./.` are missing, never reference. The build comes from the header
and from where the known variants lie; when the two disagree, or the file mixes builds, the file is refused.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pain_tui.errors import InputError
from pain_tui.genotype import vcf_build, vcf_lines
from pain_tui.genotype.calls import SampleCalls, from_sites
from pain_tui.genotype.definitions import Position, load
from pain_tui.genotype.match import Site

_NO_ALLELE = frozenset({".", "<NON_REF>", "<*>", "<X>", "*"})
_GOOD_FILTERS = frozenset({"PASS", ".", "PCATxALT", "PCATxREF", ""})


@dataclass
class _Sample:
    """What was gathered for one sample so far."""

    sites: dict[Position, Site] = field(default_factory=dict)
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
    wanted = load().wanted(used) if used else {}
    samples = {name: _Sample() for name in header.samples}
    problems: list[str] = []
    for record in records:
        for position in vcf_build.positions_at(wanted, record):
            _gather(record, position, header.samples, samples, problems)
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
    fields = line.rstrip("\r\n").split("\t")
    if len(fields) < 10:
        raise InputError(
            f"{path.name} line {number}: {len(fields)} columns, a VCF line with a sample has at least "
            "10, separated by tabs.",
            "Check that the file is complete; export it again if it was cut.",
        )
    if not fields[1].isdigit():
        raise InputError(
            f"{path.name} line {number}: POS {fields[1][:20]!r} is not a number.", "Export the file again."
        )
    end = next(
        (int(part[4:]) for part in fields[7].split(";") if part.startswith("END=") and part[4:].isdigit()),
        None,
    )
    return vcf_build.Record(number, vcf_lines.chromosome(fields[0]), int(fields[1]), end, fields)


def _gather(
    record: vcf_build.Record,
    position: Position,
    names: Sequence[str],
    samples: Mapping[str, _Sample],
    problems: list[str],
) -> None:
    keys = record.fields[8].split(":")
    place = record.pos == position.pos["GRCh38"] or record.pos == position.pos["GRCh37"]
    alleles = _alleles(record, position) if place else _reference_block(record, position)
    if alleles is None:
        return
    is_failed = not set(record.fields[6].split(";")) <= _GOOD_FILTERS
    for name, text in zip(names, record.fields[9:], strict=False):
        sample = samples[name]
        sample.covered.add(position)
        if is_failed:
            _say(problems, f"{record.where}: {position.name} has FILTER {record.fields[6]}; not used")
            continue
        site = _site(keys, text, alleles, record, problems)
        if site is None:
            continue
        if sample.sites.get(position, site) != site or position in sample.contradicted:
            sample.contradicted.add(position)
            sample.sites.pop(position, None)
            _say(
                problems,
                f"{record.where}: {position.name} stands twice with different genotypes; it counts as "
                "missing",
            )
            continue
        sample.sites[position] = site
        unknown = [base for base in site.bases if base != position.ref and base not in position.alts]
        if unknown:
            sample.undocumented[position] = (
                f"{position.name} carries {'/'.join(unknown)}, which no listed allele has there"
            )


def _alleles(record: vcf_build.Record, position: Position) -> list[str | None] | None:
    """The record's alleles as the tables write them at this position; None when the record is about something
    else.
    """
    ref, alts = record.fields[3].upper(), [alt.upper() for alt in record.fields[4].split(",")]
    real = [alt for alt in alts if alt not in _NO_ALLELE]
    if position.is_snv and len(ref) == 1:
        return [ref, *(None if alt in _NO_ALLELE else alt for alt in alts)]
    known = {_trimmed(position.ref, alt): alt for alt in position.alts}
    if not position.is_snv and real and not any(_trimmed(ref, alt) in known for alt in real):
        # another variant at the padding base says nothing about the insertion or deletion
        return None
    out: list[str | None] = [position.ref]
    for alt in alts:
        out.append(None if alt in _NO_ALLELE else known.get(_trimmed(ref, alt), f"{ref}>{alt}"))
    return out


def _trimmed(ref: str, alt: str) -> tuple[str, str]:
    """Without the common end, so that one change written with more or fewer bases around it compares
    equal.
    """
    while len(ref) > 1 and len(alt) > 1 and ref[-1] == alt[-1]:
        ref, alt = ref[:-1], alt[:-1]
    return ref, alt


def _reference_block(record: vcf_build.Record, position: Position) -> list[str | None] | None:
    """A gVCF block that spans the position: its reference call holds there."""
    if record.end is None or any(alt not in _NO_ALLELE for alt in record.fields[4].split(",")):
        return None
    return [position.ref]


def _site(
    keys: Sequence[str],
    text: str,
    alleles: Sequence[str | None],
    record: vcf_build.Record,
    problems: list[str],
) -> Site | None:
    """One sample's genotype as bases; None when it is missing or cannot be read."""
    values = dict(zip(keys, text.split(":"), strict=False))
    genotype = values.get("GT", ".")
    phased = "|" in genotype
    numbers = genotype.replace("|", "/").split("/")
    bases: list[str] = []
    for number in numbers:
        if number == ".":
            return None
        if not number.isdigit() or int(number) >= len(alleles) or len(numbers) > 2:
            _say(
                problems,
                f"{record.where}: genotype {genotype[:20]!r} cannot be read; the position counts as missing",
            )
            return None
        base = alleles[int(number)]
        if base is None:
            return None
        bases.append(base)
    return Site(tuple(bases), values.get("PS", "all") if phased else None)


def _say(problems: list[str], text: str) -> None:
    if text not in problems:
        problems.append(text)


def samples_of(path: Path) -> Iterator[str]:
    """The sample names of the header."""
    header, _ = vcf_lines.open_vcf(path, {})
    yield from header.samples
