"""A slow, plain second implementation of diplotype -> score -> phenotype -> phenotype with drugs.

Written from the tables' own description, with ordinary loops and Decimal, without the SQL of the steps and
without their derived tables. It exists only to disagree when one of the two is wrong.
"""

import csv
from decimal import Decimal

from pain_tui.knowledge.load import FOLDER

SIX = ("CYP2D6", "CYP2C9", "CYP2C19", "CYP2B6", "CYP3A4", "CYP3A5")
_LADDER = [
    "Poor Metabolizer",
    "Intermediate Metabolizer",
    "Normal Metabolizer",
    "Rapid Metabolizer",
    "Ultrarapid Metabolizer",
]


def read(path: str) -> list[dict[str, str]]:
    with (FOLDER / path).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def alleles() -> dict[str, dict[str, tuple[str, str]]]:
    """gene -> allele -> (function, activity value as text)."""
    found: dict[str, dict[str, tuple[str, str]]] = {gene: {} for gene in SIX}
    for row in read("clinpgx/alleles.csv"):
        if row["gene"] in found:
            found[row["gene"]][row["allele"]] = (row["clinical_function"], row["activity_value"])
    return found


def value(text: str) -> tuple[Decimal | None, bool]:
    """The activity value and whether it is a lower bound."""
    if text in ("", "n/a"):
        return None, False
    return Decimal(text.lstrip("≥")), text.startswith("≥")


def by_genotype(
    gene: str, first: tuple[str, str], second: tuple[str, str]
) -> tuple[Decimal | None, bool, str | None]:
    """Score, whether it is a lower bound, and the phenotype."""
    rules = [row for row in read_rules() if row["gene"] == gene]
    if gene in ("CYP2D6", "CYP2C9"):
        one, one_least = value(first[1])
        two, two_least = value(second[1])
        if "Unassigned function" in (first[0], second[0]):
            return None, False, None
        if one is None or two is None:
            return None, False, "Indeterminate"
        score = one + two
        return score, one_least or two_least, band(gene, score, one_least or two_least)
    for row in rules:
        if row["scheme"] == "function_pair" and sorted((row["input_1"], row["input_2"])) == sorted(
            (first[0], second[0])
        ):
            return None, False, row["result"]
    return None, False, None


_RULES: list[dict[str, str]] = []


def read_rules() -> list[dict[str, str]]:
    if not _RULES:
        _RULES.extend(read("clinpgx/phenotypes.csv"))
    return _RULES


def band(gene: str, score: Decimal, at_least: bool) -> str | None:
    if gene == "CYP2D6":
        if score == 0:
            return "Poor Metabolizer"
        if score > Decimal("2.25"):
            return "Ultrarapid Metabolizer"
        if at_least:
            return None
        return "Intermediate Metabolizer" if score < Decimal("1.25") else "Normal Metabolizer"
    exact = {"0": "Poor", "0.5": "Poor", "1": "Intermediate", "1.5": "Intermediate", "2": "Normal"}
    for text, word in exact.items():
        if score == Decimal(text):
            return f"{word} Metabolizer"
    return None


def with_drug(
    gene: str, score: Decimal | None, at_least: bool, phenotype: str | None, drug: str
) -> str | None:
    """The phenotype today with one drug taken, by phenoconversion_rules.csv."""
    rows = [row for row in read("pgx/inhibitors.csv") if row["enzyme"] == gene and row["drug"] == drug]
    effects = {(row["effect"], row["strength"]) for row in rows if row["sureness"] != "unchecked"}
    inhibitors = {strength for effect, strength in effects if effect == "inhibitor"}
    inducers = {strength for effect, strength in effects if effect == "inducer"}
    if gene == "CYP2D6":
        if "strong" in inhibitors:
            return "Poor Metabolizer"
        if "moderate" in inhibitors:
            return band(gene, score / 2, at_least) if score is not None else phenotype
        return phenotype
    if gene == "CYP2C19":
        if phenotype == "Indeterminate":
            return None if inhibitors or inducers else phenotype
        if "strong" in inhibitors:
            return "Poor Metabolizer" if phenotype else None
        if inhibitors:
            return step(phenotype, -1)
        if inducers:
            return step(phenotype, +1)
        return phenotype
    if {"strong", "moderate"} & (inhibitors | inducers):
        return None
    return phenotype


def step(phenotype: str | None, by: int) -> str | None:
    if phenotype in _LADDER:
        if phenotype == "Poor Metabolizer":
            return phenotype
        return _LADDER[min(max(_LADDER.index(phenotype) + by, 0), 4)]
    down = {
        "Likely Intermediate Metabolizer": "Likely Poor Metabolizer",
        "Likely Poor Metabolizer": "Poor Metabolizer",
    }
    return down.get(phenotype or "") if by < 0 else None
