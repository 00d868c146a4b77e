"""The clinic list: one row a person, enough to find the one who comes next. Fast at 100,000 people.

The page is chosen first (filter, order, limit) and only its rows are looked up further. What needs an
assessment (warnings, MME) is None here and filled in later by whoever shows it.

Many ids go in as one JSON text: a Python list as a parameter takes DuckDB 0.15 ms an element.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from threading import Thread
from typing import Any, Literal

from pain_tui import duck as duckdb

Order = Literal["next_visit", "id", "name", "flag"]

PAIN_CODE = "nrs_average"  # pain as asked most often


@dataclass(frozen=True)
class PersonRow:
    """One line of the clinic list. None is not known; `nrs_change` is the last two values apart.

    names: None unless asked for. mme_per_day: always None here; it needs an assessment.
    has_genotype: any genotype row on file. plan: state of the last plan, None when there is none.
    """

    person: str
    family: str | None
    given: str | None
    birth_date: date | None
    age_stated: float | None
    sex: str | None
    death_date: date | None
    fictional: bool
    problem: str | None
    condition: str | None
    problem_text: str | None
    next_visit: datetime | None
    last_nrs: float | None
    last_nrs_at: datetime | None
    nrs_change: float | None
    has_genotype: bool
    plan: str | None
    mme_per_day: float | None = None


@dataclass(frozen=True)
class Page:
    """Some rows of the list: the first of them is number `offset` (from 0) of the `matching` people.

    total: people in the file, found or not.
    """

    rows: list[PersonRow]
    offset: int
    matching: int
    total: int


def count_people(cursor: duckdb.DuckDBPyConnection, *, find: str = "", names: bool = False) -> int:
    """How many people the list has (that match `find`)."""
    return _count(cursor, _chosen(cursor, find, names, None))


def all_people(cursor: duckdb.DuckDBPyConnection, *, as_of: datetime | date) -> list[str]:
    """The ids of all people, who comes next first."""
    found = cursor.execute(_KEYS["next_visit"].format(chosen=""), {"from": _moment(as_of)}).fetchall()
    return [row[0] for row in found]


def clinic_list(
    cursor: duckdb.DuckDBPyConnection,
    *,
    as_of: datetime | date,
    names: bool = False,
    find: str = "",
    order: Order = "next_visit",
    flags: Mapping[str, int] | None = None,
    limit: int | None = None,
    offset: int = 0,
    people: Sequence[str] | None = None,
) -> list[PersonRow]:
    """Some rows of the list, from the attached file.

    as_of: visits from this moment on are "next"; later pain values do not count.
    find: a part of the id, of an open problem's text, or (with names) of the name. people: only these ids.
    flags: for the order `flag`, the rank of each person that has one; the lowest comes first.
    """
    chosen = _chosen(cursor, find, names, people)
    return _rows(cursor, chosen, as_of, names, order, flags or {}, limit, offset)


def clinic_page(
    cursor: duckdb.DuckDBPyConnection,
    *,
    as_of: datetime | date,
    limit: int,
    names: bool = False,
    find: str = "",
    order: Order = "next_visit",
    flags: Mapping[str, int] | None = None,
    offset: int = 0,
) -> Page:
    """One page of the list and how long the list is; beyond the end, the last page."""
    chosen = _chosen(cursor, find, names, None)
    total = _count(cursor, "")
    matching = _count(cursor, chosen) if chosen else total
    if offset >= matching:
        offset = max(matching - 1, 0) // limit * limit
    return Page(
        _rows(cursor, chosen, as_of, names, order, flags or {}, limit, offset), offset, matching, total
    )


def _moment(as_of: datetime | date) -> datetime:
    return as_of if isinstance(as_of, datetime) else datetime(as_of.year, as_of.month, as_of.day)


def _rows(
    cursor: duckdb.DuckDBPyConnection,
    chosen: str,
    as_of: datetime | date,
    names: bool,
    order: Order,
    flags: Mapping[str, int],
    limit: int | None,
    offset: int,
) -> list[PersonRow]:
    page = f"LIMIT {int(limit)} OFFSET {int(offset)}" if limit is not None else f"OFFSET {int(offset)}"
    moment = _moment(as_of)
    until = moment if isinstance(as_of, datetime) else moment.replace(hour=23, minute=59, second=59)
    if order == "flag" and not flags:
        order = "next_visit"
    if order == "flag":
        _keep(cursor, "clinic_flag", flags, flags.values())
    found = cursor.execute(
        _KEYS[order].format(chosen=chosen) + page, {"from": moment} if "$from" in _KEYS[order] else {}
    ).fetchall()
    ids = [row[0] for row in found]
    more = _Lookups(cursor, ids if chosen or limit is not None or offset else None, moment, until, names)
    return [more.row(person) for person in ids]


class _Lookups:
    """What a row says beyond the id, one plain query each: together far faster than one large one."""

    def __init__(
        self,
        cursor: duckdb.DuckDBPyConnection,
        only: Sequence[str] | None,
        moment: datetime,
        until: datetime,
        names: bool,
    ) -> None:
        self._only = only
        self._failed: Exception | None = None
        beside = Thread(target=self._read_pain, args=(cursor.cursor(), until), daemon=True)
        beside.start()  # by far the largest table, while the others are read
        by_person = self._reader(cursor)
        self._people = by_person(_PERSON)
        self._names = by_person(_NAME) if names else {}
        self._visits = by_person(_COMING, **{"from": moment})
        self._problems = by_person(_PROBLEM)
        self._plans = by_person(_LAST_PLAN)
        self._genes = by_person(_GENES)
        beside.join()
        if self._failed is not None:
            raise self._failed

    def _read_pain(self, cursor: duckdb.DuckDBPyConnection, until: datetime) -> None:
        try:
            self._pain = self._reader(cursor)(_PAIN, until=until, code=PAIN_CODE)
        except Exception as error:  # raised again by whoever waits
            self._failed = error
        finally:
            cursor.close()

    def _reader(self, cursor: duckdb.DuckDBPyConnection) -> Callable[..., dict[str, tuple[Any, ...]]]:
        """Reads rows of the people of the page, on this cursor."""
        where = ""
        if self._only is not None:
            _keep(cursor, "clinic_shown", self._only)
            where = "AND person IN (SELECT person FROM clinic_shown)"

        def by_person(sql: str, **values: object) -> dict[str, tuple[Any, ...]]:
            rows = cursor.execute(sql.format(where=where), values).fetchall()
            return {row[0]: row[1:] for row in rows}

        return by_person

    def row(self, person: str) -> PersonRow:
        """One line of the list."""
        last, last_at, two = self._pain.get(person, (None, None, ()))
        parts = (
            person,
            *self._names.get(person, (None, None)),
            *self._people[person],
            *self._problems.get(person, (None, None, None)),
            self._visits.get(person, (None,))[0],
            last,
            last_at,
            two[0] - two[1] if len(two) == 2 else None,
            person in self._genes,
            self._plans.get(person, (None,))[0],
        )
        return PersonRow(*parts)


def _keep(
    cursor: duckdb.DuckDBPyConnection, table: str, people: Iterable[str], ranks: Iterable[int] = ()
) -> None:
    """People (and their ranks) as a temp table of this cursor."""
    cursor.execute(
        f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT unnest($people::JSON::VARCHAR[]) AS person, "
        "unnest($ranks::JSON::TINYINT[]) AS rank",
        {"people": json.dumps(list(people)), "ranks": json.dumps(list(ranks))},
    )


def _chosen(cursor: duckdb.DuckDBPyConnection, find: str, names: bool, people: Sequence[str] | None) -> str:
    """The extra condition of the list; who fulfils it is kept as a temp table."""
    condition = ""
    if find.strip():
        values = {"find": find.strip()} | (
            {"words": " ".join(find.replace(",", " ").split())} if names else {}
        )
        cursor.execute(_FOUND.format(names=_FOUND_NAMES if names else ""), values)
        condition = "AND p.person IN (SELECT person FROM clinic_found)"
    if people is not None:
        _keep(cursor, "clinic_asked", people)
        condition += " AND p.person IN (SELECT person FROM clinic_asked)"
    return condition


def _count(cursor: duckdb.DuckDBPyConnection, chosen: str) -> int:
    found = cursor.execute(
        f"SELECT count(*) FROM clinic.main.person p WHERE p.is_current {chosen}"
    ).fetchone()
    return int(found[0]) if found else 0


_COMING = """
SELECT person, min("at") AS next_visit FROM clinic.main.visit WHERE "at" >= $from {where} GROUP BY person
"""
_BY_VISIT = (
    "SELECT p.person FROM clinic.main.person p LEFT JOIN (" + _COMING.format(where="") + ") v USING (person)"
)
_KEYS = {
    "id": "SELECT p.person FROM clinic.main.person p WHERE p.is_current {chosen} ORDER BY p.person ",
    "name": "SELECT p.person FROM clinic.main.person p "
    "LEFT JOIN clinic.main.person_name n ON n.person = p.person AND n.is_current "
    "WHERE p.is_current {chosen} "
    "ORDER BY lower(n.family) NULLS LAST, lower(n.given) NULLS LAST, p.person ",
    "next_visit": _BY_VISIT + " WHERE p.is_current {chosen} ORDER BY v.next_visit NULLS LAST, p.person ",
    "flag": _BY_VISIT + " LEFT JOIN clinic_flag f ON f.person = p.person "
    "WHERE p.is_current {chosen} ORDER BY f.rank NULLS LAST, v.next_visit NULLS LAST, p.person ",
}
_PERSON = """
SELECT person, birth_date, age_stated, sex, death_date, fictional FROM clinic.main.person WHERE is_current {where}
"""
_NAME = "SELECT person, family, given FROM clinic.main.person_name WHERE is_current {where}"
_FOUND = """
CREATE OR REPLACE TEMP TABLE clinic_found AS
SELECT person FROM clinic.main.person WHERE is_current AND contains(lower(person), lower($find))
UNION
SELECT person FROM clinic.main.problem WHERE is_current AND resolved IS NULL
    AND (contains(lower(text), lower($find)) OR contains(replace(lower(condition), '_', ' '), lower($find)))
{names}
"""
_FOUND_NAMES = """
UNION
SELECT person FROM clinic.main.person_name WHERE is_current
    AND contains(lower(concat_ws(' ', family, given, family)), lower($words))
"""
_PROBLEM = """
SELECT person, problem, condition, text FROM clinic.main.problem WHERE is_current AND resolved IS NULL {where}
ORDER BY is_primary NULLS FIRST, onset_date DESC NULLS FIRST, problem DESC
"""  # the last row of a person is the one to show
_PAIN = """
SELECT person, max_by(value, "at"), max("at"), max_by(value, "at", 2) FROM clinic.main.observation
WHERE is_current AND code = $code AND value IS NOT NULL AND "at" <= $until {where}
GROUP BY person
"""
_LAST_PLAN = 'SELECT person, max_by(state, "at") FROM clinic.main.plan WHERE true {where} GROUP BY person'
_GENES = "SELECT DISTINCT person FROM clinic.main.genotype_call WHERE is_current {where}"
