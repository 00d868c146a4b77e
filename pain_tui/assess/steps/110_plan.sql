-- In which order do the options stand, and what is against each of them?
-- Reads options, findings, procedure_check, undecided, forecast, case_run. Makes plan.
-- Order: by the extra over the comparator, then by response, within options of the same outcome, horizon and denominator;
-- groups stand one after the other (the display horizon first) and are never mixed. Then options without an estimate, then "watch".
-- Check: the worst answer of the procedure check; an option without a procedure is judged by its findings and open questions.
-- Tier: the highest for the option. Of a class of drugs, the mildest among the members that remain usable; stopped ones are named.
CREATE OR REPLACE TEMP TABLE plan AS
WITH ranks(tier, rank) AS (VALUES ('NOTE', 1), ('CAUTION', 2), ('STOP', 3)),
about_option AS (
    SELECT o.person, o.problem, o.option, max(r.rank) AS rank
    FROM options o JOIN findings f ON f.person = o.person AND f.option = o.option AND f.drug IS NULL
        AND (coalesce(f.problem, '') = '' OR f.problem = o.problem)
    JOIN ranks r USING (tier) GROUP BY ALL
),
members AS (
    SELECT person, problem, option, unnest(drugs) AS drug FROM options
),
about_member AS (
    SELECT m.person, m.problem, m.option, m.drug, coalesce(max(r.rank), 0) AS rank
    FROM members m LEFT JOIN findings f ON f.person = m.person AND f.drug = m.drug AND (f.option IS NULL OR f.option = m.option)
        AND (coalesce(f.problem, '') = '' OR f.problem = m.problem)
    LEFT JOIN ranks r USING (tier) GROUP BY ALL
),
classes AS (
    SELECT person, problem, option, list(drug ORDER BY drug) FILTER (rank < 3) AS usable, list(drug ORDER BY drug) FILTER (rank = 3) AS stopped,
        coalesce(min(rank) FILTER (rank < 3), 3) AS rank
    FROM about_member GROUP BY ALL
),
open_questions AS (
    SELECT DISTINCT o.person, o.problem, o.option FROM options o JOIN undecided u ON u.person = o.person
     AND (u.option = o.option AND (u.problem = '' OR u.problem = o.problem) OR u.option IS NULL AND list_contains(o.drugs, u.drug))
),
procedures AS (
    SELECT person, problem, option, CASE WHEN bool_or(answer = 'not_clear') THEN 'not_clear'
        WHEN bool_or(answer = 'cannot_tell') THEN 'cannot_tell' ELSE 'clear' END AS answer
    FROM procedure_check GROUP BY ALL
),
judged AS (
    SELECT o.*, f.outcome, f.horizon_weeks, f.denominator, f.extra, f.p_response, f.no_estimate_code,
        greatest(coalesce(a.rank, 0), coalesce(c.rank, 0)) AS rank, coalesce(c.usable, []) AS usable, coalesce(c.stopped, []) AS stopped,
        coalesce(p.answer, CASE WHEN greatest(coalesce(a.rank, 0), coalesce(c.rank, 0)) = 3 THEN 'not_clear'
            WHEN u.option IS NOT NULL OR len(o.procedure_codes) > 0 THEN 'cannot_tell' ELSE 'clear' END) AS answer,
        CASE WHEN o.listed = 'watch' THEN 3 WHEN f.p_response IS NULL THEN 2 WHEN f.horizon_weeks = r.horizon_weeks THEN 0 ELSE 1 END AS part
    FROM options o CROSS JOIN case_run r LEFT JOIN forecast f USING (person, problem, option)
    LEFT JOIN about_option a USING (person, problem, option) LEFT JOIN classes c USING (person, problem, option)
    LEFT JOIN open_questions u USING (person, problem, option) LEFT JOIN procedures p USING (person, problem, option)
),
grouped AS (
    SELECT *, CASE WHEN part < 2 THEN count(*) OVER (PARTITION BY person, problem, part, outcome, horizon_weeks, denominator) END AS group_size
    FROM judged
)
SELECT person, problem, option,
    row_number() OVER (PARTITION BY person, problem ORDER BY part, group_size DESC, outcome, horizon_weeks, denominator,
        CASE WHEN part < 2 THEN extra END DESC NULLS LAST, CASE WHEN part < 2 THEN p_response END DESC NULLS LAST, nr, option) AS position,
    answer AS "check", [NULL, 'NOTE', 'CAUTION', 'STOP'][rank + 1] AS tier, usable AS usable_drugs, stopped AS stopped_drugs,
    CASE part WHEN 0 THEN 'at the chosen time' WHEN 1 THEN 'at another time' WHEN 2 THEN 'no estimate' ELSE 'no new treatment' END AS part,
    CASE WHEN part < 2 THEN concat_ws(', ', outcome, horizon_weeks || ' weeks', denominator) END AS order_group
FROM grouped;
