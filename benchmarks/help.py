"""How long does `pain-tui --help` take, beside the `--help` of a bare typer application in the same run?

Runs alternate, so that a busy machine slows both; the limit is the ratio of the medians.

    python benchmarks/help.py [--runs 21]
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import time

BARE = """
import typer
app = typer.Typer(rich_markup_mode=None, add_completion=False, pretty_exceptions_enable=False)
@app.command()
def one(name: str) -> None:
    "Say the name."
@app.command()
def two(name: str) -> None:
    "Say it twice."
app()
"""
LIMIT = 1.5
OURS = {
    "pain-tui --help": ["--help"],
    "pain-tui score --help": ["score", "--help"],
    "pain-tui --version": ["--version"],
}


def run(command: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """Seconds on the clock, and of processor time (steadier when the machine is busy)."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment)
    clock = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return clock, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Run and print; the exit code says whether the limit is kept."""
    words = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    words.add_argument("--runs", type=int, default=21)
    given = words.parse_args()
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    commands = {"bare typer --help": [sys.executable, "-c", BARE, "--help"]}
    commands |= {name: [sys.executable, "-m", "pain_tui", *more] for name, more in OURS.items()}
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    for number in range(given.runs + 1):
        for name, command in commands.items():
            taken = run(command, environment)
            if number:  # the first round writes the bytecode
                times[name].append(taken)
    middle = {name: [statistics.median(t[n] for t in found) for n in (0, 1)] for name, found in times.items()}
    bare = middle["bare typer --help"]
    for name, (clock, work) in middle.items():
        print(
            f"{name:<22} {clock * 1000:6.0f} ms, processor {work * 1000:4.0f} ms   "
            f"{clock / bare[0]:.2f} of bare typer (processor {work / bare[1]:.2f})"
        )
    ratio = middle["pain-tui --help"][0] / bare[0]
    print(f"`pain-tui --help` is {ratio:.2f} of it, at most {LIMIT}")
    sys.exit(0 if ratio <= LIMIT else 1)


if __name__ == "__main__":
    main()
