"""The one Python step of the genotype: what each recorded diplotype text says, allele by allele.

Each distinct text of the chosen people is read once, however many people carry it. The plainest spelling (`*1/*4`) is
taken apart in SQL, because a cohort is made of it; every other text goes through `notation.read`. A test holds the two
together. Makes the temp tables `written_diplotypes` (one row per gene and text) and `written_units` (one per allele).
"""

import json

import duckdb

from pain_tui.genotype import notation, words

_PLAIN = r"\*[1-9]\d{0,3}/\*[1-9]\d{0,3}"

_TEXTS = """
CREATE OR REPLACE TEMP TABLE written_diplotypes AS
SELECT gene, diplotype AS written, NULL::VARCHAR AS problem, false AS letter,
    list_contains(?::VARCHAR[], gene) AND regexp_full_match(diplotype, ?) AS is_plain
FROM (SELECT DISTINCT gene, diplotype FROM case_genotype_call WHERE diplotype IS NOT NULL AND rsid IS NULL)
"""

_PLAIN_UNITS = """
CREATE OR REPLACE TEMP TABLE written_units AS
WITH plain AS (
    SELECT gene, written, split_part(written, '/', 1) AS one, split_part(written, '/', 2) AS two,
        split_part(written, '/', 1)[2:]::INTEGER <= split_part(written, '/', 2)[2:]::INTEGER AS in_order
    FROM written_diplotypes WHERE is_plain
),
ordered AS (
    SELECT gene, written, CASE WHEN in_order THEN one ELSE two END AS one, CASE WHEN in_order THEN two ELSE one END AS two FROM plain
)
SELECT gene, written, 0 AS answer, one || '/' || two AS label, s.side, CASE s.side WHEN 0 THEN one ELSE two END AS side_label,
    CASE s.side WHEN 0 THEN one ELSE two END AS allele, CASE s.side WHEN 0 THEN one ELSE two END AS unit_label,
    1 AS copies, false AS at_least, false AS unconfirmed
FROM ordered CROSS JOIN (VALUES (0), (1)) s(side)
"""

_OTHER_TEXTS = """
UPDATE written_diplotypes SET problem = o.problem, letter = o.letter
FROM (SELECT unnest(from_json(?::JSON,
    '[{"gene":"VARCHAR","written":"VARCHAR","problem":"VARCHAR","letter":"BOOLEAN"}]'), recursive := true)) o
WHERE written_diplotypes.gene = o.gene AND written_diplotypes.written = o.written
"""

_OTHER_UNITS = """
INSERT INTO written_units
SELECT gene, written, answer, label, side, side_label, allele, unit_label, copies, at_least, unconfirmed
FROM (SELECT unnest(from_json(?::JSON, '[{"gene":"VARCHAR","written":"VARCHAR","answer":"INTEGER","label":"VARCHAR",
    "side":"INTEGER","side_label":"VARCHAR","allele":"VARCHAR","unit_label":"VARCHAR","copies":"INTEGER",
    "at_least":"BOOLEAN","unconfirmed":"BOOLEAN"}]'), recursive := true))
"""


def run(cursor: duckdb.DuckDBPyConnection) -> None:
    """Read every distinct diplotype text in `case_genotype_call`."""
    cursor.execute(_TEXTS, [sorted(words.STAR_GENES), _PLAIN])
    cursor.execute(_PLAIN_UNITS)
    others = cursor.execute("SELECT gene, written FROM written_diplotypes WHERE NOT is_plain ORDER BY ALL").fetchall()
    if not others:
        return
    texts: list[dict[str, object]] = []
    units: list[dict[str, object]] = []
    for gene, text in others:
        reading = notation.read(gene, text)
        texts.append({"gene": gene, "written": text, "problem": reading.problem, "letter": reading.letter})
        units += units_of(reading)
    cursor.execute(_OTHER_TEXTS, [json.dumps(texts)])
    cursor.execute(_OTHER_UNITS, [json.dumps(units)])


def units_of(reading: notation.Reading) -> list[dict[str, object]]:
    """A reading as rows of `written_units`."""
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
