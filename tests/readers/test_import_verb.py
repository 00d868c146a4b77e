"""The verbs import and validate on a patient file: what is stored, what is said, which exit code."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from pain_tui.cli.main import run
from pain_tui.knowledge import load
from pain_tui.patients import file as patient_file

AT = dt.datetime(2026, 11, 24, 8, 0)
PASSPHRASE = "correct horse battery"


@pytest.fixture(autouse=True)
def only_the_tables_that_are_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Storing rows needs no clinical table; loading them all would take most of each test's time."""
    whole = load.connect

    def few(*words: Any, only: Any = None, **more: Any) -> Any:
        return whole(*words, only=("facts", "file_checks") if only is None else only, **more)

    monkeypatch.setattr(load, "connect", few)


@pytest.fixture
def clinic(tmp_path: Path) -> Path:
    """An empty file for real people, its passphrase beside it."""
    (tmp_path / "pass.txt").write_text(PASSPHRASE)
    path = tmp_path / "clinic.duckdb"
    patient_file.create(
        path, kind="real", passphrase=PASSPHRASE, time_zone="Europe/Vienna", actor="t", at=AT
    ).close()
    return path


@pytest.fixture
def fictional(tmp_path: Path) -> Path:
    path = tmp_path / "fictional.duckdb"
    patient_file.create(
        path,
        kind="fictional",
        passphrase=None,
        time_zone="Europe/Vienna",
        default_as_of=dt.date(2026, 11, 20),
        actor="t",
        at=AT,
    ).close()
    return path


