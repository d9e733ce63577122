"""Local clouds for the tests of logs."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from mvm_tui.aws.logs import LogReader
from mvm_tui.local.launch import Facts
from tests.cloud import cloud_process, set_faults
from tests.logs.feeding import Feed, reader_for

_numbers = itertools.count()


@pytest.fixture(scope="package")
def running() -> Iterator[Facts]:
    """One cloud for all tests: what is written is readable at once."""
    with cloud_process("empty", rates=False, options=["--log-delay", "0"]) as found:
        yield found


@pytest.fixture
def facts(running: Facts) -> Iterator[Facts]:
    yield running
    set_faults(running)


@pytest.fixture
def reader(facts: Facts) -> LogReader:
    return reader_for(facts)


@pytest.fixture
def feed(facts: Facts) -> Feed:
    """A group of the test's own."""
    return Feed(facts, f"/aws/lambda-microvms/image-{next(_numbers)}")
