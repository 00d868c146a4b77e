"""Calculators over files of any length: the same answers in the same order, whatever is held in memory."""

import random
from collections.abc import Iterator
from typing import Any

import pytest

from pain_tui.assess.calculators.medicine_rows import Asked
from pain_tui.cli import whole_people


def _rows(count: int) -> list[Asked]:
    """People whose rows stand apart from each other."""
    chance = random.Random(7)
    return [Asked(row, f"p{chance.randrange(count // 3 or 1)}", {"drug": "x"}) for row in range(1, count + 1)]


@pytest.mark.parametrize("count", [0, 1, 49, 50, 51, 700])
def test_rows_of_one_person_are_answered_together_and_in_order(count: int) -> None:
    rows = _rows(count)
    sizes: list[int] = []

    def answer(part: list[Asked]) -> Iterator[tuple[int, dict[str, Any]]]:
        sizes.append(len(part))
        for asked in part:
            yield asked.row, {"row": asked.row, "of": sum(other.id == asked.id for other in part)}

    found = list(whole_people.in_order(iter(rows), answer, in_memory=50))
    every = {asked.id: sum(other.id == asked.id for other in rows) for asked in rows}
    assert found == [{"row": asked.row, "of": every[asked.id]} for asked in rows]
    largest = max([50, *every.values()])
    assert all(size <= largest for size in sizes)
