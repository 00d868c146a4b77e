-- How much opioid a day, in morphine milligram equivalents (CDC 2022; the 2016 factor stands beside it)?
-- Reads medications, medication_list, knowledge.mme_index, mme_bands_2016, opioid_index. Makes opioid_doses and mme.
-- A dose beyond dose_limits is said; one ten times that is a mistake and leaves the total open.
-- An opioid without a factor, dose or frequency makes the total a lower bound, never a zero. Buprenorphine and methadone
-- for opioid use disorder stand outside the total. MME is not for converting one opioid to another.
CREATE OR REPLACE TEMP TABLE opioid_doses AS
WITH taken AS (
    SELECT m.person, m.row_id, m.drug, m.ingredient, m.active, m.dose, m.per_day, m.form, m.purpose, m.amount_unit, m.supply_days,
        coalesce(m.route, o.only_route) AS route, m.amount_per_day, m.amount_per_day_max
    FROM medications m JOIN knowledge.opioid_index o USING (ingredient)
    WHERE o.is_agonist AND m.active IS DISTINCT FROM false
),
matched AS (
    SELECT t.*, f.factor, f.factor_cdc2016, f.is_banded_2016, f.basis, f.counted, f.special_code, f.source, f.doubt_below, f.doubt_above, f.refuse_above,
        sum(CASE WHEN t.active AND f.is_banded_2016 AND t.purpose IS DISTINCT FROM 'oud' THEN t.amount_per_day_max END)
            OVER (PARTITION BY t.person, t.ingredient) AS banded_total
    FROM taken t LEFT JOIN knowledge.mme_index f
      ON f.ingredient = t.ingredient
     AND (f.routes IS NULL OR list_contains(f.routes, t.route) OR f.counted = 'excluded' AND t.route IS NULL)
     AND (f.form_word IS NULL OR contains(t.form, f.form_word))
    QUALIFY row_number() OVER (PARTITION BY t.person, t.row_id, t.ingredient ORDER BY f.form_word NULLS LAST, f.factor_row) = 1
),
judged AS (
    SELECT m.*, CASE
            WHEN counted = 'excluded' OR ingredient LIKE 'buprenorphine%' THEN 'EXCLUDE_PARTIAL_AGONIST'
            WHEN ingredient = 'methadone' AND purpose = 'oud' THEN 'MOUD_NOT_SCORED'
            WHEN active IS NULL THEN 'UNKNOWN_ACTIVE'
            WHEN route IS NULL AND factor IS NULL THEN 'UNKNOWN_ROUTE'
            WHEN factor IS NULL THEN CASE WHEN contains(special_code, 'NO_FACTOR_PARENTERAL') THEN 'NO_FACTOR_PARENTERAL' ELSE 'NO_FACTOR' END
            WHEN amount_unit IS DISTINCT FROM basis AND amount_unit IS NOT NULL THEN 'UNIT_NOT_USABLE'
            WHEN amount_per_day_max > refuse_above THEN 'IMPLAUSIBLE_DOSE'
            WHEN amount_per_day_max > 0 THEN NULL
            WHEN dose IS NULL OR dose <= 0 OR amount_unit IS NULL THEN 'UNKNOWN_DOSE'
            ELSE 'UNKNOWN_FREQUENCY' END AS why_not
    FROM matched m
)
SELECT person, row_id, drug, ingredient, route, amount_per_day_max AS per_day, amount_unit AS unit, factor,
    CASE WHEN why_not IS NULL THEN factor * amount_per_day_max END AS mme_per_day,
    why_not IS NULL AS included, why_not, source,
    coalesce(j.factor_cdc2016, (SELECT b.factor FROM knowledge.mme_bands_2016 b WHERE j.is_banded_2016 AND b.ingredient = j.ingredient
        AND j.banded_total > b.above AND (b.up_to IS NULL OR j.banded_total <= b.up_to))) AS factor_cdc2016,
    CASE WHEN why_not IS NULL THEN factor * amount_per_day END AS mme_scheduled_per_day, supply_days,
    CASE WHEN amount_unit = basis AND (amount_per_day_max > doubt_above OR amount_per_day_max > 0 AND amount_per_day_max < doubt_below)
         THEN format('{}: {:g} {} lies outside {:g} to {:g}, which is rare: check the dose and its unit', drug, amount_per_day_max,
              CASE basis WHEN 'mg' THEN 'mg a day' ELSE basis END, doubt_below, doubt_above) END AS doubt
