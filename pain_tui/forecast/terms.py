"""Predictors: which rows of `effect_modifiers` give a slope in which cell, and how large it is.

A term is one predictor with one coding (`model_terms`). In a cell it takes those of its rows whose scope
holds the option and the condition; several rows are pooled with their disagreement, never added up. Rows
outside `outcome_domain = response`, without a record field, or named in `model_never` have no weight.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pain_tui.errors import ModelError
from pain_tui.forecast.pool import between_variance
from pain_tui.forecast.tables import FOLDER, Row, rows, scope, settings

DEFAULT, WEAK = "default", "with_weak_evidence"
_USES = {DEFAULT: ("yes",), WEAK: ("yes", "sensitivity")}


@dataclass(frozen=True)
class Slope:
    """A pooled slope: mean and SD on the logit scale a unit of the coded term, and the rows behind it."""

    term: str
    mean: float
    sd: float
    rows: tuple[str, ...]
    source: str


@lru_cache(maxsize=8)
def never_fields(folder: Path = FOLDER) -> frozenset[str]:
    """Record fields that never have weight."""
    return frozenset(r["record_field"] for r in rows("model_never", folder) if r["record_field"])


@lru_cache(maxsize=8)
def never_predictors(folder: Path = FOLDER) -> frozenset[str]:
    """Predictors that never have weight."""
    return frozenset(r["predictor"] for r in rows("model_never", folder))


def usable(row: Row, evidence_set: str, folder: Path = FOLDER) -> bool:
    """May this row of `effect_modifiers` give a slope in this evidence set?"""
    return (
        row["outcome_domain"] == "response"
        and bool(row["record_field"])
        and row["record_field"] not in never_fields(folder)
        and row["predictor"] not in never_predictors(folder)
        and row["use_in_simulation"] in _USES[evidence_set]
        and bool(row["prior_mean_log_or"])
    )


def slopes(condition: str, option: str, evidence_set: str, folder: Path = FOLDER) -> list[Slope]:
    """The slopes of one cell, in the order of `model_terms`."""
    found = []
    for term, members in _terms_with_rows(folder):
        chosen = [
            row
            for row in members
            if option in scope(row["scope"], "option", folder)
            and condition in scope(row["condition"], "condition", folder)
            and usable(row, evidence_set, folder)
        ]
        if chosen:
            found.append(pooled(term, chosen, folder))
    return found


@lru_cache(maxsize=8)
def _terms_with_rows(folder: Path) -> tuple[tuple[str, tuple[Row, ...]], ...]:
    """Each term with its modifier rows; refuses a row that is not there or reads another field."""
    modifiers = {r["row_id"]: r for r in rows("effect_modifiers", folder)}
    made = []
    for term in rows("model_terms", folder):
        members = []
        for entry in term["rows"].split(";"):
            row = modifiers.get(entry)
            if row is None:
                raise ModelError(
                    f"model_terms: {term['term']} names {entry}, which effect_modifiers does not have."
                )
            if row["record_field"] != term["fact"]:
                raise ModelError(
                    f"model_terms: {term['term']} reads {term['fact']}, {entry} reads {row['record_field']}."
                )
            members.append(row)
        made.append((term["term"], tuple(members)))
    return tuple(made)


def pooled(term: str, chosen: Sequence[Row], folder: Path = FOLDER) -> Slope:
    """One slope from one or more rows: precision weighted, widened by their disagreement.

    The SD never falls below the transport SD: carrying a slope to another clinic does not get surer with
    the number of cohorts it was seen in.
    """
    means = [float(r["prior_mean_log_or"]) for r in chosen]
    variances = [float(r["prior_sd_log_or"]) ** 2 for r in chosen]
    tau2 = between_variance(means, variances)
    weights = [1.0 / (v + tau2) for v in variances]
    mean = sum(w * m for w, m in zip(weights, means, strict=True)) / sum(weights)
    variance = 1.0 / sum(weights) + (tau2 if len(chosen) > 1 else 0.0)
    variance = max(variance, settings(folder)["transport_sd"] ** 2)
    return Slope(
        term,
        mean,
        variance**0.5,
        tuple(r["row_id"] for r in chosen),
        "; ".join(dict.fromkeys(r["citation"] for r in chosen)),
    )


def without_weight(folder: Path = FOLDER) -> list[dict[str, str]]:
    """Recorded fields that have rows but no weight, with the reason: "recorded, no usable evidence"."""
    named = {r["record_field"]: r["why"] for r in rows("model_never", folder) if r["record_field"]}
    weighted = {t["fact"] for t in rows("model_terms", folder)} | {
        g["fact"] for g in rows("forecast_gates", folder)
    }
    for row in rows("effect_modifiers", folder):
        field = row["record_field"]
        if field and field not in weighted and field not in named and row["outcome_domain"] == "response":
            named[field] = (
                f"recorded, no usable evidence: {row['predictor'].replace('_', ' ')} ({row['row_id']}) "
                "shows no effect, is the operator's choice, or has no size"
            )
    return [{"fact": fact, "why": why} for fact, why in sorted(named.items())]
