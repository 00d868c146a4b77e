-- Does something about the person speak against a medicine: kidneys, liver, lungs, heart, age, pregnancy, genes, history?
-- Reads person_terms, medications, options, facts, people, knowledge.condition_subjects, condition_atoms, drug_conditions.
-- For drugs in use and drugs of listed options. applies: TRUE, FALSE, or NULL with the facts that are missing.
-- A drug's own row replaces the class row of the same condition when it applies; an undecided own row that is milder than
-- the class row (treatment of opioid use disorder) leaves the class row undecided too.
CREATE OR REPLACE TEMP TABLE drug_condition AS
WITH drugs AS (
    SELECT t.person, t.ingredient, t.term, bool_or(t.active) AS in_use, [] AS on_list, max(t.purpose) AS purpose,
        max(date_diff('day', m.start, p.as_of)) AS days, max(m.route) AS route
    FROM person_terms t JOIN people p USING (person)
    JOIN medications m ON m.person = t.person AND m.row_id = t.row_id AND m.ingredient = t.ingredient
    WHERE t.active IS DISTINCT FROM false GROUP BY ALL
    UNION ALL
    SELECT o.person, i.ingredient, i.term, false, list(DISTINCT o.option ORDER BY o.option), NULL, NULL, NULL
    FROM (SELECT person, option, lower(unnest(drugs)) AS drug FROM options WHERE NOT coalesce(declined, false)) o
    JOIN knowledge.term_index i ON i.ingredient = o.drug
    WHERE i.routes IS NULL AND i.form_word IS NULL AND i.with_ingredient IS NULL GROUP BY ALL
),
rows AS (
    SELECT d.person, d.ingredient, bool_or(d.in_use) AS in_use, list_sort(list_distinct(flatten(list(d.on_list)))) AS on_list,
        max(d.purpose) AS purpose, max(d.days) AS days, max(d.route) AS route,
        s.row_id, s.by_class, s.condition_code, s.weight, bool_and(s.suggested) AS suggested
    FROM drugs d JOIN knowledge.condition_subjects s USING (term) GROUP BY ALL
),
known AS (
    SELECT person,
        unnest([
            'acute_eye_symptoms', 'after_tonsillectomy', 'age_years', 'alcohol_sedative_withdrawal', 
            'allergy_sulfonamide', 'alt', 'anticoagulant_active', 'breastfeeding', 'cabg_recent', 
            'child_pugh_class', 'contraception', 'crcl', 'cyp2c9_activity_score', 'cyp2c9_phenotype', 
            'cyp2d6_phenotype', 'diabetes', 'egfr', 'fall_last_year', 'g6pd_phenotype', 'gestation_weeks', 
            'has_adrenal_insufficiency', 'has_alcohol_use_disorder', 'has_angioedema_history', 
            'has_angle_closure_risk', 'has_arrhythmia', 'has_aspirin_asthma', 'has_bipolar', 
            'has_bleeding_disorder', 'has_bone_marrow_depression', 'has_bowel_obstruction', 'has_cirrhosis', 
            'has_ckd', 'has_conduction_disease', 'has_constipation', 'has_copd', 'has_coronary_disease', 
            'has_delirium', 'has_dementia', 'has_eating_disorder', 'has_epilepsy', 'has_fever', 
            'has_g6pd_deficiency', 'has_gi_bleed_history', 'has_glaucoma', 'has_heart_failure', 
            'has_hepatitis_c', 'has_hypertension_uncontrolled', 'has_inflammatory_bowel', 'has_kidney_stones', 
            'has_liver_endstage', 'has_long_qt', 'has_methaemoglobinaemia', 'has_mi_history', 'has_myasthenia', 
            'has_opioid_use_disorder', 'has_osteoporosis', 'has_overdose_history', 'has_pacemaker', 
            'has_pancreatitis_acute', 'has_peptic_ulcer', 'has_porphyria', 'has_prostate_hyperplasia', 
            'has_psychosis', 'has_raised_icp', 'has_respiratory_failure', 'has_schizophrenia', 
            'has_severe_asthma', 'has_sleep_apnoea', 'has_stroke_history', 'has_substance_use_disorder', 
            'has_thrombocytopenia', 'has_ulcer_history', 'has_urinary_retention', 'heat_exposure', 
            'hla_a_3101', 'hla_b_1502', 'hypogonadism_symptoms', 'infection_at_site', 'infection_systemic', 
            'mi_acute_phase', 'mi_last_6_months', 'mme_per_day', 'nyha_class', 'on_dialysis', 'opioid_active', 
            'opioid_full_active', 'opioid_naive', 'paco2', 'phq9_item9', 'phq9_total', 'platelets', 
            'potassium', 'pregnancy_possible', 'pregnant', 'qtc', 'sbp', 'self_harm_risk', 'skin_broken', 
            'sleep_apnoea_severity', 'sodium', 'steroid_injections_12_months', 'wants_pregnancy', 'weight']) AS fact,
        unnest([
            acute_eye_symptoms::VARCHAR, after_tonsillectomy::VARCHAR, age_years::VARCHAR,
            alcohol_sedative_withdrawal::VARCHAR, allergy_sulfonamide::VARCHAR, alt::VARCHAR,
            anticoagulant_active::VARCHAR, breastfeeding::VARCHAR, cabg_recent::VARCHAR, child_pugh_class::VARCHAR,
            contraception::VARCHAR, crcl::VARCHAR, cyp2c9_activity_score::VARCHAR, cyp2c9_phenotype::VARCHAR,
            cyp2d6_phenotype::VARCHAR, diabetes::VARCHAR, egfr::VARCHAR, fall_last_year::VARCHAR,
            g6pd_phenotype::VARCHAR, gestation_weeks::VARCHAR, has_adrenal_insufficiency::VARCHAR,
            has_alcohol_use_disorder::VARCHAR, has_angioedema_history::VARCHAR, has_angle_closure_risk::VARCHAR,
            has_arrhythmia::VARCHAR, has_aspirin_asthma::VARCHAR, has_bipolar::VARCHAR,
            has_bleeding_disorder::VARCHAR, has_bone_marrow_depression::VARCHAR, has_bowel_obstruction::VARCHAR,
            has_cirrhosis::VARCHAR, has_ckd::VARCHAR, has_conduction_disease::VARCHAR, has_constipation::VARCHAR,
            has_copd::VARCHAR, has_coronary_disease::VARCHAR, has_delirium::VARCHAR, has_dementia::VARCHAR,
            has_eating_disorder::VARCHAR, has_epilepsy::VARCHAR, has_fever::VARCHAR, has_g6pd_deficiency::VARCHAR,
            has_gi_bleed_history::VARCHAR, has_glaucoma::VARCHAR, has_heart_failure::VARCHAR,
            has_hepatitis_c::VARCHAR, has_hypertension_uncontrolled::VARCHAR, has_inflammatory_bowel::VARCHAR,
            has_kidney_stones::VARCHAR, has_liver_endstage::VARCHAR, has_long_qt::VARCHAR,
            has_methaemoglobinaemia::VARCHAR, has_mi_history::VARCHAR, has_myasthenia::VARCHAR,
            has_opioid_use_disorder::VARCHAR, has_osteoporosis::VARCHAR, has_overdose_history::VARCHAR,
            has_pacemaker::VARCHAR, has_pancreatitis_acute::VARCHAR, has_peptic_ulcer::VARCHAR,
            has_porphyria::VARCHAR, has_prostate_hyperplasia::VARCHAR, has_psychosis::VARCHAR,
            has_raised_icp::VARCHAR, has_respiratory_failure::VARCHAR, has_schizophrenia::VARCHAR,
            has_severe_asthma::VARCHAR, has_sleep_apnoea::VARCHAR, has_stroke_history::VARCHAR,
            has_substance_use_disorder::VARCHAR, has_thrombocytopenia::VARCHAR, has_ulcer_history::VARCHAR,
            has_urinary_retention::VARCHAR, heat_exposure::VARCHAR, hla_a_3101::VARCHAR, hla_b_1502::VARCHAR,
            hypogonadism_symptoms::VARCHAR, infection_at_site::VARCHAR, infection_systemic::VARCHAR,
            mi_acute_phase::VARCHAR, mi_last_6_months::VARCHAR, mme_per_day::VARCHAR, nyha_class::VARCHAR,
            on_dialysis::VARCHAR, opioid_active::VARCHAR, opioid_full_active::VARCHAR, opioid_naive::VARCHAR,
            paco2::VARCHAR, phq9_item9::VARCHAR, phq9_total::VARCHAR, platelets::VARCHAR, potassium::VARCHAR,
            pregnancy_possible::VARCHAR, pregnant::VARCHAR, qtc::VARCHAR, sbp::VARCHAR, self_harm_risk::VARCHAR,
            skin_broken::VARCHAR, sleep_apnoea_severity::VARCHAR, sodium::VARCHAR,
            steroid_injections_12_months::VARCHAR, wants_pregnancy::VARCHAR, weight::VARCHAR]) AS value
    FROM (SELECT DISTINCT ON (person) * FROM facts)
),
atoms AS (
    SELECT r.person, r.ingredient, r.row_id, a.clause, a.fact, CASE a.fact
            WHEN 'drug:days' THEN r.days::VARCHAR WHEN 'drug:purpose' THEN r.purpose WHEN 'drug:route' THEN r.route
            WHEN 'drug:in_use' THEN CASE WHEN r.in_use THEN 'yes' WHEN NOT r.in_use THEN 'no' END ELSE k.value END AS found,
        CASE a.op WHEN 'known' THEN found IS NOT NULL WHEN '=' THEN found = a.value WHEN 'in' THEN list_contains(a.words, found)
            WHEN '>=' THEN found::DOUBLE >= a.number WHEN '>' THEN found::DOUBLE > a.number
            WHEN '<=' THEN found::DOUBLE <= a.number WHEN '<' THEN found::DOUBLE < a.number END AS holds
    FROM rows r JOIN knowledge.condition_atoms a USING (row_id) LEFT JOIN known k ON k.person = r.person AND k.fact = a.fact
),
clauses AS (
    SELECT person, ingredient, row_id, clause,
        CASE WHEN bool_or(holds) THEN true WHEN bool_or(holds IS NULL) THEN NULL ELSE false END AS holds,
        list(fact) FILTER (holds IS NULL) AS unknown
    FROM atoms GROUP BY ALL
),
judged AS (
    SELECT r.*, c.holds, c.missing,
        bool_or(c.holds) FILTER (NOT r.by_class) OVER same AS is_replaced,
        bool_or(c.holds IS NULL AND NOT r.by_class) OVER same AS is_open,
        min(r.weight) FILTER (NOT r.by_class AND c.holds IS NULL) OVER same AS open_weight
    FROM rows r JOIN (
        SELECT person, ingredient, row_id,
            CASE WHEN bool_or(NOT holds) THEN false WHEN bool_or(holds IS NULL) THEN NULL ELSE true END AS holds,
            list_sort(list_distinct(flatten(list(unknown) FILTER (holds IS NULL)))) AS missing
        FROM clauses GROUP BY ALL) c USING (person, ingredient, row_id)
    WINDOW same AS (PARTITION BY r.person, r.ingredient, r.condition_code)
)
SELECT j.person, j.ingredient AS drug, j.in_use, j.on_list, j.condition_code,
    CASE WHEN j.by_class AND j.is_replaced THEN false
         WHEN j.by_class AND j.is_open AND j.open_weight < j.weight AND j.holds THEN NULL ELSE j.holds END AS applies,
    c.severity, c.action_code, c.guidance, CASE WHEN applies IS NULL THEN coalesce(j.missing, ['indication']) ELSE [] END AS missing,
    c.sureness, c.source, c.row_id, j.suggested
FROM judged j JOIN knowledge.drug_conditions c USING (row_id);
