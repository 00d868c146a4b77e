-- What is known about the person on the day, value by value, with its date and where it came from?
-- Reads people, the case_* tables, medications, person_classes, medication_list, phenotypes, knowledge.fact_ways.
-- Makes fact_values: one row per person, fact and way; why_not says why a value is not used; is_used marks the one that is.
-- A flag is 1 (yes), 0 (no) or -1 (on the list, but nobody can tell); absence from a list is judged in 055_facts.
-- The latest value counts. When it cannot be used (old, undated, only a bound), an earlier one does not stand in for it.
CREATE OR REPLACE TEMP TABLE fact_values AS
WITH latest AS (
    SELECT o.person, w.fact, w.turn, w.type, w.validity_days, w.hard_low, w.hard_high, w.choices, p.as_of,
        o.value AS stated, lower(trim(o.text)) AS said, coalesce(o.unit, w.unit) AS unit, o."at", o.row_id, o.comparator, o.text
    FROM case_observation o JOIN people p USING (person)
    JOIN knowledge.fact_ways w ON w.kind = 'observation' AND w.code = lower(o.code)
    WHERE o."at" IS NULL OR o."at"::DATE <= p.as_of
    QUALIFY row_number() OVER (PARTITION BY o.person, w.fact, w.turn ORDER BY o."at" DESC NULLS LAST, o.value DESC NULLS LAST, o.text, o.row_id) = 1
),
observed AS (
    SELECT person, fact, turn, type, unit, "at", 'observation' AS source_table, row_id,
        CASE type WHEN 'flag' THEN CASE WHEN stated IS NOT NULL THEN (stated <> 0)::INTEGER
                                        WHEN said IN ('yes', 'true', 'y') THEN 1 WHEN said IN ('no', 'false', 'n') THEN 0 END
             WHEN 'choice' THEN NULL WHEN 'text' THEN NULL ELSE stated END AS num,
        CASE type WHEN 'text' THEN text WHEN 'choice' THEN
            choices[list_position(list_transform(choices, c -> lower(c)), coalesce(said, stated::BIGINT::VARCHAR))] END AS txt,
        CASE WHEN "at" IS NULL THEN 'undated'
             WHEN as_of - "at"::DATE > validity_days THEN 'old'
             WHEN comparator IS NOT NULL AND comparator <> '=' THEN 'bound'
             WHEN stated < hard_low OR stated > hard_high THEN 'out_of_range' END AS unusable,
        concat(comparator, coalesce(text, stated::VARCHAR)) AS shown
    FROM latest
),
diagnosed AS (
    SELECT c.person, w.fact, w.turn, w.type, NULL AS unit, max(c.onset)::TIMESTAMP AS "at", 'condition' AS source_table, min(c.row_id) AS row_id,
        CASE WHEN bool_or(NOT unsure) THEN 1 ELSE -1 END AS num, NULL AS txt, NULL AS unusable, string_agg(DISTINCT c.text, '; ' ORDER BY c.text) AS shown
    FROM (
        SELECT d.*, p.as_of, d.certainty IS NOT DISTINCT FROM 'ask' OR (d.status IN ('unconfirmed', 'provisional', 'differential')) IS TRUE AS doubtful,
            coalesce(d.resolved <= p.as_of, false) OR d.status IN ('resolved', 'inactive', 'remission') IS TRUE AS is_over
        FROM case_condition d JOIN people p USING (person)
        WHERE d.status IS DISTINCT FROM 'entered-in-error' AND d.status IS DISTINCT FROM 'refuted' AND (d.onset IS NULL OR d.onset <= p.as_of)
    ) c
    JOIN knowledge.fact_ways w ON w.code = lower(c.comorbidity)
     AND (w.kind = 'comorbidity' AND NOT c.is_over OR w.kind = 'comorbidity_ever'
          OR w.kind = 'comorbidity_within' AND (c.onset IS NULL OR c.as_of - c.onset <= w.validity_days)),
    LATERAL (SELECT c.doubtful OR w.kind = 'comorbidity_within' AND c.onset IS NULL AS unsure)
    GROUP BY c.person, w.fact, w.turn, w.type
),
classed AS (
    SELECT c.person, w.fact, w.turn, w.type, NULL AS unit, NULL::TIMESTAMP AS "at", 'medication' AS source_table, NULL AS row_id,
        CASE WHEN bool_or(c.active) THEN 1 WHEN bool_or(c.active IS NULL) THEN -1 ELSE 0 END AS num, NULL AS txt, NULL AS unusable,
        array_to_string(list_sort(list_distinct(flatten(list(c.drugs)))), ', ') AS shown
    FROM person_classes c JOIN knowledge.fact_ways w ON w.kind = 'drug_class' AND w.code = c.drug_class
    GROUP BY c.person, w.fact, w.turn, w.type
),
taken AS (
    SELECT m.person, w.fact, w.turn, w.type, NULL AS unit, max(m.start)::TIMESTAMP AS "at", 'medication' AS source_table, min(m.row_id) AS row_id,
        CASE WHEN bool_or(m.active AND fits) THEN 1 WHEN bool_or((m.active AND fits) IS NULL) THEN -1 ELSE 0 END AS num,
        NULL AS txt, NULL AS unusable, string_agg(DISTINCT m.drug, '; ' ORDER BY m.drug) FILTER (m.active IS DISTINCT FROM false) AS shown
    FROM medications m JOIN case_medication c USING (person, row_id, drug)
    JOIN knowledge.fact_ways w ON w.kind IN ('drug', 'drug_rescue', 'indication') AND w.code = m.ingredient AND lower(c.ingredient) = m.ingredient,
    LATERAL (SELECT CASE w.kind WHEN 'indication' THEN contains(lower(coalesce(m.purpose, m.indication)), lower(w.words))
                                WHEN 'drug_rescue' THEN coalesce(c.ingredient_count, 1) = 1 AND m.route IN ('nasal', 'im', 'sc', 'iv', 'injection', 'intramuscular', 'subcutaneous')
                                ELSE true END AS fits)
    GROUP BY m.person, w.fact, w.turn, w.type
    HAVING num <> 0
),
allergies AS (
    SELECT a.person, a.row_id, a.substance, lower(a.substance) AS named, lower(a.ingredient) AS ingredient FROM case_allergy a JOIN people USING (person)
    WHERE a.status IS NULL OR a.status NOT IN ('inactive', 'resolved', 'refuted', 'entered-in-error')
),
-- each distinct substance is looked up once, however many people have it
allergy_facts AS (
    SELECT n.named, n.ingredient, w.fact, w.turn, w.type FROM (SELECT DISTINCT named, ingredient FROM allergies) n
    JOIN knowledge.fact_ways w ON w.kind = 'allergy' AND (w.code = n.ingredient OR regexp_matches(n.named, '\b' || regexp_escape(w.code) || '\b'))
),
allergic AS (
    SELECT a.person, f.fact, f.turn, f.type, NULL AS unit, NULL::TIMESTAMP AS "at", 'allergy' AS source_table, min(a.row_id) AS row_id,
        1 AS num, NULL AS txt, NULL AS unusable, string_agg(DISTINCT a.substance, '; ' ORDER BY a.substance) AS shown
    FROM allergies a JOIN allergy_facts f ON f.named = a.named AND f.ingredient IS NOT DISTINCT FROM a.ingredient
    GROUP BY a.person, f.fact, f.turn, f.type
),
implanted AS (
    SELECT d.person, w.fact, w.turn, w.type, NULL AS unit, max(d."at")::TIMESTAMP AS "at", 'device' AS source_table, min(d.row_id) AS row_id,
        1 AS num, NULL AS txt, NULL AS unusable, string_agg(DISTINCT d.kind, '; ' ORDER BY d.kind) AS shown
    FROM case_device d JOIN people p USING (person)
    JOIN knowledge.fact_ways w ON w.kind = 'device' AND w.code = d.kind OR w.kind = 'device_mri' AND w.code = d.mri
    WHERE (d."at" IS NULL OR d."at" <= p.as_of) AND (d.removed IS NULL OR d.removed > p.as_of)
    GROUP BY d.person, w.fact, w.turn, w.type
),
treated AS (
    SELECT t.person, w.fact, w.turn, w.type, NULL AS unit, max(t.date)::TIMESTAMP AS "at", 'treatment' AS source_table, max_by(t.row_id, t.date) AS row_id,
        CASE w.kind WHEN 'treatment' THEN 1 WHEN 'treatment_relief' THEN max(t.relief_pct)
                    WHEN 'treatment_count' THEN CASE WHEN bool_or(list_contains(l.complete, 'treatment')) THEN count(*) END
                    ELSE CASE WHEN bool_or(list_contains(l.complete, 'treatment')) THEN count(*) FILTER (t.relief_pct >= w.words::DOUBLE) END END::DOUBLE AS num,
        NULL AS txt, NULL AS unusable, string_agg(DISTINCT t.option, '; ' ORDER BY t.option) AS shown
    FROM case_treatment t JOIN people p USING (person) JOIN lists l USING (person)
    JOIN knowledge.fact_ways w ON w.kind IN ('treatment', 'treatment_count', 'treatment_count_relief', 'treatment_relief') AND w.code = t.option
    WHERE t.date <= p.as_of AND (w.validity_days IS NULL OR p.as_of - t.date <= w.validity_days)
    GROUP BY t.person, w.fact, w.turn, w.type, w.kind
),
inherited AS (
    SELECT g.person, w.fact, w.turn, w.type, NULL AS unit, g.date::TIMESTAMP AS "at", 'genotype_call' AS source_table, NULL AS row_id,
        CASE split_part(w.code, ':', 2) WHEN 'activity_score' THEN g.activity_score::DOUBLE
             WHEN 'activity_score_with_drugs' THEN g.activity_score_with_drugs::DOUBLE END AS num,
        CASE WHEN w.kind = 'allele_presence' THEN
                 regexp_extract(g.phenotype, regexp_escape(w.code[strpos(w.code, ':') + 1:]) || ' (positive|negative)', 1)
             ELSE CASE split_part(w.code, ':', 2) WHEN 'phenotype' THEN g.phenotype WHEN 'phenotype_with_drugs' THEN g.phenotype_with_drugs END
             END AS txt,
        CASE WHEN g.state <> 'called' THEN g.state END AS unusable, g.phenotype AS shown
    FROM phenotypes g JOIN knowledge.fact_ways w ON w.kind IN ('genotype', 'allele_presence') AND split_part(w.code, ':', 1) = lower(g.gene)
    WHERE g.state <> 'not_tested'
),
marked AS (
    SELECT c.person, w.fact, w.turn, w.type, NULL AS unit, max(c.date)::TIMESTAMP AS "at", 'genotype_call' AS source_table, min(c.row_id) AS row_id,
        NULL::DOUBLE AS num, CASE WHEN count(DISTINCT pair) = 1 AND bool_and(c.state = 'called') THEN any_value(pair) END AS txt,
        CASE WHEN count(DISTINCT pair) > 1 THEN 'conflicting' WHEN NOT bool_and(c.state = 'called') THEN any_value(c.state) END AS unusable,
        string_agg(DISTINCT pair, '; ' ORDER BY pair) AS shown
    FROM case_genotype_call c JOIN people USING (person)
    JOIN knowledge.fact_ways w ON w.kind = 'marker' AND split_part(w.code, ':', 2) = lower(c.rsid),
    LATERAL (SELECT nullif(array_to_string(list_sort(regexp_extract_all(upper(coalesce(c.alleles, c.diplotype)), '[ACGT]')), ''), '') AS pair)
    GROUP BY c.person, w.fact, w.turn, w.type
),
together AS (
    FROM observed UNION ALL BY NAME FROM diagnosed UNION ALL BY NAME FROM classed UNION ALL BY NAME FROM taken
    UNION ALL BY NAME FROM allergic UNION ALL BY NAME FROM implanted UNION ALL BY NAME FROM treated
    UNION ALL BY NAME FROM inherited UNION ALL BY NAME FROM marked
),
judged AS (
    SELECT * EXCLUDE (unusable), coalesce(unusable, CASE WHEN num IS NULL AND nullif(txt, '') IS NULL
        THEN CASE WHEN source_table = 'observation' THEN 'not_readable' ELSE 'no_value' END END) AS why_not
    FROM together
),
-- Only a fact with two ways needs choosing. A flag: yes before no before cannot tell; any other value: the first way that has one.
chosen AS (
    SELECT *, row_number() OVER (PARTITION BY person, fact
        ORDER BY why_not IS NOT NULL, CASE WHEN type = 'flag' THEN -num END, turn, "at" DESC NULLS LAST) AS place
    FROM judged SEMI JOIN (SELECT fact FROM knowledge.facts WHERE then_kind <> 'derived') USING (fact)
    UNION ALL
    SELECT *, 1 FROM judged ANTI JOIN (SELECT fact FROM knowledge.facts WHERE then_kind <> 'derived') USING (fact)
)
SELECT person, fact, coalesce(nullif(txt, ''), CASE WHEN type = 'flag' THEN [NULL, 'no', 'yes'][num::INTEGER + 2] END, num::VARCHAR) AS value,
    unit, "at", source_table, row_id, turn, type, num, nullif(txt, '') AS txt, shown, why_not, why_not IS NOT DISTINCT FROM 'old' AS is_old,
    why_not IS NULL AND place = 1 AS is_used
FROM chosen;
