-- Question: which mechanisms of pain are likely in this problem, by its condition and by what is recorded, and which options act on them?
-- Reads problems, facts, options, knowledge.conditions, mechanisms, mechanism_signs, mechanism_options, option_groups, condition_groups.
-- Makes mechanisms. A mark never changes a probability; findings for, against and without effect stand side by side.
-- state: supported (a sign speaks for it, or the condition does and no sign against), against (only signs against), not known (else).
CREATE OR REPLACE TEMP TABLE mechanisms AS
WITH recorded AS (
    SELECT f.person, f.problem, v.fact, v.value, try_cast(v.value AS DOUBLE) AS number
    FROM facts f, LATERAL (VALUES ('dn4_total', f.dn4_total::VARCHAR), ('paindetect', f.paindetect::VARCHAR), ('pain_distribution', f.pain_distribution::VARCHAR),
        ('fm_survey_positive', f.fm_survey_positive::VARCHAR), ('crp', f.crp::VARCHAR), ('esr', f.esr::VARCHAR),
        ('us_synovitis_effusion', f.us_synovitis_effusion::VARCHAR)) v(fact, value)
    WHERE v.value IS NOT NULL
),
signs AS (
    SELECT r.person, r.problem, s.mechanism, s.fact, r.value, s.say, s.source, s.sureness,
        (r.number >= s.supports_from) IS NOT DISTINCT FROM true OR list_contains(string_split(coalesce(s.supports_words, ''), '|'), r.value) AS speaks_for,
        (r.number < s.against_below) IS NOT DISTINCT FROM true OR list_contains(string_split(coalesce(s.against_words, ''), '|'), r.value) AS speaks_against
    FROM recorded r JOIN knowledge.mechanism_signs s USING (fact)
),
expected AS (
    SELECT b.person, b.problem, b.condition, m.mechanism, m.label, c.name AS condition_name,
        m.condition_words IS NOT NULL AND CASE m.condition_column
            WHEN 'mechanism' THEN regexp_matches(c.mechanism, '(^|_)(' || m.condition_words || ')(_|$)') WHEN 'inflammatory' THEN starts_with(c.inflammatory, m.condition_words)
        END AS by_condition
    FROM problems b JOIN knowledge.conditions c ON c.condition_id = b.condition CROSS JOIN knowledge.mechanisms m
),
acting AS (
    SELECT e.person, e.problem, e.mechanism, o.option, x.finding, x.say, x.source, x.sureness, x.row_id
    FROM expected e JOIN knowledge.mechanism_options x USING (mechanism)
    JOIN options o ON o.person = e.person AND o.problem = e.problem
        AND (o.option = x.options OR o.option IN (SELECT g.option FROM knowledge.option_groups g WHERE g.option_group = x.options))
    WHERE x.conditions IS NULL OR x.conditions = e.condition
)
SELECT e.person, e.problem, e.mechanism, e.label,
    CASE WHEN count(*) FILTER (s.speaks_for) > 0 THEN CASE WHEN count(*) FILTER (s.speaks_against) > 0 THEN 'not known' ELSE 'supported' END
         WHEN count(*) FILTER (s.speaks_against) > 0 THEN CASE WHEN any_value(e.by_condition) THEN 'not known' ELSE 'against' END
         WHEN any_value(e.by_condition) THEN 'supported' ELSE 'not known' END AS state,
    list_concat(
        CASE WHEN any_value(e.by_condition) THEN [{'fact': 'condition', 'value': any_value(e.condition_name), 'says': 'for', 'say': 'expected in this condition', 'source': 'conditions.csv'}] ELSE [] END,
        coalesce(list({'fact': s.fact, 'value': s.value, 'says': CASE WHEN s.speaks_for THEN 'for' WHEN s.speaks_against THEN 'against' ELSE 'neither' END, 'say': s.say, 'source': s.source} ORDER BY s.fact)
            FILTER (s.fact IS NOT NULL), [])) AS facts,
    (SELECT list({'option': a.option, 'finding': a.finding, 'say': a.say, 'source': a.source, 'sureness': a.sureness, 'row_id': a.row_id} ORDER BY a.option, a.row_id)
     FROM acting a WHERE a.person = e.person AND a.problem = e.problem AND a.mechanism = e.mechanism) AS options,
    coalesce(array_to_string(list(DISTINCT s.source ORDER BY s.source), '; '), 'conditions.csv') AS source
FROM expected e LEFT JOIN signs s USING (person, problem, mechanism)
GROUP BY e.person, e.problem, e.mechanism, e.label
ORDER BY e.person, e.problem, e.mechanism;
