"""An open patient file: attach it for one piece of work, note what was done, let it go.

Every writing call takes who and when; each piece of writing is one transaction with its audit rows,
checkpointed, and noted in the anchor. The first look (the clinic list) uses a bare instance, about 20 ms;
the instance with the knowledge tables is made when first needed, or ahead of time by `warm()` in a thread.
`file.py` makes and opens files.
"""

import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from pain_tui import duck as duckdb
from pain_tui.errors import StoreError
from pain_tui.patients import audit as chain
from pain_tui.patients import crypt, room, tries

Kind = Literal["real", "fictional"]


class PatientFile:
    """An open patient file. Safe to use from several threads; one piece of attached work runs at a time."""

    def __init__(
        self,
        path: Path,
        data_key: bytes | None,
        *,
        actor: str,
        at: datetime,
        knowledge: bool = True,
        coming: room.Coming | None = None,
    ) -> None:
        self.path = path
        self.actor = actor
        self.meta: dict[str, str] = {}
        self.recovery_code: str | None = None  # only on the object that `create` returns; print it once
        self._data_key = data_key
        self.opened_at = at
        self._knowledge = knowledge
        self.opening_is_noted = False
        self.on_notice: Callable[[str], object] | None = None  # told what is no error and must be known
        self._keys_announced = False
        self._door = threading.RLock()
        self._making = threading.Lock()
        self._attached: Literal["read", "write"] | None = None
        self._writing: duckdb.DuckDBPyConnection | None = None  # the cursor of the writing work under way
        self._instance: duckdb.DuckDBPyConnection | None = None  # the one the file is attached in now
        self._bare: duckdb.DuckDBPyConnection | None = None
        self._full: duckdb.DuckDBPyConnection | None = None
        self._coming = coming  # `_full`, while it is being made in a thread

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
            if self._full is None and self._coming is not None:
                self._full = self._coming.room()
            elif self._full is None:
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
            if not self.opening_is_noted:
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
        new: bool = False,
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        """One attachment in the given instance. For this package; everybody else uses `attached`.

        transaction: False keeps everybody else out like writing does, and changes nothing of the file itself.
        new: the file is made by this.
        """
        room.attach(instance, self.path, self._duckdb_key(), write=write, tell=self._tell, new=new)
        write = write and transaction
        self._instance = instance
        self._attached = "write" if write else "read"
        working = cursor or instance.cursor()
        self._writing = working if write else None
        try:
            if write:
                working.execute("BEGIN TRANSACTION")
                if not new:
                    self.refuse_older(chain.end(working, self.file_id)[0])
            yield working
            if write:
                self._commit(working)
            else:
                working.execute("SELECT 1").fetchall()  # ends a half-read result, which would hold the file
        except BaseException as error:
            _give_up(working)
            if write:
                self._drop_announced()
            if isinstance(error, duckdb.Error) and room.is_about_the_file(error):
                raise room.explain(error, self.path) from error
            raise
        finally:
            self._attached = self._writing = self._instance = None
            self._keys_announced = False
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
        return chain.verify(cursor, self.file_id, self.anchor())

    def anchor(self) -> Mapping[str, Any] | None:
        """The end of the audit chain as the keys file notes it; None for a file without keys."""
        if self._data_key is None:
            return None
        keys = crypt.read(self.path)
        if not crypt.anchor_is_genuine(keys, self._data_key):
            raise StoreError(
                f"The audit anchor in {crypt.keys_path(self.path)} was changed by somebody without the key.",
                "Put back the keys file of the last backup, and ask who had access to the folder.",
            )
        return keys.anchor

    def refuse_older(self, last: int) -> None:
        """Raise StoreError when the audit of the attached file ends before the row that the keys file notes.

        Also before each writing: an older copy may have been put in the place of a file that is open, and the
        note of what it lacks must not be written over.
        """
        anchor = self.anchor()
        if anchor is not None and last < int(anchor["seq"]):
            raise StoreError(
                f"{self.path} has lost its last {int(anchor['seq']) - last} action(s): "
                "it is older than its keys file.",
                f"If {self.path.name}.wal lies elsewhere, put it back beside the file; "
                "else restore a backup (both files).",
            )

    def change_keys(self, cursor: duckdb.DuckDBPyConnection, keys: crypt.Keys) -> None:
        """Let these keys count from the commit of the running work on, or not at all; note it first."""
        if self._data_key is None:
            raise RuntimeError("a plain file has no keys")
        crypt.announce(self.path, self._anchored(keys, chain.end(cursor, self.file_id)))
        self._keys_announced = True

    def settle_announced(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """After a kill in a change of passphrase: it holds if it was committed, else it never was."""
        announced = crypt.announced(self.path)
        if announced is None or announced.anchor is None:
            return
        seq, chain_hash = announced.anchor["seq"], announced.anchor["hash"]
        row = cursor.execute("SELECT hash FROM clinic.main.audit WHERE seq = ?", [seq]).fetchone()
        with suppress(OSError):  # a folder that cannot be written: again at the next opening
            if row == (chain_hash,) and crypt.anchor_is_genuine(announced, self._data_key or b""):
                crypt.take_announced(self.path)
            else:
                crypt.drop_announced(self.path)

    def _anchored(self, keys: crypt.Keys, end: tuple[int, str]) -> crypt.Keys:
        return crypt.with_anchor(keys, self._data_key or b"", *end)

    def _drop_announced(self) -> None:
        if self._keys_announced:
            with suppress(OSError):
                crypt.drop_announced(self.path)

    def _commit(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Commit, checkpoint, anchor. Once committed it is saved: a disk that fills up then must not make it look unsaved."""
        end = chain.end(cursor, self.file_id)  # read now: after a checkpoint that fails nothing can be
        cursor.execute("COMMIT")
        announced, self._keys_announced = self._keys_announced, False
        try:
            cursor.execute("CHECKPOINT clinic")
        except duckdb.Error as error:
            if not room.is_about_the_file(error):
                raise
            self._tell(
                "Saved. The disk is full or gone, so the next change cannot be; free some space first."
            )
        if self._data_key is None:
            return
        try:
            if announced:
                crypt.take_announced(self.path)
            crypt.write(self.path, self._anchored(crypt.read(self.path), end))
        except OSError as error:
            self._tell(f"Saved, but its note in {crypt.keys_path(self.path)} is missing ({error.strerror}).")

    def _tell(self, sentence: str) -> None:
        if self.on_notice is not None:
            self.on_notice(sentence)

    def _note_opening(self, instance: duckdb.DuckDBPyConnection) -> None:
        """The opening goes into the audit with the first real work, so the first screen need not wait."""
        self.opening_is_noted = True
        if not _may_write(self.path):
            return
        try:
            with self.work(instance, True) as cursor:
                for entry, who, when in tries.told(self.path):
                    self.note(cursor, [entry], actor=who, at=when)
                self.note(cursor, [chain.Entry("open")], actor=self.actor, at=self.opened_at)
        except room.DiskFull as error:  # what is known of a person can be read all the same
            self._tell(f"{error.message} It can be read; that it was opened is not in the audit.")
            return
        tries.forget(self.path)

    # --- ends ---

    def data_key(self) -> bytes | None:
        """The key the file is encrypted with; None for a plain fictional file."""
        return self._data_key

    def seal(self, contents: bytes, what: str) -> bytes:
        """Bytes to lie beside the file, as unreadable as the file; a plain fictional file's stay plain."""
        if self._data_key is None:
            return contents
        return crypt.seal(crypt.read(self.path), self._data_key, contents, what)

    def unseal(self, sealed: bytes, what: str) -> bytes:
        """What `seal` was given for the same `what`. Raises StoreError when it is not that."""
        if self._data_key is None:
            return sealed
        return crypt.unseal(crypt.read(self.path), self._data_key, sealed, what)

    def close(self) -> None:
        """Close the instances. The file itself is not attached outside a piece of work."""
        with self._door, self._making:
            if self._coming is not None and self._full is None:
                self._coming.drop()
            for instance in (self._bare, self._full):
                if instance is not None:
                    instance.close()
            self._bare = self._full = self._coming = None

    def __enter__(self) -> "PatientFile":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _duckdb_key(self) -> str | None:
        return None if self._data_key is None else crypt.duckdb_key(self._data_key)


def _give_up(cursor: duckdb.DuckDBPyConnection) -> None:
    for statement in ("ROLLBACK", "SELECT 1"):  # the second ends a half-read result
        try:
            cursor.execute(statement).fetchall()
        except duckdb.Error:
            continue  # no transaction was open, or the file is gone; the first error is the one that matters


def _may_write(path: Path) -> bool:
    return os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)
