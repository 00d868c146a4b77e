"""What a teaching case teaches: the naive answer beside the careful one, its traps, and notes for whoever leads the hour.

Only for people of a fictional file; the case's id is the person's id.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

from pain_tui.patients.fictional.clinic import teaching_cases

FICTIONAL = "FICTIONAL: this is not a real person."


@dataclass(frozen=True)
class Lesson:
    """One case. ask: questions before anything is shown; where: the keys that show it; must_show: what the program says."""

    person: str
    title: str
    teaches: str
    traps: tuple[str, ...]
    naive: str
    careful: str
    ask: tuple[str, ...]
    where: str
    must_show: Mapping[str, Any]

    def as_dict(self) -> dict[str, Any]:
        """The same as plain data."""
        return {
            **asdict(self),
            "traps": list(self.traps),
            "ask": list(self.ask),
            "must_show": dict(self.must_show),
        }

    def shows(self) -> list[str]:
        """What the program must show, in words."""
        held = self.must_show
        said = [f"{one['tier']}: {one.get('rule') or one.get('drug')}" for one in held.get("findings", ())]
        said += [f"cannot be said: {one.get('code') or one.get('fact')}" for one in held.get("limits", ())]
        said += [f"no estimate for {option}: {why}" for option, why in held.get("no_estimate", {}).items()]
        said += [f"{gene}: {state}" for gene, state in held.get("gene_state", {}).items()]
        if held.get("check"):
            said.append(f"check of {held['check']['option']}: {held['check']['answer']}")
        if held.get("mme_state"):
            said.append(f"opioid total: {held['mme_state']}")
        if held.get("naloxone"):
            said.append("an offer of naloxone")
        return [text.replace("_", " ") for text in said] or [
            "no STOP and no refusal: the plan itself is the lesson"
        ]


@lru_cache(maxsize=1)
def lessons() -> Mapping[str, Lesson]:
    """Every case, by the id of its person, in the order of the course."""
    return {lesson.person: lesson for lesson in map(_lesson, teaching_cases())}


def lesson_of(person: str, kind: str) -> Lesson | None:
    """The lesson of a person; None for anybody else, and always in a file of real people."""
    return lessons().get(person) if kind == "fictional" else None


def _lesson(case: Mapping[str, Any]) -> Lesson:
    return Lesson(
        person=case["record"]["person"]["person"],
        title=case["title"],
        teaches=case["teaches"],
        traps=tuple(case["traps"]),
        naive=case["naive_answer"],
        careful=case["careful_answer"],
        ask=tuple(case["ask"]),
        where=case["where"],
        must_show=case["must_show"],
    )
