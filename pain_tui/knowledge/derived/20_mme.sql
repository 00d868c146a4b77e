-- needs: mme_factors, mme_factor_routes, dose_limits, drug_names, drug_classes
-- One row a drug and route: the CDC 2022 factor, the 2016 one beside it, and how the drug counts.
-- Limits are amounts a day above which a dose is doubted, or taken for a mistake (dose_limits).
-- The methadone slide of 2016 stands apart (mme_bands_2016), keyed on the daily total of methadone.
CREATE TABLE knowledge.mme_index AS
WITH split AS (
    SELECT lower(trim(unnest(string_split(drug, '/')))) AS ingredient, * EXCLUDE (drug) FROM knowledge.mme_factors
),
ways AS (
    SELECT factor_row, routes, unnest(CASE WHEN form_words IS NULL THEN [NULL] ELSE string_split(form_words, '|') END) AS form_word
    FROM knowledge.mme_factor_routes
)
SELECT f.ingredient, string_split(r.routes, '|') AS routes, r.form_word, min(f.row_id) AS factor_row,
    split_part(any_value(f.dose_basis), '/day', 1) AS basis, max(try_cast(f.factor_cdc2022 AS DOUBLE)) AS factor,
    CASE WHEN bool_or(f.band_min_mg_day IS NOT NULL) THEN NULL ELSE max(try_cast(f.factor_cdc2016 AS DOUBLE)) END AS factor_cdc2016,
    bool_or(f.band_min_mg_day IS NOT NULL) AS is_banded_2016,
    any_value(f.counted_2022) AS counted, any_value(f.special_code) AS special_code, any_value(f.source) AS source,
    any_value(f.sureness) AS sureness, any_value(l.doubt_below) AS doubt_below, any_value(l.doubt_above) AS doubt_above, any_value(l.refuse_above) AS refuse_above
FROM split f LEFT JOIN ways r ON r.factor_row = f.row_id
LEFT JOIN knowledge.dose_limits l ON l.ingredient = f.ingredient AND l.basis = split_part(f.dose_basis, '/day', 1)
WHERE f.counted_2022 <> 'not_for_OUD' GROUP BY f.ingredient, r.routes, r.form_word;

CREATE TABLE knowledge.mme_bands_2016 AS
SELECT drug AS ingredient, try_cast(ltrim(band_min_mg_day, '>') AS DOUBLE) AS above, band_max_mg_day AS up_to,
    try_cast(factor_cdc2016 AS DOUBLE) AS factor
FROM knowledge.mme_factors WHERE band_min_mg_day IS NOT NULL;

-- Every drug that is an opioid to these tables, and the one route it is given by: when the factor table knows only one
-- (oxycodone: oral), or when its names do.
CREATE TABLE knowledge.opioid_index AS
WITH named AS (
    SELECT ingredient, counted <> 'not_counted' AS is_agonist FROM knowledge.mme_index
    UNION
    SELECT lower(n.ingredient), true FROM knowledge.drug_names n
    WHERE n.kind = 'ingredient' AND (list_contains(string_split(n.class_ids, '|'), 'opioid_any')
       OR list_contains(string_split(n.class_ids_suggested, '|'), 'opioid_any'))
)
SELECT d.ingredient, bool_or(d.is_agonist) AS is_agonist,
    coalesce(any_value(n.routes) FILTER (NOT contains(n.routes, '|')), any_value(f.route)) AS only_route
FROM named d LEFT JOIN (
    SELECT ingredient, any_value(routes[1]) AS route FROM knowledge.mme_index
    GROUP BY ingredient HAVING count(*) = 1 AND bool_and(len(routes) = 1)
) f USING (ingredient) LEFT JOIN knowledge.drug_names n ON n.kind = 'ingredient' AND lower(n.ingredient) = d.ingredient
GROUP BY d.ingredient;
