-- needs: adverse_events, harm_reading, option_groups
-- What harm is known of each option, as it is shown; groups of options spelled out. Rows that were not checked are left out.
-- A proportion is given as p; an odds ratio, a rate ratio or an excess is never shown as a chance: it stands in `measured` with its words.
CREATE TABLE knowledge.option_harms AS
WITH reach AS (
    SELECT h.row_id, h.measure, h.weeks_from, h.weeks_to, h.depends_on_fact, coalesce(g.option, h.options) AS option
    FROM knowledge.harm_reading h LEFT JOIN knowledge.option_groups g ON g.option_group = h.options
)
SELECT h.option, a.event, a.severity,
    CASE WHEN h.measure = 'rate' THEN a.rate_or_value END AS p,
    CASE WHEN h.measure = 'rate' THEN a.ci_low END AS lo,
    CASE WHEN h.measure = 'rate' THEN a.ci_high END AS hi,
    CASE WHEN h.measure = 'rate' THEN a.comparator_rate END AS comparator,
    CASE WHEN h.measure <> 'rate' THEN NULL WHEN a.comparator_rate IS NULL THEN 'no control data' ELSE 'sham, placebo or comparison group of the source' END AS comparator_why,
    CASE WHEN h.measure <> 'rate' THEN NULL WHEN a.ci_low IS NULL THEN 'no interval in the source' END AS interval_why,
    h.measure,
    CASE h.measure
        WHEN 'rate' THEN NULL
        WHEN 'none' THEN a.basis
        ELSE printf('%s %g%s', replace(h.measure, '_', ' '), a.rate_or_value,
            CASE WHEN a.ci_low IS NULL THEN '' ELSE printf(' (%g to %g)', a.ci_low, a.ci_high) END)
    END AS measured,
    a.timeframe, h.weeks_from, h.weeks_to,
    concat_ws('; ', 'people given the option', a.basis) AS denominator,
    a.severity IN ('severe', 'life_threatening') AS needs_care,
    h.depends_on_fact, a.monitoring_action AS watch_for, a.interaction_or_pgx AS worse_with, a.notes AS note,
    a.sureness, a.citation AS source, a.doi, a.row_id
FROM reach h JOIN knowledge.adverse_events a USING (row_id)
WHERE a.sureness <> 'unchecked';
