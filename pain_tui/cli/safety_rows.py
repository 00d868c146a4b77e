"""CSV rows in, rows out: what the safety calculators share. Standard library only."""

import csv
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pain_tui import spreadsheet
from pain_tui.cli import common
from pain_tui.errors import InputError


def read(
    file: Path | None, needed: Sequence[str], known: Sequence[str], *, open_ended: bool = False
) -> Iterator[dict[str, str]]:
    """The rows of a CSV file, or of standard input when `file` is None or '-', with lower-case column names.

    needed: columns that must be there. known: all columns that are used; others are named on stderr,
    unless open_ended. Raises InputError for no header, a lacking or doubled column, or a row with more
    cells than columns.
    """
    name = "standard input" if file is None or str(file) == "-" else str(file)
    with common.lines_of("-" if file is None else file) as handle:
        lines = csv.reader(handle, strict=True)
        try:
            yield from _rows(lines, name, needed, None if open_ended else known)
        except csv.Error as error:
            raise InputError(
                f"{name} line {lines.line_num}: not readable as CSV ({error}).",
                "Fix the quotes of that line and run again.",
            ) from error


def _rows(
    lines: Any, name: str, needed: Sequence[str], known: Sequence[str] | None
) -> Iterator[dict[str, str]]:
    """The rows of an open CSV reader, one at a time, so that the length of a file does not matter."""
    header = [cell.strip().lower().lstrip("\ufeff") for cell in next(lines, [])]
    _check_header(name, header, needed)
    unused = [] if known is None else [column for column in header if column not in known]
    if unused:
        common.warn(f"{name}: column {', '.join(unused)} is not used.")
    for cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) > len(header):
            raise InputError(
                f"{name} line {lines.line_num}: {len(cells)} cells, but the first line names "
                f"{len(header)} columns.",
                "Put quotes round a cell that holds a comma, then run again.",
            )
        missing = [""] * (len(header) - len(cells))
        yield dict(zip(header, [cell.strip() for cell in cells] + missing, strict=True))


def _check_header(name: str, header: Sequence[str], needed: Sequence[str]) -> None:
    lacking = [column for column in needed if column not in header]
    if lacking:
        raise InputError(
            f"{name} line 1: the column {' and '.join(lacking)} is missing; found "
            f"{', '.join(header) or 'nothing'}.",
            f"The first line names the columns, separated by commas; {', '.join(needed)} must be there.",
        )
    double = sorted({column for column in header if header.count(column) > 1})
    if double:
        raise InputError(
            f"{name} line 1: the column {double[0]} stands there twice.", "Name each column once."
        )


def write_csv(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> None:
    """Rows as CSV to stdout; unknown is an empty cell."""
    common.prepare_streams()
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(row.get(column)) for column in columns])


def write_json(name: str, rows: Iterable[Mapping[str, Any]], **beside: Any) -> None:
    """One object, its list written row by row so that its length does not matter; `beside` stands
    before the list.
    """
    opening = common.json_text({**beside, name: []}).rsplit("[]", 1)
    sys.stdout.write(opening[0] + "[")
    for number, row in enumerate(rows):
        sys.stdout.write((",\n    " if number else "\n    ") + common.json_row(row))
    sys.stdout.write("\n  ]" + opening[1] + "\n")


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        rounded = round(value, common.DECIMALS) + 0.0
        return f"{rounded:.{common.DECIMALS}f}".rstrip("0").rstrip(".")
    if isinstance(value, list | tuple):
        return str(spreadsheet.harmless("|".join(_cell(entry) for entry in value)))
    text = value.isoformat() if hasattr(value, "isoformat") else str(value)
    return str(spreadsheet.harmless(common.clean(text)))


def number(text: str | None) -> float | None:
    """A plain number, or None when the cell is empty. Raises ValueError for anything else."""
    if text is None or not text.strip():
        return None
    value = float(text)
    if value != value or value in (float("inf"), float("-inf")):
        raise ValueError(text)
    return value
