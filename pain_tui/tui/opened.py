"""One person's rows as they stand in the file, on the kept cursor: drafts are laid over them again and again.

While a clinician types, the file is not read anew at each key: only when it, the person or the day is another
than before. That the file is the same is told by the size and the times of the file and of its log beside it;
a save looks at the versions of the rows again.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import duckdb

from pain_tui.assess import case
from pain_tui.knowledge import plans
from pain_tui.patients.file import PatientFile

Mark = tuple[tuple[int, int, int], ...]


@dataclass
class Opened:
    """What was read: whose, for which day, the mark of the file, and what the steps do not read (`about`)."""

    person: str
    as_of: date
    mark: Mark
    about: Any
    _laid: set[str] = field(default_factory=set)

    def as_recorded(self, cursor: duckdb.DuckDBPyConnection, touched: Iterable[str]) -> None:
        """Put back what earlier drafts changed; keep a copy of the tables that the next one touches."""
        for table in sorted(self._laid):
            plans.execute(cursor, f"DELETE FROM case_{table}")
            plans.execute(cursor, f"INSERT INTO case_{table} FROM recorded_{table}")
        for table in sorted(set(touched) - self._laid):
            plans.execute(
                cursor, f"CREATE OR REPLACE TEMP TABLE recorded_{table} AS SELECT * FROM case_{table}"
            )
            self._laid.add(table)


_OPENED: "WeakKeyDictionary[duckdb.DuckDBPyConnection, Opened]" = WeakKeyDictionary()


def opened(
    cursor: duckdb.DuckDBPyConnection,
    file: PatientFile,
    person: str,
    as_of: date,
    about: Callable[[duckdb.DuckDBPyConnection], Any],
) -> Opened:
    """The person's rows in the case tables of this cursor, read from the file where that is needed."""
    mark, held = _mark(file.path), _OPENED.get(cursor)
    if held and mark and (held.person, held.as_of, held.mark) == (person, as_of, mark):
        plans.begin(cursor)
        return held
    _OPENED.pop(cursor, None)
    with file.attached(cursor=cursor):
        case.from_file(cursor, [person], case.Run(as_of))
        read = Opened(person, as_of, mark, about(cursor))
    # what was written while it was read makes it another file
    if mark and mark == _mark(file.path):
        _OPENED[cursor] = read
    return read


def _mark(path: Path) -> Mark:
    """Size, time and place of the file and its log; empty when the file cannot be seen."""
    try:
        seen = [path.stat()]
        log = path.with_name(path.name + ".wal")
        seen += [log.stat()] if log.exists() else []
    except OSError:
        return ()
    return tuple((one.st_size, one.st_mtime_ns, one.st_ino) for one in seen)
