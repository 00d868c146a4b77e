-- Which drug classes are in use? TRUE when an active medicine is a member; FALSE only when the list is stated complete
-- and nothing on it could be a member; otherwise nobody can tell (NULL).
-- Reads medications, medication_list, knowledge.class_index, knowledge.term_index.
-- Makes person_terms (the table names a medicine answers to) and person_classes.
CREATE OR REPLACE TEMP TABLE person_terms AS
SELECT m.person, m.row_id, m.ingredient, i.term, m.purpose, m.route, m.start, m.stop,
    m.status IS NULL OR m.status NOT IN ('cancelled', 'draft', 'entered-in-error', 'not-taken') AS was_taken,
    m.active
    AND CASE WHEN i.routes IS NULL THEN true WHEN i.stated_only AND m.route IS NULL THEN false ELSE list_contains(i.routes, m.route) END
    AND (i.form_word IS NULL
         OR CASE WHEN i.form_word = 'extended release' THEN m.is_extended
                 ELSE contains(concat_ws(' ', m.form, lower(m.drug)), i.form_word) OR nullif(m.form IS NULL, true) END)
    AND (i.with_ingredient IS NULL OR EXISTS (
        FROM medications o WHERE o.person = m.person AND o.drug = m.drug AND o.ingredient = i.with_ingredient)) AS active
FROM medications m JOIN knowledge.term_index i USING (ingredient);

CREATE OR REPLACE TEMP TABLE person_classes AS
WITH members AS (
    SELECT t.person, c.drug_class, bool_or(t.active) AS is_active, bool_or(t.active IS NULL) AS is_unsure,
        list(DISTINCT t.ingredient ORDER BY t.ingredient) FILTER (t.active) AS drugs,
        bool_and(c.suggested) FILTER (t.active) AS suggested
    FROM person_terms t JOIN knowledge.class_members c USING (term) GROUP BY ALL
),
classes AS (SELECT DISTINCT drug_class FROM knowledge.class_members)
SELECT l.person, c.drug_class,
    CASE WHEN m.is_active THEN true
         WHEN l.complete AND len(l.unknown_drugs) = 0 AND m.is_unsure IS NOT TRUE THEN false END AS active,
    coalesce(m.drugs, []) AS drugs, coalesce(m.suggested, false) AS suggested
FROM medication_list l CROSS JOIN classes c LEFT JOIN members m USING (person, drug_class);
