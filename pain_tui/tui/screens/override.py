"""Go on in spite of a STOP: all that is needed to decide is inside, the alternative before the reasons."""

from functools import cache
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.widgets import Input, Static

from pain_tui.patients.normalise.tables import rows
from pain_tui.tui.chart import Chart, Row
from pain_tui.tui.draft import Edit
from pain_tui.tui.screens.dialog import Dialog
from pain_tui.tui.widgets.lines import line, pair, plain

if TYPE_CHECKING:
    from pain_tui.tui.desk import Desk

WIDTH = 74


@cache
def reasons() -> tuple[dict[str, str], ...]:
    """Why people go on, from the knowledge table; what is asked again follows from the rule's inputs."""
    return tuple(sorted(rows("override_reasons"), key=lambda row: int(row["position"])))


class OverrideDialog(Dialog[Edit]):
    """A reason is stored with a name and a time; without one the STOP stays."""

    keys_text = "enter Go on with this reason   esc Go back, nothing changed"

    def __init__(self, finding: Row, chart: Chart, desk: "Desk") -> None:
        super().__init__()
        self.finding, self.chart, self.desk = finding, chart, desk
        self.title_text = f"Override: rule {finding['rule']}"

    def body(self) -> ComposeResult:
        """Why, source, instead; then the reasons."""
        f = self.finding
        yield Static(
            f"STOP: {f.get('drug') or f.get('option') or f.get('about')}", classes="error", markup=False
        )
        said = [
            line(""),
            *pair("Why", f["say"], WIDTH),
            *pair("Source", self.desk.source_words(f.get("source"), f["rule"]), WIDTH),
            *pair("Instead", f.get("do") or "not stated", WIDTH),
            line(""),
        ]
        yield Static(plain(said), classes="says", markup=False)
        yield Static(
            "To go on anyway, give a reason. It is stored with your name.", classes="says", markup=False
        )
        for row in reasons():
            yield Static(f"  {row['position']}  {row['reason']}", classes="says", markup=False)
        yield Input(placeholder="number of the reason, then words if it needs them: 3, or 5 why", id="reason")
        yield Static(
            "Asked again when an input of the rule changes.", classes="error", id="why", markup=False
        )

    def on_mount(self) -> None:
        """Type at once."""
        self.query_one(Input).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take the reason, or say what is missing."""
        event.stop()
        number, _, text = event.value.strip().partition(" ")
        if not number.isdigit() or not 1 <= int(number) <= len(reasons()):
            self.query_one("#why", Static).update(
                f"Start with a number from 1 to {len(reasons())}. The STOP stays."
            )
            return
        chosen = reasons()[int(number) - 1]
        if chosen["needs_words"] == "true" and not text.strip():
            self.query_one("#why", Static).update("This reason needs words after the number. The STOP stays.")
            return
        self.dismiss(
            answer_edit(
                self.finding, self.chart, kind="override", code=chosen["code"], reason=text.strip() or None
            )
        )


def answer_edit(finding: Row, chart: Chart, *, kind: str, code: str | None, reason: str | None) -> Edit:
    """The answer to a finding as an edit, stored by save."""
    about = {name: finding.get(name) for name in ("problem", "option", "drug")}
    return Edit(
        table="override", op="add", person=chart.identity.person, row_id=None,
        values={
            "rule": finding["rule"], "tier": finding["tier"], "kind": kind, "reason_code": code,
            "reason": reason, "inputs": dict(finding.get("inputs") or {}), **about,
        },
        says=f"{finding['tier']} {finding['rule']} {'overridden' if kind == 'override' else 'seen'}",
        slot=f"answer:{finding['rule']}:{finding.get('option')}:{finding.get('drug')}",
    )  # fmt: skip
