-- needs: alleles, allele_names_dated, phenotypes, phenotype_words, phenoconversion_rules, inhibitors, half_lives
-- Allele functions, phenotype rules and inhibitor rules of the genotype tables, in the form the steps join.

-- One row per allele: its function and activity value (NULL: no value). A tandem's name is written without blanks.
CREATE TABLE knowledge.allele_values AS
SELECT DISTINCT gene, replace(allele, ' + ', '+') AS allele, clinical_function,
    try_cast(ltrim(activity_value, '≥') AS DECIMAL(9, 4)) AS value, starts_with(activity_value, '≥') AS at_least,
    row_type = 'structural_or_copy_number' AS is_listed_structure
FROM knowledge.alleles WHERE row_type <> 'single_marker'
UNION ALL
SELECT gene, allele, clinical_function, NULL, NULL, false FROM knowledge.allele_names_dated;

-- Structures that the tables list with a value of their own (`*1x2`, `*36+*10`); they go before arithmetic.
CREATE TABLE knowledge.listed_structures AS SELECT * FROM knowledge.allele_values WHERE is_listed_structure;

-- Score to phenotype: from <= score < below (scores have four decimals, so an open end is the next ten-thousandth).
-- Only CPIC's own words: the older DPWG cut at 2.5 is in the drug actions, not here.
CREATE TABLE knowledge.score_bands AS
SELECT p.gene, (p.score_low + CASE WHEN p.low_inclusive = 'yes' THEN 0 ELSE 0.0001 END)::DECIMAL(9, 4) AS from_score,
    coalesce(p.score_high + CASE WHEN p.high_inclusive = 'yes' THEN 0.0001 ELSE 0 END, 10000)::DECIMAL(9, 4) AS below_score,
    p.score_high IS NULL AS is_top, p.result, p.rule_id, p.sureness
FROM knowledge.phenotypes p JOIN knowledge.phenotype_words w ON w.phenotype = p.result
WHERE p.scheme IN ('activity_score_band', 'activity_score_value') AND p.score_low IS NOT NULL;

-- How reports write a phenotype (small letters, American spelling): PM, extensive metabolizer, ultra-rapid.
CREATE TABLE knowledge.phenotype_spellings AS
SELECT lower(phenotype) AS spelling, phenotype FROM knowledge.phenotype_words
UNION
SELECT lower(unnest(string_split(also_written, '|'))), phenotype FROM knowledge.phenotype_words WHERE also_written IS NOT NULL;

-- Two functions to a phenotype, in either order; one function for the single X of a male.
CREATE TABLE knowledge.function_results AS
SELECT gene, input_1 AS function_1, input_2 AS function_2, result, rule_id, sureness FROM knowledge.phenotypes WHERE scheme = 'function_pair'
UNION
SELECT gene, input_2, input_1, result, rule_id, sureness FROM knowledge.phenotypes WHERE scheme = 'function_pair'
UNION
SELECT gene, input_1, NULL, result, rule_id, sureness FROM knowledge.phenotypes WHERE scheme = 'function_hemizygous';

-- One risk variant is enough (RYR1, CACNA1S); without one the answer stays uncertain.
CREATE TABLE knowledge.risk_results AS
SELECT gene, starts_with(input_1, 'at least one') AS has_risk_variant, result, rule_id, sureness
FROM knowledge.phenotypes WHERE scheme = 'any_risk_variant';

-- A listed risk variant of one position, as a report may name it alone (an rsID with its bases).
CREATE TABLE knowledge.risk_variants AS
SELECT gene, rsid, haplotype_allele AS base, string_agg(DISTINCT allele, ' or ' ORDER BY allele) AS allele
FROM knowledge.alleles
WHERE row_type = 'defining_variant' AND clinical_function = 'Malignant Hyperthermia associated' AND allele_score = 1 AND rsid IS NOT NULL AND sureness <> 'unchecked'
GROUP BY gene, rsid, haplotype_allele;

-- HLA: which allele each answer is about.
CREATE TABLE knowledge.hla_results AS
SELECT gene, split_part(result, ' ', 1) AS allele, split_part(result, ' ', 2) = 'positive' AS is_present, result, rule_id, sureness
FROM knowledge.phenotypes WHERE scheme = 'allele_presence';

-- What a drug does to an enzyme, what the rules make of it, and when the effect has gone.
-- A factor or a step is used only when the drug's row was read; a date only when the washout row is not unchecked.
CREATE TABLE knowledge.modulator_effects AS
WITH triggers AS (
    SELECT * EXCLUDE (trigger), unnest(CASE
        WHEN trigger = 'inhibitor or inducer' THEN ['inhibitor', 'inducer']
        WHEN trigger = 'moderate or weak inhibitor' THEN ['moderate inhibitor', 'weak inhibitor']
        WHEN trigger = 'inducer without inhibitor' THEN ['inducer'] ELSE [trigger] END) AS trigger
    FROM knowledge.phenoconversion_rules
),
washout AS (
    SELECT enzyme, drug, effect, max(days_effect_gone_use) AS days_gone, any_value(source) AS source
    FROM knowledge.half_lives WHERE row_type = 'washout' AND sureness <> 'unchecked' GROUP BY ALL
)
SELECT i.enzyme, lower(i.drug) AS drug, i.effect, i.strength, i.strength_other_source, i.sureness, i.sources AS source,
    r.rule_id, r.operation, try_cast(r.value AS DECIMAL(9, 4)) AS value, r.sureness AS rule_sureness,
    i.cyp2d6_score_factor, w.days_gone, w.source AS days_source
FROM knowledge.inhibitors i
LEFT JOIN triggers r ON r.enzyme = i.enzyme AND r.trigger IN (i.effect, i.strength || ' ' || i.effect)
LEFT JOIN washout w ON w.enzyme = i.enzyme AND lower(w.drug) = lower(i.drug) AND w.effect = i.effect;
