"""What is fuzzed: one function a reader or parser. It takes bytes; anything but a clear refusal is a fault.

`seeds` are small good inputs, so that the fuzzer starts from what is nearly right. A target that is given too little
does nothing. Faults that were found are kept in `corpus/` and run again in every test run.
"""

import datetime as dt
import gzip
import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pain_tui.errors import PainTuiError
from pain_tui.genotype import notation
from pain_tui.genotype.call import call_file
from pain_tui.knowledge import rules
from pain_tui.knowledge.rule_language import Kind, parse
from pain_tui.patients import crypt
from pain_tui.patients import file as patient_file
from pain_tui.patients.normalise import medicines, sig, units
from pain_tui.patients.patient_file import PatientFile
from pain_tui.patients.readers import csv_tables, dispatch, synthea
from pain_tui.patients.readers.base import Options

OPTIONS = Options(as_of=dt.date(2026, 11, 20), time_zone="Europe/Vienna", person="p1")
GENES = ("CYP2D6", "CYP2C19", "CYP2C9", "CYP3A5", "HLA-B", "CACNA1S", "OPRM1", "G6PD", "NOSUCH")
FACTS = {
    "age_years": Kind("number"),
    "opioid_active": Kind("flag"),
    "sex": Kind("choice", frozenset({"female", "male"})),
    "site": Kind("text"),
}
CLASSES = frozenset({"benzodiazepine"})


@dataclass(frozen=True)
class Target:
    """name: also that of its folder in the corpus. run(data, folder): `folder` is scratch space of the target."""

    name: str
    run: Callable[[bytes, Path], None]
    seeds: tuple[bytes, ...]


def _read(name: str, data: bytes, folder: Path, reader: str | None) -> None:
    """Read one file; every row must be accounted for and every error must say what."""
    path = folder / name
    path.write_bytes(data)
    done = dispatch.read([path], reader, OPTIONS)
    assert all(isinstance(error, PainTuiError) and error.message for _, error in done.errors)
    for reading in done.readings:
        assert reading.read == reading.used + reading.set_aside + reading.ignored, reading.place


def _reader(name: str, reader: str | None) -> Callable[[bytes, Path], None]:
    return lambda data, folder: _read(name, data, folder, reader)


def _csv(data: bytes, folder: Path) -> None:
    """The first byte names the table."""
    if data:
        names = csv_tables.TABLE_NAMES
        _read(f"{sorted(names)[data[0] % len(names)]}.csv", data[1:], folder, "csv")


def _synthea(data: bytes, folder: Path) -> None:
    """The first byte names the table of the export."""
    if data:
        names = sorted(synthea._TABLES)
        _read(f"{names[data[0] % len(names)]}.csv", data[1:], folder, "synthea")


def _genotype(kind: str, name: str) -> Callable[[bytes, Path], None]:
    def run(data: bytes, folder: Path) -> None:
        path = folder / name
        path.write_bytes(data)
        with suppress(PainTuiError):
            call_file(path, kind=kind)

    return run


def _notation(data: bytes, folder: Path) -> None:
    if data:
        gene, written = GENES[data[0] % len(GENES)], _text(data[1:])
        with suppress(PainTuiError):
            notation.read(gene, written)
            notation.normalised(gene, written)


def _rule(data: bytes, folder: Path) -> None:
    with suppress(PainTuiError):
        parse(_text(data), FACTS, CLASSES, place="own.toml")


def _rules_file(data: bytes, folder: Path) -> None:
    with suppress(PainTuiError):
        rules.clinic_text(_text(data), "own.toml")


def _sig(data: bytes, folder: Path) -> None:
    sig.parse(_text(data))


def _medicine(data: bytes, folder: Path) -> None:
    with suppress(PainTuiError):
        medicines.parse(_text(data))


def _units(data: bytes, folder: Path) -> None:
    field, _, rest = _text(data).partition("|")
    value, _, unit = rest.partition("|")
    with suppress(ValueError):
        number = float(value)
        units.canonical(field, number, unit)


class _Opened:
    """One plain patient file and the instance that opens it again and again, with other bytes in it each time."""

    folder: Path | None = None
    file: PatientFile
    whole: bytes

    @classmethod
    def ready(cls, folder: Path) -> None:
        if cls.folder == folder:
            return
        cls.folder, path = folder, folder / "clinic.duckdb"
        at = dt.datetime(2026, 11, 24, 8)
        made = patient_file.create(
            path, kind="fictional", passphrase=None, time_zone="UTC", actor="fuzz", at=at
        )
        made.close()
        cls.whole = path.read_bytes()
        cls.file = PatientFile(path, None, actor="fuzz", at=at, knowledge=False)


def _opener(data: bytes, folder: Path) -> None:
    """A file of any bytes, or a good one with some bytes written over: two for where, the rest for what."""
    _Opened.ready(folder)
    contents = data
    if len(data) > 3 and data[0] % 4:
        place = int.from_bytes(data[1:3], "big") % len(_Opened.whole)
        contents = _Opened.whole[:place] + data[3:] + _Opened.whole[place + len(data) - 3 :]
    (folder / "clinic.duckdb").write_bytes(contents)
    with suppress(PainTuiError):
        patient_file._read_meta(_Opened.file)


