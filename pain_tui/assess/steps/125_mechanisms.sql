-- Question: which mechanisms of pain are likely in this problem, by its condition and by what is recorded, and which options act on them?
-- Reads problems, fact_cells, options, knowledge.condition_mechanisms, mechanism_signs, mechanism_findings.
-- Makes mechanisms. A mark never changes a probability; findings for, against and without effect stand side by side.
-- state: supported (a sign speaks for it, or the condition does and no sign against), against (only signs against), not known (else).
CREATE OR REPLACE TEMP TABLE mechanisms AS
WITH signs AS (
    SELECT person, problem, mechanism, bool_or(speaks_for) AS is_for, bool_or(speaks_against) AS is_against,
        list({'fact': fact, 'value': value, 'says': CASE WHEN speaks_for THEN 'for' WHEN speaks_against THEN 'against' ELSE 'neither' END, 'say': say, 'source': source} ORDER BY fact) AS facts,
        list_sort(list_distinct(list(source))) AS sources
    FROM (
        SELECT r.person, r.problem, s.mechanism, s.fact, r.value, s.say, s.source,
            (try_cast(r.value AS DOUBLE) >= s.supports_from) IS NOT DISTINCT FROM true OR list_contains(string_split(coalesce(s.supports_words, ''), '|'), r.value) AS speaks_for,
            (try_cast(r.value AS DOUBLE) < s.against_below) IS NOT DISTINCT FROM true OR list_contains(string_split(coalesce(s.against_words, ''), '|'), r.value) AS speaks_against
        FROM fact_cells r JOIN knowledge.mechanism_signs s USING (fact)
    ) GROUP BY person, problem, mechanism
),
acting AS (
    SELECT o.person, o.problem, x.mechanism,
        list({'option': o.option, 'finding': x.finding, 'say': x.say, 'source': x.source, 'sureness': x.sureness, 'row_id': x.row_id} ORDER BY o.option, x.row_id) AS options
    FROM options o JOIN knowledge.mechanism_findings x USING (option) WHERE x.condition IS NULL OR x.condition = o.condition
    GROUP BY o.person, o.problem, x.mechanism
)
SELECT b.person, b.problem, m.mechanism, m.label,
    CASE WHEN s.is_for THEN CASE WHEN s.is_against THEN 'not known' ELSE 'supported' END
         WHEN s.is_against THEN CASE WHEN m.by_condition THEN 'not known' ELSE 'against' END
         WHEN m.by_condition THEN 'supported' ELSE 'not known' END AS state,
    list_concat(
        CASE WHEN m.by_condition THEN [{'fact': 'condition', 'value': m.condition_name, 'says': 'for', 'say': 'expected in this condition', 'source': 'conditions.csv'}] ELSE [] END,
        coalesce(s.facts, [])) AS facts,
    a.options, coalesce(array_to_string(s.sources, '; '), 'conditions.csv') AS source
FROM problems b JOIN knowledge.condition_mechanisms m USING (condition)
LEFT JOIN signs s USING (person, problem, mechanism) LEFT JOIN acting a USING (person, problem, mechanism);
