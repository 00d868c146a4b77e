-- needs: drug_conditions, condition_words, drug_classes, drug_names, drug_terms
-- Which drugs stand behind a word that a rule covers: the members of a class, or the drug itself.
CREATE TABLE knowledge.cover_terms AS
SELECT c.drug_class AS word, t.ingredient FROM knowledge.class_members c JOIN knowledge.term_index t USING (term)
UNION
SELECT term, ingredient FROM knowledge.term_index;
