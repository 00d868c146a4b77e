"""Steps a day of a wearable: Fitbit's `activities-steps` and Google Fit's `bucket`. A day of zero is no value: the
device was as likely not worn as the person in bed all day."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pain_tui.errors import InputError
from pain_tui.patients.normalise import records
from pain_tui.patients.normalise.problem import IGNORED, ROW, Problem
from pain_tui.patients.normalise.sink import Sink
from pain_tui.patients.readers.base import USED, Options, Reading, text_of
from pain_tui.patients.readers.symptom_diary import SOURCE, add_person, person_of

MARKS = ('"activities-steps"', '"bucket"')


def is_steps(head: str) -> bool:
    """Whether a JSON text begins like one of the two."""
    return any(mark in head[:400] for mark in MARKS)


def read(path: Path, options: Options) -> Reading:
    """One file of steps. Raises InputError when it is not one or nobody says whose it is."""
    try:
        held = json.loads(text_of(path))
    except ValueError as error:
        raise InputError(f"{path.name}: not readable as JSON ({error}).", "Export it again.") from error
    except RecursionError as error:
        raise InputError(
            f"{path.name}: nested too deep to be a file of steps.", "Export it again."
        ) from error
    person = person_of(path, options)
    sink = Sink(as_of=options.as_of, time_zone=options.time_zone)
    reading = Reading(path.name, "diary", SOURCE)
    for number, found in enumerate(_days(held, path.name, options.time_zone), 1):
        reading.read += 1
        _day(sink, f"{path.name} day {number}", found, person)
    if not reading.read:
        raise InputError(
            f"{path.name}: no days of steps.", "Fitbit's activities-steps or Google Fit's bucket."
        )
    reading.columns = [("diary", "steps", USED)]
    reading.take(sink)
    reading.kinds["diary"] = reading.read
    add_person(reading, person, options)
    return reading


def _days(held: Any, name: str, zone: str | None) -> Iterator[tuple[str, Any] | None]:
    if isinstance(held, dict) and isinstance(held.get("activities-steps"), list):
        for day in held["activities-steps"]:
            yield (str(day.get("dateTime")), day.get("value")) if isinstance(day, dict) else None
    elif isinstance(held, dict) and isinstance(held.get("bucket"), list):
        for bucket in held["bucket"]:
            yield _bucket(bucket, zone)
    else:
        raise InputError(f"{name}: not a file of steps.", "Fitbit's activities-steps or Google Fit's bucket.")


def _bucket(bucket: Any, zone: str | None) -> tuple[str, Any] | None:
    """A day of Google Fit; its steps are the sum of its points. None when it has another shape."""
    try:
        started = datetime.fromtimestamp(int(bucket["startTimeMillis"]) / 1000, UTC)
        steps = [
            int(value["intVal"])
            for part in bucket["dataset"]
            for point in part["point"]
            for value in point["value"]
        ]
        day = started.astimezone(ZoneInfo(zone)) if zone else started
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        return None
    return day.date().isoformat(), sum(steps)


def _day(sink: Sink, place: str, found: tuple[str, Any] | None, person: str) -> None:
    if found is None:
        sink.counts["set_aside"] += 1
        sink.note(Problem("not_readable", "not a day of steps", "", "", "", ROW), place, person)
    elif str(found[1]) in ("0", "None"):
        sink.counts[IGNORED] += 1
        said = f"{found[0]}: no steps, so the device may not have been worn"
        sink.note(Problem("not_worn", said, "0", "", "", IGNORED), place, person)
    else:
        records.add_row(
            sink, "diary", {"at": found[0], "steps": str(found[1])}, place=place, person=person, source=SOURCE,
            source_key=f"steps:{found[0]}", report_unknown=False,
        )  # fmt: skip
