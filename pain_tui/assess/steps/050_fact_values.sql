-- What is known about the person on the day, value by value, with its date and where it came from?
-- Reads people, lists, the case_* tables, medications, person_classes, phenotypes, knowledge.fact_ways, gene_facts, allergy_words.
-- Makes fact_values: one row per person, fact and way; why_not says why a value is not used; is_used marks the one that is.
-- A flag is 1 (yes), 0 (no) or -1 (on the list, but nobody can tell); absence from a list is judged in 055_facts.
-- The latest value counts. When it cannot be used (old, undated, a bound that settles nothing), an earlier one does not stand in for it.
-- A bound beyond every cut-point of its fact ('INR >8', fact_bounds) is used as a number just beyond it: whatever the value is, every
-- comparison comes out the same. What is shown stays the bound.
CREATE OR REPLACE TEMP TABLE fact_values AS
WITH latest AS (
    SELECT person, fact, turn, unnest(arg_min(said, place), recursive := true)
    FROM (
        SELECT o.person, w.fact, w.turn, {'type': w.type, 'validity_days': w.validity_days, 'hard_low': w.hard_low, 'hard_high': w.hard_high, 'choices': w.choices,
                'beyond': CASE WHEN o.comparator = '>' AND o.value >= w.decided_above OR o.comparator = '>=' AND o.value > w.decided_above THEN 0.000001
                    WHEN o.comparator = '<' AND o.value <= w.decided_below OR o.comparator = '<=' AND o.value < w.decided_below THEN -0.000001 END,
                'days_old': p.as_of - o."at"::DATE, 'stated': o.value, 'said': lower(trim(o.text)), 'unit': coalesce(o.unit, w.unit), 'at': o."at", 'row_id': o.row_id,
                'comparator': o.comparator, 'text': o.text} AS said,
            {'at': -epoch_us(o."at"), 'value': -o.value, 'text': o.text, 'row_id': o.row_id} AS place
        FROM case_observation o JOIN people p USING (person)
        JOIN knowledge.fact_ways w ON w.kind = 'observation' AND w.code = lower(o.code)
        WHERE o."at" IS NULL OR o."at"::DATE <= p.as_of
    ) GROUP BY person, fact, turn
),
-- which of our words for an allergy each distinct substance answers to, however many people have it
allergies AS MATERIALIZED (
    SELECT a.person, a.row_id, a.substance, lower(a.substance) AS named, lower(a.ingredient) AS ingredient FROM case_allergy a JOIN people USING (person)
    WHERE a.status IS NULL OR a.status NOT IN ('inactive', 'resolved', 'refuted', 'entered-in-error')
),
allergy_codes AS (
    SELECT n.named, n.ingredient, w.code FROM (SELECT DISTINCT named, ingredient FROM allergies) n
    JOIN knowledge.allergy_words w ON w.code = n.ingredient OR regexp_matches(n.named, w.pattern)
),
-- what is recorded, by the code a fact may ask for; yes: NULL when nobody can tell (for a treatment: whether the list is complete)
recorded AS MATERIALIZED (
    SELECT d.person, 'condition' AS looks_in, lower(d.comorbidity) AS code, d.row_id, d.onset AS day, p.as_of - d.onset AS days_old,
        nullif(d.certainty IS DISTINCT FROM 'ask' AND (d.status IN ('unconfirmed', 'provisional', 'differential')) IS NOT true, false) AS yes,
        d.resolved <= p.as_of IS true OR d.status IN ('resolved', 'inactive', 'remission') IS true AS is_over, NULL::VARCHAR AS purpose, NULL::BOOLEAN AS is_rescue,
        NULL::DOUBLE AS relief, [d.text] AS names
    FROM case_condition d JOIN people p USING (person)
    WHERE d.status IS DISTINCT FROM 'entered-in-error' AND d.status IS DISTINCT FROM 'refuted' AND (d.onset IS NULL OR d.onset <= p.as_of)
    UNION ALL
    SELECT person, 'drug_class', drug_class, NULL, NULL, NULL, active, NULL, NULL, NULL, NULL, drugs FROM person_classes
    UNION ALL
    SELECT m.person, 'drug', m.ingredient, m.row_id, m.start, NULL, m.active, NULL, lower(coalesce(m.purpose, m.indication)),
        coalesce(c.ingredient_count, 1) = 1 AND m.route IN ('nasal', 'im', 'sc', 'iv', 'injection', 'intramuscular', 'subcutaneous'), NULL,
        CASE WHEN m.active IS DISTINCT FROM false THEN [m.drug] END
    FROM medications m JOIN case_medication c USING (person, row_id, drug) WHERE lower(c.ingredient) = m.ingredient
    UNION ALL
    SELECT a.person, 'allergy', k.code, a.row_id, NULL, NULL, true, NULL, NULL, NULL, NULL, [a.substance]
    FROM allergies a JOIN allergy_codes k ON k.named = a.named AND k.ingredient IS NOT DISTINCT FROM a.ingredient
    UNION ALL
    SELECT d.person, unnest([{'looks_in': 'device', 'code': d.kind}, {'looks_in': 'device_mri', 'code': d.mri}], recursive := true), d.row_id, d."at", NULL, true, NULL, NULL, NULL, NULL, [d.kind]
    FROM case_device d JOIN people p USING (person) WHERE (d."at" IS NULL OR d."at" <= p.as_of) AND (d.removed IS NULL OR d.removed > p.as_of)
    UNION ALL
    SELECT t.person, 'treatment', t.option, t.row_id, t.date, p.as_of - t.date, list_contains(l.complete, 'treatment'), NULL, NULL, NULL, t.relief_pct, [t.option]
    FROM case_treatment t JOIN people p USING (person) JOIN lists l USING (person) WHERE t.date <= p.as_of
),
met AS (
    SELECT r.*, w.fact, w.turn, w.type, w.kind, try_cast(w.words AS DOUBLE) AS enough,
        CASE w.kind WHEN 'comorbidity_within' THEN r.yes AND nullif(r.days_old IS NOT NULL, false) WHEN 'indication' THEN r.yes AND contains(r.purpose, lower(w.words))
            WHEN 'drug_rescue' THEN r.yes AND r.is_rescue ELSE r.yes END AS answer
    FROM recorded r JOIN knowledge.fact_ways w USING (looks_in, code)
    WHERE CASE w.looks_in WHEN 'condition' THEN CASE w.kind WHEN 'comorbidity' THEN NOT r.is_over WHEN 'comorbidity_within' THEN (r.days_old <= w.validity_days) IS NOT false ELSE true END
        WHEN 'treatment' THEN (r.days_old <= w.validity_days) IS NOT false ELSE true END
),
noted AS (
    SELECT person, fact, turn, type, NULL AS unit, max(day)::TIMESTAMP AS "at", looks_in, CASE looks_in WHEN 'treatment' THEN arg_max(row_id, day) ELSE min(row_id) END AS row_id,
        CASE kind WHEN 'treatment' THEN 1 WHEN 'treatment_relief' THEN max(relief)
            WHEN 'treatment_count' THEN CASE WHEN bool_or(answer) THEN count(*) END
            WHEN 'treatment_count_relief' THEN CASE WHEN bool_or(answer) THEN count(CASE WHEN relief >= enough THEN 1 END) END
            ELSE CASE WHEN bool_or(answer) THEN 1 WHEN bool_or(answer IS NULL) THEN -1 ELSE 0 END END::DOUBLE AS num,
        list_sort(list_distinct(flatten(list(names)))) AS names
    FROM met GROUP BY person, fact, turn, type, kind, looks_in
),
together AS (
    SELECT person, fact, turn, type, unit, "at", 'observation' AS source_table, row_id,
        CASE type WHEN 'flag' THEN CASE WHEN stated IS NOT NULL THEN (stated <> 0)::INTEGER
                                        WHEN said IN ('yes', 'true', 'y') THEN 1 WHEN said IN ('no', 'false', 'n') THEN 0 END
             WHEN 'choice' THEN NULL WHEN 'text' THEN NULL ELSE stated + coalesce(beyond, 0) END AS num,
        CASE type WHEN 'text' THEN text WHEN 'choice' THEN
            choices[list_position(list_transform(choices, c -> lower(c)), coalesce(said, stated::BIGINT::VARCHAR))] END AS txt,
        CASE WHEN "at" IS NULL THEN 'undated'
             WHEN days_old > validity_days THEN 'old'
             WHEN comparator IS NOT NULL AND comparator <> '=' AND beyond IS NULL THEN 'bound'
             WHEN stated < hard_low OR stated > hard_high THEN 'out_of_range' END AS unusable,
        CASE WHEN comparator IS NULL THEN coalesce(text, stated::VARCHAR) ELSE comparator || coalesce(text, format('{:g}', stated)) END AS shown
    FROM latest
    UNION ALL
    SELECT person, fact, turn, type, NULL, "at", CASE looks_in WHEN 'drug_class' THEN 'medication' WHEN 'drug' THEN 'medication' WHEN 'device_mri' THEN 'device' ELSE looks_in END,
        row_id, num, NULL, NULL, CASE looks_in WHEN 'drug_class' THEN array_to_string(names, ', ') ELSE nullif(array_to_string(names, '; '), '') END
    FROM noted WHERE looks_in <> 'drug' OR num <> 0
    UNION ALL
    SELECT g.person, w.fact, w.turn, w.type, NULL, g.date::TIMESTAMP, 'genotype_call', NULL,
        CASE w.part WHEN 'activity_score' THEN g.activity_score::DOUBLE WHEN 'activity_score_with_drugs' THEN g.activity_score_with_drugs::DOUBLE END,
        CASE WHEN w.kind = 'allele_presence' THEN regexp_extract(g.phenotype, w.pattern, 1)
             ELSE CASE w.part WHEN 'phenotype' THEN g.phenotype WHEN 'phenotype_with_drugs' THEN g.phenotype_with_drugs END END,
        -- what the present medicines make of every possible result is known whatever the genotype
        CASE WHEN g.state <> 'called' AND (NOT ends_with(w.part, '_with_drugs') OR g.phenotype_with_drugs IS NULL OR g.phenotype_with_drugs = 'Indeterminate') THEN g.state END, g.phenotype
    FROM phenotypes g JOIN knowledge.gene_facts w ON w.gene = lower(g.gene) AND w.kind <> 'marker'
    WHERE g.state <> 'not_tested' OR g.phenotype_with_drugs IS NOT NULL AND ends_with(w.part, '_with_drugs')
    UNION ALL
    SELECT c.person, w.fact, w.turn, w.type, NULL, max(c.date)::TIMESTAMP, 'genotype_call', min(c.row_id), NULL,
        CASE WHEN count(DISTINCT pair) = 1 AND bool_and(c.state = 'called') THEN any_value(pair) END,
        CASE WHEN count(DISTINCT pair) > 1 THEN 'conflicting' WHEN NOT bool_and(c.state = 'called') THEN any_value(c.state) END,
        string_agg(DISTINCT pair, '; ' ORDER BY pair)
    FROM case_genotype_call c JOIN people USING (person) JOIN knowledge.gene_facts w ON w.kind = 'marker' AND w.part = lower(c.rsid),
    LATERAL (SELECT nullif(array_to_string(list_sort(regexp_extract_all(upper(coalesce(c.alleles, c.diplotype)), '[ACGT]')), ''), '') AS pair)
    GROUP BY c.person, w.fact, w.turn, w.type
),
judged AS MATERIALIZED (
    SELECT * EXCLUDE (unusable), coalesce(unusable, CASE WHEN num IS NULL AND nullif(txt, '') IS NULL
        THEN CASE WHEN source_table = 'observation' THEN 'not_readable' ELSE 'no_value' END END) AS why_not
    FROM together
),
-- A fact with two ways has two rows. A flag: yes before no before cannot tell; any other value: the first way that has one.
used AS (
    SELECT person, fact, arg_min(turn, {'order': CASE WHEN type = 'flag' THEN -num END, 'turn': turn}) AS turn FROM judged WHERE why_not IS NULL GROUP BY person, fact
)
SELECT person, fact, coalesce(nullif(txt, ''), CASE WHEN type = 'flag' THEN [NULL, 'no', 'yes'][num::INTEGER + 2] END, num::VARCHAR) AS value,
    unit, "at", source_table, row_id, turn, type, num, nullif(txt, '') AS txt, shown, why_not, why_not IS NOT DISTINCT FROM 'old' AS is_old,
    why_not IS NULL AND u.turn IS NOT NULL AS is_used
FROM judged LEFT JOIN used u USING (person, fact, turn);
