"""Steps on the road to a treatment (a block, a trial of stimulation) and rules that close it.

A rate among people who passed a gate is conditional on passing. The gate's own probability stands beside it,
and where the denominator counts only those who passed, so does the product: the chance of relief for somebody
who starts down this road. A rule gate (Modic change, an HLA allele) that is not met gives no estimate.
"""

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pain_tui.forecast.coding import CODED, Column, matches
from pain_tui.forecast.load import Model
from pain_tui.forecast.predict import Rows, predict, through_gate

_NORMAL_95 = 1.959963984540054  # published intervals of the gates are 95 % intervals


def facts(model: Model) -> frozenset[str]:
    """The facts that gates read."""
    return frozenset(g["fact"] for g in model.data["gates"])


def where(gate: dict[str, Any], condition: NDArray[Any], option: NDArray[Any]) -> NDArray[np.bool_]:
    """The rows a gate bears on."""
    here = np.isin(option.astype(str), gate["options"])
    return here & np.isin(condition.astype(str), gate["conditions"]) if gate["conditions"] else here


def states(
    gate: dict[str, Any], facts: dict[str, Column], size: int
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Where the gate is known to be passed, and where it is known to be failed."""
    held = facts.get(gate["fact"])
    if held is None:
        nowhere = np.zeros(size, dtype=bool)
        return nowhere, nowhere
    return matches(gate["passed_when"], held), matches(gate["failed_when"], held)


def not_eligible(
    model: Model, facts: dict[str, Column], condition: NDArray[Any], option: NDArray[Any]
) -> tuple[NDArray[np.bool_], str, NDArray[Any]]:
    """Rows whose gate is known to be failed, the code, and which gate it was."""
    size = len(option)
    failed, which = np.zeros(size, dtype=bool), np.full(size, "", dtype=object)
    for gate in model.data["gates"]:
        _, closed = states(gate, facts, size)
        hit = where(gate, condition, option) & closed & ~failed
        failed |= hit
        which[hit] = gate["gate"]
    return failed, "not_eligible", which


def road(
    model: Model,
    facts: dict[str, Column],
    cell: NDArray[np.int64],
    condition: NDArray[Any],
    option: NDArray[Any],
    made: dict[str, Any],
    blocked: NDArray[np.bool_],
) -> tuple[dict[str, Any], NDArray[Any]]:
    """`p_road` with its interval (NaN: no gate to multiply), and the gates of each row as JSON."""
    size = len(option)
    whole = np.full((3, size), np.nan)
    text = np.full(size, None, dtype=object)
    for gate in model.data["gates"]:
        here = np.flatnonzero(where(gate, condition, option) & ~blocked)
        if not len(here):
            continue
        passed, _ = states(gate, facts, size)
        band = None if gate["p"] is None else _band(gate, model.z)
        for i in here:
            state = "passed" if passed[i] else "unknown"
            entry: dict[str, Any] = {
                "name": gate["name"],
                "gate": gate["gate"],
                "state": state,
                "fact": gate["fact"],
                **dict(
                    zip(
                        ("p", "lo", "hi"),
                        (1.0, 1.0, 1.0) if passed[i] else band or (None, None, None),
                        strict=True,
                    )
                ),
                "level": model.level,
                "denominator": "candidates",
                "horizon_weeks": None,
                "outcome": "passes this step",
                "rows": gate["rows"],
            }
            if not passed[i] and band is None:
                entry["why"] = "whether this step is passed is not known"
            text[i] = json.dumps([*json.loads(text[i] or "[]"), entry], ensure_ascii=False)
        counts = [
            i
            for i in here
            if not passed[i] and band is not None and _counts_only_passed(model.cells[cell[i]], gate)
        ]
        if counts:
            at = np.array(counts)
            whole[:, at] = through_gate(made["p_response"][at], made["logit_variance"][at], gate, model.z)
    return {"p_road": whole[0], "road_lo": whole[1], "road_hi": whole[2]}, text


def _counts_only_passed(cell: dict[str, Any], gate: dict[str, Any]) -> bool:
    return bool(set(cell["denominator"].split("; ")) & set(gate["multiplies"]))


def _band(gate: dict[str, Any], z: float) -> tuple[float, float, float]:
    """The gate's probability with its interval brought from 95 % to the level shown."""
    share = z / _NORMAL_95
    p = gate["p"]
    return p, p - (p - gate["lo"]) * share, p + (gate["hi"] - p) * share


def by_drug(
    model: Model, asked: dict[str, Any], rows: Rows, made: dict[str, Any], evidence_set: str
) -> NDArray[Any]:
    """For a class option whose term acts on some members only: the forecast of each member, as JSON.

    CYP2D6 moves codeine and tramadol and no other weak opioid. The figure of the option itself is that of
    the members in the trials, which the term acts on.
    """
    size = len(rows.cell)
    text = np.full(size, None, dtype=object)
    if "drugs" not in asked:
        return text
    for j, term in enumerate(model.terms):
        if not term["drugs"]:
            continue
        acts = (model.slope_sd[evidence_set][rows.pair, j] > 0) & (
            made["cell"] >= 0 if "cell" in made else ~np.isnan(made["logit"])
        )
        here = np.flatnonzero(acts)
        if not len(here):
            continue
        part = rows.take(here)
        known = (np.zeros(len(here)), np.full(len(here), CODED, dtype=np.int8))
        without = Rows(part.cell, part.pair, part.x, part.state, part.who, {**part.own, j: known})
        plain = predict(model, without, evidence_set)
        for k, i in enumerate(here):
            entries = []
            for drug in list(asked["drugs"][i]) if asked["drugs"][i] is not None else []:
                moved = drug in term["drugs"]
                source = made if moved else plain
                at = i if moved else k
                entries.append(
                    {
                        "drug": drug,
                        **{
                            n: _number(source[n][at])
                            for n in ("p_response", "lo", "hi", "extra", "extra_lo", "extra_hi")
                        },
                        "moved_by": term["label"] if moved else None,
                        "note": None
                        if moved
                        else "no trial of this medicine alone; the figure of the class, not moved by CYP2D6",
                    }
                )
            text[i] = json.dumps(entries, ensure_ascii=False) if entries else None
    return text


def _number(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 9)
