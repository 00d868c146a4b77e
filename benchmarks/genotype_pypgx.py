"""How many small VCFs a second does pypgx call for the genes it shares with this program, and how many do we?

    python benchmarks/genotype_pypgx.py PYTHON_WITH_PYPGX [SAMPLES]

PYTHON_WITH_PYPGX: the interpreter of an environment of its own (pip install pypgx "numpy<2" "pandas<2.3"). pypgx wants
phased, indexed files and is run without phasing (its long-read pipeline), five genes a file; this program calls all of
its genes. Processor time of both, imports left out.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

# Run as a file, so this folder and the one above are named before the imports that need them.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from genotype_call import best, small_file  # noqa: E402 - after the path is set

from pain_tui.genotype.call import call_file  # noqa: E402 - after the path is set

GENES = ["CYP2C9", "CYP2C19", "CYP2B6", "CYP3A4", "CYP3A5"]
_THEIRS = """
import contextlib, io, json, sys, time, warnings
warnings.simplefilter("ignore")
import pysam
from pypgx.api import pipeline
files, genes, folder = json.loads(sys.argv[1])
began = time.process_time()
for file in files:
    packed = pysam.tabix_index(file, preset="vcf", keep_original=True, force=True)
    for gene in genes:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            pipeline.run_long_read_pipeline(gene, f"{folder}/{gene}", packed, force=True, assembly="GRCh38")
print(time.process_time() - began)
"""


def main(python: str, samples: int = 10) -> None:
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / f"{number}.vcf" for number in range(samples)]
        for number, path in enumerate(files):
            path.write_text(phased(number), encoding="utf-8")
        asked = json.dumps([[str(path) for path in files], GENES, folder])
        done = subprocess.run([python, "-c", _THEIRS, asked], check=True, stdout=subprocess.PIPE, text=True)
        theirs = float(done.stdout.split()[-1])
        ours = best(lambda: [call_file(path) for path in files], 1)
    print(
        f"{samples} files  pypgx {samples / theirs:.2f} samples a second ({len(GENES)} genes)  "
        f"call {samples / ours:.0f} (all genes)  {theirs / ours:.0f} times as fast"
    )


def phased(seed: int) -> str:
    """The small file with every genotype phased and its contigs in the header, as pypgx asks for them."""
    head = "".join(f"##contig=<ID=chr{name}>\n" for name in [*range(1, 23), "X"])
    text = small_file(seed).replace("\t0/1\n", "\t0|1\n").replace("\t0/0\n", "\t0|0\n")
    return text.replace("##reference=GRCh38\n", "##reference=GRCh38\n" + head)


if __name__ == "__main__":
    main(sys.argv[1], *(int(word) for word in sys.argv[2:3]))
