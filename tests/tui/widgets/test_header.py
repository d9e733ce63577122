"""The top line at every width."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from mvm_tui.model.quota import MemoryQuota
from mvm_tui.tui.widgets.header import HeaderFacts, header_line
from tests.tui.fakes import NOW

FACTS = HeaderFacts(
    demo=True,
    read_only=True,
    profile="prod",
    account="000000000000",
    region="us-east-1",
    running=4,
    suspended=1,
    quota=MemoryQuota(5_120, 8_192),
    expires_at=NOW + timedelta(hours=2),
)


@given(st.integers(1, 250), st.text(max_size=60))
def test_it_never_is_wider_than_the_screen(width: int, profile: str) -> None:
    line = header_line(HeaderFacts(profile=profile, region="us-east-1", running=3), NOW, width)
    assert line.cell_length <= width
    assert header_line(FACTS, NOW, width).cell_length <= width


def test_the_least_needed_goes_first() -> None:
    wide, middle, narrow = (header_line(FACTS, NOW, width).plain for width in (140, 105, 80))
    assert "▰▰▰▰▰▱▱▱ 5/8 GB" in wide
    assert "000000000000" in wide
    assert "▰" not in middle
    assert "READ-ONLY" in narrow
    assert "5/8 GB" in narrow
    assert "000000000000" not in narrow


def test_what_is_not_known_is_not_shown_as_zero() -> None:
    line = header_line(HeaderFacts(region="us-east-1"), NOW, 120).plain
    assert line.split() == ["mvm-tui", "us-east-1"]
    unsure = HeaderFacts(running=1, quota=MemoryQuota(2_048, None, unknown=2))
    assert "mem ≥2 GB" in header_line(unsure, NOW, 120).plain


def test_what_needs_a_decision_stands_out() -> None:
    full = HeaderFacts(running=1, quota=MemoryQuota(7_680, 8_192), expires_at=NOW - timedelta(seconds=1))
    line = header_line(full, NOW, 120)
    assert "sign-in expired" in line.plain
    styles = {line.plain[span.start : span.end].strip(): str(span.style) for span in line.spans}
    assert "$text-warning" in styles["7.5/8 GB"]
    assert "$text-error" in styles["sign-in expired"]
