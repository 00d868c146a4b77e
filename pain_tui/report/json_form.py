"""Shapes as JSON text, byte for byte what `json.dumps` would print, in one walk over the values.

Floats are rounded half-even to 6 decimals, dates are ISO text, what could drive a terminal is escaped. One
assessment is some ten thousand values, and `json.dumps` is slow as soon as it indents.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from json.encoder import encode_basestring
from typing import Any

DECIMALS = 6
SCHEMA = 1  # of the shapes of docs/cli.md
UNSAFE = "".join(
    chr(code)
    for code in (*range(0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A))
    if chr(code) not in "\n\t"
)
_REPLACED = dict.fromkeys(map(ord, UNSAFE), "\N{REPLACEMENT CHARACTER}")
_UNSAFE_PATTERN = re.compile(f"[{re.escape(UNSAFE)}]")


def shape_text(shape: Mapping[str, Any], versions: Mapping[str, Any], *, line: bool = False) -> str:
    """One shape with `schema` and `versions` first, safe for a terminal. Raises as `form` does."""
    whole = {"schema": shape.get("schema", SCHEMA), "versions": shape.get("versions") or versions, **shape}
    return escape(form(whole, indent=not line))


def form(value: Any, *, indent: bool) -> str:
    """The text of one value: on one line, or indented by two. Raises ValueError for not-a-number, TypeError."""
    return _text(value, "\n" if indent else None)


def clean(text: str) -> str:
    """The text without control and direction-changing characters: a name must not drive a terminal."""
    return text.translate(_REPLACED)


def escape(text: str) -> str:
    r"""The text with each character that could drive a terminal as `\u0000`."""
    return _UNSAFE_PATTERN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


@lru_cache(maxsize=4096)
def _key(key: str) -> str:
    return encode_basestring(key) + ": "


def _text(value: Any, margin: str | None) -> str:
    """margin: line end and indent of the surrounding value; None for everything on one line."""
    kind = type(value)
    if kind is str:
        return encode_basestring(value)
    if kind is float:
        return _number(value)
    if value is None:
        return "null"
    if kind is bool:
        return "true" if value else "false"
    if kind is int:
        return repr(value)
    if kind is dict:
        return _object(value, margin)
    if kind is list:
        return _array(value, margin)
    return _other(value, margin)


def _number(value: float) -> str:
    rounded = round(value, DECIMALS) + 0.0  # minus zero becomes zero
    if rounded - rounded != 0:
        raise ValueError(f"no JSON form for {value!r}: unknown is null with a reason")
    return repr(rounded)


def _object(value: Mapping[Any, Any], margin: str | None) -> str:
    if not value:
        return "{}"
    inner = None if margin is None else margin + "  "
    parts = [
        _key(key if type(key) is str else str(key)) + _text(entry, inner) for key, entry in value.items()
    ]
    if inner is None:
        return "{" + ", ".join(parts) + "}"
    return "{" + inner + ("," + inner).join(parts) + str(margin) + "}"


def _array(value: Any, margin: str | None) -> str:
    if not value:
        return "[]"
    inner = None if margin is None else margin + "  "
    parts = [_text(entry, inner) for entry in value]
    if inner is None:
        return "[" + ", ".join(parts) + "]"
    return "[" + inner + ("," + inner).join(parts) + str(margin) + "]"


def _other(value: Any, margin: str | None) -> str:
    """The rarer kinds: subclasses, dates, numpy scalars, decimals."""
    if isinstance(value, float):  # also numpy's float64
        return _number(float(value))
    if isinstance(value, str):
        return encode_basestring(value)
    if isinstance(value, int):
        return repr(int(value))
    if isinstance(value, Mapping):
        return _object(value, margin)
    if isinstance(value, list | tuple):
        return _array(value, margin)
    if isinstance(value, datetime | date):
        return encode_basestring(value.isoformat())
    if hasattr(value, "item"):  # a numpy scalar
        return _text(value.item(), margin)
    if hasattr(value, "as_tuple"):  # Decimal
        return _number(float(value))
    raise TypeError(f"no JSON form for {type(value).__name__}")
