"""An export without identity: new ids, dates shifted per person, free text dropped, small cells left out.

Only columns named here leave the file. It lowers the risk of recognising somebody; it does not make it
nothing: a rare genotype or an unusual course can still be known to somebody. Not for publication without a
second look.
"""

import csv
import hmac
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import chain
from pathlib import Path
from typing import Any

import duckdb

from pain_tui import spreadsheet
from pain_tui.errors import InputError
from pain_tui.patients import rows
from pain_tui.patients.audit import Entry
from pain_tui.patients.file import PatientFile

LONGEST_SHIFT = 365  # days, either way, never none
OLDEST = 90  # ages above are given as this
SMALLEST_CELL = 5  # people
_AT_ONCE = 20_000  # rows

# table -> the columns that leave. Dates are shifted, texts (codes too) leave only where enough people share
# them, numbers and yes or no leave as they are, and the problem's id is replaced by a count.
_LEAVES: dict[str, tuple[str, ...]] = {
    "problem": (
        *("problem", "condition", "condition_certainty", "icd10", "site", "side", "level"),
        *("onset_date", "confirmed_by", "is_primary", "resolved"),
    ),
    "observation": ("code", "value", "unit", "text", "comparator", "at"),
    "medication": (
        *("ingredient", "ingredient_count", "dose", "dose_max", "unit", "strength", "strength_unit", "form"),
        *("route", "per_day", "per_day_max", "as_needed", "start", "stop", "last_dose", "authored"),
        *("supply_days", "status"),
    ),
    "condition": ("comorbidity", "code", "system", "onset", "resolved", "status", "certainty"),
    "allergy": ("ingredient", "severity", "status", "noted"),
    "device": ("kind", "mri", "at", "removed"),
    "treatment": (
        *("option", "drug", "side", "date", "stopped", "relief_pct", "nrs_before", "nrs_after"),
        "lasted_weeks",
    ),
    "genotype_call": ("gene", "state", "diplotype", "copy_number", "phenotype_reported", "date"),
    "diary": ("at", "nrs", "interference", "sleep_hours", "steps"),
}


@dataclass
class Exported:
    """What left and what did not: people, people of small cells, rows per table, values held back."""

    people: int
    left_out: int
    rows: dict[str, int] = field(default_factory=dict)
    held_back: Counter[str] = field(default_factory=Counter)


