"""Enter, change or stop a medicine: read by the same rules as an import, judged before it is taken."""

from typing import TYPE_CHECKING, Literal

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Input, Label, Static

from pain_tui.tui import words
from pain_tui.tui.chart import Chart, Row
from pain_tui.tui.draft import Edit
from pain_tui.tui.screens.trying import Trying

if TYPE_CHECKING:
    from pain_tui.tui.desk import Desk

# name of the cell, label, hint
CELLS = (
    ("drug", "Medicine", "as written, for example tramadol 50 mg tablet"),
    ("dose", "Dose each time", "a number, for example 50"),
    ("unit", "Unit", "mg, mcg, g, mL, mcg/h ..."),
    ("frequency", "How often", "3 times a day, every 6 h as needed ..."),
    ("route", "Route", "oral when left out"),
    ("start", "Start", "YYYY-MM-DD, the day of this chart when left out"),
    ("indication", "For what", "pain, sleep ..."),
)


class MedicineDialog(Trying[list[Edit]]):
    """A form for one medicine."""

    keys_text = "enter Next, then take it (s saves later)   F6 Stop this medicine   esc Leave"
    BINDINGS = [("f6", "stop", "Stop this medicine")]

    def __init__(self, desk: "Desk", chart: Chart, row: Row | None) -> None:
        super().__init__()
        self.desk, self.chart, self.row = desk, chart, row
        self.title_text = "New medicine" if row is None else f"Change {row.get('ingredient') or row['drug']}"
        if row is None:
            self.keys_text = "enter Next, at the end take it (s saves later)   esc Leave it"

    def body(self) -> ComposeResult:
        """A line a cell, and what is wrong below."""
        for name, label, hint in CELLS:
            with Horizontal(classes="row"):
                yield Label(label, classes="label")
                yield Input(value=self._start_value(name), placeholder=hint, id=name)
        yield Static("", classes="error", id="why", markup=False)
        yield self.effect()

    def _start_value(self, name: str) -> str:
        if self.row is None:
            return ""
        if name == "frequency":
            per_day = self.row.get("per_day")
            return (
                ""
                if per_day is None
                else f"{words.number(per_day, 3)} times a day"
                + (" as needed" if self.row.get("as_needed") else "")
            )
        value = self.row.get(name)
        return "" if value is None else words.number(value, 3) if isinstance(value, float) else str(value)

    def on_mount(self) -> None:
        """Type at once."""
        super().on_mount()
        self.query_one("#drug", Input).focus()

    def values(self) -> dict[str, str]:
        """The cells that hold something."""
        return {
            name: text for name, _, _ in CELLS if (text := self.query_one(f"#{name}", Input).value.strip())
        }

    def on_input_changed(self) -> None:
        """What the words are read as, what is wrong, and what it would change, while typing."""
        if not self.values().get("drug"):
            self.try_soon(())
            return
        rows, says = self.desk.read_medicine(self.values(), self.chart)
        self.query_one("#why", Static).update(says)
        self.try_soon(self._edits(rows) if rows else ())

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """The next line; on the last one, take it."""
        event.stop()
        names = [name for name, _, _ in CELLS]
        place = names.index(event.input.id or "drug")
        if place + 1 < len(names):
            self.query_one(f"#{names[place + 1]}", Input).focus()
        else:
            self._take()

    def _take(self) -> None:
        if not self.values().get("drug"):
            self.query_one("#why", Static).update("A medicine needs a name.")
            return
        rows, says = self.desk.read_medicine(self.values(), self.chart)
        if not rows:
            self.query_one("#why", Static).update(f"{says} Not taken.")
            return
        self.dismiss(self._edits(rows))

    def _edits(self, rows: list[dict[str, object]]) -> list[Edit]:
        person = self.chart.identity.person
        if self.row is not None:
            name = self.row.get("ingredient") or self.row["drug"]
            first = {**rows[0]}
            return [
                Edit(
                    "medication",
                    *self._op(),
                    values=first,
                    says=f"{name} changed",
                    slot=self._slot(),
                    reason="changed at the visit",
                )
            ]
        number = sum(str(row.get("row_id")).startswith("draft") for row in self.chart.medicines)
        return [
            Edit(
                "medication",
                "add",
                person,
                None,
                row,
                f"+ {row.get('ingredient') or row['drug']}",
                f"medication:new{number}-{place}",
            )
            for place, row in enumerate(rows)
        ]

    def _op(self) -> tuple[Literal["add", "correct"], str, str | None]:
        assert self.row is not None
        row_id = str(self.row["row_id"])
        draft = row_id.startswith("draft")
        return ("add" if draft else "correct", self.chart.identity.person, None if draft else row_id)

    def _slot(self) -> str:
        row_id = str(self.row["row_id"]) if self.row else ""
        return row_id.removeprefix("draft-") if row_id.startswith("draft-") else f"medication:{row_id}"

    def action_stop(self) -> None:
        """It is no longer taken, as of the day of the chart."""
        if self.row is None or str(self.row["row_id"]).startswith("draft"):
            return
        name = self.row.get("ingredient") or self.row["drug"]
        values = {"stop": self.chart.as_of, "status": "stopped"}
        self.dismiss(
            [
                Edit(
                    "medication",
                    *self._op(),
                    values=values,
                    says=f"{name} stopped",
                    slot=self._slot(),
                    reason="stopped at the visit",
                )
            ]
        )
