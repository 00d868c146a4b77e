-- Question: what do published models say about pain that may become or stay chronic, and what would they need?
-- Reads problems, fact_cells, knowledge.condition_risk_models. Makes chronic_risk.
-- Classes, never a personal percentage: the models' percentages come from other people and do not travel. Clinical factors come first;
-- genetic susceptibility stands beside, "not used". A model whose coefficients or items are not at hand says so.
-- A sum of yes-or-no items runs from points_from (the items known to be yes) to points_to (and those not known): missing is never no.
CREATE OR REPLACE TEMP TABLE chronic_risk AS
SELECT b.person, b.problem, a.model, any_value(a.name) AS name, any_value(a.kind) AS kind,
    CASE any_value(a.reading) WHEN 'words' THEN coalesce(any_value(a.class_map)[any_value(r.value)], any_value(r.value))
        WHEN 'cut' THEN any_value(a.class_map)[CASE any_value(r.value)::DOUBLE >= any_value(a.cut) WHEN TRUE THEN 'from' WHEN FALSE THEN 'below' END] END AS class,
    CASE any_value(a.reading) WHEN 'cut' THEN any_value(r.value)::DOUBLE WHEN 'count' THEN count(*) FILTER (r.value = 'true') END AS points_from,
    CASE any_value(a.reading) WHEN 'cut' THEN any_value(r.value)::DOUBLE WHEN 'count' THEN count(*) FILTER (r.value = 'true' OR r.value IS NULL) END AS points_to,
    any_value(a.points_max) AS points_max,
    CASE any_value(a.kind) WHEN 'genetic' THEN 'not used' WHEN 'not_calculated' THEN 'not calculated' WHEN 'early' THEN 'advice'
        ELSE CASE count(r.value) WHEN count(*) THEN 'recorded' WHEN 0 THEN 'not known' ELSE 'partly recorded' END END AS state,
    coalesce(list({'fact': a.fact, 'value': r.value} ORDER BY a.turn) FILTER (a.fact IS NOT NULL), []) AS facts,
    coalesce(list(a.fact ORDER BY a.turn) FILTER (a.fact IS NOT NULL AND r.value IS NULL), []) AS missing,
    any_value(a.say) AS say, any_value(a.validation) AS validation, any_value(a.source) AS source, any_value(a.doi) AS doi,
    any_value(a.sureness) AS sureness, any_value(a.rows) AS rows
FROM problems b JOIN knowledge.condition_risk_models a USING (condition)
LEFT JOIN fact_cells r ON r.person = b.person AND r.problem = b.problem AND r.fact = a.fact
GROUP BY b.person, b.problem, a.place, a.model
ORDER BY b.person, b.problem, a.place, a.model;
