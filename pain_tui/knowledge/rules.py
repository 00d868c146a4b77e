"""Rules: read the rule files, check every row, and keep the clinic's own apart from the packaged ones.

A rule is a row of `rules/*.toml` (or of the clinic's own file): when it fires, its tier, what to say and
do, its source.
`rule_language` parses `when`; `assess.rule_program` answers all of one scope at once.
"""

import hashlib
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from pain_tui.errors import RuleError
from pain_tui.knowledge import load
from pain_tui.knowledge.own_rules import PREFIX as CLINIC
from pain_tui.knowledge.rule_language import Condition, Kind, parse

FOLDER = load.FOLDER / "rules"
TIERS = ("NOTE", "CAUTION", "STOP")  # mildest first
SCOPES = ("person", "option", "drug")
STRENGTHS = ("strong", "conditional", "label", "expert", "local")
_NEEDED = ("id", "tier", "about", "when", "say", "do", "source", "strength", "checked")
_OPTIONAL = ("title", "blocks_when_unknown", "raises", "covers", "panel", "note")
_BRACES = re.compile(r"{([^{}]*)}")


@dataclass(frozen=True)
class Rule:
    """One checked rule. `names` are the facts it shows as its inputs: those of `when` and of its text."""

    id: str
    tier: str
    about: str
    condition: Condition
    when: str
    say: str
    do: str
    source: str
    strength: str
    checked: date
    blocks_when_unknown: bool
    raises: str | None
    covers: tuple[str, ...]
    panel: str | None
    clinic_own: bool
    place: str
    named: str | None = None

    @property
    def title(self) -> str:
        """What the question is called in a line that leaves it open; a clinic's rule without a title is named by its id."""
        return self.named or self.id.partition(".")[2].replace("_", " ")

    @property
    def text_names(self) -> tuple[str, ...]:
        """The names in braces of its text, in order."""
        return tuple(dict.fromkeys(_BRACES.findall(self.say + self.do)))


@dataclass(frozen=True)
class Vocabulary:
    """What rules may name: facts, the columns of a scope, display words, drug classes and sources."""

    facts: Mapping[str, Kind]
    scoped: Mapping[str, Mapping[str, Kind]]
    shown: Mapping[str, str]
    classes: frozenset[str]
    sources: frozenset[str]

    def of(self, scope: str) -> dict[str, Kind]:
        """Every name that a rule about `scope` may use."""
        return {**self.facts, **self.scoped.get(scope, {})}


@lru_cache(maxsize=1)
def vocabulary() -> Vocabulary:
    """Facts, scope columns, display words, classes and sources of the knowledge folder."""
    from pain_tui.knowledge.rows import rows

    facts = {r["fact"]: _kind(r) for r in rows("facts") if r["source_kind"] != "per_option"}
    scoped: dict[str, dict[str, Kind]] = {"option": {}, "drug": {}}
    shown: dict[str, str] = {}
    for row in rows("rule_columns"):
        if row["scope"] == "shown":
            shown[row["name"]] = row["made_from"]
        else:
            scoped[row["scope"]][row["name"]] = _kind(row)
    classes = frozenset(r["drug_class"] for r in rows("drug_classes"))
    return Vocabulary(
        facts, scoped, shown, classes, frozenset(r["source_id"] for r in rows("safety_sources"))
    )


def _kind(row: Mapping[str, str]) -> Kind:
    return Kind(row["type"], frozenset(word for word in row["choices"].split("|") if word))


@lru_cache(maxsize=1)
def packaged() -> tuple[Rule, ...]:
    """The rules that come with the program. Raises RuleError with every problem found."""
    return _collect(_read(sorted(FOLDER.glob("*.toml"))), clinic_own=False, taken=frozenset())


def clinic(file: Path) -> tuple[Rule, ...]:
    """The clinic's own rules, from their file. Raises RuleError with every problem found."""
    try:
        return clinic_text(file.read_text(encoding="utf-8"), file.name)
    except (OSError, UnicodeDecodeError) as error:
        raise RuleError(f"{file.name} cannot be read: {error}", "A rule file is TOML in UTF-8.") from error


@lru_cache(maxsize=8)
def clinic_text(text: str, name: str) -> tuple[Rule, ...]:
    """The clinic's own rules: ids start with `clinic.`, and they may add findings or raise a tier, nothing
    else.
    """
    taken = frozenset(rule.id for rule in packaged())
    rules = _collect(_parsed(text, name), clinic_own=True, taken=taken)
    for rule in rules:
        _check_raises(rule)
    return rules


def clinic_hash(text: str) -> str:
    """First 8 hex of the clinic's rule file, for `versions`."""
    return hashlib.sha256(text.replace("\r\n", "\n").encode()).hexdigest()[:8]


