"""The one Python step of the genotype: what each recorded diplotype text says, and what it means.

Each distinct text of the chosen people is read once, however many people carry it. The plainest spellings
(`*1/*4`, `*2x2/*5`) are taken apart in SQL, because a cohort is made of them; every other text goes through
`notation.read`. A test holds the two together. What the alleles mean is decided by `written_results.sql`.
The answers for a few texts are kept for the process, because a screen asks for the same ones again and
again. Makes the temp table `written_results` (one row per gene and text).
"""

import json
from collections.abc import Sequence
from pathlib import Path

import duckdb

from pain_tui.genotype import notation, words
from pain_tui.knowledge import plans

_SIDE = r"\*[1-9]\d{0,3}(x([2-9]|[1-9]\d))?"

_TEXTS = """
CREATE OR REPLACE TEMP TABLE written_diplotypes AS
SELECT gene, diplotype AS written, NULL::VARCHAR AS problem, false AS letter,
    list_contains(?::VARCHAR[], gene) AND regexp_full_match(diplotype, ?) AS is_plain
FROM (SELECT DISTINCT gene, diplotype FROM case_genotype_call
    WHERE diplotype IS NOT NULL AND (rsid IS NULL OR diplotype SIMILAR TO '.*[^ACGTDIacgtdi/| -].*'))
"""

_DISTINCT = """
SELECT DISTINCT gene, diplotype FROM case_genotype_call
WHERE diplotype IS NOT NULL AND (rsid IS NULL OR diplotype SIMILAR TO '.*[^ACGTDIacgtdi/| -].*')
ORDER BY ALL LIMIT ?
"""

_KEPT = """
CREATE OR REPLACE TEMP TABLE written_results AS
SELECT unnest(from_json(?::VARCHAR,
    '[{"gene":"VARCHAR","written":"VARCHAR","diplotypes":["VARCHAR"],"score":"DECIMAL(9,4)",
    "at_least":"BOOLEAN","phenotype":"VARCHAR","hla_results":["VARCHAR"],"needs_copy_number":"BOOLEAN","copies":"INTEGER","sureness":"VARCHAR",
    "reason":"VARCHAR","is_open":"BOOLEAN"}]'), recursive := true)
"""

_MEANING = Path(__file__).with_name("written_results.sql")
_MOST_KEPT = 500
_kept: dict[tuple[str, str], dict[str, object]] = {}

_PLAIN_ANSWERS = """
CREATE OR REPLACE TEMP TABLE written_answers AS
WITH sides AS (
    SELECT gene, written, split_part(written, '/', 1) AS one, split_part(written, '/', 2) AS two
    FROM written_diplotypes WHERE is_plain
),
numbered AS (
    SELECT *, split_part(one[2:], 'x', 1)::INTEGER AS number_1,
        split_part(two[2:], 'x', 1)::INTEGER AS number_2
    FROM sides
),
ordered AS (
    SELECT gene, written, number_1 < number_2 OR number_1 = number_2 AND one <= two AS in_order, one, two
    FROM numbered
)
SELECT gene, written, 0 AS answer, CASE WHEN in_order THEN one ELSE two END AS side_1,
    CASE WHEN in_order THEN two ELSE one END AS side_2,
    CASE WHEN in_order THEN one || '/' || two ELSE two || '/' || one END AS label
FROM ordered
"""

_PLAIN_UNITS = """
CREATE OR REPLACE TEMP TABLE written_units AS
WITH sides AS (
    SELECT gene, side_1 AS haplotype FROM written_answers UNION SELECT gene, side_2 FROM written_answers
)
SELECT gene, haplotype, haplotype AS label, split_part(haplotype, 'x', 1) AS allele,
    haplotype AS unit_label,
    coalesce(try_cast(nullif(split_part(haplotype, 'x', 2), '') AS INTEGER), 1) AS copies, false AS at_least,
    false AS unconfirmed
FROM sides
"""

_OTHER_TEXTS = """
UPDATE written_diplotypes SET problem = o.problem, letter = o.letter
FROM (SELECT unnest(from_json(?::JSON,
    '[{"gene":"VARCHAR","written":"VARCHAR","problem":"VARCHAR","letter":"BOOLEAN"}]'), recursive := true)) o
WHERE written_diplotypes.gene = o.gene AND written_diplotypes.written = o.written
"""

_OTHER_ANSWERS = """
INSERT INTO written_answers BY NAME
SELECT unnest(from_json(?::JSON, '[{"gene":"VARCHAR","written":"VARCHAR","answer":"INTEGER","label":"VARCHAR",
    "side_1":"VARCHAR","side_2":"VARCHAR"}]'), recursive := true)
"""

