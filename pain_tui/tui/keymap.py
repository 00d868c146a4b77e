"""A clinic's own keys: `[keys]` of settings.toml, action = "key". Wrong ones are refused in a sentence, none is guessed.

One key keeps one meaning: a key that another action of the same screen has is refused, so that no key signs and
saves at once. Keys that move (arrows, enter, esc, tab, page keys) stay what they are everywhere.
"""

from collections.abc import Mapping

from pain_tui.errors import UsageError
from pain_tui.tui import actions

# What terminals, editors and multiplexers take for themselves, and what moves.
TAKEN = frozenset(f"ctrl+{letter}" for letter in "abchijmqswz")
FIXED = ("choose", "edit", "tab_section", "next_group", "back")
NAMES = {
    "?": "question_mark",
    "/": "slash",
    ".": "full_stop",
    ",": "comma",
    ";": "semicolon",
    "-": "minus",
    "+": "plus",
}
ALLOWED = "a letter, a digit, one of ? / . , ; - +, f1 to f12, or ctrl+ with a letter other than " + " ".join(
    "abchijmqswz"
)


def read(keys: Mapping[str, object], where: Mapping[str, str]) -> dict[str, str]:
    """Action -> key as Textual names it. where: action -> `settings.toml line 4`. Raises UsageError."""
    made: dict[str, str] = {}
    for action, written in keys.items():
        place = where.get(action, "settings.toml")
        if action not in actions.BY_ID or action in FIXED:
            known = ", ".join(sorted(name for name in actions.BY_ID if name not in FIXED))
            raise UsageError(
                f"{place}: {action} is not an action whose key can be changed.", f"These can: {known}."
            )
        key = _key(written)
        if key is None:
            raise UsageError(
                f"{place}: {action} = {written!r} is not a key that reaches the program.", f"Write {ALLOWED}."
            )
        made[action] = key
    _refuse_clashes(made, where)
    return made


def _key(written: object) -> str | None:
    if not isinstance(written, str):
        return None
    text = written.strip()
    if len(text) == 1 and (text in NAMES or (text.isascii() and text.isalnum())):
        return NAMES.get(text, text)
    lowered = text.lower()
    if lowered.startswith("f") and lowered[1:].isdigit() and 1 <= int(lowered[1:]) <= 12:
        return lowered
    plain = (
        lowered.startswith("ctrl+") and len(lowered) == 6 and lowered[5].isalpha() and lowered[5].isascii()
    )
    return lowered if plain and lowered not in TAKEN else None


def _refuse_clashes(made: Mapping[str, str], where: Mapping[str, str]) -> None:
    for screen in actions.SCREENS:
        held: dict[str, actions.Action] = {}
        for action in actions.of_screen(screen):
            for key in (made.get(action.id, action.key), *([action.twin] if action.twin else [])):
                other = held.setdefault(key, action)
                if other is not action:
                    raise UsageError(
                        f"{where.get(action.id) or where.get(other.id) or 'settings.toml'}: the key {key} would mean both "
                        f"{other.label} ({other.id}) and {action.label} ({action.id}) on the screen {screen}.",
                        "Give one of them another key.",
                    )


def use(made: Mapping[str, str]) -> dict[str, str]:
    """Show these keys from now on; gives what Textual's `set_keymap` takes (the twins stay as they are)."""
    actions.REMAPPED.clear()
    actions.REMAPPED.update(made)
    return dict(made)
