"""End within a second when the terminal goes away: a closed window, a hang-up, a dead pseudo-terminal.

Left alone, a Textual program goes on reading a dead terminal at full speed.
"""

import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable

LOOK_EVERY = 0.25  # seconds
GRACE = 0.5  # seconds for an orderly end
EXIT_CODE = 129  # as a shell reports SIGHUP


def watch(leave: Callable[[], None]) -> None:
    """Start watching. `leave` is called once, from another thread, when the terminal is gone."""
    gone = threading.Event()
    if hasattr(signal, "SIGHUP") and threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGHUP, lambda *_: gone.set())
    threading.Thread(target=_look, args=(gone, leave), name="terminal-watch", daemon=True).start()


def _look(gone: threading.Event, leave: Callable[[], None]) -> None:
    while not gone.wait(LOOK_EVERY):
        if _hung_up():
            break
    try:
        leave()
    finally:
        time.sleep(GRACE)
        os._exit(EXIT_CODE)


def _hung_up() -> bool:
    if not hasattr(select, "poll"):
        return False
    try:
        poller = select.poll()
        poller.register(sys.__stdin__.fileno(), 0)  # type: ignore[union-attr]
        return any(event & (select.POLLHUP | select.POLLERR | select.POLLNVAL) for _, event in poller.poll(0))
    except (OSError, ValueError):
        return True
