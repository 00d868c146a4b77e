"""Write docs/keys.md from the registry of actions.

Run from the top of a checkout: python docs/make_keys.py
"""

from pathlib import Path

from pain_tui.tui.actions import ACTIONS, KEY_NAMES

HERE = Path(__file__).resolve().parent


def _name(key: str) -> str:
    return KEY_NAMES.get(key, key)


def text() -> str:
    """The page."""
    lines = [
        "# Keys",
        "",
        "Made from the program's own registry by `docs/make_keys.py`. One key means one thing on every screen.",
        "A digit or a letter typed in a field goes to the field; the twin works there too.",
        "",
        "| key | twin | action | id in settings | screens | what it does |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for action in ACTIONS:
        twin = f"`{_name(action.twin)}`" if action.twin else ""
        screens = "all" if len(action.screens) >= 6 else ", ".join(action.screens)
        lines.append(
            f"| `{_name(action.key)}` | {twin} | {action.label} | {action.id} | {screens} | {action.help} |"
        )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    (HERE / "keys.md").write_text(text(), encoding="utf-8")
