"""The words of a direction: one spelling for what is written, and the phrases of `frequency_words`."""

import re
from functools import cache

from pain_tui.patients.normalise import sig_patterns as patterns
from pain_tui.patients.normalise.doses import decimal
from pain_tui.patients.normalise.tables import rows, split

_SAID_PLAINLY = (
    (patterns.PER_HOUR, r"\1/h"),
    (patterns.TIMES_X, r"\1x"),
    (patterns.SAME_IN_MASS, r"\1"),
    (patterns.TWICE_OVER, r"\1"),
    (patterns.PER, r"\1 a \2"),
)


def plain(text: str) -> str:
    """Lower case, one blank, number words as digits, and what says the same thing twice said once."""
    words = " ".join(re.sub(r"\([a-z \u00bd]+\)", " ", text.lower().replace("\u2013", "-")).split())
    words = re.sub(r"^[ .]+(?!\d)", "", words).rstrip(" .")  # '.5 mg' is a half
    words = patterns.COMMA.sub(_decimal, words)
    words = patterns.NOT_A_DIRECTION.sub(" ", words)
    for pattern, said in patterns.GERMAN:
        words = pattern.sub(said, words)
    for pattern, word, digit in _number_words():
        words = pattern.sub(digit, words) if word in words else words
    for pattern, said in _SAID_PLAINLY:
        words = pattern.sub(said, words)
    words = re.sub(r"\b(i{1,3})(?=\s+(?:tab|cap))", lambda roman: str(len(roman.group(1))), words)
    words = re.sub(r"\bq(\d+)h?\s*-\s*q(\d+)h", r"q\1-\2h", words)
    return " ".join(words.split()).strip(" ,;")


def _decimal(match: re.Match[str]) -> str:
    """'2,5' is two and a half, '1,000' a thousand."""
    return f"{decimal(match.group(0)):.12g}"


_MOST_UNSAID = 4  # pieces at one time that a plan without a unit may hold; more may be a strength


def planned(words: str) -> str:
    """'1-0-2' as '1 tablet 3 times a day': the same amount a day; '3x1' as '1 tablet 3 times a day'."""
    words = patterns.PLANNED.sub(_plan, words)
    return patterns.TIMES_MANY.sub(_times_many, words)


def _plan(match: re.Match[str]) -> str:
    counts = [float(count) for count in match.group(1).split("-")]
    taken = [count for count in counts if count]
    if not taken or (not match.group(2) and max(counts) > _MOST_UNSAID):
        return match.group(0)
    at_once = min(taken)
    often = sum(taken) / at_once
    if not often.is_integer():
        at_once, often = 0.5, sum(taken) / 0.5
    return f" {at_once:g} {match.group(2) or 'tablets'} {often:g} times a day "


def _times_many(match: re.Match[str]) -> str:
    often, at_once, unit = match.groups()
    if unit not in (None, "drops", "tablets", "capsules") or (unit is None and float(at_once) > _MOST_UNSAID):
        return match.group(0)
    return f" {at_once} {unit or 'tablets'} {often} times a day "


def cut(words: str, match: re.Match[str]) -> str:
    """The words without what was matched."""
    return " ".join((words[: match.start()] + " " + words[match.end() :]).split())


def bounded_word(phrase: str) -> str:
    """A pattern for a phrase as whole words."""
    return rf"(?<![\w/]){re.escape(phrase)}(?![\w/])"


@cache
def whole(phrase: str) -> re.Pattern[str]:
    """The compiled pattern of a phrase as whole words."""
    return re.compile(bounded_word(phrase))


@cache
def _number_words() -> tuple[tuple[re.Pattern[str], str, str], ...]:
    longest_first = sorted(patterns.WORD_NUMBERS.items(), key=lambda pair: -len(pair[0]))
    return tuple((whole(word), word, digit) for word, digit in longest_first)


@cache
def phrases() -> dict[str, dict[str, str]]:
    """Every phrase of the table -> its row, for directions that are nothing else."""
    found: dict[str, dict[str, str]] = {}
    for row in rows("frequency_words"):
        if row["kind"] in ("frequency", "modifier", "once", "continuous"):
            for phrase in [row["phrase"], *split(row["aliases"])]:
                found.setdefault(plain(phrase), row)
    return found


@cache
def by_length() -> tuple[tuple[str, dict[str, str]], ...]:
    """Phrases and their rows, the longest first; without the words for as needed."""
    usable = [
        (phrase, row)
        for phrase, row in phrases().items()
        if not (row["kind"] == "modifier" and row["prn"] == "yes")
    ]
    return tuple(sorted(usable, key=lambda pair: -len(pair[0])))


@cache
def prn_words() -> tuple[str, ...]:
    """The words for as needed, the longest first."""
    words = [phrase for phrase, row in phrases().items() if row["kind"] == "modifier" and row["prn"] == "yes"]
    return tuple(sorted(words, key=len, reverse=True))
