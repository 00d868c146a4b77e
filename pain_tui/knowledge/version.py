"""The version of the knowledge: a date and the first 8 hex of the hash over its sorted files; and its
use-until date.
"""

import tomllib
from datetime import date
from functools import lru_cache

from pain_tui.errors import KnowledgeExpired
from pain_tui.knowledge import load


@lru_cache(maxsize=1)
def _release() -> dict[str, date]:
    return tomllib.loads((load.FOLDER / "release.toml").read_text(encoding="utf-8"))


def version() -> str:
    """For example "2026-11-24-0a1b2c3d"; it changes with every file of the knowledge, rules included."""
    return f"{released().isoformat()}-{load.content_hash()[:8]}"


def released() -> date:
    """The date of this knowledge."""
    return _release()["date"]


def use_until() -> date:
    """The last day on which advice may rest on this knowledge without being asked for."""
    return _release()["use_until"]


def refuse_when_old(as_of: date) -> None:
    """Raise KnowledgeExpired when `as_of` is past the use-until date."""
    if as_of > use_until():
        raise KnowledgeExpired(
            f"This knowledge was to be used until {use_until()}; the day asked for is {as_of}.",
            "Update pain-tui. Warnings are still printed; --allow-old prints the advice as well.",
        )
