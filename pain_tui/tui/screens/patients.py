"""The clinic list: who needs me first."""

from typing import TYPE_CHECKING, ClassVar

from pain_tui.tui.bindings import bindings
from pain_tui.tui.chart import ClinicRow
from pain_tui.tui.panes import patients as panes
from pain_tui.tui.screens.base import ClinicScreen
from pain_tui.tui.widgets.lines import Line
from pain_tui.tui.widgets.pane import Pane

if TYPE_CHECKING:
    from textual.widgets import Input


class PatientsScreen(ClinicScreen):
    """One row a person; the list is there before the warnings are counted."""

    BINDINGS: ClassVar = bindings("patients")
    screen_id = "patients"
    left = (("patients-list", "Patients", True),)
    right = (("patients-preview", "Preview", False),)
    below = "Preview"

    order = "flag"
    filter_text = ""

    def shown(self) -> list[ClinicRow]:
        """The rows after filter and order."""
        return panes.ordered(panes.found(self.clinic.rows, self.filter_text), self.order)

    @property
    def selected(self) -> ClinicRow | None:
        """The person under the mark."""
        key = self.pane("patients-list").key
        return self.clinic.row_of(key) if key else None

    def fill(self) -> None:
        """List and preview."""
        pane = self.pane("patients-list")
        rows, total = self.shown(), len(self.clinic.rows)
        width = pane.room
        lines: list[Line] = [panes.heading(width), *(panes.row_line(row, width) for row in rows)]
        if not rows:
            lines = self.clinic.list_state_lines() or panes.empty(bool(total), self.clinic.file_name)
        lines += panes.footnotes(len(rows), total, self.clinic.set_aside, self.clinic.counted, width)
        filtered = f"find: {self.filter_text}   " if self.filter_text else ""
        pane.show(lines, count=f"{filtered}order: {self.order}   {len(rows)} / {total}")
        self._beside()

    def _beside(self) -> None:
        preview = self.pane("patients-preview")
        preview.show(panes.preview(self.selected, preview.room))
        if not self.wide:
            below = self.pane("patients-below")
            below.show([panes.one_line(self.selected, below.room)])
            below.fit(1)

    def on_pane_moved(self, message: Pane.Moved) -> None:
        """Only the preview changes: the list may be long."""
        message.stop()
        self._beside()

    def on_pane_chosen(self, message: Pane.Chosen) -> None:
        """Open this person."""
        message.stop()
        self.clinic.open_person(message.key, "genotype")

    def on_input_changed(self, event: "Input.Changed") -> None:
        """Filter while typing."""
        self.filter_text = event.value
        self.fill()

    def on_input_submitted(self, event: "Input.Submitted") -> None:
        """Back to the list, filtered."""
        event.stop()
        self.pane("patients-list").focus()

    def do_find(self) -> None:
        """Show the find line."""
        from textual.widgets import Input  # not before it is needed: the first frame comes first

        boxes = self.query("#find")
        if boxes:
            boxes.first().focus()
            return
        box = Input(self.filter_text, placeholder="find by name, number or problem", id="find")
        self.query_one("#left-patients").mount(box, before=0)
        box.focus()

    def do_order(self) -> None:
        """By flag, by name, by next visit."""
        self.order = panes.ORDERS[(panes.ORDERS.index(self.order) + 1) % len(panes.ORDERS)]
        self.fill()

    def do_next_stop(self) -> None:
        """To the next person with a STOP."""
        rows = self.shown()
        stops = [row.person for row in rows if row.flag == "STOP"]
        if not stops:
            self.notify(
                "Nobody on this list has a STOP."
                if self.clinic.counted is None
                else "Warnings are still being counted."
            )
            return
        pane = self.pane("patients-list")
        after = stops[(stops.index(pane.key) + 1) % len(stops)] if pane.key in stops else stops[0]
        pane.select(after)
        pane.focus()

    def do_retry(self) -> None:
        """Read the list again."""
        self.clinic.read_clinic()

    def key_escape(self) -> None:
        """Clears the filter."""
        self.query("#find").remove()
        self.filter_text = ""
        self.pane("patients-list").focus()
        self.fill()
