"""The patient file: create it, open it, attach it for one piece of work, close it.

One DuckDB file is one clinic. Real people's files are encrypted, with their keys beside them (crypt.py).
Every writing call takes who and when; each piece of writing is one transaction with its audit rows,
checkpointed, and noted in the anchor. The first look (the clinic list) uses a bare instance, about 20 ms;
the instance with the knowledge tables is made when first needed, or ahead of time by `warm()` in a thread.
"""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

import duckdb

from pain_tui import __version__
from pain_tui.errors import StoreError
from pain_tui.patients import audit as chain
from pain_tui.patients import crypt, migrate, room

Kind = Literal["real", "fictional"]


class PatientFile:
    """An open patient file. Safe to use from several threads; one piece of attached work runs at a time."""

    def __init__(
        self, path: Path, data_key: bytes | None, *, actor: str, at: datetime, knowledge: bool = True
    ) -> None:
        self.path = path
        self.actor = actor
        self.meta: dict[str, str] = {}
        self.recovery_code: str | None = None  # only on the object that `create` returns; print it once
        self._data_key = data_key
        self._opened_at = at
        self._knowledge = knowledge
        self._open_is_noted = False
        self._door = threading.RLock()
        self._making = threading.Lock()
        self._attached: Literal["read", "write"] | None = None
        self._writing: duckdb.DuckDBPyConnection | None = None  # the cursor of the writing work under way
        self._instance: duckdb.DuckDBPyConnection | None = None  # the one the file is attached in now
        self._bare: duckdb.DuckDBPyConnection | None = None
        self._full: duckdb.DuckDBPyConnection | None = None

    @property
    def kind(self) -> Kind:
        """`real` or `fictional`, fixed at creation."""
        return "fictional" if self.meta.get("kind") == "fictional" else "real"

    @property
    def is_encrypted(self) -> bool:
        """Whether the file has keys."""
        return self._data_key is not None

    @property
    def file_id(self) -> str:
        """The file's own opaque id, the same in its keys."""
        return self.meta["file_id"]

    # --- instances ---

    def warm(self) -> None:
        """Make the instance with the knowledge tables now, in a thread while the first screen shows."""
        self._with_knowledge()

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A cursor on the instance with the knowledge tables; the file is attached only inside `attached`."""
        return self._with_knowledge().cursor()

    def _with_knowledge(self) -> duckdb.DuckDBPyConnection:
        with self._making:
            if self._full is None:
                self._full = room.open_room(self.path, encrypted=self.is_encrypted, knowledge=self._knowledge)
            return self._full

    def _quick(self) -> duckdb.DuckDBPyConnection:
        if self._full is not None:
            return self._full
        if self._bare is None:
            self._bare = room.open_room(self.path, encrypted=False, knowledge=False)
        return self._bare

    # --- pieces of work ---

    @contextmanager
    def attached(
        self, write: bool = False, *, cursor: duckdb.DuckDBPyConnection | None = None
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor with the file attached as catalog `clinic`, for one short piece of work.

        The cursor (a new one, or the one given) stays usable afterwards with its temp tables; fetch every
        result that comes from `clinic` before leaving. With write, the work is one transaction: committed and
        checkpointed at the end, rolled back when it raises. Inside another piece of attached work the same
        attachment goes on. Raises StoreError when another program holds the file for too long.
        """
        full = self._with_knowledge()
        with self._door:
            if self._attached is not None:
                if (write and self._attached == "read") or self._instance is not full:
                    raise RuntimeError("this work was asked for inside a piece of smaller work")
                # Within a piece of writing, everything belongs to its one transaction.
                yield cursor or (self._writing if self._writing is not None else full.cursor())
                return
            if not self._open_is_noted:
                self._note_opening(full)
            with self.work(full, write, cursor) as working:
                yield working

    @contextmanager
    def glance(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Like `attached()` for reading, without waiting for the knowledge: for the first clinic list."""
        with self._door:
            if self._instance is not None:
                yield self._writing or self._instance.cursor()
                return
            with self.work(self._quick(), False) as cursor:
                yield cursor

    @contextmanager
    def work(
        self,
        instance: duckdb.DuckDBPyConnection,
        write: bool,
        cursor: duckdb.DuckDBPyConnection | None = None,
        *,
        transaction: bool = True,
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        """One attachment in the given instance. For this package; everybody else uses `attached`.

        transaction: False keeps everybody else out like writing does, and changes nothing of the file itself.
        """
        room.attach(instance, self.path, self._duckdb_key(), write=write)
        write = write and transaction
        self._instance = instance
        self._attached = "write" if write else "read"
        working = cursor or instance.cursor()
        self._writing = working if write else None
        try:
            if write:
                working.execute("BEGIN TRANSACTION")
            yield working
            if write:
                working.execute("COMMIT")
                working.execute("CHECKPOINT clinic")
                self._drop_anchor(working)
            working.execute("SELECT 1").fetchall()  # ends a half-read result, which would hold the file
        except BaseException as error:
            _give_up(working)
            if isinstance(error, duckdb.Error) and room.is_about_the_file(error):
                raise room.explain(error, self.path) from error
            raise
        finally:
            self._attached = self._writing = self._instance = None
            room.detach(instance)

    # --- the audit ---

    def audit(
        self,
        action: str,
        person: str | None = None,
        detail: Mapping[str, Any] | None = None,
        *,
        at: datetime,
        actor: str | None = None,
    ) -> None:
        """Note one action, on its own or within a piece of writing work."""
        with self.attached(write=True) as cursor:
            self.note(cursor, [chain.Entry(action, person, None, detail)], actor=actor or self.actor, at=at)

    def note(
        self, cursor: duckdb.DuckDBPyConnection, entries: Sequence[chain.Entry], *, actor: str, at: datetime
    ) -> None:
        """Add audit rows in the running transaction of `attached(write=True)`."""
        chain.append(cursor, entries, actor=actor, at=at, file_id=self.file_id)

    def verify_audit(self) -> list[chain.Break]:
        """Every break of the audit chain, the anchor included."""
        with self.attached() as cursor:
            return self.breaks(cursor)

    def breaks(self, cursor: duckdb.DuckDBPyConnection) -> list[chain.Break]:
        """The same, within a piece of attached work."""
        return chain.verify(cursor, self.file_id, self._anchor())

    def _anchor(self) -> Mapping[str, Any] | None:
        if self._data_key is None:
            return None
        keys = crypt.read(self.path)
        if not crypt.anchor_is_genuine(keys, self._data_key):
            raise StoreError(
                f"The audit anchor in {crypt.keys_path(self.path)} was changed by somebody without the key.",
                "Put back the keys file of the last backup, and ask who had access to the folder.",
            )
        return keys.anchor

    def _drop_anchor(self, cursor: duckdb.DuckDBPyConnection) -> None:
        if self._data_key is not None:
            seq, chain_hash = chain.end(cursor, self.file_id)
            crypt.write(self.path, crypt.with_anchor(crypt.read(self.path), self._data_key, seq, chain_hash))

    def _note_opening(self, instance: duckdb.DuckDBPyConnection) -> None:
        """The opening goes into the audit with the first real work, so the first screen need not wait."""
        self._open_is_noted = True
        if not _may_write(self.path):
            return
        with self.work(instance, True) as cursor:
            self.note(cursor, [chain.Entry("open")], actor=self.actor, at=self._opened_at)

    # --- the way in ---

    def change_passphrase(self, passphrase: str, key_file: Path | None, *, actor: str, at: datetime) -> None:
        """Open with another passphrase (and key file, or none) from now on. Older copies keep theirs."""
        if self._data_key is None:
            raise StoreError(
                f"{self.path} is not encrypted.", "A fictional file without encryption has no passphrase."
            )
        with self.attached(write=True) as cursor:
            self.note(cursor, [chain.Entry("passphrase")], actor=actor, at=at)
            keys = crypt.with_passphrase(crypt.read(self.path), self._data_key, passphrase, key_file)
            crypt.write(self.path, keys)

    def new_recovery_code(self, *, actor: str, at: datetime) -> str:
        """Make a new recovery code, to be printed once; the old one no longer opens the file."""
        if self._data_key is None:
            raise StoreError(
                f"{self.path} is not encrypted.", "A fictional file without encryption has no recovery code."
            )
        with self.attached(write=True) as cursor:
            self.note(cursor, [chain.Entry("recovery_code")], actor=actor, at=at)
            keys, code = crypt.with_new_recovery_code(crypt.read(self.path), self._data_key)
            crypt.write(self.path, keys)
        return code

    # --- ends ---

    def data_key(self) -> bytes | None:
        """The key the file is encrypted with; None for a plain fictional file."""
        return self._data_key

    def close(self) -> None:
        """Close the instances. The file itself is not attached outside a piece of work."""
        with self._door, self._making:
            for instance in (self._bare, self._full):
                if instance is not None:
                    instance.close()
            self._bare = self._full = None

    def __enter__(self) -> "PatientFile":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _duckdb_key(self) -> str | None:
        return None if self._data_key is None else crypt.duckdb_key(self._data_key)


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
) -> PatientFile:
    """Open a patient file; an older schema is brought up to date after an automatic copy.

    note_opening: False only where the file must stay as it is (checking a backup).
    knowledge: False for caring for the file, which needs no knowledge tables.

    Raises StoreError: missing, busy, not a patient file, damaged, newer, keys missing or foreign,
    passphrase wrong or not given, history shorter than the keys say.
    """
    path = _absolute(path)
    if not path.is_file():
        what = "is a folder" if path.is_dir() else "does not exist"
        raise StoreError(f"{path} {what}.", f"`pain-tui init {path.name}` makes a new patient file.")
    data_key = None
    if crypt.is_encrypted(path):
        keys = crypt.read(path)
        if not passphrase:
            raise StoreError(
                f"{path} needs its passphrase.", "Give --passphrase-file PATH, or run it in a terminal."
            )
        data_key = crypt.unlock(keys, passphrase, key_file, path)
    file = PatientFile(path, data_key, actor=actor, at=at, knowledge=knowledge)
    file._open_is_noted = not note_opening
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
        with file.work(instance, True) as cursor:
            migrate.apply(cursor, 0)
            marks = ", ".join(["(?, ?)"] * len(meta))
            cursor.execute(
                f"INSERT INTO clinic.main.meta VALUES {marks}", [part for row in meta.items() for part in row]
            )
            file.note(cursor, [chain.Entry("create", detail=meta)], actor=actor, at=at)
    finally:
        instance.close()
    file.path.chmod(0o600)
    file._open_is_noted = True


def _check(file: PatientFile) -> None:
    """Read the meta rows; bring an older file up to date; refuse one whose history has become shorter."""
    version = _read_meta(file)
    if version < migrate.latest():
        from pain_tui.patients import backup

        backup.before_migration(file, version)
        instance = room.open_room(file.path, encrypted=file.is_encrypted, knowledge=False)
        try:
            with file.work(instance, True) as cursor:
                migrate.apply(cursor, version)
                entry = chain.Entry("migrate", detail={"from": version, "to": migrate.latest()})
                file.note(cursor, [entry], actor=file.actor, at=file._opened_at)
        finally:
            instance.close()
        _read_meta(file)


def _read_meta(file: PatientFile) -> int:
    with file.glance() as cursor:
        version = migrate.reached(cursor)
        migrate.refuse_unknown(version, file.path)
        file.meta = dict(cursor.execute("SELECT key, value FROM clinic.main.meta").fetchall())
        last, _ = chain.end(cursor, file.file_id)
    anchor = file._anchor()
    if anchor is not None and last < int(anchor["seq"]):
        raise StoreError(
            f"{file.path} has lost its last {int(anchor['seq']) - last} action(s): "
            "it is older than its keys file.",
            f"If {file.path.name}.wal lies elsewhere, put it back beside the file; "
            "else restore a backup (both files).",
        )
    return version


def _give_up(cursor: duckdb.DuckDBPyConnection) -> None:
    for statement in ("ROLLBACK", "SELECT 1"):  # the second ends a half-read result
        try:
            cursor.execute(statement).fetchall()
        except duckdb.Error:
            continue  # no transaction was open, or the file is gone; the first error is the one that matters


def _absolute(path: Path) -> Path:
    return Path(path).expanduser().resolve()


def _may_write(path: Path) -> bool:
    import os

    return os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)


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
