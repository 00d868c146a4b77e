"""How long does calling take: a whole-genome VCF, and many small ones?

    python benchmarks/genotype_call.py [LINES] [SAMPLES]

Whole genome: one gzip VCF of LINES (4 million), against reading every line of it once with Python's gzip
(bound 1.5), and the same bgzip file with a tabix index (bound 1 second). Small files: SAMPLES (1,000) VCFs
at the positions of the tables, in samples a second, against reading their lines with split().
All times are processor time, so that other work on the machine does not count.
"""

import gzip
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

# The tests' writer of indexed files lies beside this folder, so the path comes before these imports.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from pain_tui.genotype.call import call_file  # noqa: E402 - after the path is set
from pain_tui.genotype.definitions import load  # noqa: E402 - after the path is set
from tests.genotype.bgzip import write_indexed  # noqa: E402 - after the path is set

BOUND_LINES, BOUND_INDEX = 1.5, 1.0
HEADER = (
    "##fileformat=VCFv4.2\n##reference=GRCh38\n"
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n'
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tsample\n"
)


def main(lines: int = 4_000_000, samples: int = 1_000) -> None:
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "whole.vcf.gz"
        text = whole_genome(lines)
        with gzip.open(whole, "wb", compresslevel=1) as file:
            file.write(text)
        indexed = Path(folder) / "indexed.vcf.gz"
        write_indexed(indexed, text)
        del text
        reading, calling, through_index = (
            best(lambda: read_lines(whole)),
            best(lambda: call_file(whole)),
            best(lambda: call_file(indexed)),
        )
        print(
            f"{lines:,} lines  reading {reading:.2f} s  call {calling:.2f} s  ratio "
            f"{calling / reading:.2f} (bound {BOUND_LINES})"
        )
        print(f"with a tabix index  call {through_index:.2f} s (bound {BOUND_INDEX:.0f} s)")
        small = [Path(folder) / f"{n}.vcf" for n in range(samples)]
        for number, path in enumerate(small):
            path.write_text(small_file(number), encoding="utf-8")
        calling, reading = (
            best(lambda: [call_file(path) for path in small], 1),
            best(lambda: [split_lines(path) for path in small], 1),
        )
        print(
            f"{samples:,} small files  {samples / calling:.0f} samples a second  plain reader "
            f"{samples / reading:.0f}  ratio {calling / reading:.1f}"
        )


def best(work: Callable[[], object], runs: int = 2) -> float:
    times = []
    for _ in range(runs):
        began = time.process_time()
        work()
        times.append(time.process_time() - began)
    return min(times)


def read_lines(path: Path) -> int:
    """Every line once, nothing done with it."""
    with gzip.open(path, "rb") as file:
        return sum(1 for _ in file)


def split_lines(path: Path) -> int:
    with path.open(encoding="utf-8") as file:
        return sum(len(line.split("\t")) for line in file)


def whole_genome(lines: int) -> bytes:
    """Sorted random variants on all chromosomes, and every position of the tables as reference."""
    draw = random.Random(7)
    wanted = load().wanted("GRCh38")
    parts = [HEADER]
    for chrom in [f"chr{n}" for n in range(1, 23)] + ["chrX"]:
        rows = {draw.randrange(10_000, 150_000_000): "A\tG" for _ in range(lines // 23)}
        rows.update({place: f"{p[0].ref}\t{p[0].alts[0]}" for place, p in wanted.get(chrom, {}).items()})
        parts += [
            f"{chrom}\t{place}\t.\t{rows[place]}\t50\tPASS\tAC=1;AN=2;DP=30\tGT:DP:GQ\t0/0:30:99\n"
            for place in sorted(rows)
        ]
    return "".join(parts).encode()


def small_file(seed: int) -> str:
    draw = random.Random(seed)
    rows = [
        (chrom, place, positions[0])
        for chrom, places in load().wanted("GRCh38").items()
        for place, positions in sorted(places.items())
    ]
    return HEADER + "".join(
        f"{chrom}\t{place}\t{p.rsid or '.'}\t{p.ref}\t{p.alts[0]}\t.\tPASS\t.\tGT\t"
        f"{'0/1' if draw.random() < 0.005 else '0/0'}\n"
        for chrom, place, p in rows
    )


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:3]))
