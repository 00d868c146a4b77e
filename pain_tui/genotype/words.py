"""Names and kinds of genes that the readers share. Facts with a source are in knowledge; this is spelling."""

from functools import lru_cache

STAR_GENES = frozenset({"CYP2D6", "CYP2C9", "CYP2C19", "CYP2B6", "CYP3A4", "CYP3A5", "CYP2C8", "CYP1A2"})
HLA_GENES = frozenset({"HLA-A", "HLA-B"})

# Hybrid genes that are written first in a tandem, as the allele tables list them.
HYBRIDS_UPSTREAM = frozenset({"*13", "*36", "*68"})

# Older spelling of an allele -> the name in the allele tables.
_RENAMED = {("G6PD", "B (wildtype)"): "B (reference)", ("G6PD", "B"): "B (reference)"}

# Older names that hold a slash themselves; the slash between two alleles must not cut them.
_NAMES_WITH_SLASH = {"G6PD": ("Telti/Kobe",)}

_ALIASES = {
    "2D6": "CYP2D6",
    "2C19": "CYP2C19",
    "2C9": "CYP2C9",
    "2B6": "CYP2B6",
    "3A4": "CYP3A4",
    "3A5": "CYP3A5",
    "HLAA": "HLA-A",
    "HLAB": "HLA-B",
}

STATES = ("called", "not_tested", "no_call", "indeterminate", "conflicting")

# How laboratories write that a gene was not tested, and that it was tested without an answer.
NOT_TESTED_WORDS = frozenset(
    {"not available", "not tested", "not done", "not ordered", "n/a", "na", "none", "not reported", "-"}
)
NO_CALL_WORDS = frozenset(
    {
        "no call",
        "no result",
        "nocall",
        "failed",
        "assay failed",
        "unknown",
        "unknown/unknown",
        "?/?",
        "./.",
        "--",
    }
)


def is_star_gene(gene: str) -> bool:
    """True for genes whose alleles are star numbers."""
    return gene in STAR_GENES


def is_hla(gene: str) -> bool:
    """True for HLA loci, whose types have fields (`*15:02`)."""
    return gene in HLA_GENES


def gene_name(written: str) -> str:
    """The gene's symbol as the tables write it: `cyp2d6`, `2D6` and `CYP 2D6` are one."""
    symbol = written.strip().upper().replace(" ", "")
    return _ALIASES.get(symbol, symbol)


def current_name(gene: str, allele: str) -> str:
    """The name in the tables for an allele that was renamed, or that they list with its other names
    (`Mediterranean` of `Mediterranean, Dallas, ...`).
    """
    renamed = _RENAMED.get((gene, allele), allele)
    return _listed_together(gene).get(renamed.casefold(), renamed)


@lru_cache(maxsize=64)
def _listed_together(gene: str) -> dict[str, str]:
    """One of several names of an allele -> all of them, as the tables write it."""
    from pain_tui.genotype.definitions import load

    known = load().genes.get(gene)
    names = [allele.name for allele in known.alleles] if known else []
    return {part.strip().casefold(): name for name in names if "," in name for part in name.split(",")}


def without_answer(written: str | None) -> str | None:
    """`not_tested` or `no_call` when the text says so instead of a diplotype; None when it is a result."""
    text = (written or "").strip().lower()
    if not text or text in NOT_TESTED_WORDS:
        return "not_tested"
    return "no_call" if text in NO_CALL_WORDS else None


def split_names(gene: str, text: str) -> list[str]:
    """The sides of `A/B` where a name may itself hold a slash."""
    for name in _NAMES_WITH_SLASH.get(gene, ()):
        text = text.replace(name, name.replace("/", "\0"))
    return [side.replace("\0", "/") for side in text.split("/")]
