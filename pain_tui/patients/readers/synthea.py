"""Synthea's CSV export: each row becomes the FHIR resource that says the same, and goes that reader's way."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from pain_tui.errors import InputError
from pain_tui.outside_files import text_lines
from pain_tui.patients.normalise import codes
from pain_tui.patients.normalise.problem import IGNORED, ROW, Problem
from pain_tui.patients.normalise.sink import Sink
from pain_tui.patients.readers.base import UNKNOWN, USED, Options, Reading, settle
from pain_tui.patients.readers.csv_tables import lines_of, natural_key
from pain_tui.patients.readers.fhir_here import Here
from pain_tui.patients.readers.fhir_resources import READ
from pain_tui.patients.readers.fhir_source import Found, Known, Resource

SOURCE = "synthea"
_SNOMED, _LOINC = "http://snomed.info/sct", "http://loinc.org"
_RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
# fmt: off
_USED = frozenset({
    "Id", "BIRTHDATE", "DEATHDATE", "FIRST", "LAST", "GENDER", "SSN", "DRIVERS", "PASSPORT", "START",
    "STOP", "DATE", "PATIENT", "CODE", "SYSTEM", "DESCRIPTION", "VALUE", "UNITS", "TYPE",
    "REASONDESCRIPTION", "DESCRIPTION1", "SEVERITY1",
})
_NOT_NEEDED = frozenset({
    "PREFIX", "SUFFIX", "MAIDEN", "MARITAL", "RACE", "ETHNICITY", "BIRTHPLACE", "ADDRESS", "CITY",
    "STATE", "COUNTY", "FIPS", "ZIP", "LAT", "LON", "HEALTHCARE_EXPENSES", "HEALTHCARE_COVERAGE",
    "INCOME", "ENCOUNTER", "PAYER", "CATEGORY", "BASE_COST", "PAYER_COVERAGE", "DISPENSES", "TOTALCOST",
    "REASONCODE", "REACTION1", "REACTION2", "DESCRIPTION2", "SEVERITY2", "MIDDLE",
})
# fmt: on

Cells = dict[str, str]


def _concept(cells: Cells, system: str, code: str = "CODE", words: str = "DESCRIPTION") -> dict[str, Any]:
    return {"coding": [{"system": system, "code": cells.get(code)}], "text": cells.get(words)}


def _patient(cells: Cells) -> Resource:
    numbers = (("SSN", "SS"), ("DRIVERS", "DL"), ("PASSPORT", "PPN"))
    return {
        "id": cells.get("Id"),
        "birthDate": cells.get("BIRTHDATE"),
        "deceasedDateTime": cells.get("DEATHDATE") or None,
        "gender": cells.get("GENDER"),
        "name": [{"family": cells.get("LAST"), "given": [cells.get("FIRST")]}],
        "identifier": [
            {"type": {"coding": [{"code": kind}], "text": name}, "value": cells[name]}
            for name, kind in numbers
            if cells.get(name)
        ],
    }


def _condition(cells: Cells) -> Resource:
    stop = cells.get("STOP")
    return {
        "code": _concept(cells, _SNOMED),
        "onsetDateTime": cells.get("START"),
        "abatementDateTime": stop or None,
        "clinicalStatus": {"coding": [{"code": "resolved" if stop else "active"}]},
    }


def _observation(cells: Cells) -> Resource:
    is_loinc = codes.guess_system(cells.get("CODE", "")) == "LOINC"
    value: Resource = (
        {"valueQuantity": {"value": cells.get("VALUE"), "unit": cells.get("UNITS")}}
        if cells.get("TYPE") == "numeric"
        else {"valueString": cells.get("VALUE")}
    )
    concept = _concept(cells, _LOINC if is_loinc else "SYNTHEA")
    return {"status": "final", "code": concept, "effectiveDateTime": cells.get("DATE"), **value}


def _medication(cells: Cells) -> Resource:
    return {
        "resourceType": "MedicationStatement",
        "medicationCodeableConcept": _concept(cells, _RXNORM),
        "effectivePeriod": {"start": cells.get("START"), "end": cells.get("STOP") or None},
        "dateAsserted": cells.get("START"),
        "reasonCode": [{"text": cells.get("REASONDESCRIPTION") or None}],
    }


def _procedure(cells: Cells) -> Resource:
    return {
        "status": "completed",
        "code": _concept(cells, _SNOMED),
        "performedDateTime": cells.get("START") or cells.get("DATE"),
    }


def _allergy(cells: Cells) -> Resource:
    reaction = {"manifestation": [{"text": cells.get("DESCRIPTION1")}], "severity": cells.get("SEVERITY1")}
    system = _RXNORM if cells.get("SYSTEM", "").lower() == "rxnorm" else _SNOMED
    return {
        "code": _concept(cells, system),
        "onsetDateTime": cells.get("START"),
        "reaction": [reaction],
        "clinicalStatus": {"coding": [{"code": "inactive" if cells.get("STOP") else "active"}]},
    }


_TABLES: dict[str, tuple[str, Callable[[Cells], Resource]]] = {
    "patients": ("Patient", _patient),
    "conditions": ("Condition", _condition),
    "observations": ("Observation", _observation),
    "medications": ("MedicationStatement", _medication),
    "procedures": ("Procedure", _procedure),
    "allergies": ("AllergyIntolerance", _allergy),
}
_NOT_READ = (
    "careplans", "encounters", "immunizations", "claims", "claims_transactions", "devices", "imaging_studies",
    "organizations", "payers", "payer_transitions", "providers", "supplies",
)  # fmt: skip


def is_synthea(path: Path) -> bool:
    """A file of the export by its name and its capital column names, or a folder that holds one."""
    if path.is_dir():
        return any(is_synthea(file) for file in path.iterdir() if file.stem in _TABLES)
    if path.suffix.lower() != ".csv" or path.stem not in (*_TABLES, *_NOT_READ):
        return False
    try:
        header = path.open("rb").readline(2000)
    except OSError:
        return False
    return b"PATIENT," in header or header.startswith((b"Id,BIRTHDATE", b"\xef\xbb\xbfId,BIRTHDATE"))


def read(path: Path, options: Options) -> list[Reading]:
    """Read one file or every known file of a folder, people first."""
    files = (
        sorted(path.glob("*.csv"), key=lambda f: (f.stem != "patients", f.name)) if path.is_dir() else [path]
    )
    known = [file for file in files if file.stem in (*_TABLES, *_NOT_READ)]
    if not known:
        raise InputError(f"{path}: no file of Synthea's export.", f"Files: {', '.join(_TABLES)} (.csv).")
    return [_read_file(file, options) for file in known]


def _read_file(path: Path, options: Options) -> Reading:
    reading = Reading(path.name, SOURCE, SOURCE)
    sink = Sink(as_of=options.as_of, time_zone=options.time_zone)
    header, lines = lines_of(text_lines(path), path.name)
    kind, convert = _TABLES.get(path.stem, ("", None))
    for line, cells in lines:
        options.breathe(reading, sink)
        reading.read += 1
        reading.kinds[kind or path.stem] += 1
        place = f"{path.name} line {line}"
        if convert is None:
            sink.counts[IGNORED] += 1
        elif cells is None or len(cells) > len(header):
            sink.counts["set_aside"] += 1
            sink.note(
                Problem("not_readable", "not readable as a row of this table", "", "", "Check the line", ROW),
                place,
            )
        else:
            _one(dict(zip(header, cells, strict=False)), kind, convert, place, sink, options)
    reading.columns = [(path.stem, name, _use(name) if convert else IGNORED) for name in header]
    reading.take(sink)
    options.whole(reading)
    return reading


def _one(
    cells: Cells, kind: str, convert: Callable[[Cells], Resource], place: str, sink: Sink, options: Options
) -> None:
    resource: Resource = {
        "resourceType": kind,
        "id": natural_key(kind, cells).rsplit(":", 1)[-1],
        **convert(cells),
    }
    if kind != "Patient":
        owner = {"reference": f"Patient/{cells['PATIENT']}"} if cells.get("PATIENT") else {}
        resource |= {"patient" if kind == "AllergyIntolerance" else "subject": owner}
    before = sink.counts[USED], sink.counts["set_aside"], sink.counts[IGNORED]
    problems, rows = len(sink.problems), sum(len(found) for found in sink.rows.values())
    READ[kind](Here(Found(place, resource), Known(), sink, options, source=SOURCE))
    sink.counts[IGNORED] = before[2]
    settle(sink, before[0], before[1], problems, rows)


def _use(name: str) -> str:
    return USED if name in _USED else IGNORED if name in _NOT_NEEDED else UNKNOWN
