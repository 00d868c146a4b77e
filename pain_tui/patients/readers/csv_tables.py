"""The project's own tables as CSV: one file a table, named as the table; a folder of them or single files."""

import csv
import hashlib
import io
import json
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

from pain_tui.errors import InputError
from pain_tui.outside_files import LONGEST_LINE, text_lines
from pain_tui.patients.normalise import fields, records
from pain_tui.patients.normalise.problem import ROW, Problem
from pain_tui.patients.normalise.sink import Sink
from pain_tui.patients.readers.base import UNKNOWN, USED, Options, Reading
from pain_tui.patients.readers.seen_keys import SeenKeys

SOURCE = "csv"
_MOST_LINES_OF_A_CELL = 50  # a note may have line breaks; a quote that is never closed must not take the file
TABLE_NAMES = (
    "person",
    "person_identifier",
    "problem",
    "observation",
    "medication",
    "condition",
    "allergy",
    "device",
    "treatment",
    "genotype_call",
    "preference",
    "list_review",
    "diary",
    "visit",
)
_PLURALS = {"people": "person", "persons": "person", **records.KEYS}
# What makes a row of a table the same row in a later export; a row without these is known by its content.
_KEY: dict[str, tuple[str, ...]] = {
    "problem": ("problem",),
    "observation": ("code", "at"),
    "medication": ("drug", "ingredient", "start"),
    "condition": ("code", "text", "onset"),
    "allergy": ("substance",),
    "device": ("kind", "at"),
    "treatment": ("option", "drug", "date"),
    "genotype_call": ("gene", "rsid", "laboratory", "date"),
    "preference": ("kind", "option", "text"),
    "diary": ("at", "symptom"),
}
_COLUMNS: dict[str, str] = {
    "person": "person birth_date age age_stated age_stated_at sex death_date fictional family given",
    "person_identifier": "system value",
    "problem": "problem condition condition_certainty icd10 text site side level onset_date confirmed_by "
    "is_primary resolved",
    "observation": "code code_system value unit text comparator at source",
    "medication": "drug ingredient ingredient_count rxnorm dose dose_max unit strength strength_unit form "
    "route per_day per_day_max frequency "
    "as_needed start stop last_dose authored supply_days status indication source",
    "condition": "code system text comorbidity onset resolved status certainty",
    "allergy": "substance code system ingredient reaction severity status noted",
    "device": "kind mri at removed text",
    "treatment": "option drug text dose target side date stopped relief_pct nrs_before nrs_after "
    "lasted_weeks adverse_event stopped_because",
    "genotype_call": "gene rsid state diplotype alleles copy_number activity_score_reported "
    "phenotype_reported positions_tested "
    "positions_missing alleles_not_excluded build method laboratory date note",
    "preference": "kind option text at",
    "list_review": "list complete at",
    "diary": "at nrs interference sleep_hours steps medication_taken note scale symptom intensity",
    "visit": "at reason",
}


def table_of(path: Path) -> str | None:
    """The table a file is for, by its name: `medication.csv`, also `medications.csv`."""
    stem = path.name.lower().removesuffix(".gz").rsplit(".", 1)[0]
    return stem if stem in records.TABLES else _PLURALS.get(stem)


def read(path: Path, options: Options, table: str | None = None) -> list[Reading]:
    """Read one table, or every table of a folder; people first, so that a repeated person is seen at once."""
    files = (
        sorted(
            (f for f in path.iterdir() if f.suffix.lower() in (".csv", ".tsv") and table_of(f)), key=_order
        )
        if path.is_dir()
        else [path]
    )
    if not files:
        raise InputError(
            f"{path}: no table in this folder.", f"Tables are CSV files named {', '.join(TABLE_NAMES)}."
        )
    return [read_table(file, options, table) for file in files]


def _order(path: Path) -> int:
    return TABLE_NAMES.index(table_of(path) or "person")


