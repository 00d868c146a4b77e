-- What does each written diplotype mean: which score, which phenotype, and why there may be none?
-- Reads written_diplotypes, written_answers and written_units (each text and each haplotype once), knowledge.allele_values, score_bands,
-- function_results, gene_deletions, risk_results, hla_results, genes_shown. Makes read_results, one row per gene and text.
-- Scores are DECIMAL. A tandem is the sum of its copies; an allele xN with N known is N times its value; a value that the
-- tables list for a structure goes before arithmetic. One allele without a value leaves the whole score without one.
-- Sources: CPIC and ClinPGx tables in knowledge/clinpgx.
CREATE OR REPLACE TEMP TABLE read_results AS
WITH haplotypes AS (
    SELECT u.gene, u.haplotype,
        CASE WHEN any_value(h.gene) IS NOT NULL THEN any_value(h.value)
             WHEN bool_and(coalesce(l.gene, a.gene) IS NOT NULL)
             THEN sum(CASE WHEN l.gene IS NOT NULL THEN l.value ELSE a.value * u.copies END) * CASE WHEN bool_and(
                 CASE WHEN l.gene IS NOT NULL THEN l.value ELSE a.value * u.copies END IS NOT NULL) THEN 1 END END AS value,
        coalesce(CASE WHEN any_value(h.gene) IS NOT NULL THEN bool_or(h.at_least)
             ELSE bool_or(u.at_least AND coalesce(l.value, a.value) > 0) END, false) AS at_least,
        CASE WHEN count(*) = 1 THEN any_value(coalesce(l.clinical_function, CASE WHEN u.copies = 1 THEN a.clinical_function END))
             ELSE any_value(h.clinical_function) END AS function,
        coalesce(list(u.allele) FILTER (a.gene IS NULL AND l.gene IS NULL AND h.gene IS NULL), []) AS unknown_alleles,
        coalesce(list(u.unit_label) FILTER (u.copies IS NULL AND d.gene IS NULL), []) AS uncounted,
        -- a deleted gene has no copies to count and no neighbour on its chromosome: what was meant is not known
        CASE WHEN bool_or(d.gene IS NOT NULL) AND (count(*) > 1 OR bool_or(u.copies IS DISTINCT FROM 1 OR u.at_least))
             THEN any_value(u.label || ': ' || d.allele || ' is ' || d.say || ', so it is neither multiplied nor in tandem; ask the laboratory what was meant') END AS impossible,
        coalesce(list(u.allele) FILTER (u.unconfirmed), []) AS unconfirmed,
        coalesce(list(u.unit_label || ' (' || lower(coalesce(l.clinical_function, a.clinical_function)) || ')')
            FILTER (coalesce(l.gene, a.gene) IS NOT NULL AND CASE WHEN l.gene IS NOT NULL THEN l.value ELSE a.value END IS NULL AND u.copies IS NOT NULL), []) AS unvalued,
        list(u.allele) AS alleles,
        -- gene copies on this chromosome, where they can be counted: a deleted gene has none, and what a hybrid counts for is not known
        CASE WHEN u.gene IN (SELECT gene FROM knowledge.gene_deletions) AND count(*) = 1 AND NOT bool_or(u.at_least) THEN any_value(CASE WHEN d.gene IS NOT NULL THEN 0 ELSE u.copies END) END AS copies
    FROM written_units u
    LEFT JOIN knowledge.allele_values a ON a.gene = u.gene AND a.allele = u.allele
    LEFT JOIN knowledge.gene_deletions d ON d.gene = u.gene AND d.allele = u.allele
    LEFT JOIN knowledge.listed_structures l ON l.gene = u.gene AND l.allele = u.unit_label
    LEFT JOIN knowledge.listed_structures h ON h.gene = u.gene AND h.allele = u.label
    GROUP BY u.gene, u.haplotype
),
pairs AS (
    SELECT w.gene, w.written, w.answer, w.label, g.scheme, g.x_linked = 'yes' AS x_linked, CASE WHEN w.side_2 IS NULL THEN 1 ELSE 2 END AS n_sides,
        coalesce(x.impossible, y.impossible) AS impossible,
        CASE WHEN g.scheme = 'activity_score' AND coalesce(x.impossible, y.impossible) IS NULL THEN (x.value + y.value)::DECIMAL(9, 4) END AS score,
        x.at_least OR coalesce(y.at_least, false) AS at_least, x.function AS function_1, y.function AS function_2,
        coalesce('Malignant Hyperthermia associated' IN (x.function, y.function), false) AS has_risk_variant,
        coalesce('Unassigned function' IN (x.function, y.function), false) AS has_unassigned,
        list_concat(x.unknown_alleles, y.unknown_alleles) AS unknown_alleles, list_concat(x.uncounted, y.uncounted) AS uncounted,
        list_concat(x.unconfirmed, y.unconfirmed) AS unconfirmed, list_concat(x.unvalued, y.unvalued) AS unvalued,
        list_concat(x.alleles, y.alleles) AS alleles, x.copies + y.copies AS copies
    FROM written_answers w JOIN knowledge.genes_shown g ON g.gene = w.gene
    JOIN haplotypes x ON x.gene = w.gene AND x.haplotype = w.side_1
    LEFT JOIN haplotypes y ON y.gene = w.gene AND y.haplotype = w.side_2
),
hla AS (
    SELECT p.gene, p.written, p.answer, list(h.result ORDER BY h.result) AS results,
        string_agg(h.result, '; ' ORDER BY h.result) FILTER (h.sureness <> 'unchecked') AS phenotype
    FROM pairs p JOIN knowledge.hla_results h ON h.gene = p.gene AND h.is_present = list_contains(p.alleles, h.allele)
    WHERE p.n_sides = 2 OR h.is_present GROUP BY p.gene, p.written, p.answer
),
named AS (
    SELECT p.*, h.results AS hla_results, CASE
            WHEN p.scheme = 'marker' THEN NULL
            WHEN p.scheme = 'allele_presence' THEN h.phenotype
            WHEN p.scheme = 'any_risk_variant' AND p.has_risk_variant THEN r.result
            WHEN p.impossible IS NOT NULL OR len(p.unknown_alleles) > 0 OR len(p.uncounted) > 0 THEN 'Indeterminate'
            WHEN p.n_sides = 1 AND NOT p.x_linked THEN NULL
            WHEN p.scheme = 'any_risk_variant' THEN r.result
            WHEN p.has_unassigned THEN NULL  -- no function assigned yet: not even "indeterminate" is stated for it
            WHEN p.scheme = 'activity_score' AND p.score IS NULL THEN 'Indeterminate'
            WHEN p.scheme = 'activity_score' THEN CASE WHEN NOT p.at_least OR b.is_top THEN b.result END
            ELSE f.result END AS phenotype,
        coalesce(f.sureness, r.sureness, b.sureness, 'read') AS sureness,
        CASE
            WHEN p.scheme = 'marker' THEN 'a single marker: no guideline gives it a phenotype'
            WHEN p.scheme = 'allele_presence' THEN CASE WHEN p.n_sides = 1 THEN 'only one of two alleles was typed' END
            WHEN p.impossible IS NOT NULL THEN p.impossible
            WHEN len(p.unknown_alleles) > 0 THEN array_to_string(list_distinct(p.unknown_alleles), ', ') || ' is not in the allele tables'
            WHEN len(p.uncounted) > 0 THEN 'the copy number of ' || array_to_string(p.uncounted, ', ') || ' is not given; ask the laboratory for it'
            WHEN p.n_sides = 1 AND NOT p.x_linked THEN 'only one of two alleles is given'
            WHEN p.scheme = 'activity_score' AND p.score IS NULL THEN array_to_string(list_distinct(p.unvalued), ', ') || ' has no activity value'
            WHEN p.scheme = 'activity_score' AND p.at_least AND NOT b.is_top THEN 'the score is at least ' || p.score::DOUBLE || ', so more than one phenotype is possible'
            WHEN p.scheme IN ('function_pair', 'enzyme_class') AND f.result IS NULL
            THEN 'no rule for ' || lower(coalesce(p.function_1, 'an unlisted structure')) || coalesce(' with ' || lower(p.function_2), '')
        END AS reason
    FROM pairs p
    LEFT JOIN knowledge.score_bands b ON b.gene = p.gene AND b.from_score <= p.score AND b.below_score > p.score
    LEFT JOIN knowledge.function_results f ON f.gene = p.gene AND f.function_1 = p.function_1 AND f.function_2 IS NOT DISTINCT FROM p.function_2
    LEFT JOIN knowledge.risk_results r ON r.gene = p.gene AND r.has_risk_variant = p.has_risk_variant
    LEFT JOIN hla h ON h.gene = p.gene AND h.written = p.written AND h.answer = p.answer
),
-- only a text with several possible diplotypes has to be put together; where they differ only in which allele is multiplied,
-- (*4/*5)x2, an impossible one is no answer
ambiguous AS (SELECT DISTINCT gene, written FROM written_answers WHERE answer > 0),
answers AS (
    SELECT n.* FROM named n JOIN ambiguous USING (gene, written)
    ANTI JOIN (
        SELECT gene, written, true AS is_out FROM named SEMI JOIN ambiguous USING (gene, written) GROUP BY gene, written
        HAVING count(DISTINCT list_sort(alleles)) = 1 AND bool_or(impossible IS NULL)
    ) o ON o.gene = n.gene AND o.written = n.written AND n.impossible IS NOT NULL
),
alone AS (
    SELECT gene, written, [label] AS diplotypes, score, at_least AND score IS NOT NULL AS at_least, phenotype, hla_results,
        len(uncounted) > 0 AS needs_copy_number, copies, sureness, unconfirmed, reason
    FROM named ANTI JOIN ambiguous USING (gene, written)
),
together AS (
    SELECT n.gene, n.written, list(n.label ORDER BY n.answer) AS diplotypes,
        CASE WHEN count(DISTINCT n.score) = 1 AND count(n.score) = count(*) THEN any_value(n.score) END AS score,
        bool_or(n.at_least AND n.score IS NOT NULL) AS at_least,
        CASE WHEN count(DISTINCT n.phenotype) = 1 AND count(n.phenotype) = count(*) THEN any_value(n.phenotype) END AS phenotype,
        CASE WHEN count(DISTINCT n.hla_results) = 1 AND count(n.hla_results) = count(*) THEN any_value(n.hla_results) END AS hla_results,
        bool_or(len(n.uncounted) > 0) AS needs_copy_number,
        CASE WHEN count(DISTINCT n.copies) = 1 AND count(n.copies) = count(*) THEN any_value(n.copies) END AS copies,
        CASE WHEN bool_or(n.sureness = 'unchecked') THEN 'unchecked' ELSE 'read' END AS sureness,
        flatten(list(n.unconfirmed)) AS unconfirmed,
        CASE WHEN count(DISTINCT coalesce(n.phenotype, n.reason)) > 1
             THEN 'possible: ' || string_agg(n.label || ' ' || coalesce(n.phenotype, 'no phenotype'), '; ' ORDER BY n.answer)
             ELSE any_value(n.reason) END AS reason
    FROM answers n GROUP BY n.gene, n.written
),
either AS (FROM alone UNION ALL BY NAME FROM together)
SELECT d.gene, d.written, coalesce(e.diplotypes, []) AS diplotypes, e.score, coalesce(e.at_least, false) AS at_least, e.phenotype,
    e.hla_results, e.needs_copy_number, e.copies::INTEGER AS copies, coalesce(e.sureness, 'read') AS sureness,
    CASE WHEN d.problem IS NOT NULL THEN 'cannot be read: ' || d.problem
         WHEN d.letter THEN 'written with an old letter name, which may stand for another allele now; confirm it with the laboratory'
         WHEN len(e.unconfirmed) > 0 THEN 'the laboratory could not confirm ' || array_to_string(list_distinct(e.unconfirmed), ', ')
         ELSE e.reason END AS reason,
    d.problem IS NOT NULL OR d.letter OR coalesce(len(e.unconfirmed) > 0, false) AS is_open
FROM written_diplotypes d LEFT JOIN either e ON e.gene = d.gene AND e.written = d.written;
