"""Settings are read or refused with their place, never guessed: somebody relies on the lock."""

from pathlib import Path

import pytest

from pain_tui import settings
from pain_tui.errors import UsageError


def _write(text: str) -> Path:
    place = settings.path()
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text, encoding="utf-8")
    return place


def test_without_a_file_the_screens_lock_after_five_minutes() -> None:
    assert settings.load().lock_after_minutes == 5


@pytest.mark.parametrize("share", [0.01, 0.35])
def test_the_clinics_own_base_rate_is_a_setting(share: float) -> None:
    assert settings.load().base_rates == {}
    _write(f"[clinic]\nort_oud_base_rate = {share}\n")
    assert settings.load().base_rates == {"ORT-OUD": share}


@pytest.mark.parametrize("minutes", [0.1, 1, 120])
def test_the_time_to_the_lock_is_a_setting(minutes: float) -> None:
    _write(f"[screens]\nlock_after_minutes = {minutes}\n")
    assert settings.load().lock_after_minutes == minutes


@pytest.mark.parametrize(
    "text",
    [
        *(f"[clinic]\nort_oud_base_rate = {value}" for value in ("0", "1", "8", "true", '"0.05"', "nan")),
        "[clinic]\nbase_rate = 0.1",
        *(f"[screens]\nlock_after_minutes = {value}" for value in ("0", "-1", "120.1", "true", '"5"', "nan")),
        "[screens]\nlock_after = 3",
        "[lock]\nminutes = 3",
        "screens = 3",
        "[screens\n",
        "\x00",
    ],
)
def test_what_is_not_a_setting_is_refused_with_its_place(text: str) -> None:
    place = _write(text)
    with pytest.raises(UsageError) as refused:
        settings.load()
    assert str(place) in refused.value.message
    assert refused.value.hint
