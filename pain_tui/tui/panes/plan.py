"""Options side by side: of 100 people alike, what also comes with the comparator, the extra, harm, flag."""

from collections.abc import Mapping, Sequence
from typing import Any

from pain_tui.report.words import comparator_note, of_whom, outcome_words
from pain_tui.tui import words
from pain_tui.tui.actions import named
from pain_tui.tui.chart import Chart, Row
from pain_tui.tui.widgets.bar import bar
from pain_tui.tui.widgets.lines import TIER_STYLES, Line, Piece, cut, head, hint, line, paragraph, tier

ORDERS = ("listed", "response", "extra", "harm")
CHECKS = {"clear": "clear", "not_clear": "not clear", "cannot_tell": "cannot tell"}


def groups(chart: Chart, order: str) -> list[list[Row]]:
    """Options that count the same thing at the same time; each group is ordered, groups are never mixed.

    What the person has declined stays listed, behind the others of its group and never first of all.
    """
    keys = {
        "response": lambda o: _descending(o["response"]),
        "extra": lambda o: _descending(o["extra"]),
        "harm": lambda o: (harm_p(o) is None, harm_p(o) or 0),
    }
    found: dict[tuple[object, ...], list[Row]] = {}
    for option in (chart.problem or {}).get("options", []):
        found.setdefault(_group(option), []).append(option)
    ordered = [group if order == "listed" else sorted(group, key=keys[order]) for group in found.values()]
    ordered = [sorted(group, key=lambda o: bool(o.get("declined"))) for group in ordered]
    return sorted(ordered, key=lambda group: bool(group[0].get("declined")))


def _group(option: Row) -> tuple[object, ...]:
    response = option.get("response")
    if response is None or option["option"] == "watch":
        return (option["option"] == "watch", None)
    return (False, response.get("outcome"), response.get("horizon_weeks"), response.get("denominator"))


def _descending(estimate: Mapping[str, Any] | None) -> tuple[bool, float]:
    return (estimate is None, -estimate["p"] if estimate else 0.0)


WATCHING, NO_ESTIMATE = "No new treatment", "No estimate"
WIDE_BAR, NARROW_BAR = 20, 10
ROOM_FOR_WIDE_BAR = 70  # columns of the pane
FIXED = 32  # columns beside name and bar


def option_lines(chart: Chart, order: str, width: int, *, headed: bool = True) -> list[Line]:
    """One selectable line an option, under what its group counts; without headings a letter says which group."""
    cells = WIDE_BAR if width >= ROOM_FOR_WIDE_BAR else NARROW_BAR
    name_width = max(width - FIXED - cells, 12)
    scale = f"0{'50':>{cells // 2}}{'100':>{cells - cells // 2 - 1}}"
    lines = [head(f"{cut('option', name_width)}  of {scale}   80%  extra harm flag")]
    for number, group in enumerate(groups(chart, order)):
        said = counted(group[0])
        if headed:
            shown = said or (WATCHING if group[0]["option"] == "watch" else NO_ESTIMATE)
            lines += _heading(shown, f"t order: {order}" if number == 0 else "", width)
        letter = "" if headed else chr(ord("a") + number) if said else " "
        lines += [
            option_line(
                option, name_width, width, in_plan(chart, option["option"]), letter=letter, cells=cells
            )
            for option in group
        ]
    return lines


def other_order(chart: Chart, width: int) -> list[Line]:
    """Where weak evidence, counted or left out, would order a group differently; nothing where it would not."""
    lines: list[Line] = []
    for entry in (chart.problem or {}).get("evidence_sets", []):
        if entry["differs"]:
            lines += paragraph(entry["say"], width, style="missing")
    return lines


def _heading(said: str, beside: str, width: int) -> list[Line]:
    """What a group counts, whole: without its time and its denominator a number means nothing."""
    lines = list(paragraph(said, width - 2, style="accent"))
    if beside and len(lines[-1].text) + 3 + len(beside) <= width:
        return [*lines[:-1], line(*lines[-1].pieces, quiet_piece(f"   {beside}"))]
    return [*lines, line(quiet_piece(beside))] if beside else lines


