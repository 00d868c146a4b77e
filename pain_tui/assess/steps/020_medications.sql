-- Which medicines does the person take today, how much a day, and may the list be read as complete?
-- Reads case_medication, case_list_review, people. Makes medication_list and medications.
-- As of a day: start <= day < stop. An order without a stop counts for 365 days after it was written or reviewed,
-- after that nobody can tell. Cancelled, draft and entered-in-error rows never count.
-- Amount: at most as the ranges allow (CDC 2022 artefacts, PRN_AT_MAX), scheduled beside it (as needed counts nothing).
-- A patch counts what is worn (mcg/h), whatever its change interval.
CREATE OR REPLACE TEMP TABLE medication_list AS
WITH review AS (
    SELECT person, max_by(complete, "at") AS complete, max("at")::DATE AS reviewed_at
    FROM case_list_review, case_run WHERE list = 'medication' AND "at"::DATE <= as_of GROUP BY person
),
unknown AS (
    SELECT person, list(DISTINCT drug ORDER BY drug) AS unknown_drugs
    FROM case_medication, case_run WHERE ingredient IS NULL AND drug IS NOT NULL AND (stop <= as_of) IS NOT true
      AND coalesce(status, '') NOT IN ('cancelled', 'draft', 'entered-in-error', 'not-taken', 'completed', 'stopped', 'ended') GROUP BY person
)
SELECT p.person, coalesce(r.complete, false) AND (p.as_of - r.reviewed_at <= k.validity_days) IS true AS complete, r.reviewed_at,
       coalesce(u.unknown_drugs, []) AS unknown_drugs
FROM people p JOIN knowledge.lists k ON k.list = 'medication' LEFT JOIN review r USING (person) LEFT JOIN unknown u USING (person);

CREATE OR REPLACE TEMP TABLE medications AS
WITH purposes AS (
    SELECT m.person, m.row_id, m.ingredient, min_by(k.purpose, k.priority) AS purpose
    FROM case_medication m JOIN knowledge.opioid_index o ON o.ingredient = lower(m.ingredient)
    JOIN knowledge.medication_purpose k ON (k.ingredient IS NULL OR starts_with(o.ingredient, k.ingredient))
     AND contains(' ' || regexp_replace(lower(CASE k.field WHEN 'indication' THEN m.indication WHEN 'route' THEN m.route
            WHEN 'form' THEN m.form ELSE m.drug END), '[^a-z]+', ' ', 'g') || ' ', ' ' || k.word || ' ')
    GROUP BY ALL
),
judged AS (
    SELECT m.*, k.purpose, l.complete AS list_complete,
        greatest(m.authored, m.start, l.reviewed_at) AS last_seen,
        CASE
            WHEN status IN ('cancelled', 'draft', 'entered-in-error', 'not-taken') THEN 'never'
            WHEN stop <= as_of THEN 'stopped'
            WHEN start > as_of THEN 'later'
            WHEN status IN ('completed', 'stopped', 'ended') AND stop IS NULL THEN 'ended'
            WHEN status = 'on-hold' THEN 'held'
            WHEN stop > as_of THEN 'until'
            WHEN last_seen IS NULL THEN 'undated'
            WHEN as_of - last_seen > 365 THEN 'old' ELSE 'seen' END AS how,
        -- one administration in the canonical unit: mass as written, or a count or a volume times the strength
        CASE WHEN u.kind IN ('mass', 'rate', 'international') THEN u.factor
             WHEN u.kind = 'count' AND s.kind IN ('mass', 'rate', 'international') THEN strength * s.factor
             WHEN u.kind IN ('count', 'volume') AND s.kind = 'concentration' THEN u.factor * strength * s.factor
             WHEN m.unit IS NULL AND m.dose IS NULL AND s.kind = 'rate' THEN strength * s.factor END AS each,
        CASE WHEN u.kind IN ('mass', 'rate', 'international') THEN u.canonical ELSE s.canonical END AS amount_unit, s.kind AS strength_kind, s.factor AS strength_factor
    FROM case_medication m JOIN people p USING (person) JOIN medication_list l USING (person)
    LEFT JOIN purposes k USING (person, row_id, ingredient)
    LEFT JOIN knowledge.dose_units u ON u.unit = lower(trim(m.unit))
    LEFT JOIN knowledge.dose_units s ON s.unit = lower(trim(m.strength_unit))
)
SELECT person, row_id, drug, lower(trim(ingredient)) AS ingredient,
    CASE WHEN how IN ('until', 'seen') THEN true WHEN how IN ('held', 'undated', 'old') THEN NULL ELSE false END AS active,
    CASE how WHEN 'never' THEN 'recorded as ' || status || ': never counts' WHEN 'stopped' THEN 'stopped ' || stop
        WHEN 'later' THEN 'starts ' || start WHEN 'ended' THEN 'recorded as ' || status
        WHEN 'held' THEN 'on hold: not known whether it is taken' WHEN 'until' THEN 'until ' || stop
        WHEN 'undated' THEN 'no date: not known whether it is still taken'
        WHEN 'old' THEN 'last written or reviewed ' || last_seen || ': not known whether it is still taken'
        ELSE 'written or reviewed ' || last_seen END AS active_why,
    dose, dose_max, unit, lower(trim(form)) AS form, lower(trim(route)) AS route, per_day, per_day_max,
    CASE WHEN as_needed THEN 0 WHEN amount_unit = 'mcg/h' THEN each * coalesce(dose, 1) ELSE each * dose * per_day END AS amount_per_day,
    CASE WHEN amount_unit = 'mcg/h' THEN each * coalesce(dose_max, dose, 1)
         ELSE each * greatest(dose, dose_max) * greatest(per_day, per_day_max) END AS amount_per_day_max,
    amount_unit, CASE WHEN strength_kind = 'mass' THEN strength * strength_factor END AS strength_mg,
    regexp_matches(lower(concat_ws(' ', form, drug)),
        '(^|[^a-z])(er|xr|sr|cr|xl|la|mr)([^a-z]|$)|extended|sustained|controlled|prolonged|modified|long[- ]acting|contin|12 ?h|24 ?h')
        OR nullif(form IS NULL, true) AS is_extended,
    as_needed, start, stop, coalesce(start, authored) AS began, last_dose, indication, list_complete, purpose, status, supply_days
FROM judged;
