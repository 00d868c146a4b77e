-- Question: what may each option bring this person, compared with what, how sure, and from which inputs?
-- Reads forecast_asked (the options in order), the array made_rows, forecast_inputs, and as one parameter the
-- words of cells, reasons and texts, and the run. Makes forecast.
CREATE OR REPLACE TEMP TABLE forecast AS
WITH given AS MATERIALIZED (SELECT $given AS words),
run AS (SELECT unnest(words.run) FROM given),
made_cells AS (SELECT unnest(words.cells, max_depth := 2) FROM given),
made_reasons AS (SELECT unnest(words.reasons, max_depth := 2) FROM given),
made_texts AS (SELECT unnest(words.texts, max_depth := 2) FROM given),
drivers AS (
    -- points: by how much the chance at these inputs would differ with this one at the average of the trials
    SELECT row, list({'input': input, 'fact': fact, 'value': value, 'shift': shift, 'points': 1 / (1 + exp(-whole)) - 1 / (1 + exp(shift - whole)),
                      'added_sd': added_sd, 'kind': kind, 'source': source, 'rows': source_rows}
                     ORDER BY abs(shift) DESC, added_sd DESC, input) AS entries
    FROM forecast_inputs GROUP BY row
)
SELECT a.person, a.problem, a.condition, a.option,
    coalesce(c.outcome, o.words) AS outcome, c.outcome_label, c.outcome_counted, coalesce(c.horizon_weeks, q.horizon) AS horizon_weeks, c.in_window, c.weeks_from, c.weeks_to, c.rank_group,
    coalesce(c.denominator, e.words) AS denominator, q.level AS level,
    nullif(r.p_response, 'nan'::DOUBLE) AS p_response, nullif(r.lo, 'nan'::DOUBLE) AS lo, nullif(r.hi, 'nan'::DOUBLE) AS hi,
    nullif(r.p_comparator, 'nan'::DOUBLE) AS p_comparator, nullif(r.comparator_lo, 'nan'::DOUBLE) AS comparator_lo, nullif(r.comparator_hi, 'nan'::DOUBLE) AS comparator_hi,
    CASE WHEN r.placebo_beside THEN 'sham' ELSE c.kind END AS comparator_kind, c.comparator,
    CASE WHEN r.placebo_beside THEN q.placebo_course
         WHEN w.code IS NOT NULL THEN w.say ELSE c.comparator_why END AS comparator_why,
    nullif(r.extra, 'nan'::DOUBLE) AS extra, nullif(r.extra_lo, 'nan'::DOUBLE) AS extra_lo, nullif(r.extra_hi, 'nan'::DOUBLE) AS extra_hi,
    nullif(r.p30_response, 'nan'::DOUBLE) AS p30_response, nullif(r.p30_lo, 'nan'::DOUBLE) AS p30_lo, nullif(r.p30_hi, 'nan'::DOUBLE) AS p30_hi,
    nullif(r.p30_comparator, 'nan'::DOUBLE) AS p30_comparator, nullif(r.p30_comparator_lo, 'nan'::DOUBLE) AS p30_comparator_lo, nullif(r.p30_comparator_hi, 'nan'::DOUBLE) AS p30_comparator_hi,
    nullif(r.p30_extra, 'nan'::DOUBLE) AS p30_extra, nullif(r.p30_extra_lo, 'nan'::DOUBLE) AS p30_extra_lo, nullif(r.p30_extra_hi, 'nan'::DOUBLE) AS p30_extra_hi,
    nullif(r.p_road, 'nan'::DOUBLE) AS p_road, nullif(r.road_lo, 'nan'::DOUBLE) AS road_lo, nullif(r.road_hi, 'nan'::DOUBLE) AS road_hi,
    w.code AS no_estimate_code, w.say AS no_estimate_say, w.remedy AS no_estimate_remedy,
    c.certainty, c.positions IS NOT NULL AS disputed, c.positions, c.borrowed_from, c.role,
    g.words AS gates, b.words AS by_drug,
    -- logit of p_response = start + the shifts of the drivers, to the last bit of a float's sum
    c.start_logit + c.step AS start_logit, nullif(r.logit, 'nan'::DOUBLE) + c.step AS logit, nullif(r.logit_variance, 'nan'::DOUBLE) + c.step_variance AS logit_variance,
    CASE WHEN c.cell IS NOT NULL THEN to_json(list_prepend(
        {'input': 'average person in the trials', 'fact': NULL::VARCHAR, 'value': NULL::VARCHAR, 'shift': c.start_logit + c.step,
         'points': 1 / (1 + exp(-(c.start_logit + c.step))), 'added_sd': 0.0, 'kind': 'start', 'source': array_to_string(c.evidence, '; '), 'rows': c.evidence},
        coalesce(d.entries, [])))::VARCHAR END AS drivers,
    c.evidence, c.alike, c.people AS people_in_evidence, q.model AS model_version
FROM forecast_asked a JOIN made_rows r USING (row) CROSS JOIN run q
LEFT JOIN made_cells c USING (cell)
LEFT JOIN made_reasons w USING (reason)
LEFT JOIN made_texts g ON g.text = r.gates
LEFT JOIN made_texts b ON b.text = r.by_drug
LEFT JOIN made_texts o ON o.text = r.beside_outcome
LEFT JOIN made_texts e ON e.text = r.beside_of
LEFT JOIN drivers d USING (row)
