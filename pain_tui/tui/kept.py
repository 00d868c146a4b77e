"""Unsaved changes kept beside the patient file, so that a kill, a crash or a hang-up loses none of them.

One file a window, `X.duckdb.draft-...`, sealed with the patient file's own key: each change appends the whole
draft as one line and is on the disk before the next; the last whole line counts, so a write cut off in the
middle leaves the one before it. The window holds a lock on its file: a draft without one belongs to a window
that is gone, and is offered when the patient file is opened again.
"""

import base64
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from threading import Lock
from typing import IO, Any

from pain_tui.errors import PainTuiError
from pain_tui.patients.file import PatientFile
from pain_tui.tui.draft import Draft, Edit

WHAT = "draft"
FORMAT = 1


@dataclass
class Found:
    """A draft that no window holds any more."""

    path: Path
    draft: Draft
    actor: str
    at: str
    lock: IO[bytes]

    def drop(self) -> None:
        """It is taken up or not wanted: away with it."""
        self.path.unlink(missing_ok=True)
        self.lock.close()


class Keeper:
    """The draft of this window."""

    def __init__(self, file: PatientFile, actor: str) -> None:
        self._file, self._actor = file, actor
        self._path = file.path.with_name(f"{file.path.name}.draft-{secrets.token_hex(6)}")
        self._lines: IO[bytes] | None = None
        self._door = Lock()

    def keep(self, draft: Draft | None, at: datetime) -> None:
        """Put the draft on the disk; with nothing unsaved the file goes away. Raises OSError or StoreError."""
        with self._door:
            if draft is None or not draft.edits:
                self._drop()
                return
            held = {
                "format": FORMAT,
                "actor": self._actor,
                "at": at.isoformat(timespec="seconds"),
                "person": draft.person,
                "edits": [asdict(edit) for edit in draft.edits],
            }
            sealed = self._file.seal(json.dumps(held, ensure_ascii=False, default=_tagged).encode(), WHAT)
            if self._lines is None:
                descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
                self._lines = os.fdopen(descriptor, "r+b", buffering=0)
                _locked(self._lines)
            self._lines.write(base64.b64encode(sealed) + b"\n")
            os.fsync(self._lines.fileno())

    def _drop(self) -> None:
        if self._lines is not None:
            self._path.unlink(missing_ok=True)
            self._lines.close()
            self._lines = None


def left_over(file: PatientFile) -> Iterator[Found]:
    """Drafts of windows that are gone, oldest first. One that cannot be read is left where it is."""
    for path in sorted(file.path.parent.glob(f"{file.path.name}.draft-*"), key=_age):
        try:
            lines = path.open("r+b")
        except OSError:
            continue
        if not _locked(lines):
            lines.close()
            continue
        found = _last_whole(file, lines.read())
        if found is None:
            lines.close()
            continue
        draft = Draft(found["person"], [_edit(edit) for edit in found["edits"]])
        yield Found(path, draft, found["actor"], found["at"], lines)


def _last_whole(file: PatientFile, written: bytes) -> Mapping[str, Any] | None:
    whole = written.rpartition(b"\n")[0]
    for line in reversed(whole.split(b"\n")):
        try:
            held = json.loads(file.unseal(base64.b64decode(line, validate=True), WHAT), object_hook=_untagged)
        except (PainTuiError, ValueError):
            continue
        if held.get("format") == FORMAT:
            return held
    return None


def _edit(held: dict[str, Any]) -> Edit:
    return Edit(**{name: value for name, value in held.items() if name in Edit.__dataclass_fields__})


def _tagged(value: object) -> dict[str, str]:
    if isinstance(value, datetime):
        return {"$moment": value.isoformat()}
    if isinstance(value, date):
        return {"$day": value.isoformat()}
    raise TypeError(f"a draft cannot keep a {type(value).__name__}")


def _untagged(held: dict[str, Any]) -> Any:
    if set(held) == {"$moment"}:
        return datetime.fromisoformat(held["$moment"])
    if set(held) == {"$day"}:
        return date.fromisoformat(held["$day"])
    return held


def _age(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _locked(lines: IO[bytes]) -> bool:
    """Hold the file for this process until it is closed; False when another one holds it."""
    try:
        import fcntl
    except ImportError:  # Windows
        import msvcrt

        try:
            lines.seek(2**30)
            msvcrt.locking(lines.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]  # Windows only
            lines.seek(0, os.SEEK_END)
        except OSError:
            return False
        lines.seek(0)
        return True
    try:
        fcntl.flock(lines.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
