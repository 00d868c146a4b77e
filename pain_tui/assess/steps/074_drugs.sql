-- Which drugs are in question: those in use, those stopped lately, and those of the listed options?
-- Reads person_terms, medications, people, options, knowledge.term_index. Makes drugs_in_question: one row a person and the
-- table name a drug answers to. in_use is TRUE, NULL (not known) or FALSE (stopped, or only of a listed option: on_list).
CREATE OR REPLACE TEMP TABLE drugs_in_question AS
SELECT t.person, t.ingredient, t.term, CASE WHEN bool_or(t.active) THEN true WHEN bool_or(t.active IS NULL) THEN NULL ELSE false END AS in_use,
    min(date_diff('day', t.stop, p.as_of)) FILTER (t.stop <= p.as_of AND t.was_taken) AS stopped_days,
    count(DISTINCT t.row_id) FILTER (t.active) AS products, max(t.purpose) AS purpose, max(t.route) AS route,
    max(date_diff('day', t.start, p.as_of)) FILTER (t.active IS DISTINCT FROM false) AS days, []::VARCHAR[] AS on_list
FROM person_terms t JOIN people p USING (person) GROUP BY t.person, t.ingredient, t.term
UNION ALL
SELECT o.person, i.ingredient, i.term, false, NULL, 0, NULL, NULL, NULL, list(DISTINCT o.option ORDER BY o.option)
FROM (SELECT person, option, lower(unnest(drugs)) AS drug FROM options WHERE NOT coalesce(declined, false)) o
JOIN knowledge.term_index i ON i.ingredient = o.drug
WHERE i.routes IS NULL AND i.form_word IS NULL AND i.with_ingredient IS NULL
GROUP BY o.person, i.ingredient, i.term;
