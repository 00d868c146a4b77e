-- Question: what harm is known of each option, how often, over what time, and how often without the option?
-- Reads options, case_run, knowledge.option_harms. Makes harms.
-- A proportion is given as p; an odds ratio, a rate ratio or an excess is never shown as a chance: it stands in `measured` with its
-- words. An interval is the published one (its level is not stated by most sources); without one, interval_why says so.
-- Sources: the citation of each row of adverse_events.
CREATE OR REPLACE TEMP TABLE harms AS
SELECT o.person, o.problem, o.option, h.event, h.severity, h.p, h.lo, h.hi, h.comparator, h.comparator_why, h.interval_why, h.measure, h.measured,
    h.timeframe, h.weeks_from, h.weeks_to, h.weeks_from IS NOT NULL AND h.weeks_to <= r.horizon_weeks AS within_horizon, h.denominator, h.needs_care,
    h.depends_on_fact, h.watch_for, h.worse_with, h.note, h.sureness, h.source, h.doi, h.row_id
FROM options o CROSS JOIN case_run r JOIN knowledge.option_harms h USING (option);
