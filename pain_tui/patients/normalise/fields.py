"""Single cells: text made harmless, dates and times, yes and no, numbers with their range."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pain_tui.patients.normalise.problem import Problem

_ESCAPES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[@-_]?")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_DATE = re.compile(r"^(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?$")
# An empty cell in any column. The longer words for "no value" ('pending', 'declined') count only where a
# value is expected: elsewhere they may be what is meant.
_EMPTY = {"", "null", "na", "n/a", ".", "-"}
_YES = {"yes", "y", "true", "t", "1", "positive", "present"}
_NO = {"no", "n", "false", "f", "0", "negative", "absent"}


@dataclass(frozen=True)
class Moment:
    """A time in local clinic time, without zone, with the precision it was written in."""

    at: datetime
    precision: str  # year, month, day, minute, second


def harmless(value: object) -> tuple[str | None, bool]:
    """The text without terminal escapes and control characters, and whether there were any. None when
    missing.
    """
    if value is None or isinstance(value, float) and value != value:
        return None, False
    text = str(value)
    if text.isprintable():
        stripped = text
    else:
        stripped = _CONTROL.sub("", _ESCAPES.sub("", text.replace("\r\n", "\n")))
        stripped = "".join(c for c in stripped if not 0xD800 <= ord(c) <= 0xDFFF)
    return (None if stripped.strip().lower() in _EMPTY else stripped.strip()), stripped != text.replace(
        "\r\n", "\n"
    )


def flag(text: str | None) -> bool | None:
    """Yes or no in words; None when it is neither."""
    word = (text or "").strip().lower()
    return True if word in _YES else False if word in _NO else None


@lru_cache(maxsize=200_000)
def moment(text: str, zone: str | None = None) -> Moment | None:
    """An ISO date or time. With an offset it is turned into the file's time zone; None when it is no ISO
    time.
    """
    written = text.strip()
    match = _DATE.match(written)
    try:
        if match:
            year, month, day = (int(g) if g else None for g in match.groups())
            return Moment(
                datetime(year or 0, month or 1, day or 1), "day" if day else "month" if month else "year"
            )
        at = datetime.fromisoformat(written)
        if at.tzinfo is not None:
            at = at.astimezone(_zone(zone)).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return None
    return Moment(at.replace(microsecond=0), "second" if at.second else "minute")


@lru_cache(maxsize=16)
def _zone(name: str | None) -> ZoneInfo:
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def day(text: str, zone: str | None = None) -> tuple[date | None, Problem | None]:
    """A date; of a partial date the first day, with a doubt that says so."""
    found = moment(text, zone)
    if found is None:
        return None, Problem(
            "not_a_date",
            f"{text} is not a date",
            text,
            "Dates are written 2026-11-20",
            "Correct the date and import again",
        )
    if found.precision in ("year", "month"):
        return found.at.date(), Problem(
            "partial_date", f"{text} names no day: its first day is stored", text, "", "", level="doubt"
        )
    return found.at.date(), None


def end_of(text: str, found: date) -> date:
    """The last day of a partial date, for a stop: a course that ends 'in 2024-03' may last to its end."""
    written = text.strip()
    if len(written) == 4:
        return date(found.year, 12, 31)
    if len(written) in (6, 7):
        following = found.replace(day=28) + timedelta(days=4)
        return following - timedelta(days=following.day)
    return found


def future(found: date | datetime, as_of: date | None, text: str) -> Problem | None:
    """The problem of a date after today; None when it is not, or when today is not known."""
    when = found.date() if isinstance(found, datetime) else found
    if as_of is None or when <= as_of:
        return None
    return Problem(
        "date_in_future",
        f"{text} is in the future",
        text,
        f"Dates run from birth to today ({as_of.isoformat()})",
        "Correct the date and import again",
    )
