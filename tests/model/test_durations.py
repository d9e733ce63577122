"""Durations as people write and read them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvm_tui.model.durations import parse_duration, plain_duration, short_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90", 90),
        ("90s", 90),
        ("15m", 900),
        ("1h30m", 5400),
        ("7d", 604_800),
        (" 1H 30M ", 5400),
        ("1.5h", 5400),
    ],
)
def test_parse(text: str, seconds: int) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    "text", ["", " ", "h", "-5m", "5 minutes", "1e3", "5m3", "1h-2m", "½h", "٣m", "1..5h"]
)
def test_what_is_no_duration_says_how_one_is_written(text: str) -> None:
    with pytest.raises(ValueError, match="write 90s"):
        parse_duration(text)


@given(st.text(max_size=20))
def test_any_text_is_a_duration_or_a_value_error(text: str) -> None:
    try:
        seconds = parse_duration(text)
    except ValueError:
        return
    assert seconds >= 0


@given(st.integers(min_value=0, max_value=10**9))
def test_round_trip(seconds: int) -> None:
    assert parse_duration(plain_duration(seconds)) == seconds


@pytest.mark.parametrize(
    ("seconds", "short", "plain"),
    [
        (0, "0s", "0s"),
        (8, "8s", "8s"),
        (59.9, "59s", "59s"),
        (90, "1m", "1m30s"),
        (1320, "22m", "22m"),
        (4320, "1h12m", "1h12m"),
        (28_800, "8h00m", "8h"),
        (273_600, "3d04h", "3d4h"),
        (-5, "0s", ""),
    ],
)
def test_short_and_plain(seconds: float, short: str, plain: str) -> None:
    assert short_duration(seconds) == short
    if plain:
        assert plain_duration(int(seconds)) == plain


@given(st.floats(min_value=-1e6, max_value=1e9))
def test_short_ones_are_short(seconds: float) -> None:
    assert len(short_duration(seconds)) <= len("11574d01h")
