"""`pain-tui model`: each verb through the command, data on stdout, one sentence on error."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pain_tui.paths import data_folder


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "pain_tui", "model", *words], capture_output=True, text=True)


def test_build_and_verify_another_folder(tmp_path: Path) -> None:
    done = run("build", "--folder", str(tmp_path))
    assert done.returncode == 0 and done.stdout.startswith("model 20")
    assert (tmp_path / "manifest.json").read_bytes() == (data_folder("models") / "manifest.json").read_bytes()
    done = run("verify", "--folder", str(tmp_path), "--json")
    shape = json.loads(done.stdout)
    assert done.returncode == 0 and shape["passed"] and list(shape)[:2] == ["schema", "versions"]


def test_verify_fails_on_a_changed_file(tmp_path: Path) -> None:
    place = tmp_path / "models"
    shutil.copytree(data_folder("models"), place)
    (place / "model_card.md").write_text("changed")
    done = run("verify", "--folder", str(place), "--no-rebuild")
    assert done.returncode == 3 and "FAILED  model_card.md" in done.stdout and "Error:" in done.stderr


def test_card() -> None:
    done = run("card")
    assert done.returncode == 0 and done.stdout.startswith("# Model card")


def test_evidence_forest() -> None:
    done = run("evidence", "lumbar_radicular", "tfesi")
    assert done.returncode == 0 and "r001" in done.stdout and "contradicts" in done.stdout
    assert "80% interval" in done.stdout and "\x1b" not in done.stdout
    shape = json.loads(run("evidence", "psps2", "drg_s", "--json").stdout)
    assert shape["pool"] is None and "No trial" in shape["why_none"]


def test_evidence_bias_rule_moves_the_pool() -> None:
    on = json.loads(run("evidence", "phn", "gabapentinoid", "--json").stdout)
    off = json.loads(run("evidence", "phn", "gabapentinoid", "--bias-rule", "off", "--json").stdout)
    assert on["pool"]["response"][0] < off["pool"]["response"][0] == pytest.approx(0.33, abs=0.01)


@pytest.mark.parametrize(
    "words", [("moon", "tfesi"), ("knee_oa", "moon"), ("knee_oa", "nsaid", "--horizon", "7")]
)
def test_unknown_ids_say_what_is_allowed(words: tuple[str, ...]) -> None:
    done = run("evidence", *words)
    assert done.returncode == 2 and "Error:" in done.stderr and done.stdout == ""
