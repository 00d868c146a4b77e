"""How a diplotype is written, and what was meant by it: text to alleles with copies, and nothing more.

Reads the spellings of laboratories and papers: `*1/*4`, `*2x2/*5`, `*1xN`, `*1x>=3`, tandems (`*36+*10`),
brackets, `(*4)` for an allele the laboratory could not confirm, `*4.024` for a suballele, several possible
answers joined by `|` or "or". The order of the two sides does not matter. It never guesses: what cannot be
read is a problem with a sentence, and what is read but open (a copy number not given) is marked as open.
Functions, scores and phenotypes are decided by the assessment steps, not here.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from pain_tui.genotype import words

# Old reports use letters (*1B), which later names split up or renamed; the number alone may not be the
# allele.
_UNIT = re.compile(
    r"\*(?P<number>\d{1,4})(?P<sub>\.\d+)?(?P<letter>[A-Za-wyz]\d*)?"
    r"(?:x(?P<least>≥)?(?P<copies>\d{1,2}|[Nn]|\?)(?P<plus>\+)?)?"
)
_HLA = re.compile(
    r"(?:HLA-)?(?:[ABC]\*|\*)?(?P<first>\d{1,3}):(?P<second>\d{2,3})(?::\d+)*(?P<suffix>[A-Z]?)",
    re.IGNORECASE,
)
_HLA_GROUPS = {
    "",
    "G",
    "P",
}  # the same protein; any other letter says that it is expressed otherwise or not at all
_MULTIPLIED = re.compile(r"(?P<pair>.+/.+?)\s*x\s*(?P<copies>\d{1,2}|[Nn])")
_ALTERNATIVES = re.compile(r"\s*(?:\||;|\bor\b)\s*")
_BASES = re.compile(r"[ACGTDI-]+( *[/|] *[ACGTDI-]+)?")
_RSID = re.compile(r"(?i)\brs\d+")
_TIDY = (
    ("×", "x"),
    ("X", "x"),
    (">=", "≥"),
    (">/=", "≥"),
    ("⁺", "+"),
    ("\u2217", "*"),
    ("＊", "*"),
    ("\u00a0", " "),
)


@dataclass(frozen=True)
class Unit:
    """One allele and how many copies of it stand on the chromosome; `copies` None: not known."""

    allele: str
    copies: int | None = 1
    at_least: bool = False
    unconfirmed: bool = False
    letter: bool = False

    @property
    def label(self) -> str:
        """As the allele tables write it: `*2x2`, `*1x≥3`, `*4xN`."""
        if self.copies == 1 and not self.at_least:
            return self.allele
        return f"{self.allele}x{'≥' if self.at_least else ''}{'N' if self.copies is None else self.copies}"


@dataclass(frozen=True)
class Haplotype:
    """What one chromosome carries: one unit, or several in tandem."""

    units: tuple[Unit, ...]

    @property
    def label(self) -> str:
        return "+".join(unit.label for unit in self.units)


@dataclass(frozen=True)
class Diplotype:
    """Two haplotypes (one for an X-linked gene in a male), in the order of the allele tables."""

    haplotypes: tuple[Haplotype, ...]

    @property
    def label(self) -> str:
        return "/".join(haplotype.label for haplotype in self.haplotypes)


@dataclass(frozen=True)
class Reading:
    """What one text says about one gene: every possible diplotype, or the problem that stopped the
    reading.
    """

    gene: str
    written: str
    possible: tuple[Diplotype, ...]
    problem: str | None = None
    letter: bool = False


@lru_cache(maxsize=65536)
def read(gene: str, written: str) -> Reading:
    """Read one diplotype text of one gene. Never raises on any text: what cannot be read is in `problem`."""
    text = _tidy(written) if words.is_star_gene(gene) else written.strip()
    if not text:
        return Reading(gene, written, (), "nothing is written")
    possible: list[Diplotype] = []
    for part in _ALTERNATIVES.split(text) if words.is_star_gene(gene) else text.split("|"):
        found, problem = _one_answer(gene, part.strip())
        if problem:
            return Reading(gene, written, (), problem)
        possible += [diplotype for diplotype in found if diplotype not in possible]
    letter = any(unit.letter for d in possible for haplotype in d.haplotypes for unit in haplotype.units)
    return Reading(gene, written, tuple(possible), None, letter)


def is_bases(written: str) -> bool:
    """True for the bases of one position (`G/A`, `AG`, `I/D`), which name no allele by themselves."""
    return _BASES.fullmatch(written.strip().upper()) is not None


def normalised(gene: str, written: str) -> str | None:
    """The text in one fixed spelling, alternatives joined by `|`; None when it cannot be read."""
    reading = read(gene, written)
    return None if reading.problem else "|".join(diplotype.label for diplotype in reading.possible)


def _tidy(written: str) -> str:
    text = written.strip()
    for old, new in _TIDY:
        text = text.replace(old, new)
    return text


def _one_answer(gene: str, text: str) -> tuple[list[Diplotype], str | None]:
    if not words.is_star_gene(gene):
        return _named_pair(gene, text)
    bare = _without_gene(gene, text)
    multiplied = _MULTIPLIED.fullmatch(bare)
    if multiplied and _is_wrapped(multiplied["pair"]):
        return _which_is_multiplied(multiplied["pair"], multiplied["copies"])
    if _RSID.search(bare):
        return [], f"'{text}' names a single position; a result of {gene} names two star alleles, as in *1/*4"
    sides = _strip_brackets(bare).split("/") if _is_wrapped(bare) else bare.split("/")
    if len(sides) != 2:
        return [], f"'{text}' has {len(sides)} sides; two are expected, as in *1/*4"
    haplotypes = []
    for side in sides:
        haplotype = _haplotype(_without_gene(gene, side))
        if haplotype is None and re.search(r"x0+\b", side):
            return (
                [],
                f"'{side.strip()}' has no copy; a deleted gene is written as its own allele (CYP2D6 *5)",
            )
        if haplotype is None:
            return [], f"'{side.strip()}' is not a star allele; write it like *4, *2x2 or *36+*10"
        haplotypes.append(haplotype)
    return [_ordered(haplotypes)], None


def _without_gene(gene: str, text: str) -> str:
    """Without the gene's name in front."""
    text = text.lstrip()
    return text[len(gene) :].lstrip() if text[: len(gene)].upper() == gene else text


