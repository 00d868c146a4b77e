"""Text on its way into a CSV that somebody may open in a spreadsheet: it must not be run as a formula.

A text that starts like a formula gets an apostrophe before it, which spreadsheets show as text. Numbers stay
as they are, written ones too, so that `-1.5` can still be read by a program.
"""

from typing import Any

STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")  # also the wide forms


def harmless(value: Any) -> Any:
    """The value, or for a text that a spreadsheet would run the same text as mere text."""
    if not isinstance(value, str) or not value.startswith(STARTS) or _is_number(value):
        return value
    return f"'{value}"


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return "_" not in text


def harmless_sql(query: str) -> str:
    """The same query with every column as the text that a CSV holds, made harmless; names and order are kept."""
    starts = ", ".join(str(ord(mark)) for mark in STARTS)
    text = "COLUMNS(*)::VARCHAR"
    # a number is compared, which costs next to nothing beside cutting the first letter off a million texts
    would_run = f"typeof(COLUMNS(*)) = 'VARCHAR' AND unicode({text}) IN ({starts}) AND TRY_CAST({text} AS DOUBLE) IS NULL"
    return f"SELECT CASE WHEN {would_run} THEN '''' || {text} ELSE {text} END AS \"\\0\" FROM ({query})"
