"""The lock of the screens: after minutes without a key, or at once by its key; back with the passphrase only.

While locked nothing else comes onto the screen: dialogs, changes of screen and notices that work in the background
asks for wait until it is unlocked. Only encrypted files lock; a plain fictional file has no passphrase to ask for.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from textual import events

if TYPE_CHECKING:
    from textual.app import App

    from pain_tui.tui.desk import Desk

    _Base = App[None]  # what stands behind it among the bases of the program
else:
    _Base = object

_LOOK_EVERY = 2.0  # seconds
_SHORTEST_LOOK = 0.02  # a timer of no length at all fails in the toolkit
ERASE_SCROLLBACK = "\x1b[3J"  # what was printed before the screens opened, where the terminal keeps it


class Locking(_Base):
    """Part of the program (app.py). It stands before `App` among the bases, so that nothing gets around it."""

    desk: "Desk"

    def __init__(self, lock_after: float | None) -> None:
        """lock_after: seconds without a key; None never locks by itself."""
        self.locked = False
        self._lock_after = lock_after
        self._behind: list[Callable[[], object]] = []  # what was asked for while locked
        self._touched()

    def on_mount(self) -> None:
        """Watch the time."""
        if self._lock_after is not None:
            every = max(_SHORTEST_LOOK, min(_LOOK_EVERY, self._lock_after / 4))
            self.set_interval(every, self._look)

    async def on_event(self, event: events.Event) -> None:
        """A key or the mouse says that somebody is there; after too long it only brings up the lock."""
        if isinstance(event, events.Key | events.MouseEvent | events.Paste):
            if self._look():
                return
            self._touched()
        await super().on_event(event)

    def _touched(self) -> None:
        self._last = (time.monotonic(), time.time())

    def idle_seconds(self) -> float:
        """Since the last key. The wall clock counts too: the other one stands still while a machine sleeps."""
        return max(time.monotonic() - self._last[0], time.time() - self._last[1])

    def _look(self) -> bool:
        """Lock when nobody was there for too long; whether it just did."""
        due = self._lock_after is not None and self.idle_seconds() >= self._lock_after
        if due and not self.locked and self.can_lock():
            self.lock()
            return True
        return False

    def can_lock(self) -> bool:
        """There is something to lock, and a passphrase to come back with."""
        return self.desk.is_open and bool(getattr(self.desk, "lockable", False))

    def do_lock(self) -> None:
        """Lock at once."""
        if not self.can_lock():
            self.notify("A file without a passphrase cannot be locked; b blanks the screen.")
        elif not self.locked:
            self.lock()

    def lock(self) -> None:
        """Hide everything, in the terminal's scrollback too."""
        from pain_tui.tui.screens.lock import LockScreen

        self.clear_notifications()
        super().push_screen(LockScreen(self.desk, self.unlocked))
        self.locked = True
        driver = getattr(self, "_driver", None)
        if driver is not None:
            with suppress(Exception):  # a terminal that is going away must not keep the lock from showing
                driver.write(ERASE_SCROLLBACK)
                driver.flush()

    def unlocked(self) -> None:
        """Back to where it was; then whatever was asked for meanwhile."""
        self.locked = False
        self._touched()
        super().pop_screen()
        waiting, self._behind = self._behind, []
        for each in waiting:
            each()

    # --- the only ways onto the screen ------------------------------------------------------------------

    def _later(self, ask: Callable[[], object]) -> None:
        self._behind.append(ask)

    def push_screen(self, *arguments: Any, **named: Any) -> Any:
        """A dialog; once unlocked."""
        if self.locked:
            return self._later(lambda: self.push_screen(*arguments, **named))
        return super().push_screen(*arguments, **named)

    def switch_screen(self, *arguments: Any, **named: Any) -> Any:
        """Another screen; once unlocked."""
        if self.locked:
            return self._later(lambda: self.switch_screen(*arguments, **named))
        return super().switch_screen(*arguments, **named)

    def pop_screen(self) -> Any:
        """One screen less; once unlocked."""
        if self.locked:
            return self._later(self.pop_screen)
        return super().pop_screen()

    def notify(self, *arguments: Any, **named: Any) -> None:
        """A notice; once unlocked, since it may name what was saved."""
        if self.locked:
            self._later(lambda: self.notify(*arguments, **named))
        else:
            named.setdefault("markup", False)  # a name with brackets in it stays a name
            super().notify(*arguments, **named)
