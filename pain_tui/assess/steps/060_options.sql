-- What is on the table for this pain problem?
-- Reads people, problems, case_asked, case_preference, case_treatment, knowledge.condition_options, option_told,
-- option_procedures. Makes options: the condition's own list, what was asked for, and always "watch".
-- Procedure codes follow the site of the problem; where the site is not known every one of them counts (site_unknown).
-- Nothing is listed for a person who has died. Without a condition only what was asked for and "watch" are listed.
CREATE OR REPLACE TEMP TABLE options AS
WITH living AS (
    SELECT p.person, coalesce(b.problem, '') AS problem, b.condition, p.as_of,
        lower(concat_ws(' ', b.site, b.level, b.text)) AS place, replace(coalesce(b.condition, ''), '_', ' ') AS condition_words
    FROM people p LEFT JOIN problems b USING (person) WHERE p.is_alive
),
wanted AS (
    SELECT l.*, c.option, 'condition' AS listed, c.place AS nr FROM living l JOIN knowledge.condition_options c USING (condition)
    UNION ALL
    SELECT l.*, a.id, 'asked', 1000 FROM living l JOIN case_asked a USING (person) WHERE a.kind IN ('option', 'procedure')
    UNION ALL
    SELECT *, 'watch', 'watch', 2000 FROM living WHERE problem <> ''
),
listed AS MATERIALIZED (
    SELECT person, problem, option, any_value(condition) AS condition, any_value(place) AS place, any_value(condition_words) AS condition_words,
        -- what was chosen for a plan is asked for, also where the condition lists it: its warnings weigh as those of a chosen option
        CASE WHEN bool_or(listed = 'asked') THEN 'asked' ELSE min_by(listed, nr) END AS listed, min(nr) AS nr
    FROM wanted GROUP BY person, problem, option
),
procedures AS (
    SELECT person, problem, option, CASE WHEN bool_or(fits) THEN list(CASE WHEN fits THEN procedure_code END) END AS fitting, list(procedure_code) AS possible
    FROM (
        SELECT s.person, s.problem, s.option, k.procedure_code, k.site_pattern IS NULL OR regexp_matches(coalesce(nullif(s.place, ''), s.condition_words), k.site_pattern)
             OR NOT regexp_matches(s.place, 'cervical|neck|lumbar|thorac|back|arm|leg|hand|foot|shoulder|knee|hip|head|face')
                AND regexp_matches(s.condition_words, k.site_pattern) AS fits
        FROM listed s JOIN knowledge.option_procedures k USING (option)
    ) GROUP BY person, problem, option
),
-- what the person declined, and what was given before
earlier AS (
    SELECT person, option, bool_or(is_declined) AS declined, max_by(relief_pct, date) AS prior_relief_pct, max(date) AS prior_at, count(date) AS times_given
    FROM (
        SELECT f.person, f.option, true AS is_declined, NULL::DOUBLE AS relief_pct, NULL::DATE AS date FROM case_preference f JOIN people p USING (person)
        WHERE f.kind = 'declined' AND (f."at" IS NULL OR f."at" <= p.as_of)
        UNION ALL
        SELECT t.person, t.option, false, t.relief_pct, t.date FROM case_treatment t JOIN people p USING (person) WHERE t.date <= p.as_of
    ) GROUP BY person, option
)
SELECT s.person, s.problem, s.condition, s.option, n.name, n.class, s.listed, s.nr,
    list_sort(list_distinct(coalesce(p.fitting, p.possible, []))) AS procedure_codes, p.possible IS NOT NULL AND p.fitting IS NULL AS site_unknown,
    n.drugs, coalesce(e.declined, false) AS declined, e.prior_relief_pct, e.prior_at, coalesce(e.times_given, 0) AS times_given
FROM listed s JOIN knowledge.option_told n USING (option) LEFT JOIN procedures p USING (person, problem, option) LEFT JOIN earlier e USING (person, option);
