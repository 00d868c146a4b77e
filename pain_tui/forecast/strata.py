"""Trials of one option that took different people: the difference is a slope, not noise between trials.

`strata` names, for rows of one option and condition, on which side of a term's contrast their people stood
(leg-dominant or back-dominant pain). The difference between the two sides is shrunk towards none, because it
lies between trials that differ in more than this; the trials are brought to the middle before they are
pooled, and the person's own side moves the figure of the option. It is an association between trials.
"""

from collections.abc import Iterable
from functools import lru_cache
from math import log
from pathlib import Path

from pain_tui.forecast.tables import FOLDER, Row, rows, settings
from pain_tui.forecast.terms import Slope

_SIDE = {"when": 0.5, "reference": -0.5}  # from the middle of a contrast whose sides count as equally common


def side(row: Row, folder: Path = FOLDER) -> Row | None:
    """The entry of `strata` about one row, if there is one."""
    return _entries(folder).get(row["row_id"])


@lru_cache(maxsize=8)
def _entries(folder: Path) -> dict[str, Row]:
    return {r["row_id"]: r for r in rows("strata", folder)}


def slope(among: Iterable[Row], folder: Path = FOLDER) -> Slope | None:
    """The slope between the sides among rows of one option, condition and outcome; None without both sides."""
    sides: dict[str, list[Row]] = {"when": [], "reference": []}
    term = ""
    for row in among:
        entry = side(row, folder)
        if entry is not None:
            sides[entry["side"]].append(row)
            term = entry["term"]
    if not (sides["when"] and sides["reference"]):
        return None
    (up, up_variance), (down, down_variance) = (_mean(sides[name]) for name in ("when", "reference"))
    sampling, prior = up_variance + down_variance, settings(folder)["stratum_sd"] ** 2
    kept = prior / (prior + sampling)
    held = [*sides["when"], *sides["reference"]]
    return Slope(
        term,
        kept * (up - down),
        (prior * (1.0 - kept)) ** 0.5,
        tuple(r["row_id"] for r in held),
        "; ".join(dict.fromkeys(r["citation"] for r in held)) + ": between trials",
    )


def _mean(held: list[Row]) -> tuple[float, float]:
    """Mean logit of one side and its variance, with the spread between trials by their certainty."""
    weights = [1.0 / (float(r["se_logit"]) ** 2 + float(r["tau_logit"]) ** 2) for r in held]
    logits = [log(float(r["rate_treated"]) / (1.0 - float(r["rate_treated"]))) for r in held]
    return sum(w * y for w, y in zip(weights, logits, strict=True)) / sum(weights), 1.0 / sum(weights)


def move(row: Row, between: Slope | None, folder: Path = FOLDER) -> float:
    """How far a row's logits lie from the middle of its strata by the slope; 0 without strata."""
    entry = side(row, folder)
    return 0.0 if between is None or entry is None else between.mean * _SIDE[entry["side"]]


def of_cell(condition: str, option: str, folder: Path = FOLDER) -> Slope | None:
    """The slope between strata of one option in one condition, from the primary rows of the tables."""
    held = [
        r
        for r in rows("responder_rates", folder)
        if r["condition_id"] == condition
        and r["intervention_id"] == option
        and r["prior_role"] == "primary"
        and r["rate_treated"]
    ]
    return slope(held, folder)
