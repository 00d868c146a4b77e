"""How often and how much, from a written direction: '1-2 tablets every 4-6 h as needed, max 6 a day'.

Words come from the knowledge table `frequency_words`. A range gives the scheduled (lower) and the largest
number of
administrations a day. 'As needed' alone schedules nothing and has no known maximum. What is not understood,
or says
two things, stays unknown with a note.
"""

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from pain_tui.patients.normalise.doses import dose_unit
from pain_tui.patients.normalise.doses import route as route_name
from pain_tui.patients.normalise.tables import rows, split

_N = r"\d+(?:\.\d+)?|\.\d+"
_TO = r"\s*(?:-|–|to|or)\s*"
_PIECES = (
    r"tablets?|tabs?|capsules?|caps?|pills?|patch(?:es)?|films?|strips?|lozenges?|suppositor(?:y|ies)|sprays?|puffs?|drops?|"
    r"units?|ml|mls|mg|mcg|g|gm|ug|µg|mcg/h(?:r)?|tsp|teaspoons?"
)
_RANGE = rf"(?P<low>{_N})(?:{_TO}(?P<high>{_N}))?"
_QUANTITY = re.compile(rf"(?<![\w.]){_RANGE}\s*(?P<unit>{_PIECES})(?![\w/])")
_BARE = re.compile(
    rf"^(?:take|use|give|apply)?\s*{_RANGE}\s+"
    r"(?=every|q\s?\d|once|twice|three|four|daily|at |in |po\b|by )"
)
_EVERY = re.compile(
    rf"(?:every|each|q)\s*{_RANGE}\s*-?\s*"
    r"(?P<unit>h(?:ou)?rs?|hrly|hourly|h|days?|d|weeks?|wks?|w|months?|minutes?|min)\b"
)
_TIMES = re.compile(
    rf"(?P<up>up to\s*)?{_RANGE}\s*(?:(?:x|times?)\s*(?:/|per|a|an|each|every|in)?|/|per|a|each)"
    rf"\s*(?P<period>{_N})?\s*(?P<unit>d(?:ays?)?|dy|daily|w(?:ee)?ks?(?:ly)?|month(?:ly)?)\b"
)
_MOST = re.compile(
    r"(?:,|;|\()?\s*(?:max(?:imum)?(?: of)?|not? more than|do not exceed|up to)\.?:?"
    rf"\s*(?P<n>{_N})\s*(?P<unit>{_PIECES}|doses|times)?\s*"
    r"(?:/|per|a|in(?: a)?|each|every)\s*(?:d(?:ay)?|24\s*h(?:ou)?(?:r)?s?)\b\)?"
)
_FOR = re.compile(rf"\b(?:for|x)\s*(?P<n>{_N})\s*(?P<unit>d(?:ays?)?|weeks?|wks?|months?|mo)\b")
_CLOCK = re.compile(r"\b([01]?\d|2[0-3])[:h]([0-5]\d)\b|\b(1[0-2]|[1-9])\s*(am|pm)\b")
_WHAT_FOR = (
    r"(?:\s*(?:for|:)?\s*(?:breakthrough|severe|moderate)?"
    r"\s*(?:pain|migraine|nausea|sleep|anxiety))?"
)
_WORD_NUMBERS = {
    "one": "1",
    "two": "2",
    "three": "3",
    "four": "4",
    "five": "5",
    "six": "6",
    "eight": "8",
    "ten": "10",
    "twelve": "12",
    "half a": "0.5",
    "one half": "0.5",
    "half": "0.5",
    "½": "0.5",
    "1/2": "0.5",
    "1 1/2": "1.5",
    "1½": "1.5",
    "¼": "0.25",
    "1/4": "0.25",
}
_FILLER = re.compile(
    r"\b(?:take|use|give|apply|inject|insert|place|chew|swallow|dissolve|inhale|by mouth|po|orally"
    r"|sl|im|iv|sc)\b"
)
_NOT_A_DIRECTION = re.compile(r"(?:#|\bdisp(?:ense)?\.?:?|\bqty\.?:?|\brefills?:?)\s*\d+")
_SAME_IN_MASS = re.compile(
    rf"\b(tablets?|tabs?|capsules?|caps?)\s*\(\s*(?:{_N})\s*(?:mg|mcg|g|ml)(?:\s*total)?\s*\)"
)
_TWICE_OVER = re.compile(rf"({_N})\s*\(\s*\1\s*\)")
_PER = re.compile(r"\b(once|twice|thrice|times?)\s+(?:per|each|every|in a)\s+(day|week|month)\b")
# A count that was not understood: a direction with one of these left over is not read at all.
_COUNT_LEFT = re.compile(
    r"\d|\b(?:twice|thrice|times|double|couple|several|few|alternate|alternating|other|odd|even)\b"
)
# Words that are common in running text: only when they are the whole direction.
_ONLY_ALONE = {"on", "om", "in", "it", "ut", "ud", "now", "once", "then", "od", "am", "pm", "apply", "i", "t"}


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
    words = _plain(written)
    whole = _phrases().get(words)
    if whole and not words.startswith("1 patch"):
        return _from_row(whole, written)
    words, days = _take_duration(words)
    words, most, most_unit = _take_most(words)
    words, doses = _take_quantities(words)
    words, prn = _take_prn(words)
    if prn is None and re.search(r"\bup to\b", words) and not _TIMES.search(words):
        words, prn = words.replace("up to", " "), True
    words, clock = _take_clock(words)
    low, high, kind, note = _frequency(words, clock)
    if most is not None and most_unit in ("time", None) and high is None and low is None:
        low, high, prn, most = 0.0, most, True if prn is None else prn, None
    dose = doses[0] if len(set(doses)) == 1 else (None, None, None)
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


