"""The built wheel carries what it needs: model, fictional clinic, knowledge and the notices of licensed tables."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The files in a freshly built wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)],
        cwd=TOP,
        check=True,
        capture_output=True,
    )
    (wheel,) = folder.glob("*.whl")
    return set(zipfile.ZipFile(wheel).namelist())


@pytest.mark.parametrize(
    "file",
    [
        "pain_tui/_models/manifest.json",
        "pain_tui/_sample_data/clinic/person.csv",
        "pain_tui/knowledge/tables.toml",
        "pain_tui/knowledge/clinpgx/NOTICE",
        "pain_tui/knowledge/snomed/NOTICE",
        "pain_tui/assess/case.sql",
        "pain_tui/tui/app.tcss",
        "pain_tui/patients/migrations/0001_initial.sql",
    ],
)
def test_the_wheel_holds(file: str, names: set[str]) -> None:
    assert file in names


def test_the_wheel_holds_every_step_and_no_test(names: set[str]) -> None:
    steps = {f"pain_tui/assess/steps/{file.name}" for file in (TOP / "pain_tui/assess/steps").glob("*.sql")}
    assert steps <= names
    assert not [name for name in names if name.startswith("tests/")]
