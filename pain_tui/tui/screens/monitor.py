"""Monitor: is it working for this person, is it safe, what is due."""

from typing import ClassVar

from pain_tui.tui import words
from pain_tui.tui.bindings import bindings
from pain_tui.tui.draft import Edit
from pain_tui.tui.panes import diary
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
        self.clinic.read_course()
        visits, pain = self.pane("visits"), self.pane("pain")
        visits.show(panes.visit_lines(chart, visits.room), count=words.count(len(chart.visits), "visit"))
        taken = visits.fit(max(self.size.height - 24, 4) if self.wide else 8)
        if self.wide:
            said = panes.trend_lines(chart, pain.room)
            pain.show([*panes.plot(chart, pain.room), rule(), *said], title="Pain and function")
            pain.take_rest()
        else:
            pain.show(
                [*panes.values(chart, pain.room), *panes.said_lines(chart, pain.room)],
                title="Pain and function",
            )
            below = self.pane("monitor-below")
            below.show(panes.due_lines(chart, below.room))
            pain.fit(max(self.size.height - 9 - taken - min(len(below.lines), 6), 4))
        said_pane, due = self.pane("said"), self.pane("due")
        said_pane.show(panes.said_lines(chart, said_pane.room))
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
        if key is not None and key.startswith(diary.KEY):
            self._diary(key)
            return
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

    def _diary(self, key: str) -> None:
        from pain_tui.tui.screens.dialog import WrappedDialog

        chart = self.chart
        one = diary.mapping(chart).get(key) if chart else None
        if chart is not None and one is not None:
            self.clinic.push_screen(
                WrappedDialog(
                    f"Diary: {one.symptom}", lambda width: diary.whole(chart, one, width), wide=True
                )
            )

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
