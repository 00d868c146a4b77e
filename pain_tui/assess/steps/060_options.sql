-- What is on the table for this pain problem?
-- Reads people, problems, case_asked, case_preference, case_treatment, knowledge.condition_options, option_names,
-- option_procedures, option_drugs. Makes options: the condition's own list, what was asked for, and always "watch".
-- Procedure codes follow the site of the problem; where the site is not known every one of them counts (site_unknown).
-- Nothing is listed for a person who has died. Without a condition only what was asked for and "watch" are listed.
CREATE OR REPLACE TEMP TABLE options AS
WITH living AS (
    SELECT p.person, coalesce(b.problem, '') AS problem, b.condition, p.as_of,
        lower(concat_ws(' ', b.site, b.level, b.text)) AS place, replace(coalesce(b.condition, ''), '_', ' ') AS condition_words
    FROM people p LEFT JOIN problems b USING (person) WHERE p.is_alive
),
wanted AS (
    SELECT l.person, l.problem, c.option, 'condition' AS listed, c.place AS nr FROM living l JOIN knowledge.condition_options c USING (condition)
    UNION ALL
    SELECT l.person, l.problem, a.id, 'asked', 1000 FROM living l JOIN case_asked a USING (person) WHERE a.kind IN ('option', 'procedure')
    UNION ALL
    SELECT person, problem, 'watch', 'watch', 2000 FROM living WHERE problem <> ''
),
listed AS (
    SELECT person, problem, option, min_by(listed, nr) AS listed, min(nr) AS nr FROM wanted GROUP BY ALL
),
procedures AS (
    SELECT s.person, s.problem, s.option,
        list(DISTINCT q.procedure_code ORDER BY q.procedure_code) FILTER (q.fits) AS fitting,
        list(DISTINCT q.procedure_code ORDER BY q.procedure_code) AS possible
    FROM listed s JOIN living l USING (person, problem) JOIN knowledge.option_procedures k USING (option),
    LATERAL (SELECT k.procedure_code, k.site_pattern IS NULL OR regexp_matches(coalesce(nullif(l.place, ''), l.condition_words), k.site_pattern)
             OR NOT regexp_matches(l.place, 'cervical|neck|lumbar|thorac|back|arm|leg|hand|foot|shoulder|knee|hip|head|face')
                AND regexp_matches(l.condition_words, k.site_pattern) AS fits) q
    GROUP BY ALL
),
declined AS (
    SELECT DISTINCT f.person, f.option FROM case_preference f JOIN people p USING (person)
    WHERE f.kind = 'declined' AND (f."at" IS NULL OR f."at" <= p.as_of)
),
before AS (
    SELECT t.person, t.option, max_by(t.relief_pct, t.date) AS prior_relief_pct, max(t.date) AS prior_at, count(*) AS times_given
    FROM case_treatment t JOIN people p USING (person) WHERE t.date <= p.as_of GROUP BY ALL
)
SELECT s.person, s.problem, l.condition, s.option, n.name, n.class, s.listed, s.nr,
    coalesce(p.fitting, p.possible, []) AS procedure_codes, p.possible IS NOT NULL AND p.fitting IS NULL AS site_unknown,
    coalesce(d.drugs, []) AS drugs, x.option IS NOT NULL AS declined, b.prior_relief_pct, b.prior_at, coalesce(b.times_given, 0) AS times_given
FROM listed s JOIN living l USING (person, problem) JOIN knowledge.option_names n USING (option)
LEFT JOIN procedures p USING (person, problem, option) LEFT JOIN knowledge.option_drugs d USING (option)
LEFT JOIN declined x ON x.person = s.person AND x.option = s.option LEFT JOIN before b ON b.person = s.person AND b.option = s.option;
