"""The FHIR R4 reader: all files of one import together, so that references across files resolve."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from pain_tui.errors import InputError
from pain_tui.patients.normalise.problem import IGNORED
from pain_tui.patients.normalise.sink import Sink
from pain_tui.patients.readers import fhir_fields
from pain_tui.patients.readers.base import UNKNOWN, USED, Options, Reading, settle
from pain_tui.patients.readers.fhir_here import SOURCE, Here
from pain_tui.patients.readers.fhir_resources import READ
from pain_tui.patients.readers.fhir_source import Found, Known, files_of, resources

_HELD = 64 << 20  # bytes of a file whose resources are put in order in memory


def read(paths: Sequence[Path], options: Options) -> tuple[list[Reading], list[InputError]]:
    """Read files or folders. Returns one Reading a file, and the errors of files of which nothing could be
    used.
    """
    known = Known()
    errors: list[InputError] = []
    files = [file for path in paths for file in files_of(path)]
    with_people: set[Path] = set()
    for file in files:
        try:
            for found in resources(file):
                known.learn(found)
                if _is_patient(found):
                    with_people.add(file)
        except InputError:
            continue  # said once, below
    read: dict[Path, Reading] = {}
    for file in sorted(files, key=lambda file: file not in with_people):  # a large one is stored meanwhile
        try:
            read[file] = _read_file(file, known, options)
        except InputError as error:
            errors.append(error)
    return [read[file] for file in files if file in read], errors


def _read_file(file: Path, known: Known, options: Options) -> Reading:
    reading = Reading(file.name, "fhir", SOURCE)
    sink = Sink(as_of=options.as_of, time_zone=options.time_zone)
    fields: dict[tuple[str, str], str] = {}
    # People first: a Bundle may list them after what refers to them.
    for one in _people_first(file):
        options.breathe(reading, sink)
        reading.read += 1
        _one(one, known, sink, options, reading, fields)
    reading.take(sink)
    reading.columns = [(kind, name, use) for (kind, name), use in fields.items()]
    options.whole(reading)
    return reading


def _people_first(file: Path) -> Iterator[Found]:
    """Every resource; of a file that is too large to be held the lines are read twice."""
    if file.stat().st_size <= _HELD:
        yield from sorted(resources(file), key=lambda found: not _is_patient(found))
        return
    yield from (found for found in resources(file) if _is_patient(found))
    yield from (found for found in resources(file) if not _is_patient(found))


def _is_patient(found: Found) -> bool:
    return (found.resource or {}).get("resourceType") == "Patient"


def _one(
    found: Found,
    known: Known,
    sink: Sink,
    options: Options,
    reading: Reading,
    fields: dict[tuple[str, str], str],
) -> None:
    if found.problem or found.resource is None:
        if found.problem:
            sink.note(found.problem, found.place)
        sink.counts["set_aside"] += 1
        return
    kind = str(found.resource["resourceType"])
    reading.kinds[kind] += 1
    if kind == "Medication":
        # Used through the orders that refer to it; it makes no row of its own.
        _note_fields(found, kind, fields)
        sink.counts[IGNORED] += 1
        return
    reader = READ.get(kind)
    if reader is None:
        sink.counts[IGNORED] += 1
        return
    _note_fields(found, kind, fields)
    before = sink.counts[USED], sink.counts["set_aside"], sink.counts[IGNORED]
    problems, rows = len(sink.problems), sum(len(r) for r in sink.rows.values())
    reader(Here(found, known, sink, options))
    sink.counts[IGNORED] = before[2]
    settle(sink, before[0], before[1], problems, rows)


def _note_fields(found: Found, kind: str, fields: dict[tuple[str, str], str]) -> None:
    for name in found.resource or ():
        if (kind, name) not in fields:
            fields[kind, name] = _use_of(kind, name)


def _use_of(kind: str, name: str) -> str:
    if name in fhir_fields.USED.get(kind, ()):
        return USED
    return (
        IGNORED if name in fhir_fields.NOT_NEEDED or name.startswith("_") or name == "contained" else UNKNOWN
    )
