"""Turn drawn covariates into fictional people: records in the shape of docs/cli.md, one dict a person."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from pain_tui.patients.fictional import clinical
from pain_tui.patients.fictional.covariates import Floats, Margin, correlation_matrix, draw, margin_of, rows

Record = dict[str, Any]

# The names the correlation rows use for the same thing.
_RENAME = {"sex_female": "sex_female", "smoking": "smoking", "any_opioid": "any_opioid", "mme": "mme"}


@dataclass(frozen=True)
class Draw:
    """One person's covariates: variable name to value, and the person's own random stream."""

    values: dict[str, float]
    random: np.random.Generator
    as_of: date

    def chance(self, share: float) -> bool:
        """True with the given probability."""
        return bool(self.random.random() < share)

    def pick(self, choices: list[Any]) -> Any:
        """One of the choices, all equally likely."""
        return choices[int(self.random.integers(len(choices)))]

    def days_ago(self, least: int, most: int) -> date:
        """A day between `least` and `most` days before the as-of date."""
        return self.as_of - timedelta(days=int(self.random.integers(least, most + 1)))


@lru_cache(maxsize=1)
def recipes() -> dict[str, Any]:
    """The invented part: recipes.toml."""
    return tomllib.loads((Path(__file__).parent / "recipes.toml").read_text(encoding="utf-8"))


def default_as_of() -> date:
    """The day on which the fictional clinic is looked at unless another is asked for."""
    return date.fromisoformat(recipes()["default_as_of"])


def draw_people(people: int, seed: int, as_of: date, *, first_number: int = 1) -> Iterator[Record]:
    """Yield `people` fictional records. The same arguments give the same records.

    The first records go through all conditions once, so that a clinic of 27 or more has each of them.
    """
    covariates = _covariates(people, seed)
    streams = np.random.SeedSequence(seed).spawn(people)
    conditions = _conditions(people, seed)
    for i in range(people):
        values = {name: float(column[i]) for name, column in covariates.items()}
        one = Draw(values, np.random.default_rng(streams[i]), as_of)
        yield _record(one, f"FIC-{first_number + i:04d}", conditions[i])


def _covariates(people: int, seed: int) -> dict[str, Floats]:
    table = rows()
    chosen = recipes()
    margins = {name: margin_of(table[row]) for name, row in chosen["margins"].items()}
    margins |= {name: Margin(**entry) for name, entry in chosen["own_margins"].items()}
    correlation = correlation_matrix(list(margins), table, _RENAME)
    return draw(people, margins, correlation, seed)


def _conditions(people: int, seed: int) -> list[str]:
    entries = recipes()["conditions"]
    names = list(entries)
    weights = np.array([entries[name]["weight"] for name in names], dtype=float)
    drawn = np.random.default_rng(seed + 1).choice(names, size=people, p=weights / weights.sum())
    return names[:people] + [str(name) for name in drawn[len(names) :]]


def _record(one: Draw, person: str, condition: str) -> Record:
    recipe = recipes()["conditions"][condition]
    age = float(np.clip(one.values["age"] + recipe.get("age_shift", 0), 18, 95))
    born = one.as_of - timedelta(days=int(age * 365.25) + int(one.random.integers(0, 300)))
    sex = "female" if one.values["sex_female"] else "male"
    visited = one.days_ago(0, 60)
    record: Record = {
        "person": {
            "person": person,
            "birth_date": born.isoformat(),
            "sex": sex,
            "fictional": True,
            **_name(one, sex),
        },
        "problems": [clinical.problem(one, condition, recipe)],
        "observations": clinical.observations(one, recipe, age, sex, visited),
        "treatments": clinical.treatments(one, condition),
        "genotype": clinical.genotype(one),
        "visits": [{"at": f"{_next_visit(one).isoformat(timespec='minutes')}", "reason": "clinic"}],
        "diary": [],
    }
    medications = clinical.medications(one, recipe, age)
    diagnoses = clinical.conditions(one, recipe, age)
    record["reviews"] = clinical.reviews(one, visited)
    record["medications"] = medications
    record["conditions"] = diagnoses
    record["allergies"] = clinical.allergies(one)
    record["devices"] = clinical.devices(one)
    return record


def _name(one: Draw, sex: str) -> dict[str, str]:
    names = recipes()["names"]
    return {"family": one.pick(names["family"]), "given": one.pick(names[f"given_{sex}"])}


def _next_visit(one: Draw) -> datetime:
    day = one.as_of + timedelta(days=int(one.random.choice([0, 0, 1, 3, 7, 14, 28])))
    return datetime(day.year, day.month, day.day, 8, 40) + timedelta(
        minutes=20 * int(one.random.integers(0, 24))
    )
