"""What a clinician decides about a person: list complete, STOP overridden, plan saved, person deleted.

All of these only grow (plan, override, list_review, ledger), each in one transaction with its audit row;
only `delete_person` takes away, and says so in the audit.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import duckdb

from pain_tui.errors import InputError, StoreError
from pain_tui.patients import rows
from pain_tui.patients.audit import Entry
from pain_tui.patients.edit import as_json, new_row_stem, require_person
from pain_tui.patients.file import PatientFile

LISTS = ("medication", "condition", "allergy", "device", "treatment")
PLAN_STATES = ("draft", "signed", "withdrawn")


def state_list_complete(
    file: PatientFile,
    person: str,
    list_name: str,
    complete: bool,
    *,
    actor: str,
    at: datetime,
    seen_at: datetime | None = None,
) -> None:
    """State that one list of a person is complete (or no longer). Absence counts as "no" only after this.

    at: now, UTC. seen_at: the local clinic time to store (the day it holds for); `at` when left out.
    """
    if list_name not in LISTS:
        raise InputError(f"{list_name!r} is not a list that can be complete.", f"Lists: {', '.join(LISTS)}.")
    with file.attached(write=True) as cursor:
        require_person(cursor, person)
        cursor.execute(
            "INSERT INTO clinic.main.list_review VALUES (?, ?, ?, ?, ?)",
            [person, list_name, complete, seen_at or at, actor],
        )
        file.note(
            cursor,
            [Entry("list_review", person, detail={"list": list_name, "complete": complete})],
            actor=actor,
            at=at,
        )


def record_override(
    file: PatientFile,
    person: str,
    rule: str,
    *,
    tier: str,
    kind: str = "override",
    problem: str | None = None,
    option: str | None = None,
    drug: str | None = None,
    reason_code: str | None = None,
    reason: str | None = None,
    inputs: Mapping[str, Any] | None = None,
    actor: str,
    at: datetime,
) -> str:
    """Keep that a finding was overridden (STOP: with a reason) or acknowledged. Returns the override's id.

    inputs: the finding's inputs then; it is asked again only when one of them changes.
    """
    if kind not in ("override", "acknowledge"):
        raise InputError(f"{kind!r} is not a kind of answer.", "Use override or acknowledge.")
    if tier == "STOP" and not (reason_code or reason):
        raise InputError(
            "A STOP is overridden only with a reason.", "Choose a reason or write one; nothing was stored."
        )
    with file.attached(write=True) as cursor:
        require_person(cursor, person)
        override = f"{new_row_stem(cursor)}-o"
        kept = as_json(dict(inputs)) if inputs is not None else None
        cursor.execute(
            "INSERT INTO clinic.main.override VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [override, person, problem, option, drug, rule, tier, kind, reason_code, reason, kept, actor, at],
        )
        file.note(cursor, [Entry(kind, person, override, {"rule": rule, "tier": tier})], actor=actor, at=at)
        return override


def save_plan(
    file: PatientFile,
    person: str,
    *,
    problem: str | None = None,
    options: Sequence[str],
    stop_rule: str | None = None,
    note: str | None = None,
    state: str = "draft",
    versions: Mapping[str, Any] | None = None,
    plan: str | None = None,
    discussed: bool | None = None,
    forecasts: Mapping[str, Mapping[str, Any]] | None = None,
    seen: int | None = None,
    actor: str,
    at: datetime,
) -> str:
    """Save a plan (a new row each time; the latest counts). Returns the plan's id, kept over its states.

    seen: how many rows of plans the person had when this one was decided (`plan_rows`); when somebody has saved
    one since, StoreError is raised with both, and nothing is saved.

    discussed: whether the options and their harms were discussed with the person; a signed plan says so.
    forecasts: option -> what was told of it (the option of the `assess` shape); kept in the ledger when the plan
    is signed, to be compared with what happens.
    """
    if state not in PLAN_STATES:
        raise InputError(f"{state!r} is not a state of a plan.", f"States: {', '.join(PLAN_STATES)}.")
    if state == "signed" and discussed is False:
        raise InputError(
            "A plan is signed only when its options and their harms were discussed with the person.",
            "Discuss them, then sign; or save it as a draft.",
        )
    with file.attached(write=True) as cursor:
        require_person(cursor, person)
        _refuse_stale(cursor, person, seen, options, state)
        plan = plan or f"{new_row_stem(cursor)}-p"
        kept = as_json(dict(versions)) if versions is not None else None
        cursor.execute(
            "INSERT INTO clinic.main.plan (plan, person, problem, options, stop_rule, note, state, versions, actor,"
            ' "at", discussed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
            [plan, person, problem, list(options), stop_rule, note, state, kept, actor, at, discussed],
        )
        if state == "signed":
            _keep_forecasts(cursor, person, problem, plan, versions, forecasts or {}, actor=actor, at=at)
        file.note(cursor, [Entry(f"plan.{state}", person, plan)], actor=actor, at=at)
        return plan


def _keep_forecasts(
    cursor: duckdb.DuckDBPyConnection,
    person: str,
    problem: str | None,
    plan: str,
    versions: Mapping[str, Any] | None,
    forecasts: Mapping[str, Mapping[str, Any]],
    *,
    actor: str,
    at: datetime,
) -> None:
    """One open ledger entry for each option of which something was told; signing again keeps the first telling too."""
    stem = new_row_stem(cursor)
    for number, (option, told) in enumerate(forecasts.items(), 1):
        kept = as_json({**told, "plan": plan, "versions": dict(versions or {})})
        cursor.execute(
            "INSERT INTO clinic.main.ledger (entry, person, problem, option, forecast, outcome, state, actor,"
            " \"at\") VALUES (?, ?, ?, ?, ?, NULL, 'open', ?, ?)",
            [f"{stem}-f{number}", person, problem, option, kept, actor, at],
        )


def plan_rows(cursor: duckdb.DuckDBPyConnection, person: str) -> int:
    """How often a plan of the person was saved: with each saving it becomes another one."""
    found = cursor.execute("SELECT count(*) FROM clinic.main.plan WHERE person = ?", [person]).fetchone()
    return int(found[0]) if found else 0


def _refuse_stale(
    cursor: duckdb.DuckDBPyConnection, person: str, seen: int | None, options: Sequence[str], state: str
) -> None:
    if seen is None or plan_rows(cursor, person) == seen:
        return
    there = cursor.execute(
        'SELECT actor, "at", state, options, stop_rule FROM clinic.main.plan WHERE person = ? '
        'ORDER BY "at" DESC, rowid DESC LIMIT 1',
        [person],
    ).fetchone()
    if there is None:
        raise StoreError(f"The plan of {person} is gone.", "Nothing was saved. Open the person again.")
    who, at, there_state, there_options, stop_rule = there
    rule = f", stop rule: {stop_rule}" if stop_rule else ""
    raise StoreError(
        f"The plan of {person} was saved meanwhile by {who} ({at:%Y-%m-%d %H:%M} UTC). "
        f"There now, {there_state}: {', '.join(there_options or ()) or 'nothing chosen'}{rule}. "
        f"Yours, {state}: {', '.join(options) or 'nothing chosen'}.",
        "Nothing was saved. Take your change of the plan back, look at the plan as it is now, and decide again.",
    )


def latest_plan(file: PatientFile, person: str) -> dict[str, Any] | None:
    """The plan as last saved, or None."""
    with file.attached() as cursor:
        cursor.execute('SELECT * FROM clinic.main.plan WHERE person = ? ORDER BY "at" DESC LIMIT 1', [person])
        names = [column[0] for column in cursor.description or []]
        row = cursor.fetchone()
        return dict(zip(names, row, strict=True)) if row is not None else None


def delete_person(file: PatientFile, person: str, *, actor: str, at: datetime) -> dict[str, int]:
    """Remove everything of one person from the tables. Returns rows removed per table.

    The audit keeps the opaque id and that it happened; the id is never used again. What was deleted can
    linger in the file's free blocks until `backup.rewrite` (the verb `delete` does both), and in backups
    made before.
    """
    removed: dict[str, int] = {}
    with file.attached(write=True) as cursor:
        require_person(cursor, person)
        for table in rows.OF_A_PERSON:
            gone = cursor.execute(
                f"DELETE FROM clinic.main.{table} WHERE person = ? RETURNING 1", [person]
            ).fetchall()
            if gone:
                removed[table] = len(gone)
        file.note(cursor, [Entry("delete", person, detail=removed)], actor=actor, at=at)
    return removed