def _is_wrapped(text: str) -> bool:
    """True when one pair of brackets holds the whole text."""
    text = text.strip()
    return (
        len(text) > 2
        and (text[0], text[-1]) in {("(", ")"), ("[", "]")}
        and "/" in text[1:-1]
        and not re.search(r"[)\]]", text[1:-1])
    )


def _strip_brackets(text: str) -> str:
    return text.strip()[1:-1]


def _which_is_multiplied(pair: str, copies: str) -> tuple[list[Diplotype], str | None]:
    """`(*1/*4)x2`: the laboratory counted a duplication and could not say of which allele."""
    sides = [_haplotype(side) for side in _strip_brackets(pair).split("/")]
    if len(sides) != 2 or any(side is None or len(side.units) != 1 for side in sides):
        return [], f"'{pair}' cannot be read as two single alleles"
    first, second = (side.units[0].allele for side in sides if side is not None)
    count = None if copies in {"N", "n"} else int(copies)
    many = [Haplotype((Unit(allele, count),)) for allele in (first, second)]
    one = [Haplotype((Unit(allele),)) for allele in (first, second)]
    return [_ordered([many[0], one[1]]), _ordered([one[0], many[1]])], None


@lru_cache(maxsize=4096)
def _haplotype(text: str) -> Haplotype | None:
    """`[*36 + *10]`, `*2x2`, `(*4)`: the units of one chromosome, the tandem in the order of the tables."""
    text = text.strip()
    if text.startswith("[") and text.endswith("]"):
        text = text[1:-1]
    units = []
    for part in text.split("+") if not text.endswith("+") else [text]:
        unit = _unit(part.strip())
        if unit is None:
            return None
        units.append(unit)
    return Haplotype(tuple(sorted(units, key=_tandem_order)))


def _unit(text: str) -> Unit | None:
    unconfirmed = text.startswith("(") and text.endswith(")")
    match = _UNIT.fullmatch(re.sub(r"\s", "", text.strip("()")))
    if match is None:
        return None
    at_least = bool(match["least"] or match["plus"])
    copies = match["copies"]
    count = 1 if copies is None else None if copies in {"N", "n", "?"} else int(copies)
    if count == 0:
        return None
    return Unit(
        f"*{int(match['number'])}", count, at_least and count is not None, unconfirmed, bool(match["letter"])
    )


def _tandem_order(unit: Unit) -> tuple[int, int, str]:
    """Hybrids stand upstream: *13, *36, *68 first, as the tables list tandems."""
    return (0 if unit.allele in words.HYBRIDS_UPSTREAM else 1, _number(unit.allele), unit.label)


def _number(allele: str) -> int:
    digits = re.match(r"\*(\d+)", allele)
    return int(digits[1]) if digits else 0


def _ordered(haplotypes: list[Haplotype]) -> Diplotype:
    def key(haplotype: Haplotype) -> tuple[int, str]:
        return (_number(haplotype.label), haplotype.label)

    return Diplotype(tuple(sorted(haplotypes, key=key)))


def _named_pair(gene: str, text: str) -> tuple[list[Diplotype], str | None]:
    """Genes with names instead of star numbers (G6PD, RYR1, CACNA1S), HLA types, and plain bases of
    a marker.
    """
    sides = [side.strip() for side in words.split_names(gene, text)]
    if not all(sides) or len(sides) > 2:
        return [], f"'{text}' cannot be read as one or two alleles"
    if words.is_hla(gene):
        return _hla_pair(sides)
    names = [words.current_name(gene, side.strip("[]").strip()) for side in sides]
    return [_ordered([Haplotype((Unit(name),)) for name in names])], None


def _hla_pair(sides: list[str]) -> tuple[list[Diplotype], str | None]:
    types = []
    for side in sides:
        match = _HLA.fullmatch(side)
        if match is None:
            return [], f"'{side}' is not an HLA type of two fields, as in *15:02"
        if match["suffix"].upper() not in _HLA_GROUPS:
            return [], f"'{side}' is not expressed as usual (suffix {match['suffix']}); ask the laboratory"
        types.append(Haplotype((Unit(f"*{match['first']}:{match['second']}"),)))
    return [_ordered(types)], None
