"""The program on the screen: which file, which person, which screen; asks the desk, shows what comes back.

Only formats and asks: every number comes from the desk. Work happens in workers, never in a key handler.
"""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, ClassVar

from textual.geometry import Size
from textual.screen import Screen

from pain_tui.errors import PainTuiError
from pain_tui.tui import messages, quiet_start
from pain_tui.tui.background import Background
from pain_tui.tui.bindings import ActionProvider
from pain_tui.tui.chart import ClinicRow
from pain_tui.tui.ending import Ending
from pain_tui.tui.handing import Handing
from pain_tui.tui.listing import Listing
from pain_tui.tui.lock import Locking
from pain_tui.tui.looks import Looks
from pain_tui.tui.screens.base import ClinicScreen
from pain_tui.tui.signing_in import SigningIn
from pain_tui.tui.theme import THEMES
from pain_tui.tui.visit import Visit, dialog
from pain_tui.tui.walk import Walking
from pain_tui.tui.widgets.header import Standing

if TYPE_CHECKING:
    from pain_tui.tui.desk import Desk

SMALLEST = Size(80, 24)
PALETTE = "--command-palette"  # what Textual asks for
FIRST_FRAME = 0.05  # seconds until the first frame has reached the terminal; knowledge comes after it


class PainTui(Locking, Listing, Visit, Handing, Walking, SigningIn, Looks, Ending, inherit_bindings=False):
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
        large: bool = False,
        keys: Mapping[str, str] | None = None,
        keep_trace: Callable[[BaseException], object] | None = None,
    ) -> None:
        """keep_trace: keeps an error's trace without values; what it returns (the log's path) is told.

        keys: action -> its key, where a clinic wants another one (keymap.py).
        large: one column at every width, for a projector with a large font.

        lock_after: seconds without a key after which an encrypted file's screens lock; None: never.
        """
        Locking.__init__(self, lock_after)
        Ending.__init__(self, keep_trace)
        Listing.__init__(self)
        Visit.__init__(self)
        Walking.__init__(self)
        self.desk = desk
        self.background = Background()
        self.large = large
        if keys:
            self.set_keymap(dict(keys))
        self._watch_terminal = watch_terminal
        if theme != self.theme:
            self.theme = theme

    @property
    def file_name(self) -> str:
        """The patient file's name, for sentences."""
        return self.desk.file_name

    def on_mount(self) -> None:
        """Watch the terminal before anything is written to it; the passphrase first, when there is one."""
        if self._watch_terminal:
            from pain_tui.tui import hangup

            hangup.watch(self)
        self.desk.tell = lambda said: self.post_message(messages.Told(said))
        if not self.desk.is_open:
            self._unlock()

    def on_ready(self) -> None:
        """The first frame is painted: now everything that could wait for it."""
        quiet_start.end()
        if self.desk.is_open:
            self.set_timer(FIRST_FRAME, self._opened)

    def get_default_screen(self) -> Screen[None]:
        """The clinic list is the first screen: nothing blank is drawn before it."""
        if self.desk.is_open:
            self.take(self.desk.clinic())
        return self._installed("patients")

    def _unlock(self) -> None:
        asked = dialog("unlock", "UnlockDialog")(self.desk)
        self.push_screen(asked, self._unlocked)

    def _unlocked(self, opened: bool | None) -> None:
        if not opened:
            self.exit()
            return
        self.take(self.desk.clinic())
        self.renew()
        self._opened()

    def _opened(self) -> None:
        self.count_warnings()
        self.offer_left_over()

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
            on_list=self.people_by_flag() if self.counted is None and self.counts_all else {},
            calculating=self.calculating,
            unsaved=len(self.draft) if self.draft else 0,
            what_if=None if self.trial is None else len(self.trial),
            note=self.opening_note() or self.counting_note(),
            user=self.desk.local_name,
        )

    # --- everywhere -------------------------------------------------------------------------------------

    def do_quit(self) -> None:
        """End; asks when work is unsaved."""
        self.leaving(self.exit)

    def action_hint(self) -> None:
        """ctrl+c: how to leave."""
        self.notify("q leaves, from the clinic list; esc goes one step back.")

    def do_help(self) -> None:
        """What this screen shows, and its keys."""
        self.push_screen(dialog("help", "HelpDialog")(getattr(self.screen, "screen_id", "patients")))

    def do_palette(self) -> None:
        """Find any action by name."""
        self.action_command_palette()

    def action_command_palette(self) -> None:
        """Textual's own key comes here too."""
        if self.screen.id != PALETTE:
            self.push_screen(dialog("palette", "Palette")(id=PALETTE))

    def do_blank(self) -> None:
        """Hide everything until the same key is pressed again."""
        self.push_screen(dialog("blank", "BlankScreen")())

    def do_zoom(self) -> None:
        """The pane in focus over the whole screen, and back."""
        screen = self.screen
        if screen.maximized is not None:
            screen.minimize()
        elif screen.focused is not None:
            screen.focused.styles.height = "1fr"  # before the screen is arranged for it alone
            screen.maximize(screen.focused)
        self.call_after_refresh(self.renew)

    def do_colours(self) -> None:
        """The next of the program's themes."""
        names = [entry.name for entry in THEMES]
        self.theme = names[(names.index(self.theme) + 1) % len(names)] if self.theme in names else names[0]
        self.notify(f"Colours: {self.theme.removeprefix('pain-tui-')}.")

    def do_warnings(self) -> None:
        """All warnings of the open person."""
        if self.chart:
            self.push_screen(dialog("warnings", "WarningsDialog")(self.chart))

    def do_missing(self) -> None:
        """What cannot be said, and why."""
        if self.chart:
            self.push_screen(dialog("warnings", "WarningsDialog")(self.chart, limits=True))

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
        self.reading = self.opening = False
        self.renew()
        self.push_screen(dialog("error", "ErrorDialog")(message.what, message.hint, message.retry))
