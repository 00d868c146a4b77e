"""Run the real command in a process of its own, as a shell would."""

import os
import subprocess
import sys
from pathlib import Path

# Keys made in a test cost 1 MB instead of 128; keys that are read say themselves what they cost.
_CHEAP_KEYS = (
    "from pain_tui.patients import crypt; crypt.SCRYPT_N = 2**10; from pain_tui.cli.main import run; run()"
)


def run(*words: str | Path, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `pain-tui WORDS` without a terminal; text in, text out, the exit code in `.returncode`."""
    return subprocess.run(
        [sys.executable, "-c", _CHEAP_KEYS, *map(str, words)],
        input=stdin,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        env={**os.environ, **environment},
    )
