"""How often and how much, from a written direction: '1-2 tablets every 4-6 h as needed, max 6 a day'.

Words come from the knowledge table `frequency_words`. A range gives the scheduled (lower) and the largest
number of
administrations a day. 'As needed' alone schedules nothing and has no known maximum. What is not understood,
or says
two things, stays unknown with a note.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from pain_tui.patients.normalise import sig_patterns as patterns
from pain_tui.patients.normalise import sig_words
from pain_tui.patients.normalise.doses import dose_unit
from pain_tui.patients.normalise.doses import route as route_name
from pain_tui.patients.normalise.tables import rows, split

_COUNTS = ("time", None)  # what a largest number a day may count beside pieces and mass


@dataclass(frozen=True)
class Sig:
    """A direction as read. per_day: scheduled administrations a day; per_day_max: the most the direction
    allows; None is
    unknown. dose_*: per administration, in dose_unit ('piece', 'mg', 'mL' ...). most_*: stated largest
    amount a day."""

    written: str = ""
    per_day: float | None = None
    per_day_max: float | None = None
    dose_min: float | None = None
    dose_max: float | None = None
    dose_unit: str | None = None
    as_needed: bool | None = None
    once: bool = False
    continuous: bool = False
    stopped: bool = False
    days: float | None = None
    most: float | None = None
    most_unit: str | None = None
    route: str | None = None
    note: str = ""

    @property
    def understood(self) -> bool:
        """True when a frequency (or one dose, or a continuous rate, or as needed) was read."""
        return self.per_day_max is not None or self.once or self.continuous or bool(self.as_needed)


@lru_cache(maxsize=100_000)
def parse(text: str | None) -> Sig:
    """Read a direction. Nothing written gives an empty Sig; never raises."""
    written = (text or "").strip()
    if not written:
        return Sig()
    words = " ".join(sig_words.planned(sig_words.plain(written)).split())
    whole = sig_words.phrases().get(words)
    if whole and not words.startswith("1 patch"):
        return _from_row(whole, written)
    words, days = _take_duration(words)
    words, most, most_unit = _take_most(words)
    words, doses = _take_quantities(words)
    words, prn = _take_prn(words)
    if prn is None and re.search(r"\bup to\b", words) and not patterns.TIMES.search(words):
        words, prn = words.replace("up to", " "), True
    words, clock = _take_clock(words)
    low, high, kind, note = _frequency(words, clock)
    if most is not None and not note and high is None and low is None and (most_unit in _COUNTS or not doses):
        if most_unit == "piece":
            doses = [
                (1.0, 1.0, "piece")
            ]  # six tablets a day at most: six times one, whatever is taken at once
        if most_unit in (*_COUNTS, "piece"):
            low, high, prn, most = 0.0, most, True if prn is None else prn, None
    dose = doses[0] if len(set(doses)) == 1 else (None, None, None)
    if most is not None and high is None and prn and not note and dose[1] and dose[2] == most_unit:
        low, high, most = 0.0, most / dose[1], None  # '1-2 tablets as needed, no more than 6 tablets a day'
    if prn is None and low == 0 and high:
        prn = True
    if len(set(doses)) > 1:
        low, high, note = None, None, "the dose changes within the day: give each as its own line"
    return _bounded(
        Sig(
            written,
            0.0 if prn else low,
            high,
            dose_min=dose[0],
            dose_max=dose[1],
            dose_unit=dose[2],
            as_needed=prn if prn is not None else (False if high is not None else None),
            once=kind == "once",
            continuous=kind == "continuous",
            stopped=kind == "stopped",
            days=days,
            most=most,
            most_unit=most_unit,
            route=_route_in(words),
            note=note,
        )
    )


@lru_cache(maxsize=10_000)
def times_per_day(count: float | None, period: float | None, unit: str | None) -> float | None:
    """Times a day from FHIR's frequency, period and unit of time; None when the unit is no time or the
    period is 0.
    """
    for row in rows("frequency_words"):
        if (
            row["kind"] == "fhir_period_unit"
            and unit
            and unit.strip().lower() in [row["phrase"], *split(row["aliases"])]
        ):
            return (
                count * 24 / (period * float(row["interval_max_h"])) if count is not None and period else None
            )
    return None


@lru_cache(maxsize=10_000)
def coded(kind: str, code: str) -> tuple[float, float] | None:
    """Times a day (least, most) of a timing code: kind 'fhir_code' ('BID') or 'snomed_timing'; None when
    unknown.
    """
    for row in rows("frequency_words"):
        if row["kind"] == kind and row["phrase"].lower() == code.strip().lower():
            return float(row["times_per_day_min"]), float(row["times_per_day_max"])
    return None


def _from_row(row: dict[str, str], written: str) -> Sig:
    low, high = _float(row["times_per_day_min"]), _float(row["times_per_day_max"])
    prn = row["prn"] == "yes"
    if row["kind"] == "once":
        return Sig(written, once=True, as_needed=False, note=row["note"])
    if row["kind"] == "continuous":
        return Sig(written, continuous=True, as_needed=False, note=row["note"])
    if row["kind"] == "modifier" and not prn:
        return Sig(written, stopped=row["safety_flag"] == "inactive", note=row["note"] or row["safety_flag"])
    if _is_ambiguous(sig_words.plain(written), row):
        return Sig(written, note=row["safety_flag"])
    return Sig(
        written, 0.0 if prn else low, high, as_needed=prn, note=row["note"] if prn and high is None else ""
    )


def _take_duration(words: str) -> tuple[str, float | None]:
    match = patterns.FOR.search(words)
    if not match:
        return words, None
    days = {"d": 1.0, "w": 7.0, "m": 30.4}[match.group("unit")[0]]
    return sig_words.cut(words, match), float(match.group("n")) * days


def _take_most(words: str) -> tuple[str, float | None, str | None]:
    """'max 6 tablets a day' limits pieces; beside another frequency a bare 'max 6 a day' also counts
    pieces.
    """
    match = patterns.DAILY_DOSE.search(words) or patterns.MOST.search(words)
    if not match:
        return words, None, None
    unit = match.group("unit") or ""
    rest = sig_words.cut(words, match)
    if unit in ("doses", "times"):
        return rest, float(match.group("n")), "time"
    known = dose_unit(unit) if unit else None
    return rest, float(match.group("n")), known[0] if known else None


def _take_quantities(words: str) -> tuple[str, list[tuple[float, float, str]]]:
    found: list[tuple[float, float, str]] = []

    def cut(match: re.Match[str]) -> str:
        unit = match.groupdict().get("unit") or "tablet"
        # a drop is no piece: its share of a strength is not known
        known = ("drops", 1.0) if unit.startswith("drop") else dose_unit(unit) or ("piece", 1.0)
        low = float(match.group("low")) * known[1]
        found.append((low, float(match.group("high") or match.group("low")) * known[1], known[0]))
        return " "

    rest = patterns.QUANTITY.sub(cut, words)
    if not found:
        rest = patterns.BARE.sub(cut, rest)
    return " ".join(rest.split()), found


def _take_prn(words: str) -> tuple[str, bool | None]:
    for phrase in sig_words.prn_words():
        if phrase == "for pain" and words.strip() != phrase:
            continue  # beside a frequency it is the indication: a dose every 12 hours for pain is scheduled
        if phrase in words and sig_words.whole(phrase).search(words):
            return re.sub(sig_words.bounded_word(phrase) + patterns.WHAT_FOR, " ", words), True
    return words, None


def _take_clock(words: str) -> tuple[str, int]:
    times = {match.group(0) for match in patterns.CLOCK.finditer(words)}
    return (" ".join(patterns.CLOCK.sub(" ", words).split()), len(times)) if times else (words, 0)


def _frequency(words: str, clock: int) -> tuple[float | None, float | None, str, str]:
    """(least, most) times a day, what kind of order it is, and a note when it says two things."""
    found: list[tuple[float, float]] = [(float(clock), float(clock))] if clock else []
    for pattern, read in ((patterns.EVERY, _every), (patterns.HOURLY, _every), (patterns.TIMES, _times)):
        for match in pattern.finditer(words):
            found += read(match)
        words = pattern.sub(" ", words)
    kind, note = "", ""
    timing: dict[str, tuple[float, float]] = {}
    for phrase, row in sig_words.by_length():
        said = sig_words.whole(phrase).search(words) if phrase in words else None
        if not said or (
            phrase in patterns.ONLY_ALONE and patterns.FILLER.sub("", words).strip(" ,.;") != phrase
        ):
            continue
        words = sig_words.cut(words, said)
        if row["kind"] == "modifier":
            kind = "stopped" if row["safety_flag"] == "inactive" else kind
            note = row["note"] or row["safety_flag"]
        elif row["kind"] in ("once", "continuous"):
            kind = row["kind"]
        elif _is_ambiguous(phrase, row):
            note = row["safety_flag"]
        else:
            pair = (float(row["times_per_day_min"]), float(row["times_per_day_max"]))
            if row["time_of_day"]:  # 'every night at bedtime' says one time of day twice
                timing.setdefault(row["time_of_day"], pair)
            else:
                found.append(pair)
    if timing and not found:
        found = [(sum(t[0] for t in timing.values()), sum(t[1] for t in timing.values()))]
        if patterns.TIME_LEFT.search(words):
            return None, None, kind, f"not understood in the direction: {words}"
    if found and patterns.COUNT_LEFT.search(words):
        return None, None, kind, f"not understood in the direction: {words}"
    if note or kind in ("stopped", "continuous") or not found:
        return None, None, kind, note
    if len({round(low, 4) for low, _ in found}) > 1:
        return None, None, kind, "two frequencies in one direction: give each as its own line"
    return found[0][0], found[0][1], "" if kind == "once" else kind, ""


def _is_ambiguous(phrase: str, row: dict[str, str]) -> bool:
    """The table flags single words of a row ('biweekly is ambiguous'), not the row's other phrases."""
    return row["safety_flag"].startswith(f"{phrase} is ambiguous")


