"""A large source is stored in units while it is read: the same rows and the same counts as in one piece."""

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pain_tui.errors import InputError, StoreError
from pain_tui.patients.file import PatientFile
from pain_tui.patients.readers import dispatch, fhir, units
from pain_tui.patients.readers.base import Options
from pain_tui.patients.readers.seen_keys import SeenKeys
from tests.patients import clinic

DAY = Options(as_of=dt.date(2026, 11, 24))
PEOPLE, DAYS = 7, 9


def _csv(folder: Path) -> list[Path]:
    people = "person,birth_date,sex\n" + "".join(f"P-{n},1960-01-0{n + 1},female\n" for n in range(PEOPLE))
    (folder / "person.csv").write_text(people)
    rows = [f"P-{n},nrs_average,{day},2026-10-0{day + 1}\n" for day in range(DAYS) for n in range(PEOPLE)]
    rows.insert(20, "P-1,nrs_average,99,2026-10-01\n")  # above the scale: set aside
    (folder / "observation.csv").write_text("person,code,value,at\n" + "".join(rows) + rows[0])
    return [folder]


def _ndjson(folder: Path) -> list[Path]:
    """People stand after their observations."""
    lines: list[dict[str, Any]] = [
        {
            "resourceType": "Observation",
            "id": f"o{n}-{day}",
            "status": "final",
            "code": {"coding": [{"system": "http://loinc.org", "code": "72514-3"}]},
            "subject": {"reference": f"Patient/P-{n}"},
            "effectiveDateTime": f"2026-10-0{day + 1}",
            "valueQuantity": {"value": 99 if (n, day) == (3, 3) else day, "unit": "{score}"},
        }
        for day in range(DAYS)
        for n in range(PEOPLE)
    ]
    lines += [
        {"resourceType": "Patient", "id": f"P-{n}", "birthDate": "1960-01-01", "gender": "female"}
        for n in range(PEOPLE)
    ]
    (folder / "all.ndjson").write_text("".join(json.dumps(line) + "\n" for line in lines) + "{broken\n")
    return [folder / "all.ndjson"]


