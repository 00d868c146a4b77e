"""How long do a million diplotypes take, against DuckDB's plain read, join and write of the same file?

    python benchmarks/genotype_phenotype.py [ROWS]

Prints processor seconds and their ratio; the bound is 5. The plain side joins both alleles to their functions and
writes CSV.
"""

import csv
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from pain_tui.knowledge.load import FOLDER

GENES = ("CYP2D6", "CYP2C9", "CYP2C19", "CYP2B6", "CYP3A4", "CYP3A5")
DRUGS = ("", "", "", "paroxetine", "duloxetine", "fluoxetine|metformin", "omeprazole")
BOUND = 5.0

_PLAIN = """
import duckdb, sys
source, alleles, target = sys.argv[1:]
table = f"read_csv('{alleles}', all_varchar = true)"
functions = f"(SELECT DISTINCT gene, allele, clinical_function AS f FROM {table})"
duckdb.connect().execute(f'''COPY (
    SELECT i.*, a.f, b.f
    FROM (SELECT *, split_part(diplotype, '/', 1) AS x, split_part(diplotype, '/', 2) AS y
        FROM read_csv('{source}', header = true, all_varchar = true)) i
    LEFT JOIN {functions} a ON a.gene = i.gene AND a.allele = i.x
    LEFT JOIN {functions} b ON b.gene = i.gene AND b.allele = i.y) TO '{target}' (HEADER)''')
"""


def main(rows: int = 1_000_000) -> None:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "pairs.csv"
        make(source, rows)
        plain = seconds(
            [
                sys.executable,
                "-c",
                _PLAIN,
                str(source),
                str(FOLDER / "clinpgx/alleles.csv"),
                f"{folder}/plain.csv",
            ]
        )
        ours = seconds(
            [sys.executable, "-m", "pain_tui", "phenotype", "--csv", str(source)], Path(folder) / "ours.csv"
        )
    print(
        f"rows {rows:,}  processor: plain {plain[0]:.2f} s  phenotype {ours[0]:.2f} s  ratio "
        f"{ours[0] / plain[0]:.2f} (bound {BOUND:.0f})  clock: {plain[1]:.2f} s and {ours[1]:.2f} s"
    )


def make(target: Path, rows: int) -> None:
    """Random pairs of listed alleles, some with drugs; the same every time."""
    draw = random.Random(1)
    alleles: dict[str, list[str]] = {gene: [] for gene in GENES}
    with (FOLDER / "clinpgx/alleles.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["gene"] in alleles and row["allele"] not in alleles[row["gene"]]:
                alleles[row["gene"]].append(row["allele"])
    with target.open("w", encoding="utf-8") as out:
        out.write("gene,diplotype,inhibitors\n")
        for _ in range(rows):
            gene = draw.choice(GENES)
            out.write(
                f"{gene},{draw.choice(alleles[gene])}/{draw.choice(alleles[gene])},{draw.choice(DRUGS)}\n"
            )


def seconds(command: list[str], output: Path | None = None) -> tuple[float, float]:
    """Processor time and clock time, the best of two runs, so that neither side pays for a cold disk."""
    times = []
    for _ in range(2):
        began, used = time.perf_counter(), _used()
        with (output or Path("/dev/null")).open("wb") as target:
            subprocess.run(command, check=True, stdout=target)
        times.append((_used() - used, time.perf_counter() - began))
    return min(times)


def _used() -> float:
    """Processor seconds of the children so far: other work on the machine does not count."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return children.ru_utime + children.ru_stime


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
