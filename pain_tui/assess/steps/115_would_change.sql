-- Question: what, if it were known or changed, would change the first option, and by how much would it narrow the interval?
-- Reads plan, forecast, forecast_inputs, undecided, knowledge.facts, knowledge.forecast_gates. Makes would_change, one row per option and input.
-- A missing input takes the values of the fixed population table (two values of a contrast; three points of a number), never those of
-- other people in the file. A changeable input takes its other value, a number the average of the trials, where that means a better response. The chance is that the first option of the plan's own order changes.
-- Knowing a value takes away what is not known of the value, not what is not known of its slope (sd ** 2 * variance stays, on average).
-- Association, not cause: what changing an input would do is what people with the other value did. chance NULL: it cannot be given.
CREATE OR REPLACE TEMP TABLE would_change AS
WITH firsts AS (
    SELECT p.person, p.problem, p.option AS first_option, p.part, p.order_group
    FROM plan p JOIN forecast f USING (person, problem, option) WHERE p.position = 1 AND f.p_response IS NOT NULL
),
members AS (  -- the options that are ordered with the first one
    SELECT p.person, p.problem, p.option, p.position, f.logit, ln(f.p_comparator / (1 - f.p_comparator)) AS control_logit, f.extra, f.p_response, l.first_option
    FROM plan p JOIN firsts l USING (person, problem, part, order_group) JOIN forecast f USING (person, problem, option)
),
inputs AS (
    SELECT i.*, i.kind IN ('missing', 'outside') AS is_open,
        CASE WHEN i.kind NOT IN ('missing', 'outside') AND i.slope_mean <> 0 THEN i.shift / i.slope_mean END AS x
    FROM forecast_inputs i WHERE i.kind <> 'limit' AND i.kind <> 'not_applicable'
),
scenarios AS (
    SELECT person, problem, option, input, slope_mean, on_control, is_open, unnest(CASE
        WHEN is_open AND form <> 'linear' THEN [{'dx': 1 - population_mean, 'w': population_mean, 'nr': 1}, {'dx': -population_mean, 'w': 1 - population_mean, 'nr': 2}]
        WHEN is_open THEN [{'dx': -sqrt(3 * population_variance), 'w': 1 / 6, 'nr': 1}, {'dx': 0.0, 'w': 2 / 3, 'nr': 2}, {'dx': sqrt(3 * population_variance), 'w': 1 / 6, 'nr': 3}]
        WHEN changeable AND form = 'linear' THEN [{'dx': -x, 'w': 1.0, 'nr': 1}]
        WHEN changeable THEN [{'dx': CASE WHEN x > 0 THEN -1.0 ELSE 1.0 END, 'w': 1.0, 'nr': 1}]
    END, recursive := true)
    FROM inputs
),
asked AS (SELECT DISTINCT person, problem, input, is_open, nr, w FROM scenarios JOIN members USING (person, problem, option)),
tried AS (
    SELECT a.person, a.problem, a.input, a.is_open, a.nr, a.w, m.option, m.first_option, m.position,
        coalesce(s.slope_mean * s.dx, 0) AS move,
        1 / (1 + exp(-(m.logit + move))) AS response,
        CASE WHEN m.extra IS NOT NULL THEN response - 1 / (1 + exp(-(m.control_logit + CASE WHEN s.on_control THEN move ELSE 0 END))) END AS extra_then
    FROM asked a JOIN members m USING (person, problem) LEFT JOIN scenarios s USING (person, problem, option, input, is_open, nr)
),
winners AS (
    SELECT person, problem, input, is_open, nr, w, first_option, option AS winner FROM tried
    QUALIFY row_number() OVER (PARTITION BY person, problem, input, is_open, nr
        ORDER BY extra_then DESC NULLS LAST, response DESC, position) = 1
),
chances AS (
    SELECT person, problem, input, any_value(is_open) AS is_open, any_value(first_option) AS first_option,
        coalesce(sum(w) FILTER (winner <> first_option), 0) AS chance, list(DISTINCT winner ORDER BY winner) FILTER (winner <> first_option) AS others
    FROM winners GROUP BY person, problem, input
),
of_inputs AS (
    SELECT i.person, i.problem, i.option, i.input, i.fact, CASE WHEN i.is_open THEN 'missing' ELSE 'changeable' END AS state,
        coalesce(c.chance, 0) AS chance, c.others,
        ln(f.hi / (1 - f.hi)) - f.logit AS half, half * sqrt(greatest(1 - i.slope_mean ** 2 * i.population_variance / f.logit_variance, 0)) AS half_then,
        CASE WHEN i.is_open THEN 1 - (1 / (1 + exp(-f.logit - half_then)) - 1 / (1 + exp(-f.logit + half_then))) / (f.hi - f.lo) END AS narrows,
        CASE WHEN NOT i.is_open THEN 1 / (1 + exp(-(f.logit + s.slope_mean * s.dx))) - f.p_response END AS response_moves,
        i.source, i.source_rows
    FROM inputs i JOIN forecast f USING (person, problem, option)
    LEFT JOIN chances c USING (person, problem, input)
    LEFT JOIN scenarios s ON s.person = i.person AND s.problem = i.problem AND s.option = i.option AND s.input = i.input AND s.nr = 1
    WHERE i.is_open OR (i.changeable AND s.slope_mean * s.dx > 0)  -- only a change towards a better response is worth naming
),
gates AS (
    SELECT f.person, f.problem, f.option, unnest(from_json(f.gates, '[{"name":"VARCHAR","gate":"VARCHAR","state":"VARCHAR","fact":"VARCHAR","p":"DOUBLE"}]'), recursive := true), l.first_option
    FROM forecast f LEFT JOIN firsts l USING (person, problem) WHERE f.gates IS NOT NULL
),
open_rules AS (
    SELECT DISTINCT o.person, o.problem, o.option, u.fact, u.tier, k.label
    FROM undecided u JOIN options o ON o.person = u.person AND (u.problem = '' OR u.problem = o.problem)
        AND (u.option = o.option OR u.option IS NULL AND list_contains(o.drugs, u.drug))
    JOIN knowledge.facts k ON k.fact = u.fact WHERE u.tier = 'STOP'
)
SELECT person, problem, option, input, fact, state, chance,
    concat_ws('; ',
        CASE WHEN chance > 0 THEN concat(CASE WHEN state = 'missing' THEN 'knowing it may put ' ELSE 'the better value would put ' END, array_to_string(others, ' or '), ' first')
             WHEN state = 'missing' THEN 'no result would change the first option' ELSE 'the first option stays' END,
        CASE WHEN narrows >= 0.005 THEN printf('narrows this interval by about %.0f %%', 100 * narrows) END,
        CASE WHEN response_moves IS NOT NULL THEN printf('people with the better value: %+.0f of 100 here; association, not cause', 100 * response_moves) END) AS what,
    narrows, response_moves, source, source_rows
FROM of_inputs
UNION ALL
SELECT person, problem, option, name, fact, 'gate', CASE WHEN p IS NULL THEN NULL WHEN option = first_option THEN 1 - p ELSE 0 END,
    CASE WHEN p IS NULL THEN 'if this step is not passed there is no estimate for this option; how many pass is not known'
         ELSE printf('%.0f of 100 do not pass this step; the option then falls away', 100 * (1 - p)) END, NULL, NULL, NULL, NULL
FROM gates WHERE state = 'unknown'
UNION ALL
SELECT person, problem, option, label, fact, 'rule', NULL, 'decides whether a STOP stands against this option', NULL, NULL, NULL, NULL FROM open_rules
ORDER BY person, problem, option, chance DESC NULLS LAST, narrows DESC NULLS LAST, input;
