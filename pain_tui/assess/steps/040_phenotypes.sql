-- What is each gene's phenotype by genotype, what is it today with the present medicines, and until when?
-- Reads asked_genes, medication_list, gene_results, modulators, knowledge.genes_shown, gene_bands, phenotype_words.
-- Makes converted (also once without each modulating drug, so that no drug converts its own advice) and phenotypes.
-- CYP2D6: CPIC, strong inhibitor x 0 whatever the genotype, moderate x 0.5. CYP2C19: research rule by steps, marked
-- unchecked. CYP2B6, CYP2C9, CYP3A4: no rule gives a phenotype, so there is none with such a drug. Both are always kept.
-- A medicine of which nobody knows whether it is taken leaves today's phenotype open, and so does a list not stated complete.
CREATE OR REPLACE TEMP TABLE converted AS
WITH asked AS (
    SELECT person, gene, '' AS without_drug FROM asked_genes
    UNION ALL
    SELECT DISTINCT m.person, m.enzyme, m.drug FROM modulators m SEMI JOIN asked_genes a ON a.person = m.person AND a.gene = m.enzyme
    WHERE m.active IS NOT false
),
-- only where a drug acts on the enzyme; for every other gene all of this is NULL
acting AS (
    SELECT a.person, a.gene, a.without_drug,
        list_sort(list({'drug': m.drug, 'strength': m.strength}) FILTER (m.effect = 'inhibitor' AND m.active)) AS inhibitors,
        list_sort(list(m.drug) FILTER (m.effect = 'inducer' AND m.active)) AS inducers,
        list_sort(list(m.drug) FILTER (m.active IS NULL AND m.strength <> 'weak')) AS unsure,
        list_sort(list(m.drug) FILTER (m.active AND m.sureness = 'unchecked')) AS unchecked_drugs,
        -- the strongest counts; two moderate inhibitors are not multiplied
        min(CASE WHEN m.active AND m.operation = 'multiply activity score' AND m.sureness <> 'unchecked' THEN m.factor END) AS factor,
        bool_or(m.operation = 'treat as poor metaboliser' AND m.active) AS to_poor,
        bool_or(m.operation = 'lower phenotype by one step' AND m.active) AS step_down,
        bool_or(m.operation = 'raise phenotype by one step' AND m.active) AS step_up,
        bool_or(m.operation IN ('warn only', 'drug-interaction warning, not phenoconversion') AND m.active AND m.strength <> 'weak') AS no_rule,
        CASE WHEN bool_or(m.active AND m.clears_on IS NULL AND m.strength <> 'weak') THEN NULL ELSE max(CASE WHEN m.active AND m.strength <> 'weak' THEN m.clears_on END) END AS clears_on,
        string_agg(m.drug || ': ' || m.strength_other_source, '; ' ORDER BY m.drug) FILTER (m.active AND m.strength_other_source IS NOT NULL) AS other_strength
    FROM asked a JOIN modulators m ON m.person = a.person AND m.enzyme = a.gene AND m.drug <> a.without_drug
    GROUP BY a.person, a.gene, a.without_drug
),
known AS (
    SELECT a.person, a.gene, a.without_drug, x.* EXCLUDE (person, gene, without_drug), r.state, r.phenotype, r.activity_score, r.at_least, l.complete AS list_complete,
        w.step_down AS one_down, w.step_up AS one_up, (r.activity_score * x.factor)::DECIMAL(9, 4) AS score_with, g.bands,
        (r.lowest_score * coalesce(x.factor, 1))::DECIMAL(9, 4) AS lowest_with, (r.highest_score * coalesce(x.factor, 1))::DECIMAL(9, 4) AS highest_with,
        -- unknown only where a result could still be changed by it
        coalesce(x.factor <> 0, true) AND NOT coalesce(x.to_poor, false) AND (x.unsure IS NOT NULL
            OR NOT coalesce(l.complete, false) AND x.inhibitors IS NULL AND x.inducers IS NULL AND g.is_modulated) AS is_open
    FROM asked a JOIN knowledge.gene_bands g USING (gene)
    LEFT JOIN acting x USING (person, gene, without_drug)
    LEFT JOIN gene_results r USING (person, gene)
    LEFT JOIN medication_list l USING (person)
    LEFT JOIN knowledge.phenotype_words w ON w.phenotype = r.phenotype
),
scored AS (
    SELECT * EXCLUDE (bands, fitting, lowest, highest), fitting.result AS band, fitting.is_top AS is_top_band,
        -- two results that disagree and still give one phenotype with the present medicines
        CASE WHEN lowest.result = highest.result THEN lowest.result END AS agreed
    FROM (SELECT *, list_filter(bands, lambda b: b.from_score <= score_with AND b.below_score > score_with)[1] AS fitting,
        list_filter(bands, lambda b: b.from_score <= lowest_with AND b.below_score > lowest_with)[1] AS lowest,
        list_filter(bands, lambda b: b.from_score <= highest_with AND b.below_score > highest_with)[1] AS highest FROM known)
)
SELECT person, gene, without_drug, coalesce(inhibitors, []) AS inhibitors, coalesce(inducers, []) AS inducers,
    CASE WHEN factor = 0 THEN 0 WHEN is_open THEN NULL WHEN factor IS NOT NULL THEN score_with
         WHEN no_rule OR to_poor OR step_down OR step_up THEN NULL ELSE activity_score END AS score_with,
    CASE WHEN factor = 0 THEN 'Poor Metabolizer'
         WHEN is_open OR no_rule THEN NULL
         WHEN agreed IS NOT NULL THEN agreed
         WHEN factor IS NOT NULL THEN CASE WHEN phenotype = 'Indeterminate' THEN 'Indeterminate' WHEN NOT at_least OR is_top_band THEN band END
         WHEN to_poor THEN CASE WHEN phenotype <> 'Indeterminate' THEN 'Poor Metabolizer' END
         WHEN step_down THEN one_down WHEN step_up THEN one_up ELSE phenotype END AS phenotype_with,
    CASE WHEN factor = 0 OR NOT is_open THEN clears_on END AS clears_on,
    -- rests on a rule that is research or our own design
    coalesce(to_poor OR step_down OR step_up, false) AND factor IS NULL AS is_research,
    nullif(concat_ws('. ',
        CASE WHEN factor = 0 AND phenotype IS DISTINCT FROM 'Poor Metabolizer' THEN 'poor today because of the inhibitor'
            || CASE WHEN phenotype IS NULL OR phenotype = 'Indeterminate' THEN ', whatever the genotype (which is ' || replace(coalesce(state, 'not_tested'), '_', ' ') || ')' ELSE '' END END,
        CASE WHEN agreed IS NOT NULL AND factor IS DISTINCT FROM 0 AND NOT is_open AND no_rule IS NOT TRUE THEN 'either result gives ' || agreed || ' today' END,
        CASE WHEN len(unsure) > 0 AND is_open THEN 'not known whether ' || array_to_string(unsure, ', ') || ' still acts, so the phenotype today is open'
             WHEN is_open THEN 'the medicine list is not stated complete, so the phenotype today is open' END,
        CASE WHEN factor > 0 AND factor < 1 AND at_least AND NOT coalesce(is_top_band, false) THEN 'with the inhibitor the score is at least ' || score_with::DOUBLE || ', so more than one phenotype is possible' END,
        CASE WHEN no_rule THEN 'a present drug changes this enzyme, and no rule gives a phenotype for it' END,
        CASE WHEN (to_poor OR step_down OR step_up) AND factor IS NULL THEN 'with drugs: a research rule, not a CPIC rule' END,
        CASE WHEN NOT list_complete AND NOT is_open AND factor > 0 THEN 'the medicine list is not stated complete, so a stronger inhibitor is not excluded' END,
        CASE WHEN len(inducers) > 0 THEN 'inducer: ' || array_to_string(inducers, ', ') END,
        CASE WHEN len(unchecked_drugs) > 0 THEN 'strength not checked' || CASE WHEN is_open IS NOT TRUE AND (no_rule OR to_poor OR step_down OR step_up) THEN '' ELSE ', so not used' END || ': ' || array_to_string(unchecked_drugs, ', ') END,
        CASE WHEN other_strength IS NOT NULL THEN 'other sources differ: ' || other_strength END), '') AS say
