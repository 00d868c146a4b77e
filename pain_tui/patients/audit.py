"""The audit: who did what when, each row hashing the one before. Append-only.

A row holds opaque ids, the action and a hash of its detail; never a name or a clinical value, so that a
person can really be deleted and the chain stays whole. The end of the chain is anchored in the keys file
(crypt.py), so that cutting the tail is noticed as well as changing, removing or swapping a row.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pain_tui import duck as duckdb

COLUMNS = ("seq", "at", "actor", "action", "person", "row_id", "detail_hash", "previous_hash", "hash")


@dataclass(frozen=True)
class Entry:
    """One thing done: `action` such as "open", "view", "medication.correct"; ids only where they apply.

    detail: what else belongs to it; only its hash is kept.
    """

    action: str
    person: str | None = None
    row_id: str | None = None
    detail: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Break:
    """One thing wrong with the chain: row number, kind (changed, removed, order, tail, anchor), sentence."""

    seq: int
    kind: str
    say: str


def append(
    cursor: duckdb.DuckDBPyConnection, entries: Sequence[Entry], *, actor: str, at: datetime, file_id: str
) -> None:
    """Add rows at the end of the chain of the attached file, in the running transaction."""
    seq, previous = end(cursor, file_id)
    rows: list[Any] = []
    for entry in entries:
        seq += 1
        content = [
            seq,
            _time(at),
            actor,
            entry.action,
            entry.person,
            entry.row_id,
            _hash(entry.detail),
            previous,
        ]
        previous = _hash(content) or ""
        rows.extend([*content, previous])
    if rows:
        marks = ", ".join(["(?, ?, ?, ?, ?, ?, ?, ?, ?)"] * len(entries))
        cursor.execute(f"INSERT INTO clinic.main.audit VALUES {marks}", rows)


def end(cursor: duckdb.DuckDBPyConnection, file_id: str) -> tuple[int, str]:
    """Number and hash of the last row; (0, the file's own first hash) when there is none."""
    last = cursor.execute("SELECT seq, hash FROM clinic.main.audit ORDER BY seq DESC LIMIT 1").fetchone()
    return (last[0], last[1]) if last is not None else (0, first_hash(file_id))


def last(cursor: duckdb.DuckDBPyConnection) -> tuple[int, datetime | None]:
    """Number and time (UTC) of the last row; (0, None) when there is none."""
    found = cursor.execute('SELECT seq, "at" FROM clinic.main.audit ORDER BY seq DESC LIMIT 1').fetchone()
    return (int(found[0]), found[1]) if found is not None else (0, None)


def first_hash(file_id: str) -> str:
    """What the first row names as its predecessor."""
    return hashlib.sha256(f"pain-tui audit {file_id}".encode()).hexdigest()


def verify(cursor: duckdb.DuckDBPyConnection, file_id: str, anchor: Mapping[str, Any] | None) -> list[Break]:
    """Every break of the attached file's chain, in order; an empty list when it is whole.

    anchor: `{"seq", "hash"}` as last noted in the keys file; None for a file without one.
    """
    rows = cursor.execute(
        f"SELECT {', '.join(_quoted(COLUMNS))} FROM clinic.main.audit ORDER BY seq"
    ).fetchall()
    breaks: list[Break] = []
    expected, previous = 1, first_hash(file_id)
    for row in rows:
        seq, kept_previous, kept_hash = row[0], row[7], row[8]
        if seq != expected:
            breaks.append(_out_of_order(seq, expected))
        content = [seq, _time(row[1]), *row[2:8]]
        if _hash(content) != kept_hash:
            breaks.append(Break(seq, "changed", f"Row {seq} was changed after it was written."))
        elif kept_previous != previous and seq == expected:
            breaks.append(
                Break(seq, "order", f"Row {seq} does not follow row {seq - 1}: one of them was replaced.")
            )
        expected, previous = seq + 1, kept_hash
    return breaks + _against_anchor(rows, anchor)


def _out_of_order(seq: int, expected: int) -> Break:
    if seq < expected:
        return Break(seq, "order", f"Row {seq} is there twice.")
    which = f"Row {expected} was" if seq == expected + 1 else f"Rows {expected} to {seq - 1} were"
    return Break(expected, "removed", f"{which} removed.")


def _against_anchor(rows: Sequence[tuple[Any, ...]], anchor: Mapping[str, Any] | None) -> list[Break]:
    if anchor is None:
        return []
    noted, last = int(anchor["seq"]), rows[-1][0] if rows else 0
    if last < noted:
        return [Break(last + 1, "tail", f"Rows {last + 1} to {noted} are missing at the end.")]
    at_anchor = [row[8] for row in rows if row[0] == noted]
    if at_anchor != [anchor["hash"]]:
        return [
            Break(
                noted,
                "anchor",
                f"Row {noted} is not the one noted in the keys file: the chain was written anew.",
            )
        ]
    return []


def _quoted(names: Sequence[str]) -> list[str]:
    return [f'"{name}"' for name in names]


def _time(at: datetime) -> str:
    return at.isoformat(timespec="microseconds")


def _hash(content: Any) -> str | None:
    if content is None:
        return None
    return hashlib.sha256(
        json.dumps(content, sort_keys=True, default=str, separators=(",", ":")).encode()
    ).hexdigest()
