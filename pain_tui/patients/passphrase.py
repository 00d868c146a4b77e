"""Another passphrase, another recovery code, and whether a passphrase opens an open file."""

from datetime import datetime
from pathlib import Path

from pain_tui.errors import StoreError
from pain_tui.patients import crypt, tries
from pain_tui.patients.audit import Entry
from pain_tui.patients.patient_file import PatientFile


def change(file: PatientFile, passphrase: str, key_file: Path | None, *, actor: str, at: datetime) -> None:
    """Open with another passphrase (and key file, or none) from now on. Older copies keep theirs."""
    data_key = _data_key(file)
    with file.attached(write=True) as cursor:
        file.note(cursor, [Entry("passphrase")], actor=actor, at=at)
        keys = crypt.with_passphrase(crypt.read(file.path), data_key, passphrase, key_file)
        file.change_keys(cursor, keys)


def new_recovery_code(file: PatientFile, *, actor: str, at: datetime) -> str:
    """Make a new recovery code, to be printed once; the old one no longer opens the file."""
    data_key = _data_key(file)
    with file.attached(write=True) as cursor:
        file.note(cursor, [Entry("recovery_code")], actor=actor, at=at)
        keys, code = crypt.with_new_recovery_code(crypt.read(file.path), data_key)
        file.change_keys(cursor, keys)
    return code


def confirm(
    file: PatientFile, passphrase: str, key_file: Path | None = None, *, actor: str, at: datetime
) -> None:
    """Take the passphrase of an open file again, for a screen that was locked.

    Raises StoreError when it does not fit, or too soon after wrong ones. A wrong one is in the audit at once, and
    counts as one at the next opening too: ending the program does not shorten the pause.
    """
    if file.data_key() is None:
        return
    tries.refuse_too_soon(file.path, at)
    try:
        fits = crypt.unlock(crypt.read(file.path), passphrase, key_file, file.path) == file.data_key()
        refused = StoreError(f"{crypt.keys_path(file.path)} is of another file.", "Put back the right one.")
    except StoreError as error:
        fits, refused = False, error
    if fits:
        tries.forget(file.path)
        return
    in_audit = False
    try:
        file.audit("unlock_failed", at=at, actor=actor)
        in_audit = True
    finally:  # a file that is busy or a full disk must not make the try uncounted
        tries.note(file.path, actor=actor, at=at, in_audit=in_audit)
    raise refused


def _data_key(file: PatientFile) -> bytes:
    data_key = file.data_key()
    if data_key is None:
        raise StoreError(f"{file.path} is not encrypted.", "A plain fictional file has no passphrase.")
    return data_key
