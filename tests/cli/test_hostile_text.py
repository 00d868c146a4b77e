"""A name and a note with terminal codes, mark-up and HTML: harmless in text, JSON and the printable page."""

import datetime as dt
import json
from pathlib import Path

import pytest

from pain_tui.patients import file as patient_file
from tests.cli.program import run
from tests.tui import real_clinic

PERSON = "FIC-T01"
HOSTILE = "Z\x1b]0;owned\x07\x1b[2J<script>alert(1)</script><img src=//x onerror=y>\u202e\x9b31m"
UNSAFE = "\x1b\x07\u202e\x9b\r"


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file in which somebody has put such texts past every reader, into every column of text that is shown."""
    path = real_clinic.make(tmp_path_factory.mktemp("hostile") / "clinic.duckdb")
    with (
        patient_file.open_file(path, actor="a", at=dt.datetime(2026, 11, 24), knowledge=False) as opened,
        opened.attached(write=True) as cursor,
    ):
        for change in (
            "person_name SET family = $text, given = $text", "problem SET text = $text, site = $text",
            "medication SET drug = $text || drug, indication = $text", "condition SET text = $text",
            "observation SET unit = $text", "allergy SET reaction = $text",
        ):  # fmt: skip
            cursor.execute(
                f"UPDATE clinic.main.{change} WHERE person = $person", {"text": HOSTILE, "person": PERSON}
            )
    return path


@pytest.mark.parametrize(
    "verb",
    [
        "people",
        "assess",
        "genotype",
        "history",
        "lifestyle",
        "plan",
        "monitor",
        "limits",
        "check",
        "validate",
    ],
)
def test_plain_text_holds_no_terminal_code(clinic: Path, verb: str) -> None:
    ended = run(verb, clinic, *([] if verb in ("people", "validate") else [PERSON]))
    assert ended.returncode in (0, 3, 5), ended.stderr
    assert not set(UNSAFE) & set(ended.stdout + ended.stderr)


def test_the_json_says_them_escaped(clinic: Path) -> None:
    ended = run("assess", clinic, PERSON, "--json")
    assert not set(UNSAFE) & set(ended.stdout)
    assert "\\u001b]0;owned" in ended.stdout and json.loads(ended.stdout)["person"] == PERSON


def test_the_page_shows_them_as_text(clinic: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    assert run("report", clinic, PERSON, "--out", page).returncode == 0
    text = page.read_text(encoding="utf-8")
    assert "&lt;script&gt;" in text, "the text is not on the page, so nothing was tested"
    assert "<script" not in text and "<img" not in text and not set(UNSAFE) & set(text)
    assert "default-src 'none'" in text and "http" not in text.replace("http-equiv", "")
