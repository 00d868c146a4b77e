"""The fictional clinic: drawn from the published distributions, the same every time, and nobody real."""

import json
import subprocess
import sys
from collections import Counter
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from pain_tui.patients.fictional.covariates import Margin, correlation_matrix, draw, margin_of, rows
from pain_tui.patients.fictional.people import draw_people, recipes

TOP = Path(__file__).resolve().parents[2]
AS_OF = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("row", "mean", "sd"),
    [
        ("d01", 50.7, 15.0),
        ("d04", 29.0, 6.3),
        ("d07", 6.4, 1.8),
        ("d16", 9.5, 6.3),
        ("d33", 6000, 3000),
        ("d06", 0.24, 0.43),
    ],
)
def test_a_margin_keeps_the_published_mean_and_spread(row: str, mean: float, sd: float) -> None:
    """Truncation moves the mean a little; more than a tenth would be another population."""
    values = draw(20_000, {"x": margin_of(rows()[row])}, np.eye(1), seed=1)["x"]
    assert values.mean() == pytest.approx(mean, rel=0.1)
    assert values.std() == pytest.approx(sd, rel=0.2)


def test_published_correlations_come_back() -> None:
    """PHQ-9 and GAD-7 0.70 (c04), PCS and PHQ-9 0.50 (c01) on the normal scores."""
    normal = Margin("truncnorm", 0, 1)
    names = ["phq9", "gad7", "pcs"]
    values = draw(20_000, dict.fromkeys(names, normal), correlation_matrix(names, rows(), {}), seed=2)
    assert np.corrcoef(values["phq9"], values["gad7"])[0, 1] == pytest.approx(0.70, abs=0.03)
    assert np.corrcoef(values["phq9"], values["pcs"])[0, 1] == pytest.approx(0.50, abs=0.03)


def test_the_same_seed_gives_the_same_people_and_another_seed_others() -> None:
    one, again, other = (list(draw_people(5, seed, AS_OF)) for seed in (3, 3, 4))
    assert one == again
    assert one != other


def test_the_first_people_have_each_condition_once() -> None:
    conditions = Counter(record["problems"][0]["condition"] for record in draw_people(60, 5, AS_OF))
    assert set(conditions) == set(recipes()["conditions"])


def test_everybody_is_marked_fictional_and_nobody_is_born_after_today() -> None:
    for record in draw_people(40, 6, AS_OF):
        assert record["person"]["fictional"] is True
        assert record["person"]["person"].startswith("FIC-")
        assert date.fromisoformat(record["person"]["birth_date"]) < AS_OF


def test_the_committed_clinic_is_what_the_script_writes(tmp_path: Path) -> None:
    script = f"import runpy, pathlib; runpy.run_path('sample_data/make.py')['write'](pathlib.Path({str(tmp_path)!r}))"
    subprocess.run([sys.executable, "-c", script], check=True, cwd=TOP)
    committed = {file.name: file.read_bytes() for file in (TOP / "sample_data" / "clinic").glob("*.csv")}
    assert committed == {file.name: file.read_bytes() for file in tmp_path.glob("*.csv")}


def test_every_teaching_case_says_what_it_teaches_and_what_it_must_show() -> None:
    cases = [
        json.loads(file.read_text(encoding="utf-8"))
        for file in (TOP / "sample_data" / "cases").glob("*.json")
    ]
    assert len(cases) >= 12
    for case in cases:
        assert case["teaches"] and case["traps"] and case["naive_answer"] and case["careful_answer"]
        assert case["must_show"]
