"""Why this estimate: who of 100, what moves it, how far to trust it, harms, what would change it."""

from pain_tui.report.words import comparator_note, condition_name
from pain_tui.tui import words
from pain_tui.tui.chart import Row
from pain_tui.tui.panes.plan import against, check_words
from pain_tui.tui.widgets.bar import beside, icon_array
from pain_tui.tui.widgets.lines import Line, Piece, cut, line, pair, paragraph, quiet, rule


def why(option: Row | None, width: int) -> list[Line]:
    """The whole pane for one option."""
    if option is None:
        return list(
            paragraph(
                "Select an option. Each line shows, of 100 people alike, how many reach the outcome; "
                "how many of them would with the comparator alone; the extra.",
                width,
            )
        )
    lines = [*paragraph(f"Selected: {option['name']}", width, style="head"), line("")]
    lines += _estimate(option, width)
    lines += _disputed(option, width)
    lines += _gates(option, width)
    lines += _drivers(option, width)
    lines += _harms(option, width)
    lines += [rule(), *pair("Check", check_words(option), width)]
    lines += _trust(option, width)
    lines += _changes(option, width)
    return lines


def _estimate(option: Row, width: int) -> list[Line]:
    response, comparator = option.get("response"), against(option)
    if response is None:
        missing = option.get("no_estimate") or {}
        return [
            *paragraph(f"No estimate: {missing.get('say') or 'no reason given'}", width, style="missing"),
            *paragraph(
                f"do: {missing.get('remedy') or 'nothing known would close it'}", width, indent="    "
            ),
        ]
    array = icon_array(response, comparator)
    side = max(width - 21, 10)
    said: list[Line] = []
    if comparator:
        kind = words.plain_id(option.get("comparator_kind") or "the comparator")
        whom = (
            "reach it with time and usual care" if option["option"] == "watch" else f"would with {kind} alone"
        )
        said += paragraph(f"= {words.of_100(comparator['p'])} {whom}", side)
        extra = option.get("extra")
        if extra:
            said += paragraph(
                f"+ {words.signed(extra['p'] * 100).lstrip('+')} extra ({words.interval(extra)})", side
            )
    else:
        said += paragraph(
            f"# {words.of_100(response['p'])} reach it; {option.get('comparator_why') or 'no control data'}",
            side,
        )
    said += paragraph(f". {100 - round(response['p'] * 100)} do not", side)
    said += paragraph(f"{response.get('level', 0.8) * 100:.0f} % interval:", side)
    said += paragraph(words.interval(response), side)
    lines = beside(array, [item.text for item in said])
    beyond = [line(" " * 21, item.text) for item in said[len(array) :]]
    note = paragraph(f"Comparator: {comparator_note(option)}", width) if comparator_note(option) else []
    return [*lines, *beyond, *note, *_thirty(option, width)]


def _thirty(option: Row, width: int) -> list[Line]:
    relief = (option.get("relief_30") or {}).get("response")
    return (
        list(
            paragraph(
                f"Relief of 30 % or more: {words.of_100(relief['p'])} of 100 ({words.interval(relief)})",
                width,
            )
        )
        if relief
        else []
    )


def _disputed(option: Row, width: int) -> list[Line]:
    if not option.get("disputed"):
        return []
    return [
        rule(),
        *paragraph(
            "The evidence disagrees. e: both sides, c: the case against, v: every row.",
            width,
            style="caution",
        ),
    ]


def _gates(option: Row, width: int) -> list[Line]:
    gates = option.get("gates") or []
    if not gates:
        return []
    lines = [rule(), line(Piece("First a step to pass", "head"))]
    return [*lines, *[part for gate in gates for part in paragraph(_gate(gate), width, indent="  ")]]


def _gate(gate: Row) -> str:
    if gate.get("state") == "passed":
        return f"{words.plain_id(gate['name'])}: passed"
    return f"{words.plain_id(gate['name'])}: {words.of_100(gate['p'])} of 100 pass ({words.interval(gate)})"


