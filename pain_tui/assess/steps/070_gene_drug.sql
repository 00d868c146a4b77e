-- What does each guideline say about each drug in question, for these genes, today and without the interacting drugs?
-- Reads medications, options, case_asked, phenotypes, converted, people, case_problem, knowledge.gene_actions, action_tests.
-- Makes gene_drug: per drug and guideline row that fits. with_drugs: the row rests on today's (converted) phenotype and that
-- one differs from the genotype's. A drug never converts its own advice. CPIC first; DPWG and FDA beside it.
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
named AS (
    SELECT w.*, coalesce(t.drug, w.drug) AS action_drug FROM wanted w LEFT JOIN knowledge.action_drugs t ON t.term = w.drug
),
in_question AS (
    SELECT w.person, w.action_drug AS drug, min(p.as_of) AS as_of,
        CASE WHEN bool_or(w.in_use) THEN true WHEN count(*) FILTER (w.option IS NULL AND w.in_use IS NULL AND w.start IS NOT NULL) > 0 THEN NULL ELSE false END AS in_use,
        list(DISTINCT w.option ORDER BY w.option) FILTER (w.option IS NOT NULL) AS on_list,
        min(w.start) FILTER (w.in_use) AS since, max(w.amount_per_day_max) FILTER (w.in_use) AS mg_per_day,
        bool_or(w.in_use AND w.amount_per_day_max IS NULL) AS dose_unknown
    FROM named w JOIN people p USING (person) GROUP BY w.person, w.action_drug
),
neuropathic AS (
    SELECT DISTINCT b.person FROM case_problem b JOIN knowledge.conditions c ON c.condition_id = b.condition
    WHERE c.mechanism LIKE '%neuropathic%' AND b.resolved IS NULL
),
candidates AS (
    SELECT q.*, a.* EXCLUDE (drug), CASE a.decided_by
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
-- each gene's value twice: by genotype, and today
looked_at AS (
    SELECT DISTINCT c.person, c.drug, t.gene FROM candidates c JOIN knowledge.action_tests t USING (row_id)
),
valued AS (
    SELECT l.person, l.drug, l.gene, s.with_drugs,
        CASE WHEN s.with_drugs THEN v.score_with ELSE p.activity_score END AS score,
        CASE WHEN s.with_drugs THEN v.phenotype_with ELSE p.phenotype END AS phenotype,
        CASE WHEN s.with_drugs AND v.phenotype_with IS DISTINCT FROM p.phenotype THEN [v.phenotype_with] ELSE p.results END AS results,
        CASE WHEN s.with_drugs AND v.phenotype_with IS NOT NULL AND v.phenotype_with <> 'Indeterminate' THEN 'called'
             WHEN p.state = 'conflicting' THEN 'indeterminate' ELSE p.state END AS state,
        CASE WHEN NOT s.with_drugs THEN p.diplotypes ELSE [] END AS diplotypes,
        p.state AS genotype_state, p.needs_copy_number, s.with_drugs AND v.is_research AS is_research, p.score_is_at_least,
        p.sureness AS phenotype_sureness, v.clears_on,
        v.phenotype_with IS NOT NULL AND (v.phenotype_with IS DISTINCT FROM p.phenotype OR v.score_with IS DISTINCT FROM p.activity_score) AS is_changed
    FROM looked_at l
    JOIN phenotypes p ON p.person = l.person AND p.gene = l.gene
    JOIN (SELECT DISTINCT person, gene, without_drug FROM converted) k ON k.person = l.person AND k.gene = l.gene
        AND k.without_drug = CASE WHEN l.drug IN (SELECT without_drug FROM converted x WHERE x.person = l.person AND x.gene = l.gene) THEN l.drug ELSE '' END
    JOIN converted v ON v.person = k.person AND v.gene = k.gene AND v.without_drug = k.without_drug
    CROSS JOIN (VALUES (false), (true)) s(with_drugs)
),
changed AS (
    SELECT person, drug, list(gene) AS genes, CASE WHEN bool_and(clears_on IS NOT NULL) THEN max(clears_on) END AS clears_on
    FROM valued WHERE with_drugs AND is_changed GROUP BY person, drug
),
fits AS (
    SELECT c.person, c.row_id, s.with_drugs, t.side, bool_or(CASE t.kind
            WHEN 'any' THEN true
            WHEN 'no_result' THEN v.state IN ('not_tested', 'no_call')
            WHEN 'indeterminate' THEN v.state = 'indeterminate'
            WHEN 'score' THEN v.state = 'called' AND CASE WHEN v.score IS NULL THEN v.phenotype = t.phenotype
                ELSE (CASE WHEN t.low_is_above THEN v.score > t.low ELSE v.score >= t.low END) AND (t.high IS NULL OR v.score <= t.high AND NOT v.score_is_at_least) END
            WHEN 'phenotype' THEN v.state = 'called' AND list_contains(v.results, t.word)
            WHEN 'genotype' THEN v.state = 'called' AND list_contains(v.diplotypes, t.word) END) AS fit,
        bool_or(v.is_research) AS is_research, bool_or(v.phenotype_sureness = 'unchecked' AND t.kind = 'phenotype') AS is_unchecked,
        bool_or(v.is_changed AND s.with_drugs) AS is_changed
    FROM candidates c CROSS JOIN (VALUES (false), (true)) s(with_drugs)
    JOIN knowledge.action_tests t ON t.row_id = c.row_id
    JOIN valued v ON v.person = c.person AND v.drug = c.drug AND v.gene = t.gene AND v.with_drugs = s.with_drugs
    WHERE c.applies IS NOT false GROUP BY c.person, c.row_id, s.with_drugs, t.side
),
fitting AS (
    SELECT person, row_id, with_drugs, bool_or(is_research) AS is_research, bool_or(is_unchecked) AS is_unchecked
    FROM fits GROUP BY person, row_id, with_drugs
    HAVING bool_and(coalesce(fit, false)) AND (NOT with_drugs OR bool_or(is_changed))
),
chosen AS (
    SELECT c.*, f.with_drugs, f.is_research, f.is_unchecked,
        bool_or(c.population <> 'general' AND c.applies) OVER (PARTITION BY c.person, c.drug, c.guideline, f.with_drugs) AS has_own_row
    FROM candidates c JOIN fitting f ON f.person = c.person AND f.row_id = c.row_id
),
open_genes AS (
    SELECT v.person, v.drug, string_agg(v.gene || ' ' || CASE WHEN v.needs_copy_number THEN 'needs its copy number'
        ELSE replace(v.genotype_state, '_', ' ') END, '; ' ORDER BY v.gene) AS why
    FROM valued v WHERE NOT v.with_drugs AND (v.genotype_state <> 'called' OR v.phenotype IS NULL)
      AND v.gene IN (SELECT gene FROM knowledge.genes_shown WHERE scheme <> 'marker') GROUP BY v.person, v.drug
)
SELECT c.person, c.drug, c.in_use, coalesce(c.on_list, []) AS on_list, c.genes, c.guideline, c.population, c.action_code, c.if_used_anyway,
    c.monitor, nullif(concat_ws('; ', c.population_label, c.condition), '') AS condition, c.strength, c.severity_0_6, c.with_drugs,
    CASE WHEN c.is_research OR c.is_unchecked THEN 'unchecked' ELSE c.sureness END AS sureness, c.source, c.row_id,
    c.meaning, c.mechanism, o.why AS open_genes, c.note, c.guideline_order, c.is_research,
    -- today: with the present medicines; later: when they have gone; both: they change nothing for this drug
    CASE WHEN h.person IS NULL THEN 'both' WHEN c.with_drugs THEN 'today' ELSE 'later' END AS speaks, h.clears_on
FROM chosen c LEFT JOIN open_genes o ON o.person = c.person AND o.drug = c.drug
LEFT JOIN changed h ON h.person = c.person AND h.drug = c.drug AND list_has_any(h.genes, c.genes)
WHERE c.population <> 'general' OR NOT c.has_own_row
UNION ALL
SELECT DISTINCT c.person, c.drug, c.in_use, coalesce(c.on_list, []), c.genes, c.guideline, 'general', NULL, NULL,
    NULL, NULL, NULL, NULL::BIGINT, false, 'read', c.source, NULL,
    NULL, 'no row of this guideline fits', o.why, NULL, c.guideline_order, false, 'both', NULL
FROM candidates c LEFT JOIN open_genes o ON o.person = c.person AND o.drug = c.drug
-- an FDA table names only the results it warns about, so silence there is no statement
WHERE c.decided_by <> 'on_request' AND c.guideline IN ('CPIC', 'DPWG') AND NOT EXISTS (
    SELECT 1 FROM chosen x WHERE x.person = c.person AND x.drug = c.drug AND x.guideline = c.guideline AND list_has_any(x.genes, c.genes));
