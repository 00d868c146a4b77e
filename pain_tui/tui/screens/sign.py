"""Sign the draft plan: what still keeps it from being signed, the stop rule, and that it was discussed."""

from collections.abc import Mapping
from typing import Any

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Input, Label, Static

from pain_tui.assess.signing import RULE_PREFIX
from pain_tui.tui.chart import Chart, Row
from pain_tui.tui.draft import Edit
from pain_tui.tui.panes.draft import open_blocks
from pain_tui.tui.panes.plan import in_plan
from pain_tui.tui.screens.dialog import Dialog

YES = ("y", "yes")
# What is kept of a forecast, to be compared with what happens.
TOLD = (
    "response",
    "comparator",
    "comparator_kind",
    "extra",
    "relief_30",
    "certainty",
    "evidence",
    "no_estimate",
)
PLAN_PARTS = ("problem", "options")


class SignDialog(Dialog[list[Edit]]):
    """Gives back the edits that make the plan signed; they are saved at once."""

    title_text = "Sign the plan"
    keys_text = "enter Next, at the end sign and save    esc Go back, nothing signed"

    def __init__(self, chart: Chart, actor: str) -> None:
        super().__init__()
        self.chart, self.actor = chart, actor
        still = open_blocks(chart)
        self.barred = [block for block in still if block["kind"] == "tier" or not block["may_override"]]
        self.to_answer = [block for block in still if block not in self.barred]
        if self.barred:
            self.keys_text = "esc Go back    o on the plan overrides a STOP that may be overridden"

    @property
    def chosen(self) -> list[Row]:
        """The options that are signed for."""
        return [o for o in (self.chart.problem or {}).get("options", []) if in_plan(self.chart, o["option"])]

    def body(self) -> ComposeResult:
        """The plan, the blocks, the cells."""
        names = ", ".join(option["name"] for option in self.chosen)
        yield Static(f"Plan: {names}.", classes="says", markup=False)
        for block in (*self.barred, *self.to_answer):
            yield Static(f"\n{block['say']}\n  do: {block['do']}", classes="says", markup=False)
        if self.barred:
            yield Static("\nIt cannot be signed yet.", classes="error", id="why", markup=False)
            return
        yield Static("", classes="says", markup=False)
        for name, label, hint in self.cells():
            with Horizontal(classes="row"):
                yield Label(label, classes="label")
                yield Input(value=str((self.chart.plan or {}).get(name) or ""), placeholder=hint, id=name)
        yield Static(
            f"Signed as {self.actor}. You choose; the numbers are evidence, not a promise.",
            classes="error", id="why", markup=False,
        )  # fmt: skip

    def cells(self) -> list[tuple[str, str, str]]:
        """What is asked: name, label, hint."""
        asked = [
            ("stop_rule", "Stop rule", "what, by when: otherwise it is not repeated or not continued"),
            ("note", "Note", "may be left out"),
        ]
        if self.to_answer:
            asked.append(("reason", "Why sign anyway", "needed: it is stored with your name"))
        return [*asked, ("discussed", "Discussed", "options and harms were discussed with the person: y")]

    def on_mount(self) -> None:
        """Type at once."""
        if not self.barred:
            self.query_one("#stop_rule", Input).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """The next cell; on the last one, sign."""
        event.stop()
        names = [name for name, _, _ in self.cells()]
        place = names.index(str(event.input.id))
        if place + 1 < len(names):
            self.query_one(f"#{names[place + 1]}", Input).focus()
        else:
            self._sign()

    def _value(self, name: str) -> str:
        return self.query_one(f"#{name}", Input).value.strip()

    def _refuse(self, said: str, name: str) -> None:
        self.query_one("#why", Static).update(f"{said} Not signed.")
        self.query_one(f"#{name}", Input).focus()

    def _sign(self) -> None:
        if self._value("discussed").casefold() not in YES:
            self._refuse(
                "Options and harms must have been discussed with the person: y says so.", "discussed"
            )
            return
        if not self._value("stop_rule") and any(option["procedure_check"] for option in self.chosen):
            self._refuse("A procedure has its stop rule written before it.", "stop_rule")
            return
        if self.to_answer and not self._value("reason"):
            self._refuse("To sign anyway a reason is needed.", "reason")
            return
        self.dismiss([*self._answers(), self._signed()])

    def _answers(self) -> list[Edit]:
        return [
            Edit(
                table="override", op="add", person=self.chart.identity.person, row_id=None,
                values={
                    "rule": f"{RULE_PREFIX}{block['block']}", "tier": "STOP", "kind": "override", "reason_code": None,
                    "reason": self._value("reason"), "inputs": {"state": block["state"]},
                },
                says=f"signed in spite of {block['block'].replace('_', ' ')}", slot=f"answer:{block['block']}",
            )
            for block in self.to_answer
        ]  # fmt: skip

    def _signed(self) -> Edit:
        plan = self.chart.plan or {}
        values: dict[str, Any] = {
            **{name: plan.get(name) for name in PLAN_PARTS},
            "stop_rule": self._value("stop_rule") or None,
            "note": self._value("note") or None,
            "state": "signed",
            "discussed": True,
            "forecasts": {option["option"]: told(option) for option in self.chosen},
        }
        if plan.get("plan"):
            values["plan"] = plan["plan"]
        return Edit(
            table="plan", op="add", person=self.chart.identity.person, row_id=None, values=values,
            says="plan signed", slot="plan",
        )  # fmt: skip


def told(option: Row) -> Mapping[str, Any]:
    """What was told of an option, as the ledger keeps it."""
    return {name: option[name] for name in TOLD}
