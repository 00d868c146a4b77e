"""What is taken and what it adds up to, what was tried and with what relief, what the problem is."""

from pain_tui.report.words import condition_name, option_name, outside_the_total
from pain_tui.tui import words
from pain_tui.tui.actions import named
from pain_tui.tui.chart import Chart, Row
from pain_tui.tui.panes import chronic
from pain_tui.tui.widgets.lines import Line, Piece, cut, head, hint, line, pair, paragraph, quiet, rule, tier

SECTIONS = ("Medicines", "Tried", "Problems")


def medicines(chart: Chart, width: int) -> list[Line]:
    """Active medicines with their dose and MME, then those that cannot be told, then stopped ones."""
    drug, given = _widths(width)
    lines = [head(f"{cut('drug', drug)} {cut('dose', given)} {'per day':>9} {'x':>5} {'MME':>5}")]
    groups = [(True, ""), (None, "not known whether taken"), (False, "stopped")]
    for state, title in groups:
        rows = [row for row in chart.medicines if row.get("active") is state]
        if title and rows:
            lines.append(quiet(f"-- {title} --"))
        lines += [medicine_line(row, width) for row in rows]
    if not chart.medicines:
        lines += list(
            paragraph(
                'No medicine list. "Not recorded" is not "none": n enters one, r states the list complete.',
                width,
                style="missing",
            )
        )
    return [*lines, rule(), *mme_lines(chart, width)]


