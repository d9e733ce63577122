"""Recorded programs leave the screens they must, however their output is cut."""

from __future__ import annotations

import pytest

from mvm_tui.terminal.facade import Terminal
from tests.terminal.recordings import NAMES, differences, recording


def test_there_are_recordings() -> None:
    assert len(NAMES) > 100


@pytest.mark.parametrize("name", NAMES)
def test_a_recording_leaves_its_screen(name: str) -> None:
    one = recording(name)
    terminal = Terminal(*one.size)
    for start in range(0, len(one.data), 1_000):
        terminal.feed(one.data[start : start + 1_000])
    assert differences(terminal, one.expected) == []


@pytest.mark.parametrize("name", ["utf8_end_80x24", "htop_setup_80x24", "vttest_m2_screen_s14_80x24"])
def test_byte_by_byte_makes_no_difference(name: str) -> None:
    one = recording(name)
    terminal = Terminal(*one.size)
    for at in range(len(one.data)):
        terminal.feed(one.data[at : at + 1])
    assert differences(terminal, one.expected) == []
