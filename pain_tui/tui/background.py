"""Work off the main thread: one thread a kind of work, of which only the newest question is kept.

Threads are daemons: leaving never waits for a list being counted; what must not be cut off (saving) is
waited for by `finish`.
"""

import threading
from collections.abc import Callable

Job = Callable[[], None]


class Background:
    """Runs jobs by kind. A job of a kind that is busy waits; a newer one of that kind takes its place."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: dict[str, threading.Thread] = {}
        self._next: dict[str, Job] = {}

    def start(self, kind: str, job: Job) -> None:
        """Run the job now, or after the one of its kind that is under way."""
        with self._lock:
            if kind in self._running:
                self._next[kind] = job
                return
            thread = threading.Thread(
                target=self._run, args=(kind, job), name=f"pain-tui {kind}", daemon=True
            )
            self._running[kind] = thread
        thread.start()

    def busy(self, *kinds: str) -> bool:
        """Something of these kinds (of any, when none is named) is under way."""
        with self._lock:
            return any(kind in self._running for kind in kinds) if kinds else bool(self._running)

    def finish(self, kind: str, seconds: float) -> bool:
        """Wait for the work of a kind to end; whether it did."""
        thread = self._running.get(kind)
        if thread is not None:
            thread.join(seconds)
        return not self.busy(kind)

    def _run(self, kind: str, job: Job) -> None:
        while True:
            try:
                job()
            finally:
                with self._lock:
                    following = self._next.pop(kind, None)
                    if following is None:
                        del self._running[kind]
            if following is None:
                return
            job = following
