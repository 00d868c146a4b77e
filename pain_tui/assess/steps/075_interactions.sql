-- Which of the medicines do not go together?
-- Reads person_terms, people, options, knowledge.interaction_pairs, interaction_group_terms, drug_interactions.
-- One alert a pair: the row that names more of the two drugs itself wins, then the higher severity; what other rows say of
-- the pair stands in `also`. An unchecked row never beats a checked one. A drug stopped within the row's washout still counts.
-- active: both in use (NULL when that is not known); FALSE when one of them is only a drug of a listed option (on_list).
CREATE OR REPLACE TEMP TABLE interactions AS
WITH drugs AS (
    SELECT person, ingredient, term, bool_or(active) AS is_taken, bool_or(active IS NULL) AS is_unsure, max(purpose) AS purpose,
        min(date_diff('day', stop, as_of)) FILTER (stop <= as_of AND coalesce(status, '') NOT IN ('cancelled', 'draft', 'entered-in-error', 'not-taken')) AS stopped_days,
        count(DISTINCT row_id) FILTER (active) AS products, NULL::VARCHAR[] AS options
    FROM person_terms JOIN people USING (person) GROUP BY ALL
    UNION ALL
    SELECT o.person, i.ingredient, i.term, false, false, NULL, NULL, 0, list(DISTINCT o.option)
    FROM (SELECT person, option, lower(unnest(drugs)) AS drug FROM options WHERE NOT coalesce(declined, false)) o
    JOIN knowledge.term_index i ON i.ingredient = o.drug
    GROUP BY ALL
),
meetings AS (
    SELECT a.person, least(a.ingredient, b.ingredient) AS drug_a, greatest(a.ingredient, b.ingredient) AS drug_b,
        p.row_id, p.is_specific, p.severity_rank, p.is_unchecked, p.suggested,
        CASE WHEN a.is_taken AND b.is_taken THEN true WHEN a.options IS NULL AND b.options IS NULL
                AND (a.is_taken OR a.is_unsure) AND (b.is_taken OR b.is_unsure) THEN NULL
             WHEN a.options IS NULL AND b.options IS NULL AND (a.is_taken AND b.stopped_days < p.washout_days
                OR b.is_taken AND a.stopped_days < p.washout_days) THEN true ELSE false END AS active,
        CASE WHEN a.is_taken AND NOT b.is_taken AND b.stopped_days < p.washout_days THEN b.ingredient || ' stopped ' || b.stopped_days || ' days ago, wait ' || p.washout_days
             WHEN b.is_taken AND NOT a.is_taken AND a.stopped_days < p.washout_days THEN a.ingredient || ' stopped ' || a.stopped_days || ' days ago, wait ' || p.washout_days END AS washout,
        CASE WHEN (a.is_taken OR a.is_unsure) THEN b.options WHEN (b.is_taken OR b.is_unsure) THEN a.options END AS on_list,
        p.only_purpose IS NULL OR a.purpose = p.only_purpose AS fits
    FROM drugs a JOIN knowledge.interaction_pairs p ON p.term_a = a.term
    JOIN drugs b ON b.person = a.person AND b.term = p.term_b AND b.ingredient <> a.ingredient
),
kept AS (
    SELECT * FROM meetings WHERE fits AND (active IS DISTINCT FROM false OR on_list IS NOT NULL)
),
chosen AS (
    SELECT *, list(DISTINCT row_id) OVER (PARTITION BY person, drug_a, drug_b) AS all_rows,
        row_number() OVER (PARTITION BY person, drug_a, drug_b
            ORDER BY active IS NOT DISTINCT FROM false, is_unchecked, is_specific DESC, severity_rank DESC, suggested, row_id) AS place
    FROM kept
),
groups AS (
    SELECT d.person, g.interaction, g.group_no, g.groups, g.at_least,
        count(DISTINCT d.ingredient) FILTER (d.is_taken) AS taken, count(DISTINCT d.ingredient) AS possible,
        list(DISTINCT d.ingredient) FILTER (d.is_taken OR d.is_unsure) AS members,
        bool_and(g.min_age IS NULL OR p.age_years >= g.min_age) AS is_of_age
    FROM drugs d JOIN people p USING (person) JOIN knowledge.interaction_group_terms g USING (term)
    WHERE d.is_taken OR d.is_unsure GROUP BY ALL
),
several AS (
    SELECT person, interaction AS row_id, list_sort(list_distinct(flatten(list(members)))) AS members,
        CASE WHEN bool_and(taken >= at_least) AND any_value(is_of_age) THEN true END AS active
    FROM groups GROUP BY person, interaction, groups
    HAVING count(*) = groups AND bool_and(possible >= at_least) AND any_value(is_of_age) IS DISTINCT FROM false
),
alerts AS (
    SELECT person, drug_a, drug_b, row_id, active, washout, coalesce(on_list, []) AS on_list, suggested,
        list_filter(all_rows, lambda r: r <> row_id) AS other_rows FROM chosen WHERE place = 1
    UNION ALL
    SELECT s.person, d.a, array_to_string(s.members, ' + '), s.row_id, s.active, NULL, [], false, []
    FROM several s JOIN knowledge.drug_interactions d USING (row_id)
    UNION ALL
    SELECT person, ingredient, ingredient, 'DDI214', true, NULL, [], false, [] FROM drugs
    WHERE term = 'acetaminophen' AND products > 1
    UNION ALL
    SELECT person, ingredient, 'any', 'DDI235', true, NULL, [], false, [] FROM drugs
    WHERE term = 'gadolinium contrast intrathecal' AND is_taken
)
SELECT a.person, a.drug_a, a.drug_b, d.severity, concat_ws('; ', d.mechanism, a.washout) AS mechanism, d.effect_code,
    d.management_code, d.management, a.active, d.sureness, d.source, d.row_id, a.on_list, a.suggested, a.other_rows AS also
FROM alerts a JOIN knowledge.drug_interactions d USING (row_id);
