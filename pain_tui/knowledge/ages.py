"""How old the genetic tables are: each part's date, and its age on a day."""

from dataclasses import dataclass
from datetime import date

from pain_tui.knowledge.rows import rows

_YEAR = 365.25


@dataclass(frozen=True)
class Age:
    """One part of the tables. `say`: what it holds; `days`: its age, never negative."""

    part: str
    say: str
    data_date: date
    days: int
    is_checked: bool

    @property
    def words(self) -> str:
        """`alleles and functions of 2025-11-05 (1.1 years old)`."""
        age = f"{self.days} days" if self.days < _YEAR else f"{self.days / _YEAR:.1f} years"
        doubt = "" if self.is_checked else ", not checked"
        return f"{self.say} of {self.data_date.isoformat()} ({age} old{doubt})"


def of_gene(gene: str, as_of: date) -> list[Age]:
    """The parts that speak about one gene: its own alleles where they have a date of their own."""
    every = [row for row in rows("table_ages") if row["gene"] in ("", gene)]
    own = {row["part"] for row in every if row["gene"]}
    return [_age(row, as_of) for row in every if row["gene"] or row["part"] not in own]


def overall(as_of: date) -> list[Age]:
    """Every part once, genes of their own left out."""
    return [_age(row, as_of) for row in rows("table_ages") if not row["gene"]]


def sentence(ages: list[Age]) -> str:
    """One sentence for a screen or a line: the tables with their ages."""
    compared = next((age for age in ages if age.part == "compared"), None)
    told = "; ".join(age.words for age in ages if age.part != "compared")
    later = f"; {compared.say} up to {compared.data_date.isoformat()}" if compared else ""
    return f"Tables: {told}{later}."


def dates(ages: list[Age]) -> str:
    """The two dates that matter in a few words: the oldest part, and up to when it was compared."""
    oldest = min(age.data_date for age in ages if age.part != "compared")
    compared = next((age for age in ages if age.part == "compared"), None)
    return f"tables of {oldest.isoformat()}" + (
        f", compared {compared.data_date.isoformat()}" if compared else ""
    )


def _age(row: dict[str, str], as_of: date) -> Age:
    day = date.fromisoformat(row["data_date"])
    return Age(row["part"], row["say"], day, max((as_of - day).days, 0), row["sureness"] != "unchecked")