def _records(folder: Path) -> list[Path]:
    lines = [
        {
            "person": {"person": f"P-{n}", "birth_date": "1960-01-01", "sex": "female"},
            "observations": [
                {"code": "nrs_average", "value": day, "at": f"2026-10-0{day + 1}"} for day in range(DAYS)
            ],
        }
        for n in range(PEOPLE)
    ]
    (folder / "all.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return [folder / "all.jsonl"]


SOURCES: dict[str, tuple[Callable[[Path], list[Path]], str]] = {
    "csv": (_csv, "csv"), "ndjson": (_ndjson, "fhir"), "record": (_records, "record")
}  # fmt: skip


def _imported(file: PatientFile, sources: list[Path], reader: str, rows: int, **more: Any) -> list[Any]:
    taken = units.Units(file, False, clinic.WHO, clinic.AT, rows=rows, **more)
    done = dispatch.read(sources, reader, replace(DAY, units=taken))
    assert done.errors == []
    assert taken.was_parted == (rows < 100)
    return taken.finish(done.readings)


def _told(outcomes: list[Any]) -> list[dict[str, Any]]:
    told = [outcome.as_dict() for outcome in outcomes]
    for source in told:
        source["set_aside"] = sorted(source["set_aside"], key=str)
    return told


def _stored(file: PatientFile) -> list[Any]:
    with file.attached() as cursor:
        return cursor.execute(
            'SELECT person, code, value, "at", source, source_key FROM clinic.main.observation ORDER BY ALL'
        ).fetchall()


@pytest.mark.parametrize("kind", SOURCES)
def test_units_tell_and_store_what_one_piece_does(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fhir, "_HELD", 0)  # a file that is too large to put its people first in memory
    make, reader = SOURCES[kind]
    sources = make(tmp_path)
    told, stored = [], []
    for name, rows in (("whole", 1_000), ("parts", 10)):
        with clinic.new(tmp_path / f"{name}.duckdb", passphrase=None, real=False) as file:
            file.meta["kind"] = "real"
            told.append(_told(_imported(file, sources, reader, rows)))
            stored.append(_stored(file))
            with file.attached() as cursor:
                runs = cursor.execute("SELECT count(*) FROM clinic.main.import_run").fetchone()
                aside = cursor.execute("SELECT count(*) FROM clinic.main.set_aside").fetchone()
            assert runs is not None and (runs[0] > 3) == (name == "parts")
            assert aside == (sum(len(source["set_aside"]) for source in told[-1]),)
            again = _told(_imported(file, sources, reader, rows))
            assert sum(source["rows_used"] for source in again) == 0
            assert _stored(file) == stored[-1]
    assert told[0] == told[1]
    assert stored[0] == stored[1] and len(stored[0]) >= PEOPLE * DAYS - 1


def test_nothing_is_written_where_it_is_only_read(tmp_path: Path) -> None:
    """--dry-run and the first reading of --strict: counted, let go, and said to be bad."""
    with clinic.new(tmp_path / "c.duckdb", passphrase=None) as file:
        taken = units.Units(file, False, clinic.WHO, clinic.AT, writes=False, rows=10)
        done = dispatch.read(_csv(tmp_path), "csv", replace(DAY, units=taken))
        assert taken.has_bad_rows
        outcomes = taken.finish(done.readings)
        assert [(o.used, o.set_aside) for o in outcomes] == [(PEOPLE, 0), (PEOPLE * DAYS + 1, 1)]
        assert _stored(file) == []


def test_what_breaks_later_is_told_beside_what_was_stored(tmp_path: Path) -> None:
    """A line that is no text at the end: the units before it are in the file and counted."""
    sources = _csv(tmp_path)
    with (tmp_path / "observation.csv").open("ab") as stream:
        stream.write(b"P-1,nrs_average,\xff\xff,2026-10-01\n")
    with clinic.new(tmp_path / "c.duckdb", passphrase=None) as file:
        file.meta["kind"] = "real"
        taken = units.Units(file, False, clinic.WHO, clinic.AT, rows=10)
        done = dispatch.read(
            [sources[0] / "person.csv", sources[0] / "observation.csv"], "csv", replace(DAY, units=taken)
        )
        assert [name for name, _ in done.errors] == ["observation.csv"]
        outcomes = taken.finish(done.readings)
        assert sum(o.used for o in outcomes if o.reading.place == "observation.csv") == len(_stored(file)) > 0


def test_the_patient_file_is_not_blamed_on_the_source(tmp_path: Path) -> None:
    """A full disk in the middle of reading ends the import as a fault of the file."""

    class Full(units.Units):
        def breathe(self, *_: object) -> None:
            raise StoreError("full", "")

    with clinic.new(tmp_path / "c.duckdb", passphrase=None) as file, pytest.raises(StoreError):
        dispatch.read(_csv(tmp_path), "csv", replace(DAY, units=Full(file, False, "x", clinic.AT)))


def test_declared_fictional_people_keep_their_prefix_over_units(tmp_path: Path) -> None:
    """The person's row and the later rows are in different units."""
    with clinic.new(tmp_path / "c.duckdb", passphrase=None) as file:
        taken = units.Units(file, True, clinic.WHO, clinic.AT, rows=10)
        done = dispatch.read(_csv(tmp_path), "csv", replace(DAY, units=taken))
        taken.finish(done.readings)
        assert {row[0] for row in _stored(file)} == {f"FIC-P-{n}" for n in range(PEOPLE)}
        with pytest.raises(InputError, match="may be a real person"):
            units.Units(file, False, "x", clinic.AT).finish(
                dispatch.read(_csv(tmp_path), "csv", DAY).readings
            )


def test_keys_are_counted_over_many() -> None:
    seen, keys = SeenKeys(newest=8), [f"k{n % 50}" for n in range(175)]
    assert [seen.times(key) for key in keys] == [n // 50 + 1 for n in range(175)]
