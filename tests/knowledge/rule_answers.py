"""What a condition answers, by the program over arrays and by the plain SQL of the second implementation."""

from collections.abc import Mapping, Sequence

import duckdb

from pain_tui.assess.rule_program import CANNOT_TELL, TRUE, Words, as_numbers, compile_rules
from pain_tui.knowledge.rule_language import Condition, Kind, class_column
from tests.oracle import rule_sql

Answer = tuple[bool | None, list[str]]
_SQL_TYPES = {
    "number": "DOUBLE",
    "integer": "DOUBLE",
    "flag": "BOOLEAN",
    "choice": "VARCHAR",
    "text": "VARCHAR",
}


def of_program(
    condition: Condition, kinds: Mapping[str, Kind], given: Sequence[Mapping[str, object]]
) -> list[Answer]:
    """(fired, missing) of each assignment of values to names; a name that is left out is not known."""
    program = compile_rules([condition], kinds)
    words = Words(dict(program.words.numbers))
    matrix = as_numbers([[0.0] * len(program.columns) for _ in given]).reshape(len(given), -1)
    for at, name in enumerate(program.columns[:-1]):
        text = name in kinds and kinds[name].type in ("choice", "text")
        matrix[:, at] = as_numbers([row.get(name) for row in given], words if text else None)
    every = program.answers(matrix)
    missing: list[list[str]] = [[] for _ in given]
    for row, _, opening in zip(*program.missing(matrix, every), strict=True):
        name = program.openings[3][opening]
        if name not in missing[row]:
            missing[row].append(name)
    roots = every[:, program.roots[0]]
    return [(None if a == CANNOT_TELL else bool(a == TRUE), missing[i]) for i, a in enumerate(roots)]


def of_sql(
    condition: Condition, kinds: Mapping[str, Kind], given: Sequence[Mapping[str, object]]
) -> list[Answer]:
    """The same from the condition written out as SQL."""
    columns = {name: _SQL_TYPES[kinds[name].type] for name in condition.names}
    columns |= {class_column(name): "BOOLEAN" for name in condition.classes}
    with duckdb.connect() as connection:
        listed = "".join(f', "{name}" {kind}' for name, kind in columns.items())
        connection.execute(f"CREATE TABLE f (nr INTEGER{listed})")
        places = ", ".join("?" * (len(columns) + 1))
        for nr, row in enumerate(given):
            connection.execute(f"INSERT INTO f VALUES ({places})", [nr, *(row.get(name) for name in columns)])
        sql = f"SELECT {rule_sql.sql(condition)}, {rule_sql.missing_sql(condition)} FROM f ORDER BY nr"
        return [
            (fired, [] if fired is not None else missing)
            for fired, missing in connection.execute(sql).fetchall()
        ]
