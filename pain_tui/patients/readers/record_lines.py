"""Records of docs/cli.md as JSON: one person, a list of people, or one a line."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pain_tui.errors import InputError
from pain_tui.outside_files import LARGEST_DOCUMENT, refuse_crowded, text_lines
from pain_tui.patients.normalise import records
from pain_tui.patients.normalise.problem import IGNORED, ROW, Problem
from pain_tui.patients.normalise.sink import Sink
from pain_tui.patients.readers.base import USED, Options, Reading, text_of
from pain_tui.patients.readers.csv_tables import natural_key

SOURCE = "record"


def records_of(path: Path) -> Iterator[tuple[str, Any]]:
    """What `parse` gives of a file; one that is too large to be read whole is taken as one record a line."""
    if path.is_file() and path.stat().st_size > LARGEST_DOCUMENT:
        return _lines(text_lines(path), path.name)
    return parse(text_of(path), path.name)


def parse(text: str, name: str) -> Iterator[tuple[str, Any]]:
    """(place, record) of each person in a text; a damaged line gives a Problem in place of the record.

    Raises InputError when nothing of it is JSON.
    """
    refuse_crowded(text, name)
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError) as error:
        if not text.strip() or "\n" not in text.strip():
            raise _broken(name, error) from error
        yield from _lines(text.split("\n"), name)
        return
    found = whole if isinstance(whole, list) else [whole]
    for number, record in enumerate(found, 1):
        inner = (
            record.get("record")
            if isinstance(record, dict) and isinstance(record.get("record"), dict)
            else record
        )
        yield (name if len(found) == 1 else f"{name} record {number}"), inner


def _lines(lines: Iterable[str], name: str) -> Iterator[tuple[str, Any]]:
    good = 0
    broken: Exception | None = None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        place = f"{name} line {number}"
        refuse_crowded(line, place)
        try:
            yield place, json.loads(line)
            good += 1
        except (ValueError, RecursionError) as error:
            broken = error
            yield (
                place,
                Problem(
                    "broken_json",
                    f"not readable as JSON ({getattr(error, 'msg', error)})",
                    line[:40],
                    "One record a line",
                    "Correct the line",
                    ROW,
                    place,
                ),
            )
    if not good and broken:
        raise _broken(name, broken)


def _broken(name: str, error: Exception) -> InputError:
    where = f" line {error.lineno} column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
    return InputError(
        f"{name}{where}: broken JSON ({getattr(error, 'msg', error)}).", "A record is one JSON object a line."
    )


def read(path: Path, options: Options) -> Reading:
    """Read records into rows. An import states no list complete, so a record's lists are not taken as
    complete here.
    """
    sink = Sink(as_of=options.as_of, time_zone=options.time_zone)
    reading = Reading(path.name, "record", SOURCE)
    for place, record in records_of(path):
        _count(reading, sink)
        options.breathe(reading, sink)
        if isinstance(record, Problem) or not isinstance(record, dict):
            problem = (
                record
                if isinstance(record, Problem)
                else Problem("not_a_record", "not an object", str(record)[:40], "", "", ROW)
            )
            sink.note(problem, place)
            sink.counts["set_aside"] += 1
            continue
        _one(sink, record, place, options)
    reading.take(sink)
    _count(reading, sink)
    options.whole(reading)
    return reading


def _count(reading: Reading, sink: Sink) -> None:
    """What is counted are the rows of the records."""
    reading.read = sink.counts[USED] + sink.counts["set_aside"] + sink.counts[IGNORED]


def _one(sink: Sink, record: dict[str, Any], place: str, options: Options) -> None:
    written = record.get("person")
    values = {"person": written} if isinstance(written, str) else written if isinstance(written, dict) else {}
    person = values.get("person") or options.person
    records.add_row(
        sink,
        "person",
        {**values, "person": person},
        place=f"{place}, person",
        source=SOURCE,
        source_key=f"person:{person}",
    )
    for key, rows in record.items():
        table = records.KEYS.get(key)
        if table is None and key != "person":
            sink.note(
                Problem(
                    "unknown_key",
                    f"{key!r} is not a key of a record",
                    str(key)[:40],
                    f"Keys: person, {', '.join(records.KEYS)}",
                    "",
                    IGNORED,
                ),
                place,
            )
        for index, row in enumerate(rows if table and isinstance(rows, list) else ()):
            where = f"{place}, {key}[{index}]"
            if isinstance(row, dict) and table:
                key_of = natural_key(table, {k: str(v) if v is not None else "" for k, v in row.items()})
                records.add_row(
                    sink,
                    table,
                    row,
                    place=where,
                    person=str(person) if person else None,
                    source=SOURCE,
                    source_key=key_of,
                )
            else:
                sink.counts["set_aside"] += 1
                sink.note(
                    Problem("not_a_row", "not an object", str(row)[:40], "", "Correct the record", ROW), where
                )
