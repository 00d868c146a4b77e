"""The keys of an encrypted patient file: `X.keys` beside `X.duckdb`.

A random data key encrypts the file (DuckDB's own AES-256-GCM). `X.keys` holds that data key wrapped by the
passphrase (scrypt, AES-256-GCM), with a key file if one is used, and by the recovery code; and the anchor
of the audit chain, so that a cut tail is noticed. Nothing here is our own cipher. Losing `X.keys` is losing
the file.
"""

import base64
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pain_tui.errors import StoreError
from pain_tui.patients import keys_shape

FORMAT = 1
SCRYPT_N = 2**17  # 128 MB and about half a second: the deliberate cost of each guess
SCRYPT_R = 8
SCRYPT_P = 1
_MOST_MEMORY = 2**28  # bytes; a crafted keys file must not ask for more
_RECOVERY_GROUPS = 8
_SEALED = b"pain-tui sealed 1\n"


@dataclass(frozen=True)
class Keys:
    """The contents of one `X.keys`.

    file_id: the patient file it belongs to. wraps: the data key, wrapped once per way in.
    anchor: `{"seq", "hash", "mac"}` of the last audit row, or None before the first.
    """

    file_id: str
    wraps: tuple[Mapping[str, Any], ...]
    anchor: Mapping[str, Any] | None = None
    uses_key_file: bool = field(default=False)


def keys_path(file: Path) -> Path:
    """`clinic.keys` for `clinic.duckdb`."""
    return file.with_suffix(".keys")


def is_encrypted(file: Path) -> bool:
    """Whether a patient file has its keys beside it; those of a link lie beside the file it names."""
    return keys_path(file.resolve()).exists()


def new_keys(file_id: str, passphrase: str, key_file: Path | None) -> tuple[Keys, bytes, str]:
    """Make and wrap a data key. Returns keys, data key (32 bytes), and the recovery code to print once."""
    data_key = secrets.token_bytes(32)
    code = _new_recovery_code()
    secret = _key_file_secret(key_file)
    wraps = (
        _wrap(data_key, passphrase, "passphrase", file_id, secret),
        _wrap(data_key, code.replace("-", ""), "recovery", file_id, b""),
    )
    return Keys(file_id, wraps, uses_key_file=key_file is not None), data_key, code


def unlock(keys: Keys, passphrase: str, key_file: Path | None, file: Path) -> bytes:
    """The data key. The recovery code is taken wherever the passphrase is.

    Raises StoreError when neither fits, or when the file wants its key file.
    """
    code = passphrase.replace("-", "").replace(" ", "").upper()
    if _is_recovery_code(code):
        found = _unwrap(keys, "recovery", code, b"")
        if found is not None:
            return found
    if keys.uses_key_file and key_file is None:
        raise StoreError(f"{file} also needs its key file.", "Give it with --key-file PATH.")
    secret = _key_file_secret(key_file) if keys.uses_key_file else b""
    found = _unwrap(keys, "passphrase", passphrase, secret)
    if found is None:
        also = " or the key file is another one" if keys.uses_key_file else ""
        raise StoreError(
            f"The passphrase does not open {file}{also}.",
            "Try again; capital letters count. The recovery code printed at its creation works here too.",
        )
    return found


def with_passphrase(keys: Keys, data_key: bytes, passphrase: str, key_file: Path | None) -> Keys:
    """The same data key under another passphrase (and key file); the recovery code stays."""
    kept = tuple(wrap for wrap in keys.wraps if wrap["by"] != "passphrase")
    wrapped = _wrap(data_key, passphrase, "passphrase", keys.file_id, _key_file_secret(key_file))
    return replace(keys, wraps=(wrapped, *kept), uses_key_file=key_file is not None)


def with_new_recovery_code(keys: Keys, data_key: bytes) -> tuple[Keys, str]:
    """The same data key under a new recovery code; the old code no longer opens this keys file."""
    code = _new_recovery_code()
    kept = tuple(wrap for wrap in keys.wraps if wrap["by"] != "recovery")
    return replace(
        keys, wraps=(*kept, _wrap(data_key, code.replace("-", ""), "recovery", keys.file_id, b""))
    ), code


