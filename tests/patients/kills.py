"""Kill the program at random moments, many times, and look at what is left. A program of its own, not a test.

    python -m tests.patients.kills --rounds 500 --seed 1 --folder EMPTY_FOLDER

This process imports everything once and never opens DuckDB; each round forks a worker that does one kind of action
over and over, waits until the worker says that it has begun one, kills it a random moment later (`kill -9`), and
forks a second process that opens the file and compares it with what the worker had said. Prints one JSON object:
kills, kills in the middle of an action, by kind, and every fault found.
"""

import argparse
import contextlib
import json
import os
import random
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pain_tui.patients import migrate
from tests.patients import clinic
from tests.patients.kill_actions import KINDS, cheap, work
from tests.patients.kill_look import look


def child(job: Callable[[Callable[[str], None]], None]) -> tuple[int, int]:
    """Fork; the child runs `job(write)` and ends. Returns its id and the end of the pipe to read."""
    reading, writing = os.pipe()
    made = os.fork()
    if made:
        os.close(writing)
        return made, reading
    os.close(reading)
    code = 0
    try:
        job(lambda text: os.write(writing, text.encode()) and None)
    except BaseException:
        os.write(writing, ("fault " + json.dumps(traceback.format_exc()[-1500:]) + "\n").encode())
        code = 1
    os._exit(code)


def all_of(reading: int) -> str:
    """What is left in a pipe, until its other end is closed."""
    parts = []
    while part := os.read(reading, 65536):
        parts.append(part)
    os.close(reading)
    return b"".join(parts).decode()


class Rounds:
    """Makes the file once; then round after round on a copy of it."""

    def __init__(self, folder: Path, seed: int, kinds: tuple[str, ...] = KINDS) -> None:
        self.folder, self.draw, self.kinds = folder, random.Random(seed), kinds
        self.lasts: dict[str, float] = {}  # how long an action of a kind took
        self.kills = self.inside = 0
        self.by_kind: dict[str, list[int]] = {kind: [0, 0] for kind in kinds}
        self.faults: list[str] = []
        made, reading = child(self._make)
        said = all_of(reading)
        os.waitpid(made, 0)
        assert not said, said

    def _make(self, _: Callable[[str], None]) -> None:
        (self.folder / "template").mkdir()
        with clinic.new(self.folder / "template" / "clinic.duckdb") as file:
            clinic.bring(file, clinic.tables())
        slow = self.folder / "template" / "migrations"
        shutil.copytree(migrate.FOLDER, slow)
        (slow / "0098_next.sql").write_text(
            "ALTER TABLE visit ADD COLUMN room VARCHAR; CREATE TABLE slow AS SELECT range AS i FROM range(300000);"
        )

    def round(self, number: int) -> None:
        """One worker, one kill, one look."""
        kind = self.kinds[number % len(self.kinds)]
        if kind not in self.lasts:
            self._measure(kind)
        path, worker, reading = self._worker(f"round-{number}", kind)
        said = self._until_it_began(reading, kind, self.draw.randint(1, 4))
        time.sleep(self.draw.random() * 1.1 * self.lasts[kind])
        os.kill(worker, signal.SIGKILL)
        said += all_of(reading)
        os.waitpid(worker, 0)
        lines = said.splitlines()
        story = [tuple(json.loads(line)) for line in lines if line.startswith("[") and line.endswith("]")]
        self.faults += [
            f"round {number} ({kind}): worker {line}" for line in lines if line.startswith("fault")
        ]
        begun = len([1 for word, *_ in story if word == "begin"])
        unfinished = begun > len([1 for word, *_ in story if word == "end"])
        self.kills += 1
        self.inside += unfinished
        self.by_kind[kind][0] += 1
        self.by_kind[kind][1] += unfinished
        self._look(number, path, kind, story)
        shutil.rmtree(path.parent)

    def _worker(self, name: str, kind: str) -> tuple[Path, int, int]:
        place = self.folder / name
        shutil.copytree(self.folder / "template", place)
        path = place / "clinic.duckdb"

        def job(write: Callable[[str], None]) -> None:
            work(path, kind, lambda word, each, n: write(json.dumps([word, each, n]) + "\n"))

        return path, *child(job)

    def _measure(self, kind: str) -> None:
        """How long one action of a kind takes, so that the kills fall into all of it."""
        path, worker, reading = self._worker("measured", kind)
        self._until_it_began(reading, kind, 1)
        began, said = time.monotonic(), ""
        while "end" not in said:
            said += os.read(reading, 4096).decode() or "end"
        self.lasts[kind] = time.monotonic() - began
        os.kill(worker, signal.SIGKILL)
        all_of(reading)
        os.waitpid(worker, 0)
        shutil.rmtree(path.parent)

    def _until_it_began(self, reading: int, kind: str, times: int) -> str:
        """Read until the action has begun so often."""
        said = ""
        while True:
            part = os.read(reading, 1)
            if not part:
                return said
            said += part.decode()
            if part != b"\n":
                continue
            line = said.splitlines()[-1]
            if not line.startswith("["):
                continue
            word, each, _ = json.loads(line)
            if each == kind and word == "begin":
                times -= 1
                if times == 0 or kind in ("migrate", "restore"):
                    return said

    def _look(self, number: int, path: Path, kind: str, story: list[tuple[str, str, int]]) -> None:
        def job(write: Callable[[str], None]) -> None:
            for fault in look(path, kind, story):
                write("fault " + json.dumps(fault) + "\n")

        looker, reading = child(job)
        found = all_of(reading)
        os.waitpid(looker, 0)
        self.faults += [f"round {number} ({kind}): {line}" for line in found.splitlines()]

    def told(self) -> dict[str, Any]:
        """What was found."""
        return {
            "kills": self.kills,
            "in the middle of an action": self.inside,
            "milliseconds of one action": {kind: round(1000 * lasts) for kind, lasts in self.lasts.items()},
            "by kind": {kind: f"{inside} of {kills}" for kind, (kills, inside) in self.by_kind.items()},
            "faults": self.faults,
        }


def main() -> None:
    """The rounds, and what they found."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rounds", type=int, default=500)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--folder", type=Path, required=True)
    asked.add_argument("--only", choices=KINDS)
    options = asked.parse_args()
    cheap()
    with contextlib.suppress(KeyboardInterrupt):
        rounds = Rounds(options.folder, options.seed, (options.only,) if options.only else KINDS)
        for number in range(options.rounds):
            rounds.round(number)
    print(json.dumps(rounds.told(), indent=1))
    sys.exit(1 if rounds.faults else 0)


if __name__ == "__main__":
    main()
