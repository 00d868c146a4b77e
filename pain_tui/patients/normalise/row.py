"""One written row on its way in: cells are taken out by name, problems collected, and what nobody took is
reported.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from pain_tui.patients.normalise import fields
from pain_tui.patients.normalise.problem import DOUBT, IGNORED, ROW, VALUE, Problem
from pain_tui.patients.normalise.sink import Sink
from pain_tui.patients.normalise.units import is_missing, number


class Written:
    """The cells of one row as they were written, with its place and its person."""

    def __init__(self, values: Mapping[str, Any], place: str, person: str | None, sink: Sink) -> None:
        self.values, self.place, self.person, self.sink = values, place, person, sink
        self.taken: set[str] = set()
        self.refused = False

    def text(self, name: str) -> str | None:
        """The cell's text, harmless; None when it is missing. Control characters are reported."""
        self.taken.add(name)
        value = self.values.get(name)
        if value is None or value == "":
            return None
        if isinstance(value, dict | list):
            self.problem(
                Problem("not_text", f"{name} holds a list or an object", "", "One value", "Write one value"),
                VALUE,
            )
            return None
        clean, changed = fields.harmless("true" if value is True else "false" if value is False else value)
        if changed:
            self.problem(
                Problem(
                    "control_characters",
                    f"{name}: control characters were taken out",
                    clean or "",
                    level=DOUBT,
                )
            )
        return clean

    def value(self, name: str) -> str | None:
        """The cell's text where a value is expected: the words for "no value" are missing."""
        text = self.text(name)
        return None if is_missing(text) else text

    def number(self, name: str) -> float | None:
        """The cell's number, without comparator or unit; a text that is no number is a problem of this
        value.
        """
        text = self.value(name)
        if text is None:
            return None
        found = number(text)
        if found is None or found[1] or found[2]:
            self.problem(
                Problem(
                    "not_a_number",
                    f"{name}: {text} is not a number",
                    text,
                    "A plain number such as 7.5",
                    "Correct the value and import again",
                ),
                VALUE,
            )
            return None
        return found[0]

    def flag(self, name: str) -> bool | None:
        """Yes or no; anything else is a problem of this value."""
        text = self.value(name)
        found = fields.flag(text)
        if text is not None and found is None:
            self.problem(
                Problem(
                    "not_yes_or_no",
                    f"{name}: {text} is neither yes nor no",
                    text,
                    "true or false",
                    "Correct the value",
                ),
                VALUE,
            )
        return found

    def choice(self, name: str, allowed: Mapping[str, str], default: str | None = None) -> str | None:
        """One of the allowed words (spelling -> own word); anything else is a problem and the default."""
        text = self.text(name)
        if text is None:
            return default
        found = allowed.get(text.lower())
        if found is None and not is_missing(text):
            self.problem(
                Problem(
                    "not_allowed",
                    f"{name}: {text} is not known",
                    text,
                    f"Allowed: {', '.join(dict.fromkeys(allowed.values()))}",
                    "Correct the word",
                ),
                VALUE,
            )
        return found or default

    def date(self, name: str, *, past: bool = True, level: str = VALUE, last: bool = False) -> date | None:
        """The cell's date. past: one in the future is a problem (of the value, or of the row by `level`)."""
        text = self.value(name)
        if text is None:
            return None
        found, problem = fields.day(text, self.sink.time_zone)
        if problem:
            self.problem(problem, level if problem.level == VALUE else problem.level, name)
        ahead = fields.future(found, self.sink.as_of, text) if found and past else None
        if ahead:
            self.problem(ahead, level, name)
            return None
        return fields.end_of(text, found) if found and last else found

    def moment(self, name: str, *, level: str = ROW) -> tuple[datetime | None, str | None]:
        """The cell's time in local clinic time, and its precision."""
        text = self.value(name)
        if text is None:
            return None, None
        found = fields.moment(text, self.sink.time_zone)
        problem = fields.day(text)[1] if found is None else fields.future(found.at, self.sink.as_of, text)
        if problem or found is None:
            if problem:
                self.problem(problem, level, name)
            return None, None
        return found.at, found.precision

    def problem(self, problem: Problem, level: str | None = None, name: str = "") -> None:
        """Report a problem of this row; level `row` sets the whole row aside."""
        level = level or problem.level
        what = f"{name} {problem.what}" if name and not problem.what.startswith(name) else problem.what
        self.refused |= level == ROW
        self.sink.note(
            Problem(problem.code, what, problem.value, problem.allowed, problem.remedy, level),
            self.place,
            self.person,
        )

    def unknown_columns(self) -> list[str]:
        """Columns that nobody took and that hold something."""
        return [
            name for name, value in self.values.items() if name not in self.taken and value not in (None, "")
        ]

    def report_unknown(self) -> None:
        """Say which columns were not known; readers of tables do this once a file instead."""
        for name in self.unknown_columns():
            self.problem(
                Problem(
                    "unknown_column",
                    f"the column {fields.harmless(name)[0]} is not known",
                    "",
                    "",
                    "",
                    IGNORED,
                )
            )
