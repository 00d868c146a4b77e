"""What a kept cursor need not work out again: a table whose statement and whose inputs are as in its last run.

Each table has a stamp, a digest of its rows, taken when a statement reads it. A table is left as it is when
the statement that makes it, the parameters and the stamps of all tables it reads are those by which its rows
were made. Nothing is assumed between runs: the tables filled from outside are read anew at each start, and a
table that was touched outside a run loses its stamp. The knowledge tables do not change while a program runs.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from itertools import count

import duckdb

# Where a statement may name a table; a column after a comma only makes the list longer than it need be.
_NAMED = re.compile(r"(?:\b(?:FROM|JOIN|PIVOT)|,)\s+(\w+)", re.IGNORECASE)
_TEMPORARY = """SELECT table_name FROM duckdb_tables() WHERE temporary
UNION ALL SELECT view_name FROM duckdb_views() WHERE temporary"""


@dataclass
class Stamps:
    """The stamps of one cursor's tables. Counted on only while `live`, from `begin` to the end of a run."""

    live: bool = False
    _of: dict[str, bytes] = field(default_factory=dict)
    _made_from: dict[str, bytes] = field(default_factory=dict)
    # Tables whose rows were changed and not read since; their stamp is out of date.
    _unread: set[str] = field(default_factory=set)
    # All temporary tables and views of the cursor: one without a stamp may hold anything.
    _tables: set[str] = field(default_factory=set)
    _listed_at: int = -1
    _unlike: Iterator[int] = field(default_factory=count)

    def begin(self, cursor: duckdb.DuckDBPyConnection, given: Iterable[str], tables_made: int) -> None:
        """A run starts: the given tables are read. tables_made: how many the cursor made so far."""
        for table in given:
            self._of[table] = _digest(_rows(cursor, table))
        if self._listed_at != tables_made:
            self._listed_at = tables_made
            self._tables = {str(row[0]) for row in cursor.execute(_TEMPORARY).fetchall()}
        self.live = True

    def forget(self) -> None:
        """All tables are made anew in the next run."""
        self._made_from.clear()

    def key(self, cursor: duckdb.DuckDBPyConnection, statement: str, parameters: object) -> bytes | None:
        """What the rows that this statement makes depend on; None where it cannot be told."""
        named = sorted(tables_named(statement) & (self._of.keys() | self._tables))
        if not self.live or any(table not in self._of for table in named):
            return None
        return _digest(statement, parameters, [self._stamp(cursor, table) for table in named])

    def stays(self, table: str, key: bytes | None) -> bool:
        """Whether the table holds what a statement with this key would make."""
        return key is not None and self._made_from.get(table) == key

    def made(self, table: str, key: bytes | None) -> None:
        """The table was made by a statement with this key."""
        self.changed(table)
        if key is not None:
            self._made_from[table] = key

    def changed(self, table: str) -> None:
        """Rows of the table were added or taken away."""
        self._made_from.pop(table, None)
        self._of[table] = b"changed %d" % next(self._unlike)
        if self.live:
            self._unread.add(table)
        else:
            self._unread.discard(table)

    def _stamp(self, cursor: duckdb.DuckDBPyConnection, table: str) -> bytes:
        if table in self._unread:
            self._unread.discard(table)
            self._of[table] = _digest(_rows(cursor, table))
        return self._of[table]


@lru_cache(maxsize=512)
def tables_named(statement: str) -> frozenset[str]:
    """Every word of a statement that may name a table it reads: never too few, some too many."""
    return frozenset(_NAMED.findall(statement))


def _rows(cursor: duckdb.DuckDBPyConnection, table: str) -> list[tuple[object, ...]]:
    return cursor.execute(f"FROM {table}").fetchall()


def _digest(*parts: object) -> bytes:
    return blake2b(repr(parts).encode(), digest_size=16).digest()
