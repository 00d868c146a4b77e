"""A diary as daily values on its own scale, and whether the last weeks differ from the person's usual swing.

One series a symptom and scale. Several ratings of a day become their mean; a day without one stays empty. A
rating on a scale that is not 0 to 10 is never turned into one, and has no upper end that we know.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pain_tui.monitor import trend
from pain_tui.monitor.trend import Trend

NRS_TOP = 10.0
STEPS = "steps"


@dataclass(frozen=True)
class Series:
    """One thing followed day by day. scale: the diary's own word, `0-10`, or `steps`.

    days: (day, mean of the day), oldest first. ratings: how many stand behind them. gaps: days without a value
    between the first and the last. top: end of the scale, None when it is not known.
    """

    symptom: str
    scale: str
    days: tuple[tuple[date, float], ...]
    ratings: int
    top: float | None
    trend: Trend

    @property
    def first(self) -> date:
        """The first day with a value."""
        return self.days[0][0]

    @property
    def last(self) -> date:
        """The last day with a value."""
        return self.days[-1][0]

    @property
    def span(self) -> int:
        """Days from the first to the last, both counted."""
        return (self.last - self.first).days + 1

    @property
    def gaps(self) -> int:
        """Days between them without a value: not seen, neither better nor worse."""
        return self.span - len(self.days)

    def as_dict(self) -> dict[str, Any]:
        """The same as plain data, without the daily values."""
        return {
            "symptom": self.symptom, "scale": self.scale, "first": self.first, "last": self.last,
            "days": len(self.days), "days_without": self.gaps, "ratings": self.ratings,
            "latest": self.days[-1][1], "trend": self.trend.as_dict(),
        }  # fmt: skip


def series(rows: Iterable[Mapping[str, Any]]) -> tuple[Series, ...]:
    """Diary rows (at, nrs, intensity, scale, symptom, steps) as series; pain first, the longest first."""
    held: dict[tuple[str, str], dict[date, list[float]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        day = row["at"].date() if isinstance(row["at"], datetime) else row["at"]
        symptom = str(row.get("symptom") or "pain")
        if row.get("nrs") is not None:
            held[symptom, "0-10"][day].append(float(row["nrs"]))
        if row.get("intensity") is not None:
            held[symptom, str(row.get("scale") or "not named")][day].append(float(row["intensity"]))
        if row.get("steps") is not None:
            held[STEPS, STEPS][day].append(float(row["steps"]))
    made = [_series(symptom, scale, days) for (symptom, scale), days in held.items()]
    return tuple(sorted(made, key=lambda one: (one.scale == STEPS, -len(one.days), one.symptom)))


def _series(symptom: str, scale: str, found: Mapping[date, Sequence[float]]) -> Series:
    days = tuple((day, sum(values) / len(values)) for day, values in sorted(found.items()))
    top = NRS_TOP if scale == "0-10" else None
    name = symptom.casefold() if scale != STEPS else "walking"
    judged = trend.judge(days, top=top, name=name, step=_step(days, scale))
    return Series(symptom, scale, days, sum(len(values) for values in found.values()), top, judged)


def _step(days: Sequence[tuple[date, float]], scale: str) -> float:
    """The least difference that the scale can show: a point of 0 to 10, else the smallest one seen."""
    if scale == "0-10":
        return trend.SCALE_STEP
    numbers = sorted({value for _, value in days})
    return min((b - a for a, b in zip(numbers, numbers[1:], strict=False)), default=0.0)
