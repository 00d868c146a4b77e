"""A chart of letters over real time: the distance between two signs is the time between them.

Several values in one column become their mean. The chart never stands alone: the values stand beside it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from pain_tui.tui import words
from pain_tui.tui.widgets.lines import Line, Piece, line

Points = Sequence[tuple[date, float]]
BOTH = "*"
MARK = "^"


@dataclass(frozen=True)
class Scale:
    """The scale at left: `bottom` to `top` in `rows` lines. swing: the usual range, drawn as two dashed lines."""

    top: float
    bottom: float = 0
    rows: int = 11
    swing: tuple[float, float] | None = None

    def row(self, value: float) -> int:
        """The line of a value, 0 at the bottom."""
        share = (value - self.bottom) / ((self.top - self.bottom) or 1)
        return min(max(round(share * (self.rows - 1)), 0), self.rows - 1)

    def label(self, row: int) -> str:
        """What stands at a line."""
        value = self.bottom + (self.top - self.bottom) * row / (self.rows - 1)
        return f"{value:,.0f}" if self.top >= 100 else words.number(value)


def plot(signs: Mapping[str, Points], marks: Iterable[date], scale: Scale, width: int) -> list[Line]:
    """signs: sign -> its points, oldest first. marks: days under which a `^` stands."""
    days = [day for points in signs.values() for day, _ in points]
    if not days:
        return []
    labels = [scale.label(row) for row in range(scale.rows)]
    margin = max(len(label) for label in labels)
    columns = max(width - margin - 3, 10)
    first, last = min(days), max(days)
    grid = _grid(signs, scale, first, last, columns)
    edges = {scale.row(edge) for edge in scale.swing} if scale.swing else set()
    lines = [
        line(f"{labels[row]:>{margin}}|", *_pieces(grid.get(row, {}), columns, dashed=row in edges))
        for row in range(scale.rows - 1, -1, -1)
    ]
    lines.append(line(" " * margin + "+" + "-" * columns))
    below = [" "] * columns
    for day in marks:
        if first <= day <= last:
            below[_place(day, first, last, columns)] = MARK
    dates = words.day(first)
    if first != last:
        dates += words.day(last).rjust(max(columns - len(dates), len(dates) + 1))
    if any(sign.strip() for sign in below):
        lines.append(line(" " * (margin + 1), "".join(below).rstrip()))
    return [*lines, line(" " * (margin + 1), dates)]


def _place(day: date, first: date, last: date, columns: int) -> int:
    span = (last - first).days
    return columns // 2 if not span else round((day - first).days * (columns - 1) / span)


def _grid(
    signs: Mapping[str, Points], scale: Scale, first: date, last: date, columns: int
) -> dict[int, dict[int, str]]:
    grid: dict[int, dict[int, str]] = defaultdict(dict)
    for sign, points in signs.items():
        held: dict[int, list[float]] = defaultdict(list)
        for day, value in points:
            held[_place(day, first, last, columns)].append(value)
        for place, values in held.items():
            cells = grid[scale.row(sum(values) / len(values))]
            cells[place] = BOTH if place in cells else sign
    return grid


def _pieces(cells: Mapping[int, str], columns: int, *, dashed: bool) -> list[Piece]:
    """As few pieces as there are changes of style."""
    ground = [(("- "[place % 2] if dashed else " "), "quiet") for place in range(columns)]
    for place, sign in cells.items():
        ground[place] = (sign, "accent")
    pieces: list[Piece] = []
    for sign, style in ground:
        if pieces and pieces[-1].style == style:
            pieces[-1] = Piece(pieces[-1].text + sign, style)
        else:
            pieces.append(Piece(sign, style))
    return pieces
