"""The README's commands work as printed."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parents[1]


def _commands() -> list[str]:
    text = (TOP / "README.md").read_text(encoding="utf-8")
    block = re.search(r"<!-- commands: run by tests/test_readme.py -->\n```sh\n(.*?)```", text, re.S)
    assert block
    return block[1].splitlines()


def test_every_command_of_the_first_five_minutes_runs(tmp_path: Path) -> None:
    """Without a terminal, one after the other, in an empty folder."""
    assert len(_commands()) >= 8
    environment = {**os.environ, "PAIN_TUI_STATE": str(tmp_path / "state")}
    for command in _commands():
        words = shlex.split(command)
        assert words[0] == "pain-tui"
        ended = subprocess.run(
            [sys.executable, "-m", "pain_tui", *words[1:]],
            cwd=tmp_path,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == 0, f"{command}\n{ended.stdout[-2000:]}\n{ended.stderr[-2000:]}"
        assert ended.stdout.strip(), f"{command} printed nothing"
    assert (tmp_path / "demo" / "forecast.parquet").stat().st_size > 0
