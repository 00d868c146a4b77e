-- needs: drug_interactions, drug_names, drug_terms, drug_classes, interaction_limits, interaction_groups
-- The interaction rows with both sides spelled out to single terms, so that a step needs one join.
-- A row that names both drugs beats one that names a drug and a class, which beats one that names two classes.
CREATE TABLE knowledge.interaction_pairs AS
WITH sides AS (
    SELECT row_id, 'a' AS side, a_type AS kind, lower(a) AS name FROM knowledge.drug_interactions WHERE a_type <> 'rule'
    UNION ALL
    SELECT row_id, 'b', b_type, lower(b) FROM knowledge.drug_interactions WHERE b_type <> 'rule'
),
spelled AS (
    SELECT s.row_id, s.side, s.kind, s.name AS term, false AS suggested FROM sides s WHERE s.kind = 'drug'
    UNION ALL
    SELECT s.row_id, s.side, s.kind, m.term, m.suggested FROM sides s JOIN knowledge.class_members m ON m.drug_class = s.name
    WHERE s.kind = 'class'
),
limited AS (
    SELECT s.*, l.only_purpose, l.more_than_days FROM spelled s
    LEFT JOIN knowledge.interaction_limits l ON l.interaction = s.row_id AND l.side = s.side
    WHERE l.only_ingredients IS NULL OR list_contains(string_split(l.only_ingredients, '|'), s.term)
)
SELECT a.row_id, a.term AS term_a, b.term AS term_b, a.only_purpose, b.more_than_days, a.suggested OR b.suggested AS suggested,
    -- what makes one row win over another of the same pair: checked, then specific, then severe, then the earlier row
    (d.sureness <> 'unchecked')::INTEGER * 1000000 + ((a.kind = 'drug')::INTEGER + (b.kind = 'drug')::INTEGER) * 100000
        + CASE d.severity WHEN 'contraindicated' THEN 4 WHEN 'major' THEN 3 WHEN 'moderate' THEN 2 ELSE 1 END * 10000
        - ltrim(a.row_id, 'DI')::INTEGER - (a.suggested OR b.suggested)::INTEGER * 1000 AS weight,
    list_max([try_cast(x AS INTEGER) FOR x IN string_split(d.washout_days, '-')]) AS washout_days
FROM limited a JOIN limited b ON a.row_id = b.row_id AND a.side = 'a' AND b.side = 'b' AND a.term <> b.term
JOIN knowledge.drug_interactions d ON d.row_id = a.row_id;

CREATE TABLE knowledge.interaction_group_terms AS
WITH groups AS (
    SELECT interaction, coalesce(variant, '') AS variant, severity, group_no, at_least, min_age, unnest(string_split(classes, '|')) AS drug_class, NULL AS term
    FROM knowledge.interaction_groups WHERE classes IS NOT NULL
    UNION ALL
    SELECT interaction, coalesce(variant, ''), severity, group_no, at_least, min_age, NULL, unnest(string_split(ingredients, '|'))
    FROM knowledge.interaction_groups WHERE ingredients IS NOT NULL
)
SELECT DISTINCT g.interaction, g.variant, g.severity, g.group_no, g.at_least, g.min_age, coalesce(g.term, m.term) AS term,
    max(g.group_no) OVER (PARTITION BY g.interaction, g.variant) AS groups
FROM groups g LEFT JOIN knowledge.class_members m ON m.drug_class = g.drug_class AND NOT m.suggested;
