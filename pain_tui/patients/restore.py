"""Put a checked backup in the place of the patient file, so that a kill at any moment leaves one of both.

A patient file is a pair, and two files cannot be replaced in one step. So the backup is first copied beside the
target (`X.duckdb.restoring`, `X.keys.restoring`), what is there is kept under another name, and then the keys are
put in place (the moment that decides) and the database after them. `finish` completes that when the program was
killed in between; opening a file asks for it.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from pain_tui.errors import StoreError
from pain_tui.patients import backup, crypt
from pain_tui.patients.file import open_file


def restore(
    source: Path,
    target: Path,
    *,
    passphrase: str | None,
    key_file: Path | None,
    actor: str,
    at: datetime,
    tell: backup.Tell | None = None,
) -> Path | None:
    """Check a backup and put it in the place of `target`. Returns where the replaced file was kept, if any.

    Raises StoreError when the backup does not open, is damaged, its audit chain is broken, or the target is in
    use by another program.
    """
    source, target = Path(source).expanduser().resolve(), Path(target).expanduser().resolve()
    if source == target:
        raise StoreError(f"{source} is the patient file itself.", "Name a backup, then the file to replace.")
    how = {"passphrase": passphrase, "key_file": key_file, "actor": actor, "at": at}
    with open_file(source, note_opening=False, knowledge=False, **how) as found:  # type: ignore[arg-type]  # each value has the type its name asks for
        health = backup.verify(found, tell)
    if not health.is_whole:
        raise StoreError(
            f"{source} is not whole: {health.breaks[0].say}", "Use an older backup; nothing was changed."
        )
    try:
        _stage(source, target)
        with _kept_out(target):
            kept = _keep(target, at) if target.exists() else None
            _switch(target)
    except OSError as error:
        raise StoreError(
            f"{target} could not be written ({error.strerror}).",
            "What was there is still there, or kept aside.",
        ) from error
    with open_file(target, note_opening=False, knowledge=False, **how) as restored:  # type: ignore[arg-type]  # each value has the type its name asks for
        restored.audit("restore", at=at, actor=actor)
    return kept


def finish(target: Path) -> None:
    """Complete a restoring that was cut off after its keys were put in place; else change nothing."""
    database, keys = _staged(target), _staged(crypt.keys_path(target))
    if database.exists() and not keys.exists() and not _unfinished(target).exists():
        _put_database(target)


def _stage(source: Path, target: Path) -> None:
    """Both parts beside the target, on the disk; from here nothing can fail but a rename."""
    mark = _unfinished(target)
    mark.touch(mode=0o600)
    for place in (target, crypt.keys_path(target)):
        _staged(place).unlink(missing_ok=True)
    for origin, place in (
        (crypt.keys_path(source), crypt.keys_path(target)),
        (source, target),
    ):
        if origin.exists():
            shutil.copyfile(origin, _staged(place))
            _staged(place).chmod(0o600)
            backup.sync(_staged(place))
    crypt.sync_folder(target.parent)
    if not crypt.keys_path(source).exists():
        return  # a plain file: one rename, so the mark stays until it is done
    mark.unlink()


def _switch(target: Path) -> None:
    """The keys decide; the database follows, here or in `finish`."""
    staged = _staged(crypt.keys_path(target))
    if staged.exists():
        staged.replace(crypt.keys_path(target))
    else:
        crypt.keys_path(target).unlink(missing_ok=True)
    crypt.sync_folder(target.parent)
    _put_database(target)
    _unfinished(target).unlink(missing_ok=True)


def _put_database(target: Path) -> None:
    Path(f"{target}.wal").unlink(missing_ok=True)  # of the file that is replaced; it was kept with it
    _staged(target).replace(target)
    crypt.sync_folder(target.parent)


def _keep(target: Path, at: datetime) -> Path:
    """What is there under another name as well, so that at no moment it is only half there."""
    stamp = at.strftime("%Y%m%d-%H%M%S")
    kept = target.with_name(f"{target.stem}.before-restore-{stamp}{target.suffix}")
    if kept.exists():
        raise StoreError(f"{kept} is already there; it was not touched.", "Wait a second and try again.")
    crypt.keys_path(kept).unlink(missing_ok=True)  # left by a restoring that was killed within this second
    for origin, place in (
        (crypt.keys_path(target), crypt.keys_path(kept)),
        (Path(f"{target}.wal"), Path(f"{kept}.wal")),
        (target, kept),
    ):
        if origin.exists():
            _twin(origin, place)
    return kept


def _twin(origin: Path, place: Path) -> None:
    """A second name of the same file where the disk knows such, else a copy."""
    try:
        os.link(origin, place)
    except OSError:
        shutil.copyfile(origin, place)
        place.chmod(0o600)
        backup.sync(place)


@contextmanager
def _kept_out(target: Path) -> Iterator[None]:
    """Keep other programs out while the parts are changed, by the lock that DuckDB itself takes (POSIX)."""
    try:
        import fcntl
    except ImportError:  # elsewhere a file that is open cannot be replaced at all
        yield
        return
    if not target.exists():
        yield
        return
    descriptor = os.open(target, os.O_RDWR)
    try:
        try:
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise StoreError(
                f"{target} is in use by another program.", "Close it there, then restore again."
            ) from error
        yield
    finally:
        with suppress(OSError):
            os.close(descriptor)


def _staged(place: Path) -> Path:
    return place.with_name(f"{place.name}.restoring")


def _unfinished(target: Path) -> Path:
    """Lies there while the parts are being copied: what is staged then is not whole."""
    return target.with_name(f"{target.name}.restoring.unfinished")
