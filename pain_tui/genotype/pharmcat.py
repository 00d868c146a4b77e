"""Read PharmCAT's output: phenotype.json, report.json and report.tsv, of versions 2 and 3.

What PharmCAT called is kept as its diplotypes; the phenotype is worked out again from the tables of this
program, and a difference is said. A position without a call is missing, whatever the diplotype says.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pain_tui import outside_files
from pain_tui.errors import InputError
from pain_tui.genotype import words
from pain_tui.genotype.calls import GeneCall, SampleCalls
from pain_tui.genotype.definitions import load
from pain_tui.genotype.text_files import numbered_lines


def call_json(path: Path) -> list[SampleCalls]:
    """Read phenotype.json or report.json. Raises InputError with the line where the JSON breaks, or
    when it is
    another file.
    """
    text = outside_files.whole_text(path, packed=True)
    outside_files.refuse_crowded(text, path.name)
    try:
        whole = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        where = (
            f" line {error.lineno} column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
        )
        raise InputError(
            f"{path.name}{where}: not valid JSON ({getattr(error, 'msg', 'nested too deep')}).",
            "Export the file again.",
        ) from error
    if not isinstance(whole, dict):
        raise InputError(
            f"{path.name} line 1: a JSON object is expected.",
            "Give PharmCAT's phenotype.json or report.json.",
        )
    meta: dict[str, Any] = whole["matcherMetadata"] if isinstance(whole.get("matcherMetadata"), dict) else {}
    reports = dict(_gene_reports(whole))
    if not reports:
        raise InputError(
            f"{path.name}: holds no gene reports (geneReports or genes).",
            "Give PharmCAT's phenotype.json or report.json.",
        )
    problems: list[str] = []
    calls = []
    for gene in load().genes:
        if gene in reports:
            try:
                calls.append(_gene_call(gene, reports[gene]))
            except (KeyError, TypeError, AttributeError, ValueError) as error:
                problems.append(
                    f"geneReports.{gene}: not as PharmCAT writes it ({type(error).__name__}); the "
                    "gene is not used"
                )
    if not calls:
        raise InputError(
            f"{path.name}: no gene report could be used. {'; '.join(problems[:3])}",
            "Give PharmCAT's phenotype.json or report.json.",
        )
    sample = meta.get("sampleId") or whole.get("title") or path.stem
    return [SampleCalls(str(sample), _build(meta.get("genomeBuild")), tuple(calls), tuple(problems))]


def call_tsv(path: Path) -> list[SampleCalls]:
    """Read report.tsv. Raises InputError with the line that does not fit."""
    rows = [(number, line.split("\t")) for number, line in numbered_lines(path) if line.strip()]
    start = next((n for n, (_, cells) in enumerate(rows) if cells[:2] == ["Gene", "Source Diplotype"]), None)
    if start is None:
        raise InputError(
            f"{path.name} line 1: not a PharmCAT report.tsv (no header Gene, Source Diplotype).",
            "Choose another reader with --as.",
        )
    header = rows[start][1]
    found: dict[str, GeneCall] = {}
    problems: list[str] = []
    for number, cells in rows[start + 1 :]:
        row = dict(zip(header, cells, strict=False))
        gene = words.gene_name(row.get("Gene", ""))
        if gene not in load().genes:
            continue
        if len(cells) < 3:
            problems.append(
                f"line {number}: {len(cells)} columns, at least 3 are needed; the row is not used"
            )
            continue
        call = _tsv_call(gene, row)
        before = found.get(gene)
        if before is not None and before.diplotype and call.diplotype:
            call = call.replaced(diplotype=f"{before.diplotype}|{call.diplotype}")
        found[gene] = call
    if not found:
        raise InputError(f"{path.name}: no gene of the tables stands in it.", "Give PharmCAT's report.tsv.")
    return [SampleCalls(path.stem, None, tuple(found.values()), tuple(problems))]


def _gene_reports(whole: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """gene -> report; version 2 puts a level CPIC/DPWG in between (CPIC first)."""
    for key in ("geneReports", "genes"):
        level = whole.get(key)
        if not isinstance(level, dict):
            continue
        for source in ("DPWG", "CPIC"):
            if isinstance(level.get(source), dict):
                yield from ((g, r) for g, r in level[source].items() if isinstance(r, dict))
        yield from ((g, r) for g, r in level.items() if isinstance(r, dict) and "sourceDiplotypes" in r)


def _gene_call(gene: str, report: Mapping[str, Any]) -> GeneCall:
    source = [d for d in report["sourceDiplotypes"] or [] if isinstance(d, dict)]
    labels = list(dict.fromkeys(label for label in (_label(d) for d in source) if label))
    variants = [v for v in report.get("variants") or [] if isinstance(v, dict)]
    tested = tuple(_place(v) for v in variants if v.get("call"))
    missing = tuple(_place(v) for v in variants if not v.get("call"))
    is_outside = report.get("callSource") == "OUTSIDE"
    method = "outside call" if is_outside else "pharmcat"
    positions = None if is_outside else tested
    if not labels:
        return _without(gene, source, variants, tested, missing, method)
    reported = {p for d in source for p in d.get("phenotypes") or [] if isinstance(p, str)}
    is_stated = any(d.get("outsidePhenotype") for d in source)
    scores = {s for d in source if (s := _score(d.get("activityScore"))) is not None}
    return GeneCall(
        gene,
        "called",
        diplotype="|".join(labels),
        activity_score_reported=scores.pop() if len(scores) == 1 else None,
        phenotype_reported=reported.pop() if len(reported) == 1 and (is_stated or not is_outside) else None,
        positions_tested=positions,
        positions_missing=missing,
        alleles_not_excluded=tuple(str(a) for a in report.get("uncalledHaplotypes") or []),
        build=None,
        method=method,
        note="the file holds variants that PharmCAT does not know"
        if report.get("hasUndocumentedVariations")
        else None,
    )


def _without(
    gene: str,
    source: list[Any],
    variants: list[Any],
    tested: tuple[str, ...],
    missing: tuple[str, ...],
    method: str,
) -> GeneCall:
    """No diplotype: a phenotype or score reported alone, no call, or not tested."""
    phenotypes = [
        p
        for d in source
        for p in d.get("phenotypes") or []
        if isinstance(p, str) and d.get("outsidePhenotype")
    ]
    scores = [
        s
        for d in source
        if d.get("outsideActivityScore") and (s := _score(d.get("activityScore"))) is not None
    ]
    if phenotypes or scores:
        return GeneCall(
            gene,
            "called",
            activity_score_reported=scores[0] if scores else None,
            phenotype_reported=phenotypes[0] if phenotypes else None,
            method="outside call",
        )
    state = "no_call" if tested else "not_tested"
    return GeneCall(
        gene,
        state,
        positions_tested=tested,
        positions_missing=missing,
        method=method,
        note="PharmCAT gives no call" if variants else "PharmCAT had no data for it",
    )


def _label(diplotype: Mapping[str, Any]) -> str | None:
    label = diplotype.get("label")
    if (
        not isinstance(label, str)
        or not label
        or label.lower().startswith("unknown")
        or label.lower().endswith("/unknown")
    ):
        return None
    return label


def _place(variant: Mapping[str, Any]) -> str:
    return str(variant.get("dbSnpId") or f"{variant.get('chromosome')}:{variant.get('position')}")


def _score(value: object) -> float | None:
    try:
        return float(str(value).lstrip("≥"))
    except ValueError:
        return None


def _build(value: object) -> str | None:
    return next((build for build in ("GRCh38", "GRCh37") if build in str(value)), None)


def _tsv_call(gene: str, row: Mapping[str, str]) -> GeneCall:
    label = row.get("Source Diplotype", "").strip()
    is_outside = row.get("Outside Call", "").strip().lower() == "yes"
    method = "outside call" if is_outside else "pharmcat"
    missing_text = row.get("Missing positions", "").strip()
    listed = missing_text.replace(",", " ").replace(";", " ").split()
    missing = tuple(listed) if missing_text.lower() not in {"", "no", "none"} else ()
    if not label or label.lower().startswith(("unknown", "no call")) or words.without_answer(label):
        return GeneCall(
            gene,
            words.without_answer(label) or "no_call",
            positions_missing=missing,
            method=method,
            note="PharmCAT gives no call",
        )
    phenotype = row.get("Phenotype", "").strip() or None
    return GeneCall(
        gene,
        "called",
        label.replace(" OR ", "|"),
        phenotype_reported=None if is_outside else phenotype,
        positions_missing=missing,
        method=method,
    )
