-- Question: what may each option bring this person, compared with what, how sure, and from which inputs?
-- Reads forecast_asked (the options in order), the arrays and words that output.py lays down (made_*). Makes forecast_inputs (long form)
-- and forecast.
CREATE OR REPLACE TEMP TABLE forecast_inputs AS
SELECT a.person, a.problem, a.option,
    coalesce(t.label, 'limit on the total shift') AS input, t.fact,
    i.shift, i.added_sd,
    CASE WHEN i.term < 0 THEN 'limit' WHEN i.state = 1 THEN 'missing' WHEN i.state = 2 THEN 'outside' WHEN i.state = 3 THEN 'not_applicable'
         WHEN t.kind = 'prognostic' THEN 'prognostic' WHEN t.kind = 'selection' THEN 'gate' ELSE 'effect' END AS kind,
    coalesce(x.words, printf('%g', nullif(i.value, 'nan'::DOUBLE))) AS value,
    s.source, s.source_rows, s.slope_mean, t.kind = 'prognostic' AS on_control, t.form, t.population_mean, t.population_variance, t.changeable, i.row
FROM made_inputs i JOIN forecast_asked a USING (row) LEFT JOIN made_terms t USING (term) LEFT JOIN made_slopes s USING (slope)
LEFT JOIN made_texts x ON x.text = i.word;

CREATE OR REPLACE TEMP TABLE forecast AS
WITH drivers AS (
    SELECT row, list({'input': input, 'value': value, 'shift': shift, 'added_sd': added_sd, 'kind': kind, 'source': source, 'rows': source_rows}
                     ORDER BY abs(shift) DESC, added_sd DESC, input) AS entries
    FROM forecast_inputs GROUP BY row
)
SELECT a.person, a.problem, a.condition, a.option,
    c.outcome, c.outcome_label, c.outcome_counted, coalesce(c.horizon_weeks, u.horizon) AS horizon_weeks, c.in_window, c.weeks_from, c.weeks_to, c.rank_group,
    c.denominator, nullif(u.level, 'nan'::DOUBLE) AS level,
    nullif(r.p_response, 'nan'::DOUBLE) AS p_response, nullif(r.lo, 'nan'::DOUBLE) AS lo, nullif(r.hi, 'nan'::DOUBLE) AS hi,
    nullif(r.p_comparator, 'nan'::DOUBLE) AS p_comparator, nullif(r.comparator_lo, 'nan'::DOUBLE) AS comparator_lo, nullif(r.comparator_hi, 'nan'::DOUBLE) AS comparator_hi,
    CASE WHEN r.placebo_beside THEN 'sham' ELSE c.kind END AS comparator_kind, c.comparator,
    CASE WHEN r.placebo_beside THEN u.placebo_course
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
        {'input': 'average person in the trials', 'value': NULL::VARCHAR, 'shift': c.start_logit + c.step, 'added_sd': 0.0, 'kind': 'start', 'source': array_to_string(c.evidence, '; '), 'rows': c.evidence},
        coalesce(d.entries, [])))::VARCHAR END AS drivers,
    c.evidence, c.alike, c.people AS people_in_evidence, u.model AS model_version
FROM forecast_asked a JOIN made_rows r USING (row) CROSS JOIN made_run u
LEFT JOIN made_cells c USING (cell)
LEFT JOIN made_reasons w USING (reason)
LEFT JOIN made_texts g ON g.text = r.gates
LEFT JOIN made_texts b ON b.text = r.by_drug
LEFT JOIN drivers d USING (row)
ORDER BY a.row;
DROP TABLE forecast_asked;
