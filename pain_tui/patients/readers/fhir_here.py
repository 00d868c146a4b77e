"""One FHIR resource on its way in: where it stands, whose it is, and where its rows go."""

from typing import Any

from pain_tui.patients.normalise import records
from pain_tui.patients.normalise.problem import ROW, Problem
from pain_tui.patients.normalise.row import Written
from pain_tui.patients.normalise.sink import Sink
from pain_tui.patients.readers.base import Options
from pain_tui.patients.readers.fhir_parts import of, text
from pain_tui.patients.readers.fhir_source import Found, Known, Resource

SOURCE = "fhir"
_NEVER = {"entered-in-error", "cancelled", "refuted", "not-done"}


class Here:
    """One resource on its way in: where it stands, what it can refer to, and where its rows go."""

    def __init__(
        self, found: Found, known: Known, sink: Sink, options: Options, *, source: str = SOURCE
    ) -> None:
        self.resource: Resource = found.resource or {}
        self.place, self.known, self.sink, self.options = found.place, known, sink, options
        kind, ident = self.resource.get("resourceType"), text(self.resource.get("id"))
        self.key = f"{kind}/{ident}" if ident else None
        self.person: str | None = None
        self.source = source

    def add(self, table: str, values: dict[str, Any], part: str = "") -> Written:
        """One row; `part` tells several rows of one resource apart."""
        key = f"{self.key}{part}" if self.key else None
        return records.add_row(
            self.sink,
            table,
            values,
            place=self.place,
            person=self.person,
            source=self.source,
            source_key=key,
            report_unknown=False,
        )

    def say(self, problem: Problem) -> None:
        """A problem of this resource."""
        self.sink.note(problem, self.place, self.person)

    def is_of_a_person(self, name: str = "subject") -> bool:
        """Find the person; without one the resource is set aside."""
        self.person = self.options.person or self.known.person(self.resource.get(name))
        if not self.person:
            self.say(
                Problem(
                    "no_person",
                    f"{name} refers to no patient",
                    str(text(of(self.resource, name, "reference"))),
                    "A reference to a Patient",
                    "Import the patient too, or name one with --person",
                    ROW,
                )
            )
        return bool(self.person)

    def is_withdrawn(self, *statuses: str | None) -> bool:
        """Entered in error, cancelled, refuted: set aside, with the word."""
        word = next((s for s in statuses if s in _NEVER), None)
        if word:
            self.say(Problem("withdrawn", f"the resource is {word}", word, "", "", ROW))
        return bool(word)
