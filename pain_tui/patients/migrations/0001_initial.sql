-- The first patient file. One file is one clinic; each value keeps when, where from and as written.
-- Every imported table has the same tail: source, source_key (record id or content hash), version,
-- is_current, entered_at (UTC), entered_by, change_reason. A corrected row is a new version; an old one stays.
-- A retired row's last version is not current. A row typed in here has source 'clinic' and no source_key.
-- Names of people live in person_name and person_identifier only, so that scripts can run without them.

CREATE TABLE meta (key VARCHAR PRIMARY KEY, value VARCHAR NOT NULL);

CREATE TABLE person (
    person VARCHAR NOT NULL,              -- opaque local id, never reused; one row a version
    birth_date DATE,
    age_stated DOUBLE,                    -- years, only where no birth date is known
    age_stated_at DATE,
    sex VARCHAR,                          -- female, male, unknown: for clinical use
    death_date DATE,
    fictional BOOLEAN NOT NULL,
    source VARCHAR, source_key VARCHAR, version INTEGER NOT NULL, is_current BOOLEAN NOT NULL,
    entered_at TIMESTAMP NOT NULL, entered_by VARCHAR NOT NULL, change_reason VARCHAR
);
CREATE TABLE person_name (
    person VARCHAR NOT NULL, family VARCHAR, given VARCHAR,
    source VARCHAR, source_key VARCHAR, version INTEGER NOT NULL, is_current BOOLEAN NOT NULL,
    entered_at TIMESTAMP NOT NULL, entered_by VARCHAR NOT NULL, change_reason VARCHAR
);
CREATE TABLE person_identifier (person VARCHAR NOT NULL, system VARCHAR NOT NULL, value VARCHAR NOT NULL, source VARCHAR);

