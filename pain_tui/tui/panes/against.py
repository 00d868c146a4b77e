"""The strongest case against an option, heading by heading, and both sides of a dispute."""

from collections.abc import Sequence

from pain_tui.report.against import case_against
from pain_tui.tui.chart import Chart, Row
from pain_tui.tui.widgets.lines import Line, Piece, line, paragraph, rule

SIDES = (("for", "For"), ("against", "Against"))


def parts_of(chart: Chart, option: Row) -> Sequence[tuple[str, Sequence[str]]]:
    """Headings and their sentences."""
    watch = next((o for o in (chart.problem or {}).get("options", []) if o["option"] == "watch"), None)
    return case_against(option, findings=chart.findings, positions=positions(chart, option), watch=watch)


def positions(chart: Chart, option: Row) -> Sequence[Row]:
    """Both sides of the evidence, where it disagrees."""
    problem = chart.problem or {}
    return chart.positions.get((str(problem.get("problem")), option["option"]), ())


def against_lines(chart: Chart, option: Row, width: int) -> list[Line]:
    """Heading by heading."""
    lines: list[Line] = []
    for title, sentences in parts_of(chart, option):
        lines.append(line(Piece(title, "head")))
        for sentence in sentences:
            lines += paragraph(sentence, width, first="  ", indent="    ")
    return lines or list(
        paragraph("Nothing in the tables speaks against it. That is not a proof for it.", width)
    )


def both_sides(chart: Chart, option: Row, width: int) -> list[Line]:
    """Where the evidence disagrees: what stands on either side, with its rows; nothing where it does not."""
    held = positions(chart, option)
    if not held:
        return []
    lines: list[Line] = [rule(), line(Piece("The evidence disagrees", "head"))]
    for side, title in SIDES:
        lines.append(line(Piece(f" {title}", "head")))
        for one in (one for one in held if one["position"] == side):
            lines += paragraph(f"{one['say']} [{', '.join(one['rows'])}]", width, first="  ", indent="    ")
    return lines