def with_anchor(keys: Keys, data_key: bytes, seq: int, chain_hash: str) -> Keys:
    """The keys with the end of the audit chain noted, sealed with the data key."""
    return replace(
        keys, anchor={"seq": seq, "hash": chain_hash, "mac": _seal(keys, data_key, seq, chain_hash)}
    )


def anchor_is_genuine(keys: Keys, data_key: bytes) -> bool:
    """Whether the anchor was written by somebody who had the data key."""
    anchor = keys.anchor
    if anchor is None:
        return True
    return hmac.compare_digest(
        str(anchor["mac"]), _seal(keys, data_key, int(anchor["seq"]), str(anchor["hash"]))
    )


def duckdb_key(data_key: bytes) -> str:
    """The data key in the form DuckDB takes."""
    return base64.b64encode(data_key).decode()


def seal(keys: Keys, data_key: bytes, contents: bytes, what: str) -> bytes:
    """Bytes for a file that lies beside the patient file (an unsaved draft): unreadable without its key.

    what: what it is and whom it is about, for example `draft P-7`; it must be the same when it is unsealed, so that one sealed
    file cannot be put in the place of another. A key of its own is derived from the data key.
    """
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = secrets.token_bytes(12)
    return (
        _SEALED + nonce + AESGCM(_side_key(data_key)).encrypt(nonce, contents, _bound_to(what, keys.file_id))
    )


def unseal(keys: Keys, data_key: bytes, sealed: bytes, what: str) -> bytes:
    """What `seal` was given. Raises StoreError when it is damaged, changed, of another file or about another thing."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    start = len(_SEALED)
    try:
        if not sealed.startswith(_SEALED):
            raise InvalidTag
        return AESGCM(_side_key(data_key)).decrypt(
            sealed[start : start + 12], sealed[start + 12 :], _bound_to(what, keys.file_id)
        )
    except (InvalidTag, ValueError) as error:
        raise StoreError(
            "What was kept beside the patient file is damaged or belongs to another file; it was not used.",
            "The patient file itself is not touched by this.",
        ) from error


# --- the file itself -------------------------------------------------------------------------------------


def read(file: Path, *, path: Path | None = None) -> Keys:
    """Read `X.keys` of the patient file X. Raises StoreError when it is missing, damaged or newer."""
    path = path or keys_path(file)
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        body = {name: value for name, value in stored.items() if name != "checksum"}
        intact = stored["checksum"] == _checksum(body)
        newer = int(stored["format"]) > FORMAT
        if intact and not newer:
            keys_shape.require(body)
    except OSError as error:
        raise StoreError(
            f"{path} cannot be read ({error.strerror}).", "It belongs beside the patient file."
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _damaged(path) from error
    if newer:
        raise StoreError(f"{path} is newer than this program.", "Open it with a newer pain-tui.")
    if not intact:
        raise _damaged(path)
    return Keys(body["file_id"], tuple(body["wraps"]), body["anchor"], body["uses_key_file"])


def write(file: Path, keys: Keys, *, path: Path | None = None) -> None:
    """Replace `X.keys` in one step: the old one stays whole until the new one is on the disk."""
    body = {
        "format": FORMAT,
        "what": "Keys of a pain-tui patient file. Keep them beside it; without them it is lost.",
        "file_id": keys.file_id,
        "uses_key_file": keys.uses_key_file,
        "wraps": [dict(wrap) for wrap in keys.wraps],
        "anchor": dict(keys.anchor) if keys.anchor is not None else None,
    }
    path = path or keys_path(file)
    fresh = path.with_name(f"{path.name}.new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as lines:
        lines.write(json.dumps({**body, "checksum": _checksum(body)}, indent=1) + "\n")
        lines.flush()
        os.fsync(lines.fileno())
    fresh.replace(path)
    sync_folder(path.parent)


def announce(file: Path, keys: Keys) -> None:
    """Write the keys that are to count once the running transaction is committed: `X.keys.next`.

    Their anchor is the audit row of that transaction, so whoever opens the file after a kill can see
    whether it was committed and then take or drop them.
    """
    write(file, keys, path=_next(file))


def announced(file: Path) -> Keys | None:
    """The announced keys, if any; there are some only between a commit and its end, or after a kill there."""
    if not _next(file).exists():
        return None
    try:
        return read(file, path=_next(file))
    except StoreError:
        return None


def take_announced(file: Path) -> None:
    """The announced keys count from now on."""
    _next(file).replace(keys_path(file))
    sync_folder(file.parent)


def drop_announced(file: Path) -> None:
    """The transaction was not committed."""
    _next(file).unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """What was renamed in a folder stays renamed after a power loss (POSIX)."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        except OSError:  # some network drives cannot; the file itself was written through
            pass
        finally:
            os.close(descriptor)


