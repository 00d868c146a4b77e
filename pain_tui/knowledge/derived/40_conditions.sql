-- needs: drug_conditions, condition_tests, drug_classes, drug_names, drug_terms
-- Each row of drug_conditions as atoms: alternatives within a clause, and all clauses must hold.
-- Numbers come from the row's own min and max; words from condition_tests. Labels quote creatinine clearance, so CrCl
-- rows read crcl (Cockcroft-Gault) and only eGFR or GFR rows read egfr.
CREATE TABLE knowledge.condition_atoms AS
WITH parameters(parameter, fact) AS (VALUES
    ('CrCl', 'crcl'), ('eGFR', 'egfr'), ('GFR', 'egfr'), ('QTc', 'qtc'), ('age', 'age_years'), ('K', 'potassium'),
    ('Na', 'sodium'), ('PaCO2', 'paco2'), ('SBP', 'sbp'), ('weight', 'weight'), ('gestation', 'gestation_weeks'), ('days', 'drug:days')
),
atoms AS (
    SELECT row_id, 11 AS clause, p.fact, min_op AS op, min::VARCHAR AS value
    FROM knowledge.drug_conditions JOIN parameters p USING (parameter) WHERE min IS NOT NULL
    UNION ALL
    SELECT row_id, 12, p.fact, max_op, max::VARCHAR FROM knowledge.drug_conditions JOIN parameters p USING (parameter) WHERE max IS NOT NULL
    UNION ALL
    SELECT row_id, 13, 'age_years', '>=', '65' FROM knowledge.drug_conditions WHERE also_requires = 'age>=65'
    UNION ALL
    SELECT row_id, 14, 'pregnant', '=', 'true' FROM knowledge.drug_conditions WHERE parameter = 'gestation'
    UNION ALL
    -- a Child-Pugh class only means something in chronic liver disease
    SELECT row_id, 15, unnest(['has_cirrhosis', 'has_liver_endstage', 'child_pugh_class']), unnest(['=', '=', 'known']), 'true'
    FROM knowledge.drug_conditions WHERE parameter = 'Child-Pugh'
    UNION ALL
    SELECT row_id, 16, 'child_pugh_class', 'in', CASE value_text WHEN 'A-B' THEN 'A|B' WHEN 'B-C' THEN 'B|C' WHEN 'A-C' THEN 'A|B|C' ELSE value_text END
    FROM knowledge.drug_conditions WHERE parameter = 'Child-Pugh'
    UNION ALL
    SELECT condition_row, clause, fact, op, value FROM knowledge.condition_tests
)
SELECT row_id, clause, fact, op, value, try_cast(value AS DOUBLE) AS number, string_split(value, '|') AS words FROM atoms;

-- Which rows speak of which subject (a drug's own name, or a class), and which terms answer to a subject.
-- weight: 1 (info) ... 6 (contraindicated). by_drug: the row asks about the drug itself (days, purpose, route).
CREATE TABLE knowledge.condition_subjects AS
SELECT subject_type || ' ' || lower(subject) AS subject, row_id, subject_type = 'class' AS by_class, condition_code,
    list_position(['info', 'monitor', 'caution', 'reduce_dose', 'avoid', 'contraindicated'], severity) AS weight,
    row_id IN (SELECT row_id FROM knowledge.condition_atoms WHERE starts_with(fact, 'drug:')) AS by_drug
FROM knowledge.drug_conditions;

CREATE TABLE knowledge.condition_terms AS
WITH spelled AS (
    SELECT DISTINCT lower(subject) AS term, 'drug ' || lower(subject) AS subject, false AS suggested
    FROM knowledge.drug_conditions WHERE subject_type = 'drug'
    UNION ALL
    SELECT m.term, 'class ' || m.drug_class, m.suggested FROM knowledge.class_members m
    WHERE m.drug_class IN (SELECT subject FROM knowledge.drug_conditions WHERE subject_type = 'class')
)
SELECT DISTINCT i.ingredient, s.term, s.subject, s.suggested
FROM spelled s JOIN knowledge.term_index i USING (term);
