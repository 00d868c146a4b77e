"""History: what is taken and what it adds up to, what was tried, what the problem is."""

from typing import ClassVar

from pain_tui.tui.bindings import bindings
from pain_tui.tui.chart import Row
from pain_tui.tui.draft import Edit
from pain_tui.tui.panes import history as panes
from pain_tui.tui.screens.base import ClinicScreen
from pain_tui.tui.widgets.lines import Line, Piece, line, rule
from pain_tui.tui.widgets.pane import Pane


class HistoryScreen(ClinicScreen):
    """Medicines first, since that is where harm is."""

    BINDINGS: ClassVar = bindings("history")
    screen_id = "history"
    left = (("medicines", "Medicines", True),)
    right = (("tried", "What has been tried", True), ("problems", "Pain and problems", False))
    right_width = None
    section = 0

    def fill(self) -> None:
        """All sections side by side when wide, one at a time when narrow."""
        chart = self.chart
        if chart is None:
            return
        main = self.pane("medicines")
        width = main.room
        main.show(self._main(width), title="Medicines" if self.wide else "History", count=self._count())
        if self.wide:
            for name in ("tried", "problems"):
                pane = self.pane(name)
                pane.show(getattr(panes, name)(chart, pane.room))
            self.pane("tried").border_subtitle = f"{len(chart.treatments)} entries"

    def _count(self) -> str:
        if not self.wide:
            return f"{self.section + 1} of {len(panes.SECTIONS)} sections"
        review = self.chart.reviews.get("medication") if self.chart else None
        if review is None:
            return "list never confirmed"
        return f"{'CAUTION: ' if review.get('is_old') else ''}reconciled {str(review['at'])[:10]}"

    def _main(self, width: int) -> list[Line]:
        chart = self.chart
        assert chart is not None
        if self.wide:
            return [
                *panes.medicines(chart, width),
                *panes.medicine_warnings(chart, width),
                rule(),
                panes.reviewed(chart),
            ]
        names = [
            f"[{name}]" if number == self.section else f" {name} "
            for number, name in enumerate(panes.SECTIONS)
        ]
        top = [line(Piece("  ".join(names), "head"), Piece("   tab: next section", "quiet")), rule()]
        if self.section == 1:
            return [*top, *panes.tried(chart, width)]
        if self.section == 2:
            return [*top, *panes.problems(chart, width)]
        return [
            *top,
            *panes.medicines(chart, width),
            *panes.medicine_warnings(chart, width),
            panes.reviewed(chart),
        ]

    def key_tab(self) -> None:
        """The next section when narrow, the next pane when wide."""
        if self.wide:
            self.focus_next()
        else:
            self.section = (self.section + 1) % len(panes.SECTIONS)
            self.fill()

    def on_pane_chosen(self, message: Pane.Chosen) -> None:
        """Edit or stop the selected medicine."""
        message.stop()
        kind, _, row_id = message.key.partition(":")
        row = next(
            (m for m in (self.chart.medicines if self.chart else ()) if str(m.get("row_id")) == row_id), None
        )
        if kind == "medication" and row is not None:
            self._form(row)

    def do_tab_section(self) -> None:
        """As tab."""
        self.key_tab()

    def _selected(self) -> tuple[str, Row | None]:
        pane = self.focused if isinstance(self.focused, Pane) else self.pane("medicines")
        kind, _, row_id = (pane.key or "").partition(":")
        rows: tuple[Row, ...] = (
            ()
            if self.chart is None
            else self.chart.medicines
            if kind == "medication"
            else self.chart.treatments
        )
        return kind, next((row for row in rows if str(row.get("row_id")) == row_id), None)

    def can_evidence(self) -> bool:
        """A medicine or a treatment is selected."""
        return self._selected()[1] is not None

    def do_evidence(self) -> None:
        """All that is recorded of it, and the warnings that name it."""
        kind, row = self._selected()
        if row is None or self.chart is None:
            return
        from pain_tui.tui.screens.evidence import EvidenceDialog, of_row

        name = str(row.get("ingredient") or row.get("drug") or panes.treatment_name(row))
        self.clinic.push_screen(EvidenceDialog(f"{kind.capitalize()}: {name}", of_row(row, name, self.chart)))

    def do_new(self) -> None:
        """Enter a medicine."""
        self._form(None)

    def _form(self, row: Row | None) -> None:
        from pain_tui.tui.screens.medicine import MedicineDialog

        assert self.chart is not None
        self.clinic.push_screen(MedicineDialog(self.clinic.desk, self.chart, row), self._entered)

    def _entered(self, edits: list[Edit] | None) -> None:
        for edit in edits or []:
            self.clinic.put(edit)

    def do_opioids(self) -> None:
        """The opioid panel of this person."""
        from pain_tui.tui.panes import opioid
        from pain_tui.tui.screens.dialog import WrappedDialog

        chart = self.chart
        if chart is not None:
            self.clinic.push_screen(WrappedDialog("Opioid panel", lambda width: opioid.panel(chart, width)))

    def do_confirm(self) -> None:
        """State the list of medicines complete today."""
        assert self.chart is not None
        self.clinic.put(
            Edit(
                table="list_review", op="add", person=self.chart.identity.person, row_id=None,
                values={"list": "medication", "complete": True},
                says="medicines confirmed", slot="review:medication",
            )
        )  # fmt: skip
