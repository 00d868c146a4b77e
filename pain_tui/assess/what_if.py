"""What would be different if a fact were different? Two assessments of one person, and what changed between them.

Nothing is stored. A fact is set the way a form sets it (same reader, same units and words), dated on the day of the
question; a gene is set by its diplotype and takes the place of what is recorded for it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

import duckdb

from pain_tui.assess import case, engine
from pain_tui.assess.assessment import Assessment, assess_people
from pain_tui.errors import UsageError
from pain_tui.patients.file import PatientFile
from pain_tui.patients.normalise import records
from pain_tui.patients.normalise.sink import Sink

Row = dict[str, Any]


@dataclass(frozen=True)
class Added:
    """A row laid over the case, in the form of a draft edit."""

    table: str
    person: str
    values: Mapping[str, Any]
    op: str = "add"
    row_id: str | None = "what-if"


@dataclass(frozen=True)
class Compared:
    """Before and after, and the differences that a reader looks for first."""

    before: Assessment
    after: Assessment
    options: tuple[Row, ...] = field(default=())
    new_findings: tuple[Row, ...] = field(default=())
    gone_findings: tuple[Row, ...] = field(default=())
    new_limits: tuple[Row, ...] = field(default=())
    gone_limits: tuple[Row, ...] = field(default=())

    def as_dict(self) -> Row:
        """The shape `what-if --json` prints."""
        return {
            "person": self.before.person,
            "as_of": self.before.as_of,
            "fictional": self.before.fictional,
            "counts": {"before": self.before.counts, "after": self.after.counts},
            "options": list(self.options),
            "findings": {"new": list(self.new_findings), "gone": list(self.gone_findings)},
            "limits": {"new": list(self.new_limits), "gone": list(self.gone_limits)},
            "before": self.before.as_dict(),
            "after": self.after.as_dict(),
        }


def what_if(file: PatientFile, person: str, settings: Sequence[str], run: case.Run) -> Compared:
    """Assess a person of the file as recorded, and again with each `FACT=VALUE` or `GENE=DIPLOTYPE` laid over.

    Raises UsageError for a fact that cannot be set, or a value that the reader does not take.
    """
    cursor = file.cursor()
    try:
        added = [_read(cursor, person, setting, run) for setting in settings]
        with file.attached(cursor=cursor):
            case.from_file(cursor, [person], run)
        engine.run(cursor)
        before = assess_people(cursor)[0]
        _lay_over(cursor, added)
        engine.run(cursor)
        _refuse_outvoted(cursor, added)
        return compare(before, assess_people(cursor)[0])
    finally:
        cursor.close()


def compare(before: Assessment, after: Assessment) -> Compared:
    """What changed from one assessment to the other: numbers, order, warnings, limits."""
    found = compare_shapes(before.as_dict(), after.as_dict())
    warnings, limits = found["findings"], found["limits"]
    return Compared(
        before,
        after,
        tuple(found["options"]),
        tuple(warnings["new"]),
        tuple(warnings["gone"]),
        tuple(limits["new"]),
        tuple(limits["gone"]),
    )


def compare_shapes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Row:
    """The differences of two assessments in the `assess` shape: options, findings (new, gone), limits (new, gone)."""
    said = ("rule", "tier", "problem", "option", "drug", "say")
    new_findings, gone_findings = _difference(before["findings"], after["findings"], said)
    new_limits, gone_limits = _difference(before["limits"], after["limits"], ("code", "problem", "say"))
    return {
        "options": list(_options(before, after)),
        "findings": {"new": list(new_findings), "gone": list(gone_findings)},
        "limits": {"new": list(new_limits), "gone": list(gone_limits)},
    }


def _read(cursor: duckdb.DuckDBPyConnection, person: str, setting: str, run: case.Run) -> list[Added]:
    name, sign, value = (part.strip() for part in setting.partition("="))
    if not sign or not name or not value:
        raise UsageError(f"--set {setting!r} is not FACT=VALUE.", "For example --set smoking=never.")
    gene = cursor.execute(
        "SELECT gene FROM knowledge.genes_shown WHERE lower(gene) = lower(?)", [name]
    ).fetchone()
    if gene:
        given = {"gene": gene[0], "diplotype": value, "state": "called", "date": run.as_of.isoformat()}
        return _rows("genotype_call", person, given, setting, run)
    name, value = _meant(cursor, name, value)
    _refuse_unknown(cursor, name)
    number, _, unit = value.partition(" ")
    held = {"value": number, "unit": unit or None} if _is_number(number) else {"text": value}
    given = {"code": name, "at": run.as_of.isoformat(), **{k: v for k, v in held.items() if v is not None}}
    return _rows("observation", person, given, setting, run)


def _meant(cursor: duckdb.DuckDBPyConnection, name: str, value: str) -> tuple[str, str]:
    """The fact and the value that a short way of saying it stands for."""
    found = cursor.execute(_SET_WORDS, [name, value]).fetchone()
    return (str(found[0]), str(found[1])) if found else (name, value)


_SET_WORDS = """SELECT fact, coalesce(as_value, $2) FROM knowledge.set_words
WHERE name = lower($1) AND (value IS NULL OR value = lower($2))"""


def _refuse_outvoted(cursor: duckdb.DuckDBPyConnection, added: Iterable[Iterable[Added]]) -> None:
    """A no that another answer turns into a yes would be shown as "no change": say which fact it is instead."""
    for row in (row for rows in added for row in rows if row.table == "observation"):
        code, asked = row.values["code"], row.values.get("text") or row.values.get("value")
        found = cursor.execute(_HELD, [code]).fetchone()
        if found and found[0] == "true" and asked in ("no", "false", 0, 0.0):
            raise UsageError(
                f"--set {code}=no would change nothing: another answer of this person says yes.",
                "Set the answer it is worked out from; `pain-tui lifestyle FILE PERSON` lists the values.",
            )


_HELD = """SELECT c.value FROM fact_cells c JOIN knowledge.facts f USING (fact) WHERE c.fact = ? AND f.type = 'flag'"""


def _rows(table: str, person: str, given: Row, setting: str, run: case.Run) -> list[Added]:
    sink = Sink(as_of=run.as_of)
    records.add_row(sink, table, given, place=f"--set {setting}", person=person)
    made = sink.case_rows().get(table, [])
    problems = sink.set_aside()
    if problems or not made:
        said = problems[0].sentence() if problems else f"--set {setting}: nothing could be read from it."
        raise UsageError(
            said, "`pain-tui lifestyle FILE PERSON` lists the values with their units and ranges."
        )
    return [
        Added(table, person, {k: v for k, v in row.items() if k not in ("person", "row_id")}) for row in made
    ]


def _refuse_unknown(cursor: duckdb.DuckDBPyConnection, name: str) -> None:
    rows = cursor.execute(
        "SELECT DISTINCT fact FROM knowledge.fact_ways WHERE kind = 'observation'"
    ).fetchall()
    settable = sorted(str(row[0]) for row in rows)
    if name in settable:
        return
    near = get_close_matches(name, settable, n=4, cutoff=0.5)
    hint = (
        f"Near to it: {', '.join(near)}." if near else "Genes are set by their diplotype: --set CYP2D6=*1/*4."
    )
    raise UsageError(f"{name!r} is not a fact that can be set.", hint)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _lay_over(cursor: duckdb.DuckDBPyConnection, added: Iterable[Iterable[Added]]) -> None:
    """The new rows, later on the day than any other; a gene's other rows give way."""
    for rows in added:
        for row in rows:
            if row.table == "genotype_call":
                cursor.execute("DELETE FROM case_genotype_call WHERE gene = ?", [row.values["gene"]])
            else:
                cursor.execute("DELETE FROM case_observation WHERE code = ?", [row.values["code"]])
        case.overlay(cursor, rows)


def _options(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterable[Row]:
    earlier = {(p["problem"], o["option"]): o for p in before["problems"] for o in p["options"]}
    for problem in after["problems"]:
        for option in problem["options"]:
            was = earlier.get((problem["problem"], option["option"]))
            yield {
                "problem": problem["problem"],
                "option": option["option"],
                "name": option["name"],
                "before": _summary(was) if was else None,
                "after": _summary(option),
                "changed": was is None or _summary(was) != _summary(option),
            }


def _summary(row: Row) -> Row:
    return {name: row[name] for name in ("position", "response", "extra", "check", "tier", "no_estimate")}


def _difference(
    before: Sequence[Row], after: Sequence[Row], names: Sequence[str]
) -> tuple[tuple[Row, ...], tuple[Row, ...]]:
    """(only after, only before), compared by these columns."""

    def key(row: Row) -> tuple[Any, ...]:
        return tuple(row[name] for name in names)

    earlier, later = {key(row) for row in before}, {key(row) for row in after}
    return tuple(r for r in after if key(r) not in earlier), tuple(r for r in before if key(r) not in later)
