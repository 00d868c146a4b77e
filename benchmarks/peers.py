"""Two well-known terminal programs to measure beside, each in a throw-away environment of its own.

Kept outside the repository, in the user's cache (PAIN_TUI_BENCHMARK_CACHE names another folder), and made on
first use with the ordinary installer. Without it (no network) the benchmarks go on without the two.
"""

import os
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Peer:
    """A program: what is installed, how it is started, and a text that its first whole frame has."""

    name: str
    packages: tuple[str, ...]
    words: tuple[str, ...]
    marker: str
    takes_file: bool = False

    def command(self, file: Path | None = None) -> list[str]:
        """The words that start it, on a database file when it takes one."""
        program = str(_folder(self.name) / "bin" / self.name)
        return [program, *self.words, *([str(file)] if self.takes_file and file else [])]


HARLEQUIN = Peer(
    "harlequin", ("harlequin==2.17.0",), ("--no-download-tzdata", "--locale", "C"), "Data Catalog", True
)
# posting 2.11.1 crashes at its start with the tree-sitter that its own bounds let in
POSTING = Peer("posting", ("posting==2.11.1", "tree-sitter==0.25.2"), (), "Collection")
PEERS = (HARLEQUIN, POSTING)


def made() -> list[Peer]:
    """The peers that are installed, or could be; what could not is said on stderr."""
    return [peer for peer in PEERS if _made(peer)]


def _folder(name: str) -> Path:
    stated = os.environ.get("PAIN_TUI_BENCHMARK_CACHE")
    base = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    return (Path(stated) if stated else base / "pain-tui-benchmarks") / name


def _made(peer: Peer) -> bool:
    folder = _folder(peer.name)
    whole = folder / "installed.txt"
    if whole.is_file() and whole.read_text(encoding="utf-8") == "\n".join(peer.packages):
        return True
    sys.stderr.write(f"installing {' '.join(peer.packages)} for comparison, outside the repository\n")
    venv.create(folder, with_pip=True, clear=True)
    done = subprocess.run(
        [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", *peer.packages],
        capture_output=True,
        text=True,
    )
    if done.returncode:
        sys.stderr.write(f"{peer.name} left out, it does not install: {done.stderr.strip()[-300:]}\n")
        return False
    whole.write_text("\n".join(peer.packages), encoding="utf-8")
    return True