def _every(match: re.Match[str]) -> list[tuple[float, float]]:
    unit = match.group("unit")
    unit = "h" if unit.startswith(("h", "hr")) else unit
    fast = times_per_day(1, float(match.group("low")), unit)
    slow = times_per_day(1, float(match.group("high") or match.group("low")), unit)
    return [(slow, fast)] if fast is not None and slow is not None else []


def _times(match: re.Match[str]) -> list[tuple[float, float]]:
    unit = {"d": "d", "w": "wk", "m": "mo", "h": "h"}[match.group("unit")[0]]
    period = float(match.group("period") or 1)
    low = times_per_day(float(match.group("low")), period, unit)
    high = times_per_day(float(match.group("high") or match.group("low")), period, unit)
    if low is None or high is None:
        return []
    return [(0.0, high)] if match.group("up") else [(low, high)]


def _bounded(sig: Sig) -> Sig:
    """Keep the most times a day within a stated largest amount a day, in pieces or in the dose's own unit."""
    if sig.most is None or sig.per_day_max is None:
        return sig
    # A bare number a day counts pieces where the dose is in pieces, else times.
    unit = sig.most_unit or ("piece" if sig.dose_unit == "piece" else "time")
    if unit == "time":
        return _with_most(sig, sig.most)
    if not sig.dose_max or unit != sig.dose_unit:
        return sig
    return _with_most(sig, sig.most / sig.dose_max)


def _with_most(sig: Sig, most: float) -> Sig:
    fields = {**sig.__dict__, "per_day_max": min(sig.per_day_max or most, most)}
    fields["per_day"] = None if sig.per_day is None else min(sig.per_day, fields["per_day_max"])
    return Sig(**fields)


def _route_in(words: str) -> str | None:
    for word in (
        "by mouth",
        "orally",
        "po",
        "p.o.",
        "sublingual",
        "sublingually",
        "sl",
        "under the tongue",
        "buccal",
        "rectally",
        "pr",
        "transdermal",
        "topically",
        "topical",
        "intranasal",
        "subcutaneously",
        "subcut",
        "sc",
        "intramuscular",
        "im",
        "intravenous",
        "iv",
    ):
        if word in words and sig_words.whole(word).search(words):
            return route_name(word) or route_name(word.removesuffix("ly"))
    return None


def _float(cell: str) -> float | None:
    return float(cell) if cell else None
