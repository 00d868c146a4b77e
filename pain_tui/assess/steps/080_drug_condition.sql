-- Does something about the person speak against a medicine: kidneys, liver, lungs, heart, age, pregnancy, genes, history?
-- Reads drugs_in_question, fact_cells, knowledge.condition_subjects, condition_atoms, drug_conditions.
-- For drugs in use and drugs of listed options. applies: TRUE, FALSE, or NULL with the facts that are missing.
-- A drug's own row replaces the class row of the same condition when it applies; an undecided own row that is milder than
-- the class row (treatment of opioid use disorder) leaves the class row undecided too.
CREATE OR REPLACE TEMP TABLE drug_condition AS
WITH rows AS (
    SELECT d.person, d.ingredient, CASE WHEN bool_or(d.in_use) THEN true WHEN bool_or(d.in_use IS NULL) THEN NULL ELSE false END AS in_use,
        list_sort(list_distinct(flatten(list(d.on_list)))) AS on_list, max(d.purpose) AS purpose, max(d.days) AS days, max(d.route) AS route,
        s.row_id, s.by_class, s.condition_code, s.weight, bool_and(s.suggested) AS suggested
    FROM drugs_in_question d JOIN knowledge.condition_subjects s USING (term)
    WHERE d.in_use IS DISTINCT FROM false OR len(d.on_list) > 0
    GROUP BY d.person, d.ingredient, s.row_id, s.by_class, s.condition_code, s.weight
),
cells AS (SELECT person, fact, any_value(value) AS value FROM fact_cells GROUP BY person, fact),
atoms AS (
    SELECT r.*, a.clause, a.fact, a.op, a.value, a.number, a.words, CASE a.fact
            WHEN 'drug:days' THEN r.days::VARCHAR WHEN 'drug:purpose' THEN r.purpose WHEN 'drug:route' THEN r.route
            WHEN 'drug:in_use' THEN CASE WHEN r.in_use THEN 'yes' WHEN NOT r.in_use THEN 'no' END ELSE k.value END AS found
    FROM rows r JOIN knowledge.condition_atoms a USING (row_id) LEFT JOIN cells k ON k.person = r.person AND k.fact = a.fact
),
held AS (
    SELECT * EXCLUDE (op, value, number, words, found), CASE op WHEN 'known' THEN found IS NOT NULL WHEN '=' THEN found = value
        WHEN 'in' THEN list_contains(words, found) WHEN '>=' THEN try_cast(found AS DOUBLE) >= number WHEN '>' THEN try_cast(found AS DOUBLE) > number
        WHEN '<=' THEN try_cast(found AS DOUBLE) <= number ELSE try_cast(found AS DOUBLE) < number END AS holds
    FROM atoms
),
clauses AS (
    SELECT person, ingredient, row_id, clause, any_value(in_use) AS in_use, any_value(on_list) AS on_list, any_value(by_class) AS by_class,
        any_value(condition_code) AS condition_code, any_value(weight) AS weight, any_value(suggested) AS suggested,
        CASE WHEN bool_or(holds) THEN true WHEN bool_or(holds IS NULL) THEN NULL ELSE false END AS holds,
        list(fact) FILTER (holds IS NULL) AS unknown
    FROM held GROUP BY person, ingredient, row_id, clause
),
single AS (
    SELECT person, ingredient, row_id, any_value(in_use) AS in_use, any_value(on_list) AS on_list, any_value(by_class) AS by_class,
        any_value(condition_code) AS condition_code, any_value(weight) AS weight, any_value(suggested) AS suggested,
        CASE WHEN bool_or(NOT holds) THEN false WHEN bool_or(holds IS NULL) THEN NULL ELSE true END AS holds,
        list_sort(list_distinct(flatten(list(unknown) FILTER (holds IS NULL)))) AS missing
    FROM clauses GROUP BY person, ingredient, row_id
),
judged AS (
    SELECT person, ingredient, condition_code, any_value(in_use) AS in_use, any_value(on_list) AS on_list,
        bool_or(holds) FILTER (NOT by_class) AS is_replaced, min(weight) FILTER (NOT by_class AND holds IS NULL) AS open_weight,
        unnest(list({'row_id': row_id, 'by_class': by_class, 'weight': weight, 'holds': holds, 'missing': missing, 'suggested': suggested}), recursive := true)
    FROM single GROUP BY person, ingredient, condition_code
),
answered AS (
    SELECT *, CASE WHEN by_class AND is_replaced THEN false WHEN by_class AND open_weight < weight AND holds THEN NULL ELSE holds END AS applies FROM judged
)
SELECT j.person, j.ingredient AS drug, j.in_use, j.on_list, j.condition_code, j.applies,
    c.severity, c.action_code, c.guidance, CASE WHEN j.applies IS NULL THEN coalesce(j.missing, ['indication']) ELSE [] END AS missing,
    c.sureness, c.source, c.row_id, j.suggested
FROM answered j JOIN knowledge.drug_conditions c USING (row_id);
