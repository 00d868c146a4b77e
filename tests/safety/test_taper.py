"""How fast a dose may be lowered: each length of use just below, at and above its limit."""

import pytest

from pain_tui.assess.calculators import conversion


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"days_of_use": "3"}, "NO_TAPER"),
        ({"days_of_use": "3.1"}, "TAPER_VERY_SHORT"),
        ({"days_of_use": "6.9"}, "TAPER_VERY_SHORT"),
        ({"days_of_use": "7"}, "TAPER_SHORT"),
        ({"days_of_use": "29.9"}, "TAPER_SHORT"),
        ({"days_of_use": "30"}, "TAPER_WEEKS_MONTHS"),  # beyond the rows in days: counted as months
        ({"days_of_use": "365"}, "TAPER_WEEKS_MONTHS"),
        ({"days_of_use": "366"}, "TAPER_LONG"),
        ({"months_of_use": "0.24"}, None),
        ({"months_of_use": "0.25"}, "TAPER_WEEKS_MONTHS"),
        ({"months_of_use": "11.9"}, "TAPER_WEEKS_MONTHS"),
        ({"months_of_use": "12"}, "TAPER_LONG"),
        ({}, None),
    ],
)
def test_the_length_of_use_chooses_the_pace(cells: dict[str, str], code: str | None) -> None:
    assert conversion.taper({"start": "60", **cells}).pace_code == code
