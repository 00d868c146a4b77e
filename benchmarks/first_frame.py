"""How long until the clinic list is on the screen, beside a bare Textual application in the same run?

Both run in a pseudo-terminal of 120 x 40. Measured: from the start of the process until a given text has been
painted, and until the first key is answered. Runs alternate, so that a busy machine slows both.

    python benchmarks/first_frame.py [FILE] [--runs 9]

Without FILE a fictional clinic is made in a temporary folder.
"""

import argparse
import os
import pty
import re
import select
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
from fcntl import ioctl
from pathlib import Path

BARE = """
from textual.app import App
from textual.widgets import Static
class Bare(App):
    BINDINGS = [("q", "quit", "Quit")]
    def compose(self):
        yield Static("PAINTED")
Bare().run()
"""
ESCAPES = re.compile(rb"\x1b\[[0-9;?<>=]*[A-Za-z]|\x1b[()][A-Z0-9]|\x1b\][^\x07]*\x07")
LIMIT = 20.0  # seconds


def painted(command: list[str], marker: bytes, environment: dict[str, str]) -> tuple[float, float]:
    """Seconds until `marker` is on the screen: on the clock, and of processor time (steadier when busy)."""
    master, slave = pty.openpty()
    ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    started = time.perf_counter()
    process = subprocess.Popen(
        command,
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
        env=environment,
    )
    os.close(slave)
    seen = b""
    try:
        while time.perf_counter() - started < LIMIT:
            if select.select([master], [], [], 0.05)[0]:
                try:
                    seen += os.read(master, 65536)
                except OSError:
                    break
                if marker in ESCAPES.sub(b"", seen):
                    return time.perf_counter() - started, _processor(process.pid)
        raise SystemExit(
            f"{command} never painted {marker!r}:\n{ESCAPES.sub(b'', seen).decode(errors='replace')}"
        )
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        os.close(master)


def installed(folder: Path) -> dict[str, str]:
    """The environment of an installed program: bytecode for every module, its own state."""
    drop = {"PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "NO_COLOR", "PAIN_TUI_PASSPHRASE_FILE"}
    kept = {name: value for name, value in os.environ.items() if name not in drop}
    return {
        **kept,
        "TERM": "xterm-256color",
        "PYTHONPYCACHEPREFIX": str(folder / "bytecode"),
        "XDG_STATE_HOME": str(folder / "state"),
    }


def _processor(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def clinic(folder: Path) -> Path:
    """A fictional clinic."""
    file = folder / "clinic.duckdb"
    subprocess.run(
        [sys.executable, "-m", "pain_tui", "sample", "--people", "100", "--seed", "1", "--out", str(file)],
        check=True,
        capture_output=True,
    )
    return file


def main() -> None:
    """Print medians and the ratio."""
    words = argparse.ArgumentParser()
    words.add_argument("file", nargs="?", type=Path)
    words.add_argument("--runs", type=int, default=9)
    words.add_argument("--marker", default="order: flag")
    given = words.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = given.file or clinic(Path(folder))
        environment = installed(Path(folder))
        bare_command = [sys.executable, "-c", BARE]
        our_command = [sys.executable, "-m", "pain_tui", str(file)]
        bare, ours = [], []
        for run in range(given.runs + 1):
            a = painted(bare_command, b"PAINTED", environment)
            b = painted(our_command, given.marker.encode(), environment)
            if run:  # the first round writes the bytecode
                bare.append(a)
                ours.append(b)
    for name, times in (("bare Textual", bare), ("clinic list", ours)):
        clock, work = [t[0] for t in times], [t[1] for t in times]
        print(
            f"{name:<14} {statistics.median(clock) * 1000:6.0f} ms  [{min(clock) * 1000:.0f}-"
            f"{max(clock) * 1000:.0f}]   processor {statistics.median(work) * 1000:.0f} ms"
        )
    ratios = [statistics.median(t[n] for t in ours) / statistics.median(t[n] for t in bare) for n in (0, 1)]
    print(f"ratio          {ratios[0]:.2f}  (at most 2.00)          processor {ratios[1]:.2f}")


if __name__ == "__main__":
    main()
