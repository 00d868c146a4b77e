"""The forest of one option on the screen: every row of the evidence, the pool, the comparator, what contradicts it."""

from collections.abc import Mapping, Sequence
from typing import Any

from pain_tui.tui import words
from pain_tui.tui.widgets.lines import Line, Piece, cut, head, line, paragraph, quiet, rule

STEP = 4  # of 100 people a character
CELLS = 100 // STEP
LEFT = 26  # columns before the drawing: use, weeks, n, figures
USE_STYLES = {"contradicts": "caution", "pooled": "head", "widens": ""}


def forest_lines(shape: Mapping[str, Any], width: int) -> list[Line]:
    """shape: `model evidence --json`. Rows first, then the pool; text says what the drawing shows."""
    rows: Sequence[Mapping[str, Any]] = shape["rows"]
    lines = [
        head(
            f"{cut('use', 13)}{'weeks':>5}{'n':>6}  0{'50':>{CELLS // 2}}{'100':>{CELLS - CELLS // 2 + 1}}  as used"
        )
    ]
    for row in rows:
        lines += _row(row, width)
    if not rows:
        lines += paragraph("No row of the evidence is about this.", width, style="missing")
    lines += [rule(), *_pool(shape, width), rule()]
    return [
        *lines,
        quiet("o as used, after the bias rule   - 80 % interval   c comparator as published"),
        *paragraph(
            "pooled: in the estimate. widens: makes its interval wider. contradicts: the other side. "
            "Other rows are shown and not used, with the reason.",
            width,
            style="quiet",
        ),
    ]


def _row(row: Mapping[str, Any], width: int) -> list[Line]:
    use, people = str(row["use"]), "-" if row["n"] is None else f"{row['n']:g}"
    drawn = _drawing(row["lo"], row["rate_as_used"], row["hi"], row["rate_control"])
    lines = [
        line(
            Piece(cut(use, 13), USE_STYLES.get(use, "quiet")), f"{words.number(row['weeks']):>5}{people:>6}  ",
            *drawn, f"  {_figures(row)}",
        )
    ]  # fmt: skip
    published = (
        "" if row["rate_as_published"] is None else f", published {words.of_100(row['rate_as_published'])}"
    )
    said = f"{row['citation']}; {words.plain_id(row['outcome'])}, {words.plain_id(row['denominator'])}{published}"
    lines += paragraph(
        f"{said}; against {row['comparator']} [{row['row']}, {row['sureness']}]",
        width,
        first="    ",
        indent="    ",
    )
    if row["effect"] and (use == "contradicts" or row["rate_as_published"] is None):
        lines += paragraph(str(row["effect"]), width, first="    ", indent="    ")
    return lines


def _figures(row: Mapping[str, Any]) -> str:
    if row["rate_as_used"] is None:
        return "no rate"
    span = f" ({words.of_100(row['lo'])}-{words.of_100(row['hi'])})" if row["lo"] is not None else ""
    return f"{words.of_100(row['rate_as_used'])}{span}"


def _drawing(
    low: float | None, middle: float | None, high: float | None, control: float | None
) -> list[Piece]:
    cells = ["."] * (CELLS + 1)
    if low is not None and high is not None:
        for place in range(_cell(low), _cell(high) + 1):
            cells[place] = "-"
    if control is not None:
        cells[_cell(control)] = "c"
    if middle is not None:
        cells[_cell(middle)] = "o"
    styles = {"-": "bar", "o": "head", "c": "extra", ".": "quiet"}
    return [Piece(sign, styles[sign]) for sign in cells]


def _cell(p: float) -> int:
    return min(max(round(p * CELLS), 0), CELLS)


def _pool(shape: Mapping[str, Any], width: int) -> list[Line]:
    pool = shape["pool"]
    if pool is None:
        return list(
            paragraph(f"No estimate: {shape['why_none'] or 'no reason given'}", width, style="missing")
        )
    lines: list[Line] = []
    for name, three in (("response", pool["response"]), ("comparator", pool["comparator"])):
        if three is None:
            continue
        middle, low, high = three
        lines.append(
            line(
                Piece(cut(name, 24 + 2), "head"), *_drawing(low, middle, high, None),
                f"  {words.of_100(middle)} ({words.of_100(low)}-{words.of_100(high)})",
            )
        )  # fmt: skip
    said = [
        str(pool["comparator_why"] or ""),
        f"Certainty: {words.plain_id(pool['certainty'])}.",
        f"Borrowed from {words.plain_id(pool['borrowed_from'])}, interval widened."
        if pool["borrowed_from"]
        else "",
        "" if pool["in_window"] else "At a time of its own, outside the window: not ordered with the others.",
        "Disputed: rows that contradict it stand above." if pool["disputed"] else "",
        "This is the average of the trials; the plan moves it by what is known of the person.",
    ]
    return [*lines, *paragraph(" ".join(part for part in said if part), width)]
