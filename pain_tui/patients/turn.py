"""Whose turn it is at a patient file that several programs use at once.

DuckDB lets many read or one write, and nobody queues: a writer that waits could be overtaken by readers for ever. So
whoever wants the file first takes the turn (a lock on the empty file `X.duckdb.turn`) and keeps it until the file is
attached; who comes later waits behind. The turn is a courtesy between programs of ours, never what keeps data safe:
where it cannot be had (a read-only folder, a drive without locks, Windows) the file is simply asked for again and again.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PAUSE_SECONDS = 0.02
LONGEST_WAIT = 600  # seconds for another program to bring a large file up to date


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


def leave_nothing(file: Path) -> None:
    """The file is none of ours, so nothing of ours stays beside it."""
    with suppress(OSError):
        Path(f"{file}.turn").unlink()


@contextmanager
def alone(file: Path, tell: Callable[[str], object] | None = None) -> Iterator[None]:
    """Keep other programs from bringing the same file up to date at the same time; waits while one does.

    Unlike the turn this is held over several attachments; the empty file it locks goes away again.
    """
    path, began, descriptor = Path(f"{file}.migrating"), time.monotonic(), None
    while os.name == "posix" and time.monotonic() - began < LONGEST_WAIT:
        descriptor = _open_lock(path)
        if descriptor is None or (_lock(descriptor) and _is_still(path, descriptor)):
            break
        os.close(descriptor)
        descriptor = None
        if tell is not None and time.monotonic() - began > 1:
            tell(f"Waiting for another program that brings {file.name} up to date ...")
            tell = None
        time.sleep(PAUSE_SECONDS)
    try:
        yield
    finally:
        if descriptor is not None:
            with suppress(OSError):
                path.unlink()
            os.close(descriptor)


def _is_still(path: Path, descriptor: int) -> bool:
    """Whether the locked file still has its name: whoever had it before takes it away at the end."""
    try:
        return path.stat().st_ino == os.fstat(descriptor).st_ino
    except OSError:
        return False


def _open(file: Path) -> int | None:
    if os.name != "posix" or not file.exists():
        return None
    return _open_lock(Path(f"{file}.turn"))


def _open_lock(path: Path) -> int | None:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
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
