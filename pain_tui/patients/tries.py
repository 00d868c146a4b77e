"""Wrong passphrases: noted beside the file, slowed down, and told to the audit when the file opens again.

The note (`X.keys.failed`, one line a try) is written by somebody who could not open the file, so it is not
protected against somebody who may write the folder; it slows down a person at the keyboard, not a thief
with a copy.
"""

import json
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from pain_tui.errors import StoreError
from pain_tui.patients import crypt
from pain_tui.patients.audit import Entry

FREE_TRIES = 4  # typing errors; each further one doubles the pause
LONGEST_PAUSE = 300  # seconds
_KEPT = 1000  # lines read at most


def note(file: Path, *, actor: str, at: datetime, in_audit: bool = False) -> None:
    """Remember one wrong passphrase; a folder that cannot be written is no reason to stop.

    in_audit: it was noted there already, because the file was open (the lock of the screens).
    """
    line = json.dumps({"at": at.isoformat(timespec="seconds"), "actor": actor, "in_audit": in_audit})
    with suppress(OSError), _path(file).open("a", encoding="utf-8") as lines:
        lines.write(line + "\n")


def refuse_too_soon(file: Path, at: datetime) -> None:
    """Raise StoreError while the pause after the last wrong passphrase is not over."""
    failed = _read(file)
    if not failed:
        return
    until = failed[-1][0] + timedelta(seconds=pause_after(len(failed)))
    if at < until:
        raise StoreError(
            f"{len(failed)} wrong passphrases for {file} in a row.",
            f"Wait {(until - at).seconds + 1} seconds, then try again.",
        )


def pause_after(failures: int) -> int:
    """Seconds to wait after so many wrong passphrases in a row."""
    return min(2 ** (failures - FREE_TRIES), LONGEST_PAUSE) if failures > FREE_TRIES else 0


def told(file: Path) -> list[tuple[Entry, str, datetime]]:
    """The noted tries as audit entries, each with who and when; `forget` them once they are in the audit."""
    return [(Entry("unlock_failed"), actor, at) for at, actor, in_audit in _read(file) if not in_audit]


def forget(file: Path) -> None:
    """The tries are in the audit now."""
    with suppress(OSError):
        _path(file).unlink(missing_ok=True)


def _path(file: Path) -> Path:
    keys = crypt.keys_path(file)
    return keys.with_name(f"{keys.name}.failed")


def _read(file: Path) -> list[tuple[datetime, str, bool]]:
    """The noted tries, oldest first; a line that is not ours is passed over."""
    try:
        lines = _path(file).read_text(encoding="utf-8", errors="replace").splitlines()[-_KEPT:]
    except OSError:
        return []
    found = []
    for line in lines:
        with suppress(ValueError, KeyError, TypeError):
            stored = json.loads(line)
            at = datetime.fromisoformat(stored["at"]).replace(tzinfo=None)
            found.append((at, str(stored["actor"])[:100], stored.get("in_audit") is True))
    return found
