"""The clinical part of a fictional person: problem, measurements, medicines, diagnoses, treatments, genotype."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from pain_tui.knowledge.load import FOLDER
from pain_tui.patients.fictional.covariates import rows

if TYPE_CHECKING:
    from pain_tui.patients.fictional.people import Draw

Row = dict[str, Any]


def _recipes() -> dict[str, Any]:
    from pain_tui.patients.fictional.people import recipes

    return recipes()


def problem(one: Draw, condition: str, recipe: Row) -> Row:
    """The pain problem, with site, side, level and onset."""
    duration_days = int(np.clip(one.values["pain_duration"] * 365, 40, 40 * 365))
    return {
        "problem": "p1",
        "condition": condition,
        "icd10": recipe["icd10"],
        "site": recipe["site"],
        "side": one.pick(["left", "right"]) if recipe.get("sided") else "",
        "level": one.pick(recipe["levels"]) if "levels" in recipe else "",
        "onset_date": (one.as_of - timedelta(days=duration_days)).isoformat(),
        "confirmed_by": one.pick(recipe["confirmed_by"]),
        "is_primary": True,
    }


def observations(one: Draw, recipe: Row, age: float, sex: str, visited: date) -> list[Row]:
    """Scores, habits, laboratory values and what this condition needs; some items are left unrecorded."""
    values, recorded = one.values, _recipes()["recorded"]
    found: list[Row] = []

    def add(
        code: str, value: float | str, unit: str = "", share: float = 1.0, at: date | None = None
    ) -> None:
        if one.chance(share):
            key = "text" if isinstance(value, str) else "value"
            found.append({"code": code, key: value, "unit": unit, "at": (at or visited).isoformat()})

    height = values["height_cm"] - (6 if sex == "female" else -6)
    bmi = float(np.clip(values["bmi"], 16, 62))
    nrs = round(float(values["nrs_average"]))
    add("height", round(height), "cm")
    add("weight", round(bmi * (height / 100) ** 2, 1), "kg")
    add("nrs_average", nrs)
    for months in (3, 6, 9):
        add(
            "nrs_average",
            int(np.clip(nrs + one.random.integers(-2, 3), 0, 10)),
            share=0.5,
            at=visited - timedelta(days=30 * months),
        )
    add(
        "peg",
        round(float(np.clip((nrs + 2 * values["bpi_interference"]) / 3, 0, 10)), 1),
        share=recorded["peg"],
    )
    add("phq9_total", round(values["phq9"]), share=recorded["phq9"])
    if found[-1]["code"] == "phq9_total":
        add("phq9_item9", int(values["phq9"] > 17 and one.chance(0.3)))
    add("gad7_total", round(values["gad7"]), share=recorded["gad7"])
    add("pcs_total", round(values["pcs"]), share=recorded["pcs"])
    add("isi_total", round(values["isi"]), share=recorded["isi"])
    add("fm_survey_score", round(values["fm_survey"]), share=recorded["fm_survey"])
    add("sleep_hours", round(values["sleep_hours"] * 2) / 2, "h", share=0.6)
    add("steps", round(values["daily_steps"] / 100) * 100, "/d", share=recorded["steps"])
    smokes = int(one.pick([5, 10, 15, 20])) if values["smoking"] else 0
    if one.chance(recorded["smoking"]):
        add("smoking", "current" if smokes else one.pick(["never", "never", "former"]))
        add("cigarettes_per_day", smokes, "/d")
    add(
        "audit_c",
        int(one.random.integers(4, 11)) if values["alcohol"] else int(one.random.integers(0, 3)),
        share=recorded["alcohol"],
    )
    add("ort", round(values["ort_total"]), share=recorded["ort"])
    add(
        "creatinine", round(float(np.exp(values["log_creatinine"])), 2), "mg/dL", share=recorded["creatinine"]
    )
    add(
        "platelets",
        round(values["platelets"]),
        "10*3/uL",
        share=recorded["platelets"],
        at=one.days_ago(5, 200),
    )
    if values["diabetes"]:
        add(
            "hba1c",
            round(float(np.clip(7.4 + one.random.normal(0, 1.2), 5.4, 13)), 1),
            "%",
            share=0.7,
            at=one.days_ago(10, 160),
        )
    if sex == "female" and age < 52:
        add("pregnant", "no", share=recorded["pregnancy"])
    for item in ("infection_systemic", "infection_at_site"):
        add(item, "no", share=recorded["infection"])
    for code, choices, share in recipe.get("extra", []):
        add(code, one.pick(choices), share=share)
    return found


def medications(one: Draw, recipe: Row, age: float) -> list[Row]:
    """Present medicines, as they would be written in a chart."""
    taken = []
    applies = {
        "opioid": bool(one.values["any_opioid"]) and one.chance(0.6),
        "anticoagulant": bool(one.values["anticoagulant"]) or (age > 75 and one.chance(0.2)),
        "inhibitor": bool(one.values["strong_inhibitor"]),
        "diabetes": bool(one.values["diabetes"]) or recipe.get("comorbidity") == "diabetes_type2",
    }
    for entry in _recipes()["medicines"]:
        if applies.get(
            entry["group"], one.chance(entry.get("share", 1.0)) if entry["group"] not in applies else False
        ):
            start = one.days_ago(20, 900)
            taken.append(
                {
                    **one.pick(entry["choices"]),
                    "start": start.isoformat(),
                    "authored": one.days_ago(0, 90).isoformat(),
                    "status": "active",
                }
            )
    return taken


def conditions(one: Draw, recipe: Row, age: float) -> list[Row]:
    """Other diagnoses, more of them with age."""
    found = []
    for name, entry in _recipes()["comorbidities"].items():
        odds = entry["share"] / (1 - entry["share"]) * np.exp(entry["per_decade"] * (age - 50) / 10)
        if one.chance(float(odds / (1 + odds))) or recipe.get("comorbidity") == name:
            found.append(
                {
                    "code": entry["code"],
                    "system": "ICD-10-CM",
                    "text": entry["text"],
                    "onset": one.days_ago(200, 4000).isoformat(),
                }
            )
    if one.values["diabetes"] or recipe.get("comorbidity") == "diabetes_type2":
        found.append(
            {
                "code": "E11.9",
                "system": "ICD-10-CM",
                "text": "Type 2 diabetes",
                "onset": one.days_ago(400, 6000).isoformat(),
            }
        )
    return found


def allergies(one: Draw) -> list[Row]:
    """At most one allergy."""
    entry = _recipes()["allergies"]
    if not one.chance(entry["share"]):
        return []
    substance, reaction, severity = one.pick(entry["choices"])
    return [{"substance": substance, "reaction": reaction, "severity": severity}]


def devices(one: Draw) -> list[Row]:
    """Rarely, an implant."""
    entry = _recipes()["devices"]
    if not one.chance(entry["share"]):
        return []
    kind, mri = one.pick(entry["choices"])
    return [{"kind": kind, "mri": mri, "at": one.days_ago(300, 3000).isoformat()}]


def reviews(one: Draw, visited: date) -> list[Row]:
    """Which lists were stated complete, and when."""
    recorded = _recipes()["recorded"]
    shares = {
        "medication": recorded["medicines_confirmed"],
        "condition": recorded["conditions_complete"],
        "allergy": recorded["allergies_complete"],
        "device": recorded["conditions_complete"],
        "treatment": recorded["conditions_complete"],
    }
    return [
        {"list": name, "complete": True, "at": visited.isoformat()}
        for name, share in shares.items()
        if one.chance(share)
    ]


def treatments(one: Draw, condition: str) -> list[Row]:
    """Earlier treatments of the condition's own list, with their relief."""
    options = _candidates().get(condition, [])
    tried = []
    for _ in range(min(3, int(max(0, one.values["prior_treatment_failures"])))):
        if options:
            relief = int(np.clip(one.random.normal(32, 28), 0, 100))
            tried.append(
                {
                    "option": one.pick(options),
                    "date": one.days_ago(60, 1500).isoformat(),
                    "relief_pct": relief,
                    "lasted_weeks": int(one.random.integers(1, 40)),
                }
            )
    return tried


