"""Draw correlated covariates of a fictional pain clinic: a Gaussian copula over published margins.

Correlations are the `c..` rows, margins the `d..` rows of knowledge/evidence/correlations.csv; which margin
is used for which variable, and the few that no row gives, stand in recipes.toml.
"""

import csv
import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from pain_tui.knowledge.load import FOLDER

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Margin:
    """One variable's distribution: `truncnorm`, `lognormal`, `gamma`, `bernoulli` or `zero_inflated_poisson`."""

    family: str
    mean: float
    sd: float = 0.0
    low: float = float("-inf")
    high: float = float("inf")
    median: float | None = None


@lru_cache(maxsize=1)
def rows() -> dict[str, dict[str, str]]:
    """The rows of correlations.csv by their id."""
    with (FOLDER / "evidence" / "correlations.csv").open(encoding="utf-8", newline="") as lines:
        return {row["param_id"]: row for row in csv.DictReader(lines)}


def margin_of(row: dict[str, str]) -> Margin:
    """Read one `d..` row, e.g. `truncnorm 18-95` or `lognormal, median 40`, as a Margin."""
    words = row["distribution"]
    family = re.split(r"[ ,]", words)[0].replace("-", "_")
    if family == "zero_inflated" or words.startswith("zero-inflated"):
        family = "zero_inflated_poisson"
    bounds = re.search(r"(\d+)-(\d+)", words)
    median = re.search(r"median (\d+)", words)
    return Margin(
        family=family,
        mean=float(row["proportion"] if family == "bernoulli" else row["mean_or_r"]),
        sd=float(row["sd"] or 0),
        low=float(bounds[1]) if bounds else float("-inf"),
        high=float(bounds[2]) if bounds else float("inf"),
        median=float(median[1]) if median else None,
    )


def correlation_matrix(
    variables: list[str], table: dict[str, dict[str, str]], rename: dict[str, str]
) -> Floats:
    """The nearest positive-definite correlation matrix of the listed variables; unlisted pairs are zero.

    Pearson, point-biserial and Spearman rows are taken as correlations of the underlying normal scores
    (slightly too weak for the binary ones).
    """
    place = {name: i for i, name in enumerate(variables)}
    matrix = np.eye(len(variables))
    for row in table.values():
        one = rename.get(row["variable"], row["variable"])
        other = rename.get(row["variable_2_or_note"], row["variable_2_or_note"])
        if row["kind"] == "correlation" and row["distribution"] != "ratio" and {one, other} <= set(place):
            matrix[place[one], place[other]] = matrix[place[other], place[one]] = float(row["mean_or_r"])
    values, vectors = np.linalg.eigh(matrix)
    repaired = vectors @ np.diag(np.clip(values, 1e-6, None)) @ vectors.T
    scale = np.sqrt(np.diag(repaired))
    return repaired / np.outer(scale, scale)


def draw(people: int, margins: dict[str, Margin], correlation: Floats, seed: int) -> dict[str, Floats]:
    """Draw `people` rows of the margins' variables, in the order of `margins`, with the given correlation."""
    generator = np.random.default_rng(seed)
    normal = generator.standard_normal((people, len(margins))) @ np.linalg.cholesky(correlation).T
    return {
        name: _quantile(margin, normal[:, i], generator) for i, (name, margin) in enumerate(margins.items())
    }


def _quantile(margin: Margin, normal: Floats, generator: np.random.Generator) -> Floats:
    """The margin's quantile at the normal score."""
    from scipy.special import gammainccinv, gammaincinv, ndtr, ndtri  # only when people are drawn

    level = ndtr(normal)
    if margin.family == "truncnorm":
        low, high = ndtr((np.array([margin.low, margin.high]) - margin.mean) / margin.sd)
        return margin.mean + margin.sd * ndtri(np.clip(low + level * (high - low), 1e-12, 1 - 1e-12))
    if margin.family == "lognormal":
        spread = np.log(1 + (margin.sd / margin.mean) ** 2)
        centre = np.log(margin.median) if margin.median else np.log(margin.mean) - spread / 2
        if margin.median:
            spread = max(2 * (np.log(margin.mean) - centre), 1e-6)
        return np.exp(centre + np.sqrt(spread) * normal)
    if margin.family == "gamma":
        shape = (margin.mean / margin.sd) ** 2
        value = (
            np.where(level < 0.5, gammaincinv(shape, level), gammainccinv(shape, 1 - level))
            * margin.mean
            / shape
        )
        return np.clip(value, margin.low, margin.high)
    if margin.family == "bernoulli":
        return (level > 1 - margin.mean).astype(np.float64)
    if margin.family == "zero_inflated_poisson":
        # Mean m and sd s of a zero-inflated Poisson fix its rate and its share of zeros.
        rate = margin.mean + margin.sd**2 / margin.mean - 1
        at_risk = level > 1 - margin.mean / rate
        return np.minimum(np.where(at_risk, generator.poisson(rate, len(normal)), 0), margin.high).astype(
            np.float64
        )
    raise ValueError(f"no quantile for a margin of the family {margin.family}")
