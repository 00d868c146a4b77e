"""Read one person's chart from a cursor on which the steps have run; count warnings for a batch of people."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import duckdb

from pain_tui import settings
from pain_tui.assess import assessment, case, clinic, earlier_exposure, engine
from pain_tui.knowledge import plans
from pain_tui.monitor import course as monitor_course
from pain_tui.monitor import trend
from pain_tui.monitor.course import Course
from pain_tui.patients import decide
from pain_tui.patients.file import PatientFile
from pain_tui.tui import fields, queries, words
from pain_tui.tui.chart import Chart, Counts, Identity, Row
from pain_tui.tui.clinic_page import Warned
from pain_tui.tui.draft import Edit
from pain_tui.tui.opened import opened

CASE_EDITS = case.TABLES


def chart(file: PatientFile, person: str, edits: Sequence[Edit], as_of: date) -> Chart:
    """Assess one person with the edits laid over, and read what the screens show."""
    laid = [_for_case(edit, as_of) for edit in edits if edit.table in CASE_EDITS]
    planned = next((edit for edit in edits if edit.table == "plan"), None)
    touched = {edit.table for edit in laid} | ({"asked"} if planned else set())
    with clinic.kept_cursor(file) as cursor:
        person_read = opened(cursor, file, person, as_of, lambda attached: _about(attached, person))
        person_read.as_recorded(cursor, touched)
        case.overlay(cursor, laid)
        if planned is not None:
            case.choose(cursor, person, planned.values["options"])
        engine.run(cursor)
        found = assessment.assess_people(cursor, base_rates=settings.load().base_rates)[0]
        return _chart(cursor, person, found.as_dict(), counts_of(found), person_read.about, edits, as_of)


def course(
    file: PatientFile, person: str, edits: Sequence[Edit], as_of: date, days: Sequence[date]
) -> tuple[dict[date, str], Course]:
    """What only the monitor shows: the opioid dose on earlier days in words (`30`, `-` for none, `?` when it cannot
    be told), the diary, and the verdicts on what was given and signed."""
    cursor = file.cursor()
    try:
        with file.attached(cursor=cursor):
            case.from_file(cursor, [person], case.Run(as_of))
            case.overlay(cursor, [_for_case(edit, as_of) for edit in edits if edit.table in CASE_EDITS])
            followed = monitor_course.read(cursor, person, as_of)
        found = earlier_exposure.on_days(cursor, days)
        mme = {
            day: words.number(total) if state == "total" else words.NONE if state == "none" else words.UNKNOWN
            for day, (state, total) in found.items()
        }
        return mme, followed
    finally:
        cursor.close()


def counts(
    file: PatientFile, cursor: duckdb.DuckDBPyConnection, people: Sequence[str], as_of: date
) -> dict[str, Warned]:
    """Warnings of a batch: counts, opioid words (`30`, `none`, `cannot`, `?`), the first warning."""
    with file.attached(cursor=cursor):
        case.from_file(cursor, people, case.Run(as_of))
    clinic.warn(cursor)
    mme = dict(_pairs(cursor.execute(queries.EXPOSURE)))
    first = dict(_pairs(cursor.execute(queries.FIRST_WARNING)))
    tallies = assessment.tallies(cursor)
    return {
        person: Warned(Counts(**tallies.get(person, {})), mme.get(person, "?"), first.get(person) or "")
        for person in people
    }


def counts_of(found: "assessment.Assessment") -> Counts:
    """The four counts of one assessment."""
    return Counts(**found.counts)


def rows(cursor: duckdb.DuckDBPyConnection, sql: str, values: Iterable[Any] = ()) -> list[dict[str, Any]]:
    """The rows of a query over the tables of the steps, as dicts."""
    return _dicts(plans.query(cursor, sql, list(values)))


def _of_file(cursor: duckdb.DuckDBPyConnection, sql: str, person: str) -> list[dict[str, Any]]:
    """The rows of a query over the attached file, as dicts."""
    return _dicts(cursor.execute(sql, [person]))


def _dicts(found: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    names = [column[0] for column in found.description or []]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _pairs(cursor: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    return [(str(key), value) for key, value in cursor.fetchall()]


def _for_case(edit: Edit, as_of: date) -> Edit:
    """Draft rows get an id of their own; the date of a statement is the day of the assessment."""
    values = dict(edit.values)
    if edit.table in ("list_review", "override"):
        day = values.get("seen") or as_of
        values.setdefault("at", datetime(day.year, day.month, day.day))
    if edit.table == "override" and isinstance(values.get("inputs"), dict):
        values["inputs"] = json.dumps(values["inputs"], ensure_ascii=False, sort_keys=True, default=str)
    return replace(edit, values=values, row_id=edit.row_id or f"draft-{edit.slot}")


def _about(cursor: duckdb.DuckDBPyConnection, person: str) -> dict[str, Any]:
    """What the steps do not read: names, plan, ledger."""
    named = _of_file(cursor, queries.NAME, person)
    numbers = _of_file(cursor, queries.NUMBER, person)
    plan = _of_file(cursor, queries.PLAN, person)
    parts = ((named[0]["family"] or "").upper(), named[0]["given"] or "") if named else ()
    return {
        "name": ", ".join(part for part in parts if part),
        "record": numbers[0]["value"] if numbers else "",
        "plan": plan[0] if plan else None,
        "plans_saved": decide.plan_rows(cursor, person),
        "ledger": _of_file(cursor, queries.LEDGER, person),
        "versions": {
            (table, row_id): version
            for table, row_id, version in cursor.execute(queries.ROW_VERSIONS, {"person": person}).fetchall()
        },
    }


def _chart(
    cursor: duckdb.DuckDBPyConnection,
    person: str,
    shape: Row,
    counted: Counts,
    about: dict[str, Any],
    edits: Sequence[Edit],
    as_of: date,
) -> Chart:
    visits = _visits(cursor, as_of)
    pain = [(row["at"], row["nrs"]) for row in reversed(visits) if row["nrs"] is not None]
    plan_edit = next((edit for edit in edits if edit.table == "plan"), None)
    plan: Row | None = {**plan_edit.values, "at": as_of} if plan_edit else about["plan"]
    return Chart(
        identity=_identity(cursor, person, about),
        as_of=as_of,
        assessment=shape,
        counts=counted,
        fields=fields.read(cursor, shape, edits),
        medicines=tuple(rows(cursor, queries.MEDICINES)),
        treatments=tuple(rows(cursor, queries.TREATMENTS)),
        problems=tuple(rows(cursor, queries.PROBLEMS)),
        conditions=tuple(rows(cursor, queries.CONDITIONS)),
        visits=tuple(visits),
        trend=trend.judge(pain).as_dict(),
        reviews={row["list"]: row for row in rows(cursor, queries.REVIEWS)},
        answers=tuple(rows(cursor, queries.ANSWERS)),
        plan=plan,
        ledger=tuple(about["ledger"]),
        preferences=tuple(rows(cursor, queries.PREFERENCES, [as_of])),
        positions=_positions(cursor, person),
        sign_blocks=_blocks(cursor, person) if plan and plan["state"] == "draft" and plan["options"] else (),
        row_versions=about["versions"],
        plans_saved=about["plans_saved"],
    )


def _positions(cursor: duckdb.DuckDBPyConnection, person: str) -> dict[tuple[str, str], list[Row]]:
    """Both sides of each disputed estimate."""
    found = plans.query(cursor, queries.POSITIONS, [person]).fetchall()
    return {(problem, option): json.loads(held) for problem, option, held in found}


def _blocks(cursor: duckdb.DuckDBPyConnection, person: str) -> tuple[Row, ...]:
    from pain_tui.assess import signing

    return tuple(block.as_dict() for block in signing.blocks(cursor, person))


def _identity(cursor: duckdb.DuckDBPyConnection, person: str, about: dict[str, Any]) -> Identity:
    one = rows(cursor, queries.IDENTITY, [person])[0]
    known = {row["fact"]: row["num"] for row in rows(cursor, queries.WEIGHT_AND_KIDNEYS, [person])}
    allergies = rows(cursor, queries.ALLERGIES)
    reviewed = rows(cursor, queries.ALLERGY_LIST)
    listed = tuple(
        f"{a['substance']}{' (' + a['reaction'] + ')' if a['reaction'] else ''}" for a in allergies
    )
    complete = bool(reviewed and reviewed[0]["complete"])
    return Identity(
        person=person,
        name=about["name"],
        record=about["record"],
        sex=one["sex"],
        birth_date=one["birth_date"],
        age_years=one["age_years"],
        weight_kg=known.get("weight"),
        egfr=known.get("egfr"),
        allergies=listed if listed or complete else None,
        fictional=bool(one["fictional"]),
    )


def _visits(cursor: duckdb.DuckDBPyConnection, as_of: date) -> list[dict[str, Any]]:
    """Days with a pain or PEG value, newest first, with what was given or begun since the visit before."""
    found = rows(cursor, queries.VISITS, [as_of])
    events = rows(cursor, queries.EVENTS, [as_of])
    for number, visit in enumerate(found):
        earlier = found[number + 1]["at"] if number + 1 < len(found) else date.min
        between = (
            [str(e["what"]).replace("_", " ") for e in events if earlier < e["day"] <= visit["at"]]
            if earlier != date.min
            else []
        )
        visit["event"] = "; ".join(dict.fromkeys(between))
        visit["mme"] = None
    return found
