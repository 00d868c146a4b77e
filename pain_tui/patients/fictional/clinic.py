"""Write fictional records into a fictional patient file, in chunks, through the same way in as any import."""

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from pain_tui.paths import data_folder
from pain_tui.patients.fictional.people import Record
from pain_tui.patients.file import PatientFile, create
from pain_tui.patients.intake import bring_in
from pain_tui.patients.normalise.problem import Problem
from pain_tui.patients.normalise.records import normalise

_CHUNK = 2000


def teaching_cases() -> list[dict[str, Any]]:
    """Every teaching case: what it teaches, its traps, both answers, what it must show, and its record."""
    files = sorted((data_folder("sample_data") / "cases").glob("*.json"))
    return [json.loads(file.read_text(encoding="utf-8")) for file in files]


def write_clinic(
    path: Path,
    records: Iterable[Record],
    *,
    as_of: date,
    actor: str,
    at: datetime,
    progress: Callable[[int], None] = lambda done: None,
) -> tuple[PatientFile, list[Problem]]:
    """Make a fictional, plain patient file with these people. Returns it with what could not be used (nothing, if all is well).

    Raises StoreError when the path is taken.
    """
    file = create(
        path, kind="fictional", passphrase=None, default_as_of=as_of, time_zone="UTC", actor=actor, at=at
    )
    problems: list[Problem] = []
    for chunk in _chunks(records):
        problems += _bring_in(file, chunk, as_of=as_of, actor=actor, at=at)
        progress(len(chunk))
    return file, problems


def _bring_in(
    file: PatientFile, records: list[Record], *, as_of: date, actor: str, at: datetime
) -> list[Problem]:
    tables: dict[str, list[dict[str, Any]]] = {}
    problems: list[Problem] = []
    for record in records:
        found = normalise(record, place=str(record["person"]["person"]), as_of=as_of)
        problems += found.problems
        for table, rows in found.rows.items():
            tables.setdefault(table, []).extend(rows)
    read = sum(len(rows) for rows in tables.values())
    brought = bring_in(
        file,
        tables,
        source="fictional",
        reader="fictional",
        rows_read=read,
        problems=problems,
        actor=actor,
        at=at,
    )
    return brought.problems


def _chunks(records: Iterable[Record]) -> Iterator[list[Record]]:
    stream = iter(records)
    while chunk := list(islice(stream, _CHUNK)):
        yield chunk