def verb(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    """Run one command line; its exit code, stdout and stderr."""
    with pytest.raises(SystemExit) as leave:
        run([str(word) for word in words])
    said = capsys.readouterr()
    return int(leave.value.code or 0), said.out, said.err


def bring(capsys: pytest.CaptureFixture[str], file: Path, *words: object) -> tuple[int, dict[str, Any], str]:
    code, out, err = verb(
        capsys, "import", file, *words, "--json", "--passphrase-file", file.parent / "pass.txt"
    )
    return code, json.loads(out) if out else {}, err


def say(capsys: pytest.CaptureFixture[str], file: Path, *words: object) -> tuple[int, str, str]:
    """The same as text."""
    return verb(capsys, "import", file, *words, "--passphrase-file", file.parent / "pass.txt")


def ask(file: Path, sql: str) -> list[tuple[Any, ...]]:
    passphrase = PASSPHRASE if (file.parent / "pass.txt").exists() and file.name == "clinic.duckdb" else None
    opened = patient_file.open_file(file, passphrase=passphrase, actor="t", at=AT)
    try:
        with opened.attached() as cursor:
            return cursor.execute(sql).fetchall()
    finally:
        opened.close()


def tables(folder: Path, **texts: str) -> list[Path]:
    found = []
    for name, text in texts.items():
        (folder / f"{name}.csv").write_text(text)
        found.append(folder / f"{name}.csv")
    return found


PEOPLE = "person,birth_date,sex\np1,1960-01-01,female\np2,1970-01-01,male\n"
PEG = "person,code,value,at\np1,peg,5,2026-11-01\np2,peg,50,2026-11-01\np9,peg,4,2026-11-01\n"


def test_counts_add_up_and_what_was_set_aside_is_in_the_file(
    clinic: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, shape, _ = bring(capsys, clinic, *tables(clinic.parent, person=PEOPLE, observation=PEG))
    assert code == 0 and list(shape)[:2] == ["schema", "versions"]
    people, values = shape["sources"]
    assert (people["rows_read"], people["rows_used"]) == (2, 2)
    assert (values["rows_read"], values["rows_used"], values["rows_set_aside"]) == (3, 1, 2)
    assert {p["reason_code"] for p in values["set_aside"]} == {"unit_trap", "unknown_person"}
    assert values["columns"]["used"] == [
        "observation.person",
        "observation.code",
        "observation.value",
        "observation.at",
    ]
    stored = ask(clinic, "SELECT reason_code FROM clinic.main.set_aside ORDER BY 1")
    assert stored == [("unit_trap",), ("unknown_person",)]
    assert ask(clinic, "SELECT person, code, value FROM clinic.main.observation") == [("p1", "peg", 5.0)]


def test_the_same_import_again_changes_nothing(clinic: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = tables(clinic.parent, person=PEOPLE, observation=PEG)
    bring(capsys, clinic, *files)
    code, shape, _ = bring(capsys, clinic, *files)
    assert code == 0 and shape["totals"] == {
        "rows_read": 5, "rows_used": 0, "rows_unchanged": 3, "rows_set_aside": 2, "rows_ignored": 0,
    }  # fmt: skip
    assert ask(clinic, "SELECT count(*) FROM clinic.main.observation") == [(1,)]


def test_a_changed_value_is_a_new_version(clinic: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bring(capsys, clinic, *tables(clinic.parent, person=PEOPLE, observation=PEG))
    _, shape, _ = bring(capsys, clinic, *tables(clinic.parent, observation=PEG.replace("peg,5,", "peg,6,")))
    assert shape["sources"][0]["rows_used"] == 1
    rows = ask(clinic, "SELECT value, version, is_current FROM clinic.main.observation ORDER BY version")
    assert rows == [(5.0, 1, False), (6.0, 2, True)]


def test_another_birth_date_is_refused_and_said(clinic: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bring(capsys, clinic, *tables(clinic.parent, person=PEOPLE))
    code, shape, _ = bring(
        capsys, clinic, *tables(clinic.parent, person="person,birth_date\np1,1961-01-01\n")
    )
    assert code == 3 and shape["sources"][0]["set_aside"][0]["reason_code"] == "two_birth_dates"
    assert ask(clinic, "SELECT birth_date FROM clinic.main.person WHERE person = 'p1' AND is_current") == [
        (dt.date(1960, 1, 1),)
    ]


def test_strict_writes_nothing_and_exits_3(clinic: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, shape, _ = bring(capsys, clinic, *tables(clinic.parent, person=PEOPLE, observation=PEG), "--strict")
    assert code == 3 and shape["written"] is False
    assert ask(clinic, "SELECT count(*) FROM clinic.main.person") == [(0,)]


def test_strict_with_good_rows_only_is_an_ordinary_import(
    clinic: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bring(capsys, clinic, *tables(clinic.parent, person=PEOPLE), "--strict")[0] == 0
    assert ask(clinic, "SELECT count(*) FROM clinic.main.person") == [(2,)]


def test_a_dry_run_writes_nothing(clinic: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, shape, _ = bring(capsys, clinic, *tables(clinic.parent, person=PEOPLE), "--dry-run")
    assert code == 0 and shape["written"] is False and shape["sources"][0]["rows_used"] == 2
    assert ask(clinic, "SELECT count(*) FROM clinic.main.person") == [(0,)]


@pytest.mark.parametrize("reader", [None, "fhir", "vcf", "pharmcat"])
def test_no_usable_input_exits_3_with_the_reason(
    clinic: Path, capsys: pytest.CaptureFixture[str], reader: str | None
) -> None:
    broken = clinic.parent / "x.json"
    broken.write_text('{"resourceType": "Bundle", "entry": [')
    words = ["--as", reader] if reader else []
    code, shape, _ = bring(capsys, clinic, broken, "--person", "p1", *words)
    assert code == 3 and shape["errors"] and all("x.json" in e["message"] for e in shape["errors"])


def test_a_bad_source_does_not_stop_a_good_one(clinic: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, shape, _ = bring(
        capsys, clinic, clinic.parent / "missing.csv", *tables(clinic.parent, person=PEOPLE)
    )
    assert code == 0 and len(shape["errors"]) == 1 and shape["sources"][0]["rows_used"] == 2


@pytest.mark.parametrize("reader", ["nonsense", "omop"])
def test_an_unknown_reader_is_wrong_usage(
    clinic: Path, capsys: pytest.CaptureFixture[str], reader: str
) -> None:
    code, _, err = verb(
        capsys,
        "import",
        clinic,
        *tables(clinic.parent, person=PEOPLE),
        "--as",
        reader,
        "--passphrase-file",
        clinic.parent / "pass.txt",
    )
    assert code == 2 and reader in err and "csv" in err


def test_text_says_each_reason_once_with_place_and_remedy(
    clinic: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = tables(
        clinic.parent, person=PEOPLE, medication="person,drug,dose\np1,oxycodne,5\np2,tramadol,50\n"
    )
    code, out, _ = verb(capsys, "import", clinic, *files, "--passphrase-file", clinic.parent / "pass.txt")
    assert code == 0 and "medication.csv (csv): 2 read, 2 used" in out
    assert (
        "medication.csv line 2: oxycodne is not a known medicine name. Names that look like it: oxycodone"
        in out
    )
    assert "value left unknown, 2: medication.csv line 2: oxycodne: the dose 5 has no unit" in out


def test_genotypes_belong_to_a_named_person(clinic: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bring(capsys, clinic, *tables(clinic.parent, person=PEOPLE))
    outside = clinic.parent / "calls.tsv"
    outside.write_text("CYP2D6\t*1/*4\nNOTAGENE\t*1/*1\n")
    code, _, err = verb(capsys, "import", clinic, outside, "--passphrase-file", clinic.parent / "pass.txt")
    assert code == 3 and "--person" in err
    code, shape, _ = bring(capsys, clinic, outside, "--person", "p1")
    assert code == 0 and shape["sources"][0]["rows_used"] == 1
    assert ask(clinic, "SELECT person, gene, diplotype FROM clinic.main.genotype_call") == [
        ("p1", "CYP2D6", "*1/*4")
    ]


def test_a_new_person_has_no_birth_date_and_the_same_file_gives_the_same_one(
    clinic: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outside = clinic.parent / "calls.tsv"
    outside.write_text("CYP2D6\t*1/*4\n")
    for _ in range(2):
        bring(capsys, clinic, outside, "--new-person")
    assert ask(clinic, "SELECT birth_date, sex, count(*) OVER () FROM clinic.main.person") == [
        (None, "unknown", 1)
    ]


def test_real_people_stay_out_of_a_fictional_file(
    fictional: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (fictional.parent / "pass.txt").write_text("x")
    files = tables(fictional.parent, person=PEOPLE)
    code, _, err = verb(capsys, "import", fictional, *files)
    assert code == 3 and "--declare-fictional" in err
    code, shape, _ = bring(capsys, fictional, *files, "--declare-fictional")
    assert code == 0 and shape["sources"][0]["rows_used"] == 2
    assert ask(fictional, "SELECT person, fictional FROM clinic.main.person ORDER BY 1") == [
        ("FIC-p1", True),
        ("FIC-p2", True),
    ]


def test_the_file_decides_what_today_is(fictional: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A fictional file has its own day; --as-of moves it."""
    (fictional.parent / "pass.txt").write_text("x")
    files = tables(
        fictional.parent,
        person="person,fictional\nFIC-1,true\n",
        observation="person,code,value,at\nFIC-1,peg,5,2026-11-22\n",
    )
    _, shape, _ = bring(capsys, fictional, *files)
    assert shape["sources"][1]["set_aside"][0]["reason_code"] == "date_in_future"
    _, shape, _ = bring(capsys, fictional, *files, "--as-of", "2026-11-23")
    assert shape["sources"][1]["rows_used"] == 1


def test_validate_tells_wrong_from_missing(clinic: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = tables(
        clinic.parent,
        person="person,birth_date,sex\np1,1960-01-01,female\np2,,\n",
        medication="person,drug\np1,oxycodne\n",
    )
    bring(capsys, clinic, *files)
    code, out, _ = verb(capsys, "validate", clinic, "--passphrase-file", clinic.parent / "pass.txt")
    assert code == 0 and "0 wrong, 3 missing." in out and "oxycodne is not a known medicine name" in out
    bring(capsys, clinic, *tables(clinic.parent, observation="person,code,value,at\np1,peg,5,1950-01-01\n"))
    code, out, _ = verb(capsys, "validate", clinic, "--json", "--passphrase-file", clinic.parent / "pass.txt")
    shape = json.loads(out)
    assert code == 3 and [r["code"] for r in shape["rows"] if r["kind"] == "wrong"] == ["before_birth"]


def test_a_new_persons_id_is_told_and_the_same_file_again_adds_nothing(
    clinic: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever imports the next file of this person needs the id."""
    calls = clinic.parent / "calls.tsv"
    calls.write_text("CYP2D6\t*1/*4\nCYP2C19\t*1/*2\n", encoding="utf-8")
    words = ("--as", "outside", "--new-person")
    code, told, _ = verb(
        capsys, "import", clinic, calls, *words, "--passphrase-file", clinic.parent / "pass.txt"
    )
    assert code == 0
    assert "person N-" in told and "birth date and sex are not known" in told
    _, again, _ = bring(capsys, clinic, calls, *words)
    assert (again["totals"]["rows_used"], again["totals"]["rows_unchanged"]) == (0, 3)


def test_new_person_with_two_sources_is_asked_about(clinic: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two new people would be made of one, in silence."""
    sources = [clinic.parent / name for name in ("a.tsv", "b.tsv")]
    for calls in sources:
        calls.write_text("CYP2D6\t*1/*4\n", encoding="utf-8")
    code, _, err = bring(capsys, clinic, *sources, "--as", "outside", "--new-person")
    assert code == 2
    assert "one person or several" in err


def test_a_medicine_that_starts_later_is_taken_as_planned_and_said(
    clinic: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It may be an order for next week, or a slip of the year."""
    (tmp_path / "person.csv").write_text("person,birth_date,sex\nC,1970-01-01,male\n")
    (tmp_path / "medication.csv").write_text(
        "person,drug,dose,unit,per_day,start\nC,morphine,30,mg,2,2026-11-25\nC,tramadol,50,mg,2,2026-11-24\n"
    )
    code, told, _ = say(
        capsys, clinic, tmp_path / "person.csv", tmp_path / "medication.csv", "--as-of", "2026-11-24"
    )
    assert code == 0 and "medication.csv (csv): 2 read, 2 used" in told
    assert told.count("is in the future") == 1 and "used, please check, 1: medication.csv line 2" in told


def test_a_file_named_vcf_is_refused_as_one(
    clinic: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "x.vcf").write_text("not a vcf\n")
    code, _, err = say(capsys, clinic, tmp_path / "x.vcf", "--new-person")
    assert code == 3 and "x.vcf line 1" in err and "not a VCF" in err


def test_whose_rows_were_refused_is_not_called_a_new_person(
    clinic: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "out.tsv").write_text("gene\tdiplotype\nCYP2D6\t*1/*4\n")
    code, told, _ = say(capsys, clinic, tmp_path / "out.tsv", "--as", "outside", "--person", "N-1")
    assert code == 3 and "who is not in the file" in told and "birth date and sex" not in told


def test_a_deleted_fictional_person_is_set_aside_and_counted(
    fictional: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The source calls the person by the id without the prefix; the row was counted as unchanged."""
    (tmp_path / "person.csv").write_text("person,birth_date,sex\nZ1,1960-01-01,female\nZ2,1961-01-01,male\n")
    words = ("import", fictional, tmp_path / "person.csv", "--declare-fictional")
    assert "2 read, 2 used" in verb(capsys, *words)[1]
    assert verb(capsys, "delete", fictional, "FIC-Z1", "--yes")[0] == 0
    code, told, _ = verb(capsys, *words)
    assert code == 0 and "2 read, 0 used, 1 unchanged, 1 set aside" in told
    assert "FIC-Z1 was deleted from this file" in told
