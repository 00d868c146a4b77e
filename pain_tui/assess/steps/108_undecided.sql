-- Which STOP and CAUTION questions stay open, for want of which fact?
-- Reads rule_results, rule_tiers, drug_condition, procedure_check, options, knowledge.tiers. Makes undecided.
-- One row per person, question and fact that is missing; bears_on is what the question is about, in words.
CREATE OR REPLACE TEMP TABLE undecided AS
SELECT r.person, coalesce(r.problem, '') AS problem, r.option, r.drug, unnest(r.missing) AS fact, coalesce(o.name, r.drug, k.title) AS bears_on,
    k.tier, k.blocks, r.rule AS question
FROM rule_results r JOIN rule_tiers k USING (rule)
LEFT JOIN options o ON o.person = r.person AND o.option = r.option AND o.problem = r.problem  -- a rule about an option has its problem
WHERE r.fired IS NULL AND k.tier IN ('STOP', 'CAUTION')
UNION ALL
SELECT c.person, '', NULL, c.drug, unnest(c.missing), c.drug, t.tier, false, c.row_id
FROM drug_condition c JOIN knowledge.tiers t ON t.table_name = 'drug_conditions' AND t.word = c.severity
    AND t.about_use = CASE WHEN c.in_use THEN 'in_use' ELSE 'on_list' END
WHERE c.applies IS NULL AND t.tier IN ('STOP', 'CAUTION') AND c.sureness <> 'unchecked'
UNION ALL
SELECT p.person, p.problem, p.option, NULL, unnest(p.missing), o.name, p.tier, false, p.row_id
FROM procedure_check p JOIN options o USING (person, problem, option) WHERE p.answer = 'cannot_tell';
