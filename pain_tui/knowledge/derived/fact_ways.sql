-- needs: facts, fact_bounds, class_members, term_index
-- One row per fact, way and code: where a fact's value may come from, spelled out so that a step needs one join.
-- turn: 1 the first way, 2 the second. The text kinds (step, person, problem, derived, per_option, list) need no row here.
CREATE TABLE knowledge.fact_ways AS
WITH ways AS (
    SELECT fact, type, 1 AS turn, source_kind AS kind, source_code AS codes FROM knowledge.facts
    UNION ALL
    SELECT fact, type, 2, then_kind, then_code FROM knowledge.facts WHERE then_kind IS NOT NULL
),
spelled AS (
    -- "a|b:words": the words after the colon belong to every code before it
    SELECT fact, type, turn, kind,
        unnest(string_split(CASE WHEN kind IN ('indication', 'treatment_count_relief') THEN split_part(codes, ':', 1) ELSE codes END, '|')) AS code,
        CASE WHEN kind IN ('indication', 'treatment_count_relief') THEN split_part(codes, ':', 2) END AS words
    FROM ways WHERE kind NOT IN ('step', 'person', 'problem', 'derived', 'per_option', 'list')
),
members AS (
    SELECT s.* EXCLUDE (code), t.ingredient AS code
    FROM spelled s JOIN knowledge.class_members c ON s.code = 'class:' || c.drug_class JOIN knowledge.term_index t USING (term)
),
-- an allergy may be written as a class ('NSAIDs'): its code stays beside those of the members
all_codes AS (FROM spelled WHERE NOT starts_with(code, 'class:') OR kind = 'allergy' UNION FROM (SELECT fact, type, turn, kind, code, words FROM members))
SELECT a.fact, a.type, a.turn, a.kind, lower(a.code) AS code, a.words, f.unit, f.validity_days, f.hard_low, f.hard_high,
    string_split(f.choices, '|') AS choices,
    -- beyond these a value known only as '>90' or '<20' lies on one side of every cut-point
    b.decided_above, b.decided_below,
    -- which of the person's records it looks in
    CASE WHEN starts_with(a.kind, 'comorbidity') THEN 'condition' WHEN starts_with(a.kind, 'treatment') THEN 'treatment'
         WHEN a.kind IN ('drug', 'drug_rescue', 'indication') THEN 'drug' ELSE a.kind END AS looks_in
FROM all_codes a JOIN knowledge.facts f USING (fact) LEFT JOIN knowledge.fact_bounds b USING (fact);

-- Genes: the gene, and the column of phenotypes or the allele that the fact shows.
CREATE TABLE knowledge.gene_facts AS
SELECT fact, type, turn, kind, split_part(code, ':', 1) AS gene, code[strpos(code, ':') + 1:] AS part, regexp_escape(code[strpos(code, ':') + 1:]) || ' (positive|negative)' AS pattern
FROM knowledge.fact_ways WHERE kind IN ('genotype', 'allele_presence', 'marker');

CREATE TABLE knowledge.allergy_words AS
SELECT DISTINCT code, '\b' || regexp_escape(code) || '\b' AS pattern FROM knowledge.fact_ways WHERE kind = 'allergy';

-- What absence from a complete list means for each fact that rests on a list: no, or none.
CREATE TABLE knowledge.fact_absence AS
WITH kinds(kind, list) AS (VALUES
    ('comorbidity', 'condition'), ('comorbidity_ever', 'condition'), ('comorbidity_within', 'condition'), ('allergy', 'allergy'),
    ('device', 'device'), ('device_mri', 'device'), ('treatment', 'treatment'), ('treatment_count', 'treatment'),
    ('treatment_count_relief', 'treatment'), ('drug', 'known_medicines'), ('drug_rescue', 'known_medicines'), ('indication', 'known_medicines')
)
SELECT w.fact, min_by(k.list, w.turn) AS list, CASE any_value(w.type) WHEN 'flag' THEN 'false' ELSE '0' END AS value
FROM knowledge.fact_ways w JOIN kinds k USING (kind) GROUP BY w.fact;

-- The list that a fact rests on, so that one sentence can stand for all that an unconfirmed list leaves open.
CREATE TABLE knowledge.fact_lists AS
SELECT fact, CASE list WHEN 'known_medicines' THEN 'medication' ELSE list END AS list FROM knowledge.fact_absence
UNION
SELECT fact, 'medication' FROM knowledge.fact_ways WHERE kind = 'drug_class'
UNION
SELECT fact, source_code FROM knowledge.facts WHERE source_kind = 'list'
UNION
SELECT fact, 'medication' FROM knowledge.facts WHERE source_code IN ('medication_list.complete', 'mme.state', 'mme.total_mme_per_day', 'mme.lower_bound',
    'urine_tests.unexpected_positive')
    OR then_code = 'mme.opioid_naive';
