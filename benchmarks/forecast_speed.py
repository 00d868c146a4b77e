"""How fast are forecasts for many people, beside the bare matrix products of the same shape?

People are drawn from the fixed population table, half of their inputs missing, and forecast for the options
of one condition, in partitions, as `score` does. The bound: the three NumPy products a model of that shape
cannot do without (mean, variance of known, variance of missing), and one exponential an interval limit.
Also: the load of the model, one person, and memory over the partitions.

    python benchmarks/forecast_speed.py [--people 1000000] [--partition 50000]
"""

import argparse
import resource
import statistics
import sys
import time
from typing import Any

import numpy as np

CONDITION = "lumbar_radicular"


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--people", type=int, default=1_000_000)
    asked.add_argument("--partition", type=int, default=50_000)
    options = asked.parse_args()

    before = time.perf_counter()
    from pain_tui.forecast import load, simulate
    from pain_tui.forecast.predict import Rows, predict

    imported = time.perf_counter()
    model = load.load()
    loaded = time.perf_counter()
    print(
        f"import {1e3 * (imported - before):.0f} ms (numpy with it), load {1e3 * (loaded - imported):.0f} ms"
    )
    print(f"scikit-learn imported: {'sklearn' in sys.modules}")

    ids = [
        c["option"] for c in model.cells if (c["condition"], c["horizon"], c["bias"]) == (CONDITION, 12, True)
    ][:12]
    cell = np.array([model.cell_of(CONDITION, k, 12) for k in ids])
    pair = np.array([model.pair_of(CONDITION, k) for k in ids])
    random = np.random.default_rng(1)

    one = _rows(Rows, cell, pair, *simulate.population(model, random, 1, 0.5))
    times = []
    for _ in range(200):
        start = time.perf_counter()
        predict(model, one)
        times.append(time.perf_counter() - start)
    print(f"one person, {len(ids)} options: median {1e3 * statistics.median(times):.2f} ms")

    x, state = simulate.population(model, random, options.partition, 0.5)
    rows = _rows(Rows, cell, pair, x, state)
    ours = bound = 0.0
    peaks = []
    partitions = max(1, options.people // options.partition)
    for _ in range(partitions):
        start = time.perf_counter()
        predict(model, rows)
        ours += time.perf_counter() - start
        start = time.perf_counter()
        _bound(model, pair, x, state)
        bound += time.perf_counter() - start
        peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    count = partitions * options.partition
    print(f"{count:,} people x {len(ids)} options: {ours:.1f} s, {count / ours:,.0f} people a second")
    print(f"bare products and exponentials of the same shape: {bound:.1f} s; ratio {ours / bound:.1f}")
    print(f"peak memory {peaks[0]:.0f} MB after the first partition, {peaks[-1]:.0f} MB after the last")


def _rows(kind: Any, cell: Any, pair: Any, x: Any, state: Any) -> Any:
    people, options = len(x), len(cell)
    return kind(np.tile(cell, people), np.tile(pair, people), x, state, np.repeat(np.arange(people), options))


def _bound(model: Any, pair: Any, x: Any, state: Any) -> Any:
    """Mean and variance of both arms by dense products, 18 exponentials a row."""
    beta, sd = model.slope_mean["default"][pair].T, model.slope_sd["default"][pair].T
    known = np.where(state == 0, x, 0.0)
    missing = (state != 0).astype(float)
    out = 0.0
    for arm in (slice(None), model.on_control):
        mean = known[:, arm] @ beta[arm]
        variance = (known[:, arm] ** 2) @ (sd[arm] ** 2)
        variance += missing[:, arm] @ ((beta[arm] ** 2 + sd[arm] ** 2) * model.term_variance[arm][:, None])
        for _ in range(9):
            out += float(np.exp(mean)[0, 0])
    return out


if __name__ == "__main__":
    main()
