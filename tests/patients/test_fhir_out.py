"""One person as a FHIR Bundle: our own reader gets the same facts back, and nothing is made more certain."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from pain_tui.errors import InputError
from pain_tui.patients import fhir_out
from pain_tui.patients.readers import dispatch
from pain_tui.patients.readers.base import Options
from tests.cli.program import run
from tests.patients import clinic
from tests.tui import real_clinic

AT = dt.datetime(2026, 11, 24, 8)
DAY = Options(as_of=dt.date(2026, 11, 24), time_zone="UTC")
CASES = sorted(path.stem for path in (real_clinic.data_folder("sample_data") / "cases").glob("*.json"))


@pytest.fixture(scope="module")
def everybody(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All packaged teaching cases in one file."""
    return real_clinic.make(tmp_path_factory.mktemp("fhir") / "clinic.duckdb", tuple(CASES))


def _people(path: Path) -> list[str]:
    with clinic.open_again(path, None, knowledge=False) as file, file.attached() as cursor:
        return [
            p for (p,) in cursor.execute("SELECT person FROM clinic.main.person ORDER BY person").fetchall()
        ]


def _stored(path: Path, person: str) -> dict[str, list[dict[str, Any]]]:
    with clinic.open_again(path, None, knowledge=False) as file, file.attached() as cursor:
        return {table: list(fhir_out._rows(cursor, table, person)) for table in fhir_out._MAKE}


def _round_trip(path: Path, person: str, folder: Path) -> dict[str, list[dict[str, Any]]]:
    with clinic.open_again(path, None, knowledge=False) as file, file.attached() as cursor:
        made = fhir_out.bundle(cursor, person, at=AT, zone="UTC").bundle
    out = folder / "bundle.json"
    out.write_text(json.dumps(made))
    done = dispatch.read([out], "fhir", DAY)
    assert not done.errors
    (reading,) = done.readings
    return {table: [dict(row) for row in rows] for table, rows in reading.rows.items()}


def test_the_facts_come_back_as_they_were(everybody: Path, tmp_path: Path) -> None:
    """Every observation with its value, unit, answer and day; every medicine with dose and times a day."""
    compared = 0
    for person in _people(everybody):
        before, after = _stored(everybody, person), _round_trip(everybody, person, tmp_path)
        seen = {
            (row["code"], row.get("value"), row.get("unit"), str(row.get("at"))[:10])
            for row in after.get("observation", [])
        }
        for row in before["observation"]:
            key = (row["code"], row["value"], row["unit"], str(row["at"])[:10])
            assert key in seen, (person, key)
            compared += 1
        taken = {
            (
                row.get("ingredient"),
                row.get("dose"),
                row.get("per_day"),
                row.get("per_day_max"),
                str(row.get("start")),
            )
            for row in after.get("medication", [])
        }
        for row in before["medication"]:
            if (
                row["per_day"] is None
                or float(row["per_day"]).is_integer()
                or row["per_day"] == row["per_day_max"]
            ):
                key = (row["ingredient"], row["dose"], row["per_day"], row["per_day_max"], str(row["start"]))
                assert key in taken, (person, key, taken)
                compared += 1
        genes = {(row["gene"], row.get("diplotype")) for row in after.get("genotype_call", [])}
        for row in before["genotype_call"]:
            called = row["diplotype"] if row["state"] == "called" else None
            assert (row["gene"], called) in genes, (person, row["gene"], genes)
            compared += 1
    assert compared > 120


@pytest.mark.parametrize(
    ("state", "diplotype"),
    [("not_tested", None), ("indeterminate", "*1/*4|*1/*10"), ("no_call", None), ("conflicting", "*1/*4")],
)
def test_what_was_not_called_has_no_result(tmp_path: Path, state: str, diplotype: str | None) -> None:
    """A gene that was not tested, or not settled, never comes back as called."""
    path = tmp_path / "clinic.duckdb"
    tables = clinic.tables(1)
    tables["genotype_call"] = [
        {
            "person": "P-0",
            "gene": "CYP2D6",
            "state": state,
            "diplotype": diplotype,
            "positions_missing": ["rs16947"],
        }
    ]
    with clinic.new(path, passphrase=None) as made:
        clinic.bring(made, tables)
    with clinic.open_again(path, None, knowledge=False) as file, file.attached() as cursor:
        text = json.dumps(fhir_out.bundle(cursor, "P-0", at=AT).bundle)
    assert f"state: {state}" in text and "rs16947" in text and "*4" not in text
    for row in _round_trip(path, "P-0", tmp_path).get("genotype_call", []):
        assert row.get("state") != "called" and not row.get("diplotype")


@pytest.fixture
def one(tmp_path: Path) -> Path:
    """One person with a name, a diary and a plan."""
    path = tmp_path / "clinic.duckdb"
    with clinic.new(path, passphrase=None) as made:
        clinic.bring(made, clinic.tables(1))
    return path


def test_a_name_leaves_only_when_asked_for(one: Path) -> None:
    with clinic.open_again(one, None, knowledge=False) as file, file.attached() as cursor:
        without = json.dumps(fhir_out.bundle(cursor, "P-0", at=AT).bundle)
        named = json.dumps(fhir_out.bundle(cursor, "P-0", at=AT, with_identity=True).bundle)
        assert "Canaryname" not in without and "Canaryname" in named
        assert "FICTIONAL" in without and fhir_out.bundle(cursor, "P-0", at=AT).left_out == {"visit": 1}
        with pytest.raises(InputError, match="no person"):
            fhir_out.bundle(cursor, "nobody", at=AT)


def test_an_id_that_fhir_does_not_allow_is_replaced() -> None:
    assert fhir_out._ident("FIC-T01") == "FIC-T01"
    replaced = fhir_out._ident("../../x y")
    assert replaced.startswith("x-") and replaced == fhir_out._ident("../../x y")


@pytest.mark.parametrize(
    ("least", "most", "repeat"),
    [
        (4, 4, {"frequency": 4, "period": 1, "periodUnit": "d"}),
        (2, 4, {"frequency": 2, "frequencyMax": 4, "period": 1, "periodUnit": "d"}),
        (1 / 3, 1 / 3, {"frequency": 1, "period": 3.0, "periodUnit": "d"}),
        (1.5, 1.5, None),
        (None, None, None),
        (0.5, 2, None),
    ],
)
def test_times_a_day(least: float | None, most: float | None, repeat: object) -> None:
    assert fhir_out._often(least, most) == repeat


def test_the_verb(one: Path, tmp_path: Path) -> None:
    out = tmp_path / "person.json"
    printed = run("export", one, "P-0", "--as", "fhir")
    assert printed.returncode == 0 and json.loads(printed.stdout)["resourceType"] == "Bundle"
    assert "Not in the Bundle: 1 of visit." in printed.stderr
    assert run("export", one, "P-0", "--as", "fhir", "--out", out).returncode == 0
    assert out.stat().st_mode & 0o777 == 0o600
    assert run("export", one, "P-0", "--as", "fhir", "--out", out).returncode == 4  # never over what is there
    assert run("export", one, "nobody", "--as", "fhir").returncode == 3
    for wrong in (("--as", "fhir"), ("P-0", "--as", "omop"), ("P-0",), (), ("--deidentify",)):
        assert run("export", one, *wrong).returncode == 2, wrong
    listed = run("audit", "list", one).stdout
    assert listed.count("export ") == 2
