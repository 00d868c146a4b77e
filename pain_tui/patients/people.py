"""The clinic list: one row a person, enough to find the one who comes next. Fast at 100,000 people.

The page is chosen first (filter, order, limit) and only its rows are looked up further. What needs an
assessment (warnings, MME) is None here and filled in later by whoever shows it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from pain_tui import duck as duckdb

Order = Literal["next_visit", "id", "name"]

# Pain as asked most often; the first that is there counts.
PAIN_CODES = ("nrs_average",)


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


def count_people(cursor: duckdb.DuckDBPyConnection, *, find: str = "", names: bool = False) -> int:
    """How many people the list has (that match `find`)."""
    where, values = _matching(find, names, None)
    found = cursor.execute(
        "SELECT count(*) FROM clinic.main.person p "
        "LEFT JOIN clinic.main.person_name n ON n.person = p.person AND n.is_current "
        f"WHERE p.is_current {where}",
        values,
    ).fetchone()
    return int(found[0]) if found else 0


def clinic_list(
    cursor: duckdb.DuckDBPyConnection,
    *,
    as_of: datetime | date,
    names: bool = False,
    find: str = "",
    order: Order = "next_visit",
    limit: int | None = None,
    offset: int = 0,
    people: Sequence[str] | None = None,
) -> list[PersonRow]:
    """One page of the list, from the attached file.

    as_of: visits from this moment on are "next"; later pain values do not count.
    find: a part of the id, or (with names) of the name. people: only these ids.
    """
    where, values = _matching(find, names, people)
    page = f"LIMIT {int(limit)} OFFSET {int(offset)}" if limit is not None else f"OFFSET {int(offset)}"
    moment = as_of if isinstance(as_of, datetime) else datetime(as_of.year, as_of.month, as_of.day)
    until = moment if isinstance(as_of, datetime) else moment.replace(hour=23, minute=59, second=59)
    found = cursor.execute(
        _PAGE.format(where=where, order=_ORDER[order], page=page), {"from": moment} | values
    ).fetchall()
    only = [row[0] for row in found] if where or limit is not None or offset else None
    more = _Lookups(cursor, only, until)
    return [_row(row, names, more) for row in found]


def _row(row: tuple[Any, ...], names: bool, more: "_Lookups") -> PersonRow:
    person = row[0]
    who = row[1:3] if names else (None, None)
    parts = (person, *who, *row[3:8], *more.problem(person), row[8], *more.pain(person), *more.rest(person))
    return PersonRow(*parts)


class _Lookups:
    """What a row says beyond the person, one plain query each: together far faster than one large one."""

    def __init__(
        self, cursor: duckdb.DuckDBPyConnection, only: Sequence[str] | None, until: datetime
    ) -> None:
        self._cursor = cursor
        self._where = "" if only is None else "AND person IN (SELECT unnest($only::VARCHAR[]))"
        self._only = {} if only is None else {"only": list(only)}
        self._problems = self._by_person(_PROBLEM)
        self._pain = self._by_person(_PAIN, until=until, codes=list(PAIN_CODES))
        self._plans = self._by_person(_LAST_PLAN)
        self._genes = self._by_person(_GENES)

    def _by_person(self, sql: str, **values: object) -> dict[str, tuple[Any, ...]]:
        rows = self._cursor.execute(sql.format(where=self._where), {**self._only, **values}).fetchall()
        return {row[0]: row[1:] for row in rows}

    def problem(self, person: str) -> tuple[Any, ...]:
        """Problem, condition, text of the main open problem."""
        return self._problems.get(person, (None, None, None))

    def pain(self, person: str) -> tuple[Any, ...]:
        """Last value, its time, and the change from the one before."""
        last, last_at, two = self._pain.get(person, (None, None, ()))
        return last, last_at, two[0] - two[1] if len(two) == 2 else None

    def rest(self, person: str) -> tuple[bool, str | None]:
        """Whether a genotype is on file; the state of the last plan."""
        return person in self._genes, self._plans.get(person, (None,))[0]


def _matching(find: str, names: bool, people: Sequence[str] | None) -> tuple[str, dict[str, object]]:
    """The extra condition of the list, and its values."""
    where, values = "", dict[str, object]()
    if find:
        fields = ["p.person", *(["n.family", "n.given", "n.family || ' ' || n.given"] if names else [])]
        hits = " OR ".join(f"contains(lower({field}), lower($find))" for field in fields)
        where, values["find"] = f"AND ({hits})", find
    if people is not None:
        where += " AND p.person IN (SELECT unnest($people::VARCHAR[]))"
        values["people"] = list(people)
    return where, values


_ORDER = {
    "next_visit": "next_visit NULLS LAST, p.person",
    "id": "p.person",
    "name": "lower(family) NULLS LAST, lower(given) NULLS LAST, p.person",
}

_PAGE = """
WITH coming AS (
    SELECT person, min("at") AS next_visit FROM clinic.main.visit WHERE "at" >= $from GROUP BY person
)
SELECT p.person, n.family, n.given, p.birth_date, p.age_stated, p.sex, p.death_date, p.fictional,
    coming.next_visit
FROM clinic.main.person p
LEFT JOIN coming ON coming.person = p.person
LEFT JOIN clinic.main.person_name n ON n.person = p.person AND n.is_current
WHERE p.is_current {where}
ORDER BY {order} {page}
"""
_PROBLEM = """
SELECT person, problem, condition, text FROM clinic.main.problem WHERE is_current AND resolved IS NULL {where}
ORDER BY is_primary NULLS FIRST, onset_date DESC NULLS FIRST, problem DESC
"""  # the last row of a person is the one to show
_PAIN = """
SELECT person, max_by(value, "at"), max("at"), max_by(value, "at", 2) FROM clinic.main.observation
WHERE is_current AND code IN (SELECT unnest($codes)) AND value IS NOT NULL AND "at" <= $until {where}
GROUP BY person
"""
_LAST_PLAN = 'SELECT person, max_by(state, "at") FROM clinic.main.plan WHERE true {where} GROUP BY person'
_GENES = "SELECT DISTINCT person FROM clinic.main.genotype_call WHERE is_current {where}"
