"""One person's record (the keys of docs/cli.md) turned into rows with the columns of assess/case.sql.

The readers, `assess --record` and the forms on the screens all come through here: `add_row` for one row,
`normalise` for a whole record. A list that is given, also an empty one, states that list complete, unless the
record carries `reviews`, which then say it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from pain_tui.patients.normalise import diaries, genotypes, medications, observations, others, people
from pain_tui.patients.normalise.problem import IGNORED, ROW, Problem
from pain_tui.patients.normalise.row import Written
from pain_tui.patients.normalise.sink import Row, Sink

TABLES: dict[str, Callable[[Written], bool]] = {
    "person": people.person,
    "problem": people.problem,
    "condition": people.condition,
    "observation": observations.observation,
    "medication": medications.medication,
    "allergy": others.allergy,
    "device": others.device,
    "treatment": others.treatment,
    "genotype_call": genotypes.genotype_call,
    "preference": others.preference,
    "list_review": others.list_review,
    "diary": diaries.diary,
    "visit": others.visit,
    "person_identifier": others.person_identifier,
}
KEYS = {
    "problems": "problem",
    "observations": "observation",
    "medications": "medication",
    "conditions": "condition",
    "allergies": "allergy",
    "devices": "device",
    "treatments": "treatment",
    "genotype": "genotype_call",
    "genotypes": "genotype_call",
    "preferences": "preference",
    "diary": "diary",
    "diaries": "diary",
    "reviews": "list_review",
    "list_reviews": "list_review",
    "visits": "visit",
    "identifiers": "person_identifier",
}
_STATED = {
    "medications": "medication",
    "conditions": "condition",
    "allergies": "allergy",
    "devices": "device",
    "treatments": "treatment",
}


@dataclass
class Normalised:
    """What a record became: `rows` by table (patient file columns), `case` (case columns), and its
    problems.
    """

    rows: dict[str, list[Row]]
    case: dict[str, list[Row]]
    problems: list[Problem] = field(default_factory=list)

    @property
    def person(self) -> str | None:
        """The person's id, when the record has one."""
        found = self.rows.get("person")
        return str(found[0]["person"]) if found else None


def normalise(
    record: Mapping[str, Any],
    *,
    place: str,
    as_of: date | None = None,
    time_zone: str | None = None,
    person: str | None = None,
) -> Normalised:
    """Turn one record into rows. Never raises for bad content: everything that could not be used is in
    `problems`.

    place: where the record stands ('people.jsonl line 3'). as_of: today, for dates in the future and stated
    ages.
    person: the id to use when the record has none.
    """
    sink = Sink(as_of=as_of, time_zone=time_zone)
    if not isinstance(record, Mapping):
        sink.note(
            Problem(
                "not_a_record",
                "a record is an object with the keys of a person",
                str(type(record).__name__),
                "",
                "",
                ROW,
            ),
            place,
        )
        return Normalised({}, {}, sink.problems)
    ident = _person(sink, record, place, person)
    if ident is None:
        return Normalised({}, {}, sink.problems)
    implied = "reviews" not in record and "list_reviews" not in record
    for key, value in record.items():
        if key in KEYS:
            _list(sink, key, value, place, ident, states_complete=implied and key in _STATED)
        elif key != "person":
            sink.note(
                Problem(
                    "unknown_key",
                    f"{key!r} is not a key of a record",
                    str(key),
                    f"Keys: person, {', '.join(KEYS)}",
                    "",
                    IGNORED,
                ),
                place,
                ident,
            )
    return Normalised(sink.rows, sink.case_rows(), sink.problems)


def add_row(
    sink: Sink,
    table: str,
    values: Mapping[str, Any],
    *,
    place: str,
    person: str | None = None,
    source: str | None = None,
    source_key: str | None = None,
    report_unknown: bool = True,
) -> Written:
    """Normalise one row of one table into the sink; counts it as used, set_aside or ignored under `table`.

    Returns the row as read, with the names of the cells that were taken. source_key: the record's id in its
    source;
    several rows from one record get '#2', '#3' added.
    """
    written = Written(values, place, person if person is not None else _text(values.get("person")), sink)
    written.taken.add("person")
    before = {name: len(rows) for name, rows in sink.rows.items()}
    problems = len(sink.problems)
    if table != "person" and not written.person:
        written.problem(
            Problem("no_person", "the row names no person", "", "person is a local id", "Give the id"), ROW
        )
        used = False
    else:
        used = TABLES[table](written)
    if report_unknown and used:
        written.report_unknown()
    ignored = not used and any(p.level == IGNORED for p in sink.problems[problems:])
    sink.counts["used" if used else "ignored" if ignored else "set_aside"] += 1
    _with_source(sink, before, source, source_key)
    return written


def _with_source(sink: Sink, before: dict[str, int], source: str | None, source_key: str | None) -> None:
    number = 0
    for table, rows in sink.rows.items():
        for row in rows[before.get(table, 0) :]:
            number += 1
            row["source"] = source if source is not None else row.get("source")
            row["source_key"] = (
                (source_key if number == 1 else f"{source_key}#{number}") if source_key else None
            )


def _text(value: object) -> str | None:
    return str(value).strip() or None if isinstance(value, str | int) else None


def _person(sink: Sink, record: Mapping[str, Any], place: str, given: str | None) -> str | None:
    written = record.get("person")
    if isinstance(written, str):
        written = {"person": written}
    if not isinstance(written, Mapping):
        if given is None:
            sink.note(
                Problem(
                    "no_person",
                    "the record has no person",
                    "",
                    "person: {person, birth_date, sex}",
                    "Give the person",
                    ROW,
                ),
                place,
            )
            return None
        written = {"person": given}
    values = {"person": given, **written} if given and not written.get("person") else written
    add_row(sink, "person", values, place=f"{place}, person")
    rows = sink.rows.get("person")
    return str(rows[0]["person"]) if rows else None


def _list(sink: Sink, key: str, value: Any, place: str, person: str, *, states_complete: bool) -> None:
    if value is None:
        return
    if not isinstance(value, list | tuple):
        sink.note(
            Problem(
                "not_a_list",
                f"{key} is not a list",
                str(type(value).__name__),
                "A list of rows",
                "Correct the record",
                ROW,
            ),
            place,
            person,
        )
        return
    before = sink.counts["set_aside"]
    for index, row in enumerate(value):
        where = f"{place}, {key}[{index}]"
        if isinstance(row, Mapping):
            add_row(
                sink, KEYS[key], {k: v for k, v in row.items() if k != "person"}, place=where, person=person
            )
        else:
            sink.counts["set_aside"] += 1
            sink.note(
                Problem(
                    "not_a_row",
                    f"{key}[{index}] is not an object",
                    str(row)[:40],
                    "",
                    "Correct the record",
                    ROW,
                ),
                where,
                person,
            )
    if states_complete:
        # A list of which a row had to be set aside is not a complete list.
        at = datetime.combine(sink.as_of, time.min) if sink.as_of else None
        sink.add(
            "list_review",
            {
                "person": person,
                "list": _STATED[key],
                "complete": sink.counts["set_aside"] == before,
                "at": at,
            },
        )
