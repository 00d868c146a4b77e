"""Write tour.md and its pictures from the real program, driven by keys over the teaching cases.

Run it after a change of the screens: `python docs/make_tour.py`. The pictures are SVG without any outside font.
"""

# ruff: noqa: E501 - a step reads better on one line

import asyncio
import re
import shutil
import sys
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
IMAGES = HERE / "images"
SIZE = (120, 40)


@dataclass(frozen=True)
class Step:
    """One picture: its file, its heading, whose record, the keys from the clinic list, what to see in it."""

    image: str
    title: str
    person: str
    keys: tuple[str, ...]
    see: str


STEPS = (
    Step("patients", "Who needs me first", "FIC-T09", (), "The clinic list, the highest open warning first. `w` goes to the next STOP, `/` finds, enter opens."),
    Step("genotype", "What the genes say, and what the medicines do to them", "FIC-T01", ("2",), "Three layers stay apart: what was tested, the phenotype by the genes, the phenotype with present medicines. Not called is never read as normal."),
    Step("history", "What is taken, what was tried", "FIC-T03", ("3",), "One opioid has a dose without a unit: the total is `cannot total` with a lower bound, not a guess."),
    Step("form", "A value, and what it changes, while it is typed", "FIC-T01", ("4", "pagedown", "enter", "3"), "Before -> after stands in the form; nothing is stored before `s`."),
    Step("plan", "The options side by side", "FIC-T01", ("5",), "Each bar is cut in two: what also comes with the comparator, and the extra. Interval, harm and the highest warning stand beside it; watching is always on the list."),
    Step("evidence", "What a number rests on", "FIC-T01", ("5", "down", "down", "e"), "Inputs, trials, both sides where the evidence disagrees, source and date; `c` is the case against, `v` the forest of the trials."),
    Step("sign", "What keeps a plan from being signed", "FIC-T10", ("5", "a", "g"), "An open STOP always does. Signing has its own key, asks for the stop rule and whether it was discussed."),
    Step("limits", "What cannot be said", "FIC-T02", ("5", "l"), "Why, and what would close the gap."),
    Step("monitor", "Is it working", "FIC-T01", ("6",), "Values as chart and numbers, treatments marked, a verdict only inside the option's own window."),
    Step("lesson", "The naive answer beside the careful one", "FIC-T09", ("L", "L"), "Only in the fictional clinic, and only when asked for ([teach with it](teaching.md))."),
)  # fmt: skip


def text() -> str:
    """The page."""
    lines = [
        "# A tour",
        "",
        "Made by `docs/make_tour.py` from the real program on the teaching cases (`pain-tui demo`). Every person is invented.",
    ]
    for step in STEPS:
        keys = " ".join(f"`{key}`" for key in step.keys) or "the start"
        lines += [
            "",
            f"## {step.title}",
            "",
            f"{step.person}, {keys}. {step.see}",
            "",
            f"![{step.title}](images/{step.image}.svg)",
        ]
    return "\n".join(lines) + "\n"


def without_fonts(svg: str) -> str:
    """The picture without fonts from elsewhere: the reader's own monospace is used."""
    svg = re.sub(r"<!--.*?-->", "", svg, flags=re.DOTALL)
    svg = re.sub(r"@font-face\s*\{[^}]*\}", "", svg)
    return re.sub(r"font-family:[^;]*;", "font-family: ui-monospace, Menlo, Consolas, monospace;", svg)


async def draw(clinic: Path) -> None:
    """Every picture, each from a fresh start."""
    from pain_tui.tui.app import PainTui
    from pain_tui.tui.desk import Desk

    for step in STEPS:
        # a file of its own, so that no picture finds what another left unsaved
        own = shutil.copy(clinic, clinic.with_name(f"{step.image}.duckdb"))
        desk = Desk(Path(own), actor="dr")
        desk.open()
        app = PainTui(desk, watch_terminal=False)
        async with app.run_test(size=SIZE) as pilot:
            await settle(app, pilot)
            app.screen.query_one("#patients-list").select(step.person)  # type: ignore[attr-defined] - our list
            for key in ("", *step.keys):
                if key:
                    await pilot.press(key)
                await settle(app, pilot)
            svg = without_fonts(app.export_screenshot(title="pain-tui"))
            (IMAGES / f"{step.image}.svg").write_text(svg, encoding="utf-8")
            app.draft = None
        desk.close()


async def settle(app: Any, pilot: Any) -> None:
    """Until nothing is under way."""
    quiet = 0
    while quiet < 6:
        await pilot.pause(0.05)
        busy = app.background.busy() or app.calculating or app.counted is not None
        quiet = 0 if busy else quiet + 1


def main() -> None:
    """Write the page and its pictures."""
    from pain_tui.patients.fictional.clinic import teaching_cases, write_clinic
    from pain_tui.patients.fictional.people import default_as_of

    (HERE / "tour.md").write_text(text(), encoding="utf-8")
    if "--words" in sys.argv:
        return
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        clinic = Path(folder) / "clinic.duckdb"
        people = [case["record"] for case in teaching_cases()]
        made, _ = write_clinic(clinic, people, as_of=default_as_of(), actor="dr", at=datetime(2026, 11, 24))
        made.close()
        asyncio.run(draw(clinic))


if __name__ == "__main__":
    main()
