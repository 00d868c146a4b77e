-- For which medicines and procedures of the listed options must the guidelines on stopping be asked?
-- Reads options, medications, person_cells, knowledge.hold_drugs, bleeding_modifiers. Makes hold_questions: one row a person,
-- procedure and medicine in use. modifiers counts what raises the bleeding risk by one class (NULL when none is known and
-- some cannot be told); others counts the other medicines that thin the blood.
CREATE OR REPLACE TEMP TABLE hold_questions AS
WITH thinners AS (
    SELECT m.person, m.ingredient AS drug, CASE WHEN bool_or(m.active) THEN true END AS active, max(m.route) AS route,
        -- known only when every entry says it: a low dose beside an entry without a dose is no low dose
        CASE WHEN count(*) = count(*) FILTER ((m.amount_unit = 'mg' OR m.unit IN ('units', 'unit')) AND greatest(m.dose, m.dose_max) IS NOT NULL)
             THEN max(greatest(m.dose, m.dose_max))
             WHEN bool_and(m.dose IS NULL) AND count(*) = count(m.strength_mg) THEN max(m.strength_mg) END AS dose, -- 'Xarelto 20 mg' without a dose
        max(m.last_dose) AS last_dose, max(m.indication) AS indication, any_value(h.counts) AS counts,
        -- the higher counts, and the lower only when every entry says so
        CASE WHEN bool_or(contains(lower(concat_ws(' ', m.drug, m.indication)), 'therapeutic')) THEN 'high'
             WHEN bool_and(contains(lower(concat_ws(' ', m.drug, m.indication)), 'prophyla')) THEN 'low' END AS dose_band
    FROM medications m JOIN knowledge.hold_drugs h USING (ingredient)
    WHERE m.active IS DISTINCT FROM false GROUP BY m.person, m.ingredient
),
bleeding AS (
    SELECT person, any_value(value) FILTER (fact = 'crcl')::DOUBLE AS crcl,
        count(DISTINCT fact) FILTER (holds) AS raised, list(DISTINCT fact) FILTER (holds IS NOT NULL) AS told
    FROM (SELECT f.person, f.fact, f.value, CASE b.op WHEN '=' THEN f.value = b.value WHEN '<' THEN try_cast(f.value AS DOUBLE) < b.number
                WHEN '>=' THEN try_cast(f.value AS DOUBLE) >= b.number END AS holds
          FROM person_cells f LEFT JOIN knowledge.bleeding_modifiers b USING (fact) WHERE f.fact = 'crcl' OR b.fact IS NOT NULL)
    GROUP BY person
),
counted AS (
    SELECT t.person, count(*) FILTER (t.counts AND t.active) AS thinning, any_value(b.crcl) AS crcl, any_value(b.raised) AS raised,
        list_filter((SELECT list(fact) FROM knowledge.bleeding_modifiers), lambda f: NOT list_contains(coalesce(any_value(b.told), []), f)) AS missing
    FROM thinners t LEFT JOIN bleeding b USING (person) GROUP BY t.person
)
SELECT row_number() OVER () AS question, t.person, t.drug, t.active, a.procedure_code, t.dose, t.dose_band, t.route, c.crcl, t.indication,
    CASE WHEN coalesce(c.raised, 0) + (c.thinning > 1)::INTEGER > 0 THEN coalesce(c.raised, 0) + (c.thinning > 1)::INTEGER
         WHEN len(c.missing) = 0 THEN 0 END AS modifiers,
    c.thinning - (t.counts AND t.active IS true)::INTEGER AS others, t.last_dose, NULL::TIMESTAMP AS procedure_at, c.missing
FROM thinners t JOIN counted c USING (person)
JOIN (SELECT DISTINCT person, unnest(procedure_codes) AS procedure_code FROM options WHERE NOT coalesce(declined, false)) a USING (person);
