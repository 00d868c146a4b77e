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
THEMES = ("dark", "light", "contrast", "colourblind")
_KNOWN = {
    "screens": {"lock_after_minutes", "theme", "large"},
    "clinic": {"ort_oud_base_rate"},
    "keys": None,  # any action; the screens know which there are
}


@dataclass(frozen=True)
class Settings:
    """lock_after_minutes: minutes without a key until the screens of an encrypted file lock themselves.
    theme: one of THEMES. large: one column at every width. keys: action -> key as written; places: action -> where.
    base_rates: the clinic's own share with the condition by questionnaire (ORT-OUD); empty: the table's default.
    """

    lock_after_minutes: float = LOCK_AFTER_MINUTES
    base_rates: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    theme: str = THEMES[0]
    large: bool = False
    keys: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    places: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


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
        text = place.read_text(encoding="utf-8-sig")
        stored = tomllib.loads(text)
    except (OSError, ValueError) as error:  # not UTF-8 and not TOML are both a ValueError
        raise UsageError(f"{place} cannot be read: {error}.", "Correct it, or move it away.") from error
    unknown = sorted(_unknown(stored))
    if unknown:
        raise UsageError(
            f"{_where(place, text, unknown[0].rpartition('.')[2])}: {unknown[0]} is not a setting.",
            "Known are lock_after_minutes, theme and large in [screens], ort_oud_base_rate in [clinic], "
            "and actions in [keys].",
        )
    screens, clinic, keys = stored.get("screens", {}), stored.get("clinic", {}), stored.get("keys", {})
    places = {name: _where(place, text, name) for name in (*screens, *clinic, *keys)}
    return Settings(
        _minutes(screens.get("lock_after_minutes", LOCK_AFTER_MINUTES), places.get("lock_after_minutes", "")),
        {"ORT-OUD": _share(clinic["ort_oud_base_rate"], places["ort_oud_base_rate"])}
        if "ort_oud_base_rate" in clinic
        else {},
        theme=_theme(screens.get("theme", THEMES[0]), places.get("theme", "")),
        large=_flag(screens.get("large", False), places.get("large", "")),
        keys=dict(keys),
        places={name: places[name] for name in keys},
    )


def _where(place: Path, text: str, name: str) -> str:
    """The file and the line on which a name is set: `.../settings.toml line 4`."""
    for number, line in enumerate(text.splitlines(), 1):
        if line.split("=")[0].strip().strip("\"'[]").rpartition(".")[2] == name:
            return f"{place} line {number}"
    return str(place)


def _theme(value: object, place: str) -> str:
    if value not in THEMES:
        raise UsageError(f"{place}: theme is {value!r}.", f"Write one of {', '.join(THEMES)}.")
    return str(value)


def _flag(value: object, place: str) -> bool:
    if not isinstance(value, bool):
        raise UsageError(f"{place}: large is {value!r}.", "Write true or false.")
    return value


def _unknown(stored: Mapping[str, object]) -> set[str]:
    found = set(stored) - set(_KNOWN)
    for name in set(stored) & set(_KNOWN):
        held = stored[name]
        if isinstance(held, dict):
            allowed = _KNOWN[name]
            found |= {f"{name}.{key}" for key in set(held) - (set(held) if allowed is None else allowed)}
        else:
            found.add(f"{name} without [ ]")
    return found


def _minutes(value: object, place: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= _LONGEST_MINUTES:
        raise UsageError(
            f"{place}: lock_after_minutes is {value!r}.",
            f"Write a number above 0 and at most {_LONGEST_MINUTES:g}; the screens always lock.",
        )
    return float(value)


def _share(value: object, place: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1:
        raise UsageError(
            f"{place}: ort_oud_base_rate is {value!r}.",
            "Write the share of your people on long-term opioids with opioid use disorder, such as 0.05.",
        )
    return float(value)
