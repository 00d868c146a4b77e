"""One knowledge instance for all tests here; a fresh cursor, with temp tables of its own, for each."""

from collections.abc import Iterator

import duckdb
import pytest

from pain_tui.knowledge import load


@pytest.fixture(scope="session")
def room() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = load.connect()
    yield connection
    connection.close()


@pytest.fixture
def cursor(room: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    own = room.cursor()
    yield own
    own.close()
