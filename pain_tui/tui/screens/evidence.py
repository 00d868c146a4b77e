"""Evidence: what a number or a warning rests on: inputs, source, strength, date checked."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pain_tui.tui import words
from pain_tui.tui.chart import Chart, Row
from pain_tui.tui.panes.against import both_sides
from pain_tui.tui.panes.genotype import ladder
from pain_tui.tui.panes.plan import finding_lines
from pain_tui.tui.panes.why import why
from pain_tui.tui.screens.dialog import ReadingDialog
from pain_tui.tui.widgets.lines import TIER_STYLES, Line, Piece, line, pair, paragraph, quiet, rule

if TYPE_CHECKING:
    from pain_tui.tui.desk import Desk

WIDTH = 74


class EvidenceDialog(ReadingDialog):
    """Read it; nothing changes."""


def of_finding(finding: Row, chart: Chart, desk: "Desk") -> tuple[str, list[Line]]:
    """Title and lines for one warning."""
    lines = [
        line(
            Piece(finding["tier"], TIER_STYLES.get(finding["tier"], "")),
            f"  {finding.get('drug') or finding.get('option') or finding.get('about') or ''}",
        )
    ]
    lines += [
        line(""),
        *pair("Says", finding["say"], WIDTH),
        *pair("Do", finding.get("do") or words.UNKNOWN, WIDTH),
    ]
    lines += [
        rule(),
        line(Piece("Inputs of this person", "head")),
        *inputs(finding.get("inputs") or {}, chart),
    ]
    lines += [rule(), *pair("Source", desk.source_words(finding.get("source"), finding["rule"]), WIDTH)]
    lines += pair("Strength", str(finding.get("strength") or "not stated"), WIDTH)
    if finding.get("sureness"):
        lines += pair("Sureness", str(finding["sureness"]), WIDTH)
    checked = words.day(finding["checked"]) if finding.get("checked") else "no date in the table"
    lines += pair("Checked", checked, WIDTH)
    lines += [quiet(f"rule {finding['rule']}, rules {desk.versions.get('knowledge') or words.UNKNOWN}")]
    return f"Evidence: {finding['rule']}", lines


def of_option(option: Row, chart: Chart, desk: "Desk") -> tuple[str, list[Line]]:
    """Title and lines for one option: the estimate and the procedure check in full, the evidence rows."""
    lines = [*why(option, WIDTH), *both_sides(chart, option, WIDTH)]
    entries = option.get("procedure_check") or []
    if entries:
        lines += [rule(), line(Piece("Procedure check", "head"))]
        for entry in entries:
            said = f"{entry.get('why') or ''}{'. do: ' + entry['do'] if entry.get('do') else ''}"
            lines += pair(
                entry["answer"].replace("_", " "),
                f"{words.plain_id(entry['item'])}: {said}".rstrip(": "),
                WIDTH,
                at=12,
            )
    lines += [rule(), line(Piece("Evidence rows", "head"))]
    for row in desk.evidence_rows(option.get("evidence") or []):
        lines += paragraph(row, WIDTH, indent="  ")
    if not option.get("evidence"):
        lines.append(line("none: see the reason above"))
    drivers = [d for d in option.get("drivers") or [] if d.get("source") and d["kind"] != "start"]
    if drivers:
        lines += [rule(), line(Piece("Sources of what moves it", "head"))]
        for driver in drivers:
            lines += paragraph(_driver_source(driver), WIDTH, indent="  ")
    lines.append(
        quiet(
            f"model {desk.versions.get('model') or 'none'}: built from the evidence tables, "
            "never fitted to patients"
        )
    )
    return f"Evidence: {option['name']}", lines


def _driver_source(driver: Row) -> str:
    value = f" = {driver['value']}" if driver.get("value") else ""
    rows = ", ".join(driver.get("rows") or [])
    return f"{driver['input']}{value} ({words.plain_id(driver.get('kind'))}): {driver['source']} [{rows}]"


def of_gene(gene: Row, chart: Chart) -> tuple[str, list[Line]]:
    """Title and lines for one gene: the ladder, positions by name."""
    lines = ladder(gene, WIDTH, chart.as_of)
    for name, title in (
        ("positions_tested", "Positions read"),
        ("positions_missing", "Positions not read"),
        ("alleles_not_excluded", "Alleles left open"),
    ):
        entries = gene.get(name) or []
        lines += [rule(), line(Piece(title, "head")), *paragraph(", ".join(entries) or "none stated", WIDTH)]
    for drug in gene.get("drugs", []):
        if drug.get("source"):
            lines += paragraph(f"{drug['drug']}: {drug['source']}", WIDTH, indent="  ")
    return f"Evidence: {gene['gene']}", lines


def of_row(row: Row, name: str, chart: Chart) -> list[Line]:
    """Everything recorded in one row, then the warnings that name the drug."""
    lines: list[Line] = []
    for column, value in row.items():
        if value is not None and column not in ("person", "row_id"):
            lines += pair(
                words.plain_id(column),
                words.number(value, 3) if isinstance(value, float) else str(value),
                WIDTH,
                at=20,
            )
    named = [finding for finding in chart.findings if name in f"{finding.get('drug') or ''} {finding['say']}"]
    lines += [rule(), line(Piece(f"Warnings that name it: {len(named)}", "head"))]
    for finding in named:
        lines += finding_lines(finding, WIDTH, key=None)
    return lines


def inputs(values: Mapping[str, Any], chart: Chart) -> list[Line]:
    """Each input with its value and, where it is a field, its date."""
    known = {field.fact: field for field in chart.fields}
    lines: list[Line] = []
    for fact, value in values.items():
        field = known.get(fact)
        when = f", {words.day(field.at)}" if field and field.at else ""
        shown = words.UNKNOWN if value is None else value
        lines += paragraph(
            f"{field.label if field else words.plain_id(fact)}: {shown}{when}", WIDTH, indent="  "
        )
    return lines or [line("none listed")]
