"""How long do all findings take, for a clinic and for one person?

    python benchmarks/findings.py [PEOPLE]

Prints seconds per 100,000 people with the full rule set (aim: under 30 on two cores), the ratio to one plain SQL
comparison for every rule and person, the share of the steps, and the median for one person (aim: at most
60 ms). Fictional people, seeded; nothing is written.
"""

import statistics
import sys
import time
from collections.abc import Mapping

import duckdb

from pain_tui.assess import case, engine
from pain_tui.knowledge import load, plans, rules
from pain_tui.patients.fictional.people import default_as_of, draw_people
from pain_tui.patients.normalise import records

LAST = "095"  # findings; what comes after is the forecast's
AIM_SECONDS, AIM_MEDIAN_MS = 30.0, 60.0
DRAWN = 500  # people drawn; a larger clinic repeats them under other names, the work is the same


def main(people: int = 10_000) -> None:
    instance = load.connect()
    drawn = [_rows(record) for record in draw_people(min(DRAWN, people), 1, default_as_of())]
    cursor = instance.cursor()
    copies = _clinic(cursor, drawn, people)
    began = time.perf_counter()
    shares = _run(cursor)
    whole = time.perf_counter() - began
    per_100k = whole / (len(drawn) * copies) * 100_000
    compared = _comparisons(cursor)
    print(
        f"people {len(drawn) * copies:,}: {whole:.2f} s, {per_100k:.1f} s per 100,000 (aim {AIM_SECONDS:.0f})"
    )
    print(f"ratio to as many plain comparisons: {whole / compared:.1f}")
    for name, seconds in sorted(shares.items(), key=lambda pair: -pair[1])[:8]:
        print(f"  {name:24} {seconds:6.2f} s  {100 * seconds / whole:3.0f} %")
    median = _one(instance.cursor(), drawn[0])
    print(f"one person, warm: median {median:.0f} ms (aim {AIM_MEDIAN_MS:.0f})")


def _rows(record: dict[str, object]) -> case.CaseRows:
    return records.normalise(record, place="drawn", as_of=default_as_of()).case


def _clinic(cursor: duckdb.DuckDBPyConnection, drawn: list[case.CaseRows], people: int) -> int:
    """Load the drawn people, each as often as it takes; returns how often."""
    tables: dict[str, list[Mapping[str, object]]] = {}
    for rows in drawn:
        for name, own in rows.items():
            tables.setdefault(name, []).extend(own)
    case.from_records(cursor, tables, case.Run(default_as_of()))
    copies = max(1, people // len(drawn))
    for table in case.TABLES:
        names = [name for name, _ in case.columns_of(table)]
        if "person" in names:
            picked = ", ".join("person || '-' || g.i AS person" if n == "person" else f'"{n}"' for n in names)
            cursor.execute(
                f"CREATE OR REPLACE TEMP TABLE case_{table} AS "
                f"SELECT {picked} FROM case_{table}, range({copies}) g(i)"
            )
    return copies


def _run(cursor: duckdb.DuckDBPyConnection) -> dict[str, float]:
    shares = {}
    for step in engine.steps():
        if step.name[:3] > LAST:
            break
        began = time.perf_counter()
        step.run(cursor)
        shares[step.name] = time.perf_counter() - began
    return shares


def _comparisons(cursor: duckdb.DuckDBPyConnection) -> float:
    """Seconds for one numeric comparison for every rule and person, on two plain columns."""
    people = cursor.execute("SELECT count(*) FROM people").fetchone()
    count = (people[0] if people else 1) * len(rules.packaged())
    cursor.execute(
        f"CREATE OR REPLACE TEMP TABLE plain AS SELECT random() AS a, random() AS b FROM range({count})"
    )
    began = time.perf_counter()
    cursor.execute("SELECT count(*) FILTER (a > b) FROM plain").fetchone()
    return time.perf_counter() - began


def _one(cursor: duckdb.DuckDBPyConnection, rows: case.CaseRows) -> float:
    plans.keep(cursor)
    times = []
    for _ in range(12):
        case.from_records(cursor, rows, case.Run(default_as_of()))
        plans.begin(cursor)
        began = time.perf_counter()
        _run(cursor)
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times[4:])


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:2]))
