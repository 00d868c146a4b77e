"""The values that a rule looked at and shows, as JSON: what a finding gives as its inputs."""

import json
from collections.abc import Mapping
from functools import lru_cache
from math import copysign, floor
from typing import Any

from pain_tui.assess.rule_program import TRUE, Answers, Program
from pain_tui.knowledge import rules
from pain_tui.knowledge.rows import rows
from pain_tui.knowledge.rule_language import class_column
from pain_tui.knowledge.rules import Rule

Row = Mapping[str, Any]
Classes = dict[str, tuple[bool | None, str | None]]  # by class: in use, and the medicines that are
REASONS = "reasons"


class Inputs:
    """The facts of a rule's `when` and the words that its text shows."""

    def __init__(self, rule: Rule, program: Program) -> None:
        self.names = tuple(dict.fromkeys((*rule.condition.names, *rule.text_names)))
        self._classes = rule.condition.classes
        shown = rules.vocabulary().shown
        self._of_class = {
            name: shown[name].removeprefix("class:")
            for name in self.names
            if shown.get(name, "").startswith("class:")
        }
        self._alternatives = (
            [
                (program.place(whole), program.place(test), labels()[test.names[0]])
                for whole, test in rule.condition.alternatives()
                if test.names and test.names[0] in labels()
            ]
            if REASONS in self.names
            else []
        )

    def text(self, known: Row, classes: Classes, every: Answers) -> str:
        """The inputs of one row, from what is known of it. every: the row's answers, tests and parts."""
        values: dict[str, Any] = {}
        for name in self.names:
            if name == REASONS:
                values[name] = self._reasons(known, every)
            elif name in self._of_class:
                active, drugs = classes.get(self._of_class[name], (None, None))
                values[name] = drugs if active else None
            else:
                values[name] = known[name]
        for name in self._classes:
            values[class_column(name)] = classes.get(name, (None, None))[0]
        return json.dumps(values, ensure_ascii=False, separators=(",", ":"))

    def _reasons(self, known: Row, every: Answers) -> str:
        """Which of the alternatives hold, in words: the fact's label, and its value when it is not a yes."""
        found = [
            _shown(fact, known[fact["fact"]])
            for whole, test, fact in self._alternatives
            if every[whole] == TRUE and every[test] == TRUE
        ]
        return ", ".join(dict.fromkeys(words for words in found if words))


@lru_cache(maxsize=1)
def labels() -> dict[str, Mapping[str, str]]:
    """The rows of facts.csv by fact."""
    return {row["fact"]: row for row in rows("facts")}


def _shown(fact: Mapping[str, str], value: Any) -> str | None:
    if fact["type"] in ("number", "integer"):
        return None if value is None else f"{fact['label']} {_one_decimal(value):g}"
    if fact["type"] in ("choice", "text"):
        return None if value is None else f"{fact['label']} {value}"
    return fact["label"]


def _one_decimal(value: float) -> float:
    """Rounded half away from zero, as the findings' SQL rounds."""
    return copysign(floor(abs(value) * 10 + 0.5) / 10, value)
