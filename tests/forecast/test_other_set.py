"""The order by the other set of evidence: the same as running the program with that set and ordering by hand."""

from typing import Any

import pytest

from pain_tui.forecast import step
from pain_tui.forecast.other_set import OTHER

from .people import cursor, lay, table

OPTIONS = ["scs_tonic", "scs_10khz", "scs_burst", "exercise_pt", "tca", "cbt", "adhesiolysis", "watch"]
PEOPLE: list[dict[str, Any]] = [
    {"person": "A", "condition": "psps2", "options": OPTIONS, "current_smoker": True, "phq9_total": 20.0},
    {"person": "B", "condition": "psps2", "options": OPTIONS, "mme_per_day": 120.0, "bmi_kg_m2": 38.0},
    {
        "person": "C",
        "condition": "lumbar_radicular",
        "options": ["tfesi", "ilesi", "caudal_esi", "prf_drg", "gabapentinoid", "watch"],
        "pain_duration_months": 2.0,
        "phq9_total": 22.0,
        "pcs_total": 40.0,
    },
    {
        "person": "D",
        "condition": "clbp_nonspecific",
        "options": ["nsaid", "snri", "exercise_pt", "cbt", "acupuncture", "multifidus_stim"],
        "nrs_average": 1.0,
        "isi_total": 24.0,
        "fm_survey_positive": True,
        "gad7_total": 18.0,
    },
    {"person": "E", "condition": "crps", "options": ["exercise_pt"]},
]


def made(evidence_set: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    c = cursor()
    lay(c, PEOPLE, evidence_set=evidence_set)
    step.run(c)
    return table(c, "other_order"), table(c)


def by_hand(rows: list[dict[str, Any]], entry: dict[str, Any]) -> list[str]:
    group = [
        r
        for r in rows
        if (r["person"], r["problem"], r["outcome"], r["horizon_weeks"], r["denominator"])
        == (entry["person"], entry["problem"], entry["outcome"], entry["horizon_weeks"], entry["denominator"])
        and r["p_response"] is not None
        and r["option"] != "watch"
    ]
    return [
        r["option"]
        for r in sorted(
            group, key=lambda r: (r["extra"] is None, -(r["extra"] or 0.0), -r["p_response"], r["option"])
        )
    ]


@pytest.mark.parametrize("used", ["default", "with_weak_evidence"])
def test_both_orders_are_those_of_the_two_runs(used: str) -> None:
    entries, rows = made(used)
    _, others = made(OTHER[used])
    assert len(entries) >= 4 and {e["person"] for e in entries} == {"A", "B", "C", "D"}
    for entry in entries:
        assert (entry["used"], entry["other"]) == (used, OTHER[used])
        assert entry["order_used"] == by_hand(rows, entry)
        assert entry["order_other"] == by_hand(others, entry)
        assert entry["differs"] == (entry["order_used"] != entry["order_other"])
        assert len(entry["order_used"]) >= 2 and "watch" not in entry["order_used"]
    assert any(e["differs"] for e in entries) and not all(e["differs"] for e in entries)


def test_what_is_said() -> None:
    for entry in made("default")[0]:
        assert entry["say"].startswith("Counting weak evidence as well")
        assert ("would not change the order" in entry["say"]) == (not entry["differs"])
    assert all(e["say"].startswith("Leaving weak evidence out") for e in made("with_weak_evidence")[0])


def test_no_model_no_order(monkeypatch: pytest.MonkeyPatch) -> None:
    from pain_tui.errors import ModelError

    def refuse() -> None:
        raise ModelError("No model.", "Build it.")

    monkeypatch.setattr(step, "load", refuse)
    assert made("default")[0] == []


def test_it_stands_in_the_text_report_and_on_the_plan_screen() -> None:
    from types import SimpleNamespace

    from pain_tui.report import text
    from pain_tui.tui.panes import plan

    entry = next(e for e in made("default")[0] if e["differs"])
    same = entry | {"differs": False, "say": "Counting weak evidence as well would not change the order."}
    problem = {"problem": "p1", "condition": "psps2", "options": [], "evidence_sets": [entry, same]}
    lines = list(text.plan_lines({"problems": [problem], "limits": []}))
    assert any(line.endswith(entry["say"]) for line in lines) and any("not change" in line for line in lines)
    chart: Any = SimpleNamespace(problem=problem)
    shown = " ".join(line.text for line in plan.other_order(chart, 60))
    assert entry["say"].split(":")[0] in shown and "not change" not in shown
