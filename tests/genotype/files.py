"""Small genotype files, made from the allele tables."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from pain_tui.genotype.calls import GeneCall, SampleCalls
from pain_tui.genotype.definitions import Position, load

HEADER = (
    "##fileformat=VCFv4.2\n##reference={build}\n"
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n'
)
Genotypes = Mapping[str, str]


def positions(*genes: str) -> list[Position]:
    """The genes' positions in the order of the file."""
    found = [p for gene in genes for p in load().genes[gene].positions]
    return sorted(found, key=lambda p: (p.chrom, p.pos["GRCh38"] or 0))


def vcf(
    path: Path,
    genes: Iterable[str],
    genotypes: Genotypes | None = None,
    *,
    absent: Iterable[str] = (),
    build: str = "GRCh38",
    header: str | None = None,
    samples: Iterable[str] = ("s1",),
    change: Callable[[list[str]], list[str]] = lambda lines: lines,
) -> Path:
    """A VCF with every position of the genes as 0/0, but for `genotypes` (by rsID) and those left out."""
    chosen, left_out, names = dict(genotypes or {}), set(absent), list(samples)
    lines = []
    for p in positions(*genes):
        place = p.pos[build]
        if p.name in left_out or place is None:
            continue
        values = chosen.get(p.name, "0/0").split(" ")
        cells = "\t".join(values * (len(names) if len(values) == 1 else 1))
        lines.append(
            f"{p.chrom}\t{place}\t{p.rsid or '.'}\t{p.ref}\t{','.join(p.alts)}\t.\tPASS\t.\tGT\t{cells}"
        )
    top = (HEADER.format(build=build) if header is None else header) + "\t".join(
        ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", *names]
    )
    path.write_text("\n".join([top, *change(lines)]) + "\n", encoding="utf-8")
    return path


def gene(sample: SampleCalls, name: str) -> GeneCall:
    """The one call of a gene."""
    (call,) = [c for c in sample.calls if c.gene == name]
    return call


def answers(call: GeneCall) -> set[tuple[str, ...]]:
    """Its diplotypes without order."""
    return {tuple(sorted(text.split("/"))) for text in (call.diplotype or "").split("|") if text}
