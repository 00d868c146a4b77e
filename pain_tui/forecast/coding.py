"""From recorded facts to coded, centred predictors: what a term reads, and what "not known" means for it.

A coded value is centred on the evidence population, so that the average person of the trials has shift 0.
Four states are kept apart: coded, missing (no value), outside (a value that the contrast does not speak of,
as a medium group between high and low), and not applicable (a first treatment where only repeats were
studied).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

CODED, MISSING, OUTSIDE, NOT_APPLICABLE = 0, 1, 2, 3
NONE_YET = "none"  # in a reference: known that there was no such treatment before

Array = NDArray[Any]
_OPERATORS = {">=": np.greater_equal, "<=": np.less_equal, ">": np.greater, "<": np.less}


@dataclass(frozen=True)
class Column:
    """One fact over n rows. numbers: float64 with NaN; words: objects with None; flags are 1.0 and 0.0."""

    numbers: Array | None = None
    words: Array | None = None
    none_yet: Array | None = None

    @property
    def size(self) -> int:
        """How many rows."""
        held = self.numbers if self.numbers is not None else self.words
        return 0 if held is None else len(held)

    def take(self, index: Array) -> "Column":
        """The rows of an index, in its order."""
        picked = [None if held is None else held[index] for held in (self.numbers, self.words, self.none_yet)]
        return Column(*picked)


def column(values: Any) -> Column:
    """A column from a list with None for what is not known, or from a masked or plain array."""
    if isinstance(values, list):
        if any(isinstance(value, str) for value in values):
            return Column(words=np.array(values, dtype=object))
        return Column(numbers=np.array(values, dtype=np.float64))
    data = np.ma.asarray(values)
    hidden = np.ma.getmaskarray(data)
    if data.dtype.kind in "biuf":
        numbers = np.asarray(data.data, dtype=np.float64).copy()
        numbers[hidden] = np.nan
        return Column(numbers=numbers)
    words = np.asarray(data.data, dtype=object).copy()
    words[hidden] = None
    return Column(words=words)


def code(term: Mapping[str, Any], facts: Column | None, size: int) -> tuple[Array, Array]:
    """Coded values (NaN unless coded) and states, both of length `size`, of one term of the model."""
    if facts is None:
        return np.full(size, np.nan), np.full(size, MISSING, dtype=np.int8)
    known = _known(facts)
    if term["form"] == "linear":
        if facts.numbers is None:
            raise TypeError(f"{term['fact']} must be a number")
        x = (facts.numbers - term["mean"]) / term["per"]
        return np.where(known, x, np.nan), np.where(known, CODED, MISSING).astype(np.int8)
    when, reference = matches(term["when"], facts), matches(term["reference"], facts)
    if term["form"] == "level":
        x = np.where(known, when.astype(float) - term["mean"], np.nan)
        return x, np.where(known, CODED, MISSING).astype(np.int8)
    x = np.where(when, 1.0 - term["mean"], np.where(reference, -term["mean"], np.nan))
    state = np.where(when | reference, CODED, np.where(known, OUTSIDE, MISSING)).astype(np.int8)
    if facts.none_yet is not None:
        state[facts.none_yet & ~(when | reference)] = NOT_APPLICABLE
    return x, state


def matches(expression: str, facts: Column) -> Array:
    """Where the known fact meets one expression: `>=3`, `0`, `50..79`, `low`, `a|b`, `true`, `none`."""
    if expression == NONE_YET and facts.none_yet is not None:
        return facts.none_yet
    if facts.words is not None:
        wanted = set(expression.split("|"))
        return np.fromiter((w in wanted for w in facts.words), dtype=bool, count=len(facts.words))
    if facts.numbers is None:
        return np.zeros(0, dtype=bool)
    numbers = facts.numbers
    with np.errstate(invalid="ignore"):
        return _number_matches(expression, numbers) & ~np.isnan(numbers)


def _number_matches(expression: str, numbers: Array) -> Array:
    for sign, compare in _OPERATORS.items():
        if expression.startswith(sign):
            return np.asarray(compare(numbers, float(expression[len(sign) :])))
    if expression in ("true", "false"):
        return np.asarray(numbers == (1.0 if expression == "true" else 0.0))
    if ".." in expression:
        low, high = (float(part) for part in expression.split(".."))
        return np.asarray((numbers >= low) & (numbers <= high))
    if expression == NONE_YET:
        return np.zeros(len(numbers), dtype=bool)
    return np.isin(numbers, [float(part) for part in expression.split("|")])


def _known(facts: Column) -> Array:
    if facts.numbers is not None:
        return ~np.isnan(facts.numbers)
    words = facts.words if facts.words is not None else np.zeros(0, dtype=object)
    return np.fromiter((w is not None for w in words), dtype=bool, count=len(words))
