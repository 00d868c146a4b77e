"""Knowledge tables as plain rows of text, without a database: for checks, wording and look-ups by name."""

import csv
from functools import cache

from pain_tui.knowledge import load


@cache
def rows(name: str) -> tuple[dict[str, str], ...]:
    """Every row of one table of tables.toml, cells as text ('' when empty). Raises KeyError for a table
    not listed.
    """
    table = next((table for table in load.tables() if table.name == name), None)
    if table is None:
        raise KeyError(name)
    found: list[dict[str, str]] = []
    for file in table.files:
        with file.open(encoding="utf-8", newline="") as lines:
            found += [{key: value or "" for key, value in row.items()} for row in csv.DictReader(lines)]
    return tuple(found)
