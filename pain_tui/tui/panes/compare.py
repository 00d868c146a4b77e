"""Before and after, side by side: what an edit or an assumption would change. Shared by forms and the what-if screen."""

from collections.abc import Iterator

from pain_tui.assess import what_if
from pain_tui.tui import words
from pain_tui.tui.chart import Chart, Row
from pain_tui.tui.widgets.lines import TIER_STYLES, Line, Piece, cut, head, line, paragraph, quiet, rule


def differences(before: Chart, after: Chart) -> Row:
    """The shape of `what-if --json`, without the two whole assessments."""
    return what_if.compare_shapes(before.assessment, after.assessment)


def side_by_side(before: Chart, after: Chart, width: int) -> list[Line]:
    """Counts, options, warnings and limits, before and after."""
    found = differences(before, after)
    return [
        *_counts(before, after, width),
        rule(),
        *_options(found, width),
        rule(),
        *_warnings(found, width),
        *_limits(found, width),
    ]


def short(before: Chart, after: Chart, width: int, *, most: int = 6) -> list[Line]:
    """What changes, in a few lines, for a form: counts that differ, options that move, new and gone warnings."""
    found = differences(before, after)
    lines: list[Line] = []
    moved = [f"{tier} {a} -> {b}" for tier, a, b in _pairs(before, after) if a != b]
    if moved:
        lines += paragraph(", ".join(moved), width, style="head")
    for finding in found["findings"]["new"]:
        lines += paragraph(
            f"new {finding['tier']}: {finding['say']}",
            width,
            indent="  ",
            style=TIER_STYLES.get(finding["tier"], ""),
        )
    for finding in found["findings"]["gone"]:
        lines += paragraph(f"gone {finding['tier']}: {finding['say']}", width, indent="  ")
    for option in found["options"]:
        if option["changed"] and option["before"] and _numbers(option["before"]) != _numbers(option["after"]):
            lines.append(line(cut(option["name"], max(width - 32, 14)), " ", _move(option)))
    if not lines:
        return [line("Nothing on the plan changes.")]
    return lines if len(lines) <= most else [*lines[: most - 1], quiet(f"+{len(lines) - most + 1} more")]


def _pairs(before: Chart, after: Chart) -> list[tuple[str, int, int]]:
    return [(word, getattr(before.counts, word), getattr(after.counts, word)) for word in words.COUNTED]


def _counts(before: Chart, after: Chart, width: int) -> Iterator[Line]:
    yield head(f"{'':<10}{'before':>8}{'after':>8}")
    for word, was, now in _pairs(before, after):
        style = TIER_STYLES.get(word, "") if was != now else ""
        yield line(
            Piece(word, style),
            " " * (10 - len(word)),
            f"{was:>8}{now:>8}",
            "   changed" if was != now else "",
        )


def _options(found: Row, width: int) -> Iterator[Line]:
    name_width = max(width - 44, 16)
    yield head(f"{cut('of 100', name_width)} {'before':>14} {'after':>14}  {'extra':>11}")
    for option in found["options"]:
        was, now = option["before"], option["after"]
        gain = f"{_extra(was)} -> {_extra(now)}"
        yield line(
            cut(option["name"], name_width), f" {_numbers(was):>14} {_numbers(now):>14}  {gain:>11}",
            Piece(_flags(was, now), "head"),
        )  # fmt: skip


def _flags(was: Row | None, now: Row) -> str:
    if was is None:
        return "  new"
    return "".join(
        f" {words.plain_id(was[name] or 'none')} -> {words.plain_id(now[name] or 'none')}"
        for name in ("tier",)
        if was[name] != now[name]
    )


def _move(option: Row) -> str:
    return f"{_numbers(option['before'])} -> {_numbers(option['after'])}"


def _numbers(summary: Row | None) -> str:
    if summary is None:
        return "not listed"
    response = summary["response"]
    return (
        "no estimate" if response is None else f"{words.of_100(response['p'])} ({words.interval(response)})"
    )


def _extra(summary: Row | None) -> str:
    if summary is None or summary["extra"] is None:
        return "n/c"
    return words.signed(summary["extra"]["p"] * 100)


def _warnings(found: Row, width: int) -> Iterator[Line]:
    for name, title in (("new", "New"), ("gone", "No longer")):
        for finding in found["findings"][name]:
            yield from paragraph(
                f"{title} {finding['tier']}: {finding['say']}",
                width,
                indent="  ",
                style=TIER_STYLES.get(finding["tier"], "") if name == "new" else "",
            )
    if not found["findings"]["new"] and not found["findings"]["gone"]:
        yield line("No warning comes or goes.")


def _limits(found: Row, width: int) -> Iterator[Line]:
    for name, title in (("new", "Newly open"), ("gone", "Closed")):
        for limit in found["limits"][name][:6]:
            yield from paragraph(f"{title}: {limit['say']}", width, indent="  ")
