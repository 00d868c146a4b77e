"""What one VCF record says at one needed position: its alleles as the tables write them, and each sample's
bases.

Answers repeat from line to line and from file to file, so the small ones are kept.
"""

from functools import lru_cache

from pain_tui.genotype.definitions import Position
from pain_tui.genotype.match import Site

NO_ALLELE = frozenset({".", "<NON_REF>", "<*>", "<X>", "*"})
# RefCall: DeepVariant's word for a place that reads as the reference
GOOD_FILTERS = frozenset({"PASS", ".", "PCATxALT", "PCATxREF", "RefCall", ""})
_ONE_SET = "all"  # phased without a phase set: one set for the chromosome


@lru_cache(maxsize=65536)
def site_of(alleles: tuple[str | None, ...], format_: str, cell: str) -> tuple[Site | None, str | None]:
    """One sample's genotype as bases, and what is wrong with it; (None, None): missing.

    alleles: of the record, as `alleles_at` gives them. format_, cell: the columns as written.
    """
    values = dict(zip(format_.split(":"), cell.split(":"), strict=False))
    written = values.get("GT", ".")
    is_phased = "|" in written
    # a leading mark (`|0|1`, VCF 4.4) says the phase of the first allele
    numbers = written.replace("|", "/").removeprefix("/").split("/")
    if "." in numbers:
        return None, None
    if len(numbers) > 2 or not all(n.isascii() and n.isdecimal() and int(n) < len(alleles) for n in numbers):
        return None, f"genotype {written[:20]!r} cannot be read"
    failed = values.get("FT", "PASS")
    if failed not in GOOD_FILTERS:
        return None, f"genotype {written} with FT {failed[:20]}"
    # no read, or no quality at all, stands behind the genotype, whatever a caller wrote there
    empty = [name for name in ("DP", "MIN_DP", "GQ") if values.get(name) == "0"]
    if empty:
        return None, f"genotype {written} with {empty[0]} 0"
    bases = tuple(base for base in (alleles[int(n)] for n in numbers) if base is not None)
    if len(bases) < len(numbers):
        return None, None
    return Site(bases, values.get("PS", _ONE_SET) if is_phased else None), None


@lru_cache(maxsize=65536)
def alleles_at(position: Position, ref: str, alts: str) -> tuple[str | None, ...] | None:
    """The record's alleles as the tables write them at this position (None among them: a symbol such as
    <NON_REF>); None when the record is about something else that shares the padding base.
    """
    ref, listed = ref.upper(), [alt.upper() for alt in alts.split(",")]
    return _at_one_base(ref, listed) if position.is_snv else _at_length_change(position, ref, listed)


def _at_one_base(ref: str, alts: list[str]) -> tuple[str | None, ...] | None:
    """A place of one base. A record over several bases tells its first one, unless it only inserts or deletes
    behind it.
    """
    changes = [alt for alt in alts if alt not in NO_ALLELE]
    is_one_base = len(ref) == 1 and all(len(alt) == 1 for alt in changes)
    if not is_one_base and all(len({len(text) for text in _trimmed(ref, alt)}) == 2 for alt in changes):
        return None
    first: list[str | None] = [ref[0]]
    for alt in alts:
        if alt in NO_ALLELE:
            first.append(None)
        elif len(ref) == len(alt) or alt[0] == ref[0]:
            first.append(alt[0])
        else:
            first.append(f"{ref}>{alt}")
    return tuple(first)


def _at_length_change(position: Position, ref: str, alts: list[str]) -> tuple[str | None, ...] | None:
    """An insertion or deletion, however many bases are written around it."""
    known = {_trimmed(position.ref, alt): alt for alt in position.alts}
    changes = [alt for alt in alts if alt not in NO_ALLELE]
    if changes and not any(_trimmed(ref, alt) in known for alt in changes):
        return None
    return (
        position.ref,
        *(None if alt in NO_ALLELE else known.get(_trimmed(ref, alt), f"{ref}>{alt}") for alt in alts),
    )


@lru_cache(maxsize=65536)
def _trimmed(ref: str, alt: str) -> tuple[str, str]:
    """Without the common end, so that one change written with more or fewer bases around it compares
    equal.
    """
    while len(ref) > 1 and len(alt) > 1 and ref[-1] == alt[-1]:
        ref, alt = ref[:-1], alt[:-1]
    return ref, alt


def joined(
    position: Position,
    first: tuple[Site, tuple[str | None, ...]],
    second: tuple[Site, tuple[str | None, ...]],
) -> Site | None:
    """Two lines of one place with different changes, as splitting a line of several alternatives makes them: each
    says "not this change" where it says reference. None when they contradict each other.

    first, second: what was read, and the changes that the line lists.
    """
    one, two = first[0], second[0]
    ours, theirs = (frozenset(listed) - {None, "other"} for _, listed in (first, second))
    # a line without any change says "nothing but reference", which an insertion behind the base does not deny
    if ours & theirs or len(one.bases) != len(two.bases) or not (ours and theirs or not position.is_snv):
        return None
    carried = [base for site, listed in ((one, ours), (two, theirs)) for base in site.bases if base in listed]
    if len(carried) > len(one.bases):
        return None
    if (
        one.is_heterozygous
        and two.is_heterozygous
        and one.phase_set is not None
        and one.phase_set == two.phase_set
    ):
        pairs = list(zip(one.bases, two.bases, strict=True))
        if any(a in ours and b in theirs for a, b in pairs):
            return None
        return Site(tuple(a if a in ours else b for a, b in pairs), one.phase_set)
    if len(carried) == len(one.bases) and one.is_heterozygous:
        return Site(tuple(carried))
    return one if any(base in ours for base in one.bases) else two
