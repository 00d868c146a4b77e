"""The two-part bar: what also comes with the comparator, the extra on top, the interval. Signs carry it."""

from collections.abc import Mapping, Sequence
from typing import Any

from pain_tui.tui.widgets.lines import Line, Piece, line

CELLS = 20  # characters for 0 to 100; half of them where there is little room
SHARED, EXTRA, UNSPLIT, REST = "=", "+", "#", "."
Estimate = Mapping[str, Any] | None


def bar(response: Estimate, comparator: Estimate, room: int = CELLS) -> list[Piece]:
    """`room` characters for 0 to 100: `=` comparator, `+` extra, `#` not to be split, `[ ]` interval."""
    if response is None:
        return [Piece(" " * room)]
    filled = round(response["p"] * room)
    shared = round(comparator["p"] * room) if comparator else 0
    cells = []
    for place in range(room):
        if place >= filled:
            cells.append(Piece(REST, "quiet"))
        elif comparator is None:
            cells.append(Piece(UNSPLIT, "bar"))
        else:
            cells.append(Piece(SHARED, "bar") if place < shared else Piece(EXTRA, "extra"))
    _bracket(cells, response)
    return cells


def _bracket(cells: list[Piece], response: Mapping[str, Any]) -> None:
    low, high = response.get("lo"), response.get("hi")
    if low is None or high is None:
        return
    room = len(cells)
    first = min(int(low * room), room - 1)
    last = min(max(int(high * room), first), room - 1)
    cells[last] = Piece("]", "head")
    cells[first] = Piece("[", "head")


def icon_array(response: Estimate, comparator: Estimate) -> list[Line]:
    """Ten by ten people: with the comparator alone, extra by the option, less relief."""
    if response is None:
        return []
    whole = round(response["p"] * 100)
    shared = min(round(comparator["p"] * 100), whole) if comparator else 0
    marks = [_mark(number, shared, whole, comparator is not None) for number in range(100)]
    return [
        line(*(Piece(mark + " ", style) for mark, style in marks[row * 10 : row * 10 + 10]))
        for row in range(10)
    ]


def _mark(number: int, shared: int, whole: int, split: bool) -> tuple[str, str]:
    if number >= whole:
        return REST, "quiet"
    if not split:
        return UNSPLIT, "bar"
    return (SHARED, "bar") if number < shared else (EXTRA, "extra")


def beside(left: Sequence[Line], right: Sequence[str]) -> list[Line]:
    """Words beside the array, line by line."""
    words = [*right, *[""] * (len(left) - len(right))]
    return [line(*item.pieces, Piece(f" {text}")) for item, text in zip(left, words, strict=False)]
