"""What keeps a plan from being signed: the rows of knowledge.sign_blocks that hold for a person today.

Asked after `engine.run`, on the same cursor, with the chosen options in `case_asked`: an open STOP, a safety
question unanswered for what was chosen, a state of the person. An answer holds only while what it was given for
stays as it was.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import duckdb

from pain_tui.knowledge import version

_SQL = Path(__file__).with_name("signing.sql")
RULE_PREFIX = "sign."


@dataclass(frozen=True)
class Block:
    """One reason not to sign.

    block: the row of sign_blocks. kind: tier, undecided, rule, state. rule: the finding's rule, for kind tier and rule.
    state: what an answer is given for; another state asks again. reason: the answer's, when is_answered.
    """

    block: str
    kind: str
    rule: str | None
    say: str
    do: str
    may_override: bool
    state: str
    source: str | None
    sureness: str | None
    is_answered: bool
    reason: str | None

    def as_dict(self) -> dict[str, Any]:
        """For output."""
        return asdict(self)

    def answer(self, reason: str) -> Mapping[str, Any]:
        """The override to store for a block that is not a finding; findings are overridden by their own rule."""
        return {
            "rule": f"{RULE_PREFIX}{self.block}",
            "tier": "STOP",
            "kind": "override",
            "reason_code": None,
            "reason": reason,
            "inputs": {"state": self.state},
        }


def blocks(cursor: duckdb.DuckDBPyConnection, person: str) -> tuple[Block, ...]:
    """Every block of one person, the open ones first."""
    as_of = cursor.execute("SELECT as_of FROM case_run").fetchone()
    assert as_of is not None
    cursor.execute(_text(), {"person": person, "knowledge_is_old": as_of[0] > version.use_until()})
    names = [column[0] for column in cursor.description or ()]
    return tuple(Block(**dict(zip(names, row, strict=True))) for row in cursor.fetchall())


@lru_cache(maxsize=1)
def _text() -> str:
    return _SQL.read_text(encoding="utf-8")