FROM judged j;

CREATE OR REPLACE TEMP TABLE mme AS
WITH sums AS (
    SELECT d.person, sum(mme_per_day) AS lower_bound, sum(mme_scheduled_per_day) AS scheduled,
        CASE WHEN bool_and(factor_cdc2016 IS NOT NULL) FILTER (included) THEN sum(per_day * factor_cdc2016) FILTER (included) END AS total_cdc2016,
        CASE WHEN bool_and(supply_days IS NOT NULL) THEN max(supply_days) END AS supply_days, bool_or(included) AS has_total, bool_or(w.is_open) AS is_open,
        string_agg(DISTINCT d.drug || ' ' || w.said, '; ' ORDER BY d.drug || ' ' || w.said) AS reasons, string_agg(DISTINCT doubt, '; ' ORDER BY doubt) AS doubts
    FROM opioid_doses d LEFT JOIN knowledge.mme_exclusions w USING (why_not) GROUP BY d.person
),
-- no opioid in the last 90 days, today's and yesterday's start left out (CDC 2022 artefacts, OPIOID_NAIVE)
earlier AS (
    SELECT m.person, bool_or(m.began < p.as_of - 1 AND (m.active OR m.stop > p.as_of - 90)) AS had_one,
        bool_or(m.began IS NULL OR m.began < p.as_of - 1 AND (m.stop > p.as_of - 90) IS NULL AND m.active IS NOT true) AS unsure
    FROM medications m JOIN people p USING (person) JOIN knowledge.opioid_index o USING (ingredient)
    WHERE o.is_agonist AND m.active_why NOT LIKE 'recorded as % never counts' GROUP BY m.person
),
judged AS (
    SELECT l.person, l.complete, s.*EXCLUDE (person), CASE WHEN e.had_one THEN false
            WHEN l.complete AND len(l.unknown_drugs) = 0 AND e.unsure IS NOT true THEN true END AS opioid_naive, len(l.unknown_drugs) > 0 AS has_unknown_names, l.unknown_drugs, CASE
            WHEN s.is_open OR s.has_total AND len(l.unknown_drugs) > 0 THEN 'cannot_total'
            WHEN s.has_total THEN 'total'
            WHEN l.complete AND len(l.unknown_drugs) = 0 THEN 'none' ELSE 'unknown' END AS state
    FROM medication_list l LEFT JOIN sums s USING (person) LEFT JOIN earlier e USING (person)
)
SELECT person, state, CASE WHEN state = 'total' THEN lower_bound END AS total_mme_per_day, lower_bound,
    CASE WHEN state = 'total' THEN scheduled END AS scheduled_mme_per_day,
    CASE WHEN state = 'total' THEN total_cdc2016 END AS total_cdc2016_per_day, supply_days, opioid_naive,
    nullif(concat_ws('; ', reasons, doubts,
        CASE WHEN has_unknown_names THEN 'not a known name, so it may be an opioid: ' || array_to_string(unknown_drugs, ', ') END,
        CASE WHEN state = 'none' AND reasons IS NULL THEN 'no opioid on a list that was stated complete' END,
        CASE WHEN NOT complete AND state = 'unknown' THEN 'no opioid that counts is recorded, and the medicine list was not stated complete within its validity' END,
        CASE WHEN NOT complete AND state = 'total' THEN 'the medicine list was not stated complete within its validity' END), '') AS reason
FROM judged;
