-- Question: what do published models say about pain that may become or stay chronic, and what would they need?
-- Reads problems, fact_cells, knowledge.condition_risk_models. Makes chronic_risk.
-- Classes, never a personal percentage: the models' percentages come from other people and do not travel. Clinical factors come first;
-- genetic susceptibility stands beside, "not used". A model whose coefficients or items are not at hand says so.
CREATE OR REPLACE TEMP TABLE chronic_risk AS
SELECT b.person, b.problem, a.model, a.name, a.kind,
    CASE WHEN r.value IS NOT NULL THEN coalesce(nullif(split_part(list_filter(string_split(a.class_map, '|'), lambda c: starts_with(c, r.value || '='))[1], '=', 2), ''), r.value) END AS class,
    CASE a.kind WHEN 'genetic' THEN 'not used' WHEN 'not_calculated' THEN 'not calculated' WHEN 'early' THEN 'advice'
        ELSE CASE WHEN r.value IS NULL THEN 'not known' ELSE 'recorded' END END AS state,
    CASE WHEN a.fact IS NULL THEN [] ELSE [{'fact': a.fact, 'value': r.value}] END AS facts,
    CASE WHEN a.fact IS NOT NULL AND r.value IS NULL THEN [a.fact] ELSE [] END AS missing,
    a.say, a.validation, a.source, a.doi, a.sureness, a.rows
FROM problems b JOIN knowledge.condition_risk_models a USING (condition)
LEFT JOIN fact_cells r ON r.person = b.person AND r.problem = b.problem AND r.fact = a.fact
ORDER BY b.person, b.problem, a.place, a.model;
