"""Rows of an outside source go into the patient file: once, in one transaction, with what was set aside.

The same row again is skipped, a changed one becomes a new version, a row that was edited or retired here
since is left alone and said so; each is counted. A row is the same when its `source` (the origin's stable
name, not a path) and `source_key` (record id, or the hash of its content) are. Fictional and real people
never share a file.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import duckdb

from pain_tui.errors import InputError
from pain_tui.patients import merge, rows
from pain_tui.patients.audit import Entry
from pain_tui.patients.edit import new_row_stem
from pain_tui.patients.file import PatientFile
from pain_tui.patients.normalise.problem import ROW, VALUE, Problem
from pain_tui.patients.rows import Row

FICTIONAL_PREFIX = "FIC-"


@dataclass
class Brought:
    """What one import did: rows per outcome, per table, and everything set aside (the reader's and ours)."""

    import_run: str
    added: Counter[str] = field(default_factory=Counter)
    changed: Counter[str] = field(default_factory=Counter)
    unchanged: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)
    fresh: set[str] = field(default_factory=set)  # source keys of the rows that were added or changed

    @property
    def rows_used(self) -> int:
        """Rows that are in the file because of this import."""
        return self.added.total() + self.changed.total()


def bring_in(
    file: PatientFile,
    tables: Mapping[str, Sequence[Row]],
    *,
    source: str,
    reader: str,
    rows_read: int,
    problems: Sequence[Problem] = (),
    declare_fictional: bool = False,
    declared: set[str] | None = None,
    actor: str,
    at: datetime,
) -> Brought:
    """Write normalised rows (table -> rows with the file's columns) and the reader's problems.

    source: the origin's stable name; a row's own `source` wins. `row_id` is given here. rows_read: as the
    reader counted.
    declare_fictional: people of unknown kind are taken as fictional, their ids get FIC- (audited).
    declared: those of an earlier unit of the same import; those of this one are added.
    Raises InputError when real people meet a fictional file or the other way round; nothing is written then.
    """
    tables = _of_this_kind(file, tables, declare_fictional, set() if declared is None else declared)
    with file.attached(write=True) as cursor:
        stem = new_row_stem(cursor)
        brought = Brought(f"{stem}-import", problems=list(problems))
        fit = _fitting_people(cursor, tables, brought)
        for number, (table, found) in enumerate(fit.items()):
            if table in merge.ONE_A_PERSON:
                merge.person_rows(cursor, table, _keyed(table, found, source), brought, actor=actor, at=at)
            elif table in rows.VERSIONED:
                keyed = _keyed(table, found, source)
                merge.versioned_rows(
                    cursor, table, keyed, brought, stem=f"{stem}-{number}", actor=actor, at=at
                )
            elif table in rows.PLAIN:
                merge.plain_rows(cursor, table, found, brought, source=source, actor=actor)
            else:
                raise InputError(
                    f"{table!r} is not a table that can be imported.", f"Tables: {', '.join(rows.VERSIONED)}."
                )
        _note_run(cursor, brought, source=source, reader=reader, rows_read=rows_read, actor=actor, at=at)
        detail = {
            "added": dict(brought.added),
            "changed": dict(brought.changed),
            "set_aside": len(brought.problems),
        }
        entries = [Entry("import", row_id=brought.import_run, detail=detail)]
        if declare_fictional and file.kind == "fictional":
            entries.append(Entry("import.declare_fictional", row_id=brought.import_run))
        file.note(cursor, entries, actor=actor, at=at)
    return brought


def _of_this_kind(
    file: PatientFile, tables: Mapping[str, Sequence[Row]], declare: bool, declared: set[str]
) -> Mapping[str, Sequence[Row]]:
    """Refuse people of the other kind; with `declare`, make people of unknown kind fictional."""
    stated = {str(row["person"]): row.get("fictional") for row in tables.get("person", ())}
    if file.kind == "real":
        if declare:
            raise InputError("--declare-fictional is for a fictional file; this one is for real people.", "")
        fictional = [person for person, is_fictional in stated.items() if is_fictional]
        if fictional:
            raise InputError(
                f"{fictional[0]} is a fictional person, and this file is for real people.",
                "Import fictional people into a fictional file (`pain-tui init FILE --fictional`).",
            )
        return {**tables, "person": [{**row, "fictional": False} for row in tables.get("person", ())]}
    unstated = [person for person, is_fictional in stated.items() if not is_fictional]
    if unstated and not declare:
        raise InputError(
            f"{unstated[0]} may be a real person, and this file is fictional.",
            "Use a file for real people, or, if these people are invented, import with --declare-fictional.",
        )
    declared.update(unstated)
    return _declared(tables, declared) if declare else tables


def _declared(tables: Mapping[str, Sequence[Row]], people: set[str]) -> dict[str, list[Row]]:
    """The same rows, the ids of these people with the prefix FIC-, and every person marked fictional."""

    def renamed(row: Row) -> Row:
        person = str(row["person"])
        return {**row, "person": FICTIONAL_PREFIX + person} if _wants_prefix(person, people) else row

    found = {table: [renamed(row) for row in kept] for table, kept in tables.items()}
    found["person"] = [{**row, "fictional": True} for row in found.get("person", ())]
    return found


def _wants_prefix(person: str, people: set[str]) -> bool:
    return person in people and not person.startswith(FICTIONAL_PREFIX)


