"""The schema of the patient file as numbered migrations: `migrations/0001_initial.sql`, 0002, ...

Each runs once, in order, in the transaction of the caller. The file notes the number it has reached as
`schema_version` in `meta`. A file with a higher number than this program knows is refused, never guessed at.
"""

from pathlib import Path

from pain_tui import duck as duckdb
from pain_tui.errors import StoreError

FOLDER = Path(__file__).resolve().parent / "migrations"


def latest() -> int:
    """The schema version this program writes."""
    return max(number for number, _ in _all())


def reached(cursor: duckdb.DuckDBPyConnection) -> int:
    """The schema version of the attached file; 0 when it has no tables of ours."""
    try:  # asking the catalog first would cost more than all the rest of opening a file
        row = cursor.execute("SELECT value FROM clinic.main.meta WHERE key = 'schema_version'").fetchone()
    except (duckdb.CatalogException, duckdb.BinderException):
        return 0
    return int(row[0]) if row is not None and str(row[0]).isdigit() else 0


def refuse_unknown(version: int, file: Path) -> None:
    """Raise StoreError unless this program can read a file of this schema version."""
    if version == 0:
        raise StoreError(
            f"{file} is a DuckDB database, but not a patient file of pain-tui.",
            "Name a file made with `pain-tui init`.",
        )
    if version > latest():
        raise StoreError(
            f"{file} is newer than this program: its tables are version {version}, "
            f"known here are 1 to {latest()}.",
            "Open it with the pain-tui that wrote it, or a newer one; nothing was changed.",
        )


def apply(cursor: duckdb.DuckDBPyConnection, version: int) -> None:
    """Bring the attached file from `version` to the latest, in the running transaction."""
    cursor.execute("USE clinic")
    try:
        for number, script in _all():
            if number > version:
                cursor.execute(script.read_text(encoding="utf-8"))
                cursor.execute("INSERT OR REPLACE INTO meta VALUES ('schema_version', ?)", [str(number)])
    finally:
        cursor.execute("USE memory")


def _all() -> list[tuple[int, Path]]:
    return sorted((int(script.name.split("_", 1)[0]), script) for script in FOLDER.glob("[0-9]*.sql"))
