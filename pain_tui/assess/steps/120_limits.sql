-- What cannot be said for this person, why, and what would close the gap?
-- Reads people, problems, lists, unread_diagnoses, options, medications, medication_list, opioid_doses, mme, phenotypes, gene_drug, undecided, forecast,
-- fact_values, knowledge.limits_words, facts, fact_lists, lists, option_links. Makes limits; position is the order to read them in.
-- Facts: each fact whose absence leaves a STOP or CAUTION question open, once, with what it bears on. What an unconfirmed
-- list leaves open is told once for that list. blocks: a plan should not be signed before it is closed.
CREATE OR REPLACE TEMP TABLE limits AS
WITH missing AS (
    SELECT u.person, u.fact, k.label, min(CASE u.tier WHEN 'STOP' THEN 1 ELSE 2 END) AS rank, coalesce(bool_or(u.blocks), false) AS blocks,
        list(DISTINCT u.bears_on ORDER BY u.bears_on) AS bears_on, any_value(a.list) AS list
    FROM undecided u JOIN knowledge.facts k USING (fact) LEFT JOIN knowledge.fact_lists a USING (fact) GROUP BY ALL
),
with_state AS (
    SELECT m.*, m.list IS NOT NULL AND NOT list_contains(l.complete, m.list) AS of_open_list FROM missing m JOIN lists l USING (person)
),
poor_values AS (
    SELECT person, fact, arg_min(why_not, turn) AS why_not, arg_min(shown, turn) AS shown, max("at")::DATE AS day
    FROM fact_values WHERE source_table = 'observation' AND why_not IS NOT NULL GROUP BY ALL
),
open_lists AS (
    SELECT l.person, k.list, k.label, bool_or(m.blocks) AS blocks, list(m.fact ORDER BY m.fact) FILTER (m.fact IS NOT NULL) AS facts
    FROM lists l JOIN knowledge.lists k ON NOT list_contains(l.complete, k.list)
    LEFT JOIN with_state m ON m.person = l.person AND m.list = k.list GROUP BY ALL
),
gene_gaps AS (
    SELECT p.person, p.gene, CASE WHEN p.state = 'called' THEN 'gene_incomplete' ELSE 'gene_' || p.state END AS code,
        array_to_string(p.alleles_not_excluded[:12], ', ') AS alleles, any_value(k.when_no_result) AS advice, list(DISTINCT g.drug ORDER BY g.drug) AS bears_on
    FROM phenotypes p JOIN gene_drug g ON g.person = p.person AND list_contains(g.genes, p.gene)
    JOIN knowledge.genes_shown k ON k.gene = p.gene AND k.scheme <> 'marker'  -- a marker's result would change no advice
    WHERE p.state <> 'called' OR len(p.alleles_not_excluded) > 0 GROUP BY p.person, p.gene, p.state, p.alleles_not_excluded
),
told AS (
    SELECT p.person, '' AS problem, unnest([CASE WHEN NOT p.is_alive THEN 'dead' END, CASE WHEN p.is_child THEN 'child' END,
            CASE WHEN p.age_years IS NULL THEN 'age_unknown' END,
            CASE WHEN p.person NOT IN (SELECT person FROM problems) THEN 'no_problem' END]) AS code,
        NULL::VARCHAR AS label, NULL::VARCHAR AS day, NULL::VARCHAR AS shown, NULL::VARCHAR AS list, NULL::VARCHAR AS drug, NULL::VARCHAR AS reason,
        NULL::VARCHAR AS gene, NULL::VARCHAR AS alleles, NULL::VARCHAR AS advice, NULL::VARCHAR[] AS bears_on, NULL::VARCHAR[] AS facts, NULL::BOOLEAN AS blocks, 1 AS nr, '' AS sort FROM people p
    UNION ALL BY NAME
    SELECT person, problem, CASE WHEN condition_proposed IS NULL THEN 'no_condition' ELSE 'condition_uncertain' END AS code, 2 AS nr
    FROM problems WHERE condition IS NULL
    UNION ALL BY NAME
    SELECT person, '' AS problem, CASE fact_state WHEN 'old' THEN 'fact_old' ELSE coalesce('fact_' || fact_state, 'fact_missing') END AS code,
        label, day::VARCHAR AS day, shown, bears_on, [fact] AS facts, blocks, 10 + rank AS nr, fact AS sort
    FROM (SELECT m.*, v.why_not AS fact_state, v.day, v.shown FROM with_state m LEFT JOIN poor_values v USING (person, fact) WHERE NOT m.of_open_list)
    UNION ALL BY NAME
    SELECT person, '' AS problem, 'list_not_complete' AS code, replace(label, ' list', '') AS list, facts, blocks, 20 AS nr, list AS sort FROM open_lists
    UNION ALL BY NAME
    SELECT person, '' AS problem, 'unknown_drug' AS code, d AS drug, 30 AS nr, d AS sort
    FROM (SELECT person, unnest(unknown_drugs) AS d FROM medication_list)
    UNION ALL BY NAME
    SELECT person, '' AS problem, 'unknown_diagnosis' AS code, diagnosis AS drug, 30 AS nr, diagnosis AS sort FROM unread_diagnoses
    UNION ALL BY NAME
    SELECT person, '' AS problem, 'activity_unknown' AS code, drug, 31 AS nr, drug AS sort FROM medications WHERE active IS NULL GROUP BY ALL
    UNION ALL BY NAME
    SELECT person, '' AS problem, 'dose_missing' AS code, drug, 32 AS nr, drug AS sort
    FROM opioid_doses WHERE why_not IN ('UNKNOWN_DOSE', 'UNKNOWN_FREQUENCY') GROUP BY ALL
    UNION ALL BY NAME
    SELECT person, '' AS problem, CASE state WHEN 'cannot_total' THEN 'mme_cannot_total' ELSE 'mme_unknown' END AS code, reason, 33 AS nr
    FROM mme WHERE state IN ('cannot_total', 'unknown')
    UNION ALL BY NAME
    SELECT person, '' AS problem, code, gene, alleles, advice, bears_on, 40 AS nr, gene AS sort FROM gene_gaps
    UNION ALL BY NAME
    SELECT person, problem, 'site_unknown' AS code, 50 AS nr, list(name ORDER BY nr) AS bears_on FROM options WHERE site_unknown GROUP BY person, problem
    UNION ALL BY NAME
    SELECT person, problem, 'no_procedure_link' AS code, list(name ORDER BY nr) AS bears_on, 51 AS nr
    FROM options o WHERE len(procedure_codes) = 0 AND len(drugs) = 0
      AND option NOT IN (SELECT option FROM knowledge.option_links WHERE kind = 'none') GROUP BY person, problem
    UNION ALL BY NAME
    SELECT f.person, f.problem, 'no_control_data' AS code, list(o.name ORDER BY o.nr) AS bears_on, 61 AS nr
    FROM forecast f JOIN options o USING (person, problem, option) WHERE f.p_response IS NOT NULL AND f.extra IS NULL AND o.listed <> 'watch'
    GROUP BY f.person, f.problem
),
worded AS (
    SELECT t.*, w.about, w.blocks = 'yes' AS always_blocks, w.say AS template, w.remedy AS remedy_template
    FROM told t JOIN knowledge.limits_words w USING (code)
)
SELECT person, problem, about, code,
    replace(replace(replace(replace(replace(replace(replace(replace(template, '{label}', coalesce(upper(label[1]) || label[2:], '')), '{date}', coalesce(day, '')),
        '{shown}', coalesce(shown, '')), '{list}', coalesce(list, '')), '{drug}', coalesce(drug, '')), '{reason}', coalesce(reason, '')),
        '{gene}', coalesce(gene, '')), '{alleles}', coalesce(alleles, ''))
        || CASE WHEN len(bears_on) > 0 THEN ' Bears on: ' || array_to_string(bears_on[:4], ', ')
            || CASE WHEN len(bears_on) > 4 THEN ' and ' || (len(bears_on) - 4) || ' more' ELSE '' END || '.' ELSE '' END AS say,
    coalesce(advice, replace(replace(remedy_template, '{list}', coalesce(list, '')), '{gene}', coalesce(gene, ''))) AS remedy,
    coalesce(facts, []) AS facts, always_blocks OR coalesce(blocks, false) AS blocks,
    row_number() OVER (PARTITION BY person ORDER BY nr, problem, sort NULLS FIRST, code) AS position
FROM worded;
