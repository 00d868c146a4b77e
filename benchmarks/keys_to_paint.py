"""How long from a key to what it paints, and from screen to screen, in a pseudo-terminal of 120 x 40?

The first and the last byte that a key brings; the last one counts as painted. For answers that are reckoned (a
person is opened, a value is typed) the last byte is the numbers of the plan. Beside it, keys of two known
programs in the same run. Also memory, since a large clinic must not need more.

    python benchmarks/keys_to_paint.py [FILE] [--rounds 5] [--no-peers]

Without FILE a fictional clinic of 30 people is made in a temporary folder. With a FILE of many people it says how
a list of that length scrolls, turns its pages and is searched.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

import peers
from first_frame import MARKER, clinic
from terminal import LIMIT, Terminal, installed

END, HOME, DOWN, UP, ESCAPE, ENTER = "\x1b[F", "\x1b[H", "\x1b[B", "\x1b[A", "\x1b", "\r"
WHOLE = -1.0  # until what stands after "reckoning ..." is painted: the cursor blinks meanwhile
RECKONED = 0.7  # seconds of silence after which an answer that is reckoned is whole
LONGEST_COUNT = 90.0  # seconds for the warnings of the list
LIST_MS, EDIT_MS = 100, 150  # the most that a key of the list may take, and an edit until the plan's numbers
ROUND = (
    ("list: down", DOWN, 0.0),
    ("list: up", UP, 0.0),
    ("list: end (last page)", END, 0.25),
    ("list: home (first page)", HOME, 0.25),
    ("", "/", 0.3),
    ("list: find, 1st letter", "a", 0.25),
    ("list: find, 2nd letter", "n", 0.25),
    ("", ESCAPE, 0.3),
    ("person: open", ENTER, RECKONED),
    ("screen: history", "3", 0.3),
    ("screen: plan", "5", 0.3),
    ("screen: monitor", "6", RECKONED),
    ("screen: genotype", "2", 0.3),
    ("screen: lifestyle", "4", 0.3),
    ("", ENTER, 0.3),
    ("edit: digit to plan", "6", WHOLE),
    ("", ESCAPE, 0.3),
    ("back to the list", ESCAPE, 0.3),
)
THEIRS = {  # to the editor or the address line, a letter there, and on to another pane
    "harlequin": (
        ("", "\x1bOQ", 0.1),
        ("harlequin: letter in the editor", "a", 0.1),
        ("harlequin: other pane", "\x1b[17~", 0.25),
    ),
    "posting": (
        ("", "\x0c", 0.1),
        ("posting: letter in the line", "a", 0.1),
        ("posting: other pane", "\t", 0.25),
    ),
}
Times = dict[str, list[float]]


def counted(terminal: Terminal) -> None:
    """Until the warnings of the list are counted: what is painted in the background must not be timed."""
    end = time.perf_counter() + LONGEST_COUNT
    terminal.settle(1.0)
    while time.perf_counter() < end:
        before = len(terminal.text())
        terminal.settle(3.0)
        if len(terminal.text()) == before:
            return


def press(terminal: Terminal, steps: tuple[tuple[str, str, float], ...], times: Times) -> None:
    """Each key, and how long its answer took; a step without a name is not timed."""
    for name, key, quiet in steps:
        terminal.key(key)
        if quiet == WHOLE:
            last = terminal.wait_after("reckoning ...", least=20)
        else:  # a key without a name may find itself where it leads already, and bring nothing
            _, last = terminal.answer(quiet=max(quiet, 0.06), limit=LIMIT if name else 0.5, must=bool(name))
        if name:
            times[name].append(last)


def ours(file: Path, environment: dict[str, str], rounds: int, times: Times) -> tuple[float, float]:
    """Memory with the list on the screen, and at the end."""
    with Terminal([sys.executable, "-m", "pain_tui", str(file)], environment) as terminal:
        terminal.wait_for(MARKER)
        first = terminal.memory()
        counted(terminal)
        press(terminal, ROUND, defaultdict(list))  # everything once: what is loaded then is not timed
        for _ in range(rounds):
            press(terminal, ROUND, times)
        return first, terminal.memory()


def theirs(environment: dict[str, str], rounds: int, times: Times, file: Path) -> None:
    """A letter and a change of pane of the two known programs."""
    for peer in peers.made():
        with Terminal(peer.command(file), environment) as terminal:
            terminal.wait_for(peer.marker, limit=60)
            terminal.settle(2.0)
            for _ in range(rounds):
                press(terminal, THEIRS[peer.name], times)


def main() -> None:
    """Run and print."""
    words = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    words.add_argument("file", nargs="?", type=Path)
    words.add_argument("--rounds", type=int, default=5)
    words.add_argument("--no-peers", action="store_true", help="without the two known programs")
    given = words.parse_args()
    times: Times = defaultdict(list)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environment = installed(folder)
        file = given.file or clinic(folder, people=30)
        first, last = ours(file, environment, given.rounds, times)
        if not given.no_peers:
            theirs(environment, given.rounds, times, clinic(folder, people=5) if given.file else file)
    for step, found in times.items():
        limit = LIST_MS if step.startswith("list") else EDIT_MS if step.startswith("edit") else None
        print(
            f"{step:<34} {statistics.median(found) * 1000:6.0f} ms  [{min(found) * 1000:.0f}-"
            f"{max(found) * 1000:.0f}]" + (f"   at most {limit}" if limit else "")
        )
    print(f"memory: {first:.0f} MB with the first list, {last:.0f} MB after all of it")


if __name__ == "__main__":
    main()
