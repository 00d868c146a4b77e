"""A person's course as the monitor shows it: the diary, and a verdict on each treatment given and each plan signed.

Reads a cursor with knowledge and the loaded case; diary and ledger come from the attached patient file.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from pain_tui.monitor import diary, verdict
from pain_tui.monitor.diary import Series
from pain_tui.monitor.verdict import Verdict, Window

MEASURES = {"nrs": "nrs_average", "peg": "peg"}
_WINDOWS = Path(__file__).with_name("windows.sql")
_DIARY = """
SELECT "at", nrs, intensity, scale, symptom, steps FROM clinic.main.diary
WHERE person = ? AND is_current AND "at"::DATE <= ? ORDER BY "at"
"""
_GIVEN = """
SELECT option, date, relief_pct FROM case_treatment
WHERE person = ? AND option IS NOT NULL AND date IS NOT NULL AND date <= ? ORDER BY date DESC
"""
_VALUES = """
SELECT code, "at"::DATE, max_by(value, "at") FROM case_observation
WHERE person = ? AND code IN ('nrs_average', 'peg') AND value IS NOT NULL AND "at"::DATE <= ?
GROUP BY 1, 2 ORDER BY 2
"""
_EVENTS = """
SELECT date, option, coalesce(text, replace(option, '_', ' '), drug) FROM case_treatment
WHERE person = $1 AND date <= $2
UNION ALL SELECT start, NULL, coalesce(ingredient, drug) || ' started' FROM case_medication
WHERE person = $1 AND start <= $2
UNION ALL SELECT stop, NULL, coalesce(ingredient, drug) || ' stopped' FROM case_medication
WHERE person = $1 AND stop <= $2
ORDER BY 1
"""
_SIGNED = """
SELECT entry, option, "at"::DATE AS day, forecast FROM clinic.main.ledger
WHERE person = ? AND "at"::DATE <= ? ORDER BY "at" DESC, entry
"""


@dataclass(frozen=True)
class Told:
    """One forecast that was told when a plan was signed, and what came of it so far."""

    entry: str
    option: str
    day: date
    forecast: Mapping[str, Any]
    verdict: Verdict


@dataclass(frozen=True)
class Course:
    """diary: series by symptom. given: a verdict on each treatment given. told: on each forecast of a signed plan."""

    diary: tuple[Series, ...] = ()
    given: tuple[Verdict, ...] = ()
    told: tuple[Told, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The same as plain data."""
        return {
            "diary": [one.as_dict() for one in self.diary],
            "verdicts": [one.as_dict() for one in self.given],
            "said_and_happened": [
                {"entry": one.entry, "option": one.option, "signed": one.day, "told": dict(one.forecast),
                 "happened": one.verdict.as_dict()}
                for one in self.told
            ],
        }  # fmt: skip


def read(cursor: duckdb.DuckDBPyConnection, person: str, as_of: date) -> Course:
    """The course of one person whose case is loaded on the cursor, the patient file attached."""
    rows = _dicts(cursor, _DIARY, [person, as_of])
    given = cursor.execute(_GIVEN, [person, as_of]).fetchall()
    signed = cursor.execute(_SIGNED, [person, as_of]).fetchall()
    if not given and not signed:
        return Course(diary.series(rows))
    judging = _Judging(cursor, person, as_of)
    return Course(
        diary.series(rows),
        tuple(replace(judging.one(option, day), recorded_pct=relief) for option, day, relief in given),
        tuple(_told(judging, *row) for row in signed),
    )


def _told(judging: "_Judging", entry: str, option: str, day: date, kept: str) -> Told:
    forecast = json.loads(kept)
    weeks = (forecast.get("response") or {}).get("horizon_weeks")
    start = judging.given_after(option, day)
    if start is None and judging.is_procedure(option):
        said = "Not recorded as given yet: nothing to judge."
        return Told(
            entry, option, day, forecast, Verdict(option, day, "not_given", said, name=judging.name(option))
        )
    return Told(entry, option, day, forecast, judging.one(option, start or day, horizon=weeks))


class _Judging:
    """What every verdict on one person needs, read once."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, person: str, as_of: date) -> None:
        self._as_of = as_of
        found = cursor.execute(_WINDOWS.read_text(encoding="utf-8")).fetchall()
        self._windows = {row[0]: (Window(row[1], row[2], row[3], row[4], row[5]), row[6]) for row in found}
        self._settings = dict(cursor.execute("SELECT name, value FROM knowledge.monitor_rules").fetchall())
        self._horizons = {
            row[0]: row for row in cursor.execute("SELECT horizon_weeks, from_weeks, to_weeks FROM knowledge.horizons").fetchall()
        }  # fmt: skip
        self._procedures = {
            row[0] for row in cursor.execute("SELECT option FROM knowledge.option_links WHERE kind = 'procedure'").fetchall()
        }  # fmt: skip
        self._names = dict(cursor.execute("SELECT option, name FROM knowledge.option_names").fetchall())
        self._values: dict[str, list[tuple[date, float]]] = {code: [] for code in MEASURES.values()}
        for code, day, value in cursor.execute(_VALUES, [person, as_of]).fetchall():
            self._values[code].append((day, value))
        self._events: list[tuple[date, str | None, str]] = cursor.execute(_EVENTS, [person, as_of]).fetchall()

    def is_procedure(self, option: str) -> bool:
        """Something that is done on a day, and recorded as given."""
        return option in self._procedures

    def given_after(self, option: str, day: date) -> date | None:
        """The first day on or after one on which the option was given."""
        return next((when for when, what, _ in self._events if what == option and when >= day), None)

    def one(self, option: str, start: date, *, horizon: int | None = None) -> Verdict:
        """The verdict on one course, with the option's name."""
        return replace(self._judged(option, start, horizon), name=self.name(option))

    def name(self, option: str) -> str:
        """The option in words."""
        return str(self._names.get(option) or option.replace("_", " "))

    def _judged(self, option: str, start: date, horizon: int | None) -> Verdict:
        window, measure = self._windows.get(option) or (self._of_horizon(horizon), "nrs")
        if measure not in MEASURES:
            said = f"It is judged on {measure}, which this file does not hold."
            return Verdict(option, start, "no_window", said)
        others = [(when, said) for when, what, said in self._events if (when, what) != (start, option)]
        return verdict.judge(
            option, start, window, values=self._values[MEASURES[measure]], events=others,
            settings=self._settings, as_of=self._as_of, measure="pain" if measure == "nrs" else "PEG",
        )  # fmt: skip

    def _of_horizon(self, weeks: int | None) -> Window | None:
        found = self._horizons.get(weeks)
        if found is None:
            return None
        return Window(
            found[1], found[2], self._settings["substantial_relief"], "the forecast's own time", "m01"
        )


def _dicts(cursor: duckdb.DuckDBPyConnection, sql: str, values: Sequence[object]) -> Iterator[dict[str, Any]]:
    cursor.execute(sql, list(values))
    names = [column[0] for column in cursor.description or []]
    for row in cursor.fetchall():
        yield dict(zip(names, row, strict=True))
