"""Load the knowledge folder into an in-memory DuckDB, as the schema `knowledge`.

The connection made here is the program's only DuckDB instance: knowledge tables are read first, then
everything outside the process is closed and the configuration is locked. The patient file and its
side files are the only paths that can still be attached.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pain_tui import duck as duckdb
from pain_tui.errors import RuleError
from pain_tui.knowledge import own_rules

FOLDER = Path(__file__).resolve().parent

# Read before anything else; nothing is ever looked up, installed or loaded from outside.
_CLOSED_FROM_THE_START: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "allow_community_extensions": False,
    "allow_unsigned_extensions": False,
    "allow_persistent_secrets": False,
    "python_enable_replacements": False,
    "temp_directory": "",
    # One thread a query: people are few at a time, and many partitions run beside each other (assess.cohort).
    "threads": 1,
    # Plans are kept and used again for other people's rows (plans.py), so they must not rest on what the
    # tables held when they were made.
    "disabled_optimizers": "statistics_propagation,compressed_materialization,row_group_pruner",
}


@dataclass(frozen=True)
class Table:
    """One knowledge table: its name, its files (same header), and the SQL types of the columns that are
    not text.
    """

    name: str
    files: tuple[Path, ...]
    types: dict[str, str]


def tables() -> Iterator[Table]:
    """Every table listed in `tables.toml`, in the order of that file."""
    import tomllib  # not on the way to the first screen

    listed = tomllib.loads((FOLDER / "tables.toml").read_text(encoding="utf-8"))
    for name, entry in listed.items():
        files = [entry["file"]] if isinstance(entry["file"], str) else entry["file"]
        yield Table(name, tuple(FOLDER / file for file in files), entry.get("types", {}))


def connect(
    patient_file: Path | None = None,
    *,
    extension: Path | None = None,
    only: Iterable[str] | None = None,
    copies: Iterable[Path] = (),
    also: Iterable[str] = (),
) -> duckdb.DuckDBPyConnection:
    """A closed and locked in-memory DuckDB that holds the knowledge.

    patient_file: the one file that may be attached later.
    extension: DuckDB's signed httpfs extension, needed to write an encrypted file.
    only: names of the tables to load; all of them when left out.
    copies: further database files that may be attached (backups of the patient file).
    also: further paths that may be read or written (the table a calculator works on, standard input and
    output).
    Raises RuleError when a table cannot be read with its declared types, or the clinic's own rules do not pass.
    """
    connection = duckdb.connect(":memory:", config=_CLOSED_FROM_THE_START)
    if extension is not None:
        connection.load_extension(str(extension))
    connection.execute("SET temp_file_encryption = true")
    connection.execute("CREATE SCHEMA knowledge")
    wanted = None if only is None else set(only)
    if wanted != set():  # a bare instance does not even read the list of tables
        for table in tables():
            if wanted is None or table.name in wanted:
                _load(connection, table)
        _derive(connection, wanted)
    if wanted is None:
        own_rules.put(connection, own_rules.in_use())
    files = [*([patient_file] if patient_file else []), *copies]
    allowed = [path for file in files for path in _with_side_files(file)] + list(also)
    connection.execute("SET allowed_paths = ?", [allowed])
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


def _with_side_files(file: Path) -> list[str]:
    """The paths DuckDB touches when it writes one database file."""
    return [f"{file}{ending}" for ending in ("", ".wal", ".wal.checkpoint", ".wal.recovery")]


def _load(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    name = table.files[0].name
    header = _header(table.files[0])
    if any(_header(file) != header for file in table.files):
        raise RuleError(f"The files of the knowledge table {table.name} do not have the same header.")
    unknown = set(table.types) - set(header)
    if unknown:
        raise RuleError(f"tables.toml gives a type to columns that {name} does not have: {sorted(unknown)}.")
    columns = {column: table.types.get(column, "VARCHAR") for column in header}
    try:
        connection.execute(
            f'CREATE TABLE knowledge."{table.name}" AS SELECT * FROM read_csv(?, header = true, '
            f"auto_detect = false, delim = ',', quote = '\"', escape = '\"', nullstr = '', "
            f"columns = {columns!r})",
            [[str(file) for file in table.files]],
        )
    except duckdb.Error as error:
        raise RuleError(f"The knowledge table {name} cannot be read: {error}") from error


def _derive(connection: duckdb.DuckDBPyConnection, wanted: set[str] | None) -> None:
    """Make the tables of `derived/*.sql` once, so that no assessment pays for expanding classes and names.

    The first line of such a file names the tables it needs; it is left out when `only` left one of them out.
    """
    for file in sorted((FOLDER / "derived").glob("*.sql")):
        text = file.read_text(encoding="utf-8")
        needs = {name.strip() for name in text.splitlines()[0].removeprefix("-- needs:").split(",")}
        if wanted is None or needs <= wanted:
            connection.execute(text)


def _header(file: Path) -> list[str]:
    with file.open(encoding="utf-8") as lines:
        return lines.readline().rstrip("\r\n").split(",")


@lru_cache(maxsize=1)
def content_hash() -> str:
    """SHA-256 over the sorted knowledge files, rules included (hex, 64 characters)."""
    import hashlib  # not on the way to the first screen

    digest = hashlib.sha256()
    for file in sorted(FOLDER.rglob("*"), key=lambda f: f.relative_to(FOLDER).as_posix()):
        if file.suffix in {".csv", ".toml", ".sql"}:
            digest.update(file.relative_to(FOLDER).as_posix().encode() + b"\0")
            digest.update(file.read_bytes().replace(b"\r\n", b"\n") + b"\0")
    return digest.hexdigest()
