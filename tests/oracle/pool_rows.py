"""Which rows speak, and the arms they give: the first half of the second reading of the pools."""

import math
from collections import defaultdict
from pathlib import Path

from tests.oracle.pool_parts import (
    ASSUMED,
    FAMILY,
    KINDS,
    ORDER,
    STRATA,
    STRATUM_SD,
    WINDOWS,
    Row,
    logit,
    moment,
    table,
)


class Rows:
    """The tables of one folder, with the bias shift on or off."""

    def __init__(self, folder: Path, bias: bool) -> None:
        self.bias = bias
        self.rates = table(folder, "responder_rates")
        self.options = {r["intervention_id"]: r["class"] for r in table(folder, "interventions")}
        self.lenders = {
            r["condition_id"]: [u for u in r["borrow_from_if_no_row"].split(";") if u]
            for r in table(folder, "conditions")
        }
        self.fitted = [
            r
            for r in self.rates
            if r["rate_treated"]
            and r["prior_role"] in ("primary", "supporting")
            and r["outcome_class"] in ORDER
        ]
        self.step, self.step_variance = self._threshold()
        self.variances: dict[str, list[float]] = {}
        self._arms: dict[int, dict[str, list[dict]]] = {}

    # --- single arms -----------------------------------------------------------------------------------
    def treated(self, r: Row) -> float:
        return logit(float(r["rate_treated"])) + (float(r["bias_shift_logit"] or 0) if self.bias else 0.0)

    def control(self, r: Row) -> tuple[float, float]:
        p = float(r["rate_control"])
        if not r["n_control"]:
            return logit(p), ASSUMED**2
        n = float(r["n_control"])
        if p in (0.0, 1.0):
            p = (p * n + 0.5) / (n + 1)
        return logit(p), 1 / (n * p * (1 - p))

    def _threshold(self) -> tuple[float, float]:
        both: dict[tuple[str, ...], dict[str, Row]] = defaultdict(dict)
        for r in self.rates:
            if (
                r["outcome_class"] in ("pain30", "pain50")
                and r["rate_treated"]
                and r["prior_role"] != "not_for_prior"
            ):
                key = (r["trial_id"], r["condition_id"], r["intervention_id"], r["time_weeks"])
                both[key].setdefault(r["outcome_class"], r)
        steps, errors = [], []
        for pair in both.values():
            if len(pair) == 2:
                for arm in ("treated", "control"):
                    low, high = pair["pain50"][f"rate_{arm}"], pair["pain30"][f"rate_{arm}"]
                    if low and high:
                        p, q = float(low), float(high)
                        n = float(pair["pain50"][f"n_{arm}"] or 500)
                        steps.append(logit(q) - logit(p))
                        # nested counts: Var = (1/p - 1/q) / ((1-p)(1-q)) ... by hand, per person
                        errors.append((1 / (p * (1 - p)) + 1 / (q * (1 - q)) - 2 / (q * (1 - p))) / n)
        tau2 = moment(steps, errors)
        w = [1 / (e + tau2) for e in errors]
        return sum(a * b for a, b in zip(w, steps, strict=True)) / sum(w), 1 / sum(w) + tau2

    # --- which rows ------------------------------------------------------------------------------------
    def chosen(self, rows: list[Row], weeks: int) -> tuple[list[Row], bool]:
        def at(r: Row) -> float:
            return float(r["time_weeks"])

        low, high = WINDOWS[weeks]
        inside = [r for r in rows if low <= at(r) < high]
        timely = bool(inside)
        if not inside:
            first = [r for r in rows if r["prior_role"] == "primary"] or rows
            t = at(min(first, key=lambda r: (abs(math.log(at(r) / weeks)), at(r))))
            around = [w for w in WINDOWS.values() if w[0] <= t < w[1]]
            inside = [
                r
                for r in rows
                if (around[0][0] <= at(r) < around[0][1] if around else abs(at(r) - t) <= 0.2 * t)
            ]
        primary = {r["outcome_class"] for r in inside if r["prior_role"] == "primary"}
        outcome = min(primary or {r["outcome_class"] for r in inside}, key=ORDER.index)
        return self.nearest([r for r in inside if r["outcome_class"] == outcome], weeks), timely

    @staticmethod
    def nearest(rows: list[Row], weeks: int) -> list[Row]:
        by_trial: dict[str, list[Row]] = defaultdict(list)
        for r in rows:
            by_trial[r["trial_id"]].append(r)
        return [
            sorted(
                held,
                key=lambda r: (r["prior_role"] != "primary", abs(math.log(float(r["time_weeks"]) / weeks))),
            )[0]
            for held in by_trial.values()
        ]

    # --- strata ----------------------------------------------------------------------------------------
    def stratum(self, rows: list[Row]) -> float:
        """The difference between the sides, shrunk; 0 without both."""
        up = [r for r in rows if STRATA.get(r["row_id"], 0) > 0]
        down = [r for r in rows if STRATA.get(r["row_id"], 0) < 0]
        if not (up and down):
            return 0.0

        def mean(side: list[Row]) -> tuple[float, float]:
            w = [1 / (float(r["se_logit"]) ** 2 + float(r["tau_logit"]) ** 2) for r in side]
            y = [logit(float(r["rate_treated"])) for r in side]
            return sum(a * b for a, b in zip(w, y, strict=True)) / sum(w), 1 / sum(w)

        (a, va), (b, vb) = mean(up), mean(down)
        return (a - b) * STRATUM_SD**2 / (STRATUM_SD**2 + va + vb)

    def aside(self, r: Row, among: list[Row]) -> float:
        return self.stratum(among) * STRATA.get(r["row_id"], 0.0)

    # --- the trials of other cells ---------------------------------------------------------------------
    def arms(self, weeks: int) -> dict[str, list[dict]]:
        """Treated arms, log odds ratios and control arms, one a trial, nearest to so many weeks."""
        if weeks not in self._arms:
            self._arms[weeks] = self._all_arms(weeks)
        return self._arms[weeks]

    def _all_arms(self, weeks: int) -> dict[str, list[dict]]:
        groups: dict[tuple[str, ...], list[Row]] = defaultdict(list)
        for r in self.fitted:
            if r["prior_role"] == "primary" and r["outcome_class"] in FAMILY:
                groups[r["condition_id"], r["intervention_id"], FAMILY[r["outcome_class"]]].append(r)
        made: dict[str, list[dict]] = {"treated": [], "effect": [], "control": []}
        for group in groups.values():
            ordered = sorted(group, key=lambda r: ORDER.index(r["outcome_class"]))
            for r in self.nearest(ordered, weeks):
                self._arm(r, made)
        return made

    def _arm(self, r: Row, made: dict[str, list[dict]]) -> None:
        family, option, condition = FAMILY[r["outcome_class"]], r["intervention_id"], r["condition_id"]
        same = [
            x
            for x in self.rates
            if x["condition_id"] == condition
            and x["intervention_id"] == option
            and x["prior_role"] == "primary"
            and x["rate_treated"]
        ]
        aside = self.aside(r, same)
        step, more = (self.step, self.step_variance) if r["outcome_class"] == "pain30" else (0.0, 0.0)
        base = {"row": r["row_id"], "trial": r["trial_id"], "condition": condition, "option": option}
        group, se2 = self.options[option], float(r["se_logit"]) ** 2
        made["treated"].append(
            base
            | {
                "family": family,
                "upper": group,
                "lower": option,
                "y": self.treated(r) - step - aside,
                "v": se2 + more,
            }
        )
        kind = KINDS.get(r["comparator_type"], "")
        if r["rate_control"] and kind in ("sham", "usual_care", "mixed"):
            y, v = self.control(r)
            counted = bool(r["n_control"])
            made["effect"].append(
                base
                | {
                    "family": family,
                    "upper": kind,
                    "lower": f"{kind}:{group}",
                    "y": self.treated(r) - y,
                    "v": se2 + v,
                }
                | {"counted": counted}
            )
            made["control"].append(
                base
                | {
                    "family": f"{family}:{kind}",
                    "upper": group,
                    "lower": option,
                    "y": y - step - aside,
                    "v": v + more,
                }
                | {"counted": counted}
            )
