-- What does each recorded genotype mean: which score, which phenotype, and why there may be none?
-- Reads case_genotype_call, written_diplotypes and written_units (each text read once), knowledge.allele_values,
-- score_bands, function_results, risk_results, hla_results, phenotype_words, genes_shown.
-- Makes written_results (one row per gene and text), gene_results (one row per person and gene that has a row), and
-- asked_genes (whom the next step gives a row: every person and every gene that is shown).
-- Scores are DECIMAL. A tandem is the sum of its copies; an allele xN with N known is N times its value; a value that the
-- tables list for a structure goes before arithmetic. One allele without a value leaves the whole score without one.
-- Sources: CPIC and ClinPGx tables in knowledge/clinpgx.
CREATE OR REPLACE TEMP TABLE written_results AS
WITH sides AS (
    SELECT u.gene, u.written, u.answer, u.label, u.side,
        CASE WHEN any_value(h.gene) IS NOT NULL THEN any_value(h.value)
             WHEN bool_and(coalesce(l.gene, a.gene) IS NOT NULL)
             THEN sum(CASE WHEN l.gene IS NOT NULL THEN l.value ELSE a.value * u.copies END) * CASE WHEN bool_and(
                 CASE WHEN l.gene IS NOT NULL THEN l.value ELSE a.value * u.copies END IS NOT NULL) THEN 1 END END AS value,
        CASE WHEN any_value(h.gene) IS NOT NULL THEN bool_or(h.at_least)
             ELSE bool_or(u.at_least AND coalesce(l.value, a.value) > 0) END AS at_least,
        CASE WHEN count(*) = 1 THEN any_value(coalesce(l.clinical_function, CASE WHEN u.copies = 1 THEN a.clinical_function END))
             ELSE any_value(h.clinical_function) END AS function,
        list(u.allele) FILTER (a.gene IS NULL AND l.gene IS NULL AND h.gene IS NULL) AS unknown_alleles,
        list(u.unit_label) FILTER (u.copies IS NULL) AS uncounted,
        list(u.allele) FILTER (u.unconfirmed) AS unconfirmed,
        list(u.unit_label || ' (' || lower(coalesce(l.clinical_function, a.clinical_function)) || ')')
            FILTER (coalesce(l.gene, a.gene) IS NOT NULL AND coalesce(l.value, a.value) IS NULL AND u.copies IS NOT NULL) AS unvalued,
        list(u.allele) AS alleles
    FROM written_units u
    LEFT JOIN knowledge.allele_values a ON a.gene = u.gene AND a.allele = u.allele
    LEFT JOIN knowledge.allele_values l ON l.gene = u.gene AND l.allele = u.unit_label AND l.is_listed_structure
    LEFT JOIN knowledge.allele_values h ON h.gene = u.gene AND h.allele = u.side_label AND h.is_listed_structure
    GROUP BY u.gene, u.written, u.answer, u.label, u.side
),
pairs AS (
    SELECT s.gene, s.written, s.answer, s.label, g.scheme, g.x_linked = 'yes' AS x_linked, count(*) AS n_sides,
        CASE WHEN g.scheme = 'activity_score' AND count(value) = 2 THEN sum(value)::DECIMAL(9, 4) END AS score,
        coalesce(bool_or(at_least), false) AS at_least, coalesce(bool_or(function = 'Unassigned function'), false) AS has_unassigned,
        min_by(function, side) AS function_1, CASE WHEN count(*) = 2 THEN max_by(function, side) END AS function_2,
        bool_or(function = 'Malignant Hyperthermia associated') AS has_risk_variant,
        coalesce(flatten(list(unknown_alleles)), []) AS unknown_alleles, coalesce(flatten(list(uncounted)), []) AS uncounted,
        coalesce(flatten(list(unconfirmed)), []) AS unconfirmed, coalesce(flatten(list(unvalued)), []) AS unvalued,
        flatten(list(alleles)) AS alleles
    FROM sides s JOIN knowledge.genes_shown g ON g.gene = s.gene
    GROUP BY s.gene, s.written, s.answer, s.label, g.scheme, g.x_linked
),
hla AS (
    SELECT p.gene, p.written, p.answer, list(h.result ORDER BY h.result) AS results,
        string_agg(h.result, '; ' ORDER BY h.result) FILTER (h.sureness <> 'unchecked') AS phenotype
    FROM pairs p JOIN knowledge.hla_results h ON h.gene = p.gene AND h.is_present = list_contains(p.alleles, h.allele)
    WHERE p.n_sides = 2 OR h.is_present GROUP BY p.gene, p.written, p.answer
),
named AS (
    SELECT p.*, h.results AS hla_results, CASE
            WHEN p.scheme = 'allele_presence' THEN h.phenotype
            WHEN p.scheme = 'any_risk_variant' AND p.has_risk_variant THEN r.result
            WHEN len(p.unknown_alleles) > 0 OR len(p.uncounted) > 0 THEN 'Indeterminate'
            WHEN p.n_sides = 1 AND NOT p.x_linked THEN NULL
            WHEN p.scheme = 'any_risk_variant' THEN r.result
            WHEN p.has_unassigned THEN NULL  -- no function assigned yet: not even "indeterminate" is stated for it
            WHEN p.scheme = 'activity_score' AND p.score IS NULL THEN 'Indeterminate'
            WHEN p.scheme = 'activity_score' THEN CASE WHEN NOT p.at_least OR b.high IS NULL THEN b.result END
            ELSE f.result END AS phenotype,
        coalesce(f.sureness, r.sureness, b.sureness, 'read') AS sureness,
        CASE
            WHEN p.scheme = 'allele_presence' THEN CASE WHEN p.n_sides = 1 THEN 'only one of two alleles was typed' END
            WHEN len(p.unknown_alleles) > 0 THEN array_to_string(list_distinct(p.unknown_alleles), ', ') || ' is not in the allele tables'
            WHEN len(p.uncounted) > 0 THEN 'the copy number of ' || array_to_string(p.uncounted, ', ') || ' is not given; ask the laboratory for it'
            WHEN p.n_sides = 1 AND NOT p.x_linked THEN 'only one of two alleles is given'
            WHEN p.scheme = 'activity_score' AND p.score IS NULL THEN array_to_string(list_distinct(p.unvalued), ', ') || ' has no activity value'
            WHEN p.scheme = 'activity_score' AND p.at_least AND b.high IS NOT NULL THEN 'the score is at least ' || p.score::DOUBLE || ', so more than one phenotype is possible'
            WHEN p.scheme IN ('function_pair', 'enzyme_class') AND f.result IS NULL
            THEN 'no rule for ' || lower(coalesce(p.function_1, 'an unlisted structure')) || coalesce(' with ' || lower(p.function_2), '')
        END AS reason
    FROM pairs p
    LEFT JOIN knowledge.score_bands b ON b.gene = p.gene AND (p.score > b.low OR b.low_in AND p.score = b.low)
        AND (b.high IS NULL OR p.score < b.high OR b.high_in AND p.score = b.high)
    LEFT JOIN knowledge.function_results f ON f.gene = p.gene AND f.function_1 = p.function_1
        AND f.function_2 IS NOT DISTINCT FROM p.function_2 AND p.scheme IN ('function_pair', 'enzyme_class')
    LEFT JOIN knowledge.risk_results r ON r.gene = p.gene AND r.has_risk_variant = p.has_risk_variant AND p.scheme = 'any_risk_variant'
    LEFT JOIN hla h ON h.gene = p.gene AND h.written = p.written AND h.answer = p.answer
)
SELECT d.gene, d.written, coalesce(list(n.label ORDER BY n.answer) FILTER (n.label IS NOT NULL), []) AS diplotypes,
    CASE WHEN count(DISTINCT n.score) = 1 AND count(n.score) = count(*) THEN any_value(n.score) END AS score,
    coalesce(bool_or(n.at_least AND n.score IS NOT NULL), false) AS at_least,
    CASE WHEN count(DISTINCT n.phenotype) = 1 AND count(n.phenotype) = count(*) THEN any_value(n.phenotype) END AS phenotype,
    CASE WHEN count(DISTINCT n.hla_results) = 1 AND count(n.hla_results) = count(*) THEN any_value(n.hla_results) END AS hla_results,
    bool_or(len(n.uncounted) > 0) AS needs_copy_number,
    CASE WHEN bool_or(n.sureness = 'unchecked') THEN 'unchecked' ELSE 'read' END AS sureness,
    CASE WHEN any_value(d.problem) IS NOT NULL THEN 'cannot be read: ' || any_value(d.problem)
         WHEN bool_or(d.letter) THEN 'written with an old letter name, which may stand for another allele now; confirm it with the laboratory'
         WHEN bool_or(len(n.unconfirmed) > 0) THEN 'the laboratory could not confirm ' || array_to_string(list_distinct(flatten(list(n.unconfirmed))), ', ')
         WHEN count(DISTINCT coalesce(n.phenotype, n.reason)) > 1 THEN 'possible: ' || string_agg(n.label || ' ' || coalesce(n.phenotype, 'no phenotype'), '; ' ORDER BY n.answer)
         ELSE any_value(n.reason) END AS reason,
    bool_or(d.problem IS NOT NULL OR d.letter OR len(n.unconfirmed) > 0) AS is_open
