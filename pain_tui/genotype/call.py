"""One door to every genotype file: look at it, read it, call it. See `call_file`."""

from pathlib import Path

from pain_tui.errors import InputError, UsageError
from pain_tui.genotype import array, outside, pharmcat, vcf
from pain_tui.genotype.calls import GeneCall, SampleCalls
from pain_tui.genotype.definitions import BUILDS
from pain_tui.genotype.text_files import numbered_lines

KINDS = ("vcf", "array", "pharmcat", "outside", "lab")
__all__ = ["KINDS", "GeneCall", "SampleCalls", "call_file", "kind_of"]


def call_file(
    path: Path, *, kind: str | None = None, sex: str | None = None, build: str | None = None
) -> list[SampleCalls]:
    """Read one genotype file: one SampleCalls a sample, each call with the columns of `genotype_call`.

    kind: one of KINDS; guessed when left out. sex: "male" or "female" when known. build: GRCh38 or GRCh37
    when the file does not say. Raises InputError with the line or position of what is wrong; UsageError for
    an unknown kind or build.
    """
    if kind is not None and kind not in KINDS:
        raise UsageError(f"{kind!r} is not a kind of genotype file.", f"Choose one of {', '.join(KINDS)}.")
    if build is not None and build not in BUILDS:
        raise UsageError(
            f"{build!r} is not a build that is known here.", f"Choose one of {', '.join(BUILDS)}."
        )
    kind = kind or kind_of(path)
    if kind == "vcf":
        return vcf.call_vcf(path, sex=sex, build=build)
    if kind == "array":
        return array.call_array(path, sex=sex, build=build)
    if kind == "pharmcat":
        return (
            pharmcat.call_json(path)
            if _first_line(path).lstrip().startswith(("{", "["))
            else pharmcat.call_tsv(path)
        )
    return outside.call_outside(path) if kind == "outside" else outside.call_lab(path)


def kind_of(path: Path) -> str:
    """What kind of genotype file this is, by its first lines. Raises InputError when it is empty or
    not text.
    """
    first = _first_line(path)
    if not first:
        raise InputError(f"{path.name}: is empty.", "Give a genotype file.")
    if first.startswith(("##", "#CHROM\t")) and ("fileformat" in first or first.startswith("#CHROM")):
        return "vcf"
    if (
        first.lstrip().startswith(("{", "["))
        and not first.startswith("[Header]")
        or first.startswith(("PharmCAT ", "Gene\tSource Diplotype"))
    ):
        return "pharmcat"
    cells = [
        cell.strip().strip('"').lower() for cell in first.replace("\t", ",").replace(";", ",").split(",")
    ]
    if "gene" in cells or "gene symbol" in cells:
        return "lab"
    if "\t" in first and _looks_like_gene(first.split("\t")[0]):
        return "outside"
    return "array"


def _looks_like_gene(text: str) -> bool:
    from pain_tui.genotype import words
    from pain_tui.genotype.definitions import load

    name = words.gene_name(text)
    return name in load().genes or name.startswith(
        ("HLA-", "CYP", "MT-RNR1", "UGT", "SLCO", "DPYD", "TPMT", "NUDT")
    )


def _first_line(path: Path) -> str:
    return next((line for _, line in numbered_lines(path) if line.strip()), "")