FROM scored;

CREATE OR REPLACE TEMP TABLE phenotypes AS
SELECT p.person, p.gene, coalesce(r.state, 'not_tested') AS state, coalesce(r.diplotypes, []) AS diplotypes, r.copy_number,
    r.activity_score, r.phenotype, c.score_with AS activity_score_with_drugs, c.phenotype_with AS phenotype_with_drugs,
    c.inhibitors, c.clears_on, r.positions_tested, coalesce(r.positions_missing, []) AS positions_missing,
    coalesce(r.alleles_not_excluded, []) AS alleles_not_excluded,
    nullif(concat_ws('. ', CASE WHEN r.gene IS NULL THEN 'not tested' END, nullif(r.note, ''), c.say), '') AS note,
    r.method, r.date, coalesce(r.sureness, 'read') AS sureness, c.is_research AS with_drugs_is_research,
    coalesce(r.at_least, false) AS score_is_at_least, coalesce(r.results, []) AS results, coalesce(r.needs_copy_number, false) AS needs_copy_number,
    g.position, nullif(r.note, '') AS genotype_note, r.note_besides, r.phenotype_if_untested_are_reference
FROM asked_genes p JOIN knowledge.genes_shown g USING (gene)
LEFT JOIN gene_results r ON r.person = p.person AND r.gene = g.gene
LEFT JOIN converted c ON c.person = p.person AND c.gene = g.gene AND c.without_drug = '';
