-- What must the clinician be told, how strongly, and on whose word?
-- Reads rule_results, rule_tiers, interactions, gene_drug, drug_condition, procedure_check, phenotypes, options, person_terms,
-- fact_cells, case_asked, case_override, knowledge.tiers, covered_pairs, condition_words, condition_atoms. Makes findings.
-- Tiers come from knowledge.tiers (look-ups) and from the rules. What is neither a medicine in use nor a chosen option is at most
-- CAUTION. An unchecked row is at most a marked NOTE. One finding per pair, the highest; what a fired rule covers is told once.
-- An open STOP rule that blocks when unknown becomes a STOP once an option is chosen.
CREATE OR REPLACE TEMP TABLE findings AS
WITH chosen AS (SELECT DISTINCT person, kind, lower(id) AS id FROM case_asked),
any_chosen AS (SELECT DISTINCT person FROM chosen WHERE kind IN ('option', 'procedure') AND id <> 'watch'),
ranks(tier, rank) AS (VALUES ('NOTE', 1), ('CAUTION', 2), ('STOP', 3)),
fired AS (
    SELECT r.person, r.problem, r.option, r.drug, r.rule, k.about, k.source, k.strength, 'read' AS sureness, k.checked, r.inputs,
        'rules' AS origin, k.clinic_own, k.panel, k.covers,
        CASE WHEN k.tier = 'STOP' AND (k.about = 'option' AND c.person IS NULL OR k.about = 'drug' AND d.person IS NULL AND t.person IS NULL)
             THEN 'CAUTION' ELSE k.tier END AS tier,
        CASE WHEN r.fired THEN k.say ELSE 'Cannot tell: ' || k.title || '. Not known: {unknown}.' END AS say,
        CASE WHEN r.fired THEN k."do" ELSE 'Enter what is missing before going on.' END AS "do", r.missing
    FROM rule_results r JOIN rule_tiers k USING (rule)
    LEFT JOIN chosen c ON c.person = r.person AND c.kind IN ('option', 'procedure') AND c.id = lower(r.option)
    LEFT JOIN chosen d ON d.person = r.person AND d.kind = 'drug' AND d.id = r.drug
    LEFT JOIN (SELECT DISTINCT person, ingredient FROM medications WHERE active) t ON t.person = r.person AND t.ingredient = r.drug
    WHERE r.fired OR k.blocks AND k.tier = 'STOP' AND (c.person IS NOT NULL OR r.option IS NULL AND r.person IN (SELECT person FROM any_chosen))
),
rule_findings AS (
    SELECT * EXCLUDE (say, "do", missing, covers),
        list_reduce(list_prepend(say, json_keys(inputs)), lambda t, k: replace(t, '{' || k || '}',
            coalesce(CASE json_extract_string(inputs, k) WHEN 'true' THEN 'yes' WHEN 'false' THEN 'no' END,
                format('{:g}', round(try_cast(json_extract_string(inputs, k) AS DOUBLE), 1)),
                nullif(json_extract_string(inputs, k), ''), 'not known'))) AS filled,
        replace(filled, '{unknown}', array_to_string(list_transform(missing, lambda m: replace(m, '_', ' ')), ', ')) AS say, "do"
    FROM fired
),
covered AS (SELECT DISTINCT person, coalesce(option, '') AS option, unnest(covers) AS cover FROM fired),
members AS (SELECT DISTINCT person, problem, option, name, lower(unnest(drugs)) AS drug FROM options),
in_use AS (SELECT DISTINCT person, ingredient AS drug FROM medications WHERE active IS DISTINCT FROM false),
sizes AS (SELECT person, problem, option, count(*) AS size FROM members ANTI JOIN in_use USING (person, drug) GROUP BY person, problem, option),
-- what the look-up tables say of a drug; `subject` is the drug it is about, `partner` what it meets there
pairs AS (
    SELECT i.person, v.subject, v.partner, i.active AS in_use, i.active IS NULL AS is_open, i.on_list,
        'drug_interactions' AS table_name, i.severity AS word, 'interaction' AS origin, i.row_id AS rule, i.source, NULL AS strength, i.sureness,
        CASE WHEN contains(v.subject, ' + ') THEN ' together' ELSE concat(' with ', v.partner) END AS meets, concat(': ', i.mechanism, '.') AS because, i.management AS "do",
        json_object('drug_a', i.drug_a, 'drug_b', i.drug_b, 'in_use', i.active)::VARCHAR AS inputs, 0 AS nr
    FROM interactions i, LATERAL (SELECT CASE WHEN contains(i.drug_b, ' + ') THEN i.drug_b ELSE i.drug_a END AS subject, i.drug_b AS partner UNION ALL SELECT i.drug_b, i.drug_a WHERE NOT i.active) v
),
condition_inputs AS (
    SELECT c.person, c.drug, c.row_id, to_json(map_from_entries(list((a.fact, k.value) ORDER BY a.fact)))::VARCHAR AS inputs,
        string_agg(CASE WHEN k.value NOT IN ('true', 'false') THEN f.label || ' ' || coalesce(format('{:g}', round(try_cast(k.value AS DOUBLE), 1)), k.value) END, ', ' ORDER BY a.fact) AS shown
    FROM drug_condition c JOIN (SELECT DISTINCT row_id, fact FROM knowledge.condition_atoms WHERE NOT contains(fact, ':')) a USING (row_id)
    JOIN (SELECT DISTINCT person, fact, value FROM fact_cells) k ON k.person = c.person AND k.fact = a.fact
    JOIN knowledge.facts f ON f.fact = a.fact WHERE c.applies GROUP BY c.person, c.drug, c.row_id
),
gene_words AS (
    SELECT g.person, g.drug, g.row_id, g.with_drugs, string_agg(p.gene || ' ' || today, ', ' ORDER BY p.gene) AS shown, json_group_object(p.gene, today)::VARCHAR AS inputs
    FROM (SELECT DISTINCT person, drug, row_id, with_drugs, unnest(genes) AS gene FROM gene_drug WHERE row_id IS NOT NULL AND severity_0_6 > 0) g
    JOIN phenotypes p ON p.person = g.person AND p.gene = g.gene,
    LATERAL (SELECT coalesce(CASE WHEN g.with_drugs THEN p.phenotype_with_drugs END, p.phenotype, replace(p.state, '_', ' ')) AS today)
    GROUP BY g.person, g.drug, g.row_id, g.with_drugs
),
states AS (
    SELECT c.person, c.drug AS subject, c.condition_code AS partner, c.in_use, c.in_use IS NULL AS is_open, c.on_list,
        'drug_conditions' AS table_name, c.severity AS word, 'drug_condition' AS origin, c.row_id AS rule, c.source, NULL AS strength, c.sureness,
        concat(' and ', w.words) AS meets, CASE WHEN n.shown IS NULL THEN '.' ELSE concat(' (', n.shown, ').') END AS because, c.guidance AS "do", coalesce(n.inputs, '{}') AS inputs, 0 AS nr
    FROM drug_condition c JOIN knowledge.condition_words w USING (condition_code) LEFT JOIN condition_inputs n USING (person, drug, row_id)
    WHERE c.applies AND NOT (w.told_by IS NOT DISTINCT FROM 'gene_drug' AND (c.person, c.drug) IN (SELECT (person, drug) FROM gene_words))
),
genes AS (
    SELECT g.person, g.drug AS subject, array_to_string(g.genes, '+') AS partner, g.in_use, g.in_use IS NULL AS is_open, g.on_list,
        'drug_actions' AS table_name, concat(g.severity_0_6, ':', g.strength) AS word, 'gene_drug' AS origin, g.row_id AS rule, g.source, g.strength, g.sureness,
        concat(' with ', w.shown, CASE g.speaks WHEN 'today' THEN ' with the present medicines'
            WHEN 'later' THEN ' by genotype, once the medicine that changes it has gone' || coalesce(' (' || g.clears_on || ' if stopped today)', '') ELSE '' END) AS meets,
        concat(' (', g.guideline, '): ', coalesce(g.mechanism, 'the guideline advises a change'), '.') AS because,
        concat(upper(g.meaning[1]), g.meaning[2:], '.') AS "do", w.inputs, g.guideline_order AS nr, g.speaks = 'later' AS is_later
    FROM gene_drug g JOIN gene_words w ON w.person = g.person AND w.drug = g.drug AND w.row_id = g.row_id AND w.with_drugs = g.with_drugs
),
lookups AS (FROM pairs UNION ALL BY NAME FROM states UNION ALL BY NAME FROM genes),
placed AS (
    SELECT l.*, '' AS problem, '' AS option, NULL AS name, 'in_use' AS about_use FROM lookups l WHERE in_use IS NOT false OR is_open
    UNION ALL
    SELECT l.*, '', '', NULL, 'asked' FROM lookups l JOIN chosen c ON c.person = l.person AND c.id = l.subject AND c.kind = 'drug' WHERE NOT in_use
    UNION ALL
    SELECT l.*, m.problem, m.option, m.name, CASE WHEN c.id IS NULL THEN 'on_list' ELSE 'asked' END
    FROM lookups l JOIN members m ON m.person = l.person AND m.drug = l.subject AND list_contains(l.on_list, m.option)
    LEFT JOIN chosen c ON c.person = m.person AND c.id = lower(m.option)
    WHERE NOT l.in_use AND (l.person, l.subject) NOT IN (SELECT (person, drug) FROM in_use)
),
ranked AS (
    SELECT p.*, CASE WHEN p.sureness = 'unchecked' OR p.is_later THEN 'NOTE' WHEN p.is_open AND t.tier = 'STOP' THEN 'CAUTION' ELSE t.tier END AS tier
    FROM placed p JOIN knowledge.tiers t USING (table_name, word, about_use) WHERE t.tier <> 'none'
),
-- what a fired rule covers already
hidden AS (
    SELECT DISTINCT r.person, r.option, r.origin, r.subject, r.partner
    FROM ranked r JOIN knowledge.covered_pairs p ON p.subject = r.subject AND p.partner = r.partner AND p.origin = r.origin
    JOIN covered c ON c.person = r.person AND c.option = r.option AND c.cover = p.cover
),
highest AS (
    SELECT r.* FROM ranked r ANTI JOIN hidden USING (person, option, origin, subject, partner) JOIN ranks k USING (tier)
    QUALIFY row_number() OVER (PARTITION BY r.person, r.problem, r.option, r.origin, r.subject, r.partner ORDER BY k.rank DESC, r.nr, r.rule) = 1
),
-- what holds for every drug of an option is said once, of the option
said AS (
    SELECT h.person, nullif(h.problem, '') AS problem, nullif(h.option, '') AS option,
        CASE WHEN h.option <> '' AND s.size > 1 AND count(*) = s.size THEN NULL ELSE unnest(list(h.subject)) END AS drug,
        h.rule, h.tier, CASE WHEN h.option <> '' AND s.size > 1 AND count(*) = s.size THEN concat('Every medicine of: ', min(h.name)) END AS of_all,
        concat(CASE WHEN h.is_open THEN ' (if still taken)' WHEN NOT h.in_use THEN ' (if it is added)' ELSE '' END, h.meets, h.because) AS rest,
        h."do", h.source, h.strength, h.sureness, min(h.inputs) AS inputs, h.origin
    FROM highest h LEFT JOIN sizes s USING (person, problem, option)
    GROUP BY h.person, h.problem, h.option, h.rule, h.tier, h.meets, h.because, h."do", h.source, h.strength, h.sureness, h.origin, h.is_open, h.in_use, s.size
),
lookup_findings AS (
    SELECT DISTINCT person, problem, option, drug, rule, tier, CASE WHEN drug IS NULL THEN 'option' ELSE 'drug' END AS about, concat(coalesce(drug, of_all), rest) AS say,
        "do", source, strength, sureness, NULL::DATE AS checked, inputs, origin, false AS clinic_own
    FROM said
),
procedure_findings AS (
    SELECT p.person, p.problem, p.option, NULL AS drug, p.row_id AS rule, 'option' AS about, p.source, NULL AS strength, p.sureness, NULL::DATE AS checked,
        json_object('item', p.item, 'procedure', p.procedure_code, 'answer', p.answer)::VARCHAR AS inputs, 'procedure' AS origin, p.tier,
        CASE WHEN starts_with(p.item, 'medicine that thins') THEN concat(upper(p.why[1]), p.why[2:]) ELSE concat(upper(p.item[1]), p.item[2:], ': ', p.why) END AS say, p."do", false AS clinic_own
    FROM procedure_check p JOIN ranks r USING (tier)
    WHERE p.why IS NOT NULL AND (p.answer = 'not_clear' OR p.answer IS NULL)
      AND NOT EXISTS (SELECT 1 FROM covered c WHERE c.person = p.person AND c.option IN (p.option, '')
        AND starts_with(c.cover, 'item:') AND starts_with(p.item, substr(c.cover, 6)))
    QUALIFY row_number() OVER (PARTITION BY p.person, p.problem, p.option, p.item ORDER BY r.rank DESC, p.procedure_code, p.row_id) = 1
),
every AS (
    SELECT person, problem, option, drug, rule, tier, about, say, "do", source, strength, sureness, checked, inputs, origin, clinic_own, panel FROM rule_findings
    UNION ALL BY NAME FROM lookup_findings
    UNION ALL BY NAME FROM procedure_findings
),
answered AS (
    SELECT person, coalesce(problem, '') AS problem, coalesce(option, '') AS option, coalesce(drug, '') AS drug, rule,
        arg_max(kind, "at") AS kind, arg_max(inputs, "at") AS inputs, arg_max(reason, "at") AS reason, max("at") AS answered_at
    FROM case_override GROUP BY ALL
),
-- the same inputs may be written in another order or with other spaces
alike AS (
    SELECT x.*, list_sort(list_transform(json_keys(x.inputs), lambda k: k || '=' || json_extract(x.inputs, '$."' || k || '"')::VARCHAR)) AS given FROM answered x
)
SELECT e.person, e.problem, e.option, e.drug, e.rule, CASE WHEN e.sureness = 'unchecked' THEN 'NOTE' ELSE e.tier END AS tier, e.about,
    CASE WHEN e.sureness = 'unchecked' THEN e.say || ' (Source not checked.)' ELSE e.say END AS say, e."do", e.source, e.strength, e.sureness, e.checked,
    e.inputs, e.origin, e.clinic_own, e.panel,
    -- an answer holds as long as the inputs are those it was given for
    CASE WHEN h.holds THEN a.kind END AS answer, CASE WHEN h.holds THEN a.reason END AS answer_reason, a.answered_at,
    -- warnings about options that are only listed stand in the plan; the counts are of the person and of what is chosen
    e.option IS NULL OR EXISTS (SELECT 1 FROM chosen c WHERE c.person = e.person AND c.id = lower(e.option)) AS is_counted
FROM every e LEFT JOIN alike a ON a.person = e.person AND a.rule = e.rule AND a.problem = coalesce(e.problem, '')
 AND a.option = coalesce(e.option, '') AND a.drug = coalesce(e.drug, ''),
LATERAL (SELECT CASE WHEN a.rule IS NOT NULL THEN a.given IS NOT DISTINCT FROM
    list_sort(list_transform(json_keys(e.inputs), lambda k: k || '=' || json_extract(e.inputs, '$."' || k || '"')::VARCHAR)) END AS holds) h;
