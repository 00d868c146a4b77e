"""One thing that could not be used, or is in doubt: where, what, which value, what is allowed, what to do.

Levels: `row` (the whole row is set aside), `value` (the row is used, this value is left unknown), `doubt`
(used as it stands, and someone should look), `ignored` (not needed here, counted and nothing else).
"""

from dataclasses import dataclass, replace

ROW, VALUE, DOUBT, IGNORED = "row", "value", "doubt", "ignored"


@dataclass(frozen=True)
class Problem:
    """A sentence in parts. `code` is a stable word for scripts; `person` is the local id when known."""

    code: str
    what: str
    value: str = ""
    allowed: str = ""
    remedy: str = ""
    level: str = VALUE
    place: str = ""
    person: str | None = None

    def at(self, place: str, person: str | None = None) -> "Problem":
        """The same problem, with its place (and person) filled in."""
        return replace(self, place=self.place or place, person=self.person or person)

    def as_row(self) -> "Problem":
        """The same problem, now setting the whole row aside."""
        return replace(self, level=ROW)

    def sentence(self) -> str:
        """What is wrong, the value, what is allowed and what to do, in one line."""
        said = f"{self.place}: {self.what}" if self.place else self.what
        parts = [said.rstrip(".") + "."]
        parts += [f"{text.rstrip('.')}." for text in (self.allowed, self.remedy) if text]
        return " ".join(parts)
