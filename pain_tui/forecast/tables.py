"""The evidence tables as plain rows, and the hash that ties a model to them.

Read straight from the text files, without a database: building and checking the model needs nothing else.
Values stay text until a function that knows the unit turns them into numbers (`number`).
"""

import csv
import hashlib
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from pain_tui.errors import ModelError

FOLDER = Path(__file__).resolve().parents[1] / "knowledge" / "evidence"

Row = dict[str, str]

# The files a model is built from. An edit to any of them asks for a new build; an edit to rules does not.
BUILT_FROM = (
    "bias_rule",
    "comparator_kinds",
    "condition_groups",
    "conditions",
    "effect_modifiers",
    "forecast_gates",
    "horizons",
    "interventions",
    "model_never",
    "model_settings",
    "model_terms",
    "option_groups",
    "outcome_classes",
    "population",
    "responder_rates",
    "strata",
)

# Of these files only some columns reach the model; codes and notes beside them may change freely.
_ONLY_COLUMNS = {
    "conditions": ("condition_id", "name", "borrow_from_if_no_row"),
    "interventions": ("intervention_id", "name"),
}


@lru_cache(maxsize=64)
def _read(folder: Path, name: str) -> tuple[Row, ...]:
    file = folder / f"{name}.csv"
    try:
        with file.open(encoding="utf-8", newline="") as lines:
            return tuple(csv.DictReader(lines))
    except OSError as error:
        raise ModelError(
            f"The evidence table {file.name} cannot be read.", "Install the program again."
        ) from error


def rows(name: str, folder: Path = FOLDER) -> tuple[Row, ...]:
    """All rows of one evidence table, as text. Do not change them."""
    return _read(folder, name)


def number(text: str) -> float | None:
    """The number in a cell, or None for an empty one."""
    return float(text) if text else None


@lru_cache(maxsize=8)
def settings(folder: Path = FOLDER) -> dict[str, float]:
    """`model_settings` as name -> value."""
    return {row["name"]: float(row["value"]) for row in rows("model_settings", folder)}


@lru_cache(maxsize=4096)
def members(group: str, name: str, folder: Path = FOLDER) -> frozenset[str]:
    """The ids behind a scope word of `option_groups` or `condition_groups`; an id stands for itself.

    name: "option" or "condition". Raises ModelError for a word that is neither an id nor a group.
    """
    found = frozenset(
        r[name] for r in rows(f"{name}_groups", folder) if r[f"{name}_group"] == group and r[name]
    )
    if found or any(r[f"{name}_group"] == group for r in rows(f"{name}_groups", folder)):
        return found
    table, key = ("interventions", "intervention_id") if name == "option" else ("conditions", "condition_id")
    if any(r[key] == group for r in rows(table, folder)):
        return frozenset({group})
    raise ModelError(
        f"{group!r} is neither a {name} nor a group of {name}s.",
        f"Add it to {name}_groups.csv, or correct the scope.",
    )


@lru_cache(maxsize=4096)
def scope(words: str, name: str, folder: Path = FOLDER) -> frozenset[str]:
    """The ids behind several scope words joined by `;`."""
    parts: Iterable[str] = (word.strip() for word in words.split(";") if word.strip())
    return frozenset().union(*(members(word, name, folder) for word in parts))


def evidence_hash(folder: Path = FOLDER) -> str:
    """SHA-256 (hex) over the cells of `BUILT_FROM`, as read: line ends and quoting do not count."""
    digest = hashlib.sha256()
    for name in BUILT_FROM:
        digest.update(name.encode() + b"\0")
        for row in rows(name, folder):
            columns = _ONLY_COLUMNS.get(name, tuple(row))
            digest.update("\x1f".join(f"{c}={row[c]}" for c in columns).encode() + b"\x1e")
    return digest.hexdigest()
