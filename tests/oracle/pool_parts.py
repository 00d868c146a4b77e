"""What the second reading of the pools is made of: the names, the moment estimate, the likelihood, the limit."""

import csv
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

Row = dict[str, str]
WINDOWS = {12: (4, 20), 26: (20, 40), 52: (40, 80)}
ORDER = [
    "pain50",
    "pain30",
    "headache50",
    "composite",
    "pain_mid",
    "complete_relief",
    "global_effect",
    "other",
]
ORDER += ["odi10", "pain80", "pain20"]
FAMILY = {name: name for name in ORDER if name != "other"} | {"pain50": "relief", "pain30": "relief"}
KINDS = {"sham": "sham", "placebo": "sham", "usual_care": "usual_care", "mixed": "mixed"}
KINDS |= {"active": "active", "active_low": "active"}
KIND_ORDER = ["sham", "usual_care", "mixed", "active"]
WAVEFORMS = {"scs_tonic", "scs_10khz", "scs_burst", "scs_eclscs"}
TAU = {"high": 0.20, "moderate": 0.30, "low": 0.45, "very_low": 0.60}
CORRELATION, BORROW, ASSUMED, FLOOR, USUAL_WEIGHT, SHARE = 0.66, 0.5, 0.25, 0.2, 4.0, 0.5
STRATA = {"r051": 0.5, "r197": -0.5}  # leg-dominant, back-dominant
STRATUM_SD, Z80 = 0.5, 1.2815515655446004


def logit(p: float) -> float:
    return math.log(p / (1 - p))


def table(folder: Path, name: str) -> list[Row]:
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f))


@dataclass
class Answer:
    """A cell as logits: treated, control (None without one), their variances and covariance; and its rows."""

    t: float
    vt: float
    a: float | None
    va: float
    c: float
    rows: list[str]
    kind: str
    outcome: str
    in_window: bool
    borrowed: str = ""
    alone: "Answer | None" = None
    errors: tuple[float, float] | None = None


def moment(y: list[float], v: list[float]) -> float:
    """DerSimonian and Laird."""
    if len(y) < 2:
        return 0.0
    w = [1 / e for e in v]
    mean = sum(a * b for a, b in zip(w, y, strict=True)) / sum(w)
    q = sum(a * (b - mean) ** 2 for a, b in zip(w, y, strict=True))
    return max(0.0, (q - len(y) + 1) / (sum(w) - sum(a * a for a in w) / sum(w)))


def shared(one: dict, other: dict, var: list[float]) -> float:
    """Covariance of the means of two cells: the effects of one outcome family they have in common."""
    if one["family"] != other["family"]:
        return 0.0
    names = ("upper", "lower", "condition")
    total = sum(v for n, v in zip(names, var, strict=False) if one[n] == other[n])
    return total + (
        var[3] if (one["condition"], one["option"]) == (other["condition"], other["option"]) else 0.0
    )


def restricted(arms: list[dict]) -> list[float]:
    """Variances of upper, lower, condition, cell and trial effects that maximise the restricted likelihood."""
    n = len(arms)
    y = np.array([a["y"] for a in arms])
    noise = np.diag([a["v"] for a in arms])
    families = sorted({a["family"] for a in arms})
    X = np.array([[float(a["family"] == f) for f in families] for a in arms])
    parts = [np.zeros((n, n)) for _ in range(4)] + [np.eye(n)]
    for i, one in enumerate(arms):
        for j, other in enumerate(arms):
            for k in range(4):
                alone = [float(k == m) for m in range(4)]
                parts[k][i, j] = shared(one, other, alone)

    def loss(log_sd: np.ndarray) -> float:
        V = noise + sum(math.exp(2 * s) * p for s, p in zip(log_sd, parts, strict=True))
        inverse = np.linalg.inv(V)
        info = X.T @ inverse @ X
        beta = np.linalg.solve(info, X.T @ inverse @ y)
        rest = y - X @ beta
        return float(np.linalg.slogdet(V)[1] + np.linalg.slogdet(info)[1] + rest @ inverse @ rest) / 2

    best = minimize(
        loss,
        np.full(5, math.log(0.35)),
        method="L-BFGS-B",
        bounds=[(math.log(FLOOR), 1.0)] * 5,
        options={"ftol": 1e-13, "gtol": 1e-8},
    )
    return [round(math.exp(2 * s), 3) for s in best.x]


def limit(alone: tuple, pooled: tuple, errors: tuple[float, float]) -> tuple:
    """Neither arm nor the difference leaves the 80 % interval of the own trials; none stays none."""
    t0, c0 = alone[0], alone[2]

    def into(x: float, low: float, high: float) -> float:
        return max(low, min(high, x))

    half = [Z80 * math.sqrt(e) for e in errors]
    wide, d0 = Z80 * math.sqrt(sum(errors)), t0 - c0
    low, high = d0 - wide, d0 + wide
    if low <= 1e-12 and high >= -1e-12:
        low, high = (0.0, d0) if d0 >= 0 else (low, 0.0)
    t, c = into(pooled[0], t0 - half[0], t0 + half[0]), into(pooled[2], c0 - half[1], c0 + half[1])
    c = into(t - into(t - c, low, high), c0 - half[1], c0 + half[1])
    t = c + into(t - c, low, high)
    if abs(t - pooled[0]) < 1e-12 and abs(c - pooled[2]) < 1e-12:
        return pooled
    kept = 1.0
    for own, free, held in ((t0, pooled[0], t), (c0, pooled[2], c)):
        if abs(held - free) >= 1e-12:
            kept = min(
                kept, max(0.0, 1 - abs(held - free) / abs(free - own)) if abs(free - own) >= 1e-12 else 0.0
            )
    mix = [
        kept * p + (1 - kept) * q
        for p, q in zip((pooled[1], pooled[3], pooled[4]), (alone[1], alone[3], alone[4]), strict=True)
    ]
    return t, mix[0], c, mix[1], mix[2]
