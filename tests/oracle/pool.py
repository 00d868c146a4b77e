"""The pools a second time, from the evidence tables alone: no code of `pain_tui.forecast` is used.

Written from the reading notes of the tables (bias shift, tau and standard error as their columns have them, not as
the rule computes them), the design and docs/evidence.md, in another form than the program's: everything
is one Gaussian vector with a covariance matrix, solved by generalised least squares; the variances between
trials are found by maximising the restricted likelihood, not by a fixed-point iteration.
"""

import math

import numpy as np

from tests.oracle.pool_parts import (
    BORROW,
    CORRELATION,
    FAMILY,
    KIND_ORDER,
    KINDS,
    SHARE,
    TAU,
    USUAL_WEIGHT,
    WAVEFORMS,
    Answer,
    Row,
    limit,
    moment,
    restricted,
    shared,
)
from tests.oracle.pool_rows import Rows


class Reading(Rows):
    """The cells, and the arms of other cells they are pooled with."""

    def learn(self) -> None:
        """The five variances of the three models, by restricted likelihood over arms nearest to 12 weeks."""
        for name, held in self.arms(12).items():
            self.variances[name] = restricted([a for a in held if a.get("counted", True)])

    def level(self, name: str, arms: list[dict], here: dict, without: set[str]) -> tuple[float, float] | None:
        """Best linear prediction of a cell's mean from arms outside it, by solving the bordered system."""
        held = [
            a
            for a in arms
            if a["family"] == here["family"]
            and a["trial"] not in without
            and (a["condition"], a["option"]) != (here["condition"], here["option"])
        ]
        if not held:
            return None
        var, n = self.variances[name], len(held)
        big = np.zeros((n + 1, n + 1))  # kriging: unknown mean as a Lagrange multiplier
        for i, one in enumerate(held):
            for j, other in enumerate(held):
                big[i, j] = shared(one, other, var) + (var[4] + one["v"] if i == j else 0.0)
        big[n, :n] = big[:n, n] = 1.0
        right = np.array([shared(here, a, var) for a in held] + [1.0])
        weights = np.linalg.solve(big, right)
        mean = float(weights[:n] @ np.array([a["y"] for a in held]))
        return mean, sum(var[:4]) - float(weights @ right)

    def around(
        self, rows: list[Row], condition: str, option: str, outcome: str, kind: str, weeks: int
    ) -> list:
        """(direction, mean, variance) of what other trials say; empty when the outcome is pooled with none."""
        family = FAMILY.get(outcome)
        if family is None:
            return []
        arms, own = self.arms(weeks), {r["trial_id"] for r in rows}
        if option in WAVEFORMS:
            own |= {
                a["trial"]
                for a in arms["treated"]
                if a["condition"] == condition and a["option"] in WAVEFORMS
            }
        here = {"condition": condition, "option": option}
        group = self.options[option]
        treated = self.level(
            "treated", arms["treated"], here | {"family": family, "upper": group, "lower": option}, own
        )
        if treated is None:
            return []
        step, more = (self.step, self.step_variance) if outcome == "pain30" else (0.0, 0.0)
        said = [((1.0, 0.0), treated[0] + step, treated[1] + more)]
        if kind in ("sham", "usual_care", "mixed"):
            effect = self.level(
                "effect",
                arms["effect"],
                here | {"family": family, "upper": kind, "lower": f"{kind}:{group}"},
                own,
            )
            control = self.level(
                "control",
                arms["control"],
                here | {"family": f"{family}:{kind}", "upper": group, "lower": option},
                own,
            )
            share = SHARE if effect and control else 1.0
            if effect:
                said.append(((1.0, -1.0), effect[0], effect[1] / share))
            if control:
                said.append(((0.0, 1.0), control[0] + step, (control[1] + more) / share))
        return said

    # --- one cell --------------------------------------------------------------------------------------
    def own(self, condition: str, option: str, weeks: int, direct: bool = True) -> Answer | None:
        rows = [r for r in self.fitted if r["condition_id"] == condition and r["intervention_id"] == option]
        if not rows:
            return None
        held, timely = self.chosen(rows, weeks)
        outcome = held[0]["outcome_class"]
        primary = [r for r in held if r["prior_role"] == "primary"]
        supporting = [r for r in held if r["prior_role"] == "supporting"]
        base = primary or supporting
        kinds = {
            KINDS[r["comparator_type"]] for r in base if r["rate_control"] and r["comparator_type"] in KINDS
        }
        kind = min(kinds, key=KIND_ORDER.index) if kinds else ""
        compared = [r for r in base if kind and r["rate_control"] and KINDS.get(r["comparator_type"]) == kind]
        if kind == "active":
            compared = [r for r in compared if r["comparator"] == compared[0]["comparator"]]
        alone = self.pool(base, compared, [], False)
        said = self.around(held, condition, option, outcome, kind, weeks)
        found = self.pool(base, compared, said, True) if said else alone
        errors = None
        if direct and said and compared:
            errors = self.sampling(base, compared)
            found = limit(alone, found, errors)
        if not primary:
            found = (found[0], found[1] + 0.3**2, *found[2:])
        elif supporting:
            y, v = [self.treated(r) for r in supporting], [float(r["se_logit"]) ** 2 for r in supporting]
            tau2 = max(np.mean([TAU[r["grade_certainty"]] ** 2 for r in supporting]), moment(y, v))
            w = [1 / (e + tau2) for e in v]
            away = sum(a * b for a, b in zip(w, y, strict=True)) / sum(w) - found[0]
            found = (found[0], found[1] + (0.5 * away) ** 2, *found[2:])
        made = Answer(*found, [r["row_id"] for r in base], kind, outcome, timely)
        made.alone, made.errors = Answer(*alone, [], kind, outcome, timely), errors
        return made

    def middle(self, r: Row, base: list[Row]) -> float:
        return self.aside(r, base)

    def pool(self, base: list[Row], compared: list[Row], said: list, joined: bool) -> tuple:
        """Generalised least squares of all arms (and of what other trials say) stacked as one vector."""
        usual = self.variances["treated"][4] if joined else None
        tau_t = self.between(
            [self.treated(r) - self.middle(r, base) for r in base],
            [float(r["se_logit"]) ** 2 for r in base],
            base,
            usual,
        )
        both = [self.control(r) for r in compared]
        tau_a = 0.0
        if compared:
            tau_a = self.between(
                [y - self.middle(r, base) for (y, _), r in zip(both, compared, strict=True)],
                [v for _, v in both],
                compared,
                usual,
            )
        cross = CORRELATION * math.sqrt(tau_t * tau_a)
        design, y, blocks = [], [], []
        for r in base:
            y.append(self.treated(r) - self.middle(r, base))
            design.append((1.0, 0.0))
            if r in compared:
                control, v = self.control(r)
                y.append(control - self.middle(r, base))
                design.append((0.0, 1.0))
                blocks.append([[float(r["se_logit"]) ** 2 + tau_t, cross], [cross, v + tau_a]])
            else:
                blocks.append([[float(r["se_logit"]) ** 2 + tau_t]])
        for direction, mean, variance in said:
            if compared or direction == (1.0, 0.0):
                y.append(mean)
                design.append(direction)
                blocks.append([[variance]])
        n = len(y)
        cov, i = np.zeros((n, n)), 0
        for block in blocks:
            k = len(block)
            cov[i : i + k, i : i + k] = block
            i += k
        X = np.array(design)[:, : 2 if compared else 1]
        weight = np.linalg.pinv(cov, hermitian=True)
        spread = np.linalg.inv(X.T @ weight @ X)
        mean = spread @ X.T @ weight @ np.array(y)
        if not compared:
            return float(mean[0]), float(spread[0, 0]) + tau_t, None, 0.0, 0.0
        return (
            float(mean[0]),
            float(spread[0, 0]) + tau_t,
            float(mean[1]),
            float(spread[1, 1]) + tau_a,
            float(spread[0, 1]) + cross,
        )

    def between(self, y: list[float], v: list[float], rows: list[Row], usual: float | None) -> float:
        found, free = moment(y, v), len(y) - 1
        if usual is not None and free > 0:
            found = (free * found + USUAL_WEIGHT * usual) / (free + USUAL_WEIGHT)
        return max(float(np.mean([TAU[r["grade_certainty"]] ** 2 for r in rows])), found)

    def sampling(self, base: list[Row], compared: list[Row]) -> tuple[float, float]:
        def of(y: list[float], v: list[float]) -> float:
            tau2 = moment(y, v)
            return 1 / sum(1 / (e + tau2) for e in v)

        both = [self.control(r) for r in compared]
        return (
            of(
                [self.treated(r) - self.middle(r, base) for r in base],
                [float(r["se_logit"]) ** 2 for r in base],
            ),
            of(
                [y - self.middle(r, base) for (y, _), r in zip(both, compared, strict=True)],
                [v for _, v in both],
            ),
        )

    # --- all cells of a condition ----------------------------------------------------------------------
    def cells(self, condition: str, weeks: int) -> dict[str, Answer]:
        found: dict[str, Answer] = {}
        for option in self.options:
            made = self.own(condition, option, weeks)
            for lender in [] if made else self.lenders[condition]:
                made = self.own(lender, option, weeks, direct=False)
                if made:
                    made.borrowed = lender
                    s, a = math.sqrt(made.vt), math.sqrt(made.va)
                    made.vt = (s + BORROW) ** 2
                    if made.a is not None:
                        made.c *= (s + BORROW) * (a + BORROW) / (s * a)
                        made.va = (a + BORROW) ** 2
                    break
            if made:
                found[option] = made
        self.waveforms(found)
        return found

    def waveforms(self, found: dict[str, Answer]) -> None:
        """Stimulation of one condition is drawn to its common mean; the control follows by regression."""
        held = [
            a
            for o, a in found.items()
            if o in WAVEFORMS and a.in_window and not a.borrowed and a.outcome in ("pain50", "pain30")
        ]
        if len(held) < 2:
            return
        steps = [self.step if a.outcome == "pain30" else 0.0 for a in held]
        y, v = [a.t - s for a, s in zip(held, steps, strict=True)], [a.vt for a in held]
        omega = max(0.2**2, moment(y, v))
        w = [1 / (e + omega) for e in v]
        common = sum(a * b for a, b in zip(w, y, strict=True)) / sum(w)
        for a, step, value, variance in zip(held, steps, y, v, strict=True):
            keep = omega / (omega + variance)
            t, vt = keep * value + (1 - keep) * common + step, variance * keep + (1 - keep) ** 2 / sum(w)
            control, va, c = a.a, a.va, a.c
            if a.a is not None:
                slope = a.c / a.vt
                control, va, c = a.a + slope * (t - a.t), a.va - slope**2 * (a.vt - vt), slope * vt
            pair: tuple = (t, vt, control, va, c)
            if a.errors is not None and a.alone is not None:
                alone = a.alone
                pair = limit((alone.t, alone.vt, alone.a, alone.va, alone.c), pair, a.errors)
            a.t, a.vt, a.a, a.va, a.c = pair
