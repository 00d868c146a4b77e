-- What is answered for each outcome with its drugs?
-- Reads questions, medication_list, phenotypes, converted. Makes outcome_answers.
CREATE OR REPLACE TEMP TABLE outcome_answers AS
SELECT q.outcome, q.inhibitors, p.state, p.activity_score, p.phenotype, p.inhibitors AS acting, p.activity_score_with_drugs,
    p.phenotype_with_drugs, concat_ws('. ', p.note_besides, c.say,
        CASE WHEN len(l.unknown_drugs) > 0 THEN 'not a known drug name: ' || array_to_string(l.unknown_drugs, ', ') END) AS note
FROM questions q JOIN medication_list l USING (person) JOIN phenotypes p USING (person)
LEFT JOIN converted c ON c.person = p.person AND c.gene = p.gene AND c.without_drug = '';
