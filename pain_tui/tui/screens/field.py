"""Enter one value: judged while typing, refused where the cursor is when it cannot be right."""

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.widgets import Input, Static

from pain_tui.tui import words
from pain_tui.tui.chart import Chart, Field
from pain_tui.tui.draft import Edit
from pain_tui.tui.panes.lifestyle import allowed
from pain_tui.tui.screens.dialog import Dialog

if TYPE_CHECKING:
    from pain_tui.tui.desk import Desk


class FieldDialog(Dialog[Edit]):
    """A value of one field, measured on the day the chart is for."""

    keys_text = "enter Take it (s saves later)    esc Leave it as it was"

    def __init__(self, desk: "Desk", chart: Chart, field: Field) -> None:
        super().__init__()
        self.desk, self.chart, self.field = desk, chart, field
        self.title_text = field.label

    def body(self) -> ComposeResult:
        """What is asked, what it was, the line, and what is wrong with it."""
        field = self.field
        was = f"Now {field.value} ({words.day(field.at)})." if field.value is not None else "Not known."
        span = f"One of: {', '.join(field.choices)}." if field.choices else f"{allowed(field)} {field.unit}."
        yield Static(f"{field.meaning or field.label}. {span} {was}", classes="says", markup=False)
        yield Input(value="", placeholder=self._placeholder(), id="value")
        yield Static(f"measured on {self.chart.as_of.isoformat()}", classes="error", id="why", markup=False)

    def _placeholder(self) -> str:
        return (
            " / ".join(self.field.choices)
            if self.field.choices
            else f"a number{', in ' + self.field.unit if self.field.unit else ''}"
        )

    def on_mount(self) -> None:
        """Type at once."""
        self.query_one(Input).focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Say what is wrong while it is typed."""
        said = "" if not event.value.strip() else self._judge(event.value)[1]
        self.query_one("#why", Static).update(said or f"measured on {self.chart.as_of.isoformat()}")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take it, or say why not; the cursor stays."""
        event.stop()
        if not event.value.strip():
            self.dismiss(None)
            return
        values, said = self._judge(event.value)
        if values is None:
            self.query_one("#why", Static).update(f"{said} Not taken.")
            return
        self.dismiss(self._edit(values, event.value.strip()))

    def _judge(self, text: str) -> tuple[dict[str, object] | None, str]:
        return self.desk.read_value(self.field, text, self.chart)

    def _edit(self, values: dict[str, object], text: str) -> Edit:
        field = self.field
        shown = str(values.get("text")) if field.choices else words.number(values["value"], 3)  # type: ignore[arg-type]
        before = field.previous if field.changed else field.value
        same_day = (
            field.row_id is not None
            and field.at == self.chart.as_of
            and not str(field.row_id).startswith("draft")
        )
        return Edit(
            table="observation",
            op="correct" if same_day else "add",
            person=self.chart.identity.person,
            row_id=field.row_id if same_day else None,
            values=values,
            says=f"{field.label} {before or words.UNKNOWN} -> {shown}",
            slot=f"field:{field.fact}",
            reason="corrected on the day" if same_day else None,
            before=before,
            before_at=field.previous_at if field.changed else field.at,
        )
