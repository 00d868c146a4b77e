"""Write the generated part of glossary.md from the knowledge tables: outcomes, scores and values, horizons.

Run: python docs/make_glossary.py
"""

from collections.abc import Iterator
from pathlib import Path

from pain_tui.knowledge.rows import rows

PAGE = Path(__file__).with_name("glossary.md")
START = "<!-- from the knowledge tables: written by docs/make_glossary.py -->"
GROUPS = ("pain", "mood", "sleep", "activity", "body", "smoking", "alcohol", "social")


def text() -> str:
    """The page: the words written by hand, then the generated part."""
    written = PAGE.read_text(encoding="utf-8").split(START)[0].rstrip()
    return written + "\n\n" + "\n".join([START, "", *_outcomes(), "", *_horizons(), "", *_values()]) + "\n"


def _outcomes() -> Iterator[str]:
    yield from ("## Outcomes that are counted", "", "| id | means |", "| --- | --- |")
    for row in rows("outcome_classes"):
        yield f"| {row['outcome_class']} | {row['label']} |"


def _horizons() -> Iterator[str]:
    yield from ("## Times", "", "| horizon | evidence from weeks | to below |", "| --- | --- | --- |")
    for row in rows("horizons"):
        yield f"| {row['label']} ({row['horizon_weeks']} weeks) | {row['from_weeks']} | {row['to_weeks']} |"


def _values() -> Iterator[str]:
    yield from (
        "## Scores and values that can be entered",
        "",
        "| value | unit | range | used for days | means |",
    )
    yield "| --- | --- | --- | --- | --- |"
    for row in rows("facts"):
        if row["source_kind"] == "observation" and row["screen_group"] in GROUPS:
            low, high = row["hard_low"] or "", row["hard_high"] or ""
            span = f"{low} to {high}" if low or high else (row["choices"] or "").replace("|", ", ")
            unit = (row["unit"] or "").replace("{score}", "points")
            yield f"| {row['label']} | {unit} | {span} | {row['validity_days'] or ''} | {row['meaning'] or ''} |"


if __name__ == "__main__":
    PAGE.write_text(text(), encoding="utf-8")
