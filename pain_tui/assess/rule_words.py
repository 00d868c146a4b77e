"""The wording of the rules as tables: `rule_tiers` of this run, and what their `covers` hides in the look-ups."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from threading import Lock

import duckdb

from pain_tui.knowledge import plans, rules
from pain_tui.knowledge.rows import rows
from pain_tui.knowledge.rules import Rule

_MAKING = Lock()
# What a rule's `covers` hides in the look-ups, spelled out: two medicines, or a medicine and a condition.
_COVERS_OF = """CREATE TABLE IF NOT EXISTS knowledge.covers_of AS
WITH covers AS (SELECT DISTINCT unnest(covers) AS cover FROM ({words})),
pairs AS (
    SELECT cover, a.ingredient AS drug_a, b.ingredient AS drug_b FROM covers
    JOIN knowledge.cover_terms a ON a.word = split_part(cover, '+', 1)
    JOIN knowledge.cover_terms b ON b.word = split_part(cover, '+', 2) WHERE contains(cover, '+')
),
told AS (
    SELECT cover, 'interaction' AS origin, drug_a AS subject, drug_b AS partner FROM pairs
    UNION SELECT cover, 'interaction', drug_b, drug_a FROM pairs
    UNION SELECT cover, 'drug_condition', t.ingredient, split_part(cover, ':', 1) FROM covers
    JOIN knowledge.cover_terms t ON t.word = split_part(cover, ':', 2)
    WHERE contains(cover, ':') AND NOT starts_with(cover, 'item:')
)
SELECT origin, subject, partner, list(cover) AS covers FROM told GROUP BY origin, subject, partner
"""


def write(cursor: duckdb.DuckDBPyConnection, own: Sequence[Rule]) -> None:
    """Make `rule_tiers`: each rule's words, so that later steps join instead of knowing rules.

    The packaged rules' words are written once an instance, as `knowledge.rule_words`.
    """
    with _MAKING:  # cursors of one instance may run at the same time; two makers would undo each other
        try:
            cursor.execute("SELECT rule FROM knowledge.rule_words LIMIT 0")
        except duckdb.CatalogException:
            packaged = _values(rules.packaged())
            cursor.execute(_COVERS_OF.replace("{words}", packaged))
            cursor.execute(f"CREATE TABLE IF NOT EXISTS knowledge.rule_words AS {packaged}")
    more = f" UNION ALL ({_values(own)})" if own else ""
    plans.execute(
        cursor, f"CREATE OR REPLACE TEMP TABLE rule_tiers AS SELECT * FROM knowledge.rule_words{more}"
    )


def _values(every: Sequence[Rule]) -> str:
    """The words of rules as a SELECT over literals."""
    lines = ", ".join(f"({', '.join(_words(rule))})" for rule in every)
    names = (
        'rule, tier, about, title, say, "do", source, strength, checked, blocks, clinic_own, '
        "raises, panel, covers, labels"
    )
    return f"SELECT * FROM (VALUES {lines}) t({names})"


def _words(rule: Rule) -> Iterator[str]:
    texts = (rule.id, rule.tier, rule.about, rule.title, rule.say, rule.do, rule.source, rule.strength)
    yield from (_quoted(text) for text in texts)
    yield f"DATE '{rule.checked}'"
    yield from (str(flag) for flag in (rule.blocks_when_unknown, rule.clinic_own))
    yield from (_quoted(text) if text else "NULL::VARCHAR" for text in (rule.raises, rule.panel))
    yield f"[{', '.join(_quoted(cover) for cover in rule.covers)}]::VARCHAR[]"
    labels = {name: _labels()[name] for name in rule.condition.names if name in _labels()}
    yield f"MAP {{{', '.join(f'{_quoted(n)}: {_quoted(label)}' for n, label in labels.items())}}}::MAP(VARCHAR, VARCHAR)"


@lru_cache(maxsize=1)
def _labels() -> dict[str, str]:
    """What a fact is called when it is missing."""
    return {row["fact"]: row["label"] for row in rows("facts")}


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