def _plain(text: str) -> str:
    """Lower case, one blank, number words as digits, and what says the same thing twice said once."""
    words = " ".join(re.sub(r"\([a-z \u00bd]+\)", " ", text.lower().replace("\u2013", "-")).split()).strip(
        " ."
    )
    words = _NOT_A_DIRECTION.sub(" ", words)
    for pattern, word, digit in _number_words():
        words = pattern.sub(digit, words) if word in words else words
    for pattern, said in ((_SAME_IN_MASS, r"\1"), (_TWICE_OVER, r"\1"), (_PER, r"\1 a \2")):
        words = pattern.sub(said, words)
    words = re.sub(r"\b(i{1,3})(?=\s+(?:tab|cap))", lambda roman: str(len(roman.group(1))), words)
    words = re.sub(r"\bq(\d+)h?\s*-\s*q(\d+)h", r"q\1-\2h", words)
    return " ".join(words.split()).strip(" ,;")


def _from_row(row: dict[str, str], written: str) -> Sig:
    low, high = _float(row["times_per_day_min"]), _float(row["times_per_day_max"])
    prn = row["prn"] == "yes"
    if row["kind"] == "once":
        return Sig(written, once=True, as_needed=False, note=row["note"])
    if row["kind"] == "continuous":
        return Sig(written, continuous=True, as_needed=False, note=row["note"])
    if row["kind"] == "modifier" and not prn:
        return Sig(written, stopped=row["safety_flag"] == "inactive", note=row["note"] or row["safety_flag"])
    if _is_ambiguous(_plain(written), row):
        return Sig(written, note=row["safety_flag"])
    return Sig(
        written, 0.0 if prn else low, high, as_needed=prn, note=row["note"] if prn and high is None else ""
    )


def _take_duration(words: str) -> tuple[str, float | None]:
    match = _FOR.search(words)
    if not match:
        return words, None
    days = {"d": 1.0, "w": 7.0, "m": 30.4}[match.group("unit")[0]]
    return _cut(words, match), float(match.group("n")) * days


def _take_most(words: str) -> tuple[str, float | None, str | None]:
    """'max 6 tablets a day' limits pieces; beside another frequency a bare 'max 6 a day' also counts
    pieces.
    """
    match = _MOST.search(words)
    if not match:
        return words, None, None
    unit = match.group("unit") or ""
    rest = _cut(words, match)
    if unit in ("doses", "times"):
        return rest, float(match.group("n")), "time"
    known = dose_unit(unit) if unit else None
    return rest, float(match.group("n")), known[0] if known else None


