"""A second, plain implementation of MME a day, straight from mme_factors.csv: no SQL, nothing shared
with the steps.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

TABLE = Path(__file__).parents[2] / "pain_tui" / "knowledge" / "safety" / "mme_factors.csv"
OUTSIDE = {"buprenorphine"}


@dataclass(frozen=True)
class Dose:
    """One opioid a day: amount in mg, or mcg/h worn for a patch."""

    drug: str
    route: str
    amount: float | None
    for_oud: bool = False


def factor_2022(drug: str, route: str) -> float | None:
    """The clinical factor of 2022, or None when the table gives none for this drug and route."""
    found = None
    for row in csv.DictReader(TABLE.open(encoding="utf-8", newline="")):
        if row["drug"] == drug and row["route"] == route and row["counted_2022"] == "yes":
            found = float(row["factor_cdc2022"])
    return found


def total_2022(doses: list[Dose]) -> float | None:
    """The sum, or None when nothing counts or one dose that should count cannot."""
    total, counted = 0.0, False
    for dose in doses:
        if dose.drug in OUTSIDE or (dose.drug == "methadone" and dose.for_oud):
            continue
        factor = factor_2022(dose.drug, dose.route)
        if factor is None or dose.amount is None:
            return None
        total += factor * dose.amount
        counted = True
    return total if counted else None
