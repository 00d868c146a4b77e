-- What is each gene's result, from everything that was recorded about it?
-- Reads case_genotype_call, people, written_results, knowledge.score_bands, phenotype_words, phenotype_spellings, genes_shown, risk_results,
-- risk_variants.
-- Makes gene_results (one row per person and gene that has a row) and asked_genes (whom the next step gives a row).
-- A normal phenotype is withheld while a position was not tested, and always from an array. Two results that disagree in
-- phenotype or score conflict. A called row counts before one that could not be called. A single position (an rsID with its
-- bases) of a gene that has alleles names no pair of them: open, unless it is itself a listed risk variant (RYR1, CACNA1S).
CREATE OR REPLACE TEMP TABLE gene_results AS
WITH told AS (
    SELECT c.*, g.scheme, coalesce(c.diplotype, c.alleles) AS bases,
        c.rsid IS NOT NULL AND g.scheme <> 'marker' AND coalesce(regexp_full_match(upper(coalesce(c.diplotype, c.alleles)), '[ACGTDI-]+( *[/|] *[ACGTDI-]+)?'), false) AS is_lone
    FROM case_genotype_call c JOIN knowledge.genes_shown g USING (gene)
),
judged AS (
    SELECT c.*, v.allele AS risk_allele, w.diplotypes AS labels, w.at_least, w.hla_results,
        -- the copies that were counted are not those that the diplotype names: one allele is multiplied or absent, and nobody said which
        coalesce(try_cast(regexp_extract(trim(c.copy_number), '[0-9]+') AS INTEGER), -1) <> w.copies AND trim(c.copy_number) <> '' AS is_miscounted,
        w.is_open OR coalesce(is_miscounted, false) AS is_shut, w.needs_copy_number OR coalesce(is_miscounted, false) AS needs_copy_number,
        CASE WHEN is_miscounted THEN 'the report gives a copy number of ' || trim(c.copy_number) || ' and ' || c.diplotype || ' names ' || w.copies
            || ', so which allele is multiplied or absent is not known; ask the laboratory' ELSE w.reason END AS reason,
        coalesce(w.sureness, 'read') AS rule_sureness,
        r.phenotype AS reported, c.method ILIKE 'outside%' AS is_outside,
        CASE WHEN c.is_lone THEN k.result WHEN is_shut THEN NULL WHEN c.diplotype IS NOT NULL THEN w.phenotype ELSE coalesce(r.phenotype, b.result) END AS by_tables,
        CASE WHEN is_shut THEN NULL WHEN c.diplotype IS NOT NULL THEN w.score ELSE c.activity_score_reported::DECIMAL(9, 4) END AS by_score
    FROM told c
    LEFT JOIN written_results w ON w.gene = c.gene AND w.written = CASE WHEN c.rsid IS NULL OR NOT c.is_lone AND c.scheme <> 'marker' THEN c.diplotype END
    LEFT JOIN knowledge.risk_variants v ON c.is_lone AND v.gene = c.gene AND v.rsid = lower(c.rsid) AND list_contains(string_split_regex(upper(c.bases), ' *[/|] *'), v.base)
    LEFT JOIN knowledge.risk_results k ON k.gene = v.gene AND k.has_risk_variant
    -- "CYP2D6 Poor metaboliser (PM)" is read like "Poor Metabolizer"
    LEFT JOIN knowledge.phenotype_spellings r ON r.spelling = regexp_replace(regexp_replace(lower(trim(c.phenotype_reported)), '^(cyp\w+)\s+|\s*\([a-z]{2,3}\)$', '', 'g'), 'metaboliser', 'metabolizer')
    LEFT JOIN knowledge.score_bands b ON b.gene = c.gene AND b.from_score <= CASE WHEN c.diplotype IS NULL THEN c.activity_score_reported::DECIMAL(9, 4) END
        AND b.below_score > CASE WHEN c.diplotype IS NULL THEN c.activity_score_reported::DECIMAL(9, 4) END
),
compared AS (
    SELECT *, scheme = 'marker' AND rsid IS NOT NULL AS is_marker, array_to_string(list_sort(string_split_regex(upper(bases), ' *[/|] *')), '/') AS pair,
        scheme <> 'marker' AND NOT is_lone AND state = 'called' AND reported <> by_tables AND diplotype IS NOT NULL AS differs FROM judged
),
settled AS (
    SELECT c.* EXCLUDE (state), w.is_normal = 'yes' AS is_normal, c.method ILIKE 'array%' AS is_array,
        -- A/G and G/A are one reading, written the first way
        CASE WHEN c.is_marker THEN first_value(c.bases) OVER (PARTITION BY c.person, c.gene, c.rsid, c.pair ORDER BY c.date, c.bases DESC) ELSE c.bases END AS bases_once,
        CASE WHEN c.differs AND c.is_outside THEN c.reported ELSE c.by_tables END AS phenotype,
        CASE WHEN c.differs THEN c.activity_score_reported::DECIMAL(9, 4) ELSE c.by_score END AS score,
        CASE
            WHEN c.state <> 'called' THEN c.state
            WHEN c.scheme = 'marker' THEN 'called'
            WHEN c.is_lone THEN CASE WHEN c.risk_allele IS NULL THEN 'indeterminate' ELSE 'called' END
            WHEN c.diplotype IS NULL AND c.activity_score_reported IS NULL AND c.phenotype_reported IS NULL THEN 'no_call'
            WHEN c.differs AND NOT c.is_outside THEN 'conflicting'
            WHEN coalesce(CASE WHEN c.differs THEN c.reported END, c.by_tables, 'Indeterminate') = 'Indeterminate' THEN 'indeterminate'
            WHEN w.is_normal = 'yes' AND (len(c.positions_missing) > 0 OR c.method ILIKE 'array%') THEN 'indeterminate'
            ELSE 'called' END AS state
    FROM compared c LEFT JOIN knowledge.phenotype_words w
        ON w.phenotype = CASE WHEN c.differs AND c.is_outside THEN c.reported ELSE c.by_tables END
),
worded AS (
    SELECT * REPLACE (
            CASE WHEN state = 'called' OR phenotype = 'Indeterminate' AND state = 'indeterminate' THEN phenotype END AS phenotype,
            CASE WHEN state = 'called' THEN score END AS score,
            coalesce(labels, CASE WHEN rsid IS NOT NULL AND bases IS NOT NULL THEN [rsid || ' ' || bases_once] WHEN diplotype IS NOT NULL THEN [diplotype] ELSE [] END) AS labels),
        -- what the alleles that fit have by the tables, were every untested position reference: beside the phenotype, never it
        CASE WHEN state IN ('called', 'indeterminate') AND is_array IS NOT TRUE THEN phenotype END AS phenotype_if,
        list_position(['called', 'conflicting', 'indeterminate', 'no_call', 'not_tested'], state) AS rank,
        nullif(concat_ws('. ',
            CASE WHEN state = 'indeterminate' AND is_normal THEN phenotype || ' only if what was not tested carries no variant'
                || CASE WHEN is_array THEN '; an array tests too few positions to say so' ELSE '' END END,
            CASE WHEN len(positions_missing) > 0 THEN 'not tested: ' || array_to_string(positions_missing[:8], ', ')
                || CASE WHEN len(positions_missing) > 8 THEN ' and ' || (len(positions_missing) - 8) || ' more' ELSE '' END
                || CASE WHEN len(alleles_not_excluded) > 0 THEN '; not excluded: ' || array_to_string(alleles_not_excluded[:8], ', ')
                || CASE WHEN len(alleles_not_excluded) > 8 THEN ' and ' || (len(alleles_not_excluded) - 8) || ' more' ELSE '' END ELSE '' END END,
            CASE WHEN scheme <> 'marker' THEN reason END,
            CASE WHEN risk_allele IS NOT NULL THEN rsid || ' ' || bases || ' carries ' || risk_allele || ', a listed risk variant; no other position of the gene is told by it'
                 WHEN is_lone AND state = 'indeterminate' THEN rsid || ' ' || bases || ' is a single position; it names no pair of alleles and leaves every other position open' END,
            CASE WHEN at_least AND state = 'called' AND score IS NOT NULL THEN 'the score is at least ' || score::DOUBLE END,
            CASE WHEN differs THEN 'the report says ' || reported || ', the tables give ' || by_tables || ' for ' || diplotype
                || CASE WHEN is_outside THEN '; the reported phenotype is used' ELSE '; activity values changed in 2022-2023, so an old report may differ' END END,
            CASE WHEN rule_sureness = 'unchecked' AND phenotype IS NOT NULL THEN 'the rule behind this phenotype is from a dated copy and was not checked' END,
            CASE WHEN reported IS NULL AND trim(phenotype_reported) <> '' AND NOT is_lone AND scheme IN ('activity_score', 'function_pair')
                THEN 'the report says "' || trim(phenotype_reported) || '", which is not a phenotype of the tables and is not used' END,
            CASE WHEN is_lone AND phenotype_reported IS NOT NULL THEN 'the report says ' || phenotype_reported || ' of it' END,
            CASE WHEN note IS DISTINCT FROM reason THEN note END), '') AS say,
        -- the same without what was said about this one text (for tables of many texts with one outcome)
        nullif(concat_ws('. ',
            CASE WHEN at_least AND state = 'called' AND score IS NOT NULL THEN 'the score is at least ' || score::DOUBLE END,
            CASE WHEN rule_sureness = 'unchecked' AND phenotype IS NOT NULL THEN 'the rule behind this phenotype is from a dated copy and was not checked' END), '') AS say_besides
    FROM settled
),
best AS (
    SELECT *, min(rank) OVER (PARTITION BY person, gene) AS best_rank FROM worded
),
-- min and max instead of DISTINCT: each DISTINCT costs a table of its own
merged AS (
    SELECT person, gene, scheme, min(rank) AS rank,
        scheme <> 'marker' AND (min(phenotype) <> max(phenotype) OR min(score) <> max(score) OR min(hla_results) <> max(hla_results)) IS TRUE
            -- one marker read twice with other bases (in any order of the two)
            OR scheme = 'marker' AND min(rank) = 1 AND count(DISTINCT concat(rsid, ' ', pair)) > count(DISTINCT concat(rsid, '')) AS disagree,
        list_distinct(flatten(list(labels))) AS diplotypes,
        list_sort(list_distinct(list(concat(coalesce(nullif(array_to_string(labels, ' or '), ''), phenotype, score::DOUBLE::VARCHAR),
            ' (' || nullif(concat_ws(', ', laboratory, date::VARCHAR), '') || ')')))) AS results_told, max(copy_number) AS copy_number,
        max(score) AS activity_score, CASE WHEN count(score) = count(*) THEN min(score) END AS lowest_score, bool_or(at_least) IS TRUE AS at_least, max(phenotype) AS phenotype,
        CASE WHEN min(phenotype_if) = max(phenotype_if) THEN max(phenotype_if) END AS phenotype_if,
        max(hla_results) AS hla_results, bool_or(needs_copy_number) IS TRUE AS needs_copy_number,
        list_distinct(flatten(list(coalesce(positions_tested, [])))) AS positions_tested,
        list_distinct(flatten(list(coalesce(positions_missing, [])))) AS positions_missing,
        list_distinct(flatten(list(coalesce(alleles_not_excluded, [])))) AS alleles_not_excluded,
        bool_or(positions_tested IS NOT NULL) AS positions_known,
        nullif(array_to_string(list_sort(list_distinct(list(say))), '. '), '') AS note, max(say_besides) AS note_besides,
        nullif(array_to_string(list_sort(list_distinct(list(method))), ', '), '') AS method, max(date) AS date, max(rule_sureness) AS sureness
    FROM best WHERE rank = best_rank GROUP BY person, gene, scheme
)
SELECT person, gene, scheme,
    CASE WHEN disagree THEN 'conflicting' ELSE ['called', 'conflicting', 'indeterminate', 'no_call', 'not_tested'][rank] END AS state,
    list_sort(diplotypes) AS diplotypes, copy_number,
    CASE WHEN NOT disagree THEN activity_score END AS activity_score,
    -- the ends of what the results say, where they disagree: today they may still agree
    CASE WHEN disagree AND NOT at_least THEN lowest_score END AS lowest_score, CASE WHEN disagree THEN activity_score END AS highest_score, at_least,
    CASE WHEN NOT disagree THEN phenotype END AS phenotype,
    CASE WHEN NOT disagree THEN phenotype_if END AS phenotype_if_untested_are_reference,
    CASE WHEN disagree THEN [] WHEN hla_results IS NOT NULL THEN hla_results WHEN phenotype IS NOT NULL THEN [phenotype] ELSE [] END AS results,
    needs_copy_number, CASE WHEN positions_known THEN list_sort(positions_tested) END AS positions_tested,
    list_sort(positions_missing) AS positions_missing, alleles_not_excluded,
    concat_ws('. ', CASE WHEN disagree THEN 'two results disagree: ' || array_to_string(results_told, ' and ') || '; neither is used' END, note) AS note,
    note_besides, method, date, sureness
FROM merged;

CREATE OR REPLACE TEMP TABLE asked_genes AS
SELECT p.person, g.gene FROM people p CROSS JOIN knowledge.genes_shown g;
