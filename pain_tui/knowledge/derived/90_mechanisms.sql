-- needs: conditions, mechanisms, mechanism_options, option_groups
-- Which mechanisms each condition is asked for, and whether it speaks for them by itself.
CREATE TABLE knowledge.condition_mechanisms AS
SELECT c.condition_id AS condition, c.name AS condition_name, m.mechanism, m.label,
    m.condition_words IS NOT NULL AND CASE m.condition_column
        WHEN 'mechanism' THEN regexp_matches(c.mechanism, '(^|_)(' || m.condition_words || ')(_|$)') WHEN 'inflammatory' THEN starts_with(c.inflammatory, m.condition_words)
    END AS by_condition
FROM knowledge.conditions c CROSS JOIN knowledge.mechanisms m;

-- What is known of single options on a mechanism, groups of options spelled out; condition is NULL where it holds for all.
CREATE TABLE knowledge.mechanism_findings AS
WITH spelled AS (
    SELECT row_id, options AS option FROM knowledge.mechanism_options
    UNION
    SELECT x.row_id, g.option FROM knowledge.mechanism_options x JOIN knowledge.option_groups g ON g.option_group = x.options
)
SELECT x.mechanism, s.option, x.conditions AS condition, x.finding, x.say, x.source, x.sureness, x.row_id
FROM spelled s JOIN knowledge.mechanism_options x USING (row_id);
