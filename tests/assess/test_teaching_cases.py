"""Each teaching case shows what it says it teaches: warnings, limits, checks, and the refusal to guess."""

from datetime import date
from typing import Any

import pytest

from pain_tui.assess import case, engine
from pain_tui.assess.assessment import Assessment, assess_people
from pain_tui.knowledge.load import connect
from pain_tui.patients.fictional.clinic import teaching_cases
from pain_tui.patients.normalise.records import normalise

AS_OF = date(2026, 11, 20)
CASES = {entry["id"]: entry for entry in teaching_cases()}


@pytest.fixture(scope="module")
def assessed() -> dict[str, dict[str, Any]]:
    """Every case's assessment, all in one run, by the case's id."""
    people = [normalise(entry["record"], place=name, as_of=AS_OF) for name, entry in CASES.items()]
    cursor = connect().cursor()
    case.from_records(cursor, _together(people), case.Run(AS_OF))
    engine.run(cursor)
    found: list[Assessment] = assess_people(cursor)
    by_person = {one.as_dict()["person"]: one.as_dict() for one in found}
    return {name: by_person[entry["record"]["person"]["person"]] for name, entry in CASES.items()}


def _together(people: list[Any]) -> dict[str, list[dict[str, Any]]]:
    tables: dict[str, list[dict[str, Any]]] = {}
    for one in people:
        for table, rows in one.case.items():
            tables.setdefault(table, []).extend(rows)
    return tables


def _options(shown: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {option["option"]: option for problem in shown["problems"] for option in problem["options"]}


@pytest.mark.parametrize("name", CASES)
def test_the_case_shows_its_warnings_and_limits(name: str, assessed: dict[str, dict[str, Any]]) -> None:
    shown, must = assessed[name], CASES[name]["must_show"]
    for wanted in must["findings"]:
        assert any(wanted.items() <= finding.items() for finding in shown["findings"]), wanted
    for wanted in must["limits"]:
        assert any(_is(limit, wanted) for limit in shown["limits"]), wanted


def _is(limit: dict[str, Any], wanted: dict[str, str]) -> bool:
    return wanted["fact"] in limit["facts"] if "fact" in wanted else limit["code"] == wanted["code"]


@pytest.mark.parametrize(
    "name", [name for name in CASES if CASES[name]["must_show"].keys() - {"findings", "limits"}]
)
def test_the_case_shows_what_else_it_promises(name: str, assessed: dict[str, dict[str, Any]]) -> None:
    shown, must = assessed[name], CASES[name]["must_show"]
    if "check" in must:
        assert _options(shown)[must["check"]["option"]]["check"] == must["check"]["answer"]
    for option, code in must.get("no_estimate", {}).items():
        assert _options(shown)[option]["no_estimate"]["code"] == code
    if "mme_state" in must:
        assert shown["opioid"]["mme"]["state"] == must["mme_state"]
        assert shown["opioid"]["mme"]["total_mme_per_day"] is None
    if must.get("naloxone"):
        assert shown["opioid"]["naloxone"]["offer"] is True
    for gene, state in must.get("gene_state", {}).items():
        assert {row["gene"]: row["state"] for row in shown["genes"]}[gene] == state


def test_watching_is_an_option_of_everybody_alive(assessed: dict[str, dict[str, Any]]) -> None:
    for name, shown in assessed.items():
        if name != "07_person_has_died":
            assert "watch" in _options(shown), name


def test_nothing_is_forecast_for_a_child_or_someone_who_has_died(assessed: dict[str, dict[str, Any]]) -> None:
    for name in ("06_tool_refuses", "07_person_has_died"):
        assert all(option["response"] is None for option in _options(assessed[name]).values())
