"""DuckDB's engine by itself, for whoever is on the way to the first screen.

Importing the package `duckdb` also looks up its own version among all installed packages and makes a database of
its own for its type objects: 50 ms in which nobody sees anything. The engine's module has the same classes, so what
it makes is what everybody else gets from `duckdb`.
"""

from _duckdb import (
    BinderException,
    CatalogException,
    DuckDBPyConnection,
    Error,
    __version__,
    connect,
)

__all__ = ["BinderException", "CatalogException", "DuckDBPyConnection", "Error", "__version__", "connect"]
