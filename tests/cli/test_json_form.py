"""The fast writer prints, byte for byte, what json.dumps prints for the same rounded values."""

import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pain_tui.cli import common
from pain_tui.report import json_form


def _rounded(value: Any) -> Any:
    """Only what JSON has, the slow and plain way."""
    if isinstance(value, float):
        return round(float(value), json_form.DECIMALS) + 0.0
    if isinstance(value, dict):
        return {str(key): _rounded(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(entry) for entry in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value


_LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.dates()
    | st.datetimes()
)
_SHAPES = st.recursive(
    _LEAVES,
    lambda inner: (
        st.lists(inner) | st.tuples(inner) | st.dictionaries(st.text() | st.integers(), inner, max_size=5)
    ),
    max_leaves=30,
)


@given(_SHAPES)
def test_the_text_is_that_of_json_dumps(shape: Any) -> None:
    for indent in (True, False):
        expected = json.dumps(
            _rounded(shape), ensure_ascii=False, allow_nan=False, indent=2 if indent else None
        )
        assert json_form.form(shape, indent=indent) == expected


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0000005, "0.0"),
        (0.0000015, "2e-06"),
        (-1e-9, "0.0"),
        (np.float64(0.12345678), "0.123457"),
        (np.int64(7), "7"),
        (np.bool_(True), "true"),
        (Decimal("1.50"), "1.5"),
        ({}, "{}"),
        ([], "[]"),
        ((), "[]"),
    ],
)
def test_numbers_of_every_kind(value: Any, text: str) -> None:
    assert json_form.form(value, indent=True) == text


@pytest.mark.parametrize("value", [float("nan"), float("inf"), np.float64("nan")])
def test_not_a_number_is_our_bug(value: float) -> None:
    with pytest.raises(ValueError):
        json_form.form({"p": value}, indent=True)


def test_a_value_without_a_form_is_refused() -> None:
    with pytest.raises(TypeError, match="set"):
        json_form.form({"a": {1}}, indent=False)


def test_what_drives_a_terminal_is_escaped() -> None:
    text = common.json_row({"name": "a\x9b\u202eb\x7f"})
    assert text == '{"name": "a\\u009b\\u202eb\\u007f"}'
    assert json.loads(text) == {"name": "a\x9b\u202eb\x7f"}
