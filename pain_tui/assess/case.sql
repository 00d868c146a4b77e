-- The chosen people's rows, as the steps read them: one temp table a kind, whatever they came from
-- (patient file, one JSON record, a fictional draw). Only current versions; no names of people.
CREATE OR REPLACE TEMP TABLE case_run (
    as_of DATE NOT NULL,
    horizon_weeks INTEGER NOT NULL,          -- display horizon: 12, 26 or 52
    evidence_set VARCHAR NOT NULL,           -- default, or with_weak_evidence (adds rows marked "sensitivity")
    bias_rule BOOLEAN NOT NULL
);
CREATE OR REPLACE TEMP TABLE case_person (person VARCHAR, birth_date DATE, age_stated DOUBLE, age_stated_at DATE, sex VARCHAR, death_date DATE, fictional BOOLEAN);
CREATE OR REPLACE TEMP TABLE case_problem (person VARCHAR, row_id VARCHAR, problem VARCHAR, condition VARCHAR, condition_certainty VARCHAR, icd10 VARCHAR, text VARCHAR, site VARCHAR, side VARCHAR, level VARCHAR, onset_date DATE, confirmed_by VARCHAR, is_primary BOOLEAN, resolved DATE);
CREATE OR REPLACE TEMP TABLE case_observation (person VARCHAR, row_id VARCHAR, code VARCHAR, value DOUBLE, unit VARCHAR, text VARCHAR, comparator VARCHAR, "at" TIMESTAMP, at_precision VARCHAR, source VARCHAR);
CREATE OR REPLACE TEMP TABLE case_medication (person VARCHAR, row_id VARCHAR, drug VARCHAR, ingredient VARCHAR, ingredient_count INTEGER, rxnorm VARCHAR, dose DOUBLE, dose_max DOUBLE, unit VARCHAR, strength DOUBLE, strength_unit VARCHAR, form VARCHAR, route VARCHAR, per_day DOUBLE, per_day_max DOUBLE, frequency VARCHAR, as_needed BOOLEAN, start DATE, stop DATE, last_dose TIMESTAMP, authored DATE, supply_days DOUBLE, status VARCHAR, indication VARCHAR, source VARCHAR);
CREATE OR REPLACE TEMP TABLE case_condition (person VARCHAR, row_id VARCHAR, comorbidity VARCHAR, code VARCHAR, system VARCHAR, text VARCHAR, onset DATE, resolved DATE, status VARCHAR, certainty VARCHAR);
CREATE OR REPLACE TEMP TABLE case_allergy (person VARCHAR, row_id VARCHAR, substance VARCHAR, ingredient VARCHAR, reaction VARCHAR, severity VARCHAR, status VARCHAR);
CREATE OR REPLACE TEMP TABLE case_device (person VARCHAR, row_id VARCHAR, kind VARCHAR, mri VARCHAR, "at" DATE, removed DATE);
CREATE OR REPLACE TEMP TABLE case_treatment (person VARCHAR, row_id VARCHAR, option VARCHAR, drug VARCHAR, text VARCHAR, dose VARCHAR, target VARCHAR, side VARCHAR, date DATE, stopped DATE, relief_pct DOUBLE, nrs_before DOUBLE, nrs_after DOUBLE, lasted_weeks DOUBLE, adverse_event VARCHAR, stopped_because VARCHAR);
CREATE OR REPLACE TEMP TABLE case_genotype_call (person VARCHAR, row_id VARCHAR, gene VARCHAR, rsid VARCHAR, state VARCHAR, diplotype VARCHAR, alleles VARCHAR, copy_number VARCHAR, activity_score_reported DOUBLE, phenotype_reported VARCHAR, positions_tested VARCHAR[], positions_missing VARCHAR[], alleles_not_excluded VARCHAR[], method VARCHAR, laboratory VARCHAR, date DATE, note VARCHAR);
CREATE OR REPLACE TEMP TABLE case_list_review (person VARCHAR, list VARCHAR, complete BOOLEAN, "at" TIMESTAMP);
CREATE OR REPLACE TEMP TABLE case_preference (person VARCHAR, row_id VARCHAR, kind VARCHAR, option VARCHAR, text VARCHAR, "at" DATE);
CREATE OR REPLACE TEMP TABLE case_override (person VARCHAR, problem VARCHAR, option VARCHAR, drug VARCHAR, rule VARCHAR, tier VARCHAR, kind VARCHAR, reason_code VARCHAR, reason VARCHAR, inputs VARCHAR, actor VARCHAR, "at" TIMESTAMP);
-- Options, procedures and drugs asked for in this run beyond the condition's own list.
CREATE OR REPLACE TEMP TABLE case_asked (person VARCHAR, kind VARCHAR, id VARCHAR);
