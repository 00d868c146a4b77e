-- Question: from which inputs does each number come, and by how much?
-- Reads forecast_asked, the array made_inputs, and as one parameter the words of terms, slopes and texts.
-- Makes forecast_inputs (long form).
CREATE OR REPLACE TEMP TABLE forecast_inputs AS
WITH given AS MATERIALIZED (SELECT $given AS words),
made_terms AS (SELECT unnest(words.terms, max_depth := 2) FROM given),
made_slopes AS (SELECT unnest(words.slopes, max_depth := 2) FROM given),
made_texts AS (SELECT unnest(words.texts, max_depth := 2) FROM given)
SELECT a.person, a.problem, a.option,
    coalesce(t.label, 'limit on the total shift') AS input, t.fact,
    i.shift, i.added_sd,
    CASE WHEN i.term < 0 THEN 'limit' WHEN i.state = 1 THEN 'missing' WHEN i.state = 2 THEN 'outside' WHEN i.state = 3 THEN 'not_applicable'
         WHEN t.kind = 'prognostic' THEN 'prognostic' WHEN t.kind = 'selection' THEN 'gate' ELSE 'effect' END AS kind,
    coalesce(x.words, printf('%g', nullif(i.value, 'nan'::DOUBLE))) AS value,
    s.source, s.source_rows, s.slope_mean, t.kind = 'prognostic' AS on_control, t.form, t.population_mean, t.population_variance, t.changeable, i.whole, i.row
FROM made_inputs i JOIN forecast_asked a USING (row) LEFT JOIN made_terms t USING (term) LEFT JOIN made_slopes s USING (slope)
LEFT JOIN made_texts x ON x.text = i.word
