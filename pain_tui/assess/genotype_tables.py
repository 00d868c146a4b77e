"""The genotype calculators: tables of diplotypes in, phenotypes or guideline rows out, through the same
steps as a person.

Each distinct question becomes one row of the case tables, whatever the number of input rows; the answer is
joined back. Unknown genes and unknown drug names are said in the note; nothing is dropped.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import date

import duckdb

from pain_tui.assess import engine
from pain_tui.genotype.calls import GeneCall

KNOWLEDGE = (
    "alleles",
    "allele_names_dated",
    "gene_deletions",
    "phenotypes",
    "phenotype_words",
    "phenoconversion_rules",
    "inhibitors",
    "half_lives",
    "genes_shown",
    "drug_names",
    "drug_actions",
    "action_codes",
    "populations",
    "conditions",
)
_READING = ("035_written_results",)
_STEPS = ("031_modulators", *_READING, "038_gene_results")

_KEYS = """
CREATE OR REPLACE TEMP TABLE questions AS
SELECT *, row_number() OVER ()::VARCHAR AS person FROM (SELECT DISTINCT {columns} FROM {source});
"""

# Many texts have one outcome, and only the outcome and the drugs decide the answer.
_TEXTS = """
CREATE OR REPLACE TEMP TABLE asked_texts AS
SELECT DISTINCT r.gene, r.diplotype, g.gene AS symbol, nullif(trim(r.diplotype), '') AS written
FROM asked_rows r LEFT JOIN knowledge.genes_shown g ON g.gene = upper(replace(r.gene, ' ', ''));
DELETE FROM case_genotype_call;
INSERT INTO case_genotype_call (person, gene, state, diplotype)
SELECT DISTINCT '', symbol, 'called', written FROM asked_texts
WHERE symbol IS NOT NULL AND written IS NOT NULL;
"""

_OUTCOME_CALLS = """
DELETE FROM case_genotype_call;
INSERT INTO case_genotype_call (person, gene, state, diplotype)
SELECT q.person, t.symbol, CASE WHEN t.written IS NULL THEN 'not_tested' ELSE 'called' END, t.written
FROM questions q JOIN (
    SELECT outcome, min(symbol) AS symbol, min(written) AS written FROM text_answers GROUP BY outcome
) t USING (outcome);
"""

# How a table `i` with gene, diplotype and inhibitors is answered: joins, and the columns that are answers.
ANSWER_JOINS = (
    "LEFT JOIN text_answers t ON t.gene = i.gene AND coalesce(t.diplotype, '') = coalesce(i.diplotype, '') "
    "LEFT JOIN outcome_answers a ON a.outcome = t.outcome AND a.inhibitors = coalesce(i.inhibitors, '')"
)
ACTION_JOINS = "LEFT JOIN answers a ON " + " AND ".join(
    f"coalesce(a.{key}, '') = coalesce(i.{key}, '')"
    for key in ("drug", "gene", "diplotype", "gene_2", "diplotype_2", "inhibitors")
)
NOTE = (
    "CASE WHEN t.outcome IS NULL THEN coalesce(i.gene, 'no gene') || ' is not a gene of the tables' "
    "WHEN a.state = 'not_tested' THEN concat_ws('. ', 'not tested', nullif(a.note, '')) "
    "ELSE nullif(concat_ws('. ', t.reason, nullif(a.note, '')), '') END"
)

_CASE = """
CREATE OR REPLACE TEMP TABLE people AS
SELECT person, NULL::INTEGER AS age_years, NULL::VARCHAR AS sex, ?::DATE AS as_of FROM questions;
"""


def phenotypes(cursor: duckdb.DuckDBPyConnection, source: str, *, as_of: date) -> None:
    """Answer every distinct (gene, diplotype, inhibitors) of `source` (a table or query).

    Makes the temp tables `text_answers` and `outcome_answers`; join a table `i` to them with ANSWER_JOINS,
    and take `a.state`, `a.activity_score`, `a.phenotype`, `a.acting` (LIST of STRUCT(drug, strength)),
    `a.activity_score_with_drugs`, `a.phenotype_with_drugs` and NOTE.
    """
    cursor.execute(engine.CASE_FILE.read_text(encoding="utf-8"))
    cursor.execute(
        "CREATE OR REPLACE TEMP TABLE asked_rows AS SELECT DISTINCT gene, diplotype, inhibitors FROM "
        f"{source}"
    )
    cursor.execute(_TEXTS)
    for step in _READING:
        engine.run_only(cursor, step)
    cursor.execute(_sql("text_outcomes"))
    _load_case(cursor, as_of)
    cursor.execute(_OUTCOME_CALLS)
    _run(cursor, "SELECT person, gene FROM case_genotype_call")
    cursor.execute(_sql("outcome_answers"))


def actions(cursor: duckdb.DuckDBPyConnection, source: str, *, as_of: date) -> None:
    """Answer every distinct (drug, gene, diplotype, gene_2, diplotype_2, inhibitors) of `source` in
    `answers`.

    `answers`: the question's columns as written and one row per guideline row that fits today (drugs
    counted), CPIC first.
    """
    cursor.execute(
        _KEYS.format(columns="drug, gene, diplotype, gene_2, diplotype_2, inhibitors", source=source)
    )
    _load_case(cursor, as_of)
    for gene, diplotype in (("gene", "diplotype"), ("gene_2", "diplotype_2")):
        cursor.execute(
            "INSERT INTO case_genotype_call (person, gene, state, diplotype) SELECT q.person, g.gene, "
            f"CASE WHEN trim(coalesce(q.{diplotype}, '')) = '' THEN 'not_tested' ELSE 'called' END, "
            f"nullif(trim(q.{diplotype}), '') "
            f"FROM questions q JOIN knowledge.genes_shown g ON g.gene = {_gene('q.' + gene)}"
        )
    cursor.execute("CREATE OR REPLACE TEMP TABLE options (person VARCHAR, option VARCHAR, drugs VARCHAR[])")
    cursor.execute("DELETE FROM case_asked")
    cursor.execute(
        "INSERT INTO case_asked SELECT DISTINCT q.person, 'drug', coalesce(d.ingredient, "
        "trim(lower(q.drug))) FROM questions q "
        "LEFT JOIN knowledge.drug_words d ON d.word = trim(lower(q.drug)) WHERE q.drug IS NOT NULL"
    )
    _run(
        cursor,
        "SELECT p.person, g.gene FROM people p CROSS JOIN (SELECT DISTINCT gene FROM "
        "knowledge.action_tests SEMI JOIN knowledge.genes_shown USING (gene)) g",
    )
    engine.run_only(cursor, "070_gene_drug")
    cursor.execute(_sql("gene_drug_answers"))


def of_calls(
    cursor: duckdb.DuckDBPyConnection, samples: Sequence[tuple[str, Sequence[GeneCall]]], *, as_of: date
) -> None:
    """Run the genotype steps on calls of a file: `phenotypes` then has one row per sample and gene of the
    file.
    """
    cursor.execute(
        "CREATE OR REPLACE TEMP TABLE questions AS SELECT unnest(?::JSON::VARCHAR[]) AS person, "
        "NULL::VARCHAR AS inhibitors",
        [json.dumps([name for name, _ in samples])],
    )
    _load_case(cursor, as_of)
    load_calls(cursor, samples)
    _run(
        cursor,
        "SELECT DISTINCT c.person, c.gene FROM case_genotype_call c SEMI JOIN knowledge.genes_shown "
        "g USING (gene)",
    )


def call_rows(cursor: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, dict[str, object]]]:
    """(sample, row of the `calls` shape) of every gene of the file, in the order genes are shown."""
    result = cursor.execute(
        "SELECT person, gene, state, diplotypes, copy_number, activity_score, phenotype, "
        "phenotype_if_untested_are_reference, positions_tested, positions_missing, "
        "alleles_not_excluded, genotype_note AS note FROM phenotypes ORDER BY person::INTEGER, position"
    )
    names = [column[0] for column in result.description][1:]
    for person, *values in result.fetchall():
        yield person, dict(zip(names, values, strict=True))


def load_calls(cursor: duckdb.DuckDBPyConnection, samples: Sequence[tuple[str, Sequence[GeneCall]]]) -> None:
    """Put calls into `case_genotype_call`, one transfer for all of them."""
    import json

    rows = [{"person": name, **call.as_row()} for name, calls in samples for call in calls]
    cursor.execute(
        "INSERT INTO case_genotype_call BY NAME SELECT * EXCLUDE (build) FROM (SELECT "
        "unnest(from_json(?::JSON, ?), recursive := true))",
        [json.dumps(rows, default=str), _CALL_SHAPE],
    )


_CALL_SHAPE = (
    '[{"person":"VARCHAR","gene":"VARCHAR","rsid":"VARCHAR","state":"VARCHAR","diplotype":"VARCHAR","alleles":"VARCHAR",'
    '"copy_number":"VARCHAR","activity_score_reported":"DOUBLE","phenotype_reported":"VARCHAR","positions_tested":["VARCHAR"],'
    '"positions_missing":["VARCHAR"],"alleles_not_excluded":["VARCHAR"],"build":"VARCHAR","method":"VARCHAR",'
    '"laboratory":"VARCHAR","date":"DATE","note":"VARCHAR"}]'
)


def _gene(column: str) -> str:
    """The gene's symbol however it was written (`cyp2d6`, `CYP 2D6`)."""
    return f"upper(replace({column}, ' ', ''))"


def _load_case(cursor: duckdb.DuckDBPyConnection, as_of: date) -> None:
    cursor.execute(engine.CASE_FILE.read_text(encoding="utf-8"))
    cursor.execute(_CASE, [as_of])
    cursor.execute(_sql("question_medicines"))


def _run(cursor: duckdb.DuckDBPyConnection, asked_genes: str) -> None:
    for step in _STEPS:
        engine.run_only(cursor, step)
    cursor.execute(f"CREATE OR REPLACE TEMP TABLE asked_genes AS {asked_genes}")
    engine.run_only(cursor, "040_phenotypes")


def _sql(name: str) -> str:
    """A statement of the calculators."""
    return (engine.CASE_FILE.parent / "calculators" / f"{name}.sql").read_text(encoding="utf-8")