def _keys(data: bytes, folder: Path) -> None:
    path = folder / "clinic.duckdb"
    with suppress(ValueError):  # with a right checksum, else nothing behind it is ever reached
        stored = json.loads(data)
        if isinstance(stored, dict):
            data = json.dumps(stored | {"checksum": crypt._checksum(stored)}).encode()
    crypt.keys_path(path).write_bytes(data)
    with suppress(PainTuiError):
        keys = crypt.read(path)
        crypt.unlock(keys, "words", None, path)


def _settings(data: bytes, folder: Path) -> None:
    from pain_tui import settings

    path = folder / "settings.toml"
    path.write_bytes(data)
    with suppress(PainTuiError):
        settings.load(path)


def _text(data: bytes) -> str:
    return data.decode("utf-8", errors="replace")


_BUNDLE = {
    "resourceType": "Bundle",
    "entry": [
        {"resource": {"resourceType": "Patient", "id": "p1", "birthDate": "1960-01-01", "gender": "male"}},
        {
            "resource": {
                "resourceType": "Observation",
                "id": "o",
                "status": "final",
                "subject": {"reference": "Patient/p1"},
                "effectiveDateTime": "2026-11-01",
                "code": {"coding": [{"system": "http://loinc.org", "code": "777-3"}]},
                "valueQuantity": {"value": 200, "code": "10*3/uL"},
            }
        },
        {
            "resource": {
                "resourceType": "MedicationRequest",
                "id": "m",
                "status": "active",
                "intent": "order",
                "subject": {"reference": "Patient/p1"},
                "medicationCodeableConcept": {"text": "oxycodone 5 mg tablet"},
                "dosageInstruction": [{"text": "1-2 tablets every 4-6 h as needed"}],
            }
        },
    ],
}
_RECORD = {
    "person": {"person": "p1", "age": 60, "sex": "male"},
    "medications": [{"drug": "tramadol", "dose": 50, "unit": "mg", "per_day": 4}],
    "observations": [{"code": "platelets", "value": 200, "unit": "10*9/L", "at": "2026-11-01"}],
    "genotype": [{"gene": "CYP2D6", "diplotype": "*1/*4", "state": "called"}],
}
_VCF = (
    "##fileformat=VCFv4.2\n##contig=<ID=chr10,assembly=GRCh38>\n##reference=GRCh38\n"
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n'
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1\n"
    "chr10\t94781859\trs4244285\tG\tA\t.\tPASS\t.\tGT\t0/1\n"
    "chr10\t94761900\trs12248560\tC\tT\t.\tPASS\t.\tGT:GQ\t./.:3\n"
)
_GVCF = (
    _VCF.splitlines()[0]
    + "\n"
    + "\n".join(_VCF.splitlines()[1:5])
    + "\n"
    + (
        "chr10\t94781850\t.\tG\t<NON_REF>\t.\t.\tEND=94781900\tGT:DP:GQ:MIN_DP\t0/0:30:99:12\n"
        "chr10\t94949281\trs9332131\tGA\tG,<NON_REF>\t50\tPASS\t.\tGT:PS\t0|1:7\n"
        "chr10\t94949283\t.\tAA\tA\t.\tLowQual\t.\tGT\t1/1\n"
    )
)
_ARRAY = (
    "# This data file generated by 23andMe at: Mon Jan 1\n# build 37\n"
    "# rsid\tchromosome\tposition\tgenotype\nrs4244285\t10\t96541616\tAG\nrs3892097\t22\t42524947\t--\n"
)
_PHARMCAT = {
    "geneReports": {
        "CYP2C19": {
            "geneSymbol": "CYP2C19",
            "callSource": "MATCHER",
            "sourceDiplotypes": [{"allele1": {"name": "*1"}, "allele2": {"name": "*2"}, "phenotypes": ["x"]}],
            "variants": [{"dbSnpId": "rs4244285", "call": "G|A"}],
        }
    }
}
_SYNTHEA = {
    "patients": "Id,BIRTHDATE,DEATHDATE,FIRST,LAST,GENDER,SSN\nu1,1960-01-01,,A,B,F,999-12-3456\n",
    "conditions": "START,STOP,PATIENT,ENCOUNTER,SYSTEM,CODE,DESCRIPTION\n2020-01-01,,u1,e,,278860009,Back pain\n",
    "observations": "DATE,PATIENT,ENCOUNTER,CATEGORY,CODE,DESCRIPTION,VALUE,UNITS,TYPE\n"
    "2026-11-01T08:00:00Z,u1,e,laboratory,777-3,Platelets,200,10*3/uL,numeric\n",
    "medications": "START,STOP,PATIENT,PAYER,ENCOUNTER,CODE,DESCRIPTION,REASONDESCRIPTION\n"
    '2026-01-01,,u1,p,e,1049221,"Acetaminophen 325 MG / Oxycodone 5 MG Oral Tablet",Pain\n',
    "procedures": "START,STOP,PATIENT,ENCOUNTER,CODE,DESCRIPTION\n2026-01-01,,u1,e,229586001,Therapy\n",
    "allergies": "START,STOP,PATIENT,ENCOUNTER,CODE,SYSTEM,DESCRIPTION,DESCRIPTION1,SEVERITY1\n"
    "2020-01-01,,u1,e,2670,RxNorm,Codeine,Rash,MILD\n",
}
_OWN_RULE = """[[rule]]
id = "clinic.x"
tier = "CAUTION"
about = "person"
when = "opioid_active and age_years >= 65"
say = "x"
do = "y"
source = "cdc2022"
strength = "strong"
checked = 2026-11-24
"""


