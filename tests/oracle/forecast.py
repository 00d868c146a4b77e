"""A slow, plain second reading of one forecast: dictionaries and loops, no NumPy, no shared code.

It starts from the packaged plain numbers and one person's facts, and must agree with the program's matrix
path to rounding.
"""

import json
import math
from pathlib import Path
from statistics import NormalDist
from typing import Any

MODEL = Path(__file__).resolve().parents[2] / "models" / "pain_evidence.json"


def model() -> dict[str, Any]:
    return json.loads(MODEL.read_text(encoding="utf-8"))


def expit(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def meets(expression: str, value: Any) -> bool:
    if isinstance(value, str):
        return value in expression.split("|")
    value = float(value)
    for sign in (">=", "<=", ">", "<"):
        if expression.startswith(sign):
            limit = float(expression[len(sign) :])
            return {">=": value >= limit, "<=": value <= limit, ">": value > limit, "<": value < limit}[sign]
    if expression in ("true", "false"):
        return value == (1 if expression == "true" else 0)
    if expression == "none":
        return False
    if ".." in expression:
        low, high = expression.split("..")
        return float(low) <= value <= float(high)
    return value in [float(v) for v in expression.split("|")]


def coded(term: dict[str, Any], facts: dict[str, Any]) -> float | None:
    """The centred value of a term, or None when it is missing or outside the contrast."""
    value = facts.get(term["fact"])
    if value is None:
        return None
    if term["form"] == "linear":
        return (float(value) - term["mean"]) / term["per"]
    if meets(term["when"], value):
        return 1 - term["mean"]
    if term["form"] == "level" or meets(term["reference"], value):
        return -term["mean"]
    return None


def forecast(
    m: dict[str, Any],
    facts: dict[str, Any],
    condition: str,
    option: str,
    horizon: int = 12,
    evidence_set: str = "default",
    bias: bool = True,
    level: float | None = None,
) -> dict[str, float] | None:
    """p_response, lo, hi, p_comparator, extra, extra_lo, extra_hi; None without a cell."""
    cells = [
        c
        for c in m["cells"]
        if (c["condition"], c["option"], c["horizon"], c["bias"]) == (condition, option, horizon, bias)
    ]
    if not cells:
        return None
    cell = cells[0]
    slopes = [m["slopes"][i] for i in m["pairs"].get(f"{condition}|{option}", {}).get(evidence_set, [])]
    terms = {t["term"]: t for t in m["terms"]}
    acting = []
    for family in {terms[s["term"]]["family"] for s in slopes}:
        held = [s for s in slopes if terms[s["term"]]["family"] == family]
        if family:
            known = [s for s in held if coded(terms[s["term"]], facts) is not None]
            held = [max(known or held, key=lambda s: abs(s["mean"]))]
        acting += held
    total = control_total = added = control_added = 0.0
    for slope in acting:
        term = terms[slope["term"]]
        x = coded(term, facts)
        if x is None:
            shift, width = 0.0, (slope["mean"] ** 2 + slope["sd"] ** 2) * term["variance"]
        else:
            shift, width = slope["mean"] * x, (slope["sd"] * x) ** 2
        total, added = total + shift, added + width
        if term["kind"] == "prognostic":
            control_total, control_added = control_total + shift, control_added + width
    cap = m["settings"]["shift_cap"]
    step = -m["shift30"]["mean"] if cell["outcome_class"] == "pain30" else 0.0
    spread = m["shift30"]["variance"] if step else 0.0
    z = NormalDist().inv_cdf((1 + (level or m["settings"]["level"])) / 2)

    def three(mean: float, variance: float) -> tuple[float, float, float]:
        half = z * math.sqrt(variance)
        return expit(mean), expit(mean - half), expit(mean + half)

    t_mean = cell["t"] + max(-cap, min(cap, total)) + step
    t_var = cell["vt"] + added + spread
    p, lo, hi = three(t_mean, t_var)
    out = {"p_response": p, "lo": lo, "hi": hi}
    if cell["a"] is not None:
        a_var = cell["va"] + control_added + spread
        q, q_lo, q_hi = three(cell["a"] + max(-cap, min(cap, control_total)) + step, a_var)
        out |= {"p_comparator": q, "comparator_lo": q_lo, "comparator_hi": q_hi}
        if m["kinds"][cell["kind"]]["gives_extra"]:
            r = (cell["c"] + control_added + spread) / math.sqrt(t_var * a_var)
            down = (p - lo) ** 2 + (q_hi - q) ** 2 - 2 * r * (p - lo) * (q_hi - q)
            up = (hi - p) ** 2 + (q - q_lo) ** 2 - 2 * r * (hi - p) * (q - q_lo)
            out |= {
                "extra": p - q,
                "extra_lo": p - q - math.sqrt(max(down, 0)),
                "extra_hi": p - q + math.sqrt(max(up, 0)),
            }
    return out
