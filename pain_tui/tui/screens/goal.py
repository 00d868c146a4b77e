"""A goal of the person, in their words: written, changed, or no longer a goal when emptied."""

from textual.app import ComposeResult
from textual.widgets import Input, Static

from pain_tui.tui.chart import Chart, Row
from pain_tui.tui.draft import Edit
from pain_tui.tui.screens.dialog import Dialog


class GoalDialog(Dialog[Edit]):
    """One line."""

    keys_text = "enter Take it (s saves later)    esc Leave it"

    def __init__(self, chart: Chart, row: Row | None) -> None:
        super().__init__()
        self.chart, self.row = chart, row
        self.title_text = "New goal" if row is None else "Change the goal; emptied, it is no longer one"

    def body(self) -> ComposeResult:
        """What is asked, and the line."""
        yield Static("What the person wants to be able to do, in their words.", classes="says", markup=False)
        yield Input(
            value=str(self.row["text"] or "") if self.row else "", id="goal", placeholder="walk to the shop"
        )

    def on_mount(self) -> None:
        """Type at once."""
        self.query_one(Input).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take it."""
        event.stop()
        text = event.value.strip()
        if text == (str(self.row["text"] or "") if self.row else ""):
            self.dismiss(None)
            return
        self.dismiss(self._edit(text))

    def _edit(self, text: str) -> Edit:
        person = self.chart.identity.person
        values = {"kind": "goal", "text": text, "at": self.chart.as_of}
        if self.row is None:
            number = sum(str(row["row_id"]).startswith("draft") for row in self.chart.preferences)
            return Edit("preference", "add", person, None, values, f"goal: {text}", f"goal:new{number}")
        row_id = str(self.row["row_id"])
        if row_id.startswith("draft-"):
            return Edit(
                "preference", "add" if text else "none", person, None, values, f"goal: {text}", row_id.removeprefix("draft-")
            )  # fmt: skip
        if text:
            return Edit(
                "preference", "correct", person, row_id, values, f"goal: {text}", f"goal:{row_id}", "changed with the person"
            )  # fmt: skip
        return Edit(
            "preference", "retire", person, row_id, {}, f"goal dropped: {self.row['text']}", f"goal:{row_id}",
            "no longer a goal",
        )  # fmt: skip
