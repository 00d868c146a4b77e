-- needs: hold_limits, hold_dose_bands, anticoag_holds, hold_conditions, hold_scopes, procedures, drug_names, drug_classes, drug_terms
-- One row a guideline, drug, class and condition, group names spelled out to single drugs, and for each procedure the class
-- every guideline puts it in. A row that names the drug beats a row that names its class,
-- and of two of these the one that is for this procedure alone.
CREATE TABLE knowledge.hold_index AS
WITH members AS (
    SELECT row_id, unnest(CASE WHEN drug LIKE '%enoxaparin therapeutic%' THEN ['enoxaparin:high', 'dalteparin']
        WHEN drug = 'enoxaparin prophylactic' THEN ['enoxaparin:low'] WHEN drug = 'heparin IV' THEN ['heparin:intravenous']
        WHEN drug LIKE 'heparin SC%' THEN ['heparin:subcutaneous'] WHEN drug LIKE 'herbal%' THEN ['garlic', 'ginkgo', 'ginseng', 'omega-3 fatty acids']
        WHEN drug = 'fibrinolytic' THEN ['alteplase', 'tenecteplase'] WHEN drug = 'aspirin / NSAID' THEN ['aspirin', 'class:nsaid']
        WHEN drug LIKE 'NSAID%' THEN ['class:nsaid'] WHEN drug = 'SSRI / SNRI' THEN ['class:ssri', 'class:snri']
        WHEN drug = 'DOAC / antiplatelet' THEN ['class:doac', 'class:antiplatelet']
        ELSE string_split(lower(drug), ' / ') END) AS member
    FROM knowledge.anticoag_holds WHERE guideline NOT IN ('SWITCH', 'SIR-2019')
),
spelled AS (
    SELECT row_id, split_part(member, ':', 1) AS ingredient, nullif(split_part(member, ':', 2), '') AS limited, 2 AS is_specific
    FROM members WHERE NOT starts_with(member, 'class:')
    UNION ALL
    SELECT m.row_id, c.term, NULL, 1 FROM members m JOIN knowledge.class_members c ON c.drug_class = split_part(m.member, ':', 2)
    WHERE starts_with(m.member, 'class:') AND NOT c.suggested
)
SELECT s.ingredient, h.guideline, h.risk_class, h.row_id, s.is_specific * 2 + (l.procedures IS NOT NULL)::INTEGER AS is_specific,
    string_split(l.procedures, '|') AS procedures,
    coalesce(c.dose_band, CASE WHEN s.limited IN ('low', 'high') THEN s.limited END) AS band,
    b.min_dose, b.max_dose, b.not_in_af, b.af_max_dose, b.row_id IS NOT NULL AS has_band,
    CASE WHEN s.limited IN ('intravenous', 'subcutaneous') THEN s.limited END AS route,
    coalesce(c.crcl_min, l.crcl_min) AS crcl_min, c.crcl_below, c.indication, c.alone, string_split(c.asra_classes, '|') AS asra_classes,
    h.decision, h.sureness = 'unchecked' AS is_unchecked, CASE WHEN contains(h.note, 'avoid') THEN h.note END AS warning,
    -- what a row says, for a list of rows that may apply; an unchecked row gives no number
    concat_ws(' ', coalesce(CASE h.condition WHEN 'alone' THEN 'taken alone' ELSE h.condition END, h.drug) || ':', CASE h.decision WHEN 'no_stop' THEN 'no stop' WHEN 'shared' THEN 'shared decision' WHEN 'info' THEN 'shorter stop or none' ELSE h.decision END,
        CASE WHEN h.sureness <> 'unchecked' THEN CASE WHEN h.decision = 'shared' THEN 'and if stopped ' ELSE '' END || format('{:g}', h.hold_min) || coalesce('-' || format('{:g}', nullif(h.hold_max, h.hold_min)), '') END,
        CASE WHEN h.sureness <> 'unchecked' AND h.hold_min IS NOT NULL THEN concat(CASE h.hold_unit WHEN 'd' THEN 'day' WHEN 'h' THEN 'hour' ELSE 'half-live' END,
            CASE WHEN coalesce(h.hold_max, h.hold_min) <> 1 THEN 's' END, ' before') END) AS label
FROM spelled s JOIN knowledge.anticoag_holds h USING (row_id) LEFT JOIN knowledge.hold_conditions c ON c.condition = h.condition
LEFT JOIN knowledge.hold_limits l ON l.hold_row = s.row_id
LEFT JOIN knowledge.hold_dose_bands b ON b.ingredient = s.ingredient
     AND b.dose_band = coalesce(c.dose_band, CASE WHEN s.limited IN ('low', 'high') THEN s.limited END)
-- aspirin has rows of its own in the interventional table: its NSAID rows would answer for the wrong drug
WHERE NOT (s.ingredient = 'aspirin' AND s.is_specific = 1);

-- asra_class is the class of the interventional-pain table; step 1 is that class one higher, for a raised bleeding risk.
CREATE TABLE knowledge.hold_classes AS
WITH levels(asra_class, raised, next_class) AS (VALUES
    ('low', 0, 'low'), ('intermediate', 0, 'intermediate'), ('high', 0, 'high'),
    ('low', 1, 'intermediate'), ('intermediate', 1, 'high'), ('high', 1, 'high')
)
SELECT p.procedure_code, p.asra2018_class AS asra_class, l.raised, l.next_class AS effective_asra_class, s.guideline,
    min_by(s.risk_class, list_position(['procedure', 'group', 'asra'], s.scope_type)) AS risk_class,
    p.procedure_code LIKE '%TRIAL' AND contains(p.groups, 'implant') AS restarts_at_removal
FROM knowledge.procedures p JOIN levels l ON l.asra_class = p.asra2018_class
JOIN knowledge.hold_scopes s ON s.scope_type = 'procedure' AND s.scope = p.procedure_code
    OR s.scope_type = 'group' AND list_contains(string_split(p.groups, ';'), s.scope)
    OR s.scope_type = 'asra' AND s.scope = l.next_class
GROUP BY ALL;

-- The drugs the guidelines speak of; counts: those that make one antithrombotic more (not antidepressants, not COX-2 inhibitors).
CREATE TABLE knowledge.hold_drugs AS
SELECT DISTINCT ingredient, ingredient NOT IN (SELECT term FROM knowledge.class_members WHERE drug_class IN ('ssri', 'snri', 'nsaid_cox2')) AS counts
FROM knowledge.hold_index;
