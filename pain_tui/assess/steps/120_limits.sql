-- What cannot be said for this person, why, and what would close the gap?
-- Reads people, problems, lists, unread_diagnoses, options, medications, medication_list, opioid_doses, mme, phenotypes, gene_drug, undecided, forecast,
-- fact_values, knowledge.limit_templates, facts, fact_lists, lists, option_links. Makes limits; position is the order to read them in.
-- Facts: each fact whose absence leaves a STOP or CAUTION question open, once, with what it bears on. What an unconfirmed
-- list leaves open is told once for that list. Names hold commas, so lists of names are joined by semicolons. blocks: a plan should not be signed before it is closed.
CREATE OR REPLACE TEMP TABLE limits AS
WITH missing AS (
    -- what matters most is named first: what blocks, then what a STOP rests on
    SELECT u.person, u.fact, k.label, min(u.rank) AS rank, bool_or(u.blocks) AS blocks,
        list(u.bears_on ORDER BY u.blocks DESC, u.rank, u.bears_on) AS bears_on, any_value(a.list) AS list
    FROM (SELECT person, fact, bears_on, min(CASE tier WHEN 'STOP' THEN 1 ELSE 2 END) AS rank, coalesce(bool_or(blocks), false) AS blocks
          FROM undecided GROUP BY ALL) u
    JOIN knowledge.facts k USING (fact) LEFT JOIN knowledge.fact_lists a USING (fact) GROUP BY u.person, u.fact, k.label
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
-- what there is to tell: `subject` is what the words are about, `detail` what stands beside it, `day` the date of a value
told AS MATERIALIZED (
    SELECT p.person, '' AS problem, unnest([CASE WHEN NOT p.is_alive THEN 'dead' END, CASE WHEN p.is_child THEN 'child' END,
            CASE WHEN p.age_years IS NULL THEN 'age_unknown' END,
            CASE WHEN p.person NOT IN (SELECT person FROM problems) THEN 'no_problem' END]) AS code,
        NULL::VARCHAR AS subject, NULL::VARCHAR AS detail, NULL::DATE AS day, NULL::VARCHAR AS advice, NULL::VARCHAR[] AS bears_on, NULL::VARCHAR[] AS facts,
        NULL::BOOLEAN AS blocks, 1 AS nr, '' AS sort FROM people p
    UNION ALL
    SELECT person, problem, CASE WHEN condition_proposed IS NULL THEN 'no_condition' ELSE 'condition_uncertain' END, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 2, NULL
    FROM problems WHERE condition IS NULL
    UNION ALL
    SELECT m.person, '', CASE v.why_not WHEN 'old' THEN 'fact_old' ELSE coalesce('fact_' || v.why_not, 'fact_missing') END,
        upper(m.label[1]) || m.label[2:], v.shown, v.day, NULL, m.bears_on, [m.fact], m.blocks, 10 + m.rank, m.fact
    FROM with_state m LEFT JOIN poor_values v USING (person, fact) WHERE NOT m.of_open_list
    UNION ALL
    -- a value known only as a bound: used where it lies beyond every cut-point, else said, also where no rule asks for it
    SELECT v.person, '', CASE WHEN v.is_used THEN 'fact_bound_used' ELSE 'fact_bound' END, upper(k.label[1]) || k.label[2:], v.shown, v."at"::DATE,
        NULL, NULL, [v.fact], NULL, 13, v.fact
    FROM fact_values v JOIN knowledge.facts k USING (fact) ANTI JOIN with_state m ON m.person = v.person AND m.fact = v.fact
    WHERE v.source_table = 'observation' AND (v.is_used AND v.type = 'number' AND v.shown[1] IN ('<', '>') OR v.why_not = 'bound')
    UNION ALL
    SELECT person, '', 'list_not_complete', replace(label, ' list', ''), NULL, NULL, NULL, NULL, facts, blocks, 20, list FROM open_lists
    UNION ALL
    SELECT person, '', 'unknown_drug', d, NULL, NULL, NULL, NULL, NULL, NULL, 30, d FROM (SELECT person, unnest(unknown_drugs) AS d FROM medication_list)
    UNION ALL
    SELECT person, '', 'unknown_diagnosis', diagnosis, NULL, NULL, NULL, NULL, NULL, NULL, 30, diagnosis FROM unread_diagnoses
    UNION ALL
    SELECT DISTINCT person, '', 'activity_unknown', drug, NULL, NULL, NULL, NULL, NULL, NULL, 31, drug FROM medications WHERE active IS NULL
    UNION ALL
    SELECT DISTINCT person, '', 'dose_missing', drug, NULL, NULL, NULL, NULL, NULL, NULL, 32, drug
    FROM opioid_doses WHERE why_not IN ('UNKNOWN_DOSE', 'UNKNOWN_FREQUENCY')
    UNION ALL
    SELECT person, '', CASE state WHEN 'cannot_total' THEN 'mme_cannot_total' ELSE 'mme_unknown' END, reason, NULL, NULL, NULL, NULL, NULL, NULL, 33, NULL
    FROM mme WHERE state IN ('cannot_total', 'unknown')
    UNION ALL
    SELECT person, '', code, gene, alleles, NULL, advice, bears_on, NULL, NULL, 40, gene FROM gene_gaps
    UNION ALL
    SELECT person, problem, 'site_unknown', NULL, NULL, NULL, NULL, list(name ORDER BY nr), NULL, NULL, 50, NULL FROM options WHERE site_unknown GROUP BY person, problem
    UNION ALL
    SELECT person, problem, 'no_procedure_link', NULL, NULL, NULL, NULL, list(name ORDER BY nr), NULL, NULL, 51, NULL
    FROM options WHERE len(procedure_codes) = 0 AND len(drugs) = 0
      AND option NOT IN (SELECT option FROM knowledge.option_links WHERE kind = 'none') GROUP BY person, problem
    UNION ALL
    -- no number at all, with its own reason (that of a child is told once, above), and no comparator
    SELECT f.person, f.problem, CASE WHEN f.p_response IS NULL THEN 'no_estimate' ELSE 'no_control_data' END, f.no_estimate_say, NULL, NULL, f.no_estimate_remedy,
        CASE WHEN f.no_estimate_code IN ('no_evidence', 'no_course_data') THEN NULL ELSE list(o.name ORDER BY o.nr) END, NULL, NULL, CASE WHEN f.p_response IS NULL THEN 60 ELSE 61 END, f.no_estimate_say
    FROM forecast f JOIN options o USING (person, problem, option)
    WHERE CASE WHEN f.p_response IS NULL THEN f.no_estimate_code <> 'child' ELSE f.extra IS NULL AND o.listed <> 'watch' END
    GROUP BY f.person, f.problem, f.p_response IS NULL, f.no_estimate_code, f.no_estimate_say, f.no_estimate_remedy
)
SELECT person, problem, about, code,
    replace(replace(replace(w.say, '{subject}', coalesce(subject, '')), '{detail}', coalesce(detail, '')), '{date}', coalesce(day::VARCHAR, ''))
        || CASE WHEN len(bears_on) > 0 THEN ' Bears on: ' || array_to_string(bears_on[:4], '; ')
            || CASE WHEN len(bears_on) > 4 THEN ' and ' || (len(bears_on) - 4) || ' more' ELSE '' END || '.' ELSE '' END AS say,
    coalesce(advice, replace(w.remedy, '{subject}', coalesce(subject, ''))) AS remedy,
    coalesce(facts, []) AS facts, w.always_blocks OR coalesce(blocks, false) AS blocks,
    row_number() OVER (PARTITION BY person ORDER BY nr, problem, sort NULLS FIRST, code) AS position
FROM told JOIN knowledge.limit_templates w USING (code);
