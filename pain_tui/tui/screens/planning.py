"""What can be decided on the plan screen: into the plan, declined, answered, signed; goals."""

from typing import TYPE_CHECKING, Any

from pain_tui.tui.actions import named
from pain_tui.tui.chart import Chart, Row
from pain_tui.tui.draft import Edit
from pain_tui.tui.panes import draft as draft_panes
from pain_tui.tui.panes import plan as panes

if TYPE_CHECKING:
    from pain_tui.tui.app import PainTui
    from pain_tui.tui.widgets.pane import Pane


class Planning:
    """Part of the plan screen (plan.py)."""

    clinic: "PainTui"
    chart: Chart | None
    focused: Any
    pane: Any

    def selected_option(self) -> Row | None:
        """The option under the mark."""
        raise NotImplementedError

    def selected_finding(self) -> Row | None:
        """The warning under the mark."""
        raise NotImplementedError

    def _is_focused(self, name: str) -> bool:
        pane: Pane = self.pane(name)
        return self.focused is pane

    # --- chosen and declined ----------------------------------------------------------------------------

    def can_add(self) -> bool:
        """An option is selected."""
        return self.selected_option() is not None

    def do_add(self) -> None:
        """Into the draft plan, or out of it."""
        option, chart = self.selected_option(), self.chart
        if option is None or chart is None:
            return
        inside = panes.in_plan(chart, option["option"]) and (chart.plan or {}).get("state") == "draft"
        if option.get("declined") and not inside:
            self.clinic.notify(f"{option['name']} is declined. {named('decline')} takes that back first.")
        else:
            self.clinic.put(self._plan_edit(chart, option, inside=inside))

    def _plan_edit(self, chart: Chart, option: Row, *, inside: bool) -> Edit:
        plan = chart.plan or {}
        drafted = plan if plan.get("state") == "draft" else {}
        others = [name for name in drafted.get("options") or [] if name != option["option"]]
        kept = {name: drafted[name] for name in ("plan", "stop_rule", "note") if drafted.get(name)}
        values = {
            "problem": (chart.problem or {}).get("problem"),
            "options": others if inside else [*others, option["option"]],
            "state": "draft",
            **kept,
        }
        says = f"plan {'-' if inside else '+'} {option['name']}"
        return Edit("plan", "add", chart.identity.person, None, values, says, "plan")

    def can_decline(self) -> bool:
        """An option other than watching is selected."""
        option = self.selected_option()
        return option is not None and option["option"] != "watch"

    def do_decline(self) -> None:
        """The person does not want it; again: they would after all."""
        option, chart = self.selected_option(), self.chart
        if option is None or chart is None:
            return
        person, name, slot = chart.identity.person, option["name"], f"declined:{option['option']}"
        rows = [row for row in draft_panes.of_kind(chart, "declined") if row["option"] == option["option"]]
        edits = [
            Edit("preference", "retire", person, str(row["row_id"]), {}, f"{name}: declined no longer", f"{slot}:{row['row_id']}",
                 "wanted after all")
            for row in rows if not str(row["row_id"]).startswith("draft-")
        ]  # fmt: skip
        if any(str(row["row_id"]).startswith("draft-") for row in rows):
            edits.append(Edit("preference", "none", person, None, {}, f"{name}: declined no longer", slot))
        if not rows:
            values = {"kind": "declined", "option": option["option"], "at": chart.as_of}
            edits = [Edit("preference", "add", person, None, values, f"{name} declined", slot)]
            if panes.in_plan(chart, option["option"]) and (chart.plan or {}).get("state") == "draft":
                edits.append(self._plan_edit(chart, option, inside=True))
        self.clinic.put(*edits)

    # --- goals ------------------------------------------------------------------------------------------

    def do_new(self) -> None:
        """Write a goal."""
        self._goal(None)

    def edit_goal(self, row_id: str) -> None:
        """Change or drop a goal."""
        if self.chart is not None:
            rows = [row for row in draft_panes.of_kind(self.chart, "goal") if str(row["row_id"]) == row_id]
            if rows:
                self._goal(rows[0])

    def _goal(self, row: Row | None) -> None:
        from pain_tui.tui.screens.goal import GoalDialog

        if self.chart is not None:
            self.clinic.push_screen(GoalDialog(self.chart, row), self._answered)

    # --- answers to warnings ----------------------------------------------------------------------------

    def _answerable(self, tier: str) -> Row | None:
        finding, chart = self.selected_finding(), self.chart
        if chart is None:
            return None
        if self._is_focused("plan-warnings") and finding and finding["tier"] == tier:
            return None if panes.is_answered(chart, finding) else finding
        option = self.pane("options").key
        open_ones = [
            f for f in panes.for_plan(chart, option) if f["tier"] == tier and not panes.is_answered(chart, f)
        ]
        return open_ones[0] if open_ones else None

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

    def answer_by_value(self) -> bool:
        """Open the form of a value that the selected warning rests on; False when none of them can be entered."""
        finding, chart = self.selected_finding(), self.chart
        if finding is None or chart is None:
            return False
        inputs = finding.get("inputs") or {}
        field = next((field for field in chart.fields if field.fact in inputs), None)
        if field is None:
            return False
        from pain_tui.tui.screens.field import FieldDialog

        self.clinic.push_screen(FieldDialog(self.clinic.desk, chart, field), self._answered)
        return True

    def _answered(self, edit: Edit | None) -> None:
        if edit is not None:
            self.clinic.put(edit)

    # --- signing ----------------------------------------------------------------------------------------

    def do_sign(self) -> None:
        """What keeps the draft from being signed; else sign it and save."""
        chart, clinic = self.chart, self.clinic
        if chart is None:
            return
        plan = chart.plan or {}
        if clinic.trial is not None:
            clinic.notify(f"This is a what-if; {named('what_if')} ends it first.")
        elif clinic.calculating:
            clinic.notify("The last change is still being reckoned; sign when its numbers are there.")
        elif plan.get("state") == "signed":
            clinic.notify(f"This plan is signed. {named('add')} begins a new draft.")
        elif not plan.get("options"):
            clinic.notify(f"Nothing is chosen yet: {named('add')} adds the selected option.")
        else:
            from pain_tui.tui.screens.sign import SignDialog

            clinic.push_screen(SignDialog(chart, clinic.desk.actor), self._signed)

    def _signed(self, edits: list[Edit] | None) -> None:
        if edits:
            self.clinic.put(*edits)
            self.clinic.do_save()
