"""How far a trial's response rate is moved for its design: one table, `bias_rule`, and nothing else.

The shift acts on the logit of the treated rate. It is a judgement, not data; every forecast can be made
with it and without it.
"""

from functools import lru_cache
from pathlib import Path

from pain_tui.forecast.tables import FOLDER, Row, rows

# A rule of this group settles the whole shift; of the others one rule a group applies, the first that fits.
_ALL = "all"


def shift(row: Row, folder: Path = FOLDER) -> float:
    """The logit shift of one row of `responder_rates` by the rule; 0 for a row the rule does not touch."""
    taken: set[str] = set()
    total = 0.0
    for rule in _in_order(folder):
        group = rule["applies_once_group"]
        if group in taken or _ALL in taken or not _applies(rule, row):
            continue
        taken.add(group)
        total += float(rule["shift_logit"])
    return round(total, 10)


@lru_cache(maxsize=8)
def _in_order(folder: Path) -> tuple[Row, ...]:
    return tuple(sorted(rows("bias_rule", folder), key=lambda r: r["applies_once_group"] != _ALL))


def _applies(rule: Row, row: Row) -> bool:
    if not _matches(row[rule["column"]], rule["is_in"]):
        return False
    if rule["unless_column"] and _matches(row[rule["unless_column"]], rule["unless_is_in"]):
        return False
    return not rule["and_column"] or _matches(row[rule["and_column"]], rule["and_is_in"])


def _matches(value: str, wanted: str) -> bool:
    if wanted.startswith("<"):
        return bool(value) and float(value) < float(wanted[1:])
    return value in wanted.split(";")
