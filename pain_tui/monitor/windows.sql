-- When may an option be judged, on which measure, and what counts? From the windows of `monitoring`; an option
-- in two windows (a trial phase and the permanent device) takes the later one. An option without a row of its
-- own is judged at the time of the forecast it was chosen by (`horizons`), by the share of `monitor_rules`.
-- Reads knowledge.monitoring, knowledge.option_groups. Makes one row an option.
WITH asked AS (
    SELECT rule_id, rule, scale, window_start_weeks, window_end_weeks, mcid_relative,
        unnest(string_split(applies_to, ';')) AS named
    FROM knowledge.monitoring
    WHERE domain = 'window' AND sureness <> 'unchecked'
),
each_option AS (
    SELECT a.*, coalesce(g.option, a.named) AS option
    FROM asked a LEFT JOIN knowledge.option_groups g ON g.option_group = a.named
)
SELECT option, window_start_weeks, window_end_weeks, mcid_relative, rule, rule_id,
    CASE WHEN contains(scale, 'NRS') THEN 'nrs' WHEN contains(scale, 'PEG') THEN 'peg' ELSE scale END AS measure
FROM each_option
QUALIFY row_number() OVER (PARTITION BY option ORDER BY window_end_weeks DESC, rule_id) = 1