def _widths(width: int) -> tuple[int, int]:
    """Columns for drug and dose."""
    room = max(width - 23, 26)
    return min(room // 2, 28), min(room - room // 2, 24)


def medicine_line(row: Row, width: int) -> Line:
    """One medicine."""
    drug, given = _widths(width)
    style = (
        "changed"
        if str(row.get("row_id") or "").startswith("draft")
        else ""
        if row.get("ingredient")
        else "missing"
    )
    factor = words.number(row["factor"], 3) if row.get("factor") is not None else words.NONE
    mme = (
        words.number(row["mme_per_day"])
        if row.get("mme_per_day") is not None
        else words.UNKNOWN
        if row.get("why_not")
        else words.NONE
    )
    return line(
        Piece(cut(row.get("ingredient") or row["drug"], drug), style),
        f" {cut(dose(row), given)} {cut(amount(row), 9).rstrip():>9} {factor:>5} {mme:>5}",
        key=f"medication:{row.get('row_id')}",
    )


def dose(row: Row) -> str:
    """`50 mg x 3/d`, with ranges and as needed."""
    if row.get("dose") is None:
        return "dose not known"
    most = row.get("dose_max")
    per = row.get("per_day")
    amount_text = words.number(row["dose"], 3) + (
        f"-{words.number(most, 3)}" if most and most != row["dose"] else ""
    )
    often = "" if per is None else f" x {words.number(per, 2)}/d"
    return f"{amount_text} {row.get('unit') or '(no unit)'}{often}{' prn' if row.get('as_needed') else ''}"


def amount(row: Row) -> str:
    """The amount a day with its unit."""
    value = row.get("amount_per_day")
    return (
        words.UNKNOWN
        if value is None
        else f"{words.number(value)} {row.get('amount_unit') or row.get('unit') or ''}".strip()
    )


def mme_lines(chart: Chart, width: int) -> list[Line]:
    """The opioid total, or why there is none; with its caution."""
    mme = (chart.assessment.get("opioid") or {}).get("mme") or {}
    state = mme.get("state")
    total = {
        "total": f"{words.number(mme.get('total_mme_per_day'))} MME a day",
        "none": "none: no opioid is active",
        "cannot_total": f"cannot total{': ' + str(mme['reason']) if mme.get('reason') else ''}",
    }.get(state or "", f"not known{': ' + str(mme['reason']) if mme.get('reason') else ''}")
    lines = list(
        pair(
            "Total opioid dose",
            total,
            width,
            at=19,
            style="head" if state == "total" else "missing" if state != "none" else "",
        )
    )
    for entry in mme.get("doses", []):
        said = f"{entry['drug']} {outside_the_total(entry['why_not'])}" if entry.get("why_not") else ""
        if said and not entry.get("included") and said not in str(mme.get("reason")):
            lines += paragraph(said, width, indent="  ")
    return [
        *lines,
        *paragraph("Estimate of exposure only: never use MME to convert one opioid to another.", width),
    ]


def medicine_warnings(chart: Chart, width: int) -> list[Line]:
    """Warnings that name a drug, highest first."""
    named = [
        f
        for f in chart.findings
        if f.get("is_counted", True) and (f.get("drug") or f.get("origin") in ("interaction", "gene_drug"))
    ]
    lines: list[Line] = [rule(), line(Piece(f"Warnings about medicines {len(named)}", "head"))]
    shown = [finding for finding in named if finding["tier"] != "NOTE"]
    for finding in shown:
        for number, item in enumerate(paragraph(finding["say"], width - 9)):
            lines.append(line(*(tier(finding["tier"]) if number == 0 else (" " * 8,)), " ", *item.pieces))
    if len(named) > len(shown):
        lines.append(quiet(f"+{words.count(len(named) - len(shown), 'note')} (w)"))
    return lines


def reviewed(chart: Chart) -> Line:
    """Whether and when the list was stated complete."""
    review = chart.reviews.get("medication")
    if not review:
        return line(Piece(f"List never stated complete. {named('confirm')}: it is complete today", "missing"))
    day = words.day(review["at"])
    if review.get("is_old"):
        return line(*tier("CAUTION"), f" reconciled {day}: too old. {named('confirm')}: today")
    return line(f"Reconciled {day} ({words.ago(review['at'], chart.as_of)}). {named('confirm')}: again today")


def tried(chart: Chart, width: int) -> list[Line]:
    """Treatments already given: before, after, share and how long, so that it can be checked by eye."""
    name_width = max(width - 45, 14)
    lines = [head(f"{'date':<10} {cut('treatment', name_width)} bef aft relief lasted  stopped for")]
    for row in chart.treatments:
        lines.append(
            line(
                f"{words.day(row.get('date')):<10} {cut(treatment_name(row), name_width)} ",
                f"{words.number(row.get('nrs_before'), 0):>3} {words.number(row.get('nrs_after'), 0):>3} ",
                f"{relief(row):>6} {lasted(row):>6}  {row.get('stopped_because') or ''}",
                key=f"treatment:{row.get('row_id')}",
            )
        )
    if not chart.treatments:
        lines += list(paragraph("Nothing recorded. Not recorded is not the same as never tried.", width))
    return [*lines, *hint("relief = share of pain gone, as recorded. ? not recorded.", width)]


def treatment_name(row: Row) -> str:
    """The option or drug, and its side."""
    name = row.get("text") or (option_name(row["option"]) if row.get("option") else row.get("drug") or "?")
    return f"{name}{', ' + row['side'] if row.get('side') else ''}"


def relief(row: Row) -> str:
    """`71%`, `?`."""
    value = row.get("relief_pct")
    return words.UNKNOWN if value is None else f"{value:.0f}%"


def lasted(row: Row) -> str:
    """`12 wk`, `?`."""
    value = row.get("lasted_weeks")
    return words.UNKNOWN if value is None else f"{words.number(value)} wk"


def problems(chart: Chart, width: int) -> list[Line]:
    """Pain problems, then other conditions and allergies."""
    lines: list[Line] = []
    for row in chart.problems:
        where = ", ".join(str(row[name]) for name in ("site", "side", "level") if row.get(name))
        lines += pair(
            "Pain",
            f"{row.get('text') or condition_name(row.get('condition'))}{' (' + where + ')' if where else ''}",
            width,
        )
        since = f"since {words.day(row.get('onset_date'))}" if row.get("onset_date") else "onset not recorded"
        lines += pair("", f"{since}; confirmed by {row.get('confirmed_by') or 'not recorded'}", width)
    if not chart.problems:
        lines += list(
            paragraph("No pain problem recorded: no options can be compared.", width, style="missing")
        )
    lines.append(rule())
    for row in chart.conditions:
        since = f" ({words.day(row['onset'])[:4]})" if row.get("onset") else ""
        ended = f", ended {words.day(row['resolved'])}" if row.get("resolved") else ""
        lines += paragraph(
            f"{row.get('text') or words.plain_id(row.get('comorbidity') or row.get('code'))}{since}{ended}",
            width,
            indent="  ",
        )
    if not chart.conditions:
        lines.append(line("No other condition recorded."))
    allergies = chart.identity.allergies
    said = "not recorded" if allergies is None else ", ".join(allergies) or "stated to have none"
    lines += pair("Allergy", said, width)
    stays = chronic.lines(chart, width)
    return [*lines, rule(), *stays] if stays else lines