CREATE TABLE problem (
    row_id VARCHAR NOT NULL, person VARCHAR NOT NULL,
    problem VARCHAR NOT NULL,             -- stable id of the problem within the person
    condition VARCHAR,                    -- id of knowledge.conditions
    icd10 VARCHAR, text VARCHAR, site VARCHAR, side VARCHAR, level VARCHAR,
    onset_date DATE, confirmed_by VARCHAR, is_primary BOOLEAN,
    condition_certainty VARCHAR,          -- certain, likely, ask: how sure the code mapping is
    resolved DATE,
    source VARCHAR, source_key VARCHAR, version INTEGER NOT NULL, is_current BOOLEAN NOT NULL,
    entered_at TIMESTAMP NOT NULL, entered_by VARCHAR NOT NULL, change_reason VARCHAR
);
CREATE TABLE observation (
    row_id VARCHAR NOT NULL, person VARCHAR NOT NULL,
    code VARCHAR NOT NULL,                -- the fact's name (knowledge.facts), else the code as given
    value DOUBLE, unit VARCHAR,           -- canonical unit of units.csv
    text VARCHAR,                         -- coded or free answer
    "at" TIMESTAMP, at_precision VARCHAR,   -- local clinic time; day, minute, ...
    code_system VARCHAR, code_as_given VARCHAR, value_as_given VARCHAR, unit_as_given VARCHAR,
    comparator VARCHAR,                   -- <, >, <=, >= when the laboratory gave a bound
    source VARCHAR, source_key VARCHAR, version INTEGER NOT NULL, is_current BOOLEAN NOT NULL,
    entered_at TIMESTAMP NOT NULL, entered_by VARCHAR NOT NULL, change_reason VARCHAR
);
CREATE TABLE medication (
    row_id VARCHAR NOT NULL, person VARCHAR NOT NULL,
    drug VARCHAR NOT NULL,                -- as written
    ingredient VARCHAR,                   -- one ingredient a row; a combination product gives several rows
    ingredient_count INTEGER,             -- of the product
    rxnorm VARCHAR,
    dose DOUBLE, unit VARCHAR,            -- per administration, of this ingredient; patches in mcg/h
    dose_max DOUBLE,                      -- upper end of "1-2 tablets", else equal to dose
    strength DOUBLE, strength_unit VARCHAR, form VARCHAR, route VARCHAR,
    per_day DOUBLE,                       -- scheduled administrations a day (lower end)
    per_day_max DOUBLE,                   -- most administrations a day
    frequency VARCHAR,                    -- as written
    as_needed BOOLEAN,
    start DATE, stop DATE, last_dose TIMESTAMP, authored DATE, supply_days DOUBLE,
    status VARCHAR,                       -- active, stopped, on-hold, cancelled, draft, entered-in-error, completed, unknown
    indication VARCHAR,
    source VARCHAR, source_key VARCHAR, version INTEGER NOT NULL, is_current BOOLEAN NOT NULL,
    entered_at TIMESTAMP NOT NULL, entered_by VARCHAR NOT NULL, change_reason VARCHAR
);
CREATE TABLE condition (
    row_id VARCHAR NOT NULL, person VARCHAR NOT NULL,
    comorbidity VARCHAR,                  -- target of code_maps (kind comorbidity), else NULL
    code VARCHAR, system VARCHAR, text VARCHAR, onset DATE, resolved DATE, status VARCHAR,
    certainty VARCHAR,
    source VARCHAR, source_key VARCHAR, version INTEGER NOT NULL, is_current BOOLEAN NOT NULL,
    entered_at TIMESTAMP NOT NULL, entered_by VARCHAR NOT NULL, change_reason VARCHAR
);
CREATE TABLE allergy (
    row_id VARCHAR NOT NULL, person VARCHAR NOT NULL,
    substance VARCHAR NOT NULL, ingredient VARCHAR, reaction VARCHAR, severity VARCHAR, status VARCHAR, noted DATE,
    source VARCHAR, source_key VARCHAR, version INTEGER NOT NULL, is_current BOOLEAN NOT NULL,
    entered_at TIMESTAMP NOT NULL, entered_by VARCHAR NOT NULL, change_reason VARCHAR
);
CREATE TABLE device (
    row_id VARCHAR NOT NULL, person VARCHAR NOT NULL,
    kind VARCHAR NOT NULL, mri VARCHAR, "at" DATE, removed DATE, text VARCHAR,
    source VARCHAR, source_key VARCHAR, version INTEGER NOT NULL, is_current BOOLEAN NOT NULL,
    entered_at TIMESTAMP NOT NULL, entered_by VARCHAR NOT NULL, change_reason VARCHAR
);
CREATE TABLE treatment (
    row_id VARCHAR NOT NULL, person VARCHAR NOT NULL,
    option VARCHAR, drug VARCHAR, text VARCHAR, dose VARCHAR, target VARCHAR, side VARCHAR, date DATE, stopped DATE,
    relief_pct DOUBLE, nrs_before DOUBLE, nrs_after DOUBLE, lasted_weeks DOUBLE,
    adverse_event VARCHAR, stopped_because VARCHAR,
    source VARCHAR, source_key VARCHAR, version INTEGER NOT NULL, is_current BOOLEAN NOT NULL,
    entered_at TIMESTAMP NOT NULL, entered_by VARCHAR NOT NULL, change_reason VARCHAR
);
CREATE TABLE genotype_call (
    row_id VARCHAR NOT NULL, person VARCHAR NOT NULL,
    gene VARCHAR NOT NULL, rsid VARCHAR,
    state VARCHAR NOT NULL,               -- called, not_tested, no_call, indeterminate, conflicting
    diplotype VARCHAR,                    -- several equally good ones joined by |
    alleles VARCHAR, copy_number VARCHAR, activity_score_reported DOUBLE, phenotype_reported VARCHAR,
    positions_tested VARCHAR[], positions_missing VARCHAR[], alleles_not_excluded VARCHAR[],
    build VARCHAR, method VARCHAR, laboratory VARCHAR, date DATE, note VARCHAR,
    source VARCHAR, source_key VARCHAR, version INTEGER NOT NULL, is_current BOOLEAN NOT NULL,
    entered_at TIMESTAMP NOT NULL, entered_by VARCHAR NOT NULL, change_reason VARCHAR
);
CREATE TABLE diary (
    row_id VARCHAR NOT NULL, person VARCHAR NOT NULL,
    "at" TIMESTAMP NOT NULL, nrs DOUBLE, interference DOUBLE, sleep_hours DOUBLE, steps DOUBLE,
    medication_taken VARCHAR, note VARCHAR, scale VARCHAR,
    source VARCHAR, source_key VARCHAR, version INTEGER NOT NULL, is_current BOOLEAN NOT NULL,
    entered_at TIMESTAMP NOT NULL, entered_by VARCHAR NOT NULL, change_reason VARCHAR
);
CREATE TABLE preference (
    row_id VARCHAR NOT NULL, person VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,                -- goal, declined
    option VARCHAR, text VARCHAR, "at" DATE,
    source VARCHAR, source_key VARCHAR, version INTEGER NOT NULL, is_current BOOLEAN NOT NULL,
    entered_at TIMESTAMP NOT NULL, entered_by VARCHAR NOT NULL, change_reason VARCHAR
);
CREATE TABLE list_review (person VARCHAR NOT NULL, list VARCHAR NOT NULL, complete BOOLEAN NOT NULL, "at" TIMESTAMP NOT NULL, actor VARCHAR NOT NULL);

