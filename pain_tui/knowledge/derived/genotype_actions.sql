-- needs: drug_actions, action_codes, populations, alleles, allele_names_dated, phenotypes, phenotype_words, phenoconversion_rules, inhibitors, half_lives
-- The result words of drug_actions.csv as tests that a join can use: one row per guideline row, gene and alternative.
-- kinds: any, no_result, indeterminate, score (low..high), phenotype (the word), genotype (the diplotype), unread (never fits).
CREATE TABLE knowledge.action_tests AS
WITH sides AS (
    SELECT row_id, 1 AS side, gene_1 AS gene, result_1 AS result, phenotype_1 AS phenotype FROM knowledge.drug_actions
    UNION ALL
    SELECT row_id, 2, gene_2, result_2, phenotype_2 FROM knowledge.drug_actions WHERE gene_2 IS NOT NULL
),
words AS (
    SELECT row_id, side, gene, phenotype, trim(unnest(string_split(result, '|'))) AS word FROM sides
),
parts AS (
    SELECT *, regexp_extract(word, '^([0-9.]+)-([0-9.]+)$', 1) AS low_text, regexp_extract(word, '^([0-9.]+)-([0-9.]+)$', 2) AS high_text,
        regexp_extract(word, '^>([0-9.]+)$', 1) AS above_text, try_cast(word AS DECIMAL(9, 4)) AS exact
    FROM words
)
SELECT row_id, side, gene, CASE
        WHEN word = 'any' OR ends_with(word, ' any') THEN 'any'
        WHEN word = 'No Result' THEN 'no_result'
        WHEN word IN ('n/a', 'Indeterminate') THEN 'indeterminate'
        WHEN exact IS NOT NULL OR low_text <> '' OR above_text <> '' THEN 'score'
        WHEN regexp_matches(word, '^\*\d+/\*\d+$') THEN 'genotype'
        WHEN gene LIKE 'HLA-%' AND regexp_matches(word, ' (positive|negative)$') OR regexp_matches(word, '^[A-Z]') THEN 'phenotype'
        ELSE 'unread' END AS kind,
    CASE WHEN exact IS NOT NULL THEN exact WHEN low_text <> '' THEN low_text::DECIMAL(9, 4) WHEN above_text <> '' THEN above_text::DECIMAL(9, 4) END AS low,
    above_text <> '' AS low_is_above,
    CASE WHEN exact IS NOT NULL THEN exact WHEN low_text <> '' THEN high_text::DECIMAL(9, 4) END AS high,
    -- "Intermediate|Poor Metabolizer" names two phenotypes with one noun
    CASE WHEN phenotype LIKE '%Metabolizer' AND word IN ('Intermediate', 'Ultrarapid', 'Rapid', 'Poor', 'Normal') THEN word || ' Metabolizer' ELSE word END AS word,
    -- for a result that has a phenotype but no score: only a row whose own phenotype is one single word
    CASE WHEN phenotype NOT LIKE '% or %' AND phenotype <> 'any' THEN phenotype END AS phenotype
FROM parts;

-- A score that no row lists (1.125 and 0.125 after a moderate inhibitor) belongs to its band: a row reaches as far as its own
-- phenotype does, and no further than the next score that is listed for the drug. Between two rows of one phenotype both fit.
CREATE TABLE knowledge.action_scores AS
WITH listed AS (
    SELECT t.row_id, t.side, t.gene, t.word, t.low, t.low_is_above, t.high, lower(d.drug) AS drug, d.guideline
    FROM knowledge.action_tests t JOIN knowledge.drug_actions d USING (row_id) WHERE t.kind = 'score'
),
ends AS (
    SELECT DISTINCT drug, guideline, gene, unnest([low + CASE WHEN low_is_above THEN 0.0001 ELSE 0 END, high])::DECIMAL(9, 4) AS score FROM listed
)
SELECT l.row_id, l.side, l.word,
    greatest(any_value(lower_band.from_score), max(e.score + 0.0001) FILTER (e.score < l.low)) AS from_score,
    least(any_value(upper_band.below_score), min(e.score) FILTER (e.score > l.high)) AS below_score
FROM listed l JOIN ends e USING (drug, guideline, gene)
JOIN knowledge.score_bands lower_band ON lower_band.gene = l.gene AND lower_band.from_score <= l.low AND lower_band.below_score > l.low
JOIN knowledge.score_bands upper_band ON upper_band.gene = l.gene AND upper_band.from_score <= l.high AND upper_band.below_score > l.high
WHERE NOT l.low_is_above GROUP BY l.row_id, l.side, l.word;

UPDATE knowledge.action_tests t SET low = s.from_score, high = s.below_score - 0.0001
FROM knowledge.action_scores s WHERE s.row_id = t.row_id AND s.side = t.side AND s.word = t.word;

-- One row per guideline row, with everything that is shown and no more.
-- first_row: the first of the rows that say the same of themselves; one is enough to say that none of them fits.
CREATE TABLE knowledge.gene_actions AS
WITH actions AS (
    SELECT d.row_id, lower(d.drug) AS drug, d.guideline, d.population, p.label AS population_label, p.decided_by, p.months, p.max_mg_per_day,
        list_filter([d.gene_1, d.gene_2], lambda g: g IS NOT NULL) AS genes, d.gene_1, d.gene_2, d.action_code, d.if_used_anyway, d.monitor, d.condition,
        d.strength, d.mechanism, a.severity_0_6, a.meaning, d.sureness, d.note,
        concat_ws(', ', d.guideline, d.year, 'PMID ' || d.pmid, 'doi:' || d.doi) AS source,
        list_position(['CPIC', 'DPWG', 'FDA label', 'FDA table'], d.guideline) AS guideline_order
    FROM knowledge.drug_actions d
    LEFT JOIN knowledge.action_codes a USING (action_code)
    LEFT JOIN knowledge.populations p USING (population)
),
firsts AS (SELECT drug, genes, source, min(row_id) AS first_row FROM actions GROUP BY drug, genes, source)
SELECT a.*, f.first_row FROM actions a JOIN firsts f USING (drug, genes, source);

-- What is told of a row; and of the first row of a guideline, what is told when none of them fits (told_row ends in ' none').
CREATE TABLE knowledge.gene_actions_told AS
SELECT row_id AS told_row, row_id, genes, guideline, population, action_code, if_used_anyway, monitor, nullif(concat_ws('; ', population_label, condition), '') AS condition,
    strength, severity_0_6, sureness, source, meaning, mechanism, note, guideline_order
FROM knowledge.gene_actions
UNION ALL
SELECT row_id || ' none', NULL, genes, guideline, 'general', NULL, NULL, NULL, NULL, NULL, NULL, 'read', source, NULL, 'no row of this guideline fits', NULL, guideline_order
FROM knowledge.gene_actions WHERE row_id = first_row;

-- Which genes are looked at for a drug.
CREATE TABLE knowledge.drug_genes AS
SELECT DISTINCT a.drug, t.gene FROM knowledge.gene_actions a JOIN knowledge.action_tests t USING (row_id);

-- A product of two drugs in drug_actions.csv answers for its members ("lidocaine/prilocaine" for prilocaine).
CREATE TABLE knowledge.action_drugs AS
SELECT DISTINCT lower(drug) AS term, lower(drug) AS drug FROM knowledge.drug_actions
UNION
SELECT DISTINCT unnest(string_split(lower(drug), '/')), lower(drug) FROM knowledge.drug_actions WHERE drug LIKE '%/%';
