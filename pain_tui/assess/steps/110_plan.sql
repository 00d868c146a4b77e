-- In which order do the options stand, and what is against each of them?
-- Reads options, findings, procedure_check, undecided, forecast, case_run. Makes plan.
-- Order: by the extra over the comparator, then by response, within options of the same outcome, horizon and denominator;
-- groups stand one after the other (the display horizon first) and are never mixed. Then options without an estimate, then "watch".
-- Check: the worst answer of the procedure check; an option without a procedure is judged by its findings and open questions, and
-- one that is done to the body but has no procedure in the tables is never clear.
-- Tier: the highest for the option. Of a class of drugs, the mildest among the members that remain usable; stopped ones are named.
CREATE OR REPLACE TEMP TABLE plan AS
WITH members AS MATERIALIZED (
    SELECT person, problem, option, unnest(drugs) AS drug FROM options
),
-- what is told (rank 1 NOTE to 3 STOP) and what is left open
said AS MATERIALIZED (
    SELECT person, coalesce(problem, '') AS problem, option, drug, list_position(['NOTE', 'CAUTION', 'STOP'], tier) AS rank, false AS is_open FROM findings
    UNION ALL
    SELECT person, problem, option, drug, 0, true FROM undecided
),
about AS (
    SELECT person, problem, option, drug, max(rank) AS rank, bool_or(is_open) AS is_open
    FROM (
        SELECT o.person, o.problem, o.option, NULL AS drug, s.rank, s.is_open FROM options o JOIN said s USING (person, option)
        WHERE (s.drug IS NULL OR s.is_open) AND s.problem IN ('', o.problem)
        UNION ALL
        SELECT m.person, m.problem, m.option, m.drug, s.rank, s.is_open FROM members m JOIN said s USING (person, drug)
        WHERE (s.option IS NULL OR s.option = m.option AND NOT s.is_open) AND s.problem IN ('', m.problem)
        UNION ALL
        SELECT person, problem, option, drug, 0, false FROM members
    ) GROUP BY person, problem, option, drug
),
-- one row an option: what is told of itself, its drugs, its worst answer (1 clear, 2 cannot_tell, 3 not_clear)
summed AS (
    SELECT person, problem, option, coalesce(max(CASE WHEN drug IS NULL THEN rank END), 0) AS own_rank, bool_or(is_open) AS is_open, max(answer) AS answer,
        list_sort(list(CASE WHEN rank < 3 THEN drug END)) AS usable, list_sort(list(CASE WHEN rank = 3 THEN drug END)) AS stopped,
        CASE WHEN count(drug) > 0 THEN coalesce(min(CASE WHEN drug IS NOT NULL AND rank < 3 THEN rank END), 3) ELSE 0 END AS drug_rank
    FROM (
        SELECT person, problem, option, drug, rank, is_open, NULL AS answer FROM about
        UNION ALL
        SELECT person, problem, option, NULL, NULL, NULL, CASE answer WHEN 'not_clear' THEN 3 WHEN 'cannot_tell' THEN 2 ELSE 1 END FROM procedure_check
    ) GROUP BY person, problem, option
),
judged AS MATERIALIZED (
    SELECT o.person, o.problem, o.option, o.nr, f.outcome, f.horizon_weeks, f.denominator, f.extra, f.p_response,
        greatest(coalesce(s.own_rank, 0), coalesce(s.drug_rank, 0)) AS rank, s.usable, s.stopped,
        coalesce(['clear', 'cannot_tell', 'not_clear'][s.answer], CASE WHEN greatest(coalesce(s.own_rank, 0), coalesce(s.drug_rank, 0)) = 3 THEN 'not_clear'
            WHEN s.is_open OR len(o.procedure_codes) > 0 OR o.option IN (SELECT option FROM knowledge.option_links WHERE kind = 'unchecked') THEN 'cannot_tell' ELSE 'clear' END) AS answer,
        CASE WHEN o.listed = 'watch' THEN 3 WHEN f.p_response IS NULL THEN 2 WHEN f.horizon_weeks = r.horizon_weeks THEN 0 ELSE 1 END AS part
    FROM options o CROSS JOIN case_run r LEFT JOIN forecast f USING (person, problem, option) LEFT JOIN summed s USING (person, problem, option)
),
sizes AS (
    SELECT person, problem, part, outcome, horizon_weeks, denominator, count(*) AS group_size FROM judged WHERE part < 2 GROUP BY ALL
)
SELECT person, problem, option,
    row_number() OVER (PARTITION BY person, problem ORDER BY part, group_size DESC, outcome, horizon_weeks, denominator,
        CASE WHEN part < 2 THEN extra END DESC NULLS LAST, CASE WHEN part < 2 THEN p_response END DESC NULLS LAST, nr, option) AS position,
    answer AS "check", [NULL, 'NOTE', 'CAUTION', 'STOP'][rank + 1] AS tier, list_filter(coalesce(usable, []), lambda d: d IS NOT NULL) AS usable_drugs, list_filter(coalesce(stopped, []), lambda d: d IS NOT NULL) AS stopped_drugs,
    CASE part WHEN 0 THEN 'at the chosen time' WHEN 1 THEN 'at another time' WHEN 2 THEN 'no estimate' ELSE 'no new treatment' END AS part,
    CASE WHEN part < 2 THEN concat_ws(', ', outcome, horizon_weeks || ' weeks', denominator) END AS order_group
FROM judged LEFT JOIN sizes USING (person, problem, part, outcome, horizon_weeks, denominator);
