"""The checks of docs/validation.md: leave one trial out, simulated clinics. Not performance on patients.

python benchmarks/validation.py [--clinics 40] [--seed 20261124]
"""

import argparse

import numpy as np

from pain_tui.forecast import check, load, simulate

COINS = 300  # clinics whose outcomes are a coin: enough to bound a rate of 1 in 100


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--clinics", type=int, default=40)
    asked.add_argument("--seed", type=int, default=20261124)
    options = asked.parse_args()
    _trials()
    model, random = load.load(), np.random.default_rng(options.seed)
    print(f"\nmodel {model.version}, simulated clinics (seed {options.seed})")
    for missing, words in ((0.0, "everything recorded"), (0.5, "half recorded")):
        found = simulate.discrimination(model, random, clinics=200, size=2000, share_missing=missing)
        low, high = np.quantile(found, (0.1, 0.9))
        print(
            f"AUC of the prior on 200 clinics drawn from itself, {words}: {found.mean():.3f} "
            f"(80 % of clinics {low:.3f} to {high:.3f})"
        )
    share = simulate.interval_coverage(model, random, clinics=options.clinics, size=300)
    print(f"true probabilities inside the 80 % interval: {share:.1%}")
    _updating(model, random, options.clinics)


def _trials() -> None:
    for bias in (True, False):
        held = check.leave_one_out(bias=bias)
        flat = {arm: check.same_rate_for_all(bias=bias, arm=arm) for arm in ("treated", "control")}
        print(
            f"leave one trial out, bias rule {'on' if bias else 'off'}: "
            f"{len({h.trial_id for h in held})} trials"
        )
        print(
            f"{'arm':<10}{'predicted from':<24}{'arms':>5}{'inside 80 %':>13}"
            f"{'error':>8}{'same rate for all':>19}"
        )
        tiers = (
            *(((t,), t) for t in check.TIERS),
            (check.SHOWN, "as the program shows"),
            (check.TIERS, "all"),
        )
        for arm in ("treated", "control"):
            for members, name in tiers:
                _line(arm, name, [h for h in held if h.arm == arm and h.tier in members], flat[arm])
        _line("treated", check.LEVEL, [h for h in held if h.arm == "level"], flat["treated"])
        extra = check.extra_errors(held)
        print(f"extra     as the program shows{len(extra):>9}{'':>13}{np.mean(extra):>8.3f}")


def _line(arm: str, name: str, part: list[check.Held], flat: dict[str, float]) -> None:
    if part:
        error = np.mean([h.error for h in part])
        same = np.mean([flat[h.row_id] for h in part if h.row_id in flat])
        print(f"{arm:<10}{name:<24}{len(part):>5}{check.coverage(part):>12.0%} {error:>8.3f}{same:>16.3f}")


def _updating(model: load.Model, random: np.random.Generator, clinics: int) -> None:
    print("\nupdating on a clinic's own outcomes, judged on as many later people of that clinic")
    print(f"{'clinic':<22}{'outcomes':>9}{'distance before':>17}{'after':>8}{'coverage':>10}{'promoted':>12}")
    kinds = (
        ("as the evidence", {}),
        ("worse by 0.7 logit", {"shift": -0.7}),
        ("outcomes a coin", {"noise": True}),
    )
    for name, how in kinds:
        for size in (50, 200, 1000, 5000):
            number = COINS if how.get("noise") and size <= 1000 else clinics
            made = [simulate.update(model, random, size, fresh=size, **how) for _ in range(number)]  # type: ignore[arg-type] - keywords by kind
            before, after = (
                np.mean([getattr(u, k) for u in made]) for k in ("calibration_before", "calibration_after")
            )
            inside = np.mean([u.coverage_after for u in made])
            promoted = sum(u.promoted for u in made)
            print(f"{name:<22}{size:>9,}{before:>17.3f}{after:>8.3f}{inside:>10.0%}{promoted:>7} of {number}")


if __name__ == "__main__":
    main()