def read_table(path: Path, options: Options, table: str | None = None) -> Reading:
    """Read one table; `table` says which when the file's name does not."""
    table = table or table_of(path)
    if table is None:
        raise InputError(
            f"{path.name}: not the name of a table.",
            f"Name the file after its table: {', '.join(TABLE_NAMES)} (.csv).",
        )
    sink = Sink(as_of=options.as_of, time_zone=options.time_zone)
    reading = Reading(path.name, "diary" if table == "diary" else "csv", SOURCE)
    keys = SeenKeys()
    header, lines = lines_of(text_lines(path), path.name)
    if not any(header):
        raise InputError(
            f"{path.name}: empty.",
            f"The first line names the columns, for example person,{_COLUMNS[table].replace(' ', ',')[:60]}.",
        )
    if not {name.lower() for name in header} & {"person", *_COLUMNS[table].split()}:
        raise InputError(
            f"{path.name}: no column of the table {table}.",
            f"Columns: person, {_COLUMNS[table].replace(' ', ', ')}.",
        )
    for line, cells in lines:
        options.breathe(reading, sink)
        reading.read += 1
        reading.kinds[table] += 1
        place = f"{path.name} line {line}"
        if cells is None:
            sink.counts["set_aside"] += 1
            sink.note(_unreadable(), place)
            continue
        if len(cells) > len(header):
            sink.counts["set_aside"] += 1
            sink.note(
                Problem(
                    "wrong_number_of_cells",
                    f"{len(cells)} cells under {len(header)} columns",
                    str(len(cells)),
                    f"{len(header)} cells",
                    "Quote cells that hold the separator",
                    ROW,
                ),
                place,
            )
            continue
        values: dict[str, Any] = dict(zip(header, cells, strict=False))
        key = _only_once(natural_key(table, values), values.get("person"), keys)
        records.add_row(
            sink,
            table,
            values,
            place=place,
            person=values.get("person") or options.person,
            source=SOURCE,
            source_key=key,
            report_unknown=False,
        )
    reading.columns = [
        (
            table,
            fields.harmless(name)[0] or "",
            USED if name in ("person", *_COLUMNS[table].split()) else UNKNOWN,
        )
        for name in header
    ]
    reading.take(sink)
    options.whole(reading)
    return reading


def _unreadable() -> Problem:
    return Problem(
        "not_readable",
        "not readable as CSV",
        "",
        "Cells that hold the separator or a quote are quoted",
        "Check the quotes of this line",
        ROW,
    )


def _only_once(key: str, person: str | None, keys: SeenKeys) -> str:
    """The second row with the same key gets a mark, so that it is its own row also in a later export."""
    times = keys.times(f"{person or ''}\0{key}")
    return key if times == 1 else f"{key}~{times}"


def natural_key(table: str, values: Mapping[str, Any]) -> str:
    """What a row is known by in a later export of the same table: its key columns, else its content."""
    parts = [str(values.get(name) or "").strip() for name in _KEY.get(table, ())]
    if any(parts) or table == "person":
        return f"{table}:" + "@".join(parts).replace("#", "")
    content = json.dumps({name: value for name, value in values.items() if value}, sort_keys=True)
    return f"{table}:" + hashlib.sha256(content.encode(errors="replace")).hexdigest()[:32]


def lines_of(lines: Iterable[str], name: str) -> tuple[list[str], Iterator[tuple[int, list[str] | None]]]:
    """The header, and (line number, cells) of each row; cells None where a line is not readable as CSV.

    The separator is comma, semicolon or tab, by the first line. A quote that is not closed spoils its own
    line only: it must not swallow the rows below it. Raises InputError for an unreadable header.
    """
    clean = (line.replace("\x00", "") for line in lines)
    first = next(clean, "")
    separator = max(",;\t", key=first.count)
    read = _rows(chain([first] if first else [], clean), separator)
    header = [cell.strip() for cell in next(read, (1, []))[1] or []]
    if first.strip() and not header:
        raise InputError(f"{name} line 1: not readable as CSV.", "Check the quotes of the first line.")
    twice = sorted({column for column, count in Counter(header).items() if column and count > 1})
    if twice:
        raise InputError(f"{name}: the column {', '.join(twice)} is there twice.", "Name each column once.")
    return header, ((n, cells) for n, cells in read if cells is None or any(cell.strip() for cell in cells))


def _rows(lines: Iterator[str], separator: str) -> Iterator[tuple[int, list[str] | None]]:
    """Each row with the number of its first line; only the lines of an open quote are held."""
    held: deque[str] = deque()
    number = 1
    while held or (line := next(lines, "")):
        whole, taken = (held.popleft(), 1) if held else (line, 1)
        while whole.count('"') % 2 and taken < _MOST_LINES_OF_A_CELL and len(whole) <= LONGEST_LINE:
            if taken > len(held):
                more = next(lines, "")
                if not more:
                    break
                held.append(more)
            whole += held[taken - 1]
            taken += 1
        try:
            cells = next(csv.reader(io.StringIO(whole, newline=""), delimiter=separator, strict=True), [])
        except csv.Error:
            yield number, None
            number += 1
            continue
        yield number, cells
        for _ in range(taken - 1):
            held.popleft()
        number += taken
