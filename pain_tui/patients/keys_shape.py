"""Whether what stands in a keys file can be one: it is read before anybody has shown a passphrase.

A checksum guards against damage, not against somebody who writes the file on purpose; so every value is looked at
before it reaches a key function.
"""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

_MOST_WRAPS = 8
_MOST_ROUNDS = 32  # scrypt's r
_MOST_PASSES = 4  # scrypt's p: each is one more half second
_NONCE, _KEY = 12, 32 + 16  # bytes: AES-GCM's nonce; the data key and its tag


def require(body: Mapping[str, Any]) -> None:
    """Raise ValueError unless the values of a keys file are what this program writes."""
    wraps, anchor = body["wraps"], body["anchor"]
    _hold(isinstance(body["file_id"], str) and isinstance(body["uses_key_file"], bool))
    _hold(isinstance(wraps, list) and 0 < len(wraps) <= _MOST_WRAPS)
    for wrap in wraps:
        _wrap(wrap)
    if anchor is not None:
        _hold(isinstance(anchor, dict) and _is_count(anchor["seq"], 2**62))
        _hold(all(isinstance(anchor[name], str) and anchor[name].isascii() for name in ("hash", "mac")))


def _wrap(wrap: Any) -> None:
    _hold(isinstance(wrap, dict) and wrap["by"] in ("passphrase", "recovery") and wrap["kdf"] == "scrypt")
    _hold(_is_count(wrap["n"], 2**40) and wrap["n"] >= 2 and wrap["n"].bit_count() == 1)
    _hold(_is_count(wrap["r"], _MOST_ROUNDS) and wrap["r"] > 0)
    _hold(_is_count(wrap["p"], _MOST_PASSES) and wrap["p"] > 0)
    _hold(len(_bytes(wrap["salt"])) > 0)
    _hold(len(_bytes(wrap["nonce"])) == _NONCE and len(_bytes(wrap["key"])) == _KEY)


def _bytes(text: Any) -> bytes:
    _hold(isinstance(text, str))
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error


def _is_count(value: Any, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most


def _hold(so: bool) -> None:
    if not so:
        raise ValueError("not a keys file of this program")
