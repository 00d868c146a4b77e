"""Is it working: visits as numbers and as a row of values, the person's own usual swing, what is due."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pain_tui.tui import words
from pain_tui.tui.actions import named
from pain_tui.tui.chart import Chart
from pain_tui.tui.panes import diary
from pain_tui.tui.panes import plot as time_plot
from pain_tui.tui.widgets.lines import Line, cut, head, hint, line, paragraph, quiet, rule, tier

if TYPE_CHECKING:
    from pain_tui.monitor.course import Told
    from pain_tui.monitor.verdict import Verdict

TOP = 10  # both NRS and PEG run from 0 to 10
SAYS = {
    "reached": "REACHED",
    "not_reached": "NOT REACHED",
    "one_reading": "not decided",
    "not_yet": "not yet",
    "due": "DUE NOW",
    "not_seen": "NOT SEEN",
    "no_baseline": "cannot tell",
    "no_window": "not judged",
    "not_given": "open",
}
CLOSED = ("reached", "not_reached")


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
        lines += list(paragraph(f"No visit with a value is recorded. {named('new')} adds one.", width))
    return [*lines, *diary.list_lines(chart, width)]


def values(chart: Chart, width: int) -> list[Line]:
    """Oldest to newest in one row, for when there is no chart."""
    pain = [words.number(row.get("nrs"), 0) for row in reversed(chart.visits) if row.get("nrs") is not None]
    return list(paragraph(f"NRS  {' '.join(pain[-24:]) or words.UNKNOWN}   {trend_words(chart)}", width))


def trend_words(chart: Chart) -> str:
    """What the control chart on the person's own swing says."""
    return str((chart.trend or {}).get("say") or "Two visits are needed for a trend.")


def trend_lines(chart: Chart, width: int) -> list[Line]:
    """The trend of the visits, then of the longest diary."""
    lines = list(paragraph(trend_words(chart), width)) if chart.visits else []
    for one in diary.followed(chart)[:1]:
        lines += paragraph(f"Diary, {diary.say(one, chart.as_of)}", width)
    return lines or list(paragraph(trend_words(chart), width))


def plot(chart: Chart, width: int) -> list[Line]:
    """NRS as x, PEG as p over time, the usual swing between two dashed lines, treatments marked; without a visit
    the longest diary."""
    points = {
        sign: [(row["at"], float(row[name])) for row in reversed(chart.visits) if row.get(name) is not None]
        for sign, name in (("x", "nrs"), ("p", "peg"))
    }
    if not any(points.values()):
        followed = diary.followed(chart)
        return (
            diary.chart_lines(chart, followed[0], width)
            if followed
            else list(paragraph("Nothing to draw yet.", width))
        )
    trend = chart.trend or {}
    swing = (trend["low"], trend["high"]) if trend.get("low") is not None else None
    drawn = time_plot.plot(points, diary.events(chart), time_plot.Scale(TOP, swing=swing), width)
    return [*drawn, *hint("x pain NRS   p PEG   * both   - - usual swing   ^ treatment", width)]


def said_lines(chart: Chart, width: int) -> list[Line]:
    """What was told when a plan was signed and what came of it; what was given before, judged in its own window."""
    course = chart.course
    if course is None:
        return [quiet("reading ...")]
    closed = sum(one.verdict.state in CLOSED for one in course.told)
    lines = [line(f"{words.count(len(course.told), 'forecast')} kept, {closed} with an answer.")]
    for one in course.told[:6]:
        lines += [rule(), *_told(one, width)]
    lines += [rule(), *paragraph("Too few to say whether the model is right in this clinic.", width)]
    if course.given:
        lines += [rule(), head("Given, judged in its own window")]
        for given in course.given[:8]:
            lines += _verdict(words.day(given.start), given, width)
    return lines


def _told(one: "Told", width: int) -> Iterator[Line]:
    response = one.forecast.get("response")
    said = (
        f"{words.of_100(response['p'])} of 100 ({words.interval(response)}) at {response['horizon_weeks']} weeks"
        if response
        else "no estimate"
    )
    yield from paragraph(
        f"{words.day(one.day)} {one.verdict.name}: told {said}", width, indent="  ", style="head"
    )
    yield from _verdict("happened", one.verdict, width)


def _verdict(name: str, found: "Verdict", width: int) -> Iterator[Line]:
    what = f"{found.name}: " if name != "happened" else ""
    wrote = (
        f" Written down: {words.number(found.recorded_pct)} % relief."
        if found.recorded_pct is not None
        else ""
    )
    yield from paragraph(
        f"{name} {what}{SAYS[found.state]}. {found.say}{wrote}", width, first="  ", indent="    "
    )


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
    for found in _due(chart):
        what = f"{found.name} of {words.day(found.start)}"
        lines += paragraph(f"pain value for {what}: {_when(found)}", width, first="due      ", indent=" " * 9)
    old = [field.label for field in chart.fields if field.is_old]
    if old:
        lines += paragraph(
            f"Measure again: {', '.join(old[:6])}{' ...' if len(old) > 6 else ''}", width, indent="  "
        )
    review = chart.reviews.get("medication")
    if not review:
        lines += paragraph(
            f"Confirm the list of medicines ({named('open_history')}, then {named('confirm')}).", width
        )
    return lines or [line("Nothing is due.")]


def _due(chart: Chart) -> "list[Verdict]":
    course = chart.course
    if course is None:
        return []
    held = [*(one.verdict for one in course.told), *course.given]
    wanted = {
        (one.option, one.start): one
        for one in held
        if one.state in ("due", "one_reading", "not_yet") and (one.closes or one.start) >= chart.as_of
    }
    return sorted(wanted.values(), key=lambda one: one.closes or one.start)


def _when(found: "Verdict") -> str:
    if found.state == "not_yet":
        return f"from {words.day(found.opens)} to {words.day(found.closes)}"
    return f"now, until {words.day(found.closes)}"


def last_line(width: int) -> list[Line]:
    """How absence is read."""
    return [rule(), *paragraph("No visit is shown as not seen: never as better or worse.", width)]
