-- How long before a procedure is a medicine that thins the blood stopped, by each guideline, and when is it taken again?
-- Reads hold_questions (made by 083 for a person's options, or by the calculator `hold`), knowledge.hold_index, hold_classes,
-- hold_dose_bands, anticoag_holds. Makes holds: one row a question and guideline; guidelines are named and never merged.
-- Where a dose, kidney function, route or indication decides and is not given, the decision stands only if every row that
-- may apply says the same, and no number is given. Times stand only where their inputs are given; unchecked rows give none.
-- The prescriber is always part of stopping.
CREATE OR REPLACE TEMP TABLE holds AS
WITH bands AS (
    SELECT q.question, coalesce(q.dose_band, CASE WHEN count(DISTINCT b.dose_band) = 1 THEN any_value(b.dose_band) END) AS band
    FROM hold_questions q LEFT JOIN knowledge.hold_dose_bands b ON b.ingredient = q.drug
     AND (b.min_dose IS NULL OR q.dose >= b.min_dose) AND (b.max_dose IS NULL OR q.dose <= b.max_dose)
     AND (b.indication IS NULL OR q.indication IS NULL
          OR (b.indication = 'AF') = (contains(lower(q.indication), 'fibrillation') OR lower(q.indication) IN ('af', 'afib')))
    GROUP BY q.question, q.dose_band
),
candidates AS (
    SELECT q.question, c.guideline, c.asra_class, c.risk_class, c.effective_asra_class, c.restarts_at_removal, i.row_id, i.is_specific, i.is_conditional,
        (i.dose_band IS NULL OR i.dose_band = b.band)
        AND (i.route IS NULL OR i.route = q.route)
        AND (i.crcl_min IS NULL OR q.crcl >= i.crcl_min) AND (i.crcl_below IS NULL OR q.crcl < i.crcl_below)
        AND (i.indication IS NULL OR i.indication = lower(q.indication) OR CASE WHEN lower(q.indication) LIKE '%prevention' THEN false END)
        AND (i.alone IS NULL OR q.others = 0)
        AND (i.asra_classes IS NULL OR list_contains(i.asra_classes, c.effective_asra_class)) AS fits,
        i.crcl_below IS NOT NULL AS by_kidney
    FROM hold_questions q JOIN bands b USING (question)
    JOIN knowledge.hold_classes c ON c.procedure_code = q.procedure_code AND c.raised = (coalesce(q.modifiers, 0) > 0)::INTEGER
    JOIN knowledge.hold_index i ON i.ingredient = q.drug AND i.guideline = c.guideline AND i.risk_class = c.risk_class
),
ranked AS (
    SELECT *, max(is_specific) FILTER (fits IS DISTINCT FROM false) OVER each AS most_specific,
        bool_or(fits AND by_kidney) OVER each AS kidney_decides,
        bool_or(fits IS DISTINCT FROM false) OVER each AS has_fit
    FROM candidates WINDOW each AS (PARTITION BY question, guideline)
),
open AS (
    SELECT question, guideline, any_value(asra_class) AS asra_class, any_value(risk_class) AS risk_class,
        any_value(effective_asra_class) AS effective_asra_class, any_value(restarts_at_removal) AS restarts_at_removal,
        list(row_id ORDER BY row_id) AS rows, count(*) = 1 AND bool_and(fits) AS is_settled, any_value(has_fit) AS has_fit
    FROM ranked
    WHERE NOT has_fit OR fits IS DISTINCT FROM false AND is_specific = most_specific AND (kidney_decides IS NOT TRUE OR by_kidney)
    GROUP BY question, guideline
),
said AS (
    SELECT o.question, o.guideline, any_value(o.asra_class) AS asra_class, any_value(o.effective_asra_class) AS effective_asra_class,
        any_value(o.risk_class) AS guideline_class, any_value(o.is_settled) AS is_settled, min(h.row_id) AS row_id,
        CASE WHEN any_value(o.has_fit) AND count(DISTINCT h.decision) = 1 THEN any_value(h.decision) END AS decision,
        any_value(o.has_fit) AS has_fit, any_value(o.restarts_at_removal) AS restarts_at_removal,
        any_value(h) AS h, bool_or(h.sureness = 'unchecked') AS is_unchecked,
        string_agg(concat_ws(' ', coalesce(h.condition, h.drug) || ':', h.decision, format('{:g}', h.hold_min) || coalesce('-' || format('{:g}', h.hold_max), ''), h.hold_unit), '; ' ORDER BY h.row_id) AS choices
    FROM open o, UNNEST(o.rows) u(r) JOIN knowledge.anticoag_holds h ON h.row_id = u.r GROUP BY o.question, o.guideline
),
numbered AS (
    SELECT s.*, q.last_dose, q.procedure_at, CASE WHEN is_settled AND NOT is_unchecked THEN s.h.hold_min END AS hold_min,
        CASE WHEN is_settled AND NOT is_unchecked THEN s.h.hold_max END AS hold_max,
        CASE WHEN is_settled AND NOT is_unchecked THEN s.h.restart_min_h END AS restart_min_h,
        CASE WHEN is_settled AND NOT is_unchecked THEN s.h.restart_max_h END AS restart_max_h,
        CASE s.h.hold_unit WHEN 'd' THEN 24 WHEN 'h' THEN 1 END AS unit_hours
    FROM said s JOIN hold_questions q USING (question)
)
SELECT question, guideline, asra_class AS risk_class, CASE WHEN guideline = 'ASRA-IPM-2018' THEN effective_asra_class ELSE guideline_class END AS effective_class,
    decision, hold_min, hold_max, CASE WHEN hold_min IS NOT NULL THEN h.hold_unit END AS hold_unit, CASE WHEN is_settled THEN h.lab_check END AS lab_check,
    restart_min_h, restart_max_h,
    procedure_at - to_minutes((hold_min * unit_hours * 60)::BIGINT) AS stop_at,
    CASE WHEN NOT restarts_at_removal THEN procedure_at + to_hours(restart_min_h) END AS restart_at,
    last_dose + to_minutes((hold_min * unit_hours * 60)::BIGINT) AS earliest_procedure_at,
    nullif(concat_ws('; ', CASE WHEN NOT has_fit THEN 'no row of this guideline fits what is given; its rows: ' || choices
            WHEN NOT is_settled THEN 'what decides is not given, these rows may apply: ' || choices END,
        CASE WHEN is_unchecked THEN 'this row was not checked: no number is given' END,
        CASE WHEN is_settled AND NOT is_unchecked AND decision IN ('stop', 'shared') AND hold_min IS NULL THEN 'the guideline gives no interval for this class' END,
        CASE WHEN h.hold_unit = 'half_lives' AND is_settled THEN 'counted in half-lives: no clock time' END,
        CASE WHEN unit_hours IS NOT NULL AND hold_min IS NOT NULL AND procedure_at IS NULL THEN 'no time of the procedure given' END,
        CASE WHEN unit_hours IS NOT NULL AND hold_min IS NOT NULL AND last_dose IS NULL THEN 'no time of the last dose given' END,
        CASE WHEN restarts_at_removal AND restart_min_h IS NOT NULL THEN 'restart counts from the removal of the trial lead' END,
        CASE WHEN is_settled THEN h.note END), '') AS why,
    h.source AS source, h.sureness AS sureness, row_id, is_settled
FROM numbered;
