"""A program in a pseudo-terminal, timed: until a text is painted, until a key is answered.

Used by the other benchmarks. Nothing is drawn: what the program writes is read as text without its escape codes.
"""

import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
from fcntl import ioctl
from pathlib import Path

ESCAPES = re.compile(
    rb"\x1b\[[0-9;?<>=:]*[ $]?[A-Za-z]|\x1b[()][A-Z0-9]|\x1b[P\]_][^\x07\x1b]*(?:\x07|\x1b\\\\)|\x1b[=>78]"
)
LIMIT = 20.0  # seconds
QUIET = 0.08  # seconds without a byte: the answer to a key is whole


class Terminal:
    """One running program in a terminal of its own."""

    def __init__(
        self, command: list[str], environment: dict[str, str], columns: int = 120, rows: int = 40
    ) -> None:
        self.command = command
        self._master, slave = pty.openpty()
        ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.started = time.perf_counter()
        self.process = subprocess.Popen(
            command, stdin=slave, stdout=slave, stderr=slave, start_new_session=True, env=environment
        )
        os.close(slave)
        self._seen = b""

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *_: object) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        os.close(self._master)

    def text(self) -> str:
        """What was written since the last key, without escape codes."""
        return ESCAPES.sub(b"", self._seen).decode(errors="replace")

    def wait_for(self, marker: str, limit: float = LIMIT) -> float:
        """Seconds since the start, or since the last key, until the text was painted."""
        end = time.perf_counter() + limit
        while time.perf_counter() < end:
            if self._read(0.05) and marker in self.text():
                return time.perf_counter() - self.started
        raise SystemExit(f"{self.command} never painted {marker!r}:\n{self.text()}")

    def key(self, keys: str) -> None:
        """Press; the clock starts anew."""
        self.settle()
        self._seen = b""
        self.started = time.perf_counter()
        os.write(self._master, keys.encode())

    def answer(self, limit: float = LIMIT, quiet: float = QUIET, *, must: bool = True) -> tuple[float, float]:
        """Seconds from the last key to its first byte and to its last one, before it is quiet for so long.

        must: no answer at all ends the benchmark; otherwise it is (0, 0).
        """
        first = last = 0.0
        while True:
            now = time.perf_counter()
            if self._read(quiet):
                last = time.perf_counter() - self.started
                first = first or last
            elif first:
                return first, last
            elif now - self.started > limit:
                if not must:
                    return 0.0, 0.0
                raise SystemExit(f"{self.command} did not answer")

    def wait_after(self, marker: str, least: int, limit: float = LIMIT) -> float:
        """Seconds from the last key until `least` characters were painted after a text; a blink is fewer."""
        end = time.perf_counter() + limit
        while time.perf_counter() < end:
            if self._read(0.05) and len(self.text().partition(marker)[2].strip()) >= least:
                return time.perf_counter() - self.started
        raise SystemExit(f"{self.command} painted nothing after {marker!r}:\n{self.text()}")

    def settle(self, seconds: float = QUIET, limit: float = 5.0) -> None:
        """Read until it is quiet, or for so long: a cursor may blink for ever."""
        end = time.perf_counter() + limit
        while self._read(seconds) and time.perf_counter() < end:
            pass

    def processor(self) -> float:
        """Processor time used so far, in seconds."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self) -> float:
        """Memory held now, in MB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8")
        found = re.search(r"VmRSS:\s+(\d+) kB", status)
        return int(found.group(1)) / 1024 if found else 0.0

    def _read(self, seconds: float) -> bool:
        if not select.select([self._master], [], [], seconds)[0]:
            return False
        try:
            self._seen += os.read(self._master, 65536)
        except OSError:
            raise SystemExit(f"{self.command} ended:\n{self.text()}") from None
        return True


def installed(folder: Path) -> dict[str, str]:
    """The environment of an installed program: bytecode for every module, its own state and settings."""
    drop = {"PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "NO_COLOR", "PAIN_TUI_PASSPHRASE_FILE"}
    kept = {name: value for name, value in os.environ.items() if name not in drop}
    places = {
        name: str(folder / name.lower()) for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")
    }
    return {**kept, **places, "TERM": "xterm-256color", "PYTHONPYCACHEPREFIX": str(folder / "bytecode")}
