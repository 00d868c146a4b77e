-- Which of the medicines do not go together?
-- Reads drugs_in_question, people, knowledge.interaction_pairs, interaction_group_terms, drug_interactions, interaction_told.
-- One alert a pair: the row that names more of the two drugs itself wins, then the higher severity; what other rows say of
-- the pair stands in `also`. An unchecked row never beats a checked one. A rule of several drugs that holds of just two gives way to
-- the alert of these two by the same mechanism when that is as severe and as certain, and stands in its `also`. A drug stopped within the row's washout still counts.
-- active: both in use (NULL when that is not known); FALSE when one of them is only a drug of a listed option (on_list).
CREATE OR REPLACE TEMP TABLE interactions AS
WITH meetings AS (
    SELECT a.person, least(a.ingredient, b.ingredient) AS drug_a, greatest(a.ingredient, b.ingredient) AS drug_b,
        p.row_id, p.weight, p.suggested, list_concat(a.on_list, b.on_list) AS on_list,
        CASE WHEN a.in_use AND b.in_use THEN p.more_than_days IS NULL OR (b.days > p.more_than_days) IS NOT false
             WHEN a.in_use AND b.stopped_days < p.washout_days THEN true WHEN b.in_use AND a.stopped_days < p.washout_days THEN true
             WHEN a.in_use IS DISTINCT FROM false AND b.in_use IS DISTINCT FROM false THEN NULL ELSE false END AS active,
        CASE WHEN a.in_use AND NOT b.in_use AND b.stopped_days < p.washout_days THEN concat(b.ingredient, ' stopped ', b.stopped_days, ' days ago, wait ', p.washout_days)
             WHEN b.in_use AND NOT a.in_use AND a.stopped_days < p.washout_days THEN concat(a.ingredient, ' stopped ', a.stopped_days, ' days ago, wait ', p.washout_days) END AS washout
    FROM drugs_in_question a JOIN knowledge.interaction_pairs p ON p.term_a = a.term
    JOIN drugs_in_question b ON b.person = a.person AND b.term = p.term_b AND b.ingredient <> a.ingredient
    WHERE (p.only_purpose IS NULL OR a.purpose = p.only_purpose)
      AND (a.in_use IS DISTINCT FROM false AND (b.in_use IS DISTINCT FROM false OR b.stopped_days IS NOT NULL OR len(b.on_list) > 0)
        OR b.in_use IS DISTINCT FROM false AND (a.stopped_days IS NOT NULL OR len(a.on_list) > 0))
),
chosen AS (
    SELECT person, drug_a, drug_b, unnest(max_by({'row_id': row_id, 'active': active, 'washout': washout, 'on_list': on_list, 'suggested': suggested},
            -- what is known to hold comes before what may hold (a route or a use that is not recorded)
            weight + CASE WHEN active THEN 20000000 WHEN active IS NULL THEN 10000000 ELSE 0 END)),
        list(DISTINCT row_id) FILTER (active IS NOT NULL) AS all_rows
    FROM meetings WHERE active IS DISTINCT FROM false OR len(on_list) > 0 GROUP BY person, drug_a, drug_b
),
groups AS (
    SELECT d.person, g.interaction, g.variant, g.severity, g.group_no, g.groups, g.at_least,
        count(DISTINCT d.ingredient) FILTER (d.in_use) AS taken, count(DISTINCT d.ingredient) AS possible,
        list(DISTINCT d.ingredient) AS members,
        bool_and(g.min_age IS NULL OR p.age_years >= g.min_age) AS is_of_age
    FROM drugs_in_question d JOIN people p USING (person) JOIN knowledge.interaction_group_terms g USING (term)
    WHERE d.in_use IS DISTINCT FROM false GROUP BY d.person, g.interaction, g.variant, g.severity, g.group_no, g.groups, g.at_least
),
several AS (
    SELECT person, interaction AS row_id, severity, list_sort(list_distinct(flatten(list(members)))) AS members,
        CASE WHEN bool_and(taken >= at_least) AND any_value(is_of_age) THEN true END AS active
    FROM groups GROUP BY person, interaction, variant, severity, groups
    HAVING count(*) = groups AND bool_and(possible >= at_least) AND any_value(is_of_age) IS DISTINCT FROM false
),
alerts AS (
    SELECT person, drug_a, drug_b, drug_a || ' + ' || drug_b AS pair, NULL AS severity, row_id, active, washout, on_list, suggested,
        list_filter(coalesce(all_rows, []), lambda r: r <> row_id) AS also
    FROM chosen
    UNION ALL
    SELECT s.person, d.a, array_to_string(list_sort(list_distinct(flatten(list(s.members)))), ' + ') AS all_members, all_members, max(s.severity) FILTER (s.active), s.row_id,
        bool_or(s.active), NULL, [], false, []
    FROM several s JOIN knowledge.drug_interactions d USING (row_id) GROUP BY s.person, d.a, s.row_id
    UNION ALL
    SELECT person, ingredient, CASE term WHEN 'acetaminophen' THEN ingredient ELSE 'any' END, NULL,
        NULL, CASE term WHEN 'acetaminophen' THEN 'DDI214' ELSE 'DDI235' END, true, NULL, [], false, []
    FROM drugs_in_question WHERE term = 'acetaminophen' AND products > 1 OR term = 'gadolinium contrast intrathecal' AND in_use
),
told AS (
    SELECT a.person, a.drug_a, a.drug_b, a.pair, coalesce(a.severity, d.severity) AS severity, concat_ws('; ', d.mechanism, a.washout) AS mechanism, d.effect_code,
        d.management_code, d.management, d.advice, a.active, d.sureness, d.source, d.row_id, a.on_list, a.suggested, a.also, d.mechanism_code,
        a.pair = a.drug_b AS of_several, list_position(['minor', 'moderate', 'major', 'contraindicated'], coalesce(a.severity, d.severity)) AS weight,
        CASE WHEN a.active THEN 2 WHEN a.active IS NULL THEN 1 ELSE 0 END AS certainty
    FROM alerts a JOIN knowledge.interaction_told d USING (row_id)
)
SELECT person, drug_a, drug_b, severity, mechanism, effect_code, management_code, management, advice, active, sureness, source, row_id, on_list, suggested,
    CASE WHEN of_several THEN also ELSE list_concat(also, list(row_id) FILTER (of_several) OVER same) END AS also
FROM told
WINDOW same AS (PARTITION BY person, pair, mechanism_code)
QUALIFY NOT of_several OR (max(weight) FILTER (NOT of_several AND sureness <> 'unchecked') OVER same >= weight
    AND max(certainty) FILTER (NOT of_several AND sureness <> 'unchecked') OVER same >= certainty) IS NOT true;
