-- What does each guideline say about each drug in question, for these genes, today and without the interacting drugs?
-- Reads medications, options, case_asked, phenotypes, converted, people, case_problem, knowledge.gene_actions, gene_actions_told,
-- action_tests, drug_genes.
-- Makes gene_drug: per drug and guideline row that fits. with_drugs: the row rests on today's (converted) phenotype and that
-- one differs from the genotype's. A drug never converts its own advice. CPIC first; DPWG and FDA beside it.
-- Where a research rule converts one of the genes, today is read twice: without that rule, and with it; only the second is unchecked.
-- A drug with rows but no fitting one gets a row without action and with the reason; nothing untested is read as normal.
CREATE OR REPLACE TEMP TABLE gene_drug AS
WITH wanted AS (
    SELECT person, lower(ingredient) AS drug, active AS in_use, NULL::VARCHAR AS option, start, amount_per_day_max
    FROM medications WHERE active IS NOT false AND ingredient IS NOT NULL
    UNION ALL
    SELECT person, lower(unnest(drugs)), NULL, option, NULL, NULL FROM options
    UNION ALL
    SELECT person, lower(id), NULL, NULL, NULL, NULL FROM case_asked WHERE kind = 'drug'
),
in_question AS MATERIALIZED (
    SELECT w.person, coalesce(t.drug, w.drug) AS drug, min(p.as_of) AS as_of,
        CASE WHEN bool_or(w.in_use) THEN true WHEN bool_or(w.option IS NULL AND w.in_use IS NULL AND w.start IS NOT NULL) THEN NULL ELSE false END AS in_use,
        list_sort(list_distinct(list(w.option))) AS on_list,
        min(w.start) FILTER (w.in_use) AS since, max(w.amount_per_day_max) FILTER (w.in_use) AS mg_per_day,
        bool_or(w.in_use AND w.amount_per_day_max IS NULL) AS dose_unknown
    FROM wanted w JOIN people p USING (person) LEFT JOIN knowledge.action_drugs t ON t.term = w.drug GROUP BY ALL
),
-- each gene's value by genotype (layer 0), today by checked rules (1), and today with the research rules too (2)
valued AS MATERIALIZED (
    SELECT person, drug, gene, layer, layer > 0 AS with_drugs,
        CASE WHEN is_today THEN score_with ELSE activity_score END AS score,
        CASE WHEN is_today THEN phenotype_with ELSE phenotype END AS phenotype,
        CASE WHEN is_today AND phenotype_with IS DISTINCT FROM phenotype THEN [phenotype_with] ELSE results END AS results,
        CASE WHEN is_today AND phenotype_with IS NOT NULL AND phenotype_with <> 'Indeterminate' THEN 'called'
             WHEN genotype_state = 'conflicting' THEN 'indeterminate' ELSE genotype_state END AS state,
        CASE WHEN NOT is_today THEN diplotypes ELSE [] END AS diplotypes, is_today AND is_research AS is_research, score_is_at_least,
        is_unchecked, clears_on,
        is_today AND phenotype_with IS NOT NULL AND (phenotype_with IS DISTINCT FROM phenotype OR score_with IS DISTINCT FROM activity_score) AS is_changed,
        CASE WHEN layer = 0 AND (genotype_state <> 'called' OR phenotype IS NULL) AND NOT is_marker
            THEN gene || ' ' || CASE WHEN needs_copy_number THEN 'needs its copy number' ELSE replace(genotype_state, '_', ' ') END END AS still_open
    FROM (
        SELECT *, layer = 2 OR layer = 1 AND NOT is_research AS is_today FROM (
        SELECT q.person, q.drug, g.gene, unnest(CASE WHEN bool_or(v.is_research) OVER (PARTITION BY q.person, q.drug) THEN [0, 1, 2] ELSE [0, 1] END) AS layer, v.score_with, v.phenotype_with, v.clears_on, v.is_research, p.activity_score,
            p.phenotype, p.results, p.state AS genotype_state, p.diplotypes, p.needs_copy_number, p.score_is_at_least, p.sureness = 'unchecked' AS is_unchecked,
            p.gene NOT IN (SELECT gene FROM knowledge.genes_shown WHERE scheme <> 'marker') AS is_marker
        FROM in_question q JOIN knowledge.drug_genes g USING (drug)
        JOIN phenotypes p ON p.person = q.person AND p.gene = g.gene
        LEFT JOIN converted own ON own.person = q.person AND own.gene = g.gene AND own.without_drug = q.drug
        JOIN converted v ON v.person = q.person AND v.gene = g.gene AND v.without_drug = coalesce(own.without_drug, '')
        )
    )
),
asked AS MATERIALIZED (
    SELECT q.person, q.drug, any_value(q.in_use) AS in_use, any_value(q.on_list) AS on_list, nullif(array_to_string(list_sort(list(v.still_open)), '; '), '') AS open_genes,
        list(CASE WHEN v.is_changed THEN v.gene END) AS changed_genes,
        CASE WHEN bool_and(v.clears_on IS NOT NULL OR NOT v.is_changed) THEN max(CASE WHEN v.is_changed THEN v.clears_on END) END AS clears_on
    FROM in_question q LEFT JOIN valued v USING (person, drug) GROUP BY q.person, q.drug
),
neuropathic AS (
    SELECT DISTINCT b.person FROM case_problem b JOIN knowledge.conditions c ON c.condition_id = b.condition
    WHERE c.mechanism LIKE '%neuropathic%' AND b.resolved IS NULL
),
candidates AS MATERIALIZED (
    SELECT q.person, q.drug, a.row_id, a.guideline, a.genes, a.first_row, a.population = 'general' AS is_general, a.decided_by, CASE a.decided_by
            WHEN 'always' THEN true
            WHEN 'neuropathic_low_dose' THEN CASE WHEN q.person NOT IN (SELECT person FROM case_problem) THEN NULL
                WHEN q.person NOT IN (SELECT person FROM neuropathic) THEN false
                WHEN q.dose_unknown THEN NULL ELSE coalesce(q.mg_per_day, 0) <= a.max_mg_per_day END
            WHEN 'taken_less_than' THEN CASE WHEN q.in_use AND q.since IS NULL OR q.in_use IS NULL THEN NULL
                ELSE coalesce(q.since + to_months(a.months::INTEGER) >= q.as_of, true) END
            WHEN 'taken_longer_than' THEN CASE WHEN q.in_use AND q.since IS NULL OR q.in_use IS NULL THEN NULL
                ELSE coalesce(q.since + to_months(a.months::INTEGER) < q.as_of, false) END
            WHEN 'indication' THEN NULL ELSE false END AS applies
    FROM in_question q JOIN knowledge.gene_actions a ON a.drug = q.drug
),
fits AS (
    SELECT c.person, c.drug, c.row_id, v.layer, t.side, bool_or(CASE t.kind
            WHEN 'any' THEN true
            WHEN 'no_result' THEN v.state IN ('not_tested', 'no_call')
            WHEN 'indeterminate' THEN v.state = 'indeterminate'
            WHEN 'score' THEN v.state = 'called' AND CASE WHEN v.score IS NULL THEN v.phenotype = t.phenotype
                ELSE (CASE WHEN t.low_is_above THEN v.score > t.low ELSE v.score >= t.low END) AND (t.high IS NULL OR v.score <= t.high AND NOT v.score_is_at_least) END
            WHEN 'phenotype' THEN v.state = 'called' AND list_contains(v.results, t.word)
            WHEN 'genotype' THEN v.state = 'called' AND list_contains(v.diplotypes, t.word) END) AS fit,
        bool_or(v.is_research) AS is_research, bool_or(v.is_unchecked AND t.kind = 'phenotype') AS is_unchecked, bool_or(v.is_changed) AS is_changed
    FROM candidates c JOIN knowledge.action_tests t ON t.row_id = c.row_id
    JOIN valued v ON v.person = c.person AND v.drug = c.drug AND v.gene = t.gene
    WHERE c.applies IS NOT false GROUP BY c.person, c.drug, c.row_id, v.layer, t.side
),
chosen AS MATERIALIZED (
    -- a row that holds today without the research rule needs no research
    SELECT c.*, f.layer, f.layer > 0 AS with_drugs, f.is_research, f.is_unchecked
    FROM candidates c JOIN (
        SELECT person, drug, row_id, layer, bool_or(is_research) AS is_research, bool_or(is_unchecked) AS is_unchecked
        FROM fits GROUP BY person, drug, row_id, layer
        HAVING bool_and(coalesce(fit, false)) AND (layer = 0 OR bool_or(is_changed))
        QUALIFY layer = 0 OR layer = min(layer) FILTER (layer > 0) OVER (PARTITION BY person, drug, row_id)
    ) f USING (person, drug, row_id)
),
-- a row for the person's own situation replaces the general one of its guideline
told AS MATERIALIZED (
    SELECT person, drug, row_id AS told_row, with_drugs, is_research, is_unchecked
    FROM chosen c ANTI JOIN (SELECT person, drug, guideline, layer, true AS is_general FROM chosen WHERE NOT is_general AND applies) o
        USING (person, drug, guideline, layer, is_general)
    UNION ALL
    -- an FDA table names only the results it warns about, so silence there is no statement
    SELECT DISTINCT c.person, c.drug, c.first_row || ' none', false, false, false
    FROM candidates c LEFT JOIN (SELECT person, drug, guideline, flatten(list(genes)) AS genes FROM chosen GROUP BY person, drug, guideline) x USING (person, drug, guideline)
    WHERE c.decided_by <> 'on_request' AND c.guideline IN ('CPIC', 'DPWG') AND list_has_any(x.genes, c.genes) IS NOT true
)
SELECT c.person, c.drug, q.in_use, coalesce(q.on_list, []) AS on_list, a.genes, a.guideline, a.population, a.action_code, a.if_used_anyway, a.monitor, a.condition,
    a.strength, a.severity_0_6, c.with_drugs, CASE WHEN c.is_research OR c.is_unchecked THEN 'unchecked' ELSE a.sureness END AS sureness, a.source,
    a.row_id, a.meaning, a.mechanism, q.open_genes, a.note, a.guideline_order, c.is_research,
    -- today: with the present medicines; later: when they have gone; both: they change nothing for this drug
    CASE WHEN a.row_id IS NULL OR list_has_any(q.changed_genes, a.genes) IS NOT true THEN 'both' WHEN c.with_drugs THEN 'today' ELSE 'later' END AS speaks,
    CASE WHEN a.row_id IS NOT NULL AND list_has_any(q.changed_genes, a.genes) THEN q.clears_on END AS clears_on
FROM told c JOIN knowledge.gene_actions_told a USING (told_row) JOIN asked q ON q.person = c.person AND q.drug = c.drug;
