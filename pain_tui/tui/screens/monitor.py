"""Monitor: is it working for this person, is it safe, what is due."""

from typing import ClassVar

from pain_tui.tui import words
from pain_tui.tui.bindings import bindings
from pain_tui.tui.draft import Edit
from pain_tui.tui.panes import monitor as panes
from pain_tui.tui.screens.base import ClinicScreen
from pain_tui.tui.widgets.lines import line, paragraph, rule
from pain_tui.tui.widgets.pane import Pane


class MonitorScreen(ClinicScreen):
    """Chart and visits at left, what was said and what is due at right."""

    BINDINGS: ClassVar = bindings("monitor")
    screen_id = "monitor"
    left = (("visits", "Visits", True), ("pain", "Pain and function", False))
    right = (("said", "Said and happened", False), ("due", "Next", False))
    right_width = 46
    below = "Next"

    def fill(self) -> None:
        """Visits, chart, ledger, due."""
        chart = self.chart
        if chart is None:
            return
        self.clinic.read_exposure()
        visits, pain = self.pane("visits"), self.pane("pain")
        visits.show(panes.visit_lines(chart, visits.room), count=words.count(len(chart.visits), "visit"))
        visits.fit(max(self.size.height - 24, 4) if self.wide else 8)
        if self.wide:
            pain.show(
                [*panes.plot(chart, pain.room), rule(), *paragraph(panes.trend_words(chart), pain.room)],
                title="Pain and function",
            )
        else:
            pain.show(
                [*panes.values(chart, pain.room), *panes.ledger_lines(chart, pain.room)],
                title="Pain and function",
            )
            pain.fit(4)
            below = self.pane("monitor-below")
            below.show(panes.due_lines(chart, below.room))
        said, due = self.pane("said"), self.pane("due")
        said.show(panes.ledger_lines(chart, said.room))
        due.show([*panes.due_lines(chart, due.room), *panes.last_line(due.room)])

    def on_pane_chosen(self, message: Pane.Chosen) -> None:
        """What was recorded on that day."""
        message.stop()
        self.do_evidence()

    def can_evidence(self) -> bool:
        """A visit is selected."""
        return self.pane("visits").key is not None

    def do_evidence(self) -> None:
        """The values of the selected visit, and what was given or begun since the one before."""
        key = self.pane("visits").key
        row = next((v for v in (self.chart.visits if self.chart else ()) if words.day(v["at"]) == key), None)
        if row is None:
            return
        from pain_tui.tui.screens.evidence import EvidenceDialog

        lines = [
            line(f"average pain (NRS)   {words.number(row.get('nrs'))}"),
            line(f"PEG                  {words.number(row.get('peg'))}"),
            line(f"opioid dose (MME)    {row.get('mme') or words.UNKNOWN}"),
            *paragraph(f"since the visit before: {row.get('event') or 'nothing recorded'}", 72, indent="  "),
        ]
        self.clinic.push_screen(EvidenceDialog(f"Visit {key}", lines))

    def do_new(self) -> None:
        """Enter today's pain."""
        if self.chart is None:
            return
        field = next((f for f in self.chart.fields if f.fact == "nrs_average"), None)
        if field is None:
            self.notify("No field for average pain is known to this program's tables.")
            return
        from pain_tui.tui.screens.field import FieldDialog

        self.clinic.push_screen(FieldDialog(self.clinic.desk, self.chart, field), self._entered)

    def _entered(self, edit: Edit | None) -> None:
        if edit is not None:
            self.clinic.put(edit)
