"""How values are written: `?` is not known, `-` is zero or none, risks are whole numbers of 100."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

UNKNOWN = "?"
NONE = "-"
TIERS = ("STOP", "CAUTION", "NOTE")
COUNTED = (*TIERS, "MISSING")


def number(value: float | int | None, decimals: int = 1) -> str:
    """A number without needless zeros; `?` when not known."""
    if value is None:
        return UNKNOWN
    text = f"{float(value):.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def as_shown(value: object) -> str:
    """A recorded value: a number with one decimal at most, anything else as it stands."""
    try:
        return number(float(str(value)))
    except ValueError:
        return str(value)


def of_100(value: float | None) -> str:
    """A probability as a whole number of 100."""
    return UNKNOWN if value is None else str(round(value * 100))


def interval(estimate: Mapping[str, Any] | None) -> str:
    """`44-71`, of 100; below zero written with `to`."""
    if estimate is None:
        return UNKNOWN
    low, high = of_100(estimate.get("lo")), of_100(estimate.get("hi"))
    return f"{low} to {high}" if low.startswith("-") or high.startswith("-") else f"{low}-{high}"


def signed(value: float) -> str:
    """`+14`, `-3`, `0`."""
    rounded = round(value)
    return f"{rounded:+d}" if rounded else "0"


def day(value: date | datetime | str | None) -> str:
    """An ISO date; `?` when not known."""
    if value is None:
        return UNKNOWN
    return value.strftime("%Y-%m-%d") if isinstance(value, date) else str(value)[:10]


def days_between(earlier: date | datetime | str | None, later: date) -> int | None:
    """Whole days from one date to another; None when the first is not known."""
    if earlier is None:
        return None
    return (later - date.fromisoformat(day(earlier))).days


def ago(earlier: date | datetime | str | None, today: date) -> str:
    """`today`, `2 days ago`, `never`."""
    days = days_between(earlier, today)
    if days is None:
        return "never"
    return "today" if days == 0 else "1 day ago" if days == 1 else f"{days} days ago"


def count(total: int, one: str, many: str = "") -> str:
    """`1 option`, `6 options`."""
    return f"{total} {one if total == 1 else many or one + 's'}"


def sex_letter(sex: str | None) -> str:
    """F, M, or `?`."""
    return {"female": "F", "male": "M"}.get(sex or "", UNKNOWN)


def age(years: float | int | None) -> str:
    """Whole years; `?` when not known."""
    return UNKNOWN if years is None else str(int(years))


def plain_id(identifier: str | None) -> str:
    """An id of a table as words."""
    return (identifier or UNKNOWN).replace("_", " ")


def years_between(birth: date, on: date) -> int:
    """Whole years, for the list before anything is assessed; the assessment has its own."""
    return on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))
