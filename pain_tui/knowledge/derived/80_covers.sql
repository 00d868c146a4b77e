-- needs: drug_conditions, condition_words, condition_tests, facts, drug_classes, drug_names, drug_terms
-- Which drugs stand behind a word that a rule covers: the members of a class, or the drug itself.
CREATE TABLE knowledge.cover_terms AS
SELECT c.drug_class AS word, t.ingredient FROM knowledge.class_members c JOIN knowledge.term_index t USING (term)
UNION
SELECT term, ingredient FROM knowledge.term_index;

-- What each row of drug_conditions is told with: the words of its condition, and the facts it looks at with their labels.
CREATE TABLE knowledge.condition_told AS
WITH looked_at AS (
    SELECT a.row_id, list({'fact': a.fact, 'label': f.label} ORDER BY a.clause, a.fact) AS facts
    FROM (SELECT row_id, fact, min(clause) AS clause FROM knowledge.condition_atoms WHERE NOT contains(fact, ':') GROUP BY row_id, fact) a
    JOIN knowledge.facts f USING (fact) GROUP BY a.row_id
)
SELECT d.row_id, w.words, w.told_by, l.facts
FROM knowledge.drug_conditions d JOIN knowledge.condition_words w USING (condition_code) LEFT JOIN looked_at l USING (row_id);
