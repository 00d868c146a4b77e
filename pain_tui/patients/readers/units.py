"""A large source goes into the patient file in units, so that the memory holds one unit and not the source.

A reader hands over what it has whenever that is a unit's worth; each unit is one transaction. A small import
is one unit. What a kill leaves are whole units: the same import again skips them and goes on. Sources that
were read whole before wait here, so that people are in the file before what belongs to them.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from pain_tui.patients.normalise.sink import Sink
from pain_tui.patients.readers import bring
from pain_tui.patients.readers.base import IDENTIFIERS, Reading

if TYPE_CHECKING:
    from pain_tui.patients.file import PatientFile

ROWS = 100_000  # of one unit; about 200 MB while it is read and stored


@dataclass
class Units:
    """Takes what readers hand over. `writes` is False for only reading: then units are counted and let go."""

    file: "PatientFile"
    declare_fictional: bool
    actor: str
    at: datetime
    writes: bool = True
    rows: int = ROWS
    was_parted: bool = False
    has_bad_rows: bool = False
    _waiting: list[Reading] = field(default_factory=list)
    _read: dict[int, Reading] = field(default_factory=dict)
    _done: dict[int, list["bring.Outcome"]] = field(default_factory=dict)
    _stored: set[int] = field(default_factory=set)  # those of which nothing is left to store
    _fictional: set[str] = field(default_factory=set)

    def breathe(self, reading: Reading, sink: Sink) -> None:
        """Between two records of a source: store what was read when it is a unit's worth."""
        if sum(map(len, sink.rows.values())) < self.rows:
            return
        self.was_parted = True
        part = replace(reading, kinds=Counter(), columns=[])
        part.take(sink)
        self._store([*self._waiting, reading], {id(reading): part})
        self._stored |= {id(reading) for reading in self._waiting}
        self._waiting.clear()
        reading.read = 0
        sink.rows, sink.problems = {}, []
        sink.counts.clear()

    def whole(self, reading: Reading) -> None:
        """A source was read to its end."""
        self._waiting.append(reading)

    def finish(self, readings: Sequence[Reading]) -> list["bring.Outcome"]:
        """Store what was not stored yet. One outcome a source, in their order; then what was stored of sources
        that could not be read to their end.
        """
        self._store([reading for reading in readings if id(reading) not in self._stored], {})
        found = [bring.together(reading, self._done.pop(id(reading))) for reading in readings]
        return found + [bring.together(parts[0].reading, parts) for parts in self._done.values()]

    def _store(self, readings: Sequence[Reading], parts: dict[int, Reading]) -> None:
        """Write these readings, or of those read in part the part, as one unit."""
        now = [parts.get(id(reading), reading) for reading in readings]
        self.has_bad_rows |= any(p.code != IDENTIFIERS for r in now for p in r.bad())
        if self.writes:
            outcomes = bring.store(
                self.file,
                now,
                declare_fictional=self.declare_fictional,
                fictional=self._fictional,
                actor=self.actor,
                at=self.at,
            )
        else:
            outcomes = [bring.Outcome(r, r.used, 0, r.set_aside, list(r.problems)) for r in now]
        of = {id(outcome.reading): outcome for outcome in outcomes}
        for reading, stored in zip(readings, now, strict=True):
            self._read[id(reading)] = reading  # so that no other gets its number
            self._done.setdefault(id(reading), []).append(bring.without_rows(of[id(stored)]))
