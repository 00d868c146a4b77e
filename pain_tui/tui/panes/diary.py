"""A diary: what was followed, on which scale, how it moves, and its chart with the treatments marked."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from math import ceil
from typing import TYPE_CHECKING

from pain_tui.tui import words
from pain_tui.tui.chart import Chart
from pain_tui.tui.panes.history import treatment_name
from pain_tui.tui.panes.plot import Scale, plot
from pain_tui.tui.widgets.lines import Line, Piece, cut, head, hint, line, paragraph, rule

if TYPE_CHECKING:
    from pain_tui.monitor.diary import Series

KEY = "diary:"
WEEKS = 12  # weeks of numbers below the chart
HALVES_TO, WHOLE_TO, DEFAULT_ROWS = 6, 12, 11  # how a scale without a known end is drawn


def followed(chart: Chart) -> "Sequence[Series]":
    """The series of the person; none until they are read."""
    return chart.course.diary if chart.course else ()


def list_lines(chart: Chart, width: int) -> list[Line]:
    """One line a series."""
    series = followed(chart)
    if not series:
        return []
    name = max(width - 52, 14)
    lines = [rule(), head(f"{cut('diary', name)} {'scale':<16} {'from':<10} {'to':<10} {'days':>4} latest")]
    for number, one in enumerate(series):
        lines.append(
            line(
                f"{cut(one.symptom, name)} {cut(one.scale, 16)} {words.day(one.first):<10} {words.day(one.last):<10} "
                f"{len(one.days):>4} {_value(one, one.days[-1][1]):>6}",
                key=f"{KEY}{number}",
            )
        )
    return lines


def say(one: "Series", as_of: date) -> str:
    """The scale, the swing, the days that nobody wrote, and how old the last entry is."""
    scale = (
        "Ratings of 0 to 10."
        if one.scale == "0-10"
        else "Steps a day."
        if one.scale == "steps"
        else f"Scale as the file names it: {one.scale}. Not the NRS: not converted, not used by the model."
    )
    lacking = (
        f" {words.count(one.gaps, 'day')} of {one.span} without a value: not seen, neither better nor worse."
    )
    said = str(one.trend.say).replace("Two visits", "Two values")
    since = f" Last entry {words.day(one.last)}, {words.ago(one.last, as_of)}."
    return f"{one.symptom}: {said} {scale}{lacking if one.gaps else ''}{since}"


def chart_lines(chart: Chart, one: "Series", width: int) -> list[Line]:
    """The series over time, treatments marked, the usual swing between two dashed lines."""
    swing = (
        (one.trend.low, one.trend.high) if one.trend.low is not None and one.trend.high is not None else None
    )
    scale = Scale(*_top_and_rows(one), swing=swing)
    drawn = plot({"x": one.days}, events(chart), scale, width)
    sign = f"x {one.symptom}, mean of the days in a column   - - usual swing"
    marked = [day for day in events(chart) if one.first <= day <= one.last]
    return [*drawn, *hint(sign + ("   ^ treatment or medicine changed" if marked else ""), width)]


def _top_and_rows(one: "Series") -> tuple[float, float, int]:
    """The upper end, the lower end and the lines of the chart: whole points, halves when there are few."""
    if one.top is not None:
        return one.top, 0, round(one.top) + 1
    highest = ceil(max(value for _, value in one.days))
    top = max(highest, 1)
    return top, 0, 2 * top + 1 if top <= HALVES_TO else top + 1 if top <= WHOLE_TO else DEFAULT_ROWS


def week_lines(one: "Series", width: int) -> list[Line]:
    """The last weeks as numbers: the mean, the lowest, the highest, and on how many days."""
    held: dict[date, list[float]] = {}
    for day, value in one.days:
        held.setdefault(day - timedelta(days=day.weekday()), []).append(value)
    lines = [head(f"{'week of':<10} {'days':>4} {'mean':>8} {'lowest':>8} {'highest':>8}")]
    for monday in sorted(held, reverse=True)[:WEEKS]:
        values = held[monday]
        lines.append(
            line(
                f"{words.day(monday):<10} {len(values):>4} {_value(one, sum(values) / len(values)):>8} "
                f"{_value(one, min(values)):>8} {_value(one, max(values)):>8}"
            )
        )
    if len(held) > WEEKS:
        lines += list(paragraph(f"... {len(held) - WEEKS} earlier weeks", width))
    return lines


def whole(chart: Chart, one: "Series", width: int) -> list[Line]:
    """Chart, sentence and weeks, for a dialog and for plain text."""
    return [
        *chart_lines(chart, one, width),
        rule(),
        *paragraph(say(one, chart.as_of), width),
        rule(),
        *week_lines(one, width),
        *_events_in(chart, one, width),
    ]


def events(chart: Chart) -> list[date]:
    """Days on which something was given, begun or stopped."""
    days = [row.get("date") for row in chart.treatments]
    days += [row.get(name) for row in chart.medicines for name in ("start", "stop")]
    return sorted({day for day in days if day is not None and day <= chart.as_of})


def _events_in(chart: Chart, one: "Series", width: int) -> list[Line]:
    found = [
        (row["date"], treatment_name(row))
        for row in chart.treatments
        if row.get("date") and one.first <= row["date"] <= one.last
    ]
    found += [
        (row[name], f"{row.get('ingredient') or row.get('drug')} {said}")
        for row in chart.medicines
        for name, said in (("start", "started"), ("stop", "stopped"))
        if row.get(name) and one.first <= row[name] <= one.last
    ]
    if not found:
        return []
    lines: list[Line] = [rule(), line(Piece("Meanwhile", "head"))]
    for day, what in sorted(found, key=lambda entry: entry[0]):
        lines += paragraph(f"{words.day(day)} {what}", width, indent="  ")
    return lines


def _value(one: "Series", value: float) -> str:
    return f"{value:,.0f}" if one.scale == "steps" else words.number(value)


def plain(chart: Chart, width: int) -> list[Line]:
    """Every series as linear text: the sentence and the weeks, without the chart."""
    lines: list[Line] = []
    for one in followed(chart):
        lines += [line(""), *paragraph(say(one, chart.as_of), width), *week_lines(one, width)]
    return lines


def mapping(chart: Chart) -> "Mapping[str, Series]":
    """Key of a line -> its series."""
    return {f"{KEY}{number}": one for number, one in enumerate(followed(chart))}
