"""Read outside calls (gene, diplotype[, phenotype][, score], tab-separated) and laboratory tables of star
alleles.

Both carry a result that somebody else called. "Not available" is not tested; a reported phenotype is kept
beside the diplotype, and where it differs from the tables the phenotype step says so.
"""

import csv
import datetime
from pathlib import Path

from pain_tui.errors import InputError
from pain_tui.genotype import notation, words
from pain_tui.genotype.calls import GeneCall, SampleCalls
from pain_tui.genotype.definitions import load
from pain_tui.genotype.text_files import delimiter_of, numbered_lines

_LAB = {
    "gene": {"gene", "gene symbol", "genesymbol"},
    "diplotype": {"diplotype", "genotype", "result", "star alleles", "star_alleles", "alleles", "call"},
    "phenotype": {
        "phenotype",
        "reported phenotype",
        "phenotype_reported",
        "metabolizer status",
        "interpretation",
    },
    "score": {"activity score", "activity_score", "score", "activity_score_reported"},
    "copies": {"copy number", "copy_number", "copies", "cn"},
    "sample": {"sample", "sample id", "sample_id", "person", "patient", "patient_id", "id"},
    "rsid": {"rsid", "variant"},
    "date": {"date", "report date", "report_date", "collected"},
    "laboratory": {"laboratory", "lab"},
    "method": {"method", "assay", "platform"},
    "tested": {"positions_tested", "positions tested"},
    "missing": {"positions_missing", "positions missing"},
    "state": {"state"},
}


def call_outside(path: Path) -> list[SampleCalls]:
    """Read an outside-call file (no header, one gene a line). Raises InputError when no line can be used."""
    calls: list[GeneCall] = []
    problems: list[str] = []
    for number, line in numbered_lines(path):
        if not line.strip() or line.startswith("#"):
            continue
        cells = [cell.strip() for cell in line.split("\t")]
        if len(cells) < 2:
            problems.append(
                f"line {number}: {line[:40]!r} has one column; gene and diplotype are needed, "
                "separated by a tab"
            )
            continue
        parts = dict(zip(("gene", "diplotype", "phenotype", "score"), cells, strict=False))
        _add(calls, problems, number, parts, method="outside call")
    return [_whole(path, path.stem, calls, problems)]


def call_lab(path: Path) -> list[SampleCalls]:
    """Read a laboratory table with a header: gene and diplotype, and where given sample, phenotype, date and
    more.

    Raises InputError when the needed columns are missing or no row can be used.
    """
    lines = [
        (number, line) for number, line in numbered_lines(path) if line.strip() and not line.startswith("#")
    ]
    if not lines:
        raise InputError(f"{path.name}: is empty.", "A table with the columns gene and diplotype is needed.")
    delimiter = delimiter_of(lines[0][1]) or ","
    header = [cell.strip().lower() for cell in next(csv.reader([lines[0][1]], delimiter=delimiter))]
    columns = {
        meaning: next((header.index(n) for n in names if n in header), None)
        for meaning, names in _LAB.items()
    }
    if columns["gene"] is None or columns["diplotype"] is None and columns["phenotype"] is None:
        raise InputError(
            f"{path.name} line {lines[0][0]}: the columns gene and diplotype are needed; found "
            f"{', '.join(header)[:120]}.",
            "Name the columns so, or choose another reader with --as.",
        )
    by_sample: dict[str, list[GeneCall]] = {}
    problems: list[str] = []
    for number, line in lines[1:]:
        try:
            cells = next(csv.reader([line], delimiter=delimiter, strict=True))
        except csv.Error as error:
            problems.append(f"line {number}: cannot be read as a table row ({error})")
            continue
        parts = {
            meaning: cells[at].strip()
            for meaning, at in columns.items()
            if at is not None and at < len(cells)
        }
        _add(
            by_sample.setdefault(parts.get("sample", ""), []),
            problems,
            number,
            parts,
            method=parts.get("method") or "laboratory",
        )
    return [_whole(path, name or path.stem, calls, problems) for name, calls in by_sample.items()] or [
        _whole(path, path.stem, [], problems)
    ]


def _whole(path: Path, name: str, calls: list[GeneCall], problems: list[str]) -> SampleCalls:
    if not calls:
        raise InputError(
            f"{path.name}: no line could be used. {problems[0] if problems else 'It is empty.'}",
            "Each line is a gene and a diplotype, such as CYP2D6 and *1/*4.",
        )
    return SampleCalls(name, None, tuple(calls), tuple(problems))


def _add(
    calls: list[GeneCall], problems: list[str], number: int, parts: dict[str, str], *, method: str
) -> None:
    gene = words.gene_name(parts.get("gene", ""))
    if gene not in load().genes:
        problems.append(
            f"line {number}: {gene[:30] or 'no gene'} is not a gene of the tables; the row is not used"
        )
        return
    score = _number(parts.get("score"))
    if parts.get("score") and score is None:
        problems.append(
            f"line {number}: score {parts['score'][:20]!r} of {gene} is not a number; it is not used"
        )
    day = _date(parts.get("date"))
    if parts.get("date") and day is None:
        problems.append(
            f"line {number}: date {parts['date'][:20]!r} of {gene} is not YYYY-MM-DD; it is not used"
        )
    calls.append(
        _row(gene, parts, score, method).replaced(date=day, laboratory=parts.get("laboratory") or None)
    )


def _row(gene: str, parts: dict[str, str], score: float | None, method: str) -> GeneCall:
    diplotype, phenotype = parts.get("diplotype", ""), parts.get("phenotype") or None
    if not diplotype and phenotype and words.without_answer(phenotype):
        diplotype, phenotype = phenotype, None
    has_result = bool(phenotype or score is not None)
    without = words.without_answer(diplotype)
    stated = parts.get("state", "").replace(" ", "_")
    tested = tuple(parts["tested"].replace("|", " ").split()) if parts.get("tested") else None
    missing = tuple(parts.get("missing", "").replace("|", " ").split())
    if stated in words.STATES and stated != "called":
        return GeneCall(
            gene, stated, diplotype or None, method=method, positions_tested=tested, positions_missing=missing
        )
    if without and not has_result:
        note = "reported as " + (f'"{diplotype}"' if diplotype else "empty")
        return GeneCall(gene, without, method=method, note=note, positions_missing=missing)
    if without:
        return GeneCall(
            gene, "called", None, activity_score_reported=score, phenotype_reported=phenotype, method=method
        )
    if load().genes[gene].scheme == "marker":
        return GeneCall(
            gene, "called", diplotype, rsid=parts.get("rsid") or None, method=method, note=phenotype
        )
    if parts.get("rsid") and notation.is_bases(diplotype):
        return GeneCall(
            gene,
            "called",
            diplotype,
            rsid=parts["rsid"],
            alleles=diplotype,
            phenotype_reported=phenotype,
            method=method,
        )
    problem = notation.read(gene, diplotype).problem
    return GeneCall(
        gene,
        "indeterminate" if problem else "called",
        diplotype,
        copy_number=parts.get("copies") or None,
        activity_score_reported=score,
        phenotype_reported=phenotype,
        positions_tested=tested,
        positions_missing=missing,
        method=method,
        note=f"cannot be read: {problem}" if problem else None,
    )


def _number(text: str | None) -> float | None:
    try:
        value = float((text or "").strip().lstrip("≥>="))
    except ValueError:
        return None
    return value if 0 <= value < 100 else None


def _date(text: str | None) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat((text or "").strip()[:10])
    except ValueError:
        return None