def export(
    file: PatientFile,
    folder: Path,
    *,
    as_of: date,
    secret: bytes,
    smallest_cell: int = SMALLEST_CELL,
    actor: str,
    at: datetime,
) -> Exported:
    """Write one CSV a table into a new or empty folder. `secret` decides ids and shifts; throw it away after.

    Raises InputError when the folder is not empty, or when nobody is left.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise InputError(f"{folder} is not empty.", "Name a new folder; nothing was written.")
    with file.attached(write=True) as cursor:
        everybody = _ages(cursor, as_of)
        cells = _small_cells(everybody, smallest_cell)
        kept = {person: row for person, row in everybody.items() if person not in cells}
        if not kept:
            raise InputError(
                f"Everybody is in a group of fewer than {smallest_cell} people; nothing was written.",
                "This file is too small for an export without identity.",
            )
        done = Exported(len(kept), len(cells))
        shifts = _shifts(list(kept), secret)
        types = {"person": "VARCHAR", "alias": "VARCHAR", "shift": "INTEGER"}
        rows.pour(cursor, "leaving", types, list(shifts.values()), "person")
        _write_people(folder, kept, shifts, done)
        for table, names in _LEAVES.items():
            _write_table(cursor, folder, table, names, smallest_cell, done)
        detail = {"people": done.people, "left_out": done.left_out}
        file.note(cursor, [Entry("export.deidentify", detail=detail)], actor=actor, at=at)
    return done


def _ages(cursor: duckdb.DuckDBPyConnection, as_of: date) -> dict[str, dict[str, Any]]:
    """Person -> age in years (capped), sex, main condition, whether dead: what could single somebody out."""
    found = cursor.execute(
        """
        SELECT p.person, least(coalesce(date_diff('year', p.birth_date, $as_of::DATE)
                - CASE WHEN strftime(p.birth_date, '%m%d') > strftime($as_of::DATE, '%m%d') THEN 1 ELSE 0 END,
                floor(p.age_stated))::INTEGER, $oldest) AS age,
            p.sex, p.death_date IS NOT NULL AS died, p.fictional,
            (SELECT max_by(condition, coalesce(is_primary, FALSE)) FROM clinic.main.problem r
             WHERE r.person = p.person AND r.is_current) AS condition
        FROM clinic.main.person p WHERE p.is_current ORDER BY p.person
        """,
        {"as_of": as_of, "oldest": OLDEST},
    ).fetchall()
    names = ("age", "sex", "died", "fictional", "condition")
    return {row[0]: dict(zip(names, row[1:], strict=True)) for row in found}


def _small_cells(people: Mapping[str, Mapping[str, Any]], smallest: int) -> set[str]:
    """People who share what stands in person.csv (age band, sex, died) and main condition with too few."""

    def cell(row: Mapping[str, Any]) -> tuple[Any, ...]:
        return _band(row["age"]), row["sex"], row["died"], row["condition"]

    sizes = Counter(cell(row) for row in people.values())
    return {person for person, row in people.items() if sizes[cell(row)] < smallest}


def _band(age: int | None) -> str | None:
    """Ten years of age: the age itself would tell apart people who count as one group."""
    if age is None:
        return None
    return f"{OLDEST}+" if age >= OLDEST else f"{age // 10 * 10}-{age // 10 * 10 + 9}"


def _shifts(people: list[str], secret: bytes) -> dict[str, dict[str, Any]]:
    """A new id for each person, in an order that says nothing, and days to shift by."""
    digests = {person: hmac.digest(secret, person.encode(), "sha256") for person in people}
    found = {}
    for number, person in enumerate(sorted(people, key=lambda each: digests[each]), 1):
        days = int.from_bytes(digests[person][:8], "big") % (2 * LONGEST_SHIFT)
        shift = days - LONGEST_SHIFT if days < LONGEST_SHIFT else days - LONGEST_SHIFT + 1
        found[person] = {"person": person, "alias": f"D-{number:06}", "shift": shift}
    return found


def _write_people(
    folder: Path,
    kept: Mapping[str, Mapping[str, Any]],
    shifts: Mapping[str, Mapping[str, Any]],
    done: Exported,
) -> None:
    table = sorted(
        (shifts[person]["alias"], _band(row["age"]), row["sex"], row["died"], row["fictional"])
        for person, row in kept.items()
    )
    _write(folder / "person.csv", ["person", "age_band", "sex", "died", "fictional"], table)
    done.rows["person"] = len(table)


def _write_table(
    cursor: duckdb.DuckDBPyConnection,
    folder: Path,
    table: str,
    names: Sequence[str],
    smallest: int,
    done: Exported,
) -> None:
    """One table: current rows of the people who leave, each column by its type."""
    types = rows.columns(cursor, table)
    texts = [name for name in names if types[name] == "VARCHAR" and name != "problem"]
    for name in texts:
        question = _HELD.format(table=table, name=rows.quoted(name), smallest=int(smallest))
        held = cursor.execute(question).fetchone()
        if held and held[0]:
            done.held_back[f"{table}.{name}"] = held[0]
    chosen = ", ".join(
        f"{_leaving(table, name, types[name], smallest)} AS {rows.quoted(name)}" for name in names
    )
    cursor.execute(
        f"SELECT l.alias, {chosen} FROM clinic.main.{table} t JOIN leaving l ON l.person = t.person "
        "WHERE t.is_current ORDER BY ALL"
    )
    found = _fetched(cursor)
    if table == "observation":  # a value whose meaning is held back says nothing, and may say who
        found = (row for row in found if row[1] is not None)
    first = next(found, None)
    if first is not None:
        done.rows[table] = _write(folder / f"{table}.csv", ["person", *names], chain([first], found))


def _fetched(cursor: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    """The rows of a result, some at a time: the observations of a large clinic are millions."""
    while part := cursor.fetchmany(_AT_ONCE):
        yield from part


_SHARED = """(SELECT {name} FROM clinic.main.{table}
WHERE is_current AND person IN (SELECT person FROM leaving)
GROUP BY {name} HAVING count(DISTINCT person) >= {smallest})"""
_HELD = (
    "SELECT count(*) FROM clinic.main.{table} WHERE is_current AND person IN (SELECT person FROM leaving) "
    "AND {name} IS NOT NULL AND {name} NOT IN " + _SHARED
)


def _leaving(table: str, name: str, kind: str, smallest: int) -> str:
    column = rows.quoted(name)
    if name == "problem":  # an id of the source could lead back to it
        return f"dense_rank() OVER (PARTITION BY t.person ORDER BY t.{column})"
    if kind in ("DATE", "TIMESTAMP"):
        return f"(t.{column} + to_days(l.shift))::{kind}"
    if kind == "VARCHAR":
        shared = _SHARED.format(table=table, name=column, smallest=int(smallest))
        return f"CASE WHEN t.{column} IN {shared} THEN t.{column} END"
    return f"t.{column}"


def _write(path: Path, header: list[str], table: Iterable[tuple[Any, ...]]) -> int:
    """One CSV; how many rows it has."""
    count = 0
    with path.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow(header)
        for row in table:
            writer.writerow([_cell(value) for value in row])
            count += 1
    return count


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return spreadsheet.harmless(value)
