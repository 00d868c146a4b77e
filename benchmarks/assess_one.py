"""How long does one assessment take, warm, and where does the time go?

Assesses people made by hand, one after the other, on a cursor that keeps its plans (as the screens do), and
prints the median with the shares of DuckDB, model and formatting, and the slowest steps; then how long it
takes after one change of a pain score, as while it is typed.

    python benchmarks/assess_one.py [--rounds 20] [--plain]
"""

import argparse
import json
import statistics
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from pain_tui.assess import case, engine
from pain_tui.assess.assessment import assess_people
from pain_tui.cli.common import json_text
from pain_tui.knowledge import load, plans
from pain_tui.patients.normalise.records import normalise

PEOPLE = Path(__file__).resolve().parents[1] / "tests" / "golden" / "people.jsonl"
AS_OF = date(2026, 11, 24)
TARGET_MS = 100
WARM_UP = 3  # rounds until tables and plans stand


def _share_of(step: str) -> str:
    return "model" if step.startswith("100") else "formatting" if step == "format" else "duckdb"


def _assess(cursor: duckdb.DuckDBPyConnection, rows: dict[str, Any], spent: dict[str, float]) -> None:
    def timed(name: str, work: Callable[[], Any]) -> Any:
        start = time.perf_counter()
        made = work()
        spent[name] += time.perf_counter() - start
        return made

    timed("case", lambda: case.from_records(cursor, rows, case.Run(AS_OF)))
    for step in engine.steps():
        timed(step.name, lambda step=step: step.run(cursor))
    found = timed("read", lambda: assess_people(cursor)[0])
    timed("format", lambda: json_text(found.as_dict()))


def _edited(cursor: duckdb.DuckDBPyConnection, rows: dict[str, Any], score: int) -> float:
    """Seconds from a changed pain score to the whole answer; what it does not touch stays."""
    person = rows["person"][0]["person"]
    typed = {"person": person, "row_id": "typed", "code": "nrs_average", "value": score, "at": AS_OF}
    start = time.perf_counter()
    case.from_records(cursor, {**rows, "observation": [*rows.get("observation", []), typed]}, case.Run(AS_OF))
    engine.run(cursor)
    json_text(assess_people(cursor)[0].as_dict())
    return time.perf_counter() - start


def main() -> None:
    """Run and print."""
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--rounds", type=int, default=20)
    options.add_argument("--plain", action="store_true", help="without kept plans")
    asked = options.parse_args()
    people = [
        normalise(json.loads(line), place="benchmark", as_of=AS_OF).case
        for line in PEOPLE.read_text(encoding="utf-8").splitlines()
    ]
    cursor = load.connect().cursor()
    if not asked.plain:
        plans.keep(cursor)
    totals: list[float] = []
    steps: dict[str, list[float]] = defaultdict(list)
    for turn in range(WARM_UP + asked.rounds):
        for rows in people:
            spent: dict[str, float] = defaultdict(float)
            _assess(cursor, rows, spent)
            if turn >= WARM_UP:
                totals.append(sum(spent.values()))
                for name, seconds in spent.items():
                    steps[name].append(seconds)
    _print(totals, steps)
    after: list[float] = []
    for rows in people:
        _edited(cursor, rows, 0)
        after += [_edited(cursor, rows, 1 + turn % 9) for turn in range(asked.rounds)]
    median, least, most = (1000 * x for x in (statistics.median(after), min(after), max(after)))
    print(f"after one change of a pain score: median {median:.0f} ms [{least:.0f}-{most:.0f}]")


def _print(totals: list[float], steps: dict[str, list[float]]) -> None:
    median = statistics.median(totals) * 1000
    print(
        f"one assessment, warm: median {median:.0f} ms [{min(totals) * 1000:.0f}-{max(totals) * 1000:.0f}], "
        f"{median / TARGET_MS:.2f} of the {TARGET_MS} ms aimed at, over {len(totals)} assessments"
    )
    shares: dict[str, float] = defaultdict(float)
    for name, seconds in steps.items():
        shares[_share_of(name)] += statistics.median(seconds) * 1000
    print("  " + ", ".join(f"{name} {spent:.0f} ms" for name, spent in sorted(shares.items())))
    slowest = sorted(steps, key=lambda name: -statistics.median(steps[name]))[:10]
    for name in slowest:
        print(f"  {name:24} {statistics.median(steps[name]) * 1000:6.1f} ms")


if __name__ == "__main__":
    main()