def _take_quantities(words: str) -> tuple[str, list[tuple[float, float, str]]]:
    found: list[tuple[float, float, str]] = []

    def cut(match: re.Match[str]) -> str:
        known = dose_unit(match.group("unit") if "unit" in match.groupdict() else "tablet") or ("piece", 1.0)
        low = float(match.group("low")) * known[1]
        found.append((low, float(match.group("high") or match.group("low")) * known[1], known[0]))
        return " "

    rest = _QUANTITY.sub(cut, words)
    if not found:
        rest = _BARE.sub(cut, rest)
    return " ".join(rest.split()), found


def _take_prn(words: str) -> tuple[str, bool | None]:
    for phrase in _prn_words():
        if phrase == "for pain" and words.strip() != phrase:
            continue  # beside a frequency it is the indication: a dose every 12 hours for pain is scheduled
        if phrase in words and _whole(phrase).search(words):
            return re.sub(_bounded_word(phrase) + _WHAT_FOR, " ", words), True
    return words, None


def _take_clock(words: str) -> tuple[str, int]:
    times = {match.group(0) for match in _CLOCK.finditer(words)}
    return (" ".join(_CLOCK.sub(" ", words).split()), len(times)) if times else (words, 0)


def _frequency(words: str, clock: int) -> tuple[float | None, float | None, str, str]:
    """(least, most) times a day, what kind of order it is, and a note when it says two things."""
    found: list[tuple[float, float]] = [(float(clock), float(clock))] if clock else []
    for pattern, read in ((_EVERY, _every), (_TIMES, _times)):
        for match in pattern.finditer(words):
            found += read(match)
        words = pattern.sub(" ", words)
    kind, note = "", ""
    timing: list[tuple[float, float]] = []
    for phrase, row in _by_length():
        said = _whole(phrase).search(words) if phrase in words else None
        if not said or (phrase in _ONLY_ALONE and _FILLER.sub("", words).strip(" ,.;") != phrase):
            continue
        words = _cut(words, said)
        if row["kind"] == "modifier":
            kind = "stopped" if row["safety_flag"] == "inactive" else kind
            note = row["note"] or row["safety_flag"]
        elif row["kind"] in ("once", "continuous"):
            kind = row["kind"]
        elif _is_ambiguous(phrase, row):
            note = row["safety_flag"]
        else:
            pair = (float(row["times_per_day_min"]), float(row["times_per_day_max"]))
            (timing if row["time_of_day"] else found).append(pair)
    if not found:
        found = [(sum(t[0] for t in timing), sum(t[1] for t in timing))] if timing else []
    if found and _COUNT_LEFT.search(words):
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
    unit = {"d": "d", "w": "wk", "m": "mo"}[match.group("unit")[0]]
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
        if word in words and _whole(word).search(words):
            return route_name(word) or route_name(word.removesuffix("ly"))
    return None


def _cut(words: str, match: re.Match[str]) -> str:
    return " ".join((words[: match.start()] + " " + words[match.end() :]).split())


def _bounded_word(phrase: str) -> str:
    return rf"(?<![\w/]){re.escape(phrase)}(?![\w/])"


@cache
def _whole(phrase: str) -> re.Pattern[str]:
    return re.compile(_bounded_word(phrase))


def _float(cell: str) -> float | None:
    return float(cell) if cell else None


@cache
def _number_words() -> tuple[tuple[re.Pattern[str], str, str], ...]:
    longest_first = sorted(_WORD_NUMBERS.items(), key=lambda pair: -len(pair[0]))
    return tuple((_whole(word), word, digit) for word, digit in longest_first)


@cache
def _phrases() -> dict[str, dict[str, str]]:
    """Every phrase of the table -> its row, for directions that are nothing else."""
    found: dict[str, dict[str, str]] = {}
    for row in rows("frequency_words"):
        if row["kind"] in ("frequency", "modifier", "once", "continuous"):
            for phrase in [row["phrase"], *split(row["aliases"])]:
                found.setdefault(_plain(phrase), row)
    return found


@cache
def _by_length() -> tuple[tuple[str, dict[str, str]], ...]:
    usable = [
        (phrase, row)
        for phrase, row in _phrases().items()
        if not (row["kind"] == "modifier" and row["prn"] == "yes")
    ]
    return tuple(sorted(usable, key=lambda pair: -len(pair[0])))


@cache
def _prn_words() -> tuple[str, ...]:
    words = [
        phrase for phrase, row in _phrases().items() if row["kind"] == "modifier" and row["prn"] == "yes"
    ]
    return tuple(sorted(words, key=len, reverse=True))
