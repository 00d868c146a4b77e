"""A clinic's own keys and colours: what is remapped works and is shown everywhere; what is wrong is a sentence with its line."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from pain_tui import settings
from pain_tui.errors import UsageError
from pain_tui.tui import actions, keymap
from pain_tui.tui.app import PainTui
from pain_tui.tui.theme import COLOURBLIND, THEMES
from tests.cli.program import run

from . import real_clinic
from .fixture import FixtureDesk
from .screen_text import press, screen_text


@pytest.fixture(autouse=True)
def own_keys() -> Iterator[None]:
    """No test sees another's keys."""
    yield
    actions.REMAPPED.clear()


def written(text: str) -> settings.Settings:
    """These settings, in the folder of this test."""
    place = settings.path()
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text, encoding="utf-8")
    return settings.load()


def read(text: str) -> dict[str, str]:
    """The keys of these settings."""
    held = written(text)
    return keymap.read(held.keys, held.places)


async def test_a_remapped_key_works_and_is_shown_everywhere() -> None:
    """Sign on S: footer, help, palette and sentences say so; the old key does nothing."""
    keys = keymap.use(read('[keys]\nsign = "S"\nnew = "+"\n'))
    app = PainTui(FixtureDesk(), watch_terminal=False, keys=keys)  # type: ignore[arg-type]
    async with app.run_test(size=(120, 40)) as pilot:
        await press(pilot, "5")
        assert " S Sign" in screen_text(app).splitlines()[-1] and "+ writes one" in screen_text(app)
        await press(pilot, "g")
        assert "Sign the plan" not in screen_text(app)
        await press(pilot, "S")
        assert "Sign the plan" in screen_text(app)
        await press(pilot, "escape", "question_mark", "pagedown")
        assert "S" in {action.shown_key for action in actions.of_screen("plan")}


async def test_a_twin_stays_when_its_key_is_changed() -> None:
    """F1 is help whatever else is."""
    keys = keymap.use(read('[keys]\nhelp = "H"\n'))
    app = PainTui(FixtureDesk(), watch_terminal=False, keys=keys)  # type: ignore[arg-type]
    async with app.run_test(size=(120, 40)) as pilot:
        await press(pilot, "f1")
        assert "Help: Patients" in screen_text(app)
        await press(pilot, "escape", "H")
        assert "Help: Patients" in screen_text(app)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[keys]\nsing = "S"', "line 2: sing is not an action"),
        ('# mine\n\n[keys]\nsign = "alt+s"', "line 4: sign = 'alt+s' is not a key that reaches"),
        ('[keys]\nsign = "ctrl+s"', "line 2: sign = 'ctrl+s'"),
        ('[keys]\nsign = ""', "line 2: sign = ''"),
        ("[keys]\nsign = 3", "line 2: sign = 3"),
        ('[keys]\nsign = "f13"', "line 2: sign = 'f13'"),
        ('[keys]\nsign = "s"', "line 2: the key s would mean both"),
        ('[keys]\nhelp = "f2"', "line 2: the key f2 would mean both"),
        ('[keys]\nback = "B"', "line 2: back is not an action whose key can be changed"),
    ],
)
def test_wrong_keys_are_refused_with_their_line(text: str, says: str) -> None:
    """The file, the line, what is there, what is allowed."""
    with pytest.raises(UsageError) as refused:
        read(text)
    assert says in refused.value.message and "settings.toml" in refused.value.message and refused.value.hint


def test_swapping_two_keys_is_allowed() -> None:
    """Two actions may change places."""
    assert read('[keys]\nsave = "g"\nsign = "s"\n') == {"save": "g", "sign": "s"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[screens]\ntheme = "pink"', "line 2: theme is 'pink'."),
        ('[screens]\nlarge = "yes"', "line 2: large is 'yes'."),
        ("[screens]\n\nlock_after_minutes = 0", "line 3: lock_after_minutes is 0."),
        ('[screens]\ncolour = "red"', "line 2: screens.colour is not a setting."),
        ("[screen]\n", "line 1: screen is not a setting."),
    ],
)
def test_wrong_settings_are_refused_with_their_line(text: str, says: str) -> None:
    """The same for everything else in the file."""
    with pytest.raises(UsageError) as refused:
        written(text)
    assert says in refused.value.message and refused.value.hint


def test_the_program_says_it_before_the_screens_open(tmp_path: Path) -> None:
    """Exit 2 and the sentence; also the theme of the option."""
    file = real_clinic.make(tmp_path / "clinic.duckdb", real_clinic.CASES[:1])
    done = run("open", str(file), "--theme", "pink")
    assert done.returncode == 2 and "dark, light, contrast, colourblind" in done.stderr


def test_every_theme_can_be_chosen() -> None:
    """The names of the settings are those of the themes."""
    assert tuple(theme.name.removeprefix("pain-tui-") for theme in THEMES) == settings.THEMES
    for name in settings.THEMES:
        assert written(f'[screens]\ntheme = "{name}"\nlarge = true\n').theme == name


# Vienot, Brettel and Mollon 1999, and Brettel 1997 in its one-plane form for blue, on linear RGB.
SEEN_WITHOUT = {
    "red": ((0.11238, 0.88762, 0.0), (0.11238, 0.88762, 0.0), (0.00401, -0.00401, 1.0)),
    "green": ((0.29275, 0.70725, 0.0), (0.29275, 0.70725, 0.0), (-0.02234, 0.02234, 1.0)),
    "blue": ((1.0, 0.1461, -0.1461), (0.0, 0.8591, 0.1409), (0.0, 0.8591, 0.1409)),
}
APART = 0.2  # of the diagonal of the cube of colours


def linear(colour: str) -> tuple[float, ...]:
    """Linear RGB."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    return tuple(part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)


@pytest.mark.parametrize("without", SEEN_WITHOUT)
def test_the_colours_stay_apart_without_one_kind_of_cone(without: str) -> None:
    """STOP, CAUTION, focus and plain text of the colour-blind theme, two by two."""
    rows = SEEN_WITHOUT[without]
    own = COLOURBLIND.variables
    shown = {
        name: tuple(sum(a * b for a, b in zip(row, linear(colour), strict=True)) for row in rows)
        for name, colour in (
            ("stop", own["stop"]),
            ("caution", own["caution"]),
            ("focus", str(COLOURBLIND.accent)),
        )
    }
    for one, other in itertools.combinations(shown, 2):
        distance = sum((a - b) ** 2 for a, b in zip(shown[one], shown[other], strict=True)) ** 0.5 / 3**0.5
        assert distance >= APART, (one, other, distance)
