"""The open person of the running program: read, changed, tried out, saved; nothing unsaved is ever lost in silence."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, Any

from pain_tui.errors import PainTuiError
from pain_tui.tui import messages
from pain_tui.tui.actions import named
from pain_tui.tui.chart import Chart
from pain_tui.tui.draft import Draft, Edit

if TYPE_CHECKING:
    from textual.screen import Screen

    from pain_tui.tui.background import Background
    from pain_tui.tui.desk import Desk

EXPOSURES = 12  # visits whose opioid dose is worked out


def dialog(module: str, name: str) -> Callable[..., "Screen[Any]"]:
    """A dialog's class, imported when it is first needed."""
    return getattr(import_module(f"pain_tui.tui.screens.{module}"), name)


class Visit:
    """Part of the program (app.py): one person, the draft laid over, what-if on top of it, saving."""

    desk: "Desk"
    background: "Background"
    renew: Callable[[], None]
    work: Callable[..., None]
    notify: Callable[..., None]
    forget: Callable[[str], None]
    push_screen: Callable[..., Any]
    _show: Callable[[str], None]

    def __init__(self) -> None:
        self.chart: Chart | None = None
        self.draft: Draft | None = None
        self.trial: Draft | None = None  # what-if: laid over the draft, never stored
        self.before: Chart | None = None  # the person as it was when what-if began
        self._then: str | None = None  # the screen to show when the person is read
        self._after_save: Callable[[], None] | None = None
        self.opening = False  # somebody is being read for the first time
        self._asked = 0  # number of the last question about a person
        self._answered = 0  # and of the one whose answer is shown
        self._exposed = 0  # and of the last one whose earlier opioid doses were asked for
        self._tried: tuple[list[Edit], Chart] | None = None  # the last answer while typing
        self._told_not_kept = False

    # --- reading ----------------------------------------------------------------------------------------

    def open_person(self, person: str, screen: str) -> None:
        """Read and assess a person, then show the screen; unsaved work of another is asked about."""
        if self.chart is not None and self.chart.identity.person == person:
            self._show(screen)
            return
        self.leaving(lambda: self._open(Draft(person), screen))

    def _open(self, draft: Draft, screen: str) -> None:
        self.draft, self.trial, self.before = draft, None, None
        self._then, self._tried = screen, None
        self.assess()
        self.renew()  # what is being opened is said at once

    def opening_note(self) -> str:
        """Who is being opened, until that person is on the screen."""
        return f"opening {self.draft.person} ..." if self.draft is not None and self.opening else ""

    def edits(self) -> list[Edit]:
        """Every change laid over the file: the draft, what-if on top."""
        both = [
            *(self.draft.edits if self.draft is not None else ()),
            *(self.trial.edits if self.trial is not None else ()),
        ]
        return Draft("", both).effective()

    def assess(self) -> None:
        """The open person anew, changes laid over, in a worker; of quick changes only the last is reckoned."""
        draft = self.draft
        if draft is None:
            return
        self._asked += 1
        self.opening = self.chart is None
        asked, edits = self._asked, self.edits()
        if self._tried is not None and self._tried[0] == edits:  # reckoned while it was typed
            self.on_chart_read(messages.ChartRead(self._tried[1], asked))
            return
        self.work(
            "chart",
            lambda: messages.ChartRead(self.desk.chart(draft.person, edits), asked),
            retry=self.assess,
        )

    def on_chart_read(self, message: messages.ChartRead) -> None:
        """Show it, unless a newer question is under way."""
        if (
            message.asked != self._asked
            or self.draft is None
            or message.chart.identity.person != self.draft.person
        ):
            return
        self.chart, self.opening = message.chart, False
        self._answered = message.asked
        then, self._then = self._then, None
        if then:
            self._show(then)
        self.renew()

    def read_course(self) -> None:
        """Opioid dose on the days of the visits, diary, verdicts: only Monitor needs them, so only Monitor asks."""
        chart, draft, asked = self.chart, self.draft, self._asked
        if chart is None or draft is None or self._exposed == asked:
            return
        self._exposed = asked
        days, edits = [row["at"] for row in chart.visits[:EXPOSURES]], self.edits()
        self.work("course", lambda: messages.CourseRead(*self.desk.course(draft.person, edits, days), asked))

    def on_course_read(self, message: messages.CourseRead) -> None:
        """Into the chart, unless the person was read anew meanwhile."""
        if self.chart is not None and message.asked == self._asked:
            visits = tuple(
                {**row, "mme": message.mme.get(row["at"], row.get("mme"))} for row in self.chart.visits
            )
            self.chart = replace(self.chart, visits=visits, course=message.course)
            self.renew()

    @property
    def calculating(self) -> bool:
        """The numbers on the screen are not yet those of the last change."""
        return self.draft is not None and self._answered != self._asked

    # --- changing ---------------------------------------------------------------------------------------

    def put(self, *edits: Edit) -> None:
        """Lay unsaved edits over the person; the numbers follow at once."""
        if self.draft is None or any(edit.person != self.draft.person for edit in edits):
            return  # somebody else is being opened
        for edit in edits:
            laid = self.draft if self.trial is None else self.trial
            laid.put(self._with_version(edit, laid.of_slot(edit.slot)))
        self.keep_draft()
        self.assess()
        self.renew()

    def _with_version(self, edit: Edit, before: Edit | None = None) -> Edit:
        """With the version it is made on, so that a row changed meanwhile refuses it; a statement with its day.

        before: the unsaved edit that this one takes the place of: what is in the file now was not seen behind it.
        """
        chart = self.chart
        if chart is None:
            return edit
        if edit.table == "plan" and edit.version is None:
            seen = before.version if before else None
            return replace(edit, version=chart.plans_saved if seen is None else seen)
        if edit.table == "list_review" and "seen" not in edit.values:
            return replace(edit, values={**edit.values, "seen": chart.as_of})
        if edit.op != "add" and edit.row_id is not None and edit.version is None:
            return replace(edit, version=chart.row_versions.get((edit.table, edit.row_id)))
        return edit

    def try_out(self, edits: Sequence[Edit], shown: Callable[[Chart], None]) -> None:
        """What an edit that is still being typed would do; `shown` gets the answer to the last one only."""
        draft = self.draft
        if draft is None:
            return
        over = Draft("", [*self.edits(), *(self._with_version(edit) for edit in edits)]).effective()

        def work() -> messages.Tried:
            return messages.Tried(self.desk.chart(draft.person, over), over, shown)

        self.work("trial", work)

    def on_tried(self, message: messages.Tried) -> None:
        """Remember it: if the edit is taken as it is, its numbers are there already."""
        self._tried = (list(message.edits), message.chart)
        message.shown(message.chart)

    def do_undo(self) -> None:
        """Take back the last unsaved change; in a what-if, the last assumption."""
        if self.background.busy("save"):
            self.notify("Saving is under way.")
            return
        laid = self.trial if self.trial is not None else self.draft
        edit = laid.undo() if laid is not None else None
        if edit:
            self.notify(f"Taken back: {edit.says}.")
            self.keep_draft()
            self.renew()
            self.assess()

    def do_what_if(self) -> None:
        """Begin: every change from now on is an assumption. End: all of them are gone."""
        if self.draft is None or self.chart is None:
            return
        if self.trial is None:
            self.trial, self.before = Draft(self.draft.person), self.chart
            self.notify(f"What if: change anything; nothing is stored. {named('what_if')} ends it.")
        else:
            had = len(self.trial)
            self.trial, self.before = None, None
            self.notify("What-if ended; its assumptions are gone.")
            if had:
                self.assess()
        self.renew()

    # --- keeping, leaving and saving --------------------------------------------------------------------

    def keep_draft(self) -> None:
        """The unsaved changes onto the disk, sealed, in a worker."""

        def work() -> None:
            try:
                self.desk.keep(self.draft)
            except (OSError, PainTuiError):
                if not self._told_not_kept:
                    self._told_not_kept = True
                    raise

        self.work("draft", work)

    def going_away(self) -> None:
        """The terminal is gone: what is unsaved is on the disk, and is made sure of."""
        try:
            self.desk.keep(self.draft)
        except (OSError, PainTuiError):
            return  # nobody is there to be told

    def offer_left_over(self) -> None:
        """Unsaved changes of a window that is gone: take them up, or throw them away."""
        found = next(iter(self.desk.left_over()), None)
        if found is None:
            return

        def answered(answer: str | None) -> None:
            if answer == "take":
                self._open(Draft(found.draft.person, list(found.draft.edits)), "plan")
                self.desk.keep(self.draft)
                found.drop()
            elif answer == "discard":
                found.drop()
                self.offer_left_over()
            else:
                found.lock.close()

        self.push_screen(dialog("unsaved", "LeftOverDialog")(found), answered)

    def leaving(self, go_on: Callable[[], None]) -> None:
        """Go on at once, or ask what to do with unsaved changes first."""
        if not self.draft or not len(self.draft):
            go_on()
            return

        def answered(answer: str | None) -> None:
            if answer == "save":
                self.do_save(go_on)
            elif answer == "discard":
                self.draft = None
                self.going_away()  # at once: it must not be offered again
                go_on()

        self.push_screen(dialog("unsaved", "UnsavedDialog")(self.draft.words(6)), answered)

    def do_save(self, then: Callable[[], None] | None = None) -> None:
        """Store the draft: one transaction, or nothing."""
        draft = self.draft
        if not draft or not len(draft):
            return
        edits, said, number = draft.effective(), draft.words(2), len(draft.edits)

        def work() -> messages.Saved:
            self.desk.save(draft.person, edits)
            return messages.Saved(said, number)

        self._after_save = then
        self.work("save", work, retry=self.do_save)

    def on_saved(self, message: messages.Saved) -> None:
        """Say so; read the person anew from the file. What was changed while it was saved stays unsaved."""
        if self.draft is not None:
            self.forget(self.draft.person)
            self.draft = Draft(self.draft.person, self.draft.edits[message.number :])
        self._tried = None
        self.going_away()  # at once: what is saved must not be offered again
        self.notify(f"Saved: {message.words}.")
        then, self._after_save = self._after_save, None
        if then:
            then()
        else:
            self.assess()
        self.renew()

    def do_back(self) -> None:
        """One step back: out of a what-if, else to the clinic list; asks when work is unsaved."""
        if self.trial is not None:
            self.do_what_if()
            return

        def leave() -> None:
            self.chart = self.draft = None
            self._show("patients")

        self.leaving(leave)
