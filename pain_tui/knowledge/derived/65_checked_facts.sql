-- needs: bleeding_modifiers, drug_conditions, procedures, procedure_items, procedure_tests, procedure_safety
-- The facts that the checks of medicines and procedures look at, each once.
CREATE TABLE knowledge.checked_facts AS
SELECT fact FROM knowledge.condition_atoms UNION SELECT fact FROM knowledge.procedure_atoms
UNION SELECT fact FROM knowledge.bleeding_modifiers UNION SELECT 'crcl' ORDER BY ALL;