def _next(file: Path) -> Path:
    return keys_path(file).with_name(f"{keys_path(file).name}.next")


def _damaged(path: Path) -> StoreError:
    return StoreError(
        f"{path} is damaged; without it the patient file cannot be opened.",
        "Put back the copy of it from a backup of the same patient file.",
    )


def _checksum(body: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


# --- wrapping --------------------------------------------------------------------------------------------


def _wrap(data_key: bytes, passphrase: str, by: str, file_id: str, secret: bytes) -> dict[str, Any]:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
    costs = {"n": SCRYPT_N, "r": SCRYPT_R, "p": SCRYPT_P}
    wrapped = AESGCM(_stretch(passphrase, salt, costs, secret)).encrypt(
        nonce, data_key, _bound_to(by, file_id)
    )
    return {
        "by": by,
        "kdf": "scrypt",
        **costs,
        "salt": _text(salt),
        "nonce": _text(nonce),
        "key": _text(wrapped),
    }


def _unwrap(keys: Keys, by: str, passphrase: str, secret: bytes) -> bytes | None:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    for wrap in keys.wraps:
        if wrap["by"] != by:
            continue
        key = _stretch(passphrase, _raw(wrap["salt"]), wrap, secret)
        try:
            return AESGCM(key).decrypt(_raw(wrap["nonce"]), _raw(wrap["key"]), _bound_to(by, keys.file_id))
        except InvalidTag:
            continue
    return None


def _stretch(passphrase: str, salt: bytes, costs: Mapping[str, Any], secret: bytes) -> bytes:
    """32 bytes from passphrase and key file. NFC, so that one passphrase is one on every keyboard."""
    import unicodedata

    memory = 128 * int(costs["n"]) * int(costs["r"])
    if memory > _MOST_MEMORY:
        raise StoreError(
            "The keys file asks for more memory than this program gives.", "It was not made by pain-tui."
        )
    words = unicodedata.normalize("NFC", passphrase).encode()
    stretched = hashlib.scrypt(
        words,
        salt=salt,
        n=int(costs["n"]),
        r=int(costs["r"]),
        p=int(costs["p"]),
        maxmem=2 * memory + 2**20,
        dklen=32,
    )
    return hmac.digest(stretched, secret, "sha256") if secret else stretched


def _key_file_secret(key_file: Path | None) -> bytes:
    if key_file is None:
        return b""
    try:
        contents = key_file.read_bytes()
    except OSError as error:
        raise StoreError(
            f"The key file {key_file} cannot be read ({error.strerror}).", "Check the path."
        ) from error
    if len(contents) < 32:
        raise StoreError(f"The key file {key_file} is too short.", "A key file has at least 32 random bytes.")
    return hashlib.sha256(contents).digest()


def _side_key(data_key: bytes) -> bytes:
    """Another key than DuckDB's, so that no nonce is ever shared between the two."""
    return hmac.digest(data_key, b"pain-tui\0sealed beside the file", "sha256")


def _seal(keys: Keys, data_key: bytes, seq: int, chain_hash: str) -> str:
    return hmac.new(data_key, f"anchor\0{keys.file_id}\0{seq}\0{chain_hash}".encode(), "sha256").hexdigest()


def _new_recovery_code() -> str:
    letters = base64.b32encode(secrets.token_bytes(20)).decode()  # 160 bits, 32 letters
    return "-".join(letters[start : start + 4] for start in range(0, 4 * _RECOVERY_GROUPS, 4))


def _is_recovery_code(code: str) -> bool:
    return len(code) == 4 * _RECOVERY_GROUPS and set(code) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")


def _bound_to(by: str, file_id: str) -> bytes:
    return f"pain-tui\0{by}\0{file_id}".encode()


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _raw(text: str) -> bytes:
    return base64.b64decode(text)
