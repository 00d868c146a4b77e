-- How long before a procedure is a medicine that thins the blood stopped, by each guideline, and when is it taken again?
-- Reads hold_questions (made by 083 for a person's options, or by the calculator `hold`), knowledge.hold_index, hold_classes,
-- anticoag_holds. Makes holds: one row a question and guideline; guidelines are named and never merged.
-- Where a dose, kidney function, route or indication decides and is not given, the decision stands only if every row that
-- may apply says the same, and no number is given. Times stand only where their inputs are given; unchecked rows give none.
-- The prescriber is always part of stopping.
CREATE OR REPLACE TEMP TABLE holds AS
WITH questions AS (
    SELECT *, contains(lower(indication), 'fibrillation') OR lower(indication) IN ('af', 'afib') AS in_af, lower(indication) AS purpose FROM hold_questions
),
candidates AS (
    SELECT q.question, c.guideline, c.asra_class, c.risk_class, c.effective_asra_class, c.restarts_at_removal, i.row_id, i.is_specific,
        i.decision, i.label, i.is_unchecked, i.warning, i.crcl_below IS NOT NULL AS by_kidney,
        (i.band IS NULL OR CASE WHEN q.dose_band IS NOT NULL THEN q.dose_band = i.band
            WHEN i.has_band THEN ((q.dose >= i.min_dose) IS NOT false AND (q.dose <= i.max_dose) IS NOT false AND q.dose IS NOT NULL
                    AND (i.not_in_af IS NULL OR NOT q.in_af)) OR (i.af_max_dose IS NOT NULL AND q.dose <= i.af_max_dose AND q.in_af) OR nullif(q.dose IS NULL, true) END)
        AND (i.route IS NULL OR i.route = q.route)
        AND (i.crcl_min IS NULL OR q.crcl >= i.crcl_min) AND (i.crcl_below IS NULL OR q.crcl < i.crcl_below)
        AND (i.indication IS NULL OR i.indication = q.purpose OR CASE WHEN q.purpose LIKE '%prevention' THEN false END)
        AND (i.procedures IS NULL OR list_contains(i.procedures, q.procedure_code))
        AND (i.alone IS NULL OR q.others = 0)
        AND (i.asra_classes IS NULL OR list_contains(i.asra_classes, c.effective_asra_class)) AS fits
    FROM questions q
    JOIN knowledge.hold_classes c ON c.procedure_code = q.procedure_code AND c.raised = (coalesce(q.modifiers, 0) > 0)::INTEGER
    JOIN knowledge.hold_index i ON i.ingredient = q.drug AND i.guideline = c.guideline AND i.risk_class = c.risk_class
),
gathered AS (
    SELECT question, guideline, any_value(asra_class) AS asra_class, any_value(risk_class) AS guideline_class,
        any_value(effective_asra_class) AS effective_asra_class, any_value(restarts_at_removal) AS restarts_at_removal,
        count(*) FILTER (fits IS DISTINCT FROM false) > 0 AS has_fit, bool_or(fits AND by_kidney) IS true AS kidney_decides,
        max(is_specific) FILTER (fits IS DISTINCT FROM false) AS most_specific,
        list({'row_id': row_id, 'fits': fits, 'is_specific': is_specific, 'by_kidney': by_kidney, 'decision': decision, 'label': label,
              'is_unchecked': is_unchecked, 'warning': warning} ORDER BY row_id) AS all_rows
    FROM candidates GROUP BY question, guideline
    -- a guideline that only speaks of poor kidneys says nothing where the kidneys are known to be better
    HAVING has_fit OR NOT bool_and(by_kidney)
),
narrowed AS (
    SELECT *, list_filter(all_rows, lambda r: NOT has_fit OR r.fits IS DISTINCT FROM false AND r.is_specific = most_specific
        AND (NOT kidney_decides OR r.by_kidney)) AS rows FROM gathered
),
settled AS (
    SELECT question, guideline, asra_class, guideline_class, effective_asra_class, restarts_at_removal, has_fit, rows[1].row_id AS row_id,
        has_fit AND len(rows) = 1 AND rows[1].fits IS true AS is_settled,
        CASE WHEN has_fit AND len(list_distinct([r.decision FOR r IN rows])) = 1 THEN rows[1].decision END AS decision,
        array_to_string([r.label FOR r IN rows], '; ') AS choices, array_to_string(list_distinct([r.warning FOR r IN rows]), '; ') AS warnings,
        len(list_filter(rows, lambda r: r.is_unchecked)) > 0 AS is_unchecked
    FROM narrowed
),
numbered AS (
    SELECT s.*, q.last_dose, q.procedure_at, h.hold_unit, h.lab_check, h.note, h.source, h.sureness,
        CASE h.hold_unit WHEN 'd' THEN 1440 WHEN 'h' THEN 60 END AS unit_minutes,
        CASE WHEN is_settled AND NOT is_unchecked THEN h.hold_min END AS low, CASE WHEN is_settled AND NOT is_unchecked THEN h.hold_max END AS high,
        CASE WHEN is_settled AND NOT is_unchecked THEN h.restart_min_h END AS again, CASE WHEN is_settled AND NOT is_unchecked THEN h.restart_max_h END AS again_at_most
    FROM settled s JOIN hold_questions q USING (question) JOIN knowledge.anticoag_holds h USING (row_id)
)
SELECT question, guideline, asra_class AS risk_class, CASE WHEN guideline = 'ASRA-IPM-2018' THEN effective_asra_class ELSE guideline_class END AS effective_class,
    decision, low AS hold_min, high AS hold_max, CASE WHEN low IS NOT NULL THEN hold_unit END AS hold_unit, CASE WHEN is_settled THEN lab_check END AS lab_check,
    again AS restart_min_h, again_at_most AS restart_max_h,
    procedure_at - to_minutes((low * unit_minutes)::BIGINT) AS stop_at,
    CASE WHEN NOT restarts_at_removal THEN procedure_at + to_hours(again) END AS restart_at,
    last_dose + to_minutes((low * unit_minutes)::BIGINT) AS earliest_procedure_at,
    nullif(concat_ws('; ', CASE WHEN NOT has_fit THEN 'no row of this guideline fits what is given; it says: ' || choices || coalesce('; ' || nullif(warnings, ''), '')
            WHEN NOT is_settled THEN 'what decides between these is not given: ' || choices END,
        CASE WHEN is_unchecked THEN 'this row was not checked: no number is given' END,
        CASE WHEN is_settled AND NOT is_unchecked AND decision IN ('stop', 'shared') AND low IS NULL THEN 'the guideline gives no interval for this class' END,
        CASE WHEN high > low AND unit_minutes IS NOT NULL THEN concat('counted from the shorter interval',
            '; by the longer one stop at ' || strftime(procedure_at - to_minutes((high * unit_minutes)::BIGINT), '%Y-%m-%d %H:%M'),
            '; by the longer one not before ' || strftime(last_dose + to_minutes((high * unit_minutes)::BIGINT), '%Y-%m-%d %H:%M')) END,
        CASE WHEN procedure_at < last_dose + to_minutes((low * unit_minutes)::BIGINT) THEN 'by this row the procedure is planned too early' END,
        CASE WHEN hold_unit = 'half_lives' AND is_settled THEN 'counted in half-lives: no clock time' END,
        CASE WHEN unit_minutes IS NOT NULL AND low IS NOT NULL AND procedure_at IS NULL THEN 'no time of the procedure given' END,
        CASE WHEN unit_minutes IS NOT NULL AND low IS NOT NULL AND last_dose IS NULL THEN 'no time of the last dose given' END,
        CASE WHEN restarts_at_removal AND again IS NOT NULL THEN 'restart counts from the removal of the trial lead' END,
        CASE WHEN is_settled THEN note END), '') AS why,
    CASE WHEN decision IN ('stop', 'shared') THEN 'Agree with the prescriber before anything is stopped; never stop on this alone.'
        WHEN decision IS NULL THEN 'Record dose, indication and kidney function; ask the prescriber.'
        WHEN decision = 'info' THEN 'Guidelines differ: decide with the prescriber.' ELSE 'Go on with it; tell the prescriber.' END AS "do",
    source, sureness, CASE WHEN has_fit THEN row_id END AS row_id, is_settled, restarts_at_removal
FROM numbered;
