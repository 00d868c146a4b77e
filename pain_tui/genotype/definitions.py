"""The positions and alleles that a variant file is matched against, from the allele tables of the
knowledge folder.

Plain Python objects, read once: a file of one sample needs them before any database is open.
"""

import csv
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from pain_tui.knowledge.load import FOLDER

BUILDS = ("GRCh38", "GRCh37")

_IUPAC = {
    "R": "AG",
    "Y": "CT",
    "S": "CG",
    "W": "AT",
    "K": "GT",
    "M": "AC",
    "B": "CGT",
    "D": "AGT",
    "H": "ACT",
    "V": "ACG",
    "N": "ACGT",
}


@dataclass(frozen=True, eq=False)
class Position:
    """One place in a gene: where it lies in each build, and the bases the tables know there. Each
    exists once.

    `ref` and `alts` are the GRCh38 strings in VCF form (with the padding base for insertions and deletions).
    """

    gene: str
    rsid: str
    chrom: str
    pos: dict[str, int | None]
    ref: str
    alts: tuple[str, ...]

    @cached_property
    def name(self) -> str:
        """The rsID, or chromosome and GRCh38 position where there is none."""
        return self.rsid or f"{self.chrom}:{self.pos['GRCh38']}{self.ref}>{'|'.join(self.alts)}"

    @cached_property
    def bases(self) -> frozenset[str]:
        """Every base (or string) that the tables know there."""
        return frozenset({self.ref, *self.alts})

    @cached_property
    def plain(self) -> tuple[tuple[str, ...], ...]:
        """How a sample reads that carries nothing but the reference there: on two chromosomes, on one X."""
        return ((self.ref, self.ref), (self.ref,))

    @cached_property
    def is_snv(self) -> bool:
        return len(self.ref) == 1 and all(len(alt) == 1 for alt in self.alts)


@dataclass(frozen=True)
class Allele:
    """One named allele: the bases it needs at the positions it lists (index into the gene's positions)."""

    name: str
    function: str
    bases: dict[int, frozenset[str]] = field(hash=False)
    ambiguous: frozenset[int]
    is_reference: bool


@dataclass(frozen=True)
class Gene:
    """A gene with its positions, its alleles, and the alleles that no small-variant file can show."""

    name: str
    positions: tuple[Position, ...]
    alleles: tuple[Allele, ...]
    structural: tuple[str, ...]
    scheme: str
    x_linked: bool
    from_file: bool
    why_not: str


@dataclass(frozen=True)
class Definitions:
    """Everything to look for: the genes in the order they are shown, and all positions by build and
    chromosome.
    """

    genes: dict[str, Gene]

    def wanted(self, build: str) -> dict[str, dict[int, list[Position]]]:
        """chromosome -> position -> what may be there (the padding base of an indel can share its place)."""
        return _wanted(build)

    def _find_wanted(self, build: str) -> dict[str, dict[int, list[Position]]]:
        found: dict[str, dict[int, list[Position]]] = defaultdict(lambda: defaultdict(list))
        for gene in self.genes.values():
            for position in gene.positions:
                place = position.pos[build]
                if place is not None and gene.from_file:
                    found[position.chrom][place].append(position)
        return {chrom: dict(places) for chrom, places in found.items()}


@lru_cache(maxsize=1)
def load() -> Definitions:
    """Read the tables. Positions of unchecked single markers are left out: their bases are not confirmed."""
    shown = {row["gene"]: row for row in _rows("pgx/genes_shown.csv")}
    by_gene: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in _rows("clinpgx/alleles.csv"):
        by_gene[row["gene"]].append(row)
    return Definitions({name: _gene(shown[name], by_gene.get(name, [])) for name in shown})


@lru_cache(maxsize=len(BUILDS))
def _wanted(build: str) -> dict[str, dict[int, list[Position]]]:
    return load()._find_wanted(build)


def _rows(path: str) -> list[dict[str, str]]:
    with (FOLDER / path).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _gene(shown: dict[str, str], rows: list[dict[str, str]]) -> Gene:
    is_marker = shown["scheme"] == "marker"
    wanted = "single_marker" if is_marker else "defining_variant"
    defining = [row for row in rows if row["row_type"] == wanted and row["pos_grch38"] and row["ref_grch38"]]
    if is_marker:
        defining = [row for row in defining if row["sureness"] != "unchecked"]
    positions: dict[tuple[str, str, str], Position] = {}
    for row in defining:
        positions.setdefault(_place(row), _position(row))
    order = {place: number for number, place in enumerate(positions)}
    return Gene(
        name=shown["gene"],
        positions=tuple(positions.values()),
        alleles=() if is_marker else tuple(_alleles(rows, order, list(positions.values()))),
        structural=tuple(row["allele"] for row in rows if row["row_type"] == "structural_or_copy_number"),
        scheme=shown["scheme"],
        x_linked=shown["x_linked"] == "yes",
        from_file=shown["from_vcf"] != "no" and bool(positions),
        why_not=shown["why_not_from_vcf"],
    )


def _place(row: dict[str, str]) -> tuple[str, str, str]:
    return (row["chrom"], row["pos_grch38"], row["ref_grch38"])


def _position(row: dict[str, str]) -> Position:
    old = row["pos_grch37"]
    places = {"GRCh38": int(row["pos_grch38"]), "GRCh37": int(old) if old else None}
    return Position(
        row["gene"],
        row["rsid"],
        row["chrom"],
        places,
        row["ref_grch38"],
        tuple(row["alts_grch38"].split("|")),
    )


def _alleles(
    rows: list[dict[str, str]], order: dict[tuple[str, str, str], int], positions: list[Position]
) -> list[Allele]:
    listed: dict[str, dict[int, frozenset[str]]] = {}
    ambiguous: dict[str, set[int]] = defaultdict(set)
    function: dict[str, str] = {}
    reference = ""
    for row in rows:
        name = row["allele"]
        if row["row_type"] == "reference_haplotype":
            reference = name
            listed[name] = {number: frozenset({position.ref}) for number, position in enumerate(positions)}
        elif row["row_type"] == "defining_variant":
            number = order[_place(row)]
            if row["ambiguous_base"] == "yes":
                ambiguous[name].add(number)
            listed.setdefault(name, {})[number] = _bases(row)
        else:
            continue
        function[name] = row["clinical_function"]
    return [
        Allele(name, function[name], bases, frozenset(ambiguous[name]), name == reference)
        for name, bases in listed.items()
    ]


def _bases(row: dict[str, str]) -> frozenset[str]:
    base = row["haplotype_allele"]
    return (
        frozenset(_IUPAC.get(base, base))
        if row["ambiguous_base"] == "yes" and base in _IUPAC
        else frozenset({base})
    )
