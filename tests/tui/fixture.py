"""A desk without a file: the invented clinic of fixture_people, answered from memory."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time

from pain_tui.monitor.course import Course
from pain_tui.tui.chart import Chart, ClinicRow, Counts, Field
from pain_tui.tui.clinic_page import PAGE, Asked, ClinicPage, Warned
from pain_tui.tui.draft import Edit

from .fixture_people import (
    AS_OF,
    ASSESSMENT,
    CHART,
    FIELDS,
    MEDICINES,
    PEOPLE,
    TREATMENTS,
    VISITS,
    clinic_rows,
)

__all__ = ["AS_OF", "ASSESSMENT", "CHART", "FIELDS", "MEDICINES", "TREATMENTS", "VISITS", "FixtureDesk"]


def _visit(row: ClinicRow) -> str:
    """The next visit by its time; none comes last."""
    return (row.next_visit or "~").replace("today", AS_OF.isoformat())


class FixtureDesk:
    """Answers like the real desk, from memory."""

    def __init__(self) -> None:
        self.is_open = True
        self.kind = "fictional"
        self.file_name = "clinic.duckdb"
        self.actor = "dr"
        self.as_of = AS_OF
        self.versions = {
            "program": "0.1.0",
            "knowledge": "2026-11-24.ab12cd34",
            "model": "2026-11-24.12ab34cd",
        }
        self.saved: list[Edit] = []
        self.rows = clinic_rows()

    def clinic(self, asked: Asked = Asked(), flags: Mapping[str, int] | None = None) -> ClinicPage:
        """A page like the file's own: found, ordered, cut."""
        found = [row for row in self.rows if asked.find.casefold() in f"{row.name} {row.person}".casefold()]
        keys = {
            "flag": lambda row: ((flags or {}).get(row.person, 9), _visit(row), row.person),
            "name": lambda row: row.name.casefold(),
            "visit": lambda row: (_visit(row), row.person),
        }
        found.sort(key=keys[asked.order])
        aside = (("line 17", "dose has no unit"), ("line 40", "visit date in the future"))
        shown = tuple(found[asked.offset : asked.offset + PAGE])
        return ClinicPage(shown, asked.offset, len(found), len(self.rows), aside, len(aside), asked)

    def make_ready(self) -> None:
        """Nothing is computed here."""

    def warm(self) -> None:
        """There is nothing to load."""

    local_name = ""

    def local_users(self) -> list[str]:
        """Nobody."""
        return []

    def everybody(self) -> list[str]:
        """All ids."""
        return [row.person for row in self.rows]

    def warnings(self, people: Sequence[str]) -> dict[str, Warned]:
        """As invented."""
        return {
            p[0]: Warned(Counts(*p[9]), p[10], "tramadol: little relief likely" if p[9][0] else "")
            for p in PEOPLE
            if p[0] in people
        }

    def chart(self, person: str, edits: Sequence[Edit]) -> Chart:
        """The one invented person, with edits of fields laid over."""
        fields = list(CHART.fields)
        for edit in [*self.saved, *edits]:
            for number, field in enumerate(fields):
                if edit.slot == f"field:{field.fact}":
                    value = edit.values.get("text") or f"{edit.values['value']:g}"
                    fields[number] = replace(
                        field, value=value, at=AS_OF, changed=True, previous=field.value, previous_at=field.at
                    )
        identity = (
            replace(CHART.identity, person=person) if person != CHART.identity.person else CHART.identity
        )
        laid = [*self.saved, *edits]
        plans = [dict(edit.values) for edit in laid if edit.table == "plan"]
        wishes = [
            {"row_id": f"draft-{edit.slot}", "option": None, "text": None, "name": None, **edit.values}
            for edit in laid
            if edit.table == "preference"
        ]
        plan = {**plans[-1], "at": AS_OF} if plans else CHART.plan
        return replace(CHART, identity=identity, fields=tuple(fields), plan=plan, preferences=tuple(wishes))

    course_held = Course()

    def course(
        self, person: str, edits: Sequence[Edit], days: Sequence[date]
    ) -> tuple[dict[date, str], Course]:
        """As in the fixture."""
        return {row["at"]: row["mme"] for row in VISITS}, self.course_held

    def break_off(self) -> None:
        """Nothing runs."""

    def save(self, person: str, edits: Sequence[Edit]) -> None:
        """Remember."""
        self.saved += list(edits)

    def forest(self, condition: str, option: str) -> dict[str, object]:
        """One row and a pool."""
        row = {
            "row": "r1", "use": "pooled", "role": "primary", "outcome": "pain50", "weeks": 12.0, "n": 40.0,
            "denominator": "ITT", "rate_as_published": 0.5, "rate_as_used": 0.4, "lo": 0.3, "hi": 0.5,
            "comparator": "sham", "rate_control": 0.3, "effect": None, "citation": "Invented 2020", "sureness": "read",
        }  # fmt: skip
        pool = {
            "response": [0.4, 0.2, 0.6], "comparator": [0.3, 0.2, 0.4], "comparator_why": "Sham.", "certainty": "low",
            "borrowed_from": None, "in_window": True, "disputed": True,
        }  # fmt: skip
        return {"condition": condition, "option": option, "rows": [row], "pool": pool, "why_none": None}

    def trail(self, person: str) -> list[tuple[datetime, str, str, str]]:
        """Two rows."""
        return [
            (datetime(2026, 11, 20, 9, 30), "dr", "observation.add", "r-2"),
            (datetime(2026, 11, 18, 8, 0), "dr", "import", ""),
        ]

    def model_facts(self) -> str:
        """Two headings."""
        return "# Model card\n\nFitted to no patient.\n\n## Intended use\n\nBeside judgement."

    def note(self, chart: Chart) -> str:
        """One line."""
        return "Pain plan\n- RFA\n"

    def page(self, chart: Chart) -> str:
        """One line."""
        return "<p>page</p>\n"

    def as_json(self, chart: Chart) -> str:
        """One object."""
        return "{}\n"

    def keep(self, draft: object) -> None:
        """Nothing is kept."""

    def left_over(self) -> Iterator[object]:
        """Nothing was left."""
        return iter(())

    def read_value(
        self, field: Field, text: str, chart: Chart, day: str = ""
    ) -> tuple[dict[str, object] | None, str]:
        """Numbers within the range, choices by name."""
        try:
            measured = datetime.combine(date.fromisoformat(day), time()) if day else None
        except ValueError:
            return None, f"{day} is not a date."
        if field.choices:
            return (
                ({"text": text, **({"at": measured} if measured else {})}, "")
                if text in field.choices
                else (None, f"{field.label} {text}: one of {', '.join(field.choices)}.")
            )
        try:
            number = float(text)
        except ValueError:
            return None, f"{field.label} {text}: must be a number."
        if field.low is not None and field.high is not None and not field.low <= number <= field.high:
            return None, f"{field.label} {text}: must be {field.low:g} to {field.high:g}."
        return {"value": number, "code": field.fact, **({"at": measured} if measured else {})}, ""

    def read_medicine(self, cells: dict[str, str], chart: Chart) -> tuple[list[dict[str, object]], str]:
        """One row, when dose and unit are there."""
        if not cells.get("unit"):
            return [], "The dose has no unit."
        return [
            {
                "drug": cells["drug"],
                "ingredient": cells["drug"],
                "dose": float(cells["dose"]),
                "unit": cells["unit"],
            }
        ], "Read."

    def source_words(self, source: str | None, rule: str | None = None) -> str:
        """As it is."""
        return source or "not stated"

    def evidence_rows(self, ids: Sequence[str]) -> list[str]:
        """As they are."""
        return list(ids)
