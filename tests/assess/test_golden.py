"""Exact bytes of three assessments of people made by hand: a hidden inhibitor, a frail man, almost nothing.

Write them again only on purpose, and read the difference: `python -m tests.assess.test_golden`.
"""

import json
from datetime import date
from pathlib import Path

import pytest

from pain_tui.assess import case, engine
from pain_tui.assess.assessment import assess_people
from pain_tui.cli.common import json_text
from pain_tui.knowledge import load
from pain_tui.patients.normalise.records import normalise
from pain_tui.report import text

FOLDER = Path(__file__).resolve().parents[1] / "golden"
AS_OF = date(2026, 11, 24)
NAMES = ("GOLD-1", "GOLD-2", "GOLD-3")


def _answers() -> dict[str, str]:
    """File name -> content, without the versions: they change with every table, the answers should not."""
    cursor = load.connect().cursor()
    answers: dict[str, str] = {}
    for line in (FOLDER / "people.jsonl").read_text(encoding="utf-8").splitlines():
        made = normalise(json.loads(line), place="people.jsonl", as_of=AS_OF)
        case.from_records(cursor, made.case, case.Run(AS_OF))
        engine.run(cursor)
        shape = json.loads(json_text(assess_people(cursor)[0].as_dict()))
        shape = {key: value for key, value in shape.items() if key != "versions"}
        answers[f"{shape['person']}.json"] = json.dumps(shape, ensure_ascii=False, indent=1) + "\n"
        answers[f"{shape['person']}.txt"] = text.assessment(shape) + "\n"
    return answers


@pytest.fixture(scope="module")
def answers() -> dict[str, str]:
    return _answers()


@pytest.mark.parametrize("name", [f"{person}.{ending}" for person in NAMES for ending in ("json", "txt")])
def test_the_answer_is_the_one_that_was_read(name: str, answers: dict[str, str]) -> None:
    """A changed byte is read before it is accepted."""
    expected = (FOLDER / name).read_text(encoding="utf-8").splitlines()
    assert answers[name].splitlines() == expected


def test_the_text_holds_no_boxes_colours_or_empty_facts(answers: dict[str, str]) -> None:
    """One fact a line, in reading order, for a screen reader as for a pipe."""
    for name in NAMES:
        lines = answers[f"{name}.txt"].splitlines()
        assert lines[0].startswith("FICTIONAL")
        assert not [line for line in lines if "\x1b" in line or any("\u2500" <= c <= "\u259f" for c in line)]
        assert not [line for line in lines if {"None", "nan", "null"} & set(line.split()[1:])]


if __name__ == "__main__":
    for file, content in _answers().items():
        (FOLDER / file).write_text(content, encoding="utf-8")
