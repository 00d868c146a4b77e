"""The clinic list: one row a person, enough to find the one who comes next. Fast at 100,000 people.

The page is chosen first (filter, order, limit) and only its rows are looked up further. What needs an
assessment (warnings, MME) is None here and filled in later by whoever shows it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

import duckdb

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
        _LIST.format(where=where, order=_ORDER[order], page=page),
        {"from": moment, "until": until, "codes": list(PAIN_CODES)} | values,
    ).fetchall()
    return [PersonRow(row[0], *(row[1:3] if names else (None, None)), *row[3:]) for row in found]


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

_LIST = """
WITH coming AS (
    SELECT person, min("at") AS next_visit FROM clinic.main.visit WHERE "at" >= $from GROUP BY person
),
page AS (
    SELECT p.*, n.family, n.given, coming.next_visit, row_number() OVER (ORDER BY {order}) AS place
    FROM clinic.main.person p
    LEFT JOIN coming ON coming.person = p.person
    LEFT JOIN clinic.main.person_name n ON n.person = p.person AND n.is_current
    WHERE p.is_current {where}
    ORDER BY place {page}
),
main_problem AS (
    SELECT person, problem, condition, text FROM clinic.main.problem
    WHERE is_current AND resolved IS NULL AND person IN (SELECT person FROM page)
    QUALIFY row_number() OVER (PARTITION BY person ORDER BY is_primary DESC NULLS LAST, onset_date NULLS
    LAST, problem) = 1 ), pain AS ( SELECT person, max_by(value, "at") AS last, max("at") AS last_at,
    max_by(value, "at", 2) AS two FROM clinic.main.observation WHERE is_current AND code IN (SELECT
    unnest($codes)) AND value IS NOT NULL AND "at" <= $until AND person IN (SELECT person FROM page) GROUP
    BY person ), last_plan AS ( SELECT person, max_by(state, "at") AS state FROM clinic.main.plan WHERE
    person IN (SELECT person FROM page) GROUP BY person ), genes AS ( SELECT DISTINCT person FROM
    clinic.main.genotype_call WHERE is_current AND person IN (SELECT person FROM page) ) SELECT page.person,
    family, given, birth_date, age_stated, sex, death_date, fictional, problem, condition, text, next_visit,
    pain.last, pain.last_at, CASE WHEN len(pain.two) = 2 THEN pain.two[1] - pain.two[2] END, genes.person IS
    NOT NULL, last_plan.state FROM page LEFT JOIN main_problem USING (person) LEFT JOIN pain USING (person)
    LEFT JOIN last_plan USING (person) LEFT JOIN genes USING (person) ORDER BY place
"""
