-- needs: conditions, chronic_risk_models, condition_groups
-- The published models of pain that becomes or stays chronic, by condition, in the order they are shown: one row for each fact a model asks for.
-- Pain after surgery has a genetic line of its own, so the general one (no marker is known) is not told there.
CREATE TABLE knowledge.condition_risk_models AS
SELECT b.condition_id AS condition, m.* EXCLUDE (fact) REPLACE (string_split(coalesce(m.rows, ''), ';') AS rows,
        -- 'low=words|high=words' -> {low: words, high: words}
        map_from_entries(list_transform(string_split(m.class_map, '|'), lambda c: {'k': split_part(c, '=', 1), 'v': split_part(c, '=', 2)})) AS class_map),
    unnest(CASE WHEN m.fact IS NULL THEN [NULL] ELSE string_split(m.fact, ';') END) AS fact,
    generate_subscripts(CASE WHEN m.fact IS NULL THEN [NULL] ELSE string_split(m.fact, ';') END, 1) AS turn,
    list_position(['points', 'factor', 'not_calculated', 'genetic', 'early'], m.kind) AS place
FROM knowledge.conditions b JOIN knowledge.chronic_risk_models m ON list_contains(string_split(m.conditions, ';'), b.condition_id)
    OR b.condition_id IN (SELECT g.condition FROM knowledge.condition_groups g WHERE g.condition_group = m.conditions)
WHERE NOT (m.model = 'GENES_NONE' AND b.condition_id = 'cpsp');
