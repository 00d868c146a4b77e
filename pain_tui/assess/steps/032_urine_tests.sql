-- Does a urine drug test fit what was prescribed when it was taken?
-- Reads case_observation, people, medications, medication_list, person_classes, knowledge.urine_tests, class_members. Makes urine_tests:
-- one row a person with a test. A positive test is unexpected when no course of the 31 days before explains it (CDC 2022 artefacts,
-- R10B): TRUE only from a complete list; a negative one when a course taken by the clock was running (R10C). A test of the last 365 days.
-- Cannabinoids are not judged (R10_THC_DEFAULT). Nothing here names a person's conduct: a result is a question to ask.
CREATE OR REPLACE TEMP TABLE urine_tests AS
WITH tests AS (
    SELECT o.person, lower(o.code) AS test, lower(trim(o.text)) AS result, o."at"::DATE AS day
    FROM case_observation o JOIN people p USING (person)
    WHERE starts_with(lower(o.code), 'uds_') AND o."at"::DATE <= p.as_of AND p.as_of - o."at"::DATE <= 365
    QUALIFY row_number() OVER (PARTITION BY o.person, lower(o.code) ORDER BY o."at" DESC, o.row_id) = 1
),
explained AS (
    SELECT test, explained_by AS ingredient, is_expected FROM knowledge.urine_tests WHERE NOT starts_with(explained_by, 'class:')
    UNION
    SELECT u.test, x.ingredient, u.is_expected FROM knowledge.urine_tests u
    JOIN knowledge.class_members c ON u.explained_by = 'class:' || c.drug_class JOIN knowledge.term_index x USING (term)
),
courses AS (
    SELECT t.person, t.test, bool_or(m.began < t.day AND (m.stop > t.day - 31 OR m.stop IS NULL AND m.active IS NOT false)) AS explains,
        bool_or(m.began IS NULL) AS undated,
        bool_or(e.is_expected AND m.began < t.day AND (m.stop > t.day OR m.stop IS NULL AND m.active) AND m.as_needed IS NOT true) AS is_due
    FROM tests t JOIN explained e USING (test) JOIN medications m ON m.person = t.person AND m.ingredient = e.ingredient
    WHERE m.active_why NOT LIKE 'recorded as % never counts' GROUP BY ALL
),
judged AS (
    SELECT t.*, f.label, CASE WHEN t.result = 'positive' THEN CASE WHEN c.explains THEN false WHEN c.undated THEN NULL
            WHEN l.complete AND len(l.unknown_drugs) = 0 OR t.test NOT IN (SELECT test FROM explained) THEN true END ELSE false END AS is_unexpected_positive,
        t.result = 'negative' AND c.is_due IS true AS is_unexpected_negative
    FROM tests t JOIN medication_list l USING (person) JOIN knowledge.facts f ON f.fact = t.test LEFT JOIN courses c USING (person, test)
    WHERE t.test IN (SELECT test FROM knowledge.urine_tests)
)
SELECT person, CASE WHEN bool_or(is_unexpected_positive) THEN true WHEN bool_or(is_unexpected_positive IS NULL) THEN NULL ELSE false END AS unexpected_positive,
    string_agg(replace(label, 'urine: ', '') || ' (' || day || ')', ', ' ORDER BY test) FILTER (is_unexpected_positive) AS positive_tests,
    bool_or(is_unexpected_negative) AS unexpected_negative,
    string_agg(replace(label, 'urine: ', '') || ' (' || day || ')', ', ' ORDER BY test) FILTER (is_unexpected_negative) AS negative_tests
FROM judged GROUP BY person;
