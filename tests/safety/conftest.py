"""One knowledge instance for all safety tests; each test takes its own cursor."""

import os
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from pain_tui.knowledge import load


@pytest.fixture(scope="session")
def knowledge() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = load.connect()
    yield connection
    connection.close()


@pytest.fixture
def cursor(knowledge: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    return knowledge.cursor()


@pytest.fixture(scope="session")
def examples() -> Path:
    root = os.environ.get("PAIN_TUI_TEST_DATA")
    if not root:
        pytest.skip("PAIN_TUI_TEST_DATA is not set")
    return Path(root) / "reference" / "safety" / "examples"
