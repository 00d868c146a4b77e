"""What stands with the plan: goals, what is chosen, what the person declined, the check, why it cannot be signed yet."""

from pain_tui.tui import words
from pain_tui.tui.actions import named
from pain_tui.tui.chart import Chart, Row
from pain_tui.tui.panes.plan import check_words, in_plan
from pain_tui.tui.widgets.lines import Line, Piece, line, paragraph

LABEL = 10  # columns of the labels


def draft_lines(chart: Chart, option: Row | None, width: int) -> list[Line]:
    """All of it; goals can be selected."""
    lines = [*goal_lines(chart, width), *plan_line(chart, width), *declined_line(chart, width)]
    if option is not None:
        lines += _labelled("Check", f"{option['name']}: {check_words(option)}", width)
    plan = chart.plan or {}
    if plan.get("stop_rule"):
        lines += _labelled("Stop rule", str(plan["stop_rule"]), width)
    if plan.get("note"):
        lines += _labelled("Note", str(plan["note"]), width)
    return [*lines, *sign_line(chart, width)]


def short_lines(chart: Chart, width: int) -> list[Line]:
    """The same in three lines or so, for a narrow screen."""
    goals = [str(goal["text"]) for goal in of_kind(chart, "goal")]
    lines = _labelled("Goals", "; ".join(goals), width) if goals else []
    return [*plan_line(chart, width), *lines, *declined_line(chart, width), *sign_line(chart, width)]


def of_kind(chart: Chart, kind: str) -> list[Row]:
    """Preferences of one kind: goal, declined."""
    return [row for row in chart.preferences if row["kind"] == kind]


def goal_lines(chart: Chart, width: int) -> list[Line]:
    """Each goal a line of its own."""
    goals = of_kind(chart, "goal")
    if not goals:
        return _labelled("Goals", f"none recorded; {named('new')} writes one", width, style="missing")
    lines: list[Line] = []
    for number, goal in enumerate(goals):
        said = f"{goal['text']} ({words.day(goal['at'])})" if goal.get("at") else str(goal["text"])
        lines += _labelled("Goals" if number == 0 else "", said, width, key=f"goal:{goal['row_id']}")
    return lines


def plan_line(chart: Chart, width: int) -> list[Line]:
    """What is chosen, and in what state."""
    plan = chart.plan or {}
    state = str(plan.get("state") or "draft")
    chosen = [o["name"] for o in (chart.problem or {}).get("options", []) if in_plan(chart, o["option"])]
    other = len(list(plan.get("options") or ())) - len(chosen)
    more = f", {words.count(other, 'option')} no longer listed" if other > 0 else ""
    return _labelled(
        state.capitalize(),
        (
            "; ".join(f"[x] {name}" for name in chosen)
            or f"nothing chosen yet; {named('add')} adds the selected option"
        )
        + more,
        width,
    )


def declined_line(chart: Chart, width: int) -> list[Line]:
    """What the person does not want."""
    rows = of_kind(chart, "declined")
    if not rows:
        return []
    named = [
        f"{row.get('name') or words.plain_id(row['option'])}"
        + (f" ({words.day(row['at'])})" if row.get("at") else "")
        for row in rows
    ]
    return _labelled("Declined", "; ".join(named), width)


def open_blocks(chart: Chart) -> list[Row]:
    """What keeps the draft from being signed; an open STOP always does, whatever else was worked out."""
    still = [block for block in chart.sign_blocks if not block["is_answered"]]
    named = {block["rule"] for block in still if block["kind"] == "tier"}
    more = [
        {
            "block": "stop_open", "kind": "tier", "rule": finding["rule"], "may_override": True,
            "say": f"A STOP is open: {finding['say']}", "do": finding.get("do") or "Decide on it first.",
        }
        for finding in chart.findings
        if finding["tier"] == "STOP" and finding.get("is_counted", True) and not finding.get("answer")
        and finding["rule"] not in named
    ]  # fmt: skip
    return [*still, *more]


def sign_line(chart: Chart, width: int) -> list[Line]:
    """Signed; or ready; or what keeps it from being signed."""
    plan = chart.plan or {}
    if plan.get("state") == "signed":
        by = f" by {plan['actor']}" if plan.get("actor") else ""
        return _labelled(
            "Signed",
            f"{words.day(plan.get('at'))}{by}. {named('add')} begins a new draft.",
            width,
            style="head",
        )
    if not plan.get("options"):
        return []
    still = open_blocks(chart)
    if not still:
        return _labelled(
            "Sign", f"nothing keeps it from being signed: {named('sign')}. You choose.", width, style="head"
        )
    stops = sum(block["kind"] == "tier" for block in still)
    others = [str(block["say"]) for block in still if block["kind"] != "tier"]
    said = [*([f"{words.count(stops, 'STOP')} open"] if stops else []), *(say.rstrip(".") for say in others)]
    return _labelled(
        "Sign", f"blocked: {'; '.join(said)}. {named('sign')} shows them.", width, style="caution"
    )


def _labelled(name: str, text: str, width: int, *, style: str = "", key: str | None = None) -> list[Line]:
    parts = list(paragraph(text, width - LABEL, style=style))
    return [
        line(Piece(cut_name, "head"), *part.pieces, key=key if number == 0 else None)
        for number, part in enumerate(parts)
        for cut_name in ((name if number == 0 else "").ljust(LABEL),)
    ]
