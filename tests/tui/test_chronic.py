"""Whether pain may stay, on the history screen: a sum stays a span while items are missing, and each model is named once."""

from dataclasses import replace
from typing import Any

from pain_tui.tui.panes import chronic, history
from pain_tui.tui.widgets.lines import plain
from tests.tui.fixture import CHART


def row(model: str, **values: Any) -> dict[str, Any]:
    base = {
        "model": model,
        "name": model.title(),
        "kind": "points",
        "class": None,
        "state": "recorded",
        "missing": [],
    }
    more = {
        "points_from": None,
        "points_to": None,
        "points_max": None,
        "say": "It says.",
        "validation": "AUC 0.7",
    }
    return base | more | {"facts": []} | values


def shown(*rows: dict[str, Any]) -> str:
    chart = replace(CHART, assessment={**CHART.assessment, "chronic_risk": list(rows)})
    return plain(history.problems(chart, 78))


def test_a_sum_is_a_span_while_items_are_missing() -> None:
    text = shown(
        row(
            "INDEX",
            points_from=1.0,
            points_to=3.0,
            points_max=5.0,
            state="partly recorded",
            missing=["a_b", "c"],
        )
    )
    assert "Index: 1 to 3 of 5 points" in text and "not recorded, never read as no: a b, c" in text
    assert "checked: AUC 0.7" in text and "no personal risk" in text


def test_nothing_known_is_no_zero() -> None:
    text = shown(
        row("INDEX", points_from=0.0, points_to=5.0, points_max=5.0, state="not known", missing=["c"])
    )
    assert "Index: not known" in text and "0 to 5" not in text


def test_a_whole_sum_stands_with_its_class() -> None:
    text = shown(
        row("FORM", points_from=50.0, points_to=50.0, points_max=100.0, **{"class": "higher-risk group"})
    )
    assert "Form: 50 of 100 points, higher-risk group" in text and "not recorded, never" not in text


def test_a_model_is_told_once_for_two_problems_and_none_is_no_heading() -> None:
    assert shown(row("FORM", problem="1"), row("FORM", problem="2")).count("Form:") == 1
    assert "Will the pain stay" not in shown() and chronic.lines(CHART, 60) == []
