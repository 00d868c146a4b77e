"""The three versions that stand on every output: program, knowledge, model.

Knowledge: its date and the first 8 hex of the hash over its files. Model: as its manifest states.
"""

import json
from functools import lru_cache

from pain_tui import __version__
from pain_tui.knowledge import own_rules
from pain_tui.paths import data_folder


@lru_cache(maxsize=1)
def _known() -> tuple[str, str | None]:
    from pain_tui.knowledge.version import version

    return version(), _model()


def all_versions() -> dict[str, str | None]:
    """`{"program", "knowledge", "model"}`; model is None when this installation has none.

    With rules of the clinic's own, `clinic_rules` too: the hash of their file.
    """
    knowledge, model = _known()
    own = own_rules.in_use()
    stated = {"program": __version__, "knowledge": knowledge, "model": model}
    return stated | ({"clinic_rules": own.version} if own else {})


def _model() -> str | None:
    try:
        manifest = json.loads((data_folder("models") / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    version = manifest.get("version") if isinstance(manifest, dict) else None
    return str(version) if version else None
