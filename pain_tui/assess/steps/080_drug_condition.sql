-- Does something about the person speak against a medicine: kidneys, liver, lungs, heart, age, pregnancy, genes, history?
-- Reads drugs_in_question, person_cells, knowledge.condition_terms, condition_subjects, condition_atoms, drug_condition_told.
-- Makes drug_condition.
-- For drugs in use and drugs of listed options. applies: TRUE, or NULL with the facts that are missing; what does not apply
-- is left out. A row is judged once a person, whatever the number of drugs it speaks of.
-- A drug's own row replaces the class row of the same condition when it applies; an undecided own row that is milder than
-- the class row (treatment of opioid use disorder) leaves the class row undecided too.
CREATE OR REPLACE TEMP TABLE drug_condition AS
WITH named AS (
    SELECT d.person, d.ingredient, t.subject, CASE WHEN bool_or(d.in_use) THEN true WHEN bool_or(d.in_use IS NULL) THEN NULL ELSE false END AS in_use,
        max(d.on_list) AS on_list, bool_and(t.suggested) AS suggested, max(d.purpose) AS purpose, max(d.days) AS days, max(d.route) AS route
    FROM drugs_in_question d JOIN knowledge.condition_terms t USING (ingredient, term)
    WHERE d.in_use IS DISTINCT FROM false OR len(d.on_list) > 0
    GROUP BY d.person, d.ingredient, t.subject
),
-- what asks about the person alone is asked once a subject, what asks about the drug once a drug
asked AS (
    SELECT person, '' AS about, row_id, NULL AS purpose, NULL AS days, NULL AS route, NULL AS in_use
    FROM (SELECT DISTINCT person, subject FROM named) JOIN knowledge.condition_subjects USING (subject) WHERE NOT by_drug
    UNION ALL
    SELECT person, ingredient, row_id, purpose, days, route, CASE WHEN in_use THEN 'yes' WHEN NOT in_use THEN 'no' END
    FROM named JOIN knowledge.condition_subjects USING (subject) WHERE by_drug
),
atoms AS (
    SELECT q.person, q.about, q.row_id, a.clause, a.fact, a.op, a.value, a.number, a.words,
        CASE WHEN q.about = '' THEN k.value ELSE CASE a.fact WHEN 'drug:days' THEN q.days::VARCHAR WHEN 'drug:purpose' THEN q.purpose
            WHEN 'drug:route' THEN q.route WHEN 'drug:in_use' THEN q.in_use ELSE k.value END END AS found
    FROM asked q JOIN knowledge.condition_atoms a USING (row_id) LEFT JOIN person_cells k ON k.person = q.person AND k.fact = a.fact
),
clauses AS (
    SELECT person, about, row_id, clause, CASE WHEN bool_or(holds) THEN true WHEN bool_or(holds IS NULL) THEN NULL ELSE false END AS holds,
        list(fact) FILTER (holds IS NULL) AS unknown
    FROM (SELECT *, CASE op WHEN '=' THEN found = value WHEN 'known' THEN found IS NOT NULL WHEN 'in' THEN list_contains(words, found)
            WHEN '>=' THEN try_cast(found AS DOUBLE) >= number WHEN '>' THEN try_cast(found AS DOUBLE) > number
            WHEN '<=' THEN try_cast(found AS DOUBLE) <= number ELSE try_cast(found AS DOUBLE) < number END AS holds FROM atoms)
    GROUP BY person, about, row_id, clause
),
judged AS (
    SELECT person, about, row_id, CASE WHEN bool_or(holds IS NULL) THEN NULL ELSE true END AS holds,
        list_sort(list_distinct(flatten(list(unknown) FILTER (holds IS NULL)))) AS missing
    FROM clauses GROUP BY person, about, row_id HAVING bool_or(NOT holds) IS NOT true
),
rows AS (
    SELECT n.person, n.ingredient, n.in_use, n.on_list, n.suggested, s.row_id, s.by_class, s.condition_code, s.weight, j.holds, j.missing
    FROM named n JOIN knowledge.condition_subjects s USING (subject)
    JOIN judged j ON j.person = n.person AND j.row_id = s.row_id AND j.about = CASE WHEN s.by_drug THEN n.ingredient ELSE '' END
),
own AS (
    SELECT person, ingredient, condition_code, bool_or(holds) AS applies, min(weight) FILTER (holds IS NULL) AS open_weight
    FROM rows WHERE NOT by_class GROUP BY person, ingredient, condition_code
)
SELECT r.person, r.ingredient AS drug, r.in_use, r.on_list, r.condition_code,
    CASE WHEN r.by_class AND o.open_weight < r.weight THEN NULL ELSE r.holds END AS applies,
    c.severity, c.action_code, c.guidance, c.advice,
    CASE WHEN r.holds IS NULL THEN r.missing WHEN r.by_class AND o.open_weight < r.weight THEN ['indication'] ELSE [] END AS missing,
    c.sureness, c.source, r.row_id, r.suggested
FROM rows r LEFT JOIN own o USING (person, ingredient, condition_code) JOIN knowledge.drug_condition_told c ON c.row_id = r.row_id
WHERE NOT (r.by_class AND o.applies IS true);
