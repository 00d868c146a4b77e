"""`score`: the same rows as the assessments, the same bytes whatever the jobs, nothing half written."""

import json
from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest

from pain_tui.assess import case, cohort, engine
from pain_tui.assess.assessment import assess_people
from pain_tui.errors import InputError, StoreError
from pain_tui.patients.fictional.clinic import teaching_cases, write_clinic
from pain_tui.patients.fictional.people import draw_people
from pain_tui.patients.file import PatientFile

AS_OF = date(2026, 11, 20)
AT = datetime(2026, 11, 20, 8)
VERSIONS = {"program": "1", "knowledge": "2", "model": None}
RUN = case.Run(AS_OF)


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> PatientFile:
    """The teaching cases and a few drawn people."""
    records = [entry["record"] for entry in teaching_cases()]
    records += list(draw_people(8, 5, AS_OF, first_number=700))
    path = tmp_path_factory.mktemp("score") / "clinic.duckdb"
    file, _ = write_clinic(path, records, as_of=AS_OF, actor="test", at=AT)
    return file


def _score(file: PatientFile, folder: Path, name: str = "f.jsonl", **more: object) -> cohort.Scored:
    return cohort.score(file, folder / name, folder / "w.jsonl", RUN, versions=VERSIONS, **more)  # type: ignore[arg-type]


def _lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_scored_rows_are_those_of_the_assessments(clinic: PatientFile, tmp_path: Path) -> None:
    """One row per person, problem and option, with the numbers that the screens show."""
    made = _score(clinic, tmp_path)
    cursor = clinic.cursor()
    with clinic.attached(cursor=cursor):
        case.from_file(cursor, None, RUN)
    engine.run(cursor)
    people = assess_people(cursor)
    expected = [
        (
            one.person,
            problem.problem,
            option.option,
            option.response and round(option.response.p, 6),
            option.row["tier"],
        )
        for one in people
        for problem in sorted(one.problems, key=lambda p: p.problem)
        for option in sorted(problem.options, key=lambda o: o.option)
    ]
    rows = _lines(tmp_path / "f.jsonl")
    assert [
        (r["person"], r["problem"], r["option"], r.get("p_response"), r.get("tier")) for r in rows
    ] == expected
    assert made.people == len(people) and made.forecasts == len(expected)
    found = _lines(tmp_path / "w.jsonl")
    assert made.findings == len(found) == sum(len(one.findings) for one in people)
    assert {row["fictional"] for row in rows} == {True} and rows[0]["version_knowledge"] == "2"


@pytest.mark.parametrize("ending", [".parquet", ".csv", ".jsonl"])
def test_the_jobs_do_not_change_a_byte(
    clinic: PatientFile, tmp_path: Path, ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Partitions worked on side by side give the file that one after the other gives."""
    monkeypatch.setattr(cohort, "PARTITION", 6)
    written = []
    for jobs in (1, 2):
        folder = tmp_path / str(jobs)
        folder.mkdir()
        _score(clinic, folder, f"f{ending}", jobs=jobs)
        written.append(((folder / f"f{ending}").read_bytes(), (folder / "w.jsonl").read_bytes()))
        assert sorted(path.name for path in folder.iterdir()) == [f"f{ending}", "w.jsonl"]
    assert written[0] == written[1]


def test_names_are_written_only_when_asked(clinic: PatientFile, tmp_path: Path) -> None:
    """Scripts run without identity."""
    _score(clinic, tmp_path, "plain.parquet")
    _score(clinic, tmp_path, "named.parquet", with_identity=True)

    def columns(name: str) -> set[str]:
        return {row[0] for row in duckdb.sql(f"DESCRIBE FROM '{tmp_path / name}'").fetchall()}

    assert columns("named.parquet") - columns("plain.parquet") == {"family", "given"}


def test_only_the_chosen_people_are_scored(clinic: PatientFile, tmp_path: Path) -> None:
    """And an id that is not there is named."""
    assert _score(clinic, tmp_path, people=["FIC-0700", "FIC-0701"]).people == 2
    assert {row["person"] for row in _lines(tmp_path / "f.jsonl")} <= {"FIC-0700", "FIC-0701"}
    with pytest.raises(InputError, match="NOBODY"):
        _score(clinic, tmp_path, people=["FIC-0700", "NOBODY"])


def test_an_output_that_cannot_be_is_refused_before_any_work(clinic: PatientFile, tmp_path: Path) -> None:
    """An unknown ending, a folder that is not there; what stood there before stays."""
    with pytest.raises(InputError, match="xlsx"):
        _score(clinic, tmp_path, "f.xlsx")
    with pytest.raises(StoreError, match="missing"):
        _score(clinic, tmp_path / "missing")
    assert list(tmp_path.iterdir()) == []
