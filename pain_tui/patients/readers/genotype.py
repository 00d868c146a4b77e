"""Genotype files (VCF, array, PharmCAT, laboratory table, outside calls) as rows of one person each.

What a call is, the genotype package decides; here it gets a person: from a sample map, or the one that was
named.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from pain_tui.errors import InputError
from pain_tui.genotype import call
from pain_tui.genotype.calls import SampleCalls
from pain_tui.patients.normalise.problem import ROW, VALUE, Problem
from pain_tui.patients.normalise.sink import Row
from pain_tui.patients.readers.base import USED, Options, Reading

READERS = call.KINDS


def read(path: Path, kind: str | None, options: Options) -> list[Reading]:
    """One Reading a sample. Raises InputError when nobody says whose the samples are."""
    kind = kind or call.kind_of(path)
    sex = options.sexes.get(options.person or "") if options.person else None
    samples = call.call_file(path, kind=kind, sex=sex if sex in ("female", "male") else None)
    people = {sample.sample: _person(path, sample.sample, len(samples), options) for sample in samples}
    return [_reading(path, kind, sample, people[sample.sample], options) for sample in samples]


def read_map(path: Path) -> Mapping[str, str]:
    """A sample map: two columns, sample and person, with or without that header."""
    from pain_tui.outside_files import text_lines
    from pain_tui.patients.readers.csv_tables import lines_of

    header, lines = lines_of(text_lines(path), path.name)
    rows = [cells or [] for _, cells in lines]
    if header[:2] != ["sample", "person"]:
        rows = [header, *rows]
    bad = next(
        (cells for cells in rows if len(cells) < 2 or not all(cell.strip() for cell in cells[:2])), None
    )
    if bad is not None:
        raise InputError(
            f"{path.name}: a line without sample and person: {','.join(bad)[:40]}",
            "Two columns, for example NA18565,p-12.",
        )
    return {cells[0].strip(): cells[1].strip() for cells in rows}


def _person(path: Path, sample: str, count: int, options: Options) -> str:
    if sample in options.samples:
        return options.samples[sample]
    if options.person and count == 1:
        return options.person
    if options.new_person:
        # The same file again gives the same id.
        with path.open("rb") as content:
            digest = hashlib.sha256(f"{sample}\0".encode())
            while piece := content.read(1 << 20):
                digest.update(piece)
        return "N-" + digest.hexdigest()[:10]
    if options.person:
        raise InputError(
            f"{path.name}: {count} samples, and one person is named.",
            "Give --sample-map FILE with the columns sample, person.",
        )
    raise InputError(
        f"{path.name}: whose is the sample {sample or '(without a name)'}?",
        "Give --person ID, --new-person, or --sample-map FILE.",
    )


def _reading(path: Path, kind: str, sample: SampleCalls, person: str, options: Options) -> Reading:
    place = path.name if sample.sample in ("", path.name) else f"{path.name} sample {sample.sample}"
    reading = Reading(place, kind, kind)
    rows: list[Row] = []
    for one in sample.calls:
        if one.date and one.date > options.as_of:
            reading.problems.append(
                Problem(
                    "date_in_future",
                    f"{one.gene}: {one.date} is in the future",
                    str(one.date),
                    f"Dates run to today ({options.as_of})",
                    "Correct the date and import again",
                    ROW,
                    place,
                    person,
                )
            )
            continue
        key = "@".join(str(part or "") for part in (one.gene, one.rsid, one.laboratory, one.date))
        rows.append({"person": person, **one.as_row(), "source": kind, "source_key": f"genotype:{key}"})
    # A line that could not be used counts as a row of a table of results; in a VCF it is a value among many.
    level = ROW if kind in ("outside", "lab") else VALUE
    reading.problems += [
        Problem("genotype", text, "", "", "Correct the file and import again", level, place, person)
        for text in sample.problems
    ]
    reading.rows = {"genotype_call": rows}
    if options.new_person:
        reading.rows["person"] = [
            {
                "person": person,
                "sex": "unknown",
                "fictional": False,
                "source": kind,
                "source_key": f"person:{person}",
            }
        ]
    reading.used = sum(len(found) for found in reading.rows.values())
    reading.set_aside = sum(p.level == ROW for p in reading.problems)
    reading.read = reading.used + reading.set_aside
    reading.columns = (
        [("genotype_call", name, USED) for name in ("gene", "diplotype")]
        if kind in ("outside", "lab")
        else []
    )
    reading.kinds["genotype_call"] = reading.read
    return reading
