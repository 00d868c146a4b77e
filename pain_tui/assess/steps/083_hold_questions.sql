-- For which medicines and procedures of the listed options must the guidelines on stopping be asked?
-- Reads options, medications, facts, knowledge.hold_index, bleeding_modifiers. Makes hold_questions: one row a person,
-- procedure and medicine in use. modifiers counts what raises the bleeding risk by one class (NULL when none is known and
-- some cannot be told); others counts the other medicines that thin the blood.
CREATE OR REPLACE TEMP TABLE hold_questions AS
WITH asked AS (
    SELECT DISTINCT person, unnest(procedure_codes) AS procedure_code FROM options WHERE NOT coalesce(declined, false)
),
thinners AS (
    SELECT m.person, m.ingredient AS drug, bool_or(m.active) AS active, max(m.route) AS route,
        CASE WHEN bool_and(m.amount_unit = 'mg' OR m.unit IN ('units', 'unit')) THEN max(greatest(m.dose, m.dose_max)) END AS dose,
        max(m.last_dose) AS last_dose, max(m.indication) AS indication,
        CASE WHEN bool_or(regexp_matches(lower(concat_ws(' ', m.drug, m.indication)), 'prophyla')) THEN 'low'
             WHEN bool_or(regexp_matches(lower(concat_ws(' ', m.drug, m.indication)), 'therapeutic')) THEN 'high' END AS dose_band
    FROM medications m
    WHERE m.active IS DISTINCT FROM false AND m.ingredient IN (SELECT ingredient FROM knowledge.hold_index)
    GROUP BY m.person, m.ingredient
),
known AS (
    SELECT person, crcl, unnest(['has_bleeding_disorder', 'has_thrombocytopenia', 'has_cirrhosis', 'egfr', 'age_years']) AS fact,
        unnest([has_bleeding_disorder::VARCHAR, has_thrombocytopenia::VARCHAR, has_cirrhosis::VARCHAR, egfr::VARCHAR, age_years::VARCHAR]) AS value
    FROM (SELECT DISTINCT ON (person) * FROM facts)
),
bleeding AS (
    SELECT k.person, any_value(k.crcl) AS crcl, count(*) FILTER (holds) AS raised, list(k.fact) FILTER (holds IS NULL) AS missing
    FROM known k JOIN knowledge.bleeding_modifiers b USING (fact),
    LATERAL (SELECT CASE b.op WHEN '=' THEN k.value = b.value WHEN '<' THEN k.value::DOUBLE < b.value::DOUBLE
        ELSE k.value::DOUBLE >= b.value::DOUBLE END AS holds)
    GROUP BY k.person
),
counted AS (
    SELECT person, count(*) FILTER (active) AS thinning FROM thinners t
    WHERE t.drug NOT IN (SELECT ingredient FROM knowledge.class_members m JOIN knowledge.term_index i USING (term) WHERE m.drug_class IN ('ssri', 'snri', 'nsaid_cox2'))
    GROUP BY person
)
SELECT row_number() OVER (ORDER BY t.person, a.procedure_code, t.drug) AS question, t.person, t.drug, t.active, a.procedure_code, t.dose, t.dose_band,
    t.route, b.crcl, t.indication,
    CASE WHEN b.raised + (c.thinning > 1)::INTEGER > 0 THEN b.raised + (c.thinning > 1)::INTEGER WHEN len(b.missing) > 0 THEN NULL ELSE 0 END AS modifiers,
    coalesce(c.thinning, 0) - 1 AS others, t.last_dose, NULL::TIMESTAMP AS procedure_at, b.missing
FROM thinners t JOIN asked a USING (person) LEFT JOIN bleeding b USING (person) LEFT JOIN counted c USING (person);
