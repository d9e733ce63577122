"""A running local cloud for the tests of its parts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mvm_tui.local.launch import Facts
from tests.cloud import cloud_process


@pytest.fixture(scope="module")
def facts() -> Iterator[Facts]:
    """A fast local cloud in a process of its own, empty at the start of a module's tests."""
    with cloud_process(seed="empty", speed=20.0, rates=False) as running:
        yield running
