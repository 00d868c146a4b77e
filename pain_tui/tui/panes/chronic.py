"""What published models say about pain that may stay: classes and sums, what they lack, how far they were checked."""

from pain_tui.tui import words
from pain_tui.tui.chart import Chart, Row
from pain_tui.tui.widgets.lines import Line, Piece, line, paragraph

READ = ("points", "factor")


def lines(chart: Chart, width: int) -> list[Line]:
    """One entry a model, once also when it speaks of several problems; none without such a model."""
    rows: dict[str, Row] = {}
    for row in chart.assessment.get("chronic_risk", []):
        rows.setdefault(row["model"], row)
    if not rows:
        return []
    labels = {field.fact: field.label for field in chart.fields}
    made = [
        line(Piece("Will the pain stay?", "head")),
        *paragraph(
            "Classes and sums of published models, from other people: no personal risk.", width, style="quiet"
        ),
    ]
    for row in rows.values():
        made += _model(row, labels, width)
    return made


def _model(row: Row, labels: dict[str, str], width: int) -> list[Line]:
    """What the model says of this person, what it would need, and how it was checked."""
    made = list(paragraph(f"{row['name']}: {says(row)}", width, style="" if _known(row) else "missing"))
    if row["missing"]:
        named = ", ".join(labels.get(fact, words.plain_id(fact)) for fact in row["missing"])
        made += paragraph(f"not recorded, never read as no: {named}", width, first="  ", indent="  ")
    made += paragraph(row["say"], width, first="  ", indent="  ")
    if row["kind"] != "genetic" or row["validation"] != "none":
        made += paragraph(f"checked: {row['validation']}", width, first="  ", indent="  ", style="quiet")
    return made


def _known(row: Row) -> bool:
    return row["kind"] not in READ or row["state"] == "recorded"


def says(row: Row) -> str:
    """The class, the sum (from what is known to be yes up to all that may be), or that it is not known."""
    low, high, most = row["points_from"], row["points_to"], row["points_max"]
    if row["state"] == "not known":
        return "not known"
    if low is None:
        return str(row["class"] or row["state"])
    span = words.number(low) if low == high else f"{words.number(low)} to {words.number(high)}"
    return f"{span} of {words.number(most)} points{', ' + row['class'] if row['class'] else ''}"
