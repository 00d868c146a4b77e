"""Small hand-made tables for the forecast: options, facts and run, on a cursor with some knowledge."""

from typing import Any

import duckdb

from pain_tui.knowledge import load

KNOWLEDGE = ("conditions", "interventions", "horizons")

FACTS = {
    "age_years": "DOUBLE",
    "sex": "VARCHAR",
    "pain_duration_months": "DOUBLE",
    "mri_nerve_compression_grade": "VARCHAR",
    "mme_per_day": "DOUBLE",
    "nrs_average": "DOUBLE",
    "phq9_total": "DOUBLE",
    "gad7_total": "DOUBLE",
    "pcs_total": "DOUBLE",
    "bmi_kg_m2": "DOUBLE",
    "current_smoker": "BOOLEAN",
    "isi_total": "DOUBLE",
    "medial_branch_blocks_positive": "DOUBLE",
    "block_relief_pct": "DOUBLE",
    "prior_lumbar_surgery": "BOOLEAN",
    "fm_survey_positive": "BOOLEAN",
    "start_back_risk": "VARCHAR",
    "modic_type": "VARCHAR",
    "scs_trial_relief_pct": "DOUBLE",
    "cyp2d6_phenotype": "VARCHAR",
    "hla_b_1502": "VARCHAR",
    "oprm1_rs1799971": "VARCHAR",
    "comt_rs4680": "VARCHAR",
    "litigation_or_compensation": "BOOLEAN",
    "employment_status": "VARCHAR",
    "treatment_list_complete": "BOOLEAN",
}


def cursor() -> duckdb.DuckDBPyConnection:
    """A fresh cursor with the few knowledge tables the step reads."""
    return load.connect(only=KNOWLEDGE).cursor()


def lay(
    c: duckdb.DuckDBPyConnection,
    people: list[dict[str, Any]],
    *,
    horizon: int = 12,
    evidence_set: str = "default",
    bias: bool = True,
) -> None:
    """Make case_run, options and facts.

    A person: {person, condition, options, facts..., prior_relief_pct, times_given}.
    """
    c.execute(
        "CREATE OR REPLACE TEMP TABLE case_run "
        "(as_of DATE, horizon_weeks INTEGER, evidence_set VARCHAR, bias_rule BOOLEAN)"
    )
    c.execute("INSERT INTO case_run VALUES (DATE '2026-11-24', ?, ?, ?)", [horizon, evidence_set, bias])
    c.execute(
        "CREATE OR REPLACE TEMP TABLE options (person VARCHAR, problem VARCHAR, condition VARCHAR, "
        "option VARCHAR, drugs VARCHAR[], prior_relief_pct DOUBLE, times_given BIGINT)"
    )
    c.execute(
        "CREATE OR REPLACE TEMP TABLE facts (person VARCHAR, problem VARCHAR, "
        + ", ".join(f"{n} {t}" for n, t in FACTS.items())
        + ")"
    )
    for one in people:
        for option in one["options"]:
            c.execute(
                "INSERT INTO options VALUES (?, 'p1', ?, ?, ?, ?, ?)",
                [
                    one["person"],
                    one["condition"],
                    option,
                    one.get("drugs", []),
                    one.get("prior_relief_pct"),
                    one.get("times_given", 0),
                ],
            )
        names = [n for n in FACTS if n in one]
        marks = ", ".join(["?"] * (len(names) + 1))
        columns = "".join(f", {n}" for n in names)
        c.execute(
            f"INSERT INTO facts (person, problem{columns}) VALUES (?, 'p1'{marks[1:]})",
            [one["person"], *(one[n] for n in names)],
        )


def table(c: duckdb.DuckDBPyConnection, name: str = "forecast") -> list[dict[str, Any]]:
    """A temp table as dictionaries."""
    found = c.execute(f"SELECT * FROM {name}")
    names = [d[0] for d in found.description or []]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
