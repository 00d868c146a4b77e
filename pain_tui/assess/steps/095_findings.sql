-- What must the clinician be told, how strongly, and on whose word?
-- Reads rule_results, rule_tiers, interactions, gene_drug, drug_condition, procedure_check, phenotypes, options, medications, people,
-- fact_cells, case_asked, case_override, knowledge.tier_of, covers_of, condition_told. Makes findings.
-- Tiers come from knowledge.tiers (look-ups) and from the rules. What is neither a medicine in use nor a chosen option is at most
-- CAUTION. An unchecked row is at most a marked NOTE. One finding per pair, the highest; what a fired rule covers is told once,
-- by the rule, unless the row stands higher than the rule (ketorolac with warfarin is a STOP beside the CAUTION on NSAIDs).
-- An open STOP rule that blocks when unknown becomes a STOP once an option is chosen.
-- A small case costs by the operator and by the column that flows through it: what decides is narrow (`lookups` keeps the place of a row in
-- its table), and the words are fetched at the end. MATERIALIZED keeps what follows a union from running once for each of its parts.
CREATE OR REPLACE TEMP TABLE findings AS
WITH who AS MATERIALIZED (
    SELECT person, coalesce(list(chosen_option) FILTER (chosen_option IS NOT NULL), []) AS chosen_options,
        coalesce(list(chosen_drug) FILTER (chosen_drug IS NOT NULL), []) AS chosen_drugs,
        coalesce(list(ingredient) FILTER (active), []) AS taken, coalesce(list(ingredient) FILTER (active IS DISTINCT FROM false), []) AS possible
    FROM (
        SELECT person, NULL AS chosen_option, NULL AS chosen_drug, NULL AS ingredient, false AS active FROM people
        UNION ALL
        SELECT person, CASE WHEN kind IN ('option', 'procedure') THEN lower(id) END, CASE kind WHEN 'drug' THEN lower(id) END, NULL, false FROM case_asked
        UNION ALL
        SELECT person, NULL, NULL, ingredient, active FROM medications
    ) GROUP BY person
),
fired AS MATERIALIZED (
    SELECT r.person, r.problem, r.option, r.drug, r.rule, k.about, k.source, k.strength, k.checked, r.inputs, k.clinic_own, k.panel, k.covers,
        CASE WHEN k.tier = 'STOP' AND (k.about = 'option' AND NOT list_contains(w.chosen_options, lower(r.option))
                OR k.about = 'drug' AND NOT list_contains(w.chosen_drugs, r.drug) AND NOT list_contains(w.taken, r.drug))
             THEN 'CAUTION' ELSE k.tier END AS tier,
        CASE WHEN r.fired THEN k.say ELSE concat('Cannot tell: ', k.title, '. Not known: ',
            array_to_string(list_transform(r.missing, lambda m: coalesce(k.labels[m], replace(m, '_', ' '))), '; '), '.') END AS template,
        CASE WHEN r.fired THEN k."do" ELSE 'Enter what is missing before going on.' END AS "do",
        r.option IS NULL OR list_contains(w.chosen_options, lower(r.option)) AS is_counted
    FROM rule_results r JOIN rule_tiers k USING (rule) JOIN who w USING (person)
    WHERE r.fired OR k.blocks AND k.tier = 'STOP' AND CASE WHEN r.option IS NULL THEN len(list_filter(w.chosen_options, lambda c: c <> 'watch')) > 0
        ELSE list_contains(w.chosen_options, lower(r.option)) END
),
covered AS MATERIALIZED (
    SELECT person, coalesce(option, '') AS option, flatten(list(covers)) AS covers, flatten(list(covers) FILTER (tier = 'STOP')) AS by_stop,
        flatten(list(covers) FILTER (tier <> 'NOTE')) AS by_caution FROM fired WHERE len(covers) > 0 GROUP BY person, coalesce(option, '')
),
-- the medicines of each option that are not in use already
offers AS (
    SELECT person, problem, option, name, is_chosen, len(offered) AS size, unnest(offered) AS drug
    FROM (SELECT o.person, o.problem, o.option, o.name, list_contains(w.chosen_options, lower(o.option)) AS is_chosen,
              list_filter(o.drugs, lambda d: NOT list_contains(w.possible, d)) AS offered FROM options o JOIN who w USING (person))
),
-- what the look-up tables say of a drug; `subject` is the drug it is about, `partner` what it meets there
lookups AS MATERIALIZED (
    SELECT person, 'interaction' AS origin, rowid AS place,
        unnest(CASE WHEN contains(drug_b, ' + ') THEN [{'subject': drug_b, 'partner': drug_b}]
            WHEN NOT active THEN [{'subject': drug_a, 'partner': drug_b}, {'subject': drug_b, 'partner': drug_a}]
            ELSE [{'subject': drug_a, 'partner': drug_b}] END, recursive := true),
        active AS in_use, on_list, severity AS word, row_id AS rule, sureness = 'unchecked' AS is_weak, 0 AS nr
    FROM interactions
    UNION ALL
    SELECT person, 'drug_condition', rowid, drug, condition_code, in_use, on_list, severity, row_id, sureness = 'unchecked',
        CASE WHEN in_use IS NULL THEN 10 ELSE 0 END - list_position(['info', 'monitor', 'caution', 'reduce_dose', 'avoid', 'contraindicated'], severity)
    FROM drug_condition WHERE applies
    UNION ALL
    SELECT person, 'gene_drug', rowid, drug, array_to_string(genes, '+'), in_use, on_list, concat(severity_0_6, ':', strength), row_id,
        sureness = 'unchecked' OR speaks IS NOT DISTINCT FROM 'later', guideline_order + CASE speaks WHEN 'later' THEN 100 ELSE 0 END
    FROM gene_drug WHERE row_id IS NOT NULL AND severity_0_6 > 0
),
placed AS (
    SELECT l.*, o.problem, o.option, o.name, o.size, CASE WHEN l.in_use IS NOT false THEN 'in_use'
        WHEN o.is_chosen OR list_contains(w.chosen_drugs, l.subject) THEN 'asked' ELSE 'on_list' END AS about_use, o.option IS NULL OR o.is_chosen AS is_counted
    FROM lookups l JOIN who w USING (person)
    LEFT JOIN offers o ON o.person = l.person AND o.drug = CASE WHEN NOT l.in_use THEN l.subject END
    WHERE l.in_use IS NOT false OR list_contains(l.on_list, o.option) OR o.option IS NULL AND list_contains(w.chosen_drugs, l.subject)
),
-- of several rows about the same two things the highest tier counts, then the severer word ('do not use ER' before 'lower dose'), then what
-- holds today, then the earlier row
ranked AS MATERIALIZED (
    SELECT person, problem, option, origin, subject, partner, unnest(arg_min({'place': place, 'rule': rule, 'in_use': in_use, 'tier': tier, 'size': size,
            'name': name, 'is_counted': is_counted}, {'rank': list_position(['STOP', 'CAUTION', 'NOTE'], tier), 'nr': nr, 'rule': rule}), recursive := true)
    FROM (
        SELECT p.*, CASE WHEN p.is_weak THEN 'NOTE' WHEN p.in_use IS NULL AND t.tier = 'STOP' THEN 'CAUTION' ELSE t.tier END AS tier
        FROM placed p JOIN knowledge.tier_of t USING (origin, word, about_use)
        LEFT JOIN knowledge.covers_of k USING (origin, subject, partner) LEFT JOIN covered v ON v.person = p.person AND v.option = coalesce(p.option, '')
        WHERE list_has_any(k.covers, CASE WHEN p.is_weak OR t.tier = 'NOTE' THEN v.covers WHEN t.tier = 'STOP' AND p.in_use IS NOT NULL THEN v.by_stop ELSE v.by_caution END) IS NOT true
    ) GROUP BY person, problem, option, origin, subject, partner
),
-- their words; `meets` follows the name of the medicine, `because` gives the reason
cells AS (SELECT person, list(fact) AS facts, list(value) AS cell FROM fact_cells GROUP BY person),
today AS (
    SELECT person, list(gene) AS genes, list(coalesce(phenotype_with_drugs, phenotype, replace(state, '_', ' '))) AS now, list(coalesce(phenotype, replace(state, '_', ' '))) AS born,
        list(coalesce(CASE WHEN with_drugs_is_research THEN phenotype ELSE coalesce(phenotype_with_drugs, phenotype) END, replace(state, '_', ' '))) AS checked
    FROM phenotypes GROUP BY person
),
words AS (
    SELECT 'interaction' AS origin, rowid AS place, CASE WHEN contains(drug_b, ' + ') THEN 'together' ELSE 'with' END AS meets, concat(': ', mechanism, '.') AS because,
        advice AS "do", source, NULL AS strength, sureness, json_object('drug_a', drug_a, 'drug_b', drug_b, 'in_use', active)::VARCHAR AS inputs
    FROM interactions
    UNION ALL
    SELECT 'drug_condition', place, ' and ' || words, coalesce(' (' || nullif(array_to_string(list_transform(list_filter(known, lambda k: k.value NOT IN ('true', 'false')),
            lambda k: k.label || ' ' || coalesce(format('{:g}', round(try_cast(k.value AS DOUBLE), 1)), k.value)), ', '), '') || ').', '.'), advice, source, NULL, sureness,
        to_json(map_from_entries(list_transform(known, lambda k: {'k': k.fact, 'v': k.value})))::VARCHAR
    FROM (SELECT c.rowid AS place, c.advice, c.source, c.sureness, w.words,
              list_filter(list_transform(w.facts, lambda x: {'fact': x.fact, 'label': x.label, 'value': k.cell[list_position(k.facts, x.fact)]}), lambda x: x.value IS NOT NULL) AS known
          FROM drug_condition c JOIN knowledge.condition_told w USING (row_id) LEFT JOIN cells k USING (person) WHERE c.applies AND w.told_by IS NULL)
    UNION ALL
    SELECT 'gene_drug', g.rowid,
        concat(' with ', array_to_string(list_transform(g.genes, lambda x: x || ' ' || CASE WHEN g.is_research THEN t.now WHEN g.with_drugs THEN t.checked ELSE t.born END[list_position(t.genes, x)]), ', '),
            CASE g.speaks WHEN 'today' THEN ' with the present medicines'
            WHEN 'later' THEN ' by genotype, once the medicine that changes it has gone' || coalesce(' (' || g.clears_on || ' if stopped today)', '') ELSE '' END),
        concat(' (', g.guideline, '): ', coalesce(g.mechanism, 'the guideline advises a change'), '.'),
        concat(upper(g.meaning[1]), g.meaning[2:], '.'), g.source, g.strength, g.sureness,
        to_json(map_from_entries(list_transform(g.genes, lambda x: {'k': x, 'v': CASE WHEN g.is_research THEN t.now WHEN g.with_drugs THEN t.checked ELSE t.born END[list_position(t.genes, x)]})))::VARCHAR
    FROM gene_drug g JOIN today t USING (person) WHERE g.row_id IS NOT NULL AND g.severity_0_6 > 0
),
worded AS (
    SELECT r.*, concat(CASE w.meets WHEN 'together' THEN ' together' WHEN 'with' THEN ' with ' || r.partner ELSE w.meets END, w.because) AS meets,
        w."do", w.source, w.strength, w.sureness, w.inputs
    FROM ranked r JOIN words w USING (origin, place)
),
-- what holds for every drug of an option is said once, of the option
said AS (
    SELECT person, problem, option, unnest(CASE WHEN size > 1 AND count(*) = size THEN [NULL] ELSE list(subject) END) AS drug,
        concat('Every medicine of: ', min(name)) AS of_all, CASE WHEN in_use IS NULL THEN ' (if still taken)' WHEN NOT in_use THEN ' (if it is added)' ELSE '' END || meets AS rest,
        rule, tier, any_value("do") AS "do", any_value(source) AS source, any_value(strength) AS strength, any_value(sureness) AS sureness,
        min(inputs) AS inputs, any_value(origin) AS origin, any_value(is_counted) AS is_counted
    FROM worded GROUP BY person, problem, option, rule, tier, meets, in_use, size
),
procedure_findings AS (
    SELECT person, problem, option, unnest(arg_min({'rule': row_id, 'tier': tier, 'say': say, 'do': "do", 'source': source, 'sureness': sureness, 'inputs': inputs},
            {'rank': list_position(['STOP', 'CAUTION', 'NOTE'], tier), 'code': procedure_code, 'rule': row_id}), recursive := true), any_value(is_counted) AS is_counted
    FROM (
        SELECT p.person, p.problem, p.option, p.item, p.procedure_code, p.row_id, p.tier, p."do", p.source, p.sureness,
            CASE WHEN starts_with(p.item, 'medicine that thins') THEN concat(upper(split_part(p.item, ': ', 2)[1]), split_part(p.item, ': ', 2)[2:], ': ', p.why, '.') ELSE concat(upper(p.item[1]), p.item[2:], ': ', p.why) END AS say,
            json_object('item', p.item, 'procedure', p.procedure_code, 'answer', p.answer)::VARCHAR AS inputs, list_contains(w.chosen_options, lower(p.option)) AS is_counted
        FROM procedure_check p JOIN who w USING (person) LEFT JOIN covered v ON v.person = p.person AND v.option = p.option
        WHERE p.tier IN ('STOP', 'CAUTION', 'NOTE') AND p.why IS NOT NULL AND (p.answer = 'not_clear' OR p.answer IS NULL)
          AND (len(list_filter(CASE p.tier WHEN 'STOP' THEN v.by_stop WHEN 'CAUTION' THEN v.by_caution ELSE v.covers END, lambda c: starts_with(c, 'item:') AND starts_with(p.item, substr(c, 6)))) > 0) IS NOT true
    ) GROUP BY person, problem, option, item
),
every AS MATERIALIZED (
    SELECT person, problem, option, drug, rule, tier, about,
        list_reduce(list_prepend(template, json_keys(inputs)), lambda t, k: replace(t, '{' || k || '}',
            coalesce(CASE json_extract_string(inputs, k) WHEN 'true' THEN 'yes' WHEN 'false' THEN 'no' END,
                format('{:g}', round(try_cast(json_extract_string(inputs, k) AS DOUBLE), 1)),
                nullif(json_extract_string(inputs, k), ''), 'not known'))) AS say,
        "do", source, strength, 'read' AS sureness, checked, inputs, 'rules' AS origin, clinic_own, panel, is_counted
    FROM fired
    UNION ALL
    SELECT person, problem, option, drug, rule, tier, CASE WHEN drug IS NULL THEN 'option' ELSE 'drug' END, concat(coalesce(drug, of_all), rest),
        "do", source, strength, sureness, NULL, inputs, origin, false, NULL, is_counted FROM said
    UNION ALL
    SELECT person, problem, option, NULL, rule, tier, 'option', say, "do", source, NULL, sureness, NULL, inputs, 'procedure', false, NULL, is_counted
    FROM procedure_findings
),
answered AS (
    SELECT person, coalesce(problem, '') AS problem, coalesce(option, '') AS option, coalesce(drug, '') AS drug, rule,
        arg_max(kind, "at") AS kind, arg_max(inputs, "at") AS inputs, arg_max(reason, "at") AS reason, max("at") AS answered_at
    FROM case_override GROUP BY ALL
),
told AS (
    SELECT e.*, a.kind, a.reason, a.answered_at,
        -- an answer holds as long as the inputs are those it was given for, whatever order and spaces they were written with
        CASE WHEN a.kind IS NOT NULL THEN list_sort(list_transform(json_keys(a.inputs), lambda k: k || '=' || json_extract(a.inputs, '$."' || k || '"')::VARCHAR))
            IS NOT DISTINCT FROM list_sort(list_transform(json_keys(e.inputs), lambda k: k || '=' || json_extract(e.inputs, '$."' || k || '"')::VARCHAR)) END AS holds
    FROM every e LEFT JOIN answered a ON a.person = e.person AND a.rule = e.rule AND a.problem = coalesce(e.problem, '')
     AND a.option = coalesce(e.option, '') AND a.drug = coalesce(e.drug, '')
)
SELECT person, problem, option, drug, rule, CASE WHEN sureness = 'unchecked' THEN 'NOTE' ELSE tier END AS tier, about,
    CASE WHEN sureness = 'unchecked' THEN say || ' (Source not checked.)' ELSE say END AS say, "do", source, strength, sureness, checked,
    inputs, origin, clinic_own, panel, CASE WHEN holds THEN kind END AS answer, CASE WHEN holds THEN reason END AS answer_reason, answered_at,
    -- warnings about options that are only listed stand in the plan; the counts are of the person and of what is chosen
    is_counted
FROM told;
