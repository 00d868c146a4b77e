"""Knowledge tables as plain rows of text, read once: for looking names up, not for clinical decisions."""

import csv
from functools import cache
from pathlib import Path

from pain_tui.knowledge import load


@cache
def rows(name: str) -> tuple[dict[str, str], ...]:
    """Every row of one knowledge table, cells as text ('' when empty). No such table: no rows."""
    for table in load.tables():
        if table.name == name:
            return tuple(row for file in table.files for row in _read(file))
    return ()


def _read(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return [{key: value or "" for key, value in row.items()} for row in csv.DictReader(lines)]


def split(cell: str) -> list[str]:
    """The entries of a cell that holds several, separated by `|`."""
    return [entry.strip() for entry in cell.split("|") if entry.strip()]