def _drivers(option: Row, width: int) -> list[Line]:
    drivers = option.get("drivers") or []
    if not drivers:
        return []
    lines = [rule(), line(Piece("What moves it, of 100", "head"))]
    for driver in drivers:
        if driver["kind"] == "start":
            lines.append(
                line(f"{cut(driver['input'], max(width - 5, 12))} {words.of_100(driver.get('points')):>4}")
            )
    moving = [
        d for d in drivers if d["kind"] not in ("start", "missing") and round((d.get("points") or 0) * 100)
    ]
    for driver in sorted(moving, key=lambda d: -abs(d["points"]))[:8]:
        said = f"{driver['input']}{': ' + words.as_shown(driver['value']) if driver.get('value') else ''}"
        for number, item in enumerate(paragraph(said, width - 6, indent="  ")):
            lines.append(
                line(
                    *item.pieces,
                    " " * (width - 5 - len(item.text)),
                    f"{words.signed(driver['points'] * 100):>4}",
                )
                if number == 0
                else item
            )
    unknown = [d["input"] for d in drivers if d["kind"] == "missing"]
    if unknown:
        lines += paragraph(
            f"not known, so the range is wider: {', '.join(unknown[:6])}{' ...' if len(unknown) > 6 else ''}",
            width,
            indent="  ",
            style="missing",
        )
    return [*lines, quiet("association, not cause")]


def _harms(option: Row, width: int) -> list[Line]:
    harms = option.get("harm") or []
    lines = [rule(), line(Piece("Harms, of 100", "head"))]
    if not harms:
        return [*lines, line("none in the tables: not known, not zero")]
    for entry in harms[:8]:
        value = entry.get("p")
        shown = (
            words.UNKNOWN
            if value is None
            else words.number(value * 100, 2 if value < 0.005 else 1 if value < 0.05 else 0)
        )
        span = (
            ""
            if entry.get("lo") is None
            else f" ({words.number(entry['lo'] * 100)}-{words.number(entry['hi'] * 100)})"
        )
        other = entry.get("comparator")
        known = other is not None and other.get("p") is not None
        without = f", {words.number(other['p'] * 100)} without" if known else ", no control data"
        beside = f"{span or ' (no interval)'}{without}" if value is not None else ""
        when = f", {entry['timeframe']}" if entry.get("timeframe") else ""
        lines += paragraph(
            f"{words.plain_id(entry['event'])}: {shown}{beside}{when}, "
            f"{words.plain_id(entry.get('severity'))}",
            width,
            indent="  ",
        )
    if len(harms) > 8:
        lines.append(quiet(f"+{len(harms) - 8} more: e"))
    return lines


def _trust(option: Row, width: int) -> list[Line]:
    lines = [rule(), line(Piece("How far to trust it", "head"))]
    lines += pair("Certainty", words.plain_id(option.get("certainty") or "not graded"), width, at=11)
    if option.get("alike"):
        lines += paragraph(str(option["alike"]), width)
    if option.get("borrowed_from"):
        lines += pair("Borrowed", f"from {condition_name(option['borrowed_from'])}", width, at=11)
    lines += pair("Evidence", f"{words.count(len(option.get('evidence') or []), 'row')} (e)", width, at=11)
    return lines


def _changes(option: Row, width: int) -> list[Line]:
    entries = option.get("would_change") or []
    lines = [rule(), line(Piece("What would change it", "head"))]
    if not entries:
        return [
            *lines,
            *paragraph(
                "Not worked out here."
                if option.get("would_change") is None
                else "No single result is known to change the choice.",
                width,
            ),
        ]
    return [
        *lines,
        *[
            item
            for e in entries[:5]
            for item in paragraph(f"{words.plain_id(e['input'])}: {e.get('what') or ''}", width, indent="  ")
        ],
    ]
