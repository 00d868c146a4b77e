-- needs: conditions, interventions, option_links, procedures
-- The options of each condition in the order of conditions.csv, and what every option is made of.
CREATE TABLE knowledge.option_names AS
SELECT intervention_id AS option, name, class, 'option' AS kind FROM knowledge.interventions
UNION ALL SELECT 'watch', 'Watch, no new treatment', 'watch', 'option'
UNION ALL SELECT procedure_code, procedure, 'procedure', 'procedure' FROM knowledge.procedures;

CREATE TABLE knowledge.condition_options AS
SELECT condition_id AS condition, trim(unnest(string_split(candidate_interventions, ';'))) AS option,
    generate_subscripts(string_split(candidate_interventions, ';'), 1) AS place
FROM knowledge.conditions;

-- Procedures with the sites they belong to (NULL: every site); an asked procedure is its own.
CREATE TABLE knowledge.option_procedures AS
SELECT option, site AS site_pattern, code AS procedure_code FROM knowledge.option_links WHERE kind = 'procedure'
UNION ALL SELECT procedure_code, NULL, procedure_code FROM knowledge.procedures;

CREATE TABLE knowledge.option_drugs AS
SELECT option, list(DISTINCT code ORDER BY code) AS drugs FROM knowledge.option_links WHERE kind = 'drug' GROUP BY option;

CREATE TABLE knowledge.option_told AS
SELECT n.*, coalesce(d.drugs, []) AS drugs FROM knowledge.option_names n LEFT JOIN knowledge.option_drugs d USING (option);
