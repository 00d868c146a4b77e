"""DuckDB's engine by itself is the same as what the package `duckdb` gives."""

import subprocess
import sys

import duckdb

from pain_tui import duck


def test_same_classes_as_the_package() -> None:
    """An error caught by either name is the same error; a connection of one goes where the other is asked for."""
    for name in duck.__all__:
        assert getattr(duck, name) is getattr(duckdb, name) or name == "__version__"
    assert duck.__version__ == duckdb.__version__


def test_engine_alone_reads_every_kind_of_value() -> None:
    """In a process that never imported the package: dates, times, lists, structs, decimals, ids come as Python's."""
    script = """
import sys
from pain_tui import duck
row = duck.connect(":memory:").execute(
    "SELECT DATE '2026-11-20', TIMESTAMP '2026-11-20 09:20:00', [1, 2], {'a': 1.5::DECIMAL(4, 1)}, 'x', "
    "uuid(), NULL, ?::VARCHAR[]", [["p", "q"]]
).fetchone()
print(*[type(cell).__name__ for cell in row], "duckdb" in sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.split() == [
        "date",
        "datetime",
        "list",
        "dict",
        "str",
        "UUID",
        "NoneType",
        "list",
        "False",
    ]
