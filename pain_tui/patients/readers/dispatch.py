"""Which reader a source is for, and reading several sources of one import together."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pain_tui.errors import InputError, PainTuiError, StoreError, UsageError
from pain_tui.outside_files import open_bytes
from pain_tui.patients.readers import (
    csv_tables,
    fhir,
    genotype,
    record_lines,
    steps,
    symptom_diary,
    synthea,
)
from pain_tui.patients.readers.base import Options, Reading

NAMES = ("csv", "fhir", "vcf", "array", "pharmcat", "lab", "outside", "diary", "record", "synthea")
LATER = ("omop", "table")


@dataclass
class Read:
    """All sources as read, in the order given, and the sources of which nothing could be used."""

    readings: list[Reading] = field(default_factory=list)
    errors: list[tuple[str, PainTuiError]] = field(default_factory=list)


def read(sources: Sequence[Path], reader: str | None, options: Options) -> Read:
    """Read every source. A source that cannot be used is an error of its own; the others are used."""
    _check(reader)
    done = Read()
    fhir_sources: list[Path] = []
    for source in sources:
        try:
            if not source.exists():
                raise InputError(f"{source}: not found.", "Check the path.")
            name = reader or guess(source)
            if name == "fhir":
                fhir_sources.append(source)
            else:
                done.readings += _one(source, name, options)
        except StoreError:
            raise  # the patient file, not the source
        except PainTuiError as error:
            done.errors.append((source.name, error))
    for file in fhir_sources:
        try:
            fhir.files_of(file)
        except InputError as error:
            done.errors.append((file.name, error))
    if fhir_sources:
        readings, errors = fhir.read(
            [s for s in fhir_sources if s.name not in {name for name, _ in done.errors}], options
        )
        done.readings += readings
        done.errors += [(error.message.split(" ")[0].rstrip(":"), error) for error in errors]
    return done


def _check(reader: str | None) -> None:
    if reader in LATER:
        raise UsageError(f"The reader {reader} is not there yet.", f"Readers: {', '.join(NAMES)}.")
    if reader is not None and reader not in NAMES:
        raise UsageError(f"{reader!r} is not a reader.", f"Readers: {', '.join(NAMES)}.")


def _one(source: Path, name: str, options: Options) -> list[Reading]:
    if name == "csv":
        return csv_tables.read(source, options)
    if name == "synthea":
        return synthea.read(source, options)
    if name == "diary":
        return [_diary(source, options)]
    if name == "record":
        return [record_lines.read(source, options)]
    return genotype.read(source, name, options)


def _diary(source: Path, options: Options) -> Reading:
    """The project's own table, or what an app or a wearable wrote."""
    head = _head(source)
    if head.lstrip().startswith("{"):
        return steps.read(source, options)
    if symptom_diary.is_ratings(_cells(head)):
        return symptom_diary.read(source, options)
    return csv_tables.read_table(source, options, "diary")


def guess(source: Path) -> str:
    """The reader for a source, by its name and its first bytes. Raises InputError when nothing fits."""
    if synthea.is_synthea(source):
        return "synthea"
    if source.is_dir():
        return _folder(source)
    if csv_tables.table_of(source) and source.suffix.lower() in (".csv", ".tsv"):
        # A diary of an app is often called just that; its columns are not those of our table.
        return "diary" if symptom_diary.is_ratings(_cells(_head(source))) else "csv"
    head = _head(source)
    if not head.strip():
        raise InputError(f"{source.name}: empty.", "Give a file with content, or say what it is with --as.")
    if head.lstrip().startswith(("{", "[")) and not head.lstrip().startswith("[Header]"):
        return _json_kind(head, source)
    cells = _cells(head)
    if "at" in cells and cells & {"nrs", "steps", "interference", "sleep_hours", "intensity"}:
        return "diary"
    if symptom_diary.is_ratings(cells):
        return "diary"
    if source.name.lower().endswith((".vcf", ".vcf.gz", ".vcf.bgz")):
        return "vcf"  # also where nothing in it looks like one: its own reader says what is wrong
    kind = genotype.call.kind_of(source)
    if (
        kind == "array"
        and source.suffix.lower() == ".csv"
        and not cells & {"rsid", "# rsid", "snp name", "marker"}
        and "rs" not in head
    ):
        raise InputError(
            f"{source.name}: no reader knows this table.",
            f"Name the file after its table ({', '.join(csv_tables.TABLE_NAMES)}), or say what it is with "
            f"--as.",
        )
    return kind


def _cells(head: str) -> set[str]:
    """The column names of the first line, in small letters."""
    first = (head.splitlines() or [""])[0].replace(";", ",").replace("\t", ",")
    return {cell.strip().strip('"').lower() for cell in first.split(",")}


def _folder(folder: Path) -> str:
    names = list(folder.iterdir())
    if any(csv_tables.table_of(f) and f.suffix.lower() in (".csv", ".tsv") for f in names):
        return "csv"
    if any(f.suffix.lower() in (".json", ".ndjson", ".jsonl") for f in names):
        return "fhir"
    raise InputError(
        f"{folder}: nothing to read in this folder.",
        "A folder holds the project's CSV tables, or FHIR files (.json, .ndjson).",
    )


def _json_kind(head: str, source: Path) -> str:
    if source.suffix.lower() == ".ndjson" or '"resourceType"' in head:
        return "fhir"
    if any(word in head for word in ('"matcherMetadata"', '"geneReports"', '"pharmcatVersion"')):
        return "pharmcat"
    if steps.is_steps(head):
        return "diary"
    return "record" if '"person"' in head else "fhir"


def _head(source: Path, size: int = 65_536) -> str:
    try:
        with open_bytes(source, packed=True) as stream:
            return stream.read(size).decode("utf-8-sig", errors="replace")
    except OSError as error:
        raise InputError(
            f"{source}: cannot be read ({error}).", "Check the path and its permissions."
        ) from error
