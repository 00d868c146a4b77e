"""A diary of a telephone app: a line a rating (what, day, how strong), or a file of steps a day.

Such a file names no scale, and its numbers do not tell one: 1 to 6 may be a rating of 0 to 10 or words put in
order. So the one who imports says it (`--scale`); without that nothing is read. Lines that are not about pain
are left out and counted, unless they are named (`--symptom`).
"""

import csv
import hashlib
from collections import Counter
from pathlib import Path
from typing import Any

from pain_tui.errors import InputError
from pain_tui.patients.normalise import records
from pain_tui.patients.normalise.diaries import NRS_SCALE
from pain_tui.patients.normalise.problem import IGNORED, ROW, Problem
from pain_tui.patients.normalise.sink import Sink
from pain_tui.patients.readers.base import UNKNOWN, USED, Options, Reading, text_of

SOURCE = "diary"
COLUMNS = ("name", "startday", "startmonth", "startyear", "intensity")
PAIN_WORDS = ("pain", "ache")


def is_ratings(cells: set[str]) -> bool:
    """Whether these column names are those of a file of ratings."""
    return set(COLUMNS) <= cells


def read(path: Path, options: Options) -> Reading:
    """One file of ratings. Raises InputError when nobody says whose it is or what its scale is."""
    (_, header), *found = _lines(text_of(path))
    header = [name.strip().lower() for name in header or []]
    person = person_of(path, options)
    scale = _scale(path, [dict(zip(header, cells or [], strict=False)) for _, cells in found], options)
    sink = Sink(as_of=options.as_of, time_zone=options.time_zone)
    reading = Reading(path.name, "diary", SOURCE)
    seen: Counter[str] = Counter()
    for number, cells in found:
        reading.read += 1
        _line(sink, f"{path.name} line {number}", header, cells, person, scale, options, seen)
    reading.columns = [("diary", name, USED if name in COLUMNS else UNKNOWN) for name in header]
    reading.take(sink)
    reading.kinds["diary"] = reading.read
    add_person(reading, person, options)
    return reading


def person_of(path: Path, options: Options) -> str:
    """Whose the file is. Raises InputError when nobody says."""
    if options.person:
        return options.person
    if options.new_person:
        return "N-" + hashlib.sha256(path.read_bytes()).hexdigest()[:10]
    raise InputError(f"{path.name}: whose diary is it?", "Give --person ID or --new-person.")


def add_person(reading: Reading, person: str, options: Options) -> None:
    """With --new-person the person is a row of the file too."""
    if options.new_person:
        reading.rows["person"] = [
            {
                "person": person,
                "sex": "unknown",
                "fictional": False,
                "source": SOURCE,
                "source_key": f"person:{person}",
            }
        ]
        reading.read += 1
        reading.used += 1


def _scale(path: Path, rows: list[dict[str, str]], options: Options) -> str:
    if options.scale:
        return options.scale.strip()
    numbers = [found for row in rows if (found := _number(row.get("intensity"))) is not None]
    span = f"they run from {min(numbers):g} to {max(numbers):g}" if numbers else "there are none"
    raise InputError(
        f"{path.name}: on which scale are its ratings? The file does not say it ({span}).",
        f"Ask, then give --scale {NRS_SCALE} for ratings of 0 to 10, or the scale's own name, for example "
        '--scale "app, 1 to 9.5". Only 0-10 is shown as NRS; nothing is converted.',
    )


def _lines(text: str) -> list[tuple[int, list[str] | None]]:
    """Number and cells of each line that holds something; a rating is one line, so a quote left open spoils one only."""
    lines = text.splitlines()
    separator = max(",;\t", key=lines[0].count) if lines else ","
    return [(number, _cells(line, separator)) for number, line in enumerate(lines, 1) if line.strip()] or [
        (1, [])
    ]


def _cells(line: str, separator: str) -> list[str] | None:
    try:
        return next(csv.reader([line], delimiter=separator, strict=True), [])
    except csv.Error:
        return None


def _number(text: str | None) -> float | None:
    try:
        return float(text or "")
    except ValueError:
        return None


def _line(
    sink: Sink,
    place: str,
    header: list[str],
    cells: list[str] | None,
    person: str,
    scale: str,
    options: Options,
    seen: Counter[str],
) -> None:
    if cells is None or len(cells) != len(header):
        sink.counts["set_aside"] += 1
        said = "not readable as CSV" if cells is None else f"{len(cells)} cells under {len(header)} columns"
        sink.note(Problem("not_readable", said, "", f"{len(header)} cells", "Check the line", ROW), place)
        return
    row = dict(zip(header, cells, strict=True))
    symptom = row["name"].strip()
    if not is_wanted(symptom, options.symptoms):
        sink.counts[IGNORED] += 1
        said = f"{symptom or '(no name)'} is not taken as a pain"
        sink.note(
            Problem("not_a_pain", said, symptom, "", "Name it with --symptom to read it", IGNORED), place
        )
        return
    day = "-".join(
        part.strip().zfill(width)
        for part, width in ((row["startyear"], 4), (row["startmonth"], 2), (row["startday"], 2))
    )
    key = f"diary:{day}@{symptom}"
    seen[key] += 1
    values: dict[str, Any] = {"at": day, "symptom": symptom, "scale": scale}
    values["nrs" if scale == NRS_SCALE else "intensity"] = row["intensity"]
    records.add_row(
        sink, "diary", values, place=place, person=person, source=SOURCE,
        source_key=key if seen[key] == 1 else f"{key}~{seen[key]}", report_unknown=False,
    )  # fmt: skip


def is_wanted(symptom: str, named: tuple[str, ...]) -> bool:
    """One that was named; when none was, one whose name says pain."""
    if named:
        return symptom.casefold() in {name.casefold() for name in named}
    return any(word in symptom.casefold() for word in PAIN_WORDS)
