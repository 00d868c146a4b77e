"""Where the third-party files lie; the tests over them skip when the variable is not set."""

import csv
import os
from pathlib import Path

import pytest


def root() -> Path:
    """The folder named by PAIN_TUI_TEST_DATA."""
    named = os.environ.get("PAIN_TUI_TEST_DATA")
    if not named:
        pytest.skip("PAIN_TUI_TEST_DATA is not set")
    return Path(named)


def examples() -> Path:
    return root() / "reference" / "pgx" / "examples"


def read(name: str) -> list[dict[str, str]]:
    with (examples() / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
