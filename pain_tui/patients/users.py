"""People who share one log-in of the workstation: a local name and a PIN, kept in the patient file.

With a name that was confirmed by its PIN the audit says "anna (ward3)" where it would say "ward3". The PIN tells
colleagues apart; it protects nothing: the passphrase does. A file without local users asks nobody.
"""

import hashlib
import hmac
import json
import secrets
from datetime import datetime, timedelta

from pain_tui.errors import InputError, StoreError
from pain_tui.patients import tries
from pain_tui.patients.audit import Entry
from pain_tui.patients.patient_file import PatientFile

_KEY = "local_user:"  # of a row of `meta`
LONGEST_NAME = 40
SHORTEST_PIN = 4
_SCRYPT_N = 2**14


def names(file: PatientFile) -> list[str]:
    """The local users of this file, in order."""
    with file.attached() as cursor:
        found = cursor.execute(
            "SELECT key FROM clinic.main.meta WHERE starts_with(key, ?) ORDER BY key", [_KEY]
        ).fetchall()
    return [key.removeprefix(_KEY) for (key,) in found]


def add(file: PatientFile, name: str, pin: str, *, actor: str, at: datetime) -> None:
    """Let this name be used with this PIN; a name that is there gets a new PIN. Audited.

    Raises InputError for a name or a PIN that cannot be taken.
    """
    if (
        not 0 < len(name) <= LONGEST_NAME
        or not name.isprintable()
        or name != name.strip()
        or set(name) & set("()")
    ):
        raise InputError(
            f"{name[:LONGEST_NAME]!r} cannot be a local name.",
            f"1 to {LONGEST_NAME} printable characters, no brackets.",
        )
    if len(pin) < SHORTEST_PIN:
        raise InputError("The PIN is too short.", f"At least {SHORTEST_PIN} characters.")
    salt = secrets.token_hex(16)
    kept = json.dumps({"salt": salt, "hash": _stretched(pin, salt)})
    with file.attached(write=True) as cursor:
        cursor.execute("INSERT OR REPLACE INTO clinic.main.meta VALUES (?, ?)", [_KEY + name, kept])
        file.note(cursor, [Entry("user.add", detail={"user": name})], actor=actor, at=at)


def remove(file: PatientFile, name: str, *, actor: str, at: datetime) -> None:
    """Take a local name away; what it did stays in the audit. Raises InputError when it is not there."""
    with file.attached(write=True) as cursor:
        gone = cursor.execute(
            "DELETE FROM clinic.main.meta WHERE key = ? RETURNING key", [_KEY + name]
        ).fetchall()
        if not gone:
            raise InputError(
                f"This file has no local user {name!r}.", "`pain-tui user list FILE` names them."
            )
        file.note(cursor, [Entry("user.remove", detail={"user": name})], actor=actor, at=at)


def confirm(file: PatientFile, name: str, pin: str, *, login: str, at: datetime) -> str:
    """What the audit calls this person from now on, when the PIN fits: "name (login)".

    Raises StoreError when it does not, or too soon after wrong ones; both unknown names and wrong PINs are in the
    audit as `pin_failed`, a right one as `sign_in`.
    """
    with file.attached(write=True) as cursor:
        _refuse_too_soon(file, at)
        found = cursor.execute("SELECT value FROM clinic.main.meta WHERE key = ?", [_KEY + name]).fetchone()
        kept = (
            json.loads(found[0]) if found else {"salt": "", "hash": ""}
        )  # an unknown name costs the same time
        fits = hmac.compare_digest(_stretched(pin, kept["salt"]), kept["hash"]) and found is not None
        actor = f"{name} ({login})"
        entry = Entry("sign_in" if fits else "pin_failed", detail={"user": name})
        file.note(cursor, [entry], actor=actor if fits else login, at=at)
    if not fits:
        raise StoreError("The local name and the PIN do not fit together.", "Try again; it is in the audit.")
    file.actor = actor
    return actor


def _refuse_too_soon(file: PatientFile, at: datetime) -> None:
    """Wrong PINs since the last right one slow down, as wrong passphrases do."""
    with file.attached() as cursor:
        found = cursor.execute(
            """
            SELECT count(*), max("at") FROM clinic.main.audit WHERE action = 'pin_failed' AND seq > (
                SELECT coalesce(max(seq), 0) FROM clinic.main.audit WHERE action = 'sign_in')
            """
        ).fetchone()
    failures, last = found or (0, None)
    until = last + timedelta(seconds=tries.pause_after(failures)) if last is not None else at
    if at < until:
        raise StoreError(
            f"{failures} wrong PINs in a row.", f"Wait {(until - at).seconds + 1} seconds, then try again."
        )


def _stretched(pin: str, salt: str) -> str:
    return hashlib.scrypt(pin.encode(), salt=salt.encode(), n=_SCRYPT_N, r=8, p=1, dklen=32).hex()