def letter_of(chart: Chart, order: str, option: str) -> str:
    """The letter of an option's group, where groups have no headings."""
    for number, group in enumerate(groups(chart, order)):
        if any(one["option"] == option for one in group):
            return chr(ord("a") + number)
    return ""


def counted(option: Row) -> str:
    """What the numbers of a group count: outcome, time, of whom; nothing for options without an estimate."""
    response = option.get("response")
    if response is None or option["option"] == "watch":
        return ""
    outcome = outcome_words(response.get("outcome"))
    when = f" at {words.number(response['horizon_weeks'])} weeks" if response.get("horizon_weeks") else ""
    return f"{outcome[:1].upper()}{outcome[1:]}{when}, of 100 {of_whom(response.get('denominator'))}"


def option_line(
    option: Row, name_width: int, width: int, chosen: bool, *, letter: str = "", cells: int = WIDE_BAR
) -> Line:
    """One option: bar, interval, extra or why there is none, harm, highest tier."""
    flag = option.get("tier") or words.NONE
    before = "x " if chosen else "DECLINED " if option.get("declined") else ""
    name = f"{cut(before + option['name'], name_width - 1 - len(letter))} {letter} "
    tail = Piece(flag, TIER_STYLES.get(flag, ""))
    if option.get("response") is None:
        why = (option.get("no_estimate") or {}).get("say") or "no estimate"
        room = width - name_width - len(flag) - 2
        return line(name, Piece(cut(f"no estimate: {why}", room), "missing"), " ", tail, key=option["option"])
    return line(
        name, f"{words.of_100(option['response']['p']):>3} ",
        *bar(option["response"], against(option), cells),
        f" {words.interval(option['response']):>6} {extra(option):>5} {harm(option):>4} ", tail,
        key=option["option"],
    )  # fmt: skip


def against(option: Row) -> Mapping[str, Any] | None:
    """What is shown as the comparator part; watching is itself what the others are compared with."""
    return option["response"] if option["option"] == "watch" else option.get("comparator")


def extra(option: Row) -> str:
    """The extra over the comparator; `no` without control data; `?` behind it when the evidence disagrees."""
    if option["option"] == "watch":
        return words.NONE
    if option.get("extra") is None:
        return "none" if option.get("comparator_why") is None else "n/c"
    return words.signed(option["extra"]["p"] * 100) + (" ?" if option.get("disputed") else "")


def harm_p(option: Row) -> float | None:
    """The chance of the likeliest listed harm that needs care or is serious, else of the likeliest harm."""
    known = [entry for entry in option.get("harm", []) if entry.get("p") is not None]
    grave = [entry for entry in known if str(entry.get("severity")) not in ("minor", "mild")] or known
    return max((entry["p"] for entry in grave), default=None)


def harm(option: Row) -> str:
    """Of 100; `<1` for rare ones."""
    value = harm_p(option)
    if value is None:
        return words.UNKNOWN
    return "<1" if 0 < value < 0.005 else words.of_100(value)


def quiet_piece(text: str) -> Piece:
    """A hint in a line."""
    return Piece(text, "quiet")


def legend(width: int) -> list[Line]:
    """What the signs mean."""
    return hint(
        "= also with sham, time or usual care  + extra  # cannot be split  [ ] 80 % interval  "
        "?: evidence disagrees  n/c: no control data  harm: likeliest grave one, of 100  x in the plan",
        width,
    )


def no_plan(chart: Chart, width: int) -> list[Line]:
    """Why there is nothing to compare."""
    reasons = [
        limit
        for limit in chart.assessment.get("limits", [])
        if limit.get("about") in ("person", "problem", None)
    ] or chart.assessment.get("limits", [])
    lines = list(paragraph("No options to compare for this person.", width, style="missing"))
    for limit in reasons[:8]:
        lines += [
            line(""),
            *paragraph(limit["say"], width),
            *paragraph(
                f"do: {limit.get('remedy') or 'nothing known closes it'}", width, first="  ", indent="      "
            ),
        ]
    return lines


def in_plan(chart: Chart, option: str) -> bool:
    """The option stands in the draft plan."""
    return option in ((chart.plan or {}).get("options") or [])