def genotype(one: Draw) -> list[Row]:
    """Star-allele results of a panel, or nothing; phenotype shares are the `g..` rows of correlations.csv."""
    if not one.chance(_recipes()["recorded"]["genotype"]):
        return []
    tested = one.days_ago(30, 1500).isoformat()
    return [
        {
            "gene": gene,
            "state": "called",
            "diplotype": _diplotype(one, entry),
            "method": "panel",
            "laboratory": "fictional laboratory",
            "date": tested,
        }
        for gene, entry in _recipes()["genotypes"].items()
    ]


def _diplotype(one: Draw, entry: Row) -> str:
    table = rows()
    level = one.random.random()
    for phenotype, row in entry["rows"].items():
        level -= float(table[row]["mean_or_r"] or table[row]["proportion"])
        if level < 0:
            return str(one.pick(entry[phenotype]))
    others = [name for name in entry if name not in entry["rows"] and name != "rows"]
    return str(one.pick(entry[one.pick(others)]))


@lru_cache(maxsize=1)
def _candidates() -> dict[str, list[str]]:
    with (FOLDER / "evidence" / "conditions.csv").open(encoding="utf-8", newline="") as lines:
        return {
            row["condition_id"]: row["candidate_interventions"].split(";") for row in csv.DictReader(lines)
        }
