"""No CSV that the program writes holds a cell that a spreadsheet would run."""

import csv
import datetime as dt
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pain_tui import duck as duckdb
from pain_tui import spreadsheet
from pain_tui.assess import case, cohort
from pain_tui.patients import file as patient_file
from pain_tui.patients import rows
from tests.cli.program import run
from tests.tui import real_clinic

FORMULAS = ("=1+1", "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(1)", "\t=1", "\r=1", "\n=1", "\uff1d1+1", "=", "-")


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_becomes_text(text: str) -> None:
    assert spreadsheet.harmless(text) == f"'{text}"


@pytest.mark.parametrize(
    "value", ["-1.5", "+3", "1e-3", "*1/*4", "CYP2D6", "", " =1", "a=1", None, 4.5, True]
)
def test_numbers_and_words_stay_as_they_are(value: object) -> None:
    assert spreadsheet.harmless(value) is value


@given(st.text(alphabet="=+-@\t\r\n'1a.e_\uff1d ", max_size=6))
def test_the_query_does_the_same(text: str) -> None:
    with duckdb.connect() as instance:
        query = "SELECT ?::VARCHAR AS text, ['=1'] AS many, -1.5 AS number, NULL::VARCHAR AS nothing"
        found = instance.execute(spreadsheet.harmless_sql(query), [text]).fetchone()
    assert found == (spreadsheet.harmless(text), "['=1']", "-1.5", None)


def test_the_query_keeps_names_and_order() -> None:
    with duckdb.connect() as instance:
        query = 'SELECT i AS "do", i AS "at" FROM range(2000) t(i) ORDER BY i DESC'
        found = instance.execute(spreadsheet.harmless_sql(query))
        assert [column[0] for column in found.description] == ["do", "at"]
        assert [int(row[0]) for row in found.fetchall()] == list(range(1999, -1, -1))


def _cells(text: str) -> list[str]:
    return [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]


def _run_by_a_spreadsheet(text: str) -> list[str]:
    return [cell for cell in _cells(text) if spreadsheet.harmless(cell) != cell]


@pytest.mark.parametrize(
    ("verb", "stdin"),
    [
        ("phenotype", "gene,diplotype,remark\nCYP2D6,*1/*4,=1+1\nCYP2D6,*4/*4,-2+3\n"),
        ("action", "drug,gene,diplotype,=cmd\ncodeine,CYP2D6,*4/*4,@SUM(1)\n"),
        (
            "mme",
            "id,drug,route,form,dose,unit,per_day\n=1+1,codeine,oral,tablet,30,mg,4\n@x,=cmd,oral,,1,mg,1\n",
        ),
        ("interact", "id,drug\n=1+1,codeine\n=1+1,=cmd\n"),
        ("hold", "drug,procedure,indication\napixaban,epidural_steroid,=1+1\n"),
    ],
)
def test_a_calculator_writes_no_formula(verb: str, stdin: str) -> None:
    ended = run(verb, "--csv", "-", stdin=stdin)
    assert ended.returncode in (0, 3), ended.stderr
    found = _cells(ended.stdout)
    header = stdin.splitlines()[0].split(",")
    assert len(found) > len(header), "nothing was answered"
    assert any(cell.startswith("'") for cell in found), "the formula was not echoed, so nothing was tested"
    assert [cell for cell in _run_by_a_spreadsheet(ended.stdout) if cell not in header] == []


def test_a_score_writes_no_formula(tmp_path: Path) -> None:
    path = real_clinic.make(tmp_path / "clinic.duckdb", real_clinic.CASES[:1])
    with patient_file.open_file(path, actor="a", at=dt.datetime(2026, 11, 24)) as opened:
        with opened.attached(write=True) as cursor:
            for table in rows.OF_A_PERSON:
                cursor.execute(f"UPDATE clinic.main.{table} SET person = '=cmd'")
            cursor.execute("UPDATE clinic.main.person_name SET family = '=1+1', given = '@x'")
        out, findings = tmp_path / "f.csv", tmp_path / "w.csv"
        day = case.Run(dt.date(2026, 11, 20), 12)
        cohort.score(opened, out, findings, day, versions={}, with_identity=True)
    for written in (out, findings):
        text = written.read_text(encoding="utf-8")
        assert "'=cmd" in text and _run_by_a_spreadsheet(text) == []
    assert "'=1+1" in out.read_text(encoding="utf-8")