def warning_lines(chart: Chart, width: int, *, room: int, selected: str | None) -> list[Line]:
    """STOP in full first; CAUTION while there is room; the rest counted."""
    relevant = for_plan(chart, selected)
    lines: list[Line] = []
    left: dict[str, int] = {}
    for number, finding in enumerate(relevant):
        entry = finding_lines(finding, width, key=f"finding:{number}", answered=is_answered(chart, finding))
        if finding["tier"] == "STOP" or (
            finding["tier"] == "CAUTION" and not left and len(lines) + len(entry) < room
        ):
            lines += entry
        else:
            left[finding["tier"]] = left.get(finding["tier"], 0) + 1
    rest = "   ".join(f"+{count} {tier}" for tier, count in left.items())
    missing = f"+{chart.counts.MISSING} missing (what cannot be said)" if chart.counts.MISSING else ""
    if rest or missing:
        lines.append(
            line(
                Piece("   ".join(part for part in (rest, missing) if part)),
                quiet_piece(f"   {named('warnings')} all"),
            )
        )
    return lines or [line(f"No warning for this plan. What cannot be said: {named('missing')}.")]


def for_plan(chart: Chart, selected: str | None) -> list[Row]:
    """Warnings about the person and the selected option; those of other options stand with those."""
    return [f for f in chart.findings if f.get("option") in (None, selected)]


def finding_lines(finding: Row, width: int, *, key: str | None, answered: str = "") -> list[Line]:
    """Tier, what with this person's value; then the action, verb first."""
    state = f" ({answered})" if answered else ""
    said = list(paragraph(f"{finding['say']}{state}", width - 9)) or [line("")]
    lines = [line(*tier(finding["tier"]), " ", *said[0].pieces, key=key)]
    lines += [line(" " * 9, *item.pieces) for item in said[1:]]
    lines += [
        line(" " * 9, *item.pieces)
        for item in paragraph(f"do: {finding.get('do') or 'decide'}", width - 9, indent="    ")
    ]
    return lines


ANSWERS = {"override": "overridden", "acknowledge": "seen"}


def is_answered(chart: Chart, finding: Row) -> str:
    """`overridden`, `seen`, or nothing; an answer holds only while the inputs it was given for stand."""
    return ANSWERS.get(str(finding.get("answer")), "")


def checks(option: Row) -> dict[str, int]:
    """How many points of the procedure check are clear, not clear, cannot be told."""
    entries: Sequence[Row] = option.get("procedure_check", [])
    return {answer: sum(entry["answer"] == answer for entry in entries) for answer in CHECKS}


def check_words(option: Row) -> str:
    """`7 clear, 1 not clear: anticoagulant, 1 cannot tell: glucose`."""
    entries: Sequence[Row] = option.get("procedure_check", [])
    if not entries:
        return CHECKS.get(option.get("check") or "", "no procedure check")
    parts = []
    for answer, said in CHECKS.items():
        items = list(
            dict.fromkeys(words.plain_id(entry["item"]) for entry in entries if entry["answer"] == answer)
        )
        if items:
            named = "" if answer == "clear" else f": {', '.join(items[:3])}{' ...' if len(items) > 3 else ''}"
            parts.append(f"{len(items)} {said}{named}")
    return "; ".join(parts)


def one_line(option: Row, width: int, letter: str = "") -> list[Line]:
    """The selected option when there are two lines for it: its numbers, and what its group counts."""
    if option.get("response") is None:
        return list(
            paragraph(
                f"{option['name']}: {(option.get('no_estimate') or {}).get('say') or 'no estimate'}", width
            )
        )
    response = option["response"]
    base = f"{option['name']}: {words.of_100(response['p'])} of 100 ({words.interval(response)})"
    if option.get("extra"):
        kind = words.plain_id(option.get("comparator_kind") or "the comparator")
        more = f"{words.signed(option['extra']['p'] * 100)} ({words.interval(option['extra'])})"
        note = comparator_note(option).rstrip(".")
        over = f", of which {more} over {kind}" + (f". {note}" if note else "")
    else:
        over = f"; {option.get('comparator_why') or 'no control data'}".rstrip(".")
    said = counted(option)
    group = f" {letter}: {said[:1].lower()}{said[1:]}." if said and letter else ""
    disputed = " Evidence disagrees." if option.get("disputed") else ""
    return list(paragraph(f"{base}{over}.{disputed}{group}", width))
