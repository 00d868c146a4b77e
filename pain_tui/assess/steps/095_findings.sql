-- What must the clinician be told, how strongly, and on whose word?
-- Reads rule_results, rule_tiers, interactions, gene_drug, drug_condition, procedure_check, phenotypes, options, medications, people,
-- fact_cells, case_asked, case_override, knowledge.tiers, covers_of, condition_words, condition_facts. Makes findings.
-- Tiers come from knowledge.tiers (look-ups) and from the rules. What is neither a medicine in use nor a chosen option is at most
-- CAUTION. An unchecked row is at most a marked NOTE. One finding per pair, the highest; what a fired rule covers is told once.
-- An open STOP rule that blocks when unknown becomes a STOP once an option is chosen.
-- Lists of one person stand in one row (`who`, `cells`, `today`): few joins, because a small case costs by the join.
CREATE OR REPLACE TEMP TABLE findings AS
WITH who AS (
    SELECT p.person, coalesce(a.options, []) AS chosen_options, coalesce(a.drugs, []) AS chosen_drugs, coalesce(m.taken, []) AS taken,
        coalesce(m.possible, []) AS possible
    FROM people p
    LEFT JOIN (SELECT person, list(lower(id)) FILTER (kind IN ('option', 'procedure')) AS options, list(lower(id)) FILTER (kind = 'drug') AS drugs
               FROM case_asked GROUP BY person) a USING (person)
    LEFT JOIN (SELECT person, list(ingredient) FILTER (active) AS taken, list(ingredient) FILTER (active IS DISTINCT FROM false) AS possible
               FROM medications GROUP BY person) m USING (person)
),
fired AS (
    SELECT r.person, r.problem, r.option, r.drug, r.rule, k.about, k.source, k.strength, k.checked, r.inputs, k.clinic_own, k.panel, k.covers,
        CASE WHEN k.tier = 'STOP' AND (k.about = 'option' AND NOT list_contains(w.chosen_options, lower(r.option))
                OR k.about = 'drug' AND NOT list_contains(w.chosen_drugs, r.drug) AND NOT list_contains(w.taken, r.drug))
             THEN 'CAUTION' ELSE k.tier END AS tier,
        CASE WHEN r.fired THEN k.say ELSE concat('Cannot tell: ', k.title, '. Not known: ',
            array_to_string(list_transform(r.missing, lambda m: replace(m, '_', ' ')), ', '), '.') END AS template,
        CASE WHEN r.fired THEN k."do" ELSE 'Enter what is missing before going on.' END AS "do"
    FROM rule_results r JOIN rule_tiers k USING (rule) JOIN who w USING (person)
    WHERE r.fired OR k.blocks AND k.tier = 'STOP' AND CASE WHEN r.option IS NULL THEN len(list_filter(w.chosen_options, lambda c: c <> 'watch')) > 0
        ELSE list_contains(w.chosen_options, lower(r.option)) END
),
rule_findings AS (
    SELECT person, problem, option, drug, rule, tier, about,
        list_reduce(list_prepend(template, json_keys(inputs)), lambda t, k: replace(t, '{' || k || '}',
            coalesce(CASE json_extract_string(inputs, k) WHEN 'true' THEN 'yes' WHEN 'false' THEN 'no' END,
                format('{:g}', round(try_cast(json_extract_string(inputs, k) AS DOUBLE), 1)),
                nullif(json_extract_string(inputs, k), ''), 'not known'))) AS say,
        "do", source, strength, 'read' AS sureness, checked, inputs, 'rules' AS origin, clinic_own, panel
    FROM fired
),
covered AS (SELECT person, coalesce(option, '') AS option, flatten(list(covers)) AS covers FROM fired WHERE len(covers) > 0 GROUP BY ALL),
-- the medicines of each option that are not in use already
offers AS (
    SELECT person, problem, option, name, is_chosen, len(offered) AS size, unnest(offered) AS drug
    FROM (SELECT o.person, o.problem, o.option, o.name, list_contains(w.chosen_options, lower(o.option)) AS is_chosen,
              list_filter(o.drugs, lambda d: NOT list_contains(w.possible, d)) AS offered FROM options o JOIN who w USING (person))
),
-- what the look-up tables say of a drug; `subject` is the drug it is about, `partner` what it meets there
pairs AS (
    SELECT person, unnest(CASE WHEN contains(drug_b, ' + ') THEN [{'subject': drug_b, 'partner': drug_b, 'meets': ' together'}]
            WHEN NOT active THEN [{'subject': drug_a, 'partner': drug_b, 'meets': ' with ' || drug_b}, {'subject': drug_b, 'partner': drug_a, 'meets': ' with ' || drug_a}]
            ELSE [{'subject': drug_a, 'partner': drug_b, 'meets': ' with ' || drug_b}] END, recursive := true),
        active AS in_use, on_list, 'drug_interactions' AS table_name, severity AS word, 'interaction' AS origin, row_id AS rule, source,
        NULL AS strength, sureness, concat(': ', mechanism, '.') AS because, management AS "do",
        json_object('drug_a', drug_a, 'drug_b', drug_b, 'in_use', active)::VARCHAR AS inputs, 0 AS nr, false AS is_later
    FROM interactions
),
cells AS (SELECT person, list(fact) AS facts, list(value) AS cell FROM fact_cells GROUP BY person),
states AS (
    SELECT person, subject, partner, concat(' and ', words) AS meets, in_use, on_list, 'drug_conditions' AS table_name, severity AS word,
        'drug_condition' AS origin, row_id AS rule, source, NULL AS strength, sureness,
        coalesce(' (' || nullif(array_to_string(list_transform(list_filter(known, lambda k: k.value NOT IN ('true', 'false')),
            lambda k: k.label || ' ' || coalesce(format('{:g}', round(try_cast(k.value AS DOUBLE), 1)), k.value)), ', '), '') || ').', '.') AS because,
        guidance AS "do", to_json(map_from_entries(list_transform(known, lambda k: {'k': k.fact, 'v': k.value})))::VARCHAR AS inputs, 0 AS nr, false AS is_later
    FROM (SELECT c.* EXCLUDE (drug), c.drug AS subject, c.condition_code AS partner, w.words,
              list_filter(list_transform(f.facts, lambda x: {'fact': x.fact, 'label': x.label, 'value': k.cell[list_position(k.facts, x.fact)]}), lambda x: x.value IS NOT NULL) AS known
          FROM drug_condition c JOIN knowledge.condition_words w USING (condition_code) LEFT JOIN knowledge.condition_facts f USING (row_id)
          LEFT JOIN cells k USING (person) WHERE c.applies AND w.told_by IS NULL)
),
today AS (
    SELECT person, list(gene) AS genes, list(coalesce(phenotype_with_drugs, phenotype, replace(state, '_', ' '))) AS now, list(coalesce(phenotype, replace(state, '_', ' '))) AS born
    FROM phenotypes GROUP BY person
),
genes AS (
    SELECT g.person, g.drug AS subject, array_to_string(g.genes, '+') AS partner,
        concat(' with ', array_to_string(list_transform(g.genes, lambda x: x || ' ' || CASE WHEN g.with_drugs THEN t.now ELSE t.born END[list_position(t.genes, x)]), ', '),
            CASE g.speaks WHEN 'today' THEN ' with the present medicines'
            WHEN 'later' THEN ' by genotype, once the medicine that changes it has gone' || coalesce(' (' || g.clears_on || ' if stopped today)', '') ELSE '' END) AS meets,
        g.in_use, g.on_list, 'drug_actions' AS table_name, concat(g.severity_0_6, ':', g.strength) AS word, 'gene_drug' AS origin, g.row_id AS rule, g.source, g.strength,
        g.sureness, concat(' (', g.guideline, '): ', coalesce(g.mechanism, 'the guideline advises a change'), '.') AS because,
        concat(upper(g.meaning[1]), g.meaning[2:], '.') AS "do",
        to_json(map_from_entries(list_transform(g.genes, lambda x: {'k': x, 'v': CASE WHEN g.with_drugs THEN t.now ELSE t.born END[list_position(t.genes, x)]})))::VARCHAR AS inputs,
        g.guideline_order AS nr, g.speaks IS NOT DISTINCT FROM 'later' AS is_later
    FROM gene_drug g JOIN today t USING (person) WHERE g.row_id IS NOT NULL AND g.severity_0_6 > 0
),
lookups AS (FROM pairs UNION ALL BY NAME FROM states UNION ALL BY NAME FROM genes),
placed AS (
    SELECT l.*, o.problem, o.option, o.name, o.size, CASE WHEN l.in_use IS NOT false THEN 'in_use'
        WHEN o.is_chosen OR list_contains(w.chosen_drugs, l.subject) THEN 'asked' ELSE 'on_list' END AS about_use
    FROM lookups l JOIN who w USING (person)
    LEFT JOIN offers o ON o.person = l.person AND o.drug = CASE WHEN NOT l.in_use THEN l.subject END
    WHERE l.in_use IS NOT false OR list_contains(l.on_list, o.option) OR o.option IS NULL AND list_contains(w.chosen_drugs, l.subject)
),
ranked AS (
    SELECT p.*, CASE WHEN p.sureness = 'unchecked' OR p.is_later THEN 'NOTE' WHEN p.in_use IS NULL AND t.tier = 'STOP' THEN 'CAUTION' ELSE t.tier END AS tier
    FROM placed p JOIN knowledge.tiers t USING (table_name, word, about_use)
    LEFT JOIN knowledge.covers_of k USING (origin, subject, partner) LEFT JOIN covered v ON v.person = p.person AND v.option = coalesce(p.option, '')
    WHERE t.tier <> 'none' AND list_has_any(k.covers, v.covers) IS NOT true
    QUALIFY row_number() OVER (PARTITION BY p.person, p.problem, p.option, p.origin, p.subject, p.partner
        ORDER BY list_position(['STOP', 'CAUTION', 'NOTE'], tier), p.is_later, p.nr, p.rule) = 1
),
-- what holds for every drug of an option is said once, of the option
said AS (
    SELECT person, problem, option, CASE WHEN size > 1 AND count(*) = size THEN NULL ELSE unnest(list(subject)) END AS drug, rule, tier,
        CASE WHEN size > 1 AND count(*) = size THEN concat('Every medicine of: ', min(name)) END AS of_all,
        concat(CASE WHEN in_use IS NULL THEN ' (if still taken)' WHEN NOT in_use THEN ' (if it is added)' ELSE '' END, meets, because) AS rest,
        "do", source, strength, sureness, min(inputs) AS inputs, origin
    FROM ranked
    GROUP BY person, problem, option, rule, tier, meets, because, "do", source, strength, sureness, origin, in_use, size
),
procedure_findings AS (
    SELECT p.person, p.problem, p.option, NULL AS drug, p.row_id AS rule, p.tier, 'option' AS about,
        CASE WHEN starts_with(p.item, 'medicine that thins') THEN concat(upper(p.why[1]), p.why[2:]) ELSE concat(upper(p.item[1]), p.item[2:], ': ', p.why) END AS say, p."do",
        p.source, NULL AS strength, p.sureness, NULL::DATE AS checked,
        json_object('item', p.item, 'procedure', p.procedure_code, 'answer', p.answer)::VARCHAR AS inputs, 'procedure' AS origin, false AS clinic_own, NULL AS panel
    FROM procedure_check p LEFT JOIN covered v ON v.person = p.person AND v.option = p.option
    WHERE p.tier IN ('STOP', 'CAUTION', 'NOTE') AND p.why IS NOT NULL AND (p.answer = 'not_clear' OR p.answer IS NULL)
      AND (v.covers IS NULL OR len(list_filter(v.covers, lambda c: starts_with(c, 'item:') AND starts_with(p.item, substr(c, 6)))) = 0)
    QUALIFY row_number() OVER (PARTITION BY p.person, p.problem, p.option, p.item
        ORDER BY list_position(['STOP', 'CAUTION', 'NOTE'], p.tier), p.procedure_code, p.row_id) = 1
),
every AS (
    FROM rule_findings
    UNION ALL
    SELECT DISTINCT person, problem, option, drug, rule, tier, CASE WHEN drug IS NULL THEN 'option' ELSE 'drug' END, concat(coalesce(drug, of_all), rest),
        "do", source, strength, sureness, NULL, inputs, origin, false, NULL FROM said
    UNION ALL
    FROM procedure_findings
),
answered AS (
    SELECT person, coalesce(problem, '') AS problem, coalesce(option, '') AS option, coalesce(drug, '') AS drug, rule,
        arg_max(kind, "at") AS kind, arg_max(inputs, "at") AS inputs, arg_max(reason, "at") AS reason, max("at") AS answered_at
    FROM case_override GROUP BY ALL
),
told AS (
    SELECT e.*, a.kind, a.reason, a.answered_at, e.option IS NULL OR list_contains(w.chosen_options, lower(e.option)) AS is_counted,
        -- an answer holds as long as the inputs are those it was given for, whatever order and spaces they were written with
        CASE WHEN a.kind IS NOT NULL THEN list_sort(list_transform(json_keys(a.inputs), lambda k: k || '=' || json_extract(a.inputs, '$."' || k || '"')::VARCHAR))
            IS NOT DISTINCT FROM list_sort(list_transform(json_keys(e.inputs), lambda k: k || '=' || json_extract(e.inputs, '$."' || k || '"')::VARCHAR)) END AS holds
    FROM every e JOIN who w USING (person) LEFT JOIN answered a ON a.person = e.person AND a.rule = e.rule AND a.problem = coalesce(e.problem, '')
     AND a.option = coalesce(e.option, '') AND a.drug = coalesce(e.drug, '')
)
SELECT person, problem, option, drug, rule, CASE WHEN sureness = 'unchecked' THEN 'NOTE' ELSE tier END AS tier, about,
    CASE WHEN sureness = 'unchecked' THEN say || ' (Source not checked.)' ELSE say END AS say, "do", source, strength, sureness, checked,
    inputs, origin, clinic_own, panel, CASE WHEN holds THEN kind END AS answer, CASE WHEN holds THEN reason END AS answer_reason, answered_at,
    -- warnings about options that are only listed stand in the plan; the counts are of the person and of what is chosen
    is_counted
FROM told;
