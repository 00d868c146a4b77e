-- Who is this about, on the day of the question, which pain problems are open, and which lists may be read as complete?
-- Reads case_person, case_problem, case_list_review, case_run, knowledge.lists, code_maps. Makes people, problems, unread_diagnoses, lists.
-- Age is in whole years on the day; a stated age grows with the calendar. No death date on or before the day means alive.
-- A diagnosis nobody could place (in free words, or a code outside the maps; ICD-10 prefixes cover all of ours) may be any of those
-- a rule asks for: it keeps the condition list from being read as complete.
-- lists.complete names the lists that may be read as complete: the latest review says so and is within that list's validity.
CREATE OR REPLACE TEMP TABLE people AS
WITH aged AS (
    SELECT c.person, c.sex, c.death_date, c.fictional, r.as_of,
        coalesce(date_part('year', age(r.as_of, c.birth_date)),
                 floor(c.age_stated + coalesce((r.as_of - c.age_stated_at) / 365.25, 0))) AS age_years
    FROM case_person c CROSS JOIN case_run r
)
SELECT person, CASE WHEN age_years >= 0 THEN age_years::INTEGER END AS age_years,
    CASE WHEN sex IN ('female', 'male') THEN sex END AS sex,
    death_date IS NULL OR death_date > as_of AS is_alive,
    CASE WHEN age_years >= 0 THEN age_years < 18 END AS is_child, fictional, as_of
FROM aged;

CREATE OR REPLACE TEMP TABLE problems AS
SELECT c.person, c.problem, CASE WHEN c.condition_certainty IS DISTINCT FROM 'ask' THEN c.condition END AS condition,
    c.condition AS condition_proposed, c.text, c.icd10, c.site, c.side, c.level, c.onset_date, c.confirmed_by, c.is_primary,
    (p.as_of - c.onset_date) * 12 / 365.25 AS months_since_onset
FROM case_problem c JOIN people p USING (person)
WHERE (c.resolved IS NULL OR c.resolved > p.as_of) AND (c.onset_date IS NULL OR c.onset_date <= p.as_of);

CREATE OR REPLACE TEMP TABLE unread_diagnoses AS
SELECT DISTINCT c.person, coalesce(c.text, c.code) AS diagnosis
FROM case_condition c JOIN people p USING (person)
WHERE c.comorbidity IS NULL AND (c.status IS NULL OR c.status NOT IN ('entered-in-error', 'refuted', 'resolved', 'inactive'))
  AND (c.resolved IS NULL OR c.resolved > p.as_of)
  AND (c.code IS NULL OR NOT starts_with(coalesce(c.system, ''), 'ICD-10') AND c.code NOT IN (SELECT code FROM knowledge.code_maps));

CREATE OR REPLACE TEMP TABLE lists AS
WITH reviewed AS (
    SELECT v.person, v.list, max_by(v.complete, v."at") AS complete, max(v."at")::DATE AS reviewed_at
    FROM case_list_review v, case_run r WHERE v."at"::DATE <= r.as_of GROUP BY ALL
),
valid AS (
    SELECT person, list, complete AND p.as_of - reviewed_at <= k.validity_days
        AND (list <> 'condition' OR person NOT IN (SELECT person FROM unread_diagnoses)) AS complete
    FROM reviewed JOIN people p USING (person) JOIN knowledge.lists k USING (list)
)
SELECT p.person, coalesce(list(v.list ORDER BY v.list) FILTER (v.complete), []) AS complete
FROM people p LEFT JOIN valid v USING (person) GROUP BY p.person;
