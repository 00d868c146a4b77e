"""The program on the screen: which file, which person, which screen; asks the desk, shows what comes back.

Only formats and asks: every number comes from the desk. Work happens in workers, never in a key handler.
"""

from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, ClassVar

from rich.style import Style as RichStyle
from textual.geometry import Size
from textual.screen import Screen

from pain_tui.errors import PainTuiError
from pain_tui.tui import messages
from pain_tui.tui.background import Background
from pain_tui.tui.bindings import ActionProvider
from pain_tui.tui.chart import Chart, ClinicRow
from pain_tui.tui.draft import Draft, Edit
from pain_tui.tui.ending import Ending
from pain_tui.tui.listing import Listing
from pain_tui.tui.lock import Locking
from pain_tui.tui.screens.base import ClinicScreen
from pain_tui.tui.theme import THEMES, styles
from pain_tui.tui.widgets.header import Standing

if TYPE_CHECKING:
    from pain_tui.tui.desk import Desk

NO_STYLE = RichStyle()
SMALLEST = Size(80, 24)
EXPOSURES = 12  # visits whose opioid dose is worked out
FIRST_FRAME = 0.1  # seconds that the first frame has for itself before knowledge and model are loaded


class PainTui(Locking, Listing, Ending, inherit_bindings=False):
    """Six screens on one patient file."""

    TITLE = "pain-tui"
    CSS_PATH = "app.tcss"
    COMMANDS: ClassVar = {ActionProvider}
    BINDINGS: ClassVar = [
        ("tab", "app.focus_next", "Next"),
        ("shift+tab", "app.focus_previous", "Previous"),
        ("ctrl+c", "hint", "Leave"),
    ]

    def __init__(
        self,
        desk: "Desk",
        *,
        theme: str = THEMES[0].name,
        watch_terminal: bool = True,
        lock_after: float | None = None,
        keep_trace: Callable[[BaseException], object] | None = None,
    ) -> None:
        """keep_trace: keeps an error's trace without values; what it returns (the log's path) is told.

        lock_after: seconds without a key after which an encrypted file's screens lock; None: never.
        """
        Locking.__init__(self, lock_after)
        Ending.__init__(self, keep_trace)
        Listing.__init__(self)
        self.desk = desk
        self.chart: Chart | None = None
        self.draft: Draft | None = None
        self._styles: dict[str, RichStyle] = {}
        self._styles_of = ""
        self.background = Background()
        self._then: str | None = None  # the screen to show when the person is read
        self._after_save: Callable[[], None] | None = None
        self._asked = 0  # number of the last question about a person
        self._answered = 0  # and of the one whose answer is shown
        self._exposed = 0  # and of the last one whose earlier opioid doses were asked for
        self._watch_terminal = watch_terminal
        for entry in THEMES:
            self.register_theme(entry)
        self.theme = theme

    def piece_style(self, name: str) -> RichStyle:
        """The style of a word of lines.STYLES in the present theme."""
        if self._styles_of != self.theme:
            self._styles, self._styles_of = styles(self.current_theme), self.theme
        return self._styles.get(name, NO_STYLE)

    @property
    def file_name(self) -> str:
        """The patient file's name, for sentences."""
        return self.desk.file_name

    def on_mount(self) -> None:
        """The clinic list, or the passphrase first."""
        if self._watch_terminal:
            from pain_tui.tui import hangup

            hangup.watch(self)
        if self.desk.is_open:
            self.set_timer(FIRST_FRAME, self.count_warnings)
        else:
            self._unlock()

    def get_default_screen(self) -> Screen[None]:
        """The clinic list is the first screen: nothing blank is drawn before it."""
        if self.desk.is_open:
            self.take(*self.desk.clinic())
        return self._installed("patients")

    def _unlock(self) -> None:
        dialog = _dialog("unlock", "UnlockDialog")(self.desk)
        self.push_screen(dialog, self._unlocked)

    def _unlocked(self, opened: bool | None) -> None:
        if not opened:
            self.exit()
            return
        self.take(*self.desk.clinic())
        self.renew()
        self.count_warnings()

    # --- screens ----------------------------------------------------------------------------------------

    def go(self, name: str) -> None:
        """Open one of the six screens; a person's screen opens the selected person first."""
        if name != "patients" and self.chart is None:
            if self.draft is not None:  # somebody is being opened already
                self._then = name
                return
            selected = getattr(self.screen, "selected", None)
            if isinstance(selected, ClinicRow):
                self.open_person(selected.person, name)
            else:
                self.notify("Choose a person first.")
            return
        self._show(name)

    def _show(self, name: str) -> None:
        if self.locked:  # which screen lies below is decided once the lock is away
            self._later(lambda: self._show(name))
            return
        wanted, below = self._installed(name), self.screen_stack[0]
        if self.screen is wanted:
            return
        if wanted is below:  # the clinic list stays at the bottom
            self.pop_screen()
        elif self.screen is below:
            self.push_screen(wanted)
        else:
            self.switch_screen(wanted)

    def _installed(self, name: str) -> Screen[None]:
        """One of the six screens, imported and made when it is first asked for."""
        if not self.is_screen_installed(name):
            module = import_module(f"pain_tui.tui.screens.{name}")
            self.install_screen(getattr(module, f"{name.capitalize()}Screen")(), name)
        return self.get_screen(name)

    def check_size(self, size: Size) -> None:
        """Below 80 x 24 a message takes the screen, with the command that prints the same."""
        from pain_tui.tui.screens.too_small import TooSmall

        small = size.width < SMALLEST.width or size.height < SMALLEST.height
        shown = isinstance(self.screen, TooSmall)
        if small and not shown:
            self.push_screen(TooSmall())
        elif not small and shown:
            self.pop_screen()

    def renew(self) -> None:
        """The open screen anew."""
        for screen in self.screen_stack:
            if isinstance(screen, ClinicScreen):
                screen.renew()

    def standing(self) -> Standing:
        """What the header says beyond the person."""
        versions = self.desk.versions
        return Standing(
            kind=self.desk.kind,
            model=versions.get("model"),
            knowledge=versions.get("knowledge"),
            as_of=self.desk.as_of,
            on_list=self.people_by_flag() if self.counted is None else {},
            calculating=self.calculating,
            unsaved=len(self.draft) if self.draft else 0,
            note=f"counting warnings: {self.counted} of {len(self.rows)}" if self.counted is not None else "",
        )

    # --- one person -------------------------------------------------------------------------------------

    def open_person(self, person: str, screen: str) -> None:
        """Read and assess a person, then show the screen; unsaved work of another is asked about."""
        if self.chart is not None and self.chart.identity.person == person:
            self._show(screen)
            return
        self.leaving(lambda: self._open(person, screen))

    def _open(self, person: str, screen: str) -> None:
        self.draft = Draft(person)
        self._then = screen
        self.assess()

    def assess(self) -> None:
        """The open person anew, draft edits laid over, in a worker."""
        draft = self.draft
        if draft is None:
            return
        self._asked += 1
        asked, edits = self._asked, draft.effective()
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
        self.chart = message.chart
        self._answered = message.asked
        then, self._then = self._then, None
        if then:
            self._show(then)
        self.renew()

    def read_exposure(self) -> None:
        """Opioid dose on the days of the visits: only Monitor needs it, so only Monitor asks."""
        chart, draft, asked = self.chart, self.draft, self._asked
        if chart is None or draft is None or self._exposed == asked:
            return
        self._exposed = asked
        days, edits = [row["at"] for row in chart.visits[:EXPOSURES]], draft.effective()
        self.work(
            "exposure", lambda: messages.ExposureRead(self.desk.exposures(draft.person, edits, days), asked)
        )

    def on_exposure_read(self, message: messages.ExposureRead) -> None:
        """Into the visits, unless the person was read anew meanwhile."""
        if self.chart is not None and message.asked == self._asked:
            visits = tuple(
                {**row, "mme": message.mme.get(row["at"], row.get("mme"))} for row in self.chart.visits
            )
            self.chart = replace(self.chart, visits=visits)
            self.renew()

    @property
    def calculating(self) -> bool:
        """The numbers on the screen are not yet those of the last change."""
        return self.draft is not None and self._answered != self._asked

    def put(self, edit: Edit) -> None:
        """Lay an unsaved edit over the person; the numbers follow at once."""
        if self.draft is not None:
            self.draft.put(edit)
            self.assess()
            self.renew()

    # --- leaving and saving -----------------------------------------------------------------------------

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
                go_on()

        self.push_screen(_dialog("unsaved", "UnsavedDialog")(self.draft.words(6)), answered)

    def do_save(self, then: Callable[[], None] | None = None) -> None:
        """Store the draft: one transaction, or nothing."""
        draft = self.draft
        if not draft or not len(draft):
            return
        edits, said = draft.effective(), draft.words(2)

        def work() -> messages.Saved:
            self.desk.save(draft.person, edits)
            return messages.Saved(said)

        self._after_save = then
        self.work("save", work, retry=self.do_save)

    def on_saved(self, message: messages.Saved) -> None:
        """Say so; read the person anew from the file."""
        if self.draft:
            self.draft = Draft(self.draft.person)
        self.notify(f"Saved: {message.words}.")
        then, self._after_save = self._after_save, None
        if then:
            then()
        else:
            self.assess()

    def do_undo(self) -> None:
        """Take back the last unsaved change."""
        edit = self.draft.undo() if self.draft else None
        if edit:
            self.notify(f"Taken back: {edit.says}.")
            self.renew()
            self.assess()

    def do_back(self) -> None:
        """One step back: to the clinic list; asks when work is unsaved."""

        def leave() -> None:
            self.chart = self.draft = None
            self._show("patients")

        self.leaving(leave)

    def do_quit(self) -> None:
        """End; asks when work is unsaved."""
        self.leaving(self.exit)

    def action_hint(self) -> None:
        """ctrl+c: how to leave."""
        self.notify("q leaves, from the clinic list; esc goes one step back.")

    # --- everywhere -------------------------------------------------------------------------------------

    def do_help(self) -> None:
        """What this screen shows, and its keys."""
        self.push_screen(_dialog("help", "HelpDialog")(getattr(self.screen, "screen_id", "patients")))

    def do_palette(self) -> None:
        """Find any action by name."""
        self.action_command_palette()

    def do_blank(self) -> None:
        """Hide everything until the same key is pressed again."""
        self.push_screen(_dialog("blank", "BlankScreen")())

    def do_warnings(self) -> None:
        """All warnings of the open person."""
        if self.chart:
            self.push_screen(_dialog("warnings", "WarningsDialog")(self.chart))

    def do_missing(self) -> None:
        """What cannot be said, and why."""
        if self.chart:
            self.push_screen(_dialog("warnings", "WarningsDialog")(self.chart, limits=True))

    def do_retry(self) -> None:
        """Read the person again."""
        self.assess()

    def work(self, group: str, work: Callable[[], object], retry: Callable[[], None] | None = None) -> None:
        """Run off the main thread; what it returns is posted, what goes wrong is told."""

        def run() -> None:
            try:
                answer = work()
            except PainTuiError as error:
                self.post_message(messages.Failed(error.message, error.hint, retry))
            except (
                Exception
            ) as error:  # a bug of ours must not take the open screen and its unsaved work along
                if not self.leaving_now:
                    self.post_message(messages.Failed(*self._bug(error), retry))
            else:
                if isinstance(answer, messages.Message):
                    self.post_message(answer)

        self.background.start(group, run)

    def on_failed(self, message: messages.Failed) -> None:
        """The whole text, what to do, and a way to try again."""
        self.reading = False
        self.renew()
        self.push_screen(_dialog("error", "ErrorDialog")(message.what, message.hint, message.retry))


def _dialog(module: str, name: str) -> Callable[..., Screen]:
    """A dialog's class, imported when it is first needed."""
    return getattr(import_module(f"pain_tui.tui.screens.{module}"), name)
