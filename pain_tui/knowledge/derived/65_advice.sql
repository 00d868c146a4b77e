-- needs: advice, drug_conditions, drug_interactions
-- Each row of the two look-up tables with its advice in a plain sentence: what its code asks for, then the words of the row.
-- Where the words disagree with the code or are narrower (not_for), and where the row was not checked, its own words stand alone.
-- Words that only repeat the sentence (same_as) are not said twice.
CREATE TABLE knowledge.advice_told AS
WITH said AS (
    SELECT 'drug_conditions' AS table_name, row_id, action_code AS code, guidance AS words, sureness FROM knowledge.drug_conditions
    UNION ALL
    SELECT 'drug_interactions', row_id, management_code, management, sureness FROM knowledge.drug_interactions
),
chosen AS (
    SELECT s.table_name, s.row_id, s.words, CASE WHEN s.sureness <> 'unchecked' AND list_contains(string_split(a.not_for, '|'), s.row_id) IS NOT true THEN a.sentence END AS sentence,
        list_contains(string_split(a.same_as, '|'), s.words) IS true AS is_same
    FROM said s LEFT JOIN knowledge.advice a USING (table_name, code)
)
SELECT table_name, row_id, nullif(concat_ws(' ', sentence,
    CASE WHEN sentence IS NULL OR NOT is_same THEN 'The source says: ' || rtrim(words, '.') || '.' END), '') AS advice
FROM chosen;

CREATE TABLE knowledge.interaction_told AS
SELECT d.*, t.advice FROM knowledge.drug_interactions d JOIN knowledge.advice_told t ON t.table_name = 'drug_interactions' AND t.row_id = d.row_id;

CREATE TABLE knowledge.drug_condition_told AS
SELECT d.*, t.advice FROM knowledge.drug_conditions d JOIN knowledge.advice_told t ON t.table_name = 'drug_conditions' AND t.row_id = d.row_id;
