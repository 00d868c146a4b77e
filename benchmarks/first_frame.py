"""How long until the clinic list is on the screen, beside a bare Textual application and two known programs?

All run in a pseudo-terminal of 120 x 40. Measured: from the start of the process until a given text has been
painted. Runs alternate, so that a busy machine slows all alike; the limits are ratios of medians in one run.

    python benchmarks/first_frame.py [FILE] [--runs 9] [--no-peers]

Without FILE a fictional clinic of 100 people is made in a temporary folder.
"""

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import peers
from terminal import Terminal, installed

BARE = """
from textual.app import App
from textual.widgets import Static
class Bare(App):
    BINDINGS = [("q", "quit", "Quit")]
    def compose(self):
        yield Static("PAINTED")
Bare().run()
"""
OURS = "clinic list"
MARKER = "order: flag"
TO_BARE, TO_PEERS = 2.0, 0.5  # the most that our first frame may take of theirs


@dataclass
class Program:
    """What is started, the text it paints, its limit, and what was measured: clock and processor seconds."""

    name: str
    command: list[str]
    marker: str
    limit: float | None
    clock: list[float] = field(default_factory=list)
    work: list[float] = field(default_factory=list)

    def run(self, environment: dict[str, str]) -> None:
        """Once, until its text is painted."""
        with Terminal(self.command, environment) as terminal:
            self.clock.append(terminal.wait_for(self.marker, limit=60))
            self.work.append(terminal.processor())


def clinic(folder: Path, people: int = 100) -> Path:
    """A fictional clinic."""
    file = folder / "clinic.duckdb"
    words = ["sample", "--people", str(people), "--seed", "1", "--out", str(file)]
    subprocess.run([sys.executable, "-m", "pain_tui", *words], check=True, capture_output=True)
    return file


def programs(file: Path, folder: Path, with_peers: bool) -> list[Program]:
    """Ours last; harlequin opens a copy of the same file."""
    found = [Program("bare Textual", [sys.executable, "-c", BARE], "PAINTED", TO_BARE)]
    if with_peers:
        copy = Path(shutil.copy(file, folder / "copy.duckdb"))
        found += [Program(peer.name, peer.command(copy), peer.marker, TO_PEERS) for peer in peers.made()]
    return [*found, Program(OURS, [sys.executable, "-m", "pain_tui", str(file)], MARKER, None)]


def report(found: list[Program]) -> bool:
    """Print medians and ratios; whether all limits are kept."""
    ours, kept = found[-1], True
    for one in found:
        line = (
            f"{one.name:<14} {statistics.median(one.clock) * 1000:6.0f} ms  [{min(one.clock) * 1000:.0f}-"
            f"{max(one.clock) * 1000:.0f}]   processor {statistics.median(one.work) * 1000:.0f} ms"
        )
        if one.limit is not None:
            clock = statistics.median(ours.clock) / statistics.median(one.clock)
            work = statistics.median(ours.work) / statistics.median(one.work)
            line += f"   ours is {clock:.2f} of it (processor {work:.2f}), at most {one.limit:.2f}"
            kept = kept and clock <= one.limit
        print(line)
    return kept


def main() -> None:
    """Run and print; the exit code says whether the limits are kept."""
    words = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    words.add_argument("file", nargs="?", type=Path)
    words.add_argument("--runs", type=int, default=9)
    words.add_argument("--no-peers", action="store_true", help="without the two known programs")
    given = words.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = given.file or clinic(folder)
        environment = installed(folder)
        found = programs(file, folder, not given.no_peers)
        for run in range(given.runs + 1):
            for one in found:
                one.run(environment)
                if not run:  # the first round writes the bytecode
                    one.clock.clear()
                    one.work.clear()
    sys.exit(0 if report(found) else 1)


if __name__ == "__main__":
    main()
