"""The user's settings: `settings.toml` in the settings folder (`pain-tui where`). A missing file means the defaults.

A setting that cannot be read is an error with its place, never a silent default: somebody relies on it.
"""

from dataclasses import dataclass
from pathlib import Path

from pain_tui import paths
from pain_tui.errors import UsageError

LOCK_AFTER_MINUTES = 5.0
_LONGEST_MINUTES = 120.0


@dataclass(frozen=True)
class Settings:
    """lock_after_minutes: minutes without a key until the screens of an encrypted file lock themselves."""

    lock_after_minutes: float = LOCK_AFTER_MINUTES


def path() -> Path:
    """Where the settings are read from."""
    return paths.settings_folder() / "settings.toml"


def load(place: Path | None = None) -> Settings:
    """The settings. Raises UsageError when the file cannot be read or holds what is not known."""
    place = place or path()
    if not place.exists():  # nearly always: then not even the parser is loaded
        return Settings()
    import tomllib

    try:
        stored = tomllib.loads(place.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:  # not UTF-8 and not TOML are both a ValueError
        raise UsageError(f"{place} cannot be read: {error}.", "Correct it, or move it away.") from error
    screens = stored.get("screens", {})
    unknown = sorted(set(stored) - {"screens"})
    if not isinstance(screens, dict):
        unknown = ["screens without [ ]"]
    elif not unknown:
        unknown = sorted(f"screens.{name}" for name in set(screens) - {"lock_after_minutes"})
    if unknown:
        raise UsageError(
            f"{place}: {unknown[0]} is not a setting.", "Known is lock_after_minutes in [screens]."
        )
    return Settings(_minutes(screens.get("lock_after_minutes", LOCK_AFTER_MINUTES), place))


def _minutes(value: object, place: Path) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= _LONGEST_MINUTES:
        raise UsageError(
            f"{place}: lock_after_minutes is {value!r}.",
            f"Write a number above 0 and at most {_LONGEST_MINUTES:g}; the screens always lock.",
        )
    return float(value)
