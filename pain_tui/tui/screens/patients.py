"""The clinic list: who needs me first."""

from typing import TYPE_CHECKING, ClassVar

from pain_tui.tui.actions import named
from pain_tui.tui.bindings import bindings
from pain_tui.tui.chart import ClinicRow
from pain_tui.tui.clinic_page import ORDERS, PAGE, ClinicPage
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
    right_width = 32  # at 100 columns every column of the list is whole
    below = "Preview"

    _landing: bool | None = None  # on the next page the last line is selected (True), or the first (False)

    @property
    def selected(self) -> ClinicRow | None:
        """The person under the mark."""
        key = self.pane("patients-list").key
        return self.clinic.row_of(key) if key else None

    def fill(self) -> None:
        """List and preview."""
        pane = self.pane("patients-list")
        page, width = self.clinic.page, pane.room
        lines: list[Line] = [panes.heading(width), *(panes.row_line(row, width) for row in page.rows)]
        if not page.rows:
            lines = self.clinic.list_state_lines() or panes.empty(bool(page.total), self.clinic.file_name)
        lines += panes.footnotes(page, self._counting(), width)
        filtered = f"find: {page.asked.find}   " if page.asked.find else ""
        pane.show(lines, count=f"{filtered}order: {page.asked.order}   {panes.place(page)}")
        if self._landing is not None and page.asked == self.clinic.asked and not self.clinic.reading_page:
            landing, self._landing = self._landing, None
            pane.edge(landing)
        self._beside()

    def _counting(self) -> str:
        clinic = self.clinic
        return panes.counting_words(
            clinic.counted, clinic.to_count, clinic.counts_all, clinic.people_counted, clinic.page.total
        )

    def _beside(self) -> None:
        preview, row = self.pane("patients-preview"), self.selected
        # Lessons are read from their files: not before the first frame, when nothing is counted yet.
        lesson = row is not None and row.counts is not None and self.clinic.can_lesson()
        preview.show(panes.preview(row, preview.room, lesson=lesson))
        if not self.wide:
            below = self.pane("patients-below")
            keys = f"{named('lesson')}: what this teaching case asks" if lesson else ""
            below.show(panes.two_lines(row, below.room), count=keys)
            below.fit(2)

    def on_pane_moved(self, message: Pane.Moved) -> None:
        """Only the preview changes: the list may be long."""
        message.stop()
        self.clinic.browsing = True
        self._beside()

    def on_pane_beyond(self, message: Pane.Beyond) -> None:
        """The next page, the one before, or the ends of the list."""
        message.stop()
        page = self.clinic.page
        last = max(page.matching - 1, 0) // PAGE * PAGE
        offset = (last if message.step > 0 else 0) if message.far else page.offset + message.step * PAGE
        if message.pane.id == "patients-list" and 0 <= offset <= last and offset != page.offset:
            self._landing = message.step > 0 if message.far else message.step < 0
            self.clinic.ask(offset=offset)

    def on_screen_resume(self) -> None:
        """Back on the list: what was changed meanwhile is read."""
        super().on_screen_resume()
        self.clinic.list_again()

    def on_pane_chosen(self, message: Pane.Chosen) -> None:
        """Open this person."""
        message.stop()
        self.clinic.open_person(message.key, "genotype")

    def on_input_changed(self, event: "Input.Changed") -> None:
        """Find while typing, in the whole clinic."""
        if event.value != self.clinic.asked.find:
            self._landing = False
            self.clinic.ask(find=event.value)

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
        box = Input(self.clinic.asked.find, placeholder="find by name, number or problem", id="find")
        self.query_one("#left-patients").mount(box, before=0)
        box.focus()

    def do_order(self) -> None:
        """By flag, by name, by next visit."""
        at = ORDERS.index(self.clinic.asked.order)
        self._landing = False
        self.clinic.ask(order=ORDERS[(at + 1) % len(ORDERS)])

    def do_next_stop(self) -> None:
        """To the next person with a STOP."""
        page, pane = self.clinic.page, self.pane("patients-list")
        stops = [row.person for row in page.rows if row.flag == "STOP"]
        if not stops:
            self.notify(self._no_stop(page))
            return
        after = stops[(stops.index(pane.key) + 1) % len(stops)] if pane.key in stops else stops[0]
        pane.select(after)
        pane.focus()

    def _no_stop(self, page: ClinicPage) -> str:
        if self.clinic.counted is not None:
            return "Warnings are still being counted."
        if page.is_all:
            return "Nobody on this list has a STOP."
        return "Nobody on this page has a STOP; the order by flag puts those who have one first."

    def do_retry(self) -> None:
        """Read the list again."""
        self.clinic.read_clinic()

    def key_escape(self) -> None:
        """Clears the filter."""
        self.query("#find").remove()
        self.pane("patients-list").focus()
        if self.clinic.asked.find:
            self._landing = False
            self.clinic.ask(find="")
