"""Enter one value: judged while typing, refused where the cursor is when it cannot be right."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Input, Label, Static

from pain_tui.tui import words
from pain_tui.tui.chart import Chart, Field
from pain_tui.tui.draft import Edit
from pain_tui.tui.panes.lifestyle import allowed
from pain_tui.tui.screens.trying import Trying

if TYPE_CHECKING:
    from pain_tui.tui.desk import Desk


class FieldDialog(Trying[Edit]):
    """A value of one field and the day it was measured on; what it would change stands below while it is typed."""

    keys_text = "enter Take it (s saves later)   tab Its date   esc Leave it as it was"

    def __init__(self, desk: "Desk", chart: Chart, field: Field) -> None:
        super().__init__()
        self.desk, self.chart, self.field = desk, chart, field
        self.title_text = field.label

    def body(self) -> ComposeResult:
        """What is asked, what it was, the value, its day, what is wrong with it, and what it would change."""
        field = self.field
        was = f"Now {field.value} ({words.day(field.at)})." if field.value is not None else "Not known."
        span = f"One of: {', '.join(field.choices)}." if field.choices else f"{allowed(field)} {field.unit}."
        yield Static(f"{field.meaning or field.label}. {span} {was}", classes="says", markup=False)
        with Horizontal(classes="row"):
            yield Label("Value", classes="label")
            yield Input(value="", placeholder=self._placeholder(), id="value")
        with Horizontal(classes="row"):
            yield Label("Measured on", classes="label")
            yield Input(value=self.chart.as_of.isoformat(), placeholder="YYYY-MM-DD", id="day")
        yield Static("", classes="error", id="why", markup=False)
        yield self.effect()

    def _placeholder(self) -> str:
        return (
            " / ".join(self.field.choices)
            if self.field.choices
            else f"a number{', in ' + self.field.unit if self.field.unit else ''}"
        )

    def on_mount(self) -> None:
        """Type at once."""
        super().on_mount()
        self.query_one("#value", Input).focus()

    def on_input_changed(self) -> None:
        """Say what is wrong while it is typed, and what it would change when nothing is."""
        if not self._typed("value"):
            self._why("")
            self.try_soon(())
            return
        values, said = self._judge()
        self._why(said or (self._superseded(values) if values else ""))
        self.try_soon([self._edit(values)] if values is not None else ())

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take it, or say why not; the cursor stays."""
        event.stop()
        if not self._typed("value"):
            self.dismiss(None)
            return
        values, said = self._judge()
        if values is None:
            self._why(f"{said} Not taken.")
            return
        self.dismiss(self._edit(values))

    def _typed(self, name: str) -> str:
        return self.query_one(f"#{name}", Input).value.strip()

    def _why(self, said: str) -> None:
        self.query_one("#why", Static).update(said)

    def _judge(self) -> tuple[dict[str, Any] | None, str]:
        return self.desk.read_value(self.field, self._typed("value"), self.chart, self._typed("day"))

    def _superseded(self, values: dict[str, Any]) -> str:
        """An older value does not take the place of a newer one."""
        field, day = self.field, self._day(values)
        if field.value is None or field.at is None or day >= field.at:
            return ""
        return f"The value of {words.day(field.at)} is newer: it stays the one in use."

    def _day(self, values: dict[str, Any]) -> date:
        measured = values.get("at")
        return measured.date() if isinstance(measured, datetime) else measured or self.chart.as_of

    def _edit(self, values: dict[str, Any]) -> Edit:
        field, day = self.field, self._day(values)
        shown = str(values.get("text")) if field.choices else words.number(values["value"], 3)
        before = field.previous if field.changed else field.value
        same_day = field.row_id is not None and field.at == day and not str(field.row_id).startswith("draft")
        on = "" if day == self.chart.as_of else f" on {words.day(day)}"
        return Edit(
            table="observation",
            op="correct" if same_day else "add",
            person=self.chart.identity.person,
            row_id=field.row_id if same_day else None,
            values=values,
            says=f"{field.label} {before or words.UNKNOWN} -> {shown}{on}",
            slot=f"field:{field.fact}",
            reason="corrected on the day" if same_day else None,
            before=before,
            before_at=field.previous_at if field.changed else field.at,
        )
