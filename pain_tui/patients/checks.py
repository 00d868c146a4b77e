"""What is wrong or missing in a patient file, as rows: contradictions, impossible dates, what nobody can use.

Each check is one row of the knowledge table `file_checks`: a condition over the current rows `t` of a table,
what is said of a row (SQL text), and the remedy.
"""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import duckdb


@dataclass(frozen=True)
class Finding:
    """One row of `validate`. kind: `wrong` (a contradiction) or `missing`."""

    kind: str
    person: str
    table: str
    row_id: str | None
    code: str
    what: str
    remedy: str

    @property
    def is_wrong(self) -> bool:
        """A contradiction, not only something unknown."""
        return self.kind == "wrong"

    def as_dict(self) -> dict[str, Any]:
        """The JSON shape of one row."""
        return asdict(self)

    def line(self) -> str:
        """One line of text."""
        return f"{self.kind:<7}  {self.person}  {self.table}: {self.what}. {self.remedy}"


def run(cursor: duckdb.DuckDBPyConnection, *, as_of: date) -> list[Finding]:
    """Check the attached patient file (catalog `clinic`); wrong rows first, then by person."""
    found: list[Finding] = []
    checks = cursor.execute(
        'SELECT kind, "table", code, condition, what, remedy FROM knowledge.file_checks ORDER BY row_id'
    ).fetchall()
    for kind, table, code, condition, what, remedy in checks:
        row_id = "NULL" if table == "person" else "t.row_id"
        facts = "LEFT JOIN knowledge.facts f ON f.fact = t.code" if table == "observation" else ""
        day = {"day": as_of} if "$day" in condition else {}
        rows = cursor.execute(
            f"SELECT t.person, {row_id}, {what} FROM clinic.main.{table} t {facts} "
            f"WHERE t.is_current AND ({condition}) ORDER BY 1, 2",
            day,
        ).fetchall()
        found += [Finding(kind, person, table, row, code, text or code, remedy) for person, row, text in rows]
    return sorted(found, key=lambda f: (not f.is_wrong, f.person, f.table, f.code, f.row_id or ""))
