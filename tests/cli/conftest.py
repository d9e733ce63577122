"""Local clouds for the tests of the command line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mvm_tui.local.launch import Facts
from tests.cli.runs import Cli
from tests.cloud import cloud_process


@pytest.fixture(scope="module")
def facts() -> Iterator[Facts]:
    """A cloud with the demo's MicroVMs, twenty times as quick, shared by the tests of a file."""
    with cloud_process("demo", speed=20, rates=False) as found:
        yield found


@pytest.fixture
def cli(tmp_path: Path, facts: Facts) -> Cli:
    """A user of that cloud who has never run the app before."""
    return Cli(tmp_path, facts)


@pytest.fixture
def stranger(tmp_path: Path) -> Cli:
    """A user without an account."""
    return Cli(tmp_path)