def _fitting_people(
    cursor: duckdb.DuckDBPyConnection, tables: Mapping[str, Sequence[Row]], brought: Brought
) -> dict[str, list[Row]]:
    """The rows of people that the file has or gets, without those whose identity does not fit."""
    known = _birth_dates(cursor, {str(row["person"]) for found in tables.values() for row in found})
    used = _used_before(cursor, known)
    unfit: set[str] = set()
    for row in tables.get("person", ()):
        person, born = str(row["person"]), _text(row.get("birth_date"))
        if person not in known and person in used:
            unfit.add(person)
            brought.problems.append(_deleted(person))
        elif born and known.get(person) and known[person] != born:
            unfit.add(person)
            brought.problems.append(_two_birth_dates(person, known[person] or "", born))
        elif person not in unfit:
            known[person] = known.get(person) or born
    fit: dict[str, list[Row]] = {}
    for table in ("person", *(name for name in tables if name != "person")):
        kept = [
            row
            for row in tables.get(table, ())
            if str(row["person"]) in known and str(row["person"]) not in unfit
        ]
        _count_unfit(table, tables.get(table, ()), known, brought)
        if kept:
            fit[table] = kept
    return fit


def _count_unfit(table: str, found: Sequence[Row], known: Mapping[str, Any], brought: Brought) -> None:
    strangers = Counter(str(row["person"]) for row in found if str(row["person"]) not in known)
    for person, count in strangers.items():
        if table != "person":
            brought.problems.append(
                Problem(
                    "unknown_person",
                    f"{count} row(s) of {table} belong to {person}, who is not in the file",
                    person,
                    "People of this file or of the same import",
                    "Import the person first, or name one with --person",
                    ROW,
                    place=table,
                    person=person,
                )
            )


def _two_birth_dates(person: str, here: str, there: str) -> Problem:
    return Problem(
        "two_birth_dates",
        f"{person} has birth date {here} in this file and {there} in the source",
        there,
        "One birth date a person",
        "Find out which is right (it may be two people), correct it, and import again",
        ROW,
        place="person",
        person=person,
    )


def _deleted(person: str) -> Problem:
    return Problem(
        "deleted_person",
        f"{person} was deleted from this file; an id is never used again",
        person,
        "A new id",
        "If the person is to be in the file again, import under a new id",
        ROW,
        place="person",
        person=person,
    )


def _birth_dates(cursor: duckdb.DuckDBPyConnection, people: set[str]) -> dict[str, str | None]:
    """Person -> birth date (or None) of those the file has."""
    rows.pour(
        cursor, "asked_people", {"person": "VARCHAR"}, [{"person": person} for person in people], "person"
    )
    found = cursor.execute(
        "SELECT person, birth_date FROM clinic.main.person WHERE is_current AND person IN (FROM asked_people)"
    ).fetchall()
    return {person: _text(born) for person, born in found}


def _used_before(cursor: duckdb.DuckDBPyConnection, known: Mapping[str, Any]) -> set[str]:
    found = cursor.execute(
        "SELECT DISTINCT person FROM clinic.main.audit "
        "WHERE action = 'delete' AND person IN (FROM asked_people)"
    ).fetchall()
    return {person for (person,) in found}


def _text(value: object) -> str | None:
    return None if value is None else str(value)[:10]


def _keyed(table: str, found: Sequence[Row], source: str) -> list[dict[str, Any]]:
    """Every row with its source and a key that is unique within this import."""
    seen: Counter[tuple[str, str, str]] = Counter()
    keyed = []
    for row in found:
        own = {
            name: value
            for name, value in row.items()
            if name not in ("row_id", "source", "source_key", "place")
        }
        given = row.get("source_key")
        key = str(given) if given else _content_hash(table, own)
        origin = str(row.get("source") or source)
        if given:  # one outside record may give several rows (a combination medicine)
            who = (str(row["person"]), origin, key)
            seen[who] += 1
            key = key if seen[who] == 1 else f"{key}#{seen[who]}"
        keyed.append({**own, "source": origin, "source_key": key})
    return keyed


def _content_hash(table: str, own: Mapping[str, Any]) -> str:
    content = json.dumps({k: v for k, v in own.items() if v is not None}, sort_keys=True, default=str)
    return "content-" + hashlib.sha256(f"{table}\0{content}".encode()).hexdigest()[:32]


def _note_run(
    cursor: duckdb.DuckDBPyConnection,
    brought: Brought,
    *,
    source: str,
    reader: str,
    rows_read: int,
    actor: str,
    at: datetime,
) -> None:
    aside = [problem for problem in brought.problems if problem.level in (ROW, VALUE)]
    cursor.execute(
        "INSERT INTO clinic.main.import_run VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            brought.import_run,
            source,
            reader,
            at,
            actor,
            rows_read,
            brought.rows_used,
            len(aside),
            brought.unchanged.total(),
        ],
    )
    if not aside:
        return
    types = rows.columns(cursor, "set_aside")
    kept = [
        {
            "import_run": brought.import_run,
            "person": problem.person,
            "place": problem.place,
            "what": problem.value or None,
            "reason_code": problem.code,
            "reason": f"{problem.what}. {problem.allowed}".strip(),
            "remedy": problem.remedy or None,
        }
        for problem in aside
    ]
    rows.pour(cursor, "incoming", types, kept, "set_aside")
    cursor.execute("INSERT INTO clinic.main.set_aside BY NAME SELECT * FROM incoming")
