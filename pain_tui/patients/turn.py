"""Whose turn it is at a patient file that several programs use at once.

DuckDB lets many read or one write, and nobody queues: a writer that waits could be overtaken by readers for ever. So
whoever wants the file first takes the turn (a lock on the empty file `X.duckdb.turn`) and keeps it until the file is
attached; who comes later waits behind. The turn is a courtesy between programs of ours, never what keeps data safe:
where it cannot be had (a read-only folder, a drive without locks, Windows) the file is simply asked for again and again.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PAUSE_SECONDS = 0.02


@contextmanager
def taken(file: Path, until: float) -> Iterator[None]:
    """Hold the turn at this file; waits for it until `until` (monotonic seconds), then goes on without."""
    descriptor = _open(file)
    try:
        while descriptor is not None and not _lock(descriptor) and time.monotonic() < until:
            time.sleep(PAUSE_SECONDS)
        yield
    finally:
        if descriptor is not None:
            os.close(descriptor)  # which gives the turn back


def _open(file: Path) -> int | None:
    if os.name != "posix" or not file.exists():
        return None
    try:
        return os.open(f"{file}.turn", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError:
        return None


def _lock(descriptor: int) -> bool:
    """Whether there is nothing more to wait for: the turn is ours, or this drive has no locks."""
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True
