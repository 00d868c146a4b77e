"""Plan: compare the options for this person, see what could go wrong, choose. The clinician chooses."""

from typing import ClassVar

from pain_tui.tui.bindings import bindings
from pain_tui.tui.chart import Chart, Row
from pain_tui.tui.draft import Edit
from pain_tui.tui.panes import plan as panes
from pain_tui.tui.panes.why import why
from pain_tui.tui.screens.base import ClinicScreen
from pain_tui.tui.widgets.lines import Line, rule
from pain_tui.tui.widgets.pane import Pane


class PlanScreen(ClinicScreen):
    """Options, their warnings and the draft at left; why this estimate at right."""

    BINDINGS: ClassVar = bindings("plan")
    screen_id = "plan"
    left = (
        ("options", "Plan", True),
        ("plan-warnings", "Warnings for this plan", True),
        ("draft", "Draft plan", False),
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
        self._warnings(chart, option)
        draft = self.pane("draft")
        draft.set_class(not self.wide and self.size.height < 30, "hidden")
        draft.show(
            panes.draft_lines(chart, option, draft.room),
            count=str((chart.plan or {}).get("state", "no plan yet")),
        )
        draft.fit(6)
        self.pane("why").show(why(option, self.pane("why").room))

    def _options(self, chart: Chart) -> None:
        pane = self.pane("options")
        width = pane.room
        shown = (chart.problem or {}).get("options", [])
        if not shown:
            pane.show(panes.no_plan(chart, width), count="no options")
            pane.fit(12)
            return
        lines = panes.option_lines(chart, self.order, width)
        if self.wide:
            lines += [rule(), *panes.legend(width)]
        pane.show(lines, count=f"{len(shown)} options")
        pane.fit(max(self.size.height // 2 - 5, 8) if self.wide else 9)

    def _warnings(self, chart: Chart, option: Row | None) -> None:
        pane = self.pane("plan-warnings")
        width = pane.room
        room = max(self.size.height - 28, 4) if self.wide else 2
        lines: list[Line] = panes.warning_lines(
            chart, width, room=room, selected=option["option"] if option else None
        )
        if not self.wide and option is not None:
            lines += [rule(), *panes.one_line(option, width), *panes.draft_lines(chart, option, width)]
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
        """Enter shows the evidence."""
        message.stop()
        self.do_evidence()

    # --- keys -------------------------------------------------------------------------------------------

    def do_order(self) -> None:
        """As listed, by response, by extra, by harm."""
        self.order = panes.ORDERS[(panes.ORDERS.index(self.order) + 1) % len(panes.ORDERS)]
        self.fill()

    def can_add(self) -> bool:
        """An option is selected."""
        return self.selected_option() is not None

    def do_add(self) -> None:
        """Into the draft plan, or out of it."""
        option, chart = self.selected_option(), self.chart
        if option is None or chart is None:
            return
        chosen = (
            list((chart.plan or {}).get("options") or [])
            if (chart.plan or {}).get("state") == "draft"
            else []
        )
        inside = option["option"] in chosen
        chosen = (
            [name for name in chosen if name != option["option"]] if inside else [*chosen, option["option"]]
        )
        self.clinic.put(
            Edit(
                table="plan", op="add", person=chart.identity.person, row_id=None,
                values={"problem": (chart.problem or {}).get("problem"), "options": chosen, "state": "draft"},
                says=f"plan {'-' if inside else '+'} {option['name']}", slot="plan",
            )
        )  # fmt: skip

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

    def _answerable(self, tier: str) -> Row | None:
        finding = self.selected_finding()
        if self.focused is self.pane("plan-warnings") and finding and finding["tier"] == tier:
            return finding
        option = self.pane("options").key
        return (
            next(
                (
                    f
                    for f in panes.for_plan(self.chart, option)
                    if f["tier"] == tier and not panes.is_answered(self.chart, f)
                ),
                None,
            )
            if self.chart
            else None
        )

    def can_override(self) -> bool:
        """A STOP is open."""
        return self._answerable("STOP") is not None

    def do_override(self) -> None:
        """Go on in spite of a STOP: with a reason, stored."""
        finding = self._answerable("STOP")
        if finding is not None and self.chart is not None:
            from pain_tui.tui.screens.override import OverrideDialog

            self.clinic.push_screen(OverrideDialog(finding, self.chart, self.clinic.desk), self._answered)

    def can_acknowledge(self) -> bool:
        """A CAUTION is open."""
        return self._answerable("CAUTION") is not None

    def do_acknowledge(self) -> None:
        """One key, in place."""
        finding = self._answerable("CAUTION")
        if finding is not None and self.chart is not None:
            from pain_tui.tui.screens.override import answer_edit

            self.clinic.put(answer_edit(finding, self.chart, kind="acknowledge", code=None, reason=None))

    def _answered(self, edit: Edit | None) -> None:
        if edit is not None:
            self.clinic.put(edit)