FROM written_diplotypes d LEFT JOIN named n USING (gene, written) GROUP BY d.gene, d.written;

CREATE OR REPLACE TEMP TABLE gene_results AS
WITH judged AS (
    SELECT c.*, g.scheme, w.diplotypes AS labels, w.at_least, w.hla_results, w.needs_copy_number, w.reason,
        coalesce(w.sureness, 'read') AS rule_sureness,
        r.phenotype AS reported, c.method ILIKE 'outside%' AS is_outside,
        CASE WHEN w.is_open THEN NULL WHEN c.diplotype IS NOT NULL THEN w.phenotype ELSE coalesce(r.phenotype, b.result) END AS by_tables,
        CASE WHEN w.is_open THEN NULL WHEN c.diplotype IS NOT NULL THEN w.score ELSE c.activity_score_reported::DECIMAL(9, 4) END AS by_score
    FROM case_genotype_call c
    JOIN knowledge.genes_shown g USING (gene)
    LEFT JOIN written_results w ON w.gene = c.gene AND w.written = c.diplotype AND c.rsid IS NULL
    LEFT JOIN knowledge.phenotype_words r ON lower(r.phenotype) = lower(trim(c.phenotype_reported))
    LEFT JOIN knowledge.score_bands b ON c.diplotype IS NULL AND b.gene = c.gene
        AND (c.activity_score_reported > b.low OR b.low_in AND c.activity_score_reported = b.low)
        AND (b.high IS NULL OR c.activity_score_reported < b.high OR b.high_in AND c.activity_score_reported = b.high)
),
compared AS (
    SELECT *, scheme <> 'marker' AND state = 'called' AND reported <> by_tables AND diplotype IS NOT NULL AS differs FROM judged
),
settled AS (
    SELECT c.* EXCLUDE (state), w.is_normal = 'yes' AS is_normal, c.method ILIKE 'array%' AS is_array,
        CASE WHEN c.differs AND c.is_outside THEN c.reported ELSE c.by_tables END AS phenotype,
        CASE WHEN c.differs THEN c.activity_score_reported::DECIMAL(9, 4) ELSE c.by_score END AS score,
        CASE
            WHEN c.state <> 'called' THEN c.state
            WHEN c.scheme = 'marker' OR c.rsid IS NOT NULL THEN 'called'
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
            coalesce(labels, CASE WHEN rsid IS NOT NULL THEN [rsid || ' ' || diplotype] WHEN diplotype IS NOT NULL THEN [diplotype] ELSE [] END) AS labels),
        list_position(['called', 'conflicting', 'indeterminate', 'no_call', 'not_tested'], state) AS rank,
        nullif(concat_ws('. ',
            CASE WHEN state = 'indeterminate' AND is_normal THEN phenotype || ' only if what was not tested carries no variant'
                || CASE WHEN is_array THEN '; an array tests too few positions to say so' ELSE '' END END,
            CASE WHEN len(positions_missing) > 0 THEN 'not tested: ' || array_to_string(positions_missing[:8], ', ')
                || CASE WHEN len(positions_missing) > 8 THEN ' and ' || (len(positions_missing) - 8) || ' more' ELSE '' END
                || CASE WHEN len(alleles_not_excluded) > 0 THEN '; not excluded: ' || array_to_string(alleles_not_excluded[:8], ', ')
                || CASE WHEN len(alleles_not_excluded) > 8 THEN ' and ' || (len(alleles_not_excluded) - 8) || ' more' ELSE '' END ELSE '' END END,
            CASE WHEN scheme <> 'marker' THEN reason END,
            CASE WHEN at_least AND state = 'called' AND score IS NOT NULL THEN 'the score is at least ' || score::DOUBLE END,
            CASE WHEN differs THEN 'the report says ' || reported || ', the tables give ' || by_tables || ' for ' || diplotype
                || CASE WHEN is_outside THEN '; the reported phenotype is used' ELSE '; activity values changed in 2022-2023, so an old report may differ' END END,
            CASE WHEN rule_sureness = 'unchecked' AND phenotype IS NOT NULL THEN 'the rule behind this phenotype is from a dated copy and was not checked' END,
            note), '') AS say
    FROM settled
),
best AS (
    SELECT *, min(rank) OVER (PARTITION BY person, gene) AS best_rank FROM worded
),
merged AS (
    SELECT person, gene, any_value(scheme) AS scheme, min(rank) AS rank,
        scheme <> 'marker' AND (count(DISTINCT phenotype) > 1 OR count(DISTINCT score) > 1 OR count(DISTINCT hla_results) > 1) AS disagree,
        list_distinct(flatten(list(labels))) AS diplotypes, max(copy_number) AS copy_number,
        any_value(score) AS activity_score, coalesce(bool_or(at_least), false) AS at_least, any_value(phenotype) AS phenotype,
        any_value(hla_results) AS hla_results, coalesce(bool_or(needs_copy_number), false) AS needs_copy_number,
        list_distinct(flatten(list(coalesce(positions_tested, [])))) AS positions_tested,
        list_distinct(flatten(list(coalesce(positions_missing, [])))) AS positions_missing,
        list_distinct(flatten(list(coalesce(alleles_not_excluded, [])))) AS alleles_not_excluded,
        bool_or(positions_tested IS NOT NULL) AS positions_known,
        string_agg(DISTINCT say, '. ') AS note, string_agg(DISTINCT method, ', ') AS method, max(date) AS date,
        CASE WHEN bool_or(rule_sureness = 'unchecked') THEN 'unchecked' ELSE 'read' END AS sureness
    FROM best WHERE rank = best_rank GROUP BY person, gene, scheme
)
SELECT person, gene, scheme,
    CASE WHEN disagree THEN 'conflicting' ELSE ['called', 'conflicting', 'indeterminate', 'no_call', 'not_tested'][rank] END AS state,
    list_sort(diplotypes) AS diplotypes, copy_number,
    CASE WHEN NOT disagree THEN activity_score END AS activity_score, at_least,
    CASE WHEN NOT disagree THEN phenotype END AS phenotype,
    CASE WHEN disagree THEN [] WHEN hla_results IS NOT NULL THEN hla_results WHEN phenotype IS NOT NULL THEN [phenotype] ELSE [] END AS results,
    needs_copy_number, CASE WHEN positions_known THEN list_sort(positions_tested) END AS positions_tested,
    list_sort(positions_missing) AS positions_missing, alleles_not_excluded,
    concat_ws('. ', CASE WHEN disagree THEN 'two results disagree: ' || array_to_string(list_sort(diplotypes), ' and ') END, note) AS note,
    method, date, sureness
FROM merged;

CREATE OR REPLACE TEMP TABLE asked_genes AS
SELECT p.person, g.gene FROM people p CROSS JOIN knowledge.genes_shown g;
