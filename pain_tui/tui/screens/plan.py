"""Plan: compare the options for this person, see what could go wrong, choose. The clinician chooses."""

from typing import ClassVar

from pain_tui.tui.actions import named
from pain_tui.tui.bindings import bindings
from pain_tui.tui.chart import Chart, Row
from pain_tui.tui.panes import compare
from pain_tui.tui.panes import draft as draft_panes
from pain_tui.tui.panes import plan as panes
from pain_tui.tui.panes.why import why
from pain_tui.tui.screens.base import ClinicScreen
from pain_tui.tui.screens.planning import Planning
from pain_tui.tui.widgets.lines import Line, quiet, rule
from pain_tui.tui.widgets.pane import Pane

CHROME = 8  # rows of header, footer and the frames of options and warnings
FEWEST = 7  # rows of options, as long as every STOP stays in full


class PlanScreen(Planning, ClinicScreen):
    """Options, their warnings and the draft at left; why this estimate at right."""

    BINDINGS: ClassVar = bindings("plan")
    screen_id = "plan"
    left = (
        ("options", "Plan", True),
        ("plan-warnings", "Warnings for this plan", True),
        ("draft", "Draft plan", True),
    )
    right = (("why", "Why this estimate", False),)
    order = "listed"

    def selected_option(self) -> Row | None:
        """The option under the mark."""
        key = self.pane("options").key
        return next(
            (
                o
                for o in ((self.chart.problem or {}).get("options", []) if self.chart else ())
                if o["option"] == key
            ),
            None,
        )

    def selected_finding(self) -> Row | None:
        """The warning under the mark of the warnings pane."""
        pane = self.pane("plan-warnings")
        if self.chart is None or pane.key is None:
            return None
        option = self.pane("options").key
        return panes.for_plan(self.chart, option)[int(pane.key.partition(":")[2])]

    def fill(self) -> None:
        """Options, warnings, draft, why."""
        chart = self.chart
        if chart is None:
            return
        self._options(chart)
        option = self.selected_option()
        draft = self.pane("draft")
        draft.set_class(not self.wide and self.size.height < 34, "hidden")
        state = str((chart.plan or {}).get("state", "no plan yet"))
        draft.show(
            draft_panes.draft_lines(chart, option, draft.room),
            title="Signed plan" if state == "signed" else "Draft plan",
            count="not signed" if state == "draft" else state,
        )
        taken = draft.fit(8 if self.size.height >= 38 else 5)
        self._warnings(chart, option, self._share(chart, 0 if draft.has_class("hidden") else taken))
        self._why(chart, option)

    def _share(self, chart: Chart, taken: int) -> int:
        """Rows for the warnings: every STOP of every option in full, then options, then the rest of what is said."""
        pane, walk = self.pane("options"), self.query_one("#walk").display
        room = self.size.height - CHROME - bool(walk) - taken
        listed = [*(chart.problem or {}).get("options", []), None]
        stops = max(len(self._lines(chart, option, 0, alone=True)) for option in listed)
        whole = max(len(self._lines(chart, option, 0)) for option in listed)
        shown = max(room - whole, min(FEWEST, room - stops), 1)
        return room - pane.fit(shown) + pane.gutter.height

    def _why(self, chart: Chart, option: Row | None) -> None:
        pane, before = self.pane("why"), self.clinic.before
        if self.clinic.trial and before is not None:
            lines = [
                *compare.short(before, chart, pane.room, most=40),
                rule(),
                quiet(f"{named('compare')} side by side   {named('what_if')} end"),
            ]
            pane.show(lines, title="If it were so")
        else:
            pane.show(why(option, pane.room), title="Why this estimate")

    def _options(self, chart: Chart) -> None:
        pane = self.pane("options")
        width = pane.room
        shown = (chart.problem or {}).get("options", [])
        if not shown:
            pane.show(panes.no_plan(chart, width), count="no options")
            return
        lines = panes.option_lines(chart, self.order, width, headed=self.wide)
        lines += panes.other_order(chart, width)
        height = self.size.height
        if self.wide and height >= 36:
            lines += [rule(), *panes.legend(width)]
        reckoning = self.clinic.calculating
        pane.show(
            lines, count="reckoning: numbers before the change" if reckoning else f"{len(shown)} options"
        )

    def _lines(self, chart: Chart, option: Row | None, room: int, *, alone: bool = False) -> list[Line]:
        """Warnings in so many rows; on a narrow screen the numbers of the option and the draft below them."""
        width = self.pane("plan-warnings").room
        below: list[Line] = []
        if not (self.wide or alone) and option is not None:
            letter = panes.letter_of(chart, self.order, option["option"])
            below = [rule(), *panes.one_line(option, width, letter), *draft_panes.short_lines(chart, width)]
        chosen = option["option"] if option else None
        return [*panes.warning_lines(chart, width, room=room - len(below), selected=chosen), *below]

    def _warnings(self, chart: Chart, option: Row | None, room: int) -> None:
        pane = self.pane("plan-warnings")
        lines = self._lines(chart, option, room)
        stops = sum(
            f["tier"] == "STOP" and not panes.is_answered(chart, f)
            for f in panes.for_plan(chart, option["option"] if option else None)
        )
        pane.show(lines, count=f"{stops} STOP open" if stops else "no STOP open")

    def on_pane_moved(self, message: Pane.Moved) -> None:
        """Another option: warnings, check and why follow. Another warning: only the keys."""
        if message.pane.id == "options":
            super().on_pane_moved(message)
        else:
            message.stop()

    def on_pane_chosen(self, message: Pane.Chosen) -> None:
        """Enter on a goal changes it, on a warning it opens the value that the warning rests on; else the evidence."""
        message.stop()
        kind, _, row_id = message.key.partition(":")
        if kind == "goal":
            self.edit_goal(row_id)
        elif message.pane.id != "plan-warnings" or not self.answer_by_value():
            self.do_evidence()

    # --- keys -------------------------------------------------------------------------------------------

    def do_order(self) -> None:
        """As listed, by response, by extra, by harm."""
        self.order = panes.ORDERS[(panes.ORDERS.index(self.order) + 1) % len(panes.ORDERS)]
        self.fill()

    def can_evidence(self) -> bool:
        """Something is selected."""
        return self.selected_option() is not None or self.selected_finding() is not None

    def do_evidence(self) -> None:
        """Inputs, source and date behind the option or the warning in focus."""
        from pain_tui.tui.screens.evidence import EvidenceDialog, of_finding, of_option

        chart, finding, option = self.chart, self.selected_finding(), self.selected_option()
        if chart is None:
            return
        if self.focused is self.pane("plan-warnings") and finding is not None:
            self.clinic.push_screen(EvidenceDialog(*of_finding(finding, chart, self.clinic.desk)))
        elif option is not None:
            self.clinic.push_screen(EvidenceDialog(*of_option(option, chart, self.clinic.desk)))

    # --- reading more -----------------------------------------------------------------------------------

    def can_against(self) -> bool:
        """An option is selected."""
        return self.selected_option() is not None

    can_forest = can_against

    def do_against(self) -> None:
        """The strongest case against the selected option."""
        from pain_tui.tui.panes.against import against_lines
        from pain_tui.tui.screens.dialog import WrappedDialog

        option, chart = self.selected_option(), self.chart
        if option is not None and chart is not None:
            name = f"The case against: {option['name']}"
            self.clinic.push_screen(WrappedDialog(name, lambda width: against_lines(chart, option, width)))

    def do_forest(self) -> None:
        """Every row of the evidence for it, with the pool."""
        from pain_tui.tui.panes.forest import forest_lines
        from pain_tui.tui.screens.dialog import WrappedDialog

        option, problem = self.selected_option(), self.chart.problem if self.chart else None
        if option is None or problem is None or not problem.get("condition"):
            return
        shape = self.clinic.desk.forest(problem["condition"], option["option"])
        self.clinic.push_screen(
            WrappedDialog(f"Evidence: {option['name']}", lambda width: forest_lines(shape, width), wide=True)
        )
