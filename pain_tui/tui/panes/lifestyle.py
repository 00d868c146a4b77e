"""Values to enter, in the groups of knowledge.facts, and what the selected one means."""

from collections.abc import Iterator, Sequence

from pain_tui.tui import words
from pain_tui.tui.actions import named
from pain_tui.tui.chart import Chart, Field
from pain_tui.tui.draft import Draft
from pain_tui.tui.widgets.lines import (
    TIER_STYLES,
    Line,
    Piece,
    cut,
    head,
    hint,
    line,
    paragraph,
    quiet,
    rule,
    tier,
)

NARROW = 90  # columns of the pane below which the range is left out


def groups(fields: Sequence[Field]) -> list[str]:
    """Groups in the order of their first field."""
    return list(dict.fromkeys(field.group for field in fields))


def field_lines(chart: Chart, width: int) -> list[Line]:
    """Every field with value, unit, range, date and whether the model uses it."""
    label_width = max(width - 53, 24) if width >= 70 else max(width - 43, 22)
    ranged = width >= 70
    lines = [
        head(
            f"{cut('field', label_width)} {'value':>10}   {cut('unit', 8)} "
            f"{cut('range', 9) + ' ' if ranged else ''}{'measured':<10} use"
        )
    ]
    for group in groups(chart.fields):
        lines.append(line(Piece(words.plain_id(group).capitalize(), "accent")))
        lines += [field_line(field, label_width, ranged) for field in chart.fields if field.group == group]
    return [
        *lines,
        rule(),
        *hint("M used by the model here   ! raises a warning   ? not known, never guessed", width),
    ]


def field_line(field: Field, label_width: int, ranged: bool) -> Line:
    """One field."""
    changed = field.changed
    value = Piece(
        f"[{cut(field.value if field.value is not None else words.UNKNOWN, 9).strip():>9}]",
        "changed" if changed else "",
    )
    measured = words.day(field.at) if field.at else "never"
    use = ("M" if field.used else " ") + ("!" if field.warns else " ") + (" old" if field.is_old else "")
    span = f"{cut(allowed(field), 9)} " if ranged else ""
    return line(
        f" {cut(field.label, label_width - 1)} ", value, f"  {cut(field.unit, 8)} {span}{measured:<10} ",
        Piece(use.rstrip(), TIER_STYLES.get(field.warns or "", "")), key=field.fact,
    )  # fmt: skip


def allowed(field: Field) -> str:
    """`0-28`, `list`."""
    if field.choices:
        return "list"
    if field.low is None or field.high is None:
        return words.NONE
    return f"{words.number(field.low, 2)}-{words.number(field.high, 2)}"


def about(field: Field | None, chart: Chart, width: int) -> list[Line]:
    """What the selected field is, how old its value is, and what it does to the estimates here."""
    if field is None:
        return [quiet("No field selected.")]
    lines = [line(Piece(field.label, "head"))]
    if field.meaning and field.meaning != field.label:
        lines += paragraph(field.meaning, width)
    lines += list(paragraph(_limits(field), width))
    for low, high, word in field.bands:
        inside = _inside(field, low, high)
        lines.append(
            line(
                Piece(
                    f"{low:g}-{high:g}  {word}" + (f"   <- {field.value}" if inside else ""),
                    "head" if inside else "",
                )
            )
        )
    lines += [line(""), *_age(field, chart, width)]
    if field.changed:
        lines += paragraph(f"Was {field.previous or words.UNKNOWN} ({words.day(field.previous_at)}).", width)
    lines += [
        rule(),
        line(Piece("Effect here on the chance of relief", "head")),
        *effects(field, chart, width),
    ]
    warned = [finding for finding in chart.findings if field.fact in (finding.get("inputs") or {})]
    if warned:
        lines += [rule(), line(Piece("Warnings that rest on it", "head"))]
        for finding in warned[:4]:
            lines += _warning(finding["tier"], finding["say"], width)
    return [
        *lines,
        rule(),
        *hint(f"enter edit   {named('undo')} undo   {named('save')} save   pgdn next group", width),
    ]


def _limits(field: Field) -> str:
    if field.choices:
        return f"One of: {', '.join(field.choices)}."
    if field.low is None or field.high is None:
        return f"Unit: {field.unit or 'none'}."
    return f"{allowed(field)} {field.unit}; anything else is refused at the field."


def _inside(field: Field, low: float, high: float) -> bool:
    try:
        return field.value is not None and low <= float(field.value) <= high
    except ValueError:
        return False


def _age(field: Field, chart: Chart, width: int) -> Iterator[Line]:
    if field.value is None:
        yield from paragraph(
            "Not known. It is never guessed: estimates get wider, some warnings cannot be decided.",
            width,
            style="missing",
        )
        return
    valid = f"; used for {field.validity_days} days" if field.validity_days else ""
    old = " It is old: treated as not known." if field.is_old else ""
    yield from paragraph(
        f"Measured {words.day(field.at)} ({words.ago(field.at, chart.as_of)}){valid}.{old}",
        width,
        style="missing" if field.is_old else "",
    )


def effects(field: Field, chart: Chart, width: int) -> list[Line]:
    """By how much the chance would differ with this input at the average of the trials, by option."""
    rows, missing = [], False
    for option in (chart.problem or {}).get("options", []):
        for driver in option.get("drivers", []):
            if driver.get("fact") == field.fact:
                missing = missing or driver["kind"] == "missing"
                if round((driver.get("points") or 0) * 100):
                    rows.append((option["name"], driver["points"]))
    if not rows:
        return list(paragraph(_no_effect(field, missing), width))
    lines = [
        line(f"{cut(name, max(width - 14, 12))} {words.signed(points * 100):>4} of 100")
        for name, points in rows[:8]
    ]
    return [
        *lines,
        *paragraph(
            "Association, not cause: changing it is not shown to change the chance by this much.", width
        ),
    ]


def _no_effect(field: Field, missing: bool) -> str:
    if missing:
        return "The model uses it and does not know it: the ranges are wider."
    return (
        "Less than 1 of 100 for every option here."
        if field.used
        else "The model does not use it for these options."
    )


def _warning(tier_word: str, said: str, width: int) -> Iterator[Line]:
    first, *rest = list(paragraph(said, width - 9)) or [line("")]
    yield line(*tier(tier_word), " ", *first.pieces)
    for item in rest:
        yield line(" " * 9, *item.pieces)


def short_about(field: Field | None, chart: Chart, width: int) -> list[Line]:
    """Three lines for a narrow screen."""
    if field is None:
        return []
    age = f"measured {words.day(field.at)}" if field.value is not None else "not known, never guessed"
    was = f" Was {field.previous or words.UNKNOWN}." if field.changed else ""
    old = ", OLD" if field.is_old else ""
    first = f"{field.label} {field.value or words.UNKNOWN} {field.unit} ({allowed(field)}), {age}{old}.{was}"
    said = effects(field, chart, width)
    return [line(cut(first, width).rstrip()), *said[:2]]


def unsaved(draft: Draft | None, width: int) -> list[Line]:
    """What is not saved, in words."""
    if not draft or not len(draft):
        return [quiet("Nothing unsaved.")]
    return list(
        paragraph(
            f"Not saved: {draft.words()}.   {named('save')} save   {named('undo')} undo",
            width,
            style="changed",
        )
    )