_KEYS = json.dumps(
    {
        "format": 1,
        "what": "",
        "file_id": "f",
        "uses_key_file": False,
        "wraps": [
            {
                "by": "passphrase",
                "kdf": "scrypt",
                "n": 2,
                "r": 8,
                "p": 1,
                "salt": "AA==",
                "nonce": "AAAAAAAAAAAAAAAA",
            }
            | {"key": "AAAA"}
        ],
        "anchor": None,
    }
)


def _seeds(*texts: str) -> tuple[bytes, ...]:
    return tuple(text.encode() for text in texts)


TARGETS: dict[str, Target] = {
    target.name: target
    for target in (
        Target(
            "csv",
            _csv,
            tuple(
                bytes([place]) + f"person,{_columns}\np1,{_columns}\n".encode()
                for place, _columns in enumerate(
                    csv_tables._COLUMNS[name].replace(" ", ",") for name in sorted(csv_tables.TABLE_NAMES)
                )
            ),
        ),
        Target("fhir", _reader("x.json", "fhir"), _seeds(json.dumps(_BUNDLE))),
        Target(
            "ndjson",
            _reader("x.ndjson", "fhir"),
            _seeds("\n".join(json.dumps(entry["resource"]) for entry in _BUNDLE["entry"])),
        ),
        Target("record", _reader("x.jsonl", "record"), _seeds(json.dumps(_RECORD))),
        Target(
            "diary", _reader("x.csv", "diary"), _seeds("person,at,nrs,steps\np1,2026-11-01 08:00,5,3000\n")
        ),
        Target(
            "synthea",
            _synthea,
            tuple(
                bytes([place]) + text.encode()
                for place, text in enumerate(_SYNTHEA[name] for name in sorted(synthea._TABLES))
            ),
        ),
        Target(
            "guessed",
            _reader("x.txt", None),
            _seeds(_VCF, _ARRAY, json.dumps(_RECORD), "gene,diplotype\nCYP2D6,*1/*4\n"),
        ),
        Target(
            "vcf",
            _genotype("vcf", "x.vcf"),
            (_VCF.encode(), gzip.compress(_VCF.encode(), mtime=0), _GVCF.encode()),
        ),
        Target("array", _genotype("array", "x.txt"), _seeds(_ARRAY)),
        Target("pharmcat", _genotype("pharmcat", "x.json"), _seeds(json.dumps(_PHARMCAT))),
        Target(
            "outside", _genotype("outside", "x.tsv"), _seeds("CYP2D6\t*1/*4\nCYP2C19\t*1/*1\tNormal\t1\n")
        ),
        Target("lab", _genotype("lab", "x.csv"), _seeds("gene,diplotype,date\nCYP2D6,*1/*4x2,2024-01-01\n")),
        Target(
            "notation", _notation, _seeds("\0*1/*4", "\0*1x2/*4+*36", "\1*2/*17", "\4*57:01/*58:01", "\7B/A-")
        ),
        Target(
            "rule",
            _rule,
            _seeds(
                "opioid_active and not (age_years between 1 and 2.5)", "sex in ('female') or site is null"
            ),
        ),
        Target("rules file", _rules_file, _seeds(_OWN_RULE)),
        Target("directions", _sig, _seeds("1-2 tablets every 4-6 h as needed", "one bid, max 8 a day")),
        Target(
            "medicine",
            _medicine,
            _seeds("oxycodone/acetaminophen 10-325 mg tablet", "fentanyl 25 mcg/h patch"),
        ),
        Target("units", _units, _seeds("platelets|200|10*9/L", "hba1c|6.5|%", "egfr|<60|mL/min/1.73m2")),
        Target("keys", _keys, _seeds(_KEYS)),
        Target("opener", _opener, (b"\1\0\0DUCK", b"\1\x10\x08\0", b"\0DUCK" * 3, b"\1\x20\x10abc")),
        Target("settings", _settings, _seeds("[screens]\nlock_after_minutes = 5\n")),
    )
}


def corpus(name: str) -> Iterator[Path]:
    """Inputs that once were faults, or reach far."""
    yield from sorted((Path(__file__).parent / "corpus" / name.replace(" ", "-")).glob("*"))
