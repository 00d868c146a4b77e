"""The one Python step of the genotype: what each recorded diplotype text says, allele by allele.

Each distinct text of the chosen people is read once (`notation.read`, cached), however many people carry it.
Makes the temp tables `written_diplotypes` (one row per gene and text) and `written_units` (one row per allele).
"""

import json

import duckdb

from pain_tui.genotype import notation

_TABLES = """
CREATE OR REPLACE TEMP TABLE written_diplotypes AS
SELECT gene, written, problem, letter FROM (SELECT unnest(from_json(?::JSON,
    '[{"gene":"VARCHAR","written":"VARCHAR","problem":"VARCHAR","letter":"BOOLEAN"}]'), recursive := true));
CREATE OR REPLACE TEMP TABLE written_units AS
SELECT gene, written, answer, label, side, side_label, allele, unit_label, copies, at_least, unconfirmed
FROM (SELECT unnest(from_json(?::JSON, '[{"gene":"VARCHAR","written":"VARCHAR","answer":"INTEGER","label":"VARCHAR",
    "side":"INTEGER","side_label":"VARCHAR","allele":"VARCHAR","unit_label":"VARCHAR","copies":"INTEGER",
    "at_least":"BOOLEAN","unconfirmed":"BOOLEAN"}]'), recursive := true));
"""


def run(cursor: duckdb.DuckDBPyConnection) -> None:
    """Read every distinct diplotype text in `case_genotype_call`."""
    written = cursor.execute(
        "SELECT DISTINCT gene, diplotype FROM case_genotype_call WHERE diplotype IS NOT NULL AND rsid IS NULL ORDER BY ALL"
    ).fetchall()
    texts: list[dict[str, object]] = []
    units: list[dict[str, object]] = []
    for gene, text in written:
        reading = notation.read(gene, text)
        texts.append({"gene": gene, "written": text, "problem": reading.problem, "letter": reading.letter})
        units += _units(reading)
    first, second = (part for part in _TABLES.split(";\n") if part.strip())
    cursor.execute(first, [json.dumps(texts)])
    cursor.execute(second, [json.dumps(units)])


def _units(reading: notation.Reading) -> list[dict[str, object]]:
    return [
        {
            "gene": reading.gene,
            "written": reading.written,
            "answer": number,
            "label": diplotype.label,
            "side": side,
            "side_label": haplotype.label,
            "allele": unit.allele,
            "unit_label": unit.label,
            "copies": unit.copies,
            "at_least": unit.at_least,
            "unconfirmed": unit.unconfirmed,
        }
        for number, diplotype in enumerate(reading.possible)
        for side, haplotype in enumerate(diplotype.haplotypes)
        for unit in haplotype.units
    ]
