-- Is each listed procedure clear for this person: bleeding, infection, pregnancy and X-ray, allergies, implants, steroid, genes?
-- Reads options, person_cells, people, medication_list, hold_questions, holds, knowledge.procedure_item_index, procedure_atoms,
-- procedure_item_told, procedure_flags, tiers. Makes procedure_check.
-- answer: clear, not_clear, or cannot_tell with what would settle it (`do`) and the facts that are missing.
-- An unchecked row neither clears nor blocks: its answer is NULL and its tier at most NOTE. Each guideline stands alone.
CREATE OR REPLACE TEMP TABLE procedure_check AS
WITH asked AS (
    SELECT person, problem, option, CASE listed WHEN 'asked' THEN 'asked' ELSE 'on_list' END AS about_use, unnest(procedure_codes) AS procedure_code
    FROM options WHERE NOT coalesce(declined, false)
),
codes AS MATERIALIZED (SELECT DISTINCT person, procedure_code FROM asked),
asked_items AS MATERIALIZED (
    SELECT c.person, c.procedure_code, x.item_row FROM codes c JOIN knowledge.procedure_item_index x USING (procedure_code)
),
tests AS (SELECT DISTINCT person, item_row FROM asked_items),
clauses AS (
    SELECT x.person, a.item_row, a.clause,
        CASE WHEN bool_or(holds) THEN true WHEN bool_or(holds IS NULL) THEN NULL ELSE false END AS holds,
        list(a.fact) FILTER (holds IS NULL) AS unknown, any_value(k.value) FILTER (a.number IS NOT NULL) AS number_found
    FROM tests x JOIN knowledge.procedure_atoms a USING (item_row) LEFT JOIN person_cells k ON k.person = x.person AND k.fact = a.fact,
    LATERAL (SELECT CASE a.op WHEN '=' THEN k.value = a.value WHEN 'known' THEN k.value IS NOT NULL
        WHEN 'found' THEN k.value IS NOT DISTINCT FROM a.value
        WHEN '>=' THEN k.value::DOUBLE >= a.number WHEN '>' THEN k.value::DOUBLE > a.number
        WHEN '<' THEN k.value::DOUBLE < a.number ELSE k.value::DOUBLE <= a.number END AS holds)
    GROUP BY ALL
),
items AS (
    SELECT person, item_row, CASE WHEN bool_or(NOT holds) THEN false WHEN bool_or(holds IS NULL) THEN NULL ELSE true END AS holds,
        list_sort(list_distinct(flatten(list(unknown) FILTER (holds IS NULL)))) AS missing, any_value(number_found) AS number_found
    FROM clauses GROUP BY ALL
),
thinning AS MATERIALIZED (
    SELECT q.person, q.procedure_code, 'medicine that thins the blood: ' || q.drug AS item, h.decision AS severity,
        CASE WHEN h.sureness = 'unchecked' THEN NULL WHEN h.decision IN ('stop', 'shared') THEN 'not_clear'
             WHEN h.decision IS NULL OR q.active IS NULL THEN 'cannot_tell' WHEN h.decision = 'info' THEN NULL
             WHEN q.modifiers IS NULL AND h.guideline = 'ASRA-IPM-2018' AND h.risk_class <> 'high' THEN 'cannot_tell' ELSE 'clear' END AS answer,
        concat(CASE h.decision WHEN 'stop' THEN 'stop' WHEN 'shared' THEN 'shared decision' WHEN 'no_stop' THEN 'no stop' WHEN 'info' THEN 'a shorter stop or none may do' ELSE 'cannot tell' END,
            CASE WHEN h.hold_min IS NOT NULL THEN concat(CASE h.decision WHEN 'shared' THEN ', if it is stopped ' ELSE ' ' END, format('{:g}', h.hold_min), CASE WHEN h.hold_max > h.hold_min THEN '-' || format('{:g}', h.hold_max) END,
                CASE h.hold_unit WHEN 'd' THEN ' day' WHEN 'h' THEN ' hour' ELSE ' half-live' END, CASE WHEN coalesce(h.hold_max, h.hold_min) <> 1 THEN 's' END, ' before') END,
            ' (', CASE h.guideline WHEN 'LABEL' THEN 'US label' ELSE h.guideline END, CASE h.effective_class WHEN 'any' THEN NULL WHEN 'procedure' THEN ', interval for surgery' WHEN 'neuraxial_deep' THEN ', neuraxial or deep procedure'
                ELSE concat(', ', h.effective_class, '-risk procedure') END, ')',
            CASE WHEN h.guideline = 'ASRA-IPM-2018' AND h.effective_class <> h.risk_class THEN concat('; listed as ', h.risk_class, ' risk, one class higher because the bleeding risk is raised') END,
            CASE WHEN h.earliest_procedure_at IS NOT NULL THEN '; last dose ' || strftime(q.last_dose, '%Y-%m-%d %H:%M') || ', so not before ' || strftime(h.earliest_procedure_at, '%Y-%m-%d %H:%M')
                || CASE WHEN h.hold_max > h.hold_min THEN ' (the shorter interval)' ELSE '' END END,
            CASE WHEN h.lab_check IS NOT NULL THEN '; check: ' || h.lab_check END,
            CASE WHEN h.restart_min_h IS NOT NULL THEN concat('; restart ', h.restart_min_h, CASE WHEN h.restart_max_h > h.restart_min_h THEN '-' || h.restart_max_h END, ' hours after',
                CASE WHEN h.restarts_at_removal THEN ' the trial lead is removed' END) END,
            CASE WHEN NOT h.is_settled AND h.decision IS DISTINCT FROM 'no_stop' THEN '; ' || h.why WHEN h.sureness = 'unchecked' THEN '; not checked, so no number' END,
            CASE WHEN q.modifiers IS NULL AND h.guideline = 'ASRA-IPM-2018' AND h.risk_class <> 'high' THEN '; one class higher if the bleeding risk is raised, which is not known' END) AS why,
        CASE WHEN h.decision = 'no_stop' AND q.modifiers IS NULL AND h.guideline = 'ASRA-IPM-2018' AND h.risk_class <> 'high' THEN 'Record what raises the bleeding risk before going on; tell the prescriber.' ELSE h."do" END AS "do",
        h.guideline, h.source, h.sureness,
        list_distinct(list_concat(CASE WHEN q.active IS NULL THEN ['medication_list_complete'] ELSE [] END,
            CASE WHEN NOT h.is_settled AND q.crcl IS NULL AND regexp_matches(h.why, 'CrCl|renal') THEN ['crcl'] ELSE [] END,
            CASE WHEN q.modifiers IS NULL THEN q.missing ELSE [] END)) AS missing, h.row_id
    FROM holds h JOIN hold_questions q USING (question)
),
nothing_thins AS (
    SELECT c.person, c.procedure_code, 'medicines that thin the blood' AS item, NULL AS severity,
        CASE WHEN l.complete AND len(l.unknown_drugs) = 0 THEN 'clear' ELSE 'cannot_tell' END AS answer,
        CASE WHEN l.complete AND len(l.unknown_drugs) = 0 THEN 'None on a list that was stated complete.'
             ELSE 'None is recorded, but the medicine list is not confirmed' || CASE WHEN len(l.unknown_drugs) > 0 THEN ' or holds unknown names' ELSE '' END || '.' END AS why,
        CASE WHEN l.complete AND len(l.unknown_drugs) = 0 THEN NULL ELSE 'Confirm the medicine list.' END AS do,
        NULL AS guideline, 'DESIGN: a list counts only when stated complete' AS source, 'known' AS sureness,
        CASE WHEN l.complete AND len(l.unknown_drugs) = 0 THEN [] ELSE ['medication_list_complete'] END AS missing, 'HOLD000' AS row_id
    FROM codes c JOIN medication_list l USING (person) JOIN knowledge.procedure_flags p USING (procedure_code) ANTI JOIN thinning USING (person, procedure_code)
    WHERE p.is_needle
),
checked AS (
    SELECT x.person, x.procedure_code, i.item, i.severity,
        CASE WHEN NOT i.decides THEN NULL WHEN t.holds THEN 'not_clear' WHEN NOT t.holds THEN 'clear' ELSE 'cannot_tell' END AS answer,
        CASE WHEN t.holds THEN regexp_replace(i.why, '\{\w+\}', coalesce(format('{:g}', t.number_found::DOUBLE), '')) END AS why,
        CASE WHEN t.holds THEN i."do" WHEN t.holds IS NULL THEN i.settle END AS do,
        NULL AS guideline, i.source, i.sureness, CASE WHEN t.holds IS NULL THEN t.missing ELSE [] END AS missing, i.row_id
    FROM asked_items x JOIN items t USING (person, item_row) JOIN knowledge.procedure_item_told i USING (item_row)
    WHERE t.holds OR i.always_told
),
answers AS MATERIALIZED (
    SELECT *, 'procedure_safety' AS table_name FROM checked
    UNION ALL
    SELECT *, 'anticoag_holds' FROM thinning
    UNION ALL
    SELECT *, 'anticoag_holds' FROM nothing_thins
)
SELECT a.person, a.problem, a.option, a.procedure_code, w.item, w.answer,
    CASE WHEN w.answer IS NULL AND w.why IS NOT NULL THEN 'NOTE' WHEN w.answer = 'not_clear' THEN nullif(coalesce(t.tier, 'CAUTION'), 'none') END AS tier,
    w.why, w.do, w.guideline, w.source, w.sureness, w.missing, w.row_id, w.severity
FROM asked a JOIN answers w USING (person, procedure_code)
LEFT JOIN knowledge.tiers t ON t.table_name = w.table_name AND t.word = w.severity AND t.about_use = a.about_use;
