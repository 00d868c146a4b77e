-- The drugs named with each question, as the medicines of one person whose list is complete.
-- Reads questions, knowledge.drug_words. Makes question_drugs, medications, medication_list.
CREATE OR REPLACE TEMP TABLE question_drugs AS
SELECT q.person, trim(lower(w.written)) AS written, d.ingredient
FROM questions q, unnest(regexp_split_to_array(coalesce(q.inhibitors, ''), '[|;,]')) w(written)
LEFT JOIN knowledge.drug_words d ON d.word = trim(lower(w.written))
WHERE trim(w.written) <> '';
CREATE OR REPLACE TEMP TABLE medications AS
SELECT person, person || ingredient AS row_id, ingredient, true AS active, NULL::DATE AS start, NULL::DATE AS stop,
    NULL::TIMESTAMP AS last_dose, NULL::DOUBLE AS amount_per_day_max
FROM (SELECT DISTINCT person, ingredient FROM question_drugs WHERE ingredient IS NOT NULL);
-- a name that nobody knows could be any inhibitor, so the list of that question is not complete
CREATE OR REPLACE TEMP TABLE medication_list AS
SELECT q.person, count(d.written) FILTER (d.ingredient IS NULL) = 0 AS complete,
    coalesce(list(DISTINCT d.written) FILTER (d.ingredient IS NULL), []) AS unknown_drugs
FROM questions q LEFT JOIN question_drugs d USING (person) GROUP BY q.person;
