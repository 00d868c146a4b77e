-- needs: drug_names, drug_terms, drug_classes
-- Which written drug terms of the safety tables a recorded medicine answers to, and which classes a term is in.
-- A term may need a form ("tramadol er"), a route ("fentanyl transdermal") or a partner ("buprenorphine/naloxone").
CREATE TABLE knowledge.term_index AS
WITH plain AS (
    SELECT lower(ingredient) AS term, lower(ingredient) AS ingredient, kind, members
    FROM knowledge.drug_names WHERE kind IN ('ingredient', 'combination') AND ingredient IS NOT NULL
),
opioids AS (
    SELECT DISTINCT lower(drug) AS ingredient FROM knowledge.drug_classes
    WHERE drug_class = 'opioid_any' AND lower(drug) IN (SELECT term FROM plain)
)
SELECT term, ingredient, NULL::VARCHAR AS form_word, NULL::VARCHAR[] AS routes, NULL::VARCHAR AS with_ingredient, false AS stated_only FROM plain
UNION
SELECT unnest(string_split(lower(members), '|')), ingredient, NULL, NULL, NULL, false FROM plain WHERE kind = 'combination'
UNION
SELECT lower(term), lower(ingredient), form_word, string_split(routes, '|'), lower(with_ingredient), false FROM knowledge.drug_terms
UNION
-- a spinal opioid is always written as one: an opioid without a route is not taken for it
SELECT 'intrathecal opioid', ingredient, NULL, ['intrathecal'], NULL, true FROM opioids;

-- A suggested membership is one that only drug_names.csv proposes; a pharmacist should accept or refuse it.
CREATE TABLE knowledge.class_members AS
WITH stated AS (
    SELECT drug_class, lower(drug) AS term FROM knowledge.drug_classes
    UNION
    SELECT unnest(string_split(class_ids, '|')), lower(ingredient) FROM knowledge.drug_names
    WHERE kind IN ('ingredient', 'combination') AND class_ids IS NOT NULL
),
suggested AS (
    SELECT unnest(string_split(class_ids_suggested, '|')) AS drug_class, lower(ingredient) AS term FROM knowledge.drug_names
    WHERE kind IN ('ingredient', 'combination') AND class_ids_suggested IS NOT NULL
)
SELECT drug_class, term, false AS suggested FROM stated
UNION ALL
SELECT drug_class, term, true FROM suggested ANTI JOIN stated USING (drug_class, term);

-- The same, straight from a recorded ingredient, so that a step needs one join.
CREATE TABLE knowledge.class_index AS
SELECT DISTINCT m.drug_class, i.ingredient, i.form_word, i.routes, i.with_ingredient, m.suggested
FROM knowledge.class_members m JOIN knowledge.term_index i USING (term);
