"""Is this more than the person's own usual swing? A control chart of individual values.

The usual swing is mean +- 2.66 x the mean step from one value to the next (Shewhart's chart for single
values; 2.66 = 3 / 1.128, three standard errors from the mean moving range of two; Wheeler 1993). A value
outside it, or eight in a row on one side of the mean, is a change. With too few values it says so instead.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

SWING = 2.66  # mean moving ranges, see above: statistics, not medicine
RUN = 8  # values in a row on one side of the mean
SCALE_STEP = 1.0  # whole points are asked for: one point is no change even after equal values
FEWEST = 5  # values below which no swing is told; two neighbours give one step, and four steps are few


@dataclass(frozen=True)
class Trend:
    """state: none, too_few, usual, lower, higher. low, high: the usual swing, None when it cannot be told."""

    state: str
    n: int
    low: float | None
    high: float | None
    say: str

    def as_dict(self) -> dict[str, Any]:
        """The same as plain data."""
        return asdict(self)


def judge(
    values: Sequence[tuple[date, float]],
    *,
    top: float | None = 10,
    name: str = "pain",
    step: float = SCALE_STEP,
) -> Trend:
    """Judge the latest value against the ones before it. `values`: oldest first, on a scale 0 to `top`.

    top: None when the scale's end is not known. step: the least difference the scale can show.
    """
    n = len(values)
    if n < 2:
        return Trend("none" if n == 0 else "too_few", n, None, None, "Two visits are needed for a trend.")
    if n < FEWEST:
        return Trend(
            "too_few",
            n,
            None,
            None,
            f"{n} values: too few to tell a change from the usual swing ({FEWEST} are needed).",
        )
    numbers = [value for _, value in values]
    low, high = _swing(numbers[:-1], top, step)
    last, run = numbers[-1], _run(numbers)
    usual = f"the usual swing of {_shown(low, high, step)} to {_shown(high, high, step)}"
    if low <= last <= high and run:
        side = "below" if run < 0 else "above"
        return Trend(
            "lower" if run < 0 else "higher",
            n,
            low,
            high,
            f"The last {RUN} values lie {side} the mean of those before: {name} has shifted.",
        )
    if last < low:
        return Trend("lower", n, low, high, f"Less {name} than {usual}.")
    if last > high:
        return Trend("higher", n, low, high, f"More {name} than {usual}.")
    return Trend("usual", n, low, high, f"Within {usual}: no real change.")


def _shown(value: float, top: float, step: float) -> str:
    """Whole numbers on a scale of points, a decimal where the scale has one; thousands of steps to the hundred."""
    if step < SCALE_STEP:
        return f"{value:.1f}"
    return f"{round(value, -2):.0f}" if top >= 1000 else f"{value:.0f}"


def _swing(numbers: Sequence[float], top: float | None, step: float) -> tuple[float, float]:
    middle = sum(numbers) / len(numbers)
    steps = [abs(later - earlier) for earlier, later in zip(numbers, numbers[1:], strict=False)]
    reach = max(SWING * sum(steps) / len(steps), step)
    high = middle + reach
    return max(middle - reach, 0), high if top is None else min(high, top)


def _run(numbers: Sequence[float]) -> int:
    """-1 or 1 when the last RUN values all lie below or above the mean of those before, else 0."""
    if len(numbers) < RUN + FEWEST:
        return 0
    recent, before = numbers[-RUN:], numbers[:-RUN]
    middle = sum(before) / len(before)
    if all(value < middle for value in recent):
        return -1
    return 1 if all(value > middle for value in recent) else 0
