-- Which present medicines slow or speed a drug-metabolising enzyme, and when will each one's effect have gone?
-- Reads medications, people, knowledge.modulator_effects. Makes modulators.
-- A stopped drug still counts until its effect has gone; a stop without a date leaves it open (NULL).
-- clears_on: the day the effect has gone, counted from the last dose, or from today if it were stopped today.
-- Sources: inhibitors.csv (strengths), half_lives.csv (days), phenoconversion_rules.csv.
CREATE OR REPLACE TEMP TABLE modulators AS
WITH taken AS (
    SELECT m.person, m.row_id, lower(m.ingredient) AS drug, m.active, p.as_of,
        CASE WHEN m.active THEN p.as_of ELSE least(m.stop, coalesce(m.last_dose::DATE, m.stop)) END AS last_day,
        m.stop IS NULL OR m.stop <= p.as_of AS has_begun
    FROM medications m JOIN people p USING (person)
),
joined AS (
    SELECT t.*, e.* EXCLUDE (drug), t.last_day + e.days_gone::INTEGER AS gone_on
    FROM taken t JOIN knowledge.modulator_effects e USING (drug)
),
judged AS (
    SELECT *, CASE
        WHEN active THEN true
        WHEN active IS NULL THEN NULL
        WHEN last_day IS NULL OR days_gone IS NULL THEN CASE WHEN last_day IS NULL AND has_begun THEN NULL ELSE false END
        ELSE gone_on > as_of END AS acts
    FROM joined
)
SELECT person, enzyme, drug, effect, strength, cyp2d6_score_factor,
    -- bool_and would pass over an entry that cannot be told
    CASE WHEN bool_or(acts) THEN true WHEN NOT bool_or(acts IS NULL) THEN false END AS active,
    CASE WHEN count(*) FILTER (acts AND gone_on IS NULL) = 0 THEN max(gone_on) FILTER (acts) END AS clears_on,
    bool_or(active) AS is_taken, any_value(strength_other_source) AS strength_other_source,
    any_value(rule_id) AS rule_id, any_value(operation) AS operation, any_value(value) AS factor,
    any_value(rule_sureness) AS rule_sureness, any_value(days_gone) AS days_gone,
    any_value(sureness) AS sureness, any_value(source) AS source
FROM judged GROUP BY ALL;