-- Appointments, so that the clinic list can say who comes next.
CREATE TABLE visit (person VARCHAR NOT NULL, "at" TIMESTAMP NOT NULL, reason VARCHAR, source VARCHAR, source_key VARCHAR);

-- Append-only.
CREATE TABLE plan (plan VARCHAR NOT NULL, person VARCHAR NOT NULL, problem VARCHAR, options VARCHAR[], stop_rule VARCHAR,
                   note VARCHAR, state VARCHAR NOT NULL, versions VARCHAR, actor VARCHAR NOT NULL, "at" TIMESTAMP NOT NULL);
CREATE TABLE override (override VARCHAR NOT NULL, person VARCHAR NOT NULL, problem VARCHAR, option VARCHAR, drug VARCHAR, rule VARCHAR NOT NULL, tier VARCHAR NOT NULL,
                       kind VARCHAR NOT NULL,   -- override, acknowledge
                       reason_code VARCHAR, reason VARCHAR, inputs VARCHAR, actor VARCHAR NOT NULL, "at" TIMESTAMP NOT NULL);
CREATE TABLE ledger (entry VARCHAR NOT NULL, person VARCHAR NOT NULL, problem VARCHAR, option VARCHAR, forecast VARCHAR NOT NULL,
                     outcome VARCHAR, state VARCHAR NOT NULL, actor VARCHAR NOT NULL, "at" TIMESTAMP NOT NULL);
CREATE TABLE audit (seq BIGINT NOT NULL, "at" TIMESTAMP NOT NULL, actor VARCHAR NOT NULL, action VARCHAR NOT NULL,
                    person VARCHAR, row_id VARCHAR, detail_hash VARCHAR, previous_hash VARCHAR NOT NULL, hash VARCHAR NOT NULL);

-- What an import did with each row it did not use.
CREATE TABLE import_run (import_run VARCHAR NOT NULL, source VARCHAR NOT NULL, reader VARCHAR NOT NULL, "at" TIMESTAMP NOT NULL, actor VARCHAR NOT NULL,
                         rows_read BIGINT, rows_used BIGINT, rows_set_aside BIGINT, rows_unchanged BIGINT);
CREATE TABLE set_aside (import_run VARCHAR NOT NULL, person VARCHAR, place VARCHAR NOT NULL, what VARCHAR, reason_code VARCHAR NOT NULL, reason VARCHAR NOT NULL, remedy VARCHAR);
