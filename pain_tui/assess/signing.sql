-- What keeps the plan of one person from being signed today? One row for each block, and the answer given to it.
-- Reads findings, rule_results, undecided, people, medication_list, case_asked, case_override, knowledge.sign_blocks and facts.
-- $person, $knowledge_is_old. What is open but not known (an age, a list nobody reviewed) is told by the limits and by STOPs.
WITH chosen AS (SELECT lower(id) AS option FROM case_asked WHERE person = $person AND kind IN ('option', 'procedure')),
asked AS (
    SELECT DISTINCT coalesce(k.label, replace(u.fact, '_', ' ')) AS label FROM undecided u LEFT JOIN knowledge.facts k USING (fact)
    WHERE u.person = $person AND u.tier = 'STOP' AND lower(u.option) IN (SELECT option FROM chosen)
      AND u.question NOT IN (SELECT rule FROM findings WHERE person = $person AND tier = 'STOP' AND is_counted)
),
states AS (
    SELECT unnest([
        {'match': 'is_alive = false', 'holds': NOT p.is_alive, 'state': 'dead'},
        {'match': 'is_child', 'holds': p.is_child, 'state': 'child'},
        {'match': 'knowledge past use_until', 'holds': $knowledge_is_old, 'state': p.as_of::VARCHAR},
        {'match': 'medication_list_complete = false', 'holds': NOT m.complete, 'state': p.as_of::VARCHAR}], recursive := true)
    FROM people p LEFT JOIN medication_list m USING (person) WHERE p.person = $person
),
blocked AS (
    SELECT b.*, f.rule, replace(b.say, '{findings}', rtrim(f.say, '.')) AS said, f."do" AS instead, f.rule AS state, f.answer IS NOT NULL AS is_answered,
        f.answer_reason AS reason
    FROM knowledge.sign_blocks b JOIN findings f ON f.person = $person AND f.tier = b.match AND f.is_counted WHERE b.kind = 'tier'
    UNION ALL
    SELECT b.*, NULL, replace(b.say, '{facts}', a.labels), NULL, a.labels, NULL, NULL
    FROM knowledge.sign_blocks b, (SELECT string_agg(label, ', ' ORDER BY label) AS labels FROM asked) a
    WHERE b.kind = 'undecided' AND a.labels IS NOT NULL
    UNION ALL
    SELECT b.*, r.rule, list_reduce(list_prepend(b.say, json_keys(r.inputs)), lambda t, k: replace(t, '{' || k || '}',
            coalesce(json_extract_string(r.inputs, '$."' || k || '"'), 'not known'))), NULL, r.inputs::VARCHAR, NULL, NULL
    FROM knowledge.sign_blocks b JOIN (SELECT DISTINCT person, rule, inputs FROM rule_results WHERE fired) r ON r.rule = b.match AND r.person = $person
    WHERE b.kind = 'rule'
    UNION ALL
    SELECT b.*, NULL, b.say, NULL, s.state, NULL, NULL
    FROM knowledge.sign_blocks b JOIN states s ON s.match = b.match WHERE b.kind = 'state' AND s.holds
),
given AS (
    SELECT rule, json_extract_string(inputs, '$.state') AS state, arg_max(coalesce(reason, reason_code), "at") AS reason
    FROM case_override WHERE person = $person GROUP BY ALL
)
SELECT b.block, b.kind, b.rule, b.said AS say, coalesce(b.instead, b."do") AS "do", b.may_override = 'yes' AS may_override, b.state, b.source, b.sureness,
    coalesce(b.is_answered, b.may_override = 'yes' AND g.reason IS NOT NULL) AS is_answered, coalesce(b.reason, g.reason) AS reason
FROM blocked b LEFT JOIN given g ON g.rule = 'sign.' || b.block AND g.state = b.state
ORDER BY is_answered, list_position(['rule', 'state', 'tier', 'undecided'], b.kind), b.block, b.said
