"""Text of small genotype files: plain or gzip, UTF-8 or the Windows and Mac variants that laboratories
send.
"""

from collections.abc import Iterator
from pathlib import Path

from pain_tui import outside_files
from pain_tui.errors import InputError


def numbered_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Lines without their end, numbered from 1. Raises InputError with the line where the text is damaged."""
    for number, line in outside_files.byte_lines(path, packed=True):
        for part in _text(path, number, line).splitlines():
            yield number, part


def _text(path: Path, number: int, line: bytes) -> str:
    try:
        text = line.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path.name} line {number}: byte {error.start + 1} of the line is not UTF-8 text.",
            "Save the file as UTF-8 and try again.",
        ) from error
    if "\0" in text:
        raise InputError(
            f"{path.name} line {number}: holds a zero byte, so it is not a text file.",
            "Choose another reader with --as.",
        )
    return text


def fields(line: str, delimiter: str | None) -> list[str]:
    """The cells of one line, quotes and blanks stripped (also the doubled quotes that some exports write)."""
    cells = line.split(delimiter) if delimiter else line.split()
    return [cell.strip().strip('"').strip() for cell in cells]


def delimiter_of(line: str) -> str | None:
    """Tab, comma or semicolon; None for runs of blanks."""
    for mark in ("\t", ",", ";"):
        if mark in line:
            return mark
    return None
