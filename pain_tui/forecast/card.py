"""The model card: what the model is for and is not, by TRIPOD+AI items. An empty item fails the build."""

import tomllib
from pathlib import Path
from typing import Any

from pain_tui.errors import ModelError

_ITEMS = Path(__file__).resolve().parent / "card.toml"


def items(file: Path = _ITEMS) -> dict[str, str]:
    """The items of the card with their texts, in order."""
    return {name: entry["text"] for name, entry in tomllib.loads(file.read_text(encoding="utf-8")).items()}


def card(model: dict[str, Any], version: str, counts: dict[str, int], file: Path = _ITEMS) -> str:
    """The card as Markdown. Raises ModelError when an item has nothing to say."""
    values = {
        "version": version,
        "options": len(model["options"]) - 1,
        "conditions": len(model["conditions"]),
        "terms": len(model["terms"]),
        "shift": model["shift30"]["mean"],
        "shift_sd": model["shift30"]["variance"] ** 0.5,
        "borrow": model["settings"]["borrow_sd"],
        "cap": model["settings"]["shift_cap"],
        "pair_share": model["settings"]["pair_share"],
        "stratum_sd": model["settings"]["stratum_sd"],
        "level": model["settings"]["level"],
        "age_low": f"{model['settings']['smallest_age']:g}",
        "age_high": f"{model['settings']['largest_age']:g}",
        "evidence_hash": model["evidence_hash"],
        **counts,
    }
    lines = [
        "# Model card",
        "",
        "Fitted to no patient. Built from published evidence by `pain-tui model build`.",
        "",
    ]
    empty = [item for item, text in items(file).items() if not text.strip()]
    if empty:
        raise ModelError(
            f"The model card has nothing under: {', '.join(empty)}.",
            "Fill the items in forecast/card.toml and build again.",
        )
    for item, text in items(file).items():
        lines += [f"## {item}", "", text.format(**values).strip(), ""]
    return "\n".join(lines)
