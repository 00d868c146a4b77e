"""End within a second when the terminal goes away: a closed window, a hang-up, a dead pseudo-terminal, a kill.

Left alone, a Textual program goes on reading a dead terminal at full speed, and one that writes to it may wait
for ever. So a thread of its own watches: it asks the program to leave the usual way, keeps unsaved work itself
when the program does not answer, and ends the process when even leaving hangs.
"""

import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import Protocol

LOOK_EVERY = 0.2  # seconds
ANSWER = 0.3  # seconds that the program has to begin leaving
LIMIT = 0.75  # seconds from the hang-up until the process is gone in any case
SIGNALS = ("SIGHUP", "SIGTERM", "SIGINT", "SIGBREAK")  # those that the system has
HUNG_UP = 129  # what a shell reports of SIGHUP


class Program(Protocol):
    """What is to be ended."""

    def call_from_thread(self, callback: Callable[[int], None], code: int, /) -> object:
        """Run something in the program's own thread, and wait for it."""

    def end(self, code: int) -> None:
        """Keep unsaved work and leave; in the program's own thread."""

    def keep_once(self) -> None:
        """Keep unsaved work, from any thread."""


class Watch:
    """Told once that the end has come, and with which exit code."""

    def __init__(self) -> None:
        self.gone = threading.Event()
        self.code = HUNG_UP

    def told(self, number: int, _frame: FrameType | None = None) -> None:
        """A signal came."""
        if not self.gone.is_set():
            self.code = 128 + number
            self.gone.set()


def watch(program: Program) -> None:
    """Start watching, from the main thread, once the program runs."""
    seen = Watch()
    if threading.current_thread() is threading.main_thread():
        for name in SIGNALS:
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), seen.told)
    threading.Thread(target=_look, args=(seen, program), name="terminal-watch", daemon=True).start()


def _look(seen: Watch, program: Program) -> None:
    looks = _can_be_seen()
    while not seen.gone.wait(LOOK_EVERY if looks else None):
        if _hung_up():
            break
    until = time.monotonic() + LIMIT
    answered = threading.Event()
    threading.Thread(target=_ask, args=(program, seen.code, answered), daemon=True).start()
    try:
        if not answered.wait(ANSWER):
            program.keep_once()
    finally:
        time.sleep(max(until - time.monotonic(), 0))
        os._exit(seen.code)


def _ask(program: Program, code: int, answered: threading.Event) -> None:
    def end(number: int) -> None:
        answered.set()
        program.end(number)

    program.call_from_thread(end, code)


def _can_be_seen() -> bool:
    """Whether this system tells by polling that a terminal is gone; where it does not, only signals do."""
    if not hasattr(select, "poll"):
        return False
    if not _hung_up():
        return True
    import termios  # wherever there is `poll`

    try:
        termios.tcgetattr(sys.__stdin__)  # type: ignore[arg-type]  # no stdin at all raises here as a closed one does
    except (OSError, ValueError, termios.error):
        return True  # it is gone already
    return False


def _hung_up() -> bool:
    try:
        poller = select.poll()
        poller.register(sys.__stdin__.fileno(), 0)  # type: ignore[union-attr]  # looked at above
        return any(event & (select.POLLHUP | select.POLLERR | select.POLLNVAL) for _, event in poller.poll(0))
    except (OSError, ValueError):
        return True
