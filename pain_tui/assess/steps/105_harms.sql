-- Question: what harm is known of each option, how often, over what time, and how often without the option?
-- Reads options, case_run, knowledge.option_harms. Makes harms.
-- A proportion is given as p; an odds ratio, a rate ratio or an excess is never shown as a chance: it stands in `measured` with its
-- words. An interval is the published one (its level is not stated by most sources); without one, interval_why says so.
-- horizon_why: why it is not the chance over the chosen horizon; NULL when its time lies within it.
-- Sources: the citation of each row of adverse_events.
CREATE OR REPLACE TEMP TABLE harms AS
SELECT o.person, o.problem, o.option, h.event, h.severity, h.p, h.lo, h.hi, h.comparator, h.comparator_why, h.interval_why, h.measure, h.measured,
    h.timeframe, h.weeks_from, h.weeks_to, h.weeks_from IS NOT NULL AND h.weeks_to <= r.horizon_weeks AS within_horizon,
    CASE WHEN h.weeks_from IS NULL THEN 'the source gives no time that can be set against the horizon'
         WHEN h.weeks_to > r.horizon_weeks THEN printf('counted over %g weeks, not over the %d of the horizon', h.weeks_to, r.horizon_weeks) END AS horizon_why, h.denominator, h.needs_care,
    h.depends_on_fact, h.watch_for, h.worse_with, h.note, h.sureness, h.source, h.doi, h.row_id
FROM options o CROSS JOIN case_run r JOIN knowledge.option_harms h USING (option);
