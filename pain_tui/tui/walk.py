"""The guided walk: genotype, history, lifestyle, plan; at each step what is complete and what is missing."""

from collections.abc import Callable
from typing import Any

from pain_tui.tui import words
from pain_tui.tui.chart import Chart

STEPS = ("genotype", "history", "lifestyle", "plan")
LISTS = ("medication", "condition", "allergy", "device", "treatment")


class Walking:
    """Part of the program (app.py): a step on, a step back; the line above the keys says where one is."""

    chart: Chart | None
    screen: Any
    go: Callable[[str], None]
    notify: Callable[..., None]
    renew: Callable[[], None]

    def __init__(self) -> None:
        self.walking = False

    def do_walk_on(self) -> None:
        """Begin, or go on; at the plan the walk ends."""
        here = getattr(self.screen, "screen_id", "")
        begun, self.walking = self.walking, True
        if not begun or here not in STEPS:
            self.go(STEPS[0])
        elif here == STEPS[-1]:
            self.walking = False
            self.notify("The walk ends here: a chooses, g signs.")
        else:
            self.go(STEPS[STEPS.index(here) + 1])
        self.renew()

    def do_walk_back(self) -> None:
        """One step back."""
        here = getattr(self.screen, "screen_id", "")
        self.walking = True
        if here in STEPS[1:]:
            self.go(STEPS[STEPS.index(here) - 1])
        self.renew()

    def walk_line(self, screen: str) -> str:
        """Where one is and what is missing there; nothing when nobody walks."""
        if not self.walking or self.chart is None or screen not in STEPS:
            return ""
        number = STEPS.index(screen) + 1
        following = f". next: {STEPS[number]}" if number < len(STEPS) else ". ends the walk"
        return f"Step {number} of {len(STEPS)}, {screen}: {state(self.chart, screen)}   {following}"


def state(chart: Chart, screen: str) -> str:
    """What is complete and what is missing in one step, in words."""
    return {"genotype": _genotype, "history": _history, "lifestyle": _lifestyle, "plan": _plan}[screen](chart)


def _genotype(chart: Chart) -> str:
    genes = chart.assessment.get("genes", [])
    called = sum(gene["state"] == "called" for gene in genes)
    review = chart.reviews.get("medication")
    today = "" if review else "; medicines not confirmed (3, r): what acts today is not current"
    return f"{called} of {words.count(len(genes), 'gene')} called, {len(genes) - called} not{today}"


def _history(chart: Chart) -> str:
    open_lists = [name for name in LISTS if name not in chart.reviews]
    if not open_lists:
        return "every list is confirmed"
    first = "medicines not confirmed: r" if "medication" in open_lists else "medicines confirmed"
    rest = [name for name in open_lists if name != "medication"]
    return f"{first}{'; never confirmed: ' + ', '.join(rest) if rest else ''}"


def _lifestyle(chart: Chart) -> str:
    used = [field for field in chart.fields if field.used]
    known = sum(field.value is not None and not field.is_old for field in used)
    old = sum(field.is_old for field in chart.fields)
    return f"{known} of {len(used)} values that the model uses are known; {old} old; {chart.counts.MISSING} missing for warnings"


def _plan(chart: Chart) -> str:
    plan = chart.plan or {}
    if plan.get("state") == "signed":
        return "signed"
    chosen = words.count(len(list(plan.get("options") or ())), "option")
    return f"{chosen} chosen, {chart.counts.STOP} STOP open, not signed"