def _check_raises(rule: Rule) -> None:
    if rule.raises is None:
        return
    target = next((r for r in packaged() if r.id == rule.raises), None)
    if target is None:
        raise RuleError(
            f"{rule.place}: raises '{rule.raises}', which is not a packaged rule.",
            "Name a rule of: pain-tui knowledge rules",
        )
    if TIERS.index(rule.tier) <= TIERS.index(target.tier):
        raise RuleError(
            f"{rule.place}: tier {rule.tier} does not raise {target.id}, which is {target.tier}.",
            "A clinic's rule may raise a tier, never lower or silence it.",
        )


def _read(files: Iterable[Path]) -> Iterator[tuple[str, Mapping[str, object]]]:
    """(place, row) of every rule of the files."""
    for file in files:
        yield from _parsed(file.read_text(encoding="utf-8"), file.name)


def _parsed(text: str, name: str) -> Iterator[tuple[str, Mapping[str, object]]]:
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RuleError(
            f"{name} cannot be read: {error}", "A rule file is TOML, with one [[rule]] a rule."
        ) from error
    extra = set(content) - {"rule"}
    found = content.get("rule", [])
    if extra or not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise RuleError(
            f"{name} holds more than [[rule]] rows: {sorted(extra) or 'rule'}.",
            "Only [[rule]] rows are taken.",
        )
    for number, row in enumerate(found, 1):
        yield f"{name}, rule {row.get('id') or number}", row


def _collect(
    found: Iterable[tuple[str, Mapping[str, object]]], *, clinic_own: bool, taken: frozenset[str]
) -> tuple[Rule, ...]:
    rules: list[Rule] = []
    problems: list[str] = []
    seen = set(taken)
    for place, row in found:
        try:
            rule = _rule(place, row, clinic_own=clinic_own)
            if rule.id in seen:
                raise RuleError(f"{place}: the id is used already; a rule is never redefined.")
        except RuleError as error:
            problems.append(str(error))
        else:
            seen.add(rule.id)
            rules.append(rule)
    if problems:
        raise RuleError(
            "\n".join(problems),
            f"{len(problems)} of {len(problems) + len(rules)} rules refused; none is used.",
        )
    return tuple(rules)


def _rule(place: str, row: Mapping[str, object], *, clinic_own: bool) -> Rule:
    """Check one row and parse it. Raises RuleError with the place."""
    words = vocabulary()
    lacking = [key for key in _NEEDED if key not in row]
    unknown = [key for key in row if key not in (*_NEEDED, *_OPTIONAL)]
    if lacking or unknown:
        raise RuleError(
            f"{place}: " + "; ".join(_both(lacking, unknown)) + ".", f"A rule has: {', '.join(_NEEDED)}."
        )
    text = {key: str(row[key]) for key in ("id", "tier", "about", "when", "say", "do", "source", "strength")}
    _check_word(place, "tier", text["tier"], TIERS)
    _check_word(place, "about", text["about"], SCOPES)
    _check_word(place, "strength", text["strength"], STRENGTHS)
    if clinic_own != text["id"].startswith(CLINIC):
        raise RuleError(f"{place}: the id of a clinic's own rule, and only of such, starts with '{CLINIC}'.")
    checked = row["checked"]
    if not isinstance(checked, date):
        raise RuleError(f"{place}: checked is not a date.", "Write it as 2026-11-24, without quotes.")
    if not clinic_own:
        for source in text["source"].split("+"):
            _check_word(place, "source", source, words.sources)
    condition = parse(text["when"], words.of(text["about"]), words.classes, place=place)
    rule = Rule(
        id=text["id"],
        tier=text["tier"],
        about=text["about"],
        condition=condition,
        when=text["when"].strip(),
        say=text["say"],
        do=text["do"],
        source=text["source"],
        strength=text["strength"],
        checked=checked,
        blocks_when_unknown=row.get("blocks_when_unknown") is True,
        raises=_text(row.get("raises")),
        covers=_covers(place, row.get("covers", []), clinic_own),
        panel=_text(row.get("panel")),
        clinic_own=clinic_own,
        place=place,
        named=_text(row.get("title")),
    )
    for name in rule.text_names:
        if name not in words.of(rule.about) and name not in words.shown:
            raise RuleError(
                f"{place}: {{{name}}} in its text is neither a fact nor a word that can be shown."
            )
    return rule


def _both(lacking: list[str], unknown: list[str]) -> Iterator[str]:
    if lacking:
        yield f"without {', '.join(lacking)}"
    if unknown:
        yield f"with {', '.join(unknown)}, which a rule does not take"


def _check_word(place: str, key: str, word: str, allowed: Iterable[str]) -> None:
    if word not in allowed:
        listed = ", ".join(allowed) if key != "source" else "the ids of safety_sources"
        raise RuleError(f"{place}: {key} '{word}' is not allowed.", f"Allowed: {listed}.")


def _covers(place: str, value: object, clinic_own: bool) -> tuple[str, ...]:
    """What the rule says already, so that a look-up row on the same thing is not shown a second time."""
    if clinic_own and value:
        raise RuleError(f"{place}: a clinic's rule covers nothing; it never silences another.")
    return tuple(str(entry) for entry in value) if isinstance(value, list) else ()


def _text(value: object) -> str | None:
    return None if value is None else str(value)