_OTHER_UNITS = """
INSERT INTO written_units BY NAME
SELECT o.* FROM (SELECT unnest(from_json(?::JSON,
    '[{"gene":"VARCHAR","haplotype":"VARCHAR","label":"VARCHAR","allele":"VARCHAR",
    "unit_label":"VARCHAR","copies":"INTEGER","at_least":"BOOLEAN","unconfirmed":"BOOLEAN"}]'),
    recursive := true)) o
ANTI JOIN written_units w ON w.gene = o.gene AND w.haplotype = o.haplotype
"""


def run(cursor: duckdb.DuckDBPyConnection) -> None:
    """Make `written_results` for every distinct diplotype text in `case_genotype_call`."""
    asked = cursor.execute(_DISTINCT, [_MOST_KEPT + 1]).fetchall()
    is_small = len(asked) <= _MOST_KEPT
    if not (is_small and all(text in _kept for text in asked)):
        read_texts(cursor)
        cursor.execute(_MEANING.read_text(encoding="utf-8"))
        if not is_small:
            plans.execute(cursor, "CREATE OR REPLACE TEMP TABLE written_results AS FROM read_results")
            return
        _keep(cursor)
    plans.execute(cursor, _KEPT, [json.dumps([_kept[text] for text in asked])])


def _keep(cursor: duckdb.DuckDBPyConnection) -> None:
    """Keep the answers of this run; the tables they rest on never change within a process."""
    if len(_kept) > 20 * _MOST_KEPT:
        _kept.clear()
    result = cursor.execute("SELECT * REPLACE (score::VARCHAR AS score) FROM read_results")
    names = [column[0] for column in result.description]
    for row in result.fetchall():
        values = dict(zip(names, row, strict=True))
        _kept[values["gene"], values["written"]] = values


def read_texts(cursor: duckdb.DuckDBPyConnection) -> None:
    """Make `written_diplotypes` (one row per text), `written_answers` (one per possible diplotype) and
    `written_units`
    (one per allele of a distinct haplotype)."""
    cursor.execute(_TEXTS, [sorted(words.STAR_GENES), f"{_SIDE}/{_SIDE}"])
    cursor.execute(_PLAIN_ANSWERS)
    cursor.execute(_PLAIN_UNITS)
    others = cursor.execute(
        "SELECT gene, written FROM written_diplotypes WHERE NOT is_plain ORDER BY ALL"
    ).fetchall()
    if not others:
        return
    readings = [notation.read(gene, text) for gene, text in others]
    texts = [
        {"gene": r.gene, "written": r.written, "problem": r.problem, "letter": r.letter} for r in readings
    ]
    cursor.execute(_OTHER_TEXTS, [json.dumps(texts)])
    cursor.execute(_OTHER_ANSWERS, [json.dumps([row for reading in readings for row in answers_of(reading)])])
    cursor.execute(_OTHER_UNITS, [json.dumps(units_of(readings))])


def answers_of(reading: notation.Reading) -> list[dict[str, object]]:
    """A reading as rows of `written_answers`: one per possible diplotype."""
    return [
        {
            "gene": reading.gene,
            "written": reading.written,
            "answer": number,
            "label": diplotype.label,
            "side_1": _key(diplotype.haplotypes[0]),
            "side_2": _key(diplotype.haplotypes[1]) if len(diplotype.haplotypes) == 2 else None,
        }
        for number, diplotype in enumerate(reading.possible)
    ]


def units_of(readings: Sequence[notation.Reading]) -> list[dict[str, object]]:
    """The distinct haplotypes of readings as rows of `written_units`."""
    haplotypes = {
        (reading.gene, _key(haplotype)): haplotype
        for reading in readings
        for diplotype in reading.possible
        for haplotype in diplotype.haplotypes
    }
    return [
        {
            "gene": gene,
            "haplotype": key,
            "label": haplotype.label,
            "allele": unit.allele,
            "unit_label": unit.label,
            "copies": unit.copies,
            "at_least": unit.at_least,
            "unconfirmed": unit.unconfirmed,
        }
        for (gene, key), haplotype in haplotypes.items()
        for unit in haplotype.units
    ]


def _key(haplotype: notation.Haplotype) -> str:
    """The label, and a mark on what the laboratory could not confirm."""
    return "+".join(f"({unit.label})" if unit.unconfirmed else unit.label for unit in haplotype.units)
