"""The collector's timetable."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from mvm_tui.tui.memory import ROWS, Memory


@pytest.fixture(autouse=True)
def _own_collector() -> Iterator[None]:
    thresholds, enabled = gc.get_threshold(), gc.isenabled()
    yield
    gc.unfreeze()
    gc.set_threshold(*thresholds)
    (gc.enable if enabled else gc.disable)()


def test_what_stands_is_not_looked_at_again() -> None:
    memory = Memory()
    standing = [[number] for number in range(50_000)]
    gc.disable()
    memory.begin()
    assert not gc.isenabled()
    assert gc.get_freeze_count() > len(standing)
    assert len(gc.get_objects()) < len(standing)
    memory.loaded()
    assert gc.isenabled()


def test_rows_are_frozen_by_the_thousand() -> None:
    memory = Memory()
    memory.begin()
    rows = [[number] for number in range(5_000)]
    before = gc.get_freeze_count()
    assert not memory.grown(ROWS - 1)
    assert memory.grown(1)
    assert not memory.grown(1)
    memory.settle()
    assert gc.get_freeze_count() >= before + len(rows)


class _Knot:
    """Garbage that only the collector finds."""

    alive = 0

    def __init__(self) -> None:
        self.self = self
        _Knot.alive += 1

    def __del__(self) -> None:
        _Knot.alive -= 1


def test_frozen_garbage_is_found_by_looking_at_everything() -> None:
    memory = Memory()
    knot = _Knot()
    memory.begin()
    del knot
    memory.settle()
    assert _Knot.alive == 1
    memory.deep()
    assert _Knot.alive == 0
