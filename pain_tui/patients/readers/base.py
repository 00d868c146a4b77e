"""What every reader takes and gives: options in, a `Reading` a source out.

read = used + set aside + ignored, always; a value that was left unknown is listed beside a row that was used.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from pain_tui import outside_files
from pain_tui.patients.normalise.problem import IGNORED, ROW, VALUE, Problem
from pain_tui.patients.normalise.sink import Row, Sink

if TYPE_CHECKING:
    from pain_tui.patients.readers.units import Units

USED, UNKNOWN = "used", "unknown"
IDENTIFIERS = "government_identifier"  # the code of a number that is kept out on purpose


@dataclass(frozen=True)
class Options:
    """What the one who imports may say.

    as_of: today, for dates in the future. time_zone: offsets convert to it. person: whom a file without a
    person
    belongs to. samples: sample name -> person. keep_identifiers: also government numbers. sexes: person ->
    sex, for the X. scale: of the ratings in a diary that does not name one; symptoms: those to read from it.
    """

    as_of: date
    time_zone: str | None = None
    person: str | None = None
    new_person: bool = False
    samples: dict[str, str] = field(default_factory=dict)
    keep_identifiers: bool = False
    sexes: dict[str, str] = field(default_factory=dict)
    scale: str | None = None
    symptoms: tuple[str, ...] = ()
    units: "Units | None" = None  # where a large source is stored while it is read

    def breathe(self, reading: "Reading", sink: Sink) -> None:
        """For a reader, between two records."""
        if self.units is not None:
            self.units.breathe(reading, sink)

    def whole(self, reading: "Reading") -> None:
        """For a reader, at the end of a source."""
        if self.units is not None:
            self.units.whole(reading)


@dataclass
class Reading:
    """One source as read: rows by table (columns of the patient file), problems, counts, and each column's
    use.
    """

    place: str
    reader: str
    source: str
    rows: dict[str, list[Row]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    read: int = 0
    used: int = 0
    set_aside: int = 0
    ignored: int = 0
    columns: list[tuple[str, str, str]] = field(
        default_factory=list
    )  # (table or resource, column, used/ignored/unknown)
    kinds: Counter[str] = field(default_factory=Counter)
    people: set[str] = field(default_factory=set)  # of rows that were stored and let go
    described: set[str] = field(default_factory=set)  # those of them with a row of their own

    def take(self, sink: Sink) -> None:
        """Take rows, problems and counts out of a sink."""
        self.rows, self.problems = sink.rows, sink.problems
        self.used, self.set_aside, self.ignored = (sink.counts[name] for name in (USED, "set_aside", IGNORED))

    def bad(self) -> list[Problem]:
        """Rows and values that could not be used."""
        return [p for p in self.problems if p.level in (ROW, VALUE)]


def text_of(path: Path) -> str:
    """The file's text, for what has to be read whole; UTF-8 with or without its mark. Raises InputError."""
    return outside_files.whole_text(path)


def settle(sink: Sink, used_before: int, aside_before: int, problems_before: int, rows_before: int) -> None:
    """One outside record may give several rows: it counts once, and a part that failed is a value of a used
    record.
    """
    used = sum(len(rows) for rows in sink.rows.values()) > rows_before
    fresh = sink.problems[problems_before:]
    failed = any(p.level == ROW for p in fresh)
    sink.counts[USED] = used_before + used
    sink.counts["set_aside"] = aside_before + (failed and not used)
    if not used and not failed:
        sink.counts[IGNORED] += 1
    if used and failed:
        from dataclasses import replace

        sink.problems[problems_before:] = [replace(p, level=VALUE) if p.level == ROW else p for p in fresh]
