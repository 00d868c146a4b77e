"""Copies of the patient file: backup, before a migration, after deleting; and the check.

A backup is a pair like the file itself (database and keys), written beside its final name, compared with
the original and only then given that name. `restore.py` puts one back.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from pain_tui.errors import StoreError
from pain_tui.patients import audit as chain
from pain_tui.patients import crypt, room
from pain_tui.patients.patient_file import PatientFile

_COPY = "copy_of_clinic"
Tell = Callable[[int], object]  # hears of each table that was read


@dataclass(frozen=True)
class Health:
    """What `verify` read: rows per table, breaks of the audit chain, bytes of the file."""

    rows: dict[str, int]
    breaks: list[chain.Break]
    size: int

    @property
    def is_whole(self) -> bool:
        """Everything could be read and the chain holds."""
        return not self.breaks


def verify(file: PatientFile, tell: Tell | None = None) -> Health:
    """Read every block of the file and check the audit chain. Raises StoreError when a block is damaged."""
    counts: dict[str, int] = {}
    with file.attached() as cursor:
        for table in _tables(cursor, room.CATALOG):
            counts[table] = _read_all(cursor, room.CATALOG, table)[0]
            _told(tell)
        breaks = file.breaks(cursor)
    return Health(counts, breaks, file.path.stat().st_size)


def backup(file: PatientFile, target: Path, *, actor: str, at: datetime, tell: Tell | None = None) -> Path:
    """Write a compared copy of the file (and its keys) to `target`; audited. Returns the path."""
    target = Path(target).expanduser().resolve()
    if target.is_dir():
        target = target / f"{file.path.stem}-{at.strftime('%Y%m%d-%H%M%S')}{file.path.suffix}"
    file.audit("backup", at=at, actor=actor)
    _copy(file, target, tell)
    return target


def before_migration(file: PatientFile, version: int) -> Path:
    """The automatic copy that is made before a file is brought from `version` to the present one."""
    stem = f"{file.path.stem}.version-{version}"
    for number in range(1, 100):
        target = file.path.with_name(f"{stem}{'' if number == 1 else f'-{number}'}{file.path.suffix}")
        if not target.exists() and not crypt.keys_path(target).exists():
            _copy(file, target)
            return target
    raise StoreError(
        f"There are too many copies named {stem} already.", "Move the old ones away and try again."
    )


def rewrite(file: PatientFile) -> None:
    """Write the file anew without what was deleted, and put it in the place of the old one."""
    fresh = file.path.with_name(f"{file.path.name}.rewrite")
    fresh.unlink(missing_ok=True)
    with _room_for(file, fresh) as instance:
        with file.work(instance, True, transaction=False) as cursor:
            _fill(file, instance, cursor, fresh)
            if os.name == "posix":  # elsewhere an open file cannot be replaced
                fresh.replace(file.path)
                crypt.sync_folder(file.path.parent)
        if os.name != "posix":
            fresh.replace(file.path)


def _copy(file: PatientFile, target: Path, tell: Tell | None = None) -> None:
    for taken in (target, crypt.keys_path(target)):
        if taken.exists():
            raise StoreError(f"{taken} is already there; it was not touched.", "Choose another name.")
    if not target.parent.is_dir():
        raise StoreError(
            f"The folder {target.parent} does not exist.", "Make it first, or choose another path."
        )
    fresh = target.with_name(f"{target.name}.new")
    try:
        fresh.unlink(missing_ok=True)
        with _room_for(file, fresh) as instance, file.work(instance, False) as cursor:
            _fill(file, instance, cursor, fresh, tell)
            if file.is_encrypted:
                crypt.write(target, crypt.read(file.path))
        fresh.replace(target)
    except OSError as error:
        raise StoreError(
            f"{target} could not be written ({error.strerror}).", "The patient file is untouched."
        ) from error
    finally:
        with suppress(OSError):  # a folder that cannot be written has its own sentence
            fresh.unlink(missing_ok=True)


@contextmanager
def _room_for(file: PatientFile, fresh: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    instance = room.open_room(file.path, encrypted=file.is_encrypted, knowledge=False, copies=[fresh])
    try:
        yield instance
    finally:
        instance.close()


def _fill(
    file: PatientFile,
    instance: duckdb.DuckDBPyConnection,
    cursor: duckdb.DuckDBPyConnection,
    fresh: Path,
    tell: Tell | None = None,
) -> None:
    """Copy every table into the new database at `fresh`, and compare both, row by row through a hash."""
    key = file.data_key()
    room.attach(instance, fresh, crypt.duckdb_key(key) if key else None, write=True, catalog=_COPY, new=True)
    try:
        cursor.execute(f"COPY FROM DATABASE {room.CATALOG} TO {_COPY}")
        for table in _tables(cursor, room.CATALOG):
            if _read_all(cursor, room.CATALOG, table) != _read_all(cursor, _COPY, table):
                raise StoreError(
                    f"The copy of {table} in {fresh} differs from the original.", "Check the disk."
                )
            _told(tell)
        if file.path.exists():
            instance.execute(f"CHECKPOINT {_COPY}")
    except duckdb.Error as error:
        raise room.explain(error, fresh) from error
    finally:
        room.detach(instance, _COPY)
    fresh.chmod(0o600)
    sync(fresh)


def _told(tell: Tell | None) -> None:
    if tell is not None:
        tell(1)


def _tables(cursor: duckdb.DuckDBPyConnection, catalog: str) -> list[str]:
    found = cursor.execute(
        "SELECT table_name FROM duckdb_tables() WHERE database_name = ? ORDER BY table_name", [catalog]
    ).fetchall()
    return [name for (name,) in found]


def _read_all(cursor: duckdb.DuckDBPyConnection, catalog: str, table: str) -> tuple[int, int]:
    """Row count and a hash over all values; reads every block of the table."""
    row = cursor.execute(
        f'SELECT count(*), coalesce(sum(hash(t)::HUGEINT), 0) FROM {catalog}.main."{table}" t'
    ).fetchone()
    return (int(row[0]), int(row[1])) if row else (0, 0)


def sync(path: Path) -> None:
    """The file's contents are on the disk when this returns."""
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
