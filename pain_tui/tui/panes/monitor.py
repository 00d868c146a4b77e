"""Is it working: visits as numbers and as a row of values, the person's own usual swing, what is due."""

from collections.abc import Mapping, Sequence
from typing import Any

from pain_tui.tui import words
from pain_tui.tui.chart import Chart, Row
from pain_tui.tui.widgets.lines import Line, Piece, cut, head, hint, line, paragraph, rule, tier

TOP = 10  # both NRS and PEG run from 0 to 10


def visit_lines(chart: Chart, width: int) -> list[Line]:
    """Newest first."""
    lines = [head(f"{'date':<10}  {'NRS':>4} {'PEG':>4} {'MME':>5}  event")]
    for row in chart.visits:
        lines.append(
            line(
                f"{words.day(row['at']):<10}  {words.number(row.get('nrs')):>4} ",
                f"{words.number(row.get('peg')):>4} {row.get('mme') or words.UNKNOWN:>5}  "
                f"{cut(row.get('event') or words.NONE, max(width - 30, 8)).rstrip()}",
                key=words.day(row["at"]),
            )
        )
    if not chart.visits:
        lines += list(paragraph("No visit with a value is recorded. n adds one.", width))
    return lines


def values(chart: Chart, width: int) -> list[Line]:
    """Oldest to newest in one row, for when there is no chart."""
    pain = [words.number(row.get("nrs"), 0) for row in reversed(chart.visits) if row.get("nrs") is not None]
    return list(paragraph(f"NRS  {' '.join(pain[-24:]) or words.UNKNOWN}   {trend_words(chart)}", width))


def trend_words(chart: Chart) -> str:
    """What the control chart on the person's own swing says."""
    return str((chart.trend or {}).get("say") or "Two visits are needed for a trend.")


def plot(chart: Chart, width: int, height: int = 11) -> list[Line]:
    """NRS as x, PEG as p, oldest at left; the usual swing between two dashed lines."""
    rows = [row for row in reversed(chart.visits) if row.get("nrs") is not None or row.get("peg") is not None]
    columns = max(width - 5, 10)
    rows = rows[-(columns // 3) :]
    if not rows:
        return list(paragraph("Nothing to draw yet.", width))
    grid = _grid(rows, columns)
    swing = chart.trend or {}
    lines = []
    for level in range(TOP, -1, -1):
        lines.append(line(f"{level:>2}|", *_level(grid.get(level, {}), columns, level, swing)))
    lines.append(line("  +" + "-" * columns))
    return [
        *lines,
        *_axis(rows, columns),
        *hint("x pain NRS   p PEG   * both   - - usual swing   ^ treatment", width),
    ]


def _grid(rows: Sequence[Row], columns: int) -> dict[int, dict[int, str]]:
    grid: dict[int, dict[int, str]] = {}
    for number, row in enumerate(rows):
        place = _place(number, len(rows), columns)
        for name, sign in (("nrs", "x"), ("peg", "p")):
            value = row.get(name)
            if value is not None:
                cells = grid.setdefault(round(value), {})
                cells[place] = "*" if place in cells else sign
    return grid


def _place(number: int, total: int, columns: int) -> int:
    return columns // 2 if total == 1 else round(number * (columns - 3) / (total - 1)) + 1


def _level(cells: Mapping[int, str], columns: int, level: int, swing: Mapping[str, Any]) -> list[Piece]:
    edges = {round(swing[name]) for name in ("low", "high") if swing.get(name) is not None}
    ground = ["- "[place % 2] if level in edges else " " for place in range(columns)]
    for place, sign in cells.items():
        ground[place] = sign
    return [
        Piece(sign, "accent" if place in cells else "quiet" if sign == "-" else "")
        for place, sign in enumerate(ground)
    ]


def _axis(rows: Sequence[Row], columns: int) -> list[Line]:
    marks = [" "] * columns
    for number, row in enumerate(rows):
        if row.get("event"):
            marks[_place(number, len(rows), columns)] = "^"
    first, last = words.day(rows[0]["at"]), words.day(rows[-1]["at"])
    dates = first if first == last else first + last.rjust(max(columns - len(first), len(last) + 1))
    return [line("   ", "".join(marks).rstrip()), line("   ", dates)]


def ledger_lines(chart: Chart, width: int) -> list[Line]:
    """What was said against what happened; too few is called too few."""
    closed = [row for row in chart.ledger if row.get("state") == "closed"]
    lines = [line(f"{words.count(len(chart.ledger), 'forecast')} kept, {len(closed)} closed.")]
    for row in chart.ledger[:5]:
        lines += paragraph(
            f"{words.day(row.get('at'))} {words.plain_id(row.get('option'))}: {row.get('outcome') or 'open'}",
            width,
            indent="  ",
        )
    return [*lines, *paragraph("Too few to say whether the model is right in this clinic.", width)]


def due_lines(chart: Chart, width: int) -> list[Line]:
    """Open STOPs first, then values that are old, then missing facts."""
    lines: list[Line] = []
    for finding in chart.findings:
        if finding["tier"] == "STOP":
            first, *rest = list(paragraph(finding.get("do") or finding["say"], width - 9))
            lines += [
                line(*tier("STOP"), " ", *first.pieces),
                *[line(" " * 9, *item.pieces) for item in rest],
            ]
    old = [field.label for field in chart.fields if field.is_old]
    if old:
        lines += paragraph(
            f"Measure again: {', '.join(old[:6])}{' ...' if len(old) > 6 else ''}", width, indent="  "
        )
    review = chart.reviews.get("medication")
    if not review:
        lines += paragraph("Confirm the list of medicines (3, then r).", width)
    return lines or [line("Nothing is due.")]


def last_line(width: int) -> list[Line]:
    """How absence is read."""
    return [rule(), *paragraph("No visit is shown as not seen: never as better or worse.", width)]
