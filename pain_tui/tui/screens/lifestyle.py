"""Lifestyle: enter what bears on the outcome, and see at once what it does."""

from typing import ClassVar

from pain_tui.tui.bindings import bindings
from pain_tui.tui.chart import Field
from pain_tui.tui.draft import Edit
from pain_tui.tui.panes import lifestyle as panes
from pain_tui.tui.screens.base import ClinicScreen
from pain_tui.tui.widgets.lines import Line, Piece, line, rule
from pain_tui.tui.widgets.pane import Pane


class LifestyleScreen(ClinicScreen):
    """Fields at left, the meaning of the selected one at right."""

    BINDINGS: ClassVar = [
        *bindings("lifestyle"),
    ]
    screen_id = "lifestyle"
    left = (("fields", "Lifestyle", True),)
    right = (("about", "About this field", False),)
    below = "About this field"

    def selected_field(self) -> Field | None:
        """The field under the mark."""
        key = self.pane("fields").key
        return next((field for field in (self.chart.fields if self.chart else ()) if field.fact == key), None)

    def on_mount(self) -> None:
        """Page up and down go from group to group."""
        super().on_mount()
        self.pane("fields").paged = self.action_group

    def fill(self) -> None:
        """Fields, what they mean, what is unsaved."""
        chart = self.chart
        if chart is None:
            return
        pane, width = self.pane("fields"), self.pane("fields").room
        pane.show(panes.field_lines(chart, width), count=f"{len(chart.fields)} fields")
        field = self.selected_field()
        about = self.pane("about")
        unsaved = panes.unsaved(self.clinic.draft, about.room)
        about.show([*panes.about(field, chart, about.room), rule(), *unsaved])
        if not self.wide:
            self._below(field, width)

    def _below(self, field: Field | None, width: int) -> None:
        assert self.chart is not None
        pane = self.pane("lifestyle-below")
        pane.show([*panes.short_about(field, self.chart, width), *panes.unsaved(self.clinic.draft, width)])
        pane.fit(6)

    def action_group(self, step: int) -> None:
        """To the first field of another group."""
        field = self.selected_field()
        if self.chart is None or field is None:
            return
        names = panes.groups(self.chart.fields)
        wanted = names[min(max(names.index(field.group) + step, 0), len(names) - 1)]
        first = next(entry.fact for entry in self.chart.fields if entry.group == wanted)
        self.pane("fields").select(first)

    def do_next_group(self) -> None:
        """As page down."""
        self.action_group(1)

    def on_pane_chosen(self, message: Pane.Chosen) -> None:
        """Edit the selected field."""
        message.stop()
        field = self.selected_field()
        if field is None or self.chart is None:
            return
        from pain_tui.tui.screens.field import FieldDialog

        self.clinic.push_screen(FieldDialog(self.clinic.desk, self.chart, field), self._entered)

    def _entered(self, edit: Edit | None) -> None:
        if edit is not None:
            self.clinic.put(edit)

    def can_evidence(self) -> bool:
        """A field is selected."""
        return self.selected_field() is not None

    def do_evidence(self) -> None:
        """Where the value comes from and what rests on it."""
        field = self.selected_field()
        if field is not None and self.chart is not None:
            from pain_tui.tui.screens.evidence import EvidenceDialog

            lines: list[Line] = [line(Piece(field.label, "head")), *panes.about(field, self.chart, 72)]
            self.clinic.push_screen(EvidenceDialog(f"fact {field.fact}", lines))
