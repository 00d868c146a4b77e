"""Read one person's chart from a cursor on which the steps have run; count warnings for a batch of people."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import duckdb

from pain_tui.assess import assessment, case, engine
from pain_tui.monitor import exposure, trend
from pain_tui.patients.file import PatientFile
from pain_tui.tui import fields, words
from pain_tui.tui.chart import Chart, Counts, Identity, Row
from pain_tui.tui.draft import Edit

CASE_EDITS = case.TABLES


def chart(file: PatientFile, person: str, edits: Sequence[Edit], as_of: date) -> Chart:
    """Assess one person with the edits laid over, and read what the screens show."""
    cursor = file.cursor()
    try:
        with file.attached(cursor=cursor):
            case.from_file(cursor, [person], case.Run(as_of))
            about = _about(cursor, person, as_of)
        case.overlay(cursor, [_for_case(edit, as_of) for edit in edits if edit.table in CASE_EDITS])
        planned = next((edit for edit in edits if edit.table == "plan"), None)
        if planned is not None:
            case.choose(cursor, person, planned.values["options"])
        engine.run(cursor)
        found = assessment.assess_people(cursor)[0]
        return _chart(cursor, person, found.as_dict(), counts_of(found), about, edits, as_of)
    finally:
        cursor.close()


def exposures(
    file: PatientFile, person: str, edits: Sequence[Edit], as_of: date, days: Sequence[date]
) -> dict[date, str]:
    """Opioid dose on earlier days, in words: `30`, `-` for none, `?` when it cannot be told."""
    cursor = file.cursor()
    try:
        with file.attached(cursor=cursor):
            case.from_file(cursor, [person], case.Run(as_of))
        case.overlay(cursor, [_for_case(edit, as_of) for edit in edits if edit.table in CASE_EDITS])
        found = exposure.on_days(cursor, days)
        return {
            day: words.number(total) if state == "total" else words.NONE if state == "none" else words.UNKNOWN
            for day, (state, total) in found.items()
        }
    finally:
        cursor.close()


def counts(file: PatientFile, people: Sequence[str], as_of: date) -> dict[str, tuple[Counts, str, str]]:
    """Warnings of a batch: counts, opioid words (`30`, `none`, `cannot`, `?`), the first warning."""
    cursor = file.cursor()
    try:
        with file.attached(cursor=cursor):
            case.from_file(cursor, people, case.Run(as_of))
        engine.run(cursor)
        mme = dict(
            _pairs(
                cursor.execute(
                    "SELECT person, CASE state WHEN 'total' THEN printf('%g', round(total_mme_per_day, 1)) WHEN 'none' THEN 'none' WHEN 'cannot_total' THEN 'cannot' ELSE '?' END FROM mme"
                )
            )
        )
        first = dict(
            _pairs(
                cursor.execute(
                    "SELECT person, min_by(say, CASE tier WHEN 'STOP' THEN 0 WHEN 'CAUTION' THEN 1 ELSE 2 END) FROM findings GROUP BY person"
                )
            )
        )
        tallies = assessment.tallies(cursor)
        return {
            person: (Counts(**tallies.get(person, {})), mme.get(person, "?"), first.get(person) or "")
            for person in people
        }
    finally:
        cursor.close()


def counts_of(found: "assessment.Assessment") -> Counts:
    """The four counts of one assessment."""
    return Counts(**found.counts)


def rows(cursor: duckdb.DuckDBPyConnection, sql: str, values: Iterable[Any] = ()) -> list[dict[str, Any]]:
    """The rows of a query as dicts."""
    cursor.execute(sql, list(values))
    names = [column[0] for column in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _pairs(cursor: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    return [(str(key), value) for key, value in cursor.fetchall()]


def _for_case(edit: Edit, as_of: date) -> Edit:
    """Draft rows get an id of their own; the date of a statement is the day of the assessment."""
    values = dict(edit.values)
    if edit.table in ("list_review", "override"):
        values.setdefault("at", datetime(as_of.year, as_of.month, as_of.day))
    if edit.table == "override" and isinstance(values.get("inputs"), dict):
        values["inputs"] = json.dumps(values["inputs"], ensure_ascii=False, sort_keys=True, default=str)
    return replace(edit, values=values, row_id=edit.row_id or f"draft-{edit.slot}")


def _about(cursor: duckdb.DuckDBPyConnection, person: str, as_of: date) -> dict[str, Any]:
    """What the steps do not read: names, plan, ledger, visits."""
    named = rows(
        cursor, "SELECT family, given FROM clinic.main.person_name WHERE person = ? AND is_current", [person]
    )
    numbers = rows(
        cursor,
        "SELECT value FROM clinic.main.person_identifier WHERE person = ? ORDER BY system, value LIMIT 1",
        [person],
    )
    plan = rows(
        cursor, 'SELECT * FROM clinic.main.plan WHERE person = ? ORDER BY "at" DESC LIMIT 1', [person]
    )
    ledger = rows(cursor, 'SELECT * FROM clinic.main.ledger WHERE person = ? ORDER BY "at" DESC', [person])
    visits = rows(
        cursor,
        'SELECT "at", reason FROM clinic.main.visit WHERE person = ? AND "at"::DATE > ? ORDER BY "at"',
        [person, as_of],
    )
    name = (
        ", ".join(p for p in ((named[0]["family"] or "").upper(), named[0]["given"] or "") if p)
        if named
        else ""
    )
    return {
        "name": name,
        "record": numbers[0]["value"] if numbers else "",
        "plan": plan[0] if plan else None,
        "ledger": ledger,
        "coming": visits,
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
    plan_edit = next((edit for edit in edits if edit.table == "plan"), None)
    return Chart(
        identity=_identity(cursor, person, about),
        as_of=as_of,
        assessment=shape,
        counts=counted,
        fields=fields.read(cursor, shape, edits),
        medicines=tuple(_medicines(cursor)),
        treatments=tuple(rows(cursor, "SELECT * FROM case_treatment ORDER BY date DESC NULLS LAST, row_id")),
        problems=tuple(
            rows(cursor, "SELECT * FROM case_problem ORDER BY is_primary DESC NULLS LAST, problem")
        ),
        conditions=tuple(
            rows(cursor, "SELECT * FROM case_condition ORDER BY resolved NULLS FIRST, onset NULLS LAST, text")
        ),
        visits=tuple(visits),
        trend=trend.judge(
            [(row["at"], row["nrs"]) for row in reversed(visits) if row["nrs"] is not None]
        ).as_dict(),
        reviews={
            row["list"]: row
            for row in rows(cursor, 'SELECT * FROM case_list_review WHERE complete ORDER BY "at"')
        },
        answers=tuple(rows(cursor, 'SELECT * FROM case_override ORDER BY "at"')),
        plan={**plan_edit.values, "at": as_of} if plan_edit else about["plan"],
        ledger=tuple(about["ledger"]),
    )


def _identity(cursor: duckdb.DuckDBPyConnection, person: str, about: dict[str, Any]) -> Identity:
    found = rows(
        cursor,
        "SELECT c.birth_date, c.sex, c.fictional, p.age_years FROM case_person c JOIN people p USING (person) WHERE person = ?",
        [person],
    )
    stated = rows(
        cursor,
        "SELECT fact, num FROM fact_values WHERE person = ? AND is_used AND fact IN ('weight', 'egfr')",
        [person],
    )
    known = {row["fact"]: row["num"] for row in stated}
    allergies = rows(
        cursor,
        "SELECT substance, reaction FROM case_allergy WHERE status IS NULL OR status NOT IN ('inactive', 'resolved', 'refuted', 'entered-in-error') ORDER BY substance",
    )
    complete = rows(
        cursor, "SELECT complete FROM case_list_review WHERE list = 'allergy' ORDER BY \"at\" DESC LIMIT 1"
    )
    listed = tuple(
        f"{a['substance']}{' (' + a['reaction'] + ')' if a['reaction'] else ''}" for a in allergies
    )
    one = found[0]
    return Identity(
        person=person, name=about["name"], record=about["record"], sex=one["sex"], birth_date=one["birth_date"],
        age_years=one["age_years"], weight_kg=known.get("weight"), egfr=known.get("egfr"),
        allergies=listed if listed or (complete and complete[0]["complete"]) else None, fictional=bool(one["fictional"]),
    )  # fmt: skip


def _medicines(cursor: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    return rows(
        cursor,
        "SELECT m.row_id, m.drug, m.ingredient, m.active, m.active_why, m.dose, m.dose_max, m.unit, m.form, m.route, m.per_day, m.per_day_max, "
        "m.amount_per_day, m.amount_unit, m.as_needed, m.start, m.stop, m.indication, o.factor, o.mme_per_day, o.included, o.why_not "
        "FROM medications m LEFT JOIN opioid_doses o ON o.person = m.person AND o.row_id = m.row_id AND o.ingredient IS NOT DISTINCT FROM m.ingredient "
        "ORDER BY m.active DESC NULLS LAST, o.mme_per_day DESC NULLS LAST, m.ingredient, m.row_id",
    )


def _visits(cursor: duckdb.DuckDBPyConnection, as_of: date) -> list[dict[str, Any]]:
    """Days with a pain or PEG value, newest first, with what was given or begun since the visit before."""
    found = rows(
        cursor,
        'SELECT "at"::DATE AS "at", max_by(value, "at") FILTER (code = \'nrs_average\') AS nrs, max_by(value, "at") FILTER (code = \'peg\') AS peg '
        "FROM case_observation WHERE code IN ('nrs_average', 'peg') AND \"at\"::DATE <= ? GROUP BY 1 ORDER BY 1 DESC",
        [as_of],
    )
    events = rows(
        cursor,
        "SELECT date AS day, coalesce(text, option, drug) AS what FROM case_treatment WHERE date IS NOT NULL "
        "UNION ALL SELECT start, coalesce(ingredient, drug) || ' started' FROM case_medication WHERE start IS NOT NULL "
        "UNION ALL SELECT stop, coalesce(ingredient, drug) || ' stopped' FROM case_medication WHERE stop IS NOT NULL AND stop <= ? ORDER BY 1",
        [as_of],
    )
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
