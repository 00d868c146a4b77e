"""What the screens read beside the assessment, from the tables of a cursor on which the steps have run."""

EXPOSURE = """
SELECT person, CASE state WHEN 'total' THEN printf('%g', round(total_mme_per_day, 1)) WHEN 'none' THEN 'none'
    WHEN 'cannot_total' THEN 'cannot' ELSE '?' END
FROM mme
"""

FIRST_WARNING = """
SELECT person, min_by(say, CASE tier WHEN 'STOP' THEN 0 WHEN 'CAUTION' THEN 1 ELSE 2 END)
FROM findings WHERE is_counted GROUP BY person
"""

NAME = "SELECT family, given FROM clinic.main.person_name WHERE person = ? AND is_current"
NUMBER = "SELECT value FROM clinic.main.person_identifier WHERE person = ? ORDER BY system, value LIMIT 1"
PLAN = 'SELECT * FROM clinic.main.plan WHERE person = ? ORDER BY "at" DESC LIMIT 1'
LEDGER = 'SELECT * FROM clinic.main.ledger WHERE person = ? ORDER BY "at" DESC'

ROW_VERSIONS = " UNION ALL ".join(
    f"SELECT '{table}' AS tbl, row_id, version FROM clinic.main.{table} WHERE person = $person AND is_current"
    for table in (
        "medication", "observation", "treatment", "condition", "allergy", "device", "genotype_call", "problem",
        "preference",
    )
)  # fmt: skip
PREFERENCES = """
SELECT f.row_id, f.kind, f.option, f.text, f."at", n.name FROM case_preference f
LEFT JOIN knowledge.option_names n ON n.option = f.option
WHERE f."at" IS NULL OR f."at" <= ?::DATE ORDER BY f.kind, f."at" NULLS LAST, f.row_id
"""
POSITIONS = (
    "SELECT problem, option, positions FROM forecast WHERE person = ?::VARCHAR AND positions IS NOT NULL"
)

IDENTITY = """
SELECT c.birth_date, c.sex, c.fictional, p.age_years
FROM case_person c JOIN people p USING (person) WHERE person = ?::VARCHAR
"""
WEIGHT_AND_KIDNEYS = """
SELECT fact, num FROM fact_values WHERE person = ?::VARCHAR AND is_used AND fact IN ('weight', 'egfr')
"""
ALLERGIES = """
SELECT substance, reaction FROM case_allergy
WHERE status IS NULL OR status NOT IN ('inactive', 'resolved', 'refuted', 'entered-in-error')
ORDER BY substance
"""
ALLERGY_LIST = """
SELECT complete FROM case_list_review WHERE list = 'allergy' ORDER BY "at" DESC LIMIT 1
"""

MEDICINES = """
SELECT m.row_id, m.drug, m.ingredient, m.active, m.active_why, m.dose, m.dose_max, m.unit, m.form, m.route,
    m.per_day, m.per_day_max, m.amount_per_day, m.amount_unit, m.as_needed, m.start, m.stop, m.indication,
    o.factor, o.mme_per_day, o.included, o.why_not
FROM medications m LEFT JOIN opioid_doses o
    ON o.person = m.person AND o.row_id = m.row_id AND o.ingredient IS NOT DISTINCT FROM m.ingredient
ORDER BY m.active DESC NULLS LAST, o.mme_per_day DESC NULLS LAST, m.ingredient, m.row_id
"""
TREATMENTS = "SELECT * FROM case_treatment ORDER BY date DESC NULLS LAST, row_id"
PROBLEMS = "SELECT * FROM case_problem ORDER BY is_primary DESC NULLS LAST, problem"
CONDITIONS = "SELECT * FROM case_condition ORDER BY resolved NULLS FIRST, onset NULLS LAST, text"
REVIEWS = """
SELECT r.*, r."at"::DATE < (SELECT as_of FROM case_run) - l.validity_days::INTEGER AS is_old
FROM (SELECT * FROM case_list_review WHERE "at"::DATE <= (SELECT as_of FROM case_run)
      QUALIFY row_number() OVER (PARTITION BY list ORDER BY "at" DESC) = 1) r
LEFT JOIN knowledge.lists l ON l.list = r.list WHERE r.complete ORDER BY r."at"
"""
ANSWERS = 'SELECT * FROM case_override ORDER BY "at"'

VISITS = """
SELECT "at"::DATE AS "at", max_by(value, "at") FILTER (code = 'nrs_average') AS nrs,
    max_by(value, "at") FILTER (code = 'peg') AS peg
FROM case_observation WHERE code IN ('nrs_average', 'peg') AND "at"::DATE <= ?::DATE
GROUP BY 1 ORDER BY 1 DESC
"""
EVENTS = """
SELECT date AS day, coalesce(text, n.name, t.option, drug) AS what
FROM case_treatment t LEFT JOIN knowledge.option_names n ON n.option = t.option WHERE date IS NOT NULL
UNION ALL
SELECT start, coalesce(ingredient, drug) || ' started' FROM case_medication WHERE start IS NOT NULL
UNION ALL
SELECT stop, coalesce(ingredient, drug) || ' stopped' FROM case_medication
WHERE stop IS NOT NULL AND stop <= ?::DATE
ORDER BY 1
"""

FIELDS = """
SELECT f.fact, f.type, f.unit, f.hard_low, f.hard_high, f.validity_days, f.choices, f.label, f.screen_group,
    f.meaning, coalesce(v.shown, v.txt, v.num::VARCHAR) AS shown, v.num, v.txt, v."at"::DATE AS "at",
    v.why_not, v.row_id, v.source_table
FROM knowledge.facts f
LEFT JOIN (
    SELECT * FROM fact_values
    QUALIFY row_number() OVER (PARTITION BY fact ORDER BY is_used DESC NULLS LAST, turn) = 1
) v ON v.fact = f.fact
WHERE f.source_kind = 'observation'
ORDER BY f.rowid
"""

TRIALS = """
SELECT row_id, citation, doi, pmid, rate_treated, n_treated, rate_control, n_control, comparator, time_weeks,
    design, grade_certainty, sureness
FROM knowledge.responder_rates WHERE row_id IN (SELECT unnest(?::VARCHAR[])) ORDER BY row_id
"""
