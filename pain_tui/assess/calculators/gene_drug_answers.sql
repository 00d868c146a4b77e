-- What is answered to each question of the action calculator: the rows that speak for today, with their words.
-- Reads questions, gene_drug, phenotypes, converted, case_asked, medication_list. Makes answers.
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
        CASE WHEN m.speaks = 'later' THEN 'by genotype alone: no row of this guideline fits today' END,
        CASE WHEN m.is_research THEN 'rests on a research rule, not a CPIC rule' END,
        CASE WHEN len(l.unknown_drugs) > 0 THEN 'not a known drug name: ' || array_to_string(l.unknown_drugs, ', ') END, n.note), '') END AS say,
    m.source_text AS source, m.population, m.with_drugs, m.sureness, m.row_id, m.severity_0_6, m.guideline_order
FROM questions q JOIN medication_list l ON l.person = q.person
LEFT JOIN matching m ON m.person = q.person
LEFT JOIN notes n ON n.person = q.person
ORDER BY m.guideline_order, m.population = 'general' DESC, m.population, m.genes, m.is_research, m.row_id;
