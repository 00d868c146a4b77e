"""Make a patient file, and open one.

One DuckDB file is one clinic. Real people's files are encrypted, with their keys beside them (crypt.py).
Every way in which opening can fail has its own sentence; an older file is brought up to date after an
automatic copy.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from pain_tui import __version__
from pain_tui.errors import StoreError
from pain_tui.patients import audit as chain
from pain_tui.patients import crypt, migrate, room, tries, turn
from pain_tui.patients.patient_file import Kind, PatientFile

__all__ = ["Kind", "PatientFile", "create", "open_file"]

_CLOCKS_DIFFER = timedelta(minutes=10)  # between workstations


def create(
    path: Path,
    *,
    kind: Kind,
    passphrase: str | None,
    key_file: Path | None = None,
    default_as_of: date | None = None,
    time_zone: str,
    actor: str,
    at: datetime,
) -> PatientFile:
    """Make a new, empty patient file and open it.

    passphrase: None only for fictional people (the file is then plain). default_as_of: a fictional file's
    own day. The recovery code of an encrypted file stands in `.recovery_code` of this object only, to be
    printed once.
    Raises StoreError when the path is taken, its folder is missing, or a real file has no passphrase.
    """
    path = _absolute(path)
    _refuse_taken(path)
    if kind == "real" and not passphrase:
        raise StoreError(
            "A file for real people is always encrypted.", "Give a passphrase, or make a fictional file."
        )
    file_id, code, data_key = str(uuid4()), None, None
    if passphrase:
        keys, data_key, code = crypt.new_keys(file_id, passphrase, key_file)
        _write_keys(path, keys)
    meta = {
        "kind": kind,
        "file_id": file_id,
        "time_zone": time_zone,
        "created_at": at.isoformat(timespec="seconds"),
        "created_by_program": __version__,
        **({"default_as_of": default_as_of.isoformat()} if default_as_of else {}),
    }
    file = PatientFile(path, data_key, actor=actor, at=at)
    try:
        _fill(file, meta, actor=actor, at=at)
    except BaseException:
        file.close()
        for made in (path, crypt.keys_path(path), Path(f"{path}.wal")):
            made.unlink(missing_ok=True)
        raise
    file.recovery_code = code
    return file


def open_file(
    path: Path,
    *,
    passphrase: str | None = None,
    key_file: Path | None = None,
    actor: str,
    at: datetime,
    note_opening: bool = True,
    knowledge: bool = True,
    ahead: bool = False,
    on_notice: Callable[[str], object] | None = None,
) -> PatientFile:
    """Open a patient file; an older schema is brought up to date after an automatic copy.

    note_opening: False only where the file must stay as it is (checking a backup).
    knowledge: False for caring for the file, which needs no knowledge tables.
    ahead: load the encryption part and the knowledge while the key function works; for who needs both anyway.
    on_notice: hears what is no error and must be known: waiting for another program, a disk that is full.

    Raises StoreError: missing, busy, not a patient file, damaged, newer, keys missing or foreign,
    passphrase wrong or not given, history shorter than the keys say.
    """
    path = _absolute(path)
    _finish_restoring(path)
    if not path.is_file():
        what = "is a folder" if path.is_dir() else "does not exist"
        raise StoreError(f"{path} {what}.", f"`pain-tui init {path.name}` makes a new patient file.")
    data_key, coming = None, None
    if crypt.is_encrypted(path):
        keys = crypt.read(path)
        if not passphrase:
            raise StoreError(
                f"{path} needs its passphrase.", "Give --passphrase-file PATH, or run it in a terminal."
            )
        tries.refuse_too_soon(path, at)
        coming = room.Coming(path, knowledge=knowledge) if ahead else None
        try:
            data_key = _unlock(keys, passphrase, key_file, path)
        except StoreError:
            if coming is not None:
                coming.drop()
            tries.note(path, actor=actor, at=at)
            raise
    file = PatientFile(path, data_key, actor=actor, at=at, knowledge=knowledge, coming=coming)
    file.opening_is_noted = not note_opening
    file.on_notice = on_notice
    try:
        _check(file)
    except BaseException:
        file.close()
        raise
    return file


def _fill(file: PatientFile, meta: dict[str, str], *, actor: str, at: datetime) -> None:
    """The tables, the meta rows and the first audit row, in one transaction."""
    file.meta = meta
    instance = room.open_room(file.path, encrypted=file.is_encrypted, knowledge=False)
    try:
        with file.work(instance, True, new=True) as cursor:
            migrate.apply(cursor, 0)
            marks = ", ".join(["(?, ?)"] * len(meta))
            cursor.execute(
                f"INSERT INTO clinic.main.meta VALUES {marks}", [part for row in meta.items() for part in row]
            )
            file.note(cursor, [chain.Entry("create", detail=meta)], actor=actor, at=at)
    finally:
        instance.close()
    file.path.chmod(0o600)
    file.opening_is_noted = True


def _check(file: PatientFile) -> None:
    """Read the meta rows; bring an older file up to date; refuse one whose history has become shorter."""
    if _read_meta(file) < migrate.latest():
        with turn.alone(file.path, file.on_notice):
            version = _read_meta(file)  # another program may have done it in the meantime
            if version < migrate.latest():
                _bring_up_to_date(file, version)


def _bring_up_to_date(file: PatientFile, version: int) -> None:
    """Copy the file beside itself, then migrate it in one transaction."""
    from pain_tui.patients import backup

    backup.before_migration(file, version)
    instance = room.open_room(file.path, encrypted=file.is_encrypted, knowledge=False)
    try:
        with file.work(instance, True) as cursor:
            version = migrate.reached(cursor)  # where no lock can be had, somebody may have been faster
            if version < migrate.latest():
                migrate.apply(cursor, version)
                entry = chain.Entry("migrate", detail={"from": version, "to": migrate.latest()})
                file.note(cursor, [entry], actor=file.actor, at=file.opened_at)
    finally:
        instance.close()
    _read_meta(file)


def _read_meta(file: PatientFile) -> int:
    with file.glance() as cursor:
        version = migrate.reached(cursor)
        migrate.refuse_unknown(version, file.path)
        file.meta = dict(cursor.execute("SELECT key, value FROM clinic.main.meta").fetchall())
        last, noted_at = chain.last(cursor)
        if file.is_encrypted:
            file.settle_announced(cursor)
    file.refuse_older(last)
    if noted_at is not None and file.on_notice is not None and noted_at - file.opened_at > _CLOCKS_DIFFER:
        file.on_notice(
            f"The clock of this computer says {file.opened_at:%Y-%m-%d %H:%M} (UTC), and the last entry of "
            f"{file.path.name} is of {noted_at:%Y-%m-%d %H:%M}. Set the clock right: dates are stored by it."
        )
    return version


def _unlock(keys: crypt.Keys, passphrase: str, key_file: Path | None, path: Path) -> bytes:
    """The data key; after a kill in a change of passphrase the announced keys may be the ones that count."""
    try:
        return crypt.unlock(keys, passphrase, key_file, path)
    except StoreError:
        announced = crypt.announced(path)
        if announced is None:
            raise
        return crypt.unlock(announced, passphrase, key_file, path)


def _finish_restoring(path: Path) -> None:
    if not path.with_name(f"{path.name}.restoring").exists():
        return
    from pain_tui.patients import restore

    try:
        restore.finish(path)
    except OSError as error:
        raise StoreError(
            f"{path} was being restored when the program ended, and it cannot be completed ({error.strerror}).",
            "Check who may write to the folder, then open it again.",
        ) from error


def _absolute(path: Path) -> Path:
    return Path(path).expanduser().resolve()


def _refuse_taken(path: Path) -> None:
    if not path.parent.is_dir():
        raise StoreError(
            f"The folder {path.parent} does not exist.", "Make it first, or choose another path."
        )
    for taken in (path, crypt.keys_path(path)):
        if taken.exists():
            raise StoreError(f"{taken} is already there; it was not touched.", "Choose another name.")


def _write_keys(path: Path, keys: crypt.Keys) -> None:
    try:
        crypt.write(path, keys)
    except OSError as error:
        raise StoreError(
            f"{crypt.keys_path(path)} cannot be written ({error.strerror}).",
            "Check who may write to the folder.",
        ) from error
