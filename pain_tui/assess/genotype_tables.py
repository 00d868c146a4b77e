"""The genotype calculators: tables of diplotypes in, phenotypes or guideline rows out, through the same steps as a person.

Each distinct question becomes one row of the case tables, whatever the number of input rows; the answer is joined back.
Unknown genes and unknown drug names are said in the note; nothing is dropped.
"""

from collections.abc import Iterator, Sequence
from datetime import date

import duckdb

from pain_tui.assess import engine
from pain_tui.genotype.calls import GeneCall

KNOWLEDGE = (
    "alleles",
    "allele_names_dated",
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
SELECT DISTINCT '', symbol, 'called', written FROM asked_texts WHERE symbol IS NOT NULL AND written IS NOT NULL;
"""

_OUTCOMES = """
CREATE OR REPLACE TEMP TABLE text_answers AS
SELECT t.gene, t.diplotype, t.symbol, t.written, w.reason,
    dense_rank() OVER (ORDER BY t.symbol, w.gene IS NULL, w.phenotype, w.score, w.at_least, w.hla_results, w.needs_copy_number, w.sureness, w.is_open) AS outcome
FROM asked_texts t LEFT JOIN written_results w ON w.gene = t.symbol AND w.written = t.written WHERE t.symbol IS NOT NULL;
CREATE OR REPLACE TEMP TABLE questions AS
SELECT outcome || '/' || inhibitors AS person, * FROM (
    SELECT DISTINCT t.outcome, coalesce(r.inhibitors, '') AS inhibitors FROM asked_rows r
    JOIN text_answers t ON t.gene = r.gene AND coalesce(t.diplotype, '') = coalesce(r.diplotype, ''));
"""

_OUTCOME_CALLS = """
DELETE FROM case_genotype_call;
INSERT INTO case_genotype_call (person, gene, state, diplotype)
SELECT q.person, t.symbol, CASE WHEN t.written IS NULL THEN 'not_tested' ELSE 'called' END, t.written
FROM questions q JOIN (SELECT outcome, any_value(symbol) AS symbol, any_value(written) AS written FROM text_answers GROUP BY outcome) t USING (outcome);
"""

_OUTCOME_ANSWERS = """
CREATE OR REPLACE TEMP TABLE outcome_answers AS
SELECT q.outcome, q.inhibitors, p.state, p.activity_score, p.phenotype, p.inhibitors AS acting, p.activity_score_with_drugs,
    p.phenotype_with_drugs, concat_ws('. ', p.note_besides, c.say,
        CASE WHEN len(l.unknown_drugs) > 0 THEN 'not a known drug name: ' || array_to_string(l.unknown_drugs, ', ') END) AS note
FROM questions q JOIN medication_list l USING (person) JOIN phenotypes p USING (person)
LEFT JOIN converted c ON c.person = p.person AND c.gene = p.gene AND c.without_drug = '';
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

_MEDICINES = """
CREATE OR REPLACE TEMP TABLE question_drugs AS
SELECT q.person, trim(lower(w.written)) AS written, d.ingredient
FROM questions q, unnest(regexp_split_to_array(coalesce(q.inhibitors, ''), '[|;,]')) w(written)
LEFT JOIN knowledge.drug_words d ON d.word = trim(lower(w.written))
WHERE trim(w.written) <> '';
CREATE OR REPLACE TEMP TABLE medications AS
SELECT person, person || ingredient AS row_id, ingredient, true AS active, NULL::DATE AS start, NULL::DATE AS stop,
    NULL::TIMESTAMP AS last_dose, NULL::DOUBLE AS amount_per_day_max
FROM (SELECT DISTINCT person, ingredient FROM question_drugs WHERE ingredient IS NOT NULL);
-- a name that nobody knows could be any inhibitor, so the list of that question is not complete
CREATE OR REPLACE TEMP TABLE medication_list AS
SELECT q.person, count(d.written) FILTER (d.ingredient IS NULL) = 0 AS complete,
    coalesce(list(DISTINCT d.written) FILTER (d.ingredient IS NULL), []) AS unknown_drugs
FROM questions q LEFT JOIN question_drugs d USING (person) GROUP BY q.person;
"""


def phenotypes(cursor: duckdb.DuckDBPyConnection, source: str, *, as_of: date) -> None:
    """Answer every distinct (gene, diplotype, inhibitors) of `source` (a table or query).

    Makes the temp tables `text_answers` and `outcome_answers`; join a table `i` to them with ANSWER_JOINS, and take `a.state`,
    `a.activity_score`, `a.phenotype`, `a.acting` (LIST of STRUCT(drug, strength)), `a.activity_score_with_drugs`,
    `a.phenotype_with_drugs` and NOTE.
    """
    cursor.execute(engine.CASE_FILE.read_text(encoding="utf-8"))
    cursor.execute(
        f"CREATE OR REPLACE TEMP TABLE asked_rows AS SELECT DISTINCT gene, diplotype, inhibitors FROM {source}"
    )
    cursor.execute(_TEXTS)
    for step in _READING:
        engine.run_only(cursor, step)
    cursor.execute(_OUTCOMES)
    _load_case(cursor, as_of)
    cursor.execute(_OUTCOME_CALLS)
    _run(cursor, "SELECT person, gene FROM case_genotype_call")
    cursor.execute(_OUTCOME_ANSWERS)


def actions(cursor: duckdb.DuckDBPyConnection, source: str, *, as_of: date) -> None:
    """Answer every distinct (drug, gene, diplotype, gene_2, diplotype_2, inhibitors) of `source` in `answers`.

    `answers`: the question's columns as written and one row per guideline row that fits today (drugs counted), CPIC first.
    """
    cursor.execute(
        _KEYS.format(columns="drug, gene, diplotype, gene_2, diplotype_2, inhibitors", source=source)
    )
    _load_case(cursor, as_of)
    for gene, diplotype in (("gene", "diplotype"), ("gene_2", "diplotype_2")):
        cursor.execute(
            "INSERT INTO case_genotype_call (person, gene, state, diplotype) SELECT q.person, g.gene, "
            f"CASE WHEN trim(coalesce(q.{diplotype}, '')) = '' THEN 'not_tested' ELSE 'called' END, nullif(trim(q.{diplotype}), '') "
            f"FROM questions q JOIN knowledge.genes_shown g ON g.gene = {_gene('q.' + gene)}"
        )
    cursor.execute("CREATE OR REPLACE TEMP TABLE options (person VARCHAR, option VARCHAR, drugs VARCHAR[])")
    cursor.execute("DELETE FROM case_asked")
    cursor.execute(
        "INSERT INTO case_asked SELECT DISTINCT q.person, 'drug', coalesce(d.ingredient, trim(lower(q.drug))) FROM questions q "
        "LEFT JOIN knowledge.drug_words d ON d.word = trim(lower(q.drug)) WHERE q.drug IS NOT NULL"
    )
    _run(
        cursor,
        "SELECT p.person, g.gene FROM people p CROSS JOIN (SELECT DISTINCT gene FROM knowledge.action_tests SEMI JOIN knowledge.genes_shown USING (gene)) g",
    )
    engine.run_only(cursor, "070_gene_drug")
    cursor.execute(_ACTIONS)


def of_calls(
    cursor: duckdb.DuckDBPyConnection, samples: Sequence[tuple[str, Sequence[GeneCall]]], *, as_of: date
) -> None:
    """Run the genotype steps on calls of a file: `phenotypes` then has one row per sample and gene of the file."""
    cursor.execute(
        "CREATE OR REPLACE TEMP TABLE questions AS SELECT unnest(?::VARCHAR[]) AS person, NULL::VARCHAR AS inhibitors",
        [[name for name, _ in samples]],
    )
    _load_case(cursor, as_of)
    load_calls(cursor, samples)
    _run(
        cursor,
        "SELECT DISTINCT c.person, c.gene FROM case_genotype_call c SEMI JOIN knowledge.genes_shown g USING (gene)",
    )


def call_rows(cursor: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, dict[str, object]]]:
    """(sample, row of the `calls` shape) of every gene of the file, in the order genes are shown."""
    result = cursor.execute(
        "SELECT person, gene, state, diplotypes, copy_number, activity_score, phenotype, positions_tested, positions_missing, "
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
        "INSERT INTO case_genotype_call BY NAME SELECT * EXCLUDE (build) FROM (SELECT unnest(from_json(?::JSON, ?), recursive := true))",
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
    cursor.execute(_MEDICINES)


def _run(cursor: duckdb.DuckDBPyConnection, asked_genes: str) -> None:
    for step in _STEPS:
        engine.run_only(cursor, step)
    cursor.execute(f"CREATE OR REPLACE TEMP TABLE asked_genes AS {asked_genes}")
    engine.run_only(cursor, "040_phenotypes")


_ACTIONS = """
CREATE OR REPLACE TEMP TABLE answers AS
WITH rows_today AS (
    SELECT * FROM gene_drug SEMI JOIN (SELECT person, coalesce(t.drug, id) AS drug FROM case_asked LEFT JOIN knowledge.action_drugs t ON t.term = id)
        USING (person, drug)
),
matching AS (
    SELECT q.*, g.* EXCLUDE (person, drug, condition, source), g.condition AS when_text, g.source AS source_text, g.drug AS drug_name,
        b.action_code AS by_genotype
    FROM questions q
    JOIN rows_today g ON g.person = q.person AND (list_contains(g.genes, upper(replace(q.gene, ' ', ''))) OR list_contains(g.genes, upper(replace(q.gene_2, ' ', ''))))
    LEFT JOIN gene_drug b ON g.with_drugs AND NOT b.with_drugs AND b.person = g.person AND b.drug = g.drug AND b.guideline = g.guideline AND b.genes = g.genes AND b.population = g.population
    WHERE NOT EXISTS (SELECT 1 FROM rows_today x WHERE x.with_drugs AND NOT g.with_drugs AND x.person = g.person AND x.drug = g.drug
        AND x.guideline = g.guideline AND x.genes = g.genes AND x.population = g.population)
),
notes AS (
    SELECT q.person, string_agg(DISTINCT nullif(concat_ws('. ', p.genotype_note, c.say), ''), '. ') AS note, bool_or(p.needs_copy_number) AS needs_copy_number
    FROM questions q JOIN phenotypes p ON p.person = q.person
        AND p.gene IN (upper(replace(q.gene, ' ', '')), upper(replace(q.gene_2, ' ', '')))
    LEFT JOIN case_asked a ON a.person = q.person
    LEFT JOIN converted c ON c.person = p.person AND c.gene = p.gene AND c.without_drug = CASE WHEN EXISTS (
        SELECT 1 FROM converted x WHERE x.person = p.person AND x.gene = p.gene AND x.without_drug = a.id) THEN a.id ELSE '' END
    GROUP BY q.person
)
SELECT q.drug, q.gene, q.diplotype, q.gene_2, q.diplotype_2, q.inhibitors, m.genes, m.guideline,
    CASE WHEN m.person IS NOT NULL THEN coalesce(m.action_code, CASE WHEN n.needs_copy_number THEN 'INPUT_NEEDS_COPY_NUMBER' ELSE 'NO_RECOMMENDATION' END) END AS action_code,
    m.strength, m.if_used_anyway, m.monitor, m.when_text AS condition,
    CASE WHEN m.person IS NULL THEN coalesce(q.drug, 'no drug') || ' with ' || coalesce(q.gene, 'no gene') || ': no guideline row in the tables'
        ELSE nullif(concat_ws('. ', CASE WHEN m.sureness = 'unchecked' THEN 'not checked, so not advice' END, m.meaning, m.mechanism, CASE WHEN m.open_genes IS NOT NULL THEN 'open: ' || m.open_genes END,
        CASE WHEN m.with_drugs THEN 'counts the interacting drugs; by genotype alone: ' || coalesce(m.by_genotype, 'no row') END,
        CASE WHEN m.is_research THEN 'rests on a research rule, not a CPIC rule' END,
        CASE WHEN len(l.unknown_drugs) > 0 THEN 'not a known drug name: ' || array_to_string(l.unknown_drugs, ', ') END, n.note), '') END AS say,
    m.source_text AS source, m.population, m.with_drugs, m.sureness, m.row_id, m.severity_0_6, m.guideline_order
FROM questions q JOIN medication_list l ON l.person = q.person
LEFT JOIN matching m ON m.person = q.person
LEFT JOIN notes n ON n.person = q.person
ORDER BY m.guideline_order, m.population = 'general' DESC, m.population, m.genes, m.row_id;
"""
