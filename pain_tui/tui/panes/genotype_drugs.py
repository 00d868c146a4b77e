"""Beside the genes: the drugs they bear on, those this person takes first, and the research markers."""

from collections.abc import Sequence

from pain_tui.knowledge import ages
from pain_tui.tui import words
from pain_tui.tui.chart import Chart, Row
from pain_tui.tui.panes.genotype import advice, by_weight, taken
from pain_tui.tui.widgets.lines import Line, cut, head, hint, line, paragraph, quiet, rule, tier

_MOST = 14


def drugs_table(chart: Chart, width: int) -> list[Line]:
    """One line a drug: its genes, its flag, whether it is taken, what the weightiest row says."""
    rows: dict[str, list[Row]] = {}
    genes: dict[str, dict[str, None]] = {}
    for gene in chart.assessment.get("genes", []):
        for drug in gene.get("drugs", []):
            rows.setdefault(drug["drug"], []).append(drug)
            genes.setdefault(drug["drug"], {})[gene["gene"]] = None
    weightiest = {name: min(found, key=_weight) for name, found in rows.items()}
    listed = sorted(weightiest, key=lambda name: (*by_weight(weightiest[name])[:2], name))
    room = max(width - 53, 0)
    lines = [
        rule(),
        head(f"{'Drugs':<16} {'genes':<19} {'flag':<8} taken {cut('guideline', room)}".rstrip()),
    ]
    for name in listed[:_MOST]:
        row = weightiest[name]
        use = {"taken": "yes", "not known whether taken": "?"}.get(taken(row), "no")
        lines.append(
            line(
                f"{cut(name, 16)} {cut(', '.join(genes[name]), 19)} ",
                *tier(row.get("tier") or words.NONE),
                f" {use:<5} {cut(_briefly(row), room)}".rstrip(),
            )
        )
    if not listed:
        lines.append(quiet("None: no gene has a called result that a guideline speaks of."))
    if len(listed) > _MOST:
        lines.append(quiet(f"+{len(listed) - _MOST} more (enter on a gene)"))
    return [*lines, *hint("score = activity score. Not called is never read as normal.", width)]


def _briefly(row: Row) -> str:
    """The advice, short where there is none."""
    return "no recommendation" if row.get("action_code") == "NO_RECOMMENDATION" else advice(row)


def _weight(row: Row) -> tuple[bool, int, str, bool]:
    """What is taken, then the highest tier, then what holds today."""
    return (*by_weight(row), row.get("speaks") == "later")


def tables(chart: Chart, width: int) -> Sequence[Line]:
    """How old the tables are that all of this rests on."""
    return hint(ages.sentence(ages.overall(chart.as_of)), width)


def markers(chart: Chart, width: int) -> list[Line]:
    """Recorded research markers, whether the condition has one, and the options without an opioid."""
    told = chart.assessment.get("markers") or {}
    recorded, options = told.get("recorded") or [], told.get("without_opioids") or []
    lines: list[Line] = [rule(), head("Research markers (weight zero)")] if recorded else []
    for marker in recorded:
        lines += paragraph(
            f"{marker['rsid']} {marker.get('bases') or 'no call'} ({marker['role']}): {_studies(marker)}",
            width,
            indent="  ",
        )
    for known in told.get("conditions") or []:
        lines += paragraph(known["say"], width)
    if options:
        lines += [rule(), head("Options without opioids")]
        names = "; ".join(dict.fromkeys(option["name"] for option in options))
        lines += paragraph(names, width, indent="  ")
        lines += paragraph(options[0]["say"], width)  # how weak the evidence is matters: not dimmed
    return lines


def _studies(marker: Row) -> str:
    studies = [
        f"{study['outcome']}, {study['effect']}" + (f", {study['n']} people" if study.get("n") else "")
        for study in marker.get("evidence") or []
    ]
    return "; ".join(studies) or "no association with an effect size in the tables"
