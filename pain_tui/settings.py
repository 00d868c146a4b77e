"""The user's settings: `settings.toml` in the settings folder (`pain-tui where`). A missing file means the defaults.

A setting that cannot be read is an error with its place, never a silent default: somebody relies on it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from pain_tui import paths
from pain_tui.errors import UsageError

LOCK_AFTER_MINUTES = 5.0
_LONGEST_MINUTES = 120.0
_KNOWN = {"screens": {"lock_after_minutes"}, "clinic": {"ort_oud_base_rate"}}


@dataclass(frozen=True)
class Settings:
    """lock_after_minutes: minutes without a key until the screens of an encrypted file lock themselves.
    base_rates: the clinic's own share with the condition by questionnaire (ORT-OUD); empty: the table's default.
    """

    lock_after_minutes: float = LOCK_AFTER_MINUTES
    base_rates: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))


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
    unknown = sorted(_unknown(stored))
    if unknown:
        raise UsageError(
            f"{place}: {unknown[0]} is not a setting.",
            "Known are lock_after_minutes in [screens] and ort_oud_base_rate in [clinic].",
        )
    screens, clinic = stored.get("screens", {}), stored.get("clinic", {})
    return Settings(
        _minutes(screens.get("lock_after_minutes", LOCK_AFTER_MINUTES), place),
        {"ORT-OUD": _share(clinic["ort_oud_base_rate"], place)} if "ort_oud_base_rate" in clinic else {},
    )


def _unknown(stored: Mapping[str, object]) -> set[str]:
    found = set(stored) - set(_KNOWN)
    for name in set(stored) & set(_KNOWN):
        held = stored[name]
        if isinstance(held, dict):
            found |= {f"{name}.{key}" for key in set(held) - _KNOWN[name]}
        else:
            found.add(f"{name} without [ ]")
    return found


def _minutes(value: object, place: Path) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= _LONGEST_MINUTES:
        raise UsageError(
            f"{place}: lock_after_minutes is {value!r}.",
            f"Write a number above 0 and at most {_LONGEST_MINUTES:g}; the screens always lock.",
        )
    return float(value)


def _share(value: object, place: Path) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1:
        raise UsageError(
            f"{place}: ort_oud_base_rate is {value!r}.",
            "Write the share of your people on long-term opioids with opioid use disorder, such as 0.05.",
        )
    return float(value)
