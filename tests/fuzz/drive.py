"""The coverage-guided fuzzer on one target. Not a test; needs the package atheris, which is not in the locks.

    python -m pip install atheris        (in an environment of its own that also has pain-tui)
    python -m tests.fuzz.drive TARGET --inputs 100000

Ends with 0 when that many inputs gave neither a traceback, nor one that took over 10 seconds, nor more than 1 GB of
memory; otherwise the input that did it is written as `crash-...`, `timeout-...` or `oom-...` into the folder.
"""

import argparse
import sys
import tempfile
from pathlib import Path

SECONDS = 10
MEGABYTES = 1024
LONGEST = 4096  # bytes of one input


def main() -> None:
    """Instrument, seed, run."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("target")
    asked.add_argument("--inputs", type=int, default=100_000)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--folder", type=Path, help="where a faulty input is written")
    options = asked.parse_args()
    import atheris  # type: ignore[import-not-found]

    with atheris.instrument_imports(include=["pain_tui"]):
        from tests.fuzz import targets
    from pain_tui.patients import crypt

    crypt._MOST_MEMORY = 2**21  # a crafted keys file may ask for much; the limit itself has a test
    target = targets.TARGETS[options.target]
    with tempfile.TemporaryDirectory() as scratch:
        start, work = Path(scratch) / "corpus", Path(scratch) / "work"
        start.mkdir()
        work.mkdir()
        kept = [each.read_bytes() for each in targets.corpus(target.name)]
        for number, seed in enumerate((*target.seeds, *kept)):
            (start / f"seed-{number}").write_bytes(seed)
        folder = options.folder or Path.cwd()
        words = [
            sys.argv[0],
            f"-runs={options.inputs}",
            f"-seed={options.seed}",
            f"-timeout={SECONDS}",
            f"-rss_limit_mb={MEGABYTES}",
            f"-max_len={LONGEST}",
            f"-artifact_prefix={folder}/",
            "-print_final_stats=1",
            str(start),
        ]
        atheris.Setup(words, lambda data: target.run(data, work))
        atheris.Fuzz()


if __name__ == "__main__":
    main()
