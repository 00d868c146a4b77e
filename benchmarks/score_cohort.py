"""How fast is a whole clinic scored, against the least that any scoring must do?

Scores a fictional clinic and prints people per second, peak memory, and the ratio to the bound: reading the
table of facts, one matrix product, and writing the same Parquet file, by the same DuckDB and NumPy.

    python benchmarks/score_cohort.py [--people 10000] [--jobs 2]
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import numpy as np

FACTS = 60  # columns a linear model would read
MODEL_COLUMNS = 30


def _make(people: int, path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "pain_tui",
        "sample",
        "--people",
        str(people),
        "--seed",
        "1",
        "--out",
        str(path),
    ]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def _score(path: Path, out: Path, jobs: int) -> tuple[float, float]:
    """Seconds and peak memory (MB) of `pain-tui score` in a process of its own."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    start = time.perf_counter()
    command = [sys.executable, "-m", "pain_tui", "score", str(path), "--out", str(out / "forecast.parquet")]
    command += ["--findings", str(out / "findings.parquet"), "--jobs", str(jobs)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    seconds = time.perf_counter() - start
    return seconds, max(before, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) / 1024


def _bound(people: int, out: Path) -> float:
    """Seconds to read facts of so many people, multiply once, and write the forecasts as they were written."""
    connection = duckdb.connect(":memory:")
    columns = ", ".join(f"random() AS f{n}" for n in range(FACTS))
    connection.execute(f"CREATE TABLE facts AS SELECT {columns} FROM range({people})")
    connection.execute(f"CREATE TABLE forecast AS FROM '{out / 'forecast.parquet'}'")
    weights = np.random.default_rng(0).normal(size=(FACTS, MODEL_COLUMNS))
    start = time.perf_counter()
    read = connection.execute("SELECT * FROM facts").fetchnumpy()
    product = np.column_stack(list(read.values())) @ weights
    connection.execute(f"COPY forecast TO '{out / 'bound.parquet'}' (FORMAT parquet, COMPRESSION zstd)")
    assert product.shape == (people, MODEL_COLUMNS)
    return time.perf_counter() - start


def main() -> None:
    """Run and print."""
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--people", type=int, default=10_000)
    options.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options.add_argument("--file", type=Path, help="a fictional clinic that is there already")
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = asked.file or Path(folder) / "clinic.duckdb"
        if asked.file is None:
            _make(asked.people, path)
        seconds, memory = _score(path, Path(folder), asked.jobs)
        bound = _bound(asked.people, Path(folder))
        speed = f"{asked.people / seconds:.0f} people a second, peak {memory:.0f} MB"
        print(f"score of {asked.people} people with {asked.jobs} jobs: {seconds:.1f} s, {speed}")
        print(
            f"bound (read facts, multiply once, write the Parquet): {bound:.2f} s; ratio {seconds / bound:.0f}"
        )


if __name__ == "__main__":
    main()
