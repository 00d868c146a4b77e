"""Read consumer-array text (23andMe, AncestryDNA, MyHeritage, FTDNA, LivingDNA and the like; Illumina
final reports).

An array tests some positions and leaves most out, so its coverage is never turned into a normal result: the
phenotype step refuses that for every call whose method is `array`. Build and strand are checked at the
known positions; what does not fit is set aside with its line.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pain_tui.errors import InputError
from pain_tui.genotype.calls import SampleCalls, from_sites
from pain_tui.genotype.definitions import BUILDS, Position, load
from pain_tui.genotype.match import Site
from pain_tui.genotype.text_files import delimiter_of, fields, numbered_lines
from pain_tui.genotype.vcf_lines import chromosome

_COLUMNS = {
    "rsid": {"rsid", "snp name", "snp.name", "markername", "name", "snp", "marker", "rs id"},
    "chrom": {"chromosome", "chrom", "chr"},
    "pos": {"position", "pos", "position (bp)", "mapinfo"},
    "genotype": {"genotype", "result", "gt", "genotype_other", "call"},
    "first": {
        "allele1",
        "allele_1",
        "allele 1",
        "allele1 - plus",
        "allele1...plus",
        "allele1 - forward",
        "allele1...forward",
    },
    "second": {
        "allele2",
        "allele_2",
        "allele 2",
        "allele2 - plus",
        "allele2...plus",
        "allele2 - forward",
        "allele2...forward",
    },
    "sample": {"sample name", "sample id", "sample.id", "sample_id"},
}
_COMPLEMENT = str.maketrans("ACGT", "TGCA")
_BUILD = re.compile(r"(?:build\s*|grch|hg|b)(36|37|38|18|19)\b", re.IGNORECASE)
_OF_NUMBER = {"37": "GRCh37", "19": "GRCh37", "38": "GRCh38"}


@dataclass(frozen=True)
class _Row:
    line: int
    position: Position
    place: int | None
    bases: tuple[str, ...] | None
    sample: str


@dataclass
class _File:
    """What was read before it is judged."""

    rows: list[_Row] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    count: int = 0
    stated: str | None = None


def call_array(path: Path, *, sex: str | None = None, build: str | None = None) -> list[SampleCalls]:
    """Call what an array file can show, sample by sample.

    Raises InputError when no genotype table is found, the build is another one than GRCh37/38, or it
    contradicts itself.
    """
    file = _read(path)
    used = build or _build(path, file)
    names = sorted({row.sample for row in file.rows}) or [""]
    return [
        _sample(path, name, [row for row in file.rows if row.sample == name], used, sex, file.problems)
        for name in names
    ]


def _read(path: Path) -> _File:
    file = _File()
    by_rsid = {
        p.rsid: p for gene in load().genes.values() if gene.from_file for p in gene.positions if p.rsid
    }
    columns: dict[str, int] | None = None
    delimiter: str | None = None
    for number, line in numbered_lines(path):
        if not line.strip():
            continue
        found = _header(line)
        if found and columns is None:
            columns, delimiter = found
            continue
        if line.startswith(("#", "[")):
            stated = _BUILD.search(line)
            file.stated = stated[1] if stated else file.stated
            continue
        if columns is None:
            columns, delimiter = _without_header(line), delimiter_of(line)
            if columns is None:
                continue
        cells = fields(line, delimiter_of(line) if delimiter is None or delimiter not in line else delimiter)
        file.count += 1
        _take(file, number, cells, columns, by_rsid)
    if columns is None or not file.count:
        raise InputError(
            f"{path.name}: no table of genotypes was found (columns rsid, chromosome, position, "
            "genotype or two alleles).",
            "Give the raw data file of the array; choose the reader with --as if it is of another kind.",
        )
    return file


def _header(line: str) -> tuple[dict[str, int], str | None] | None:
    """Where each meaning stands, and what parts the cells (some exports part the header with blanks, the rows
    with tabs).
    """
    for delimiter in (delimiter_of(line.lstrip("#")), None):
        found = _columns([cell.lower() for cell in fields(line.lstrip("# "), delimiter)])
        if found:
            return found, delimiter
    return None


def _columns(cells: list[str]) -> dict[str, int] | None:
    found: dict[str, int] = {}
    for meaning, names in _COLUMNS.items():
        for number, cell in enumerate(cells):
            if cell in names and meaning not in found:
                found[meaning] = number
    forward = {"first": ("allele1...plus", "allele1 - plus"), "second": ("allele2...plus", "allele2 - plus")}
    for meaning, better in forward.items():
        for name in better:
            if name in cells:
                found[meaning] = cells.index(name)
    has_bases = "genotype" in found or {"first", "second"} <= set(found)
    return found if "rsid" in found and has_bases else None


def _without_header(line: str) -> dict[str, int] | None:
    cells = fields(line, delimiter_of(line))
    if len(cells) == 4 and re.fullmatch(r"[A-Za-z]*\d+", cells[0]) and cells[2].isdigit():
        return {"rsid": 0, "chrom": 1, "pos": 2, "genotype": 3}
    return None


def _take(
    file: _File, number: int, cells: list[str], columns: dict[str, int], by_rsid: dict[str, Position]
) -> None:
    def cell(meaning: str) -> str:
        at = columns.get(meaning)
        return cells[at] if at is not None and at < len(cells) else ""

    place = cell("pos")
    position = next((by_rsid[name] for name in re.split(r"[,;/]", cell("rsid")) if name in by_rsid), None)
    if position is None:
        position, place = _by_place(cell("rsid"), cell("chrom"), place)
    if position is None:
        return
    written = cell("genotype") or f"{cell('first')}/{cell('second')}"
    bases = _bases(written, position)
    if bases == ():
        file.problems.append(
            f"line {number}: genotype {written[:20]!r} at {position.name} cannot be read; it counts "
            "as missing"
        )
        bases = None
    file.rows.append(_Row(number, position, int(place) if place.isdigit() else None, bases, cell("sample")))


def _by_place(name: str, chrom: str, place: str) -> tuple[Position | None, str]:
    """A row named by its place, with an rsID that the tables do not know: `1:101` or `chr1:101:A`."""
    found = re.match(r"(?:chr)?([0-9XY]+):(\d+)", name)
    if found:
        chrom, place = found[1], found[2]
    if not place.isdigit() or not chrom:
        return None, place
    for build in BUILDS:
        here = load().wanted(build).get(chromosome(chrom), {}).get(int(place), [])
        if len(here) == 1 and not here[0].rsid:
            return here[0], place
    return None, place


def _bases(written: str, position: Position) -> tuple[str, ...] | None:
    """The two (or one) bases; None when there is no call; () when the text cannot be read."""
    text = written.upper().replace("|", "/")
    parts = [part for part in (text.split("/") if "/" in text else list(text)) if part]
    if not parts or any(part in {"-", "0", ".", "--", "NA", "N"} for part in parts):
        return None
    if len(parts) > 2:
        return ()
    if not position.is_snv:
        if not set(parts) <= {"D", "I"} or len(position.alts) != 1:
            return () if len(position.alts) == 1 else None
        ends = sorted((position.ref, position.alts[0]), key=len)
        return tuple(ends[0] if part == "D" else ends[1] for part in parts)
    return tuple(parts) if set(parts) <= set("ACGT") else ()


def _build(path: Path, file: _File) -> str | None:
    if file.stated in {"36", "18"}:
        raise InputError(
            f"{path.name}: the file says build {file.stated}; only GRCh37 and GRCh38 are known here.",
            "Ask the provider for a newer export.",
        )
    stated = _OF_NUMBER.get(file.stated or "")
    hits = {
        build: sum(row.place == row.position.pos[build] for row in file.rows if row.place) for build in BUILDS
    }
    if all(
        hits[build]
        > sum(row.place == row.position.pos[other] == row.position.pos[build] for row in file.rows)
        for build, other in (BUILDS, BUILDS[::-1])
    ):
        raise InputError(
            f"{path.name}: some known variants lie at GRCh38 places and some at GRCh37 places.",
            "The file mixes two builds; nothing was called.",
        )
    likely = (
        max(hits, key=lambda build: hits[build])
        if any(hits.values()) and len(set(hits.values())) > 1
        else None
    )
    if stated and likely and stated != likely:
        raise InputError(
            f"{path.name}: the file says {stated}, but the known variants lie where {likely} has them.",
            "Find out which build the file is on; nothing was called.",
        )
    if any(row.place for row in file.rows) and not any(hits.values()):
        raise InputError(
            f"{path.name}: no known variant lies where GRCh37 or GRCh38 has it.",
            "The file is on another build; ask the provider for a newer export.",
        )
    return stated or likely


def _sample(
    path: Path, name: str, rows: list[_Row], build: str | None, sex: str | None, problems: list[str]
) -> SampleCalls:
    sites: dict[Position, Site] = {}
    covered: set[Position] = set()
    said = list(problems)
    is_turned = any(_is_turned(row) for row in rows)
    twice: set[Position] = set()
    for row in rows:
        covered.add(row.position)
        reason = _set_aside(row, build, is_turned)
        if reason:
            said.append(f"line {row.line}: {row.position.name} {reason}; it counts as missing")
            continue
        if row.bases is None:
            continue
        bases = tuple(base.translate(_COMPLEMENT) for base in row.bases) if _is_turned(row) else row.bases
        site = Site(bases)
        if row.position in twice or sorted(sites.get(row.position, site).bases) != sorted(bases):
            twice.add(row.position)
            sites.pop(row.position, None)
            said.append(
                f"line {row.line}: {row.position.name} stands twice with different genotypes; it "
                "counts as missing"
            )
            continue
        sites[row.position] = site
    calls = from_sites(sites, frozenset(covered), build=build, method="array", sex=sex)
    return SampleCalls(name or path.stem, build, calls, tuple(said))


def _is_turned(row: _Row) -> bool:
    """True when the bases fit the other strand only."""
    if row.bases is None or not row.position.is_snv:
        return False
    known = {row.position.ref, *row.position.alts}
    other = {base.translate(_COMPLEMENT) for base in row.bases}
    return not set(row.bases) <= known and other <= known


def _set_aside(row: _Row, build: str | None, is_turned: bool) -> str | None:
    if build and row.place and row.place != row.position.pos[build]:
        return f"stands at {row.place}, where {build} does not have it"
    if row.bases is None or not row.position.is_snv:
        return None
    known = {row.position.ref, *row.position.alts}
    fits = set(row.bases) <= known
    if not fits and not _is_turned(row):
        return f"carries {'/'.join(row.bases)}, which no listed allele has there"
    if is_turned and {base.translate(_COMPLEMENT) for base in known} == known:
        return "reads the same on both strands, and other rows of the file are on the other strand"
    return None


def sample_names(path: Path) -> Iterator[str]:
    """The sample names of the file (its own name when it holds one person's data)."""
    yield from (calls.sample for calls in call_array(path))
