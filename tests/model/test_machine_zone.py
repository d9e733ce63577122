"""The machine's zone: summer time and winter time, each for its own times."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvm_tui.logs.query import ago, parse_time
from mvm_tui.model.machine_zone import MACHINE_ZONE


@pytest.fixture(scope="module", autouse=True)
def berlin() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.parametrize(("month", "hours"), [(7, 2), (11, 1)])
def test_each_time_has_its_own_offset(month: int, hours: int) -> None:
    assert datetime(2026, month, 24, 14, 20, tzinfo=MACHINE_ZONE).utcoffset() == timedelta(hours=hours)


def test_a_time_without_a_zone_in_a_filter_is_read_by_the_rules_of_its_day() -> None:
    now = datetime(2026, 11, 25, 14, 30, tzinfo=UTC).astimezone(MACHINE_ZONE)
    assert parse_time("2026-07-24T14:20", now) == datetime(2026, 7, 24, 12, 20, tzinfo=UTC)
    assert parse_time("2026-11-24T14:20", now) == datetime(2026, 11, 24, 13, 20, tzinfo=UTC)
    assert parse_time("14:20", now) == datetime(2026, 11, 25, 13, 20, tzinfo=UTC)
    # 90 days are 90 times 24 hours, whatever clocks did meanwhile.
    assert ago("90d", now) == datetime(2026, 8, 27, 14, 30, tzinfo=UTC)


@given(st.datetimes(datetime(1971, 1, 1), datetime(2036, 1, 1)))
def test_there_and_back(moment: datetime) -> None:
    when = moment.replace(tzinfo=UTC)
    assert when.astimezone(MACHINE_ZONE).astimezone(UTC) == when


def test_the_hour_that_comes_twice() -> None:
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    for when in (first, first + timedelta(hours=1)):
        assert when.astimezone(MACHINE_ZONE).astimezone(UTC) == when


@pytest.mark.parametrize("year", [1, 9999])
def test_the_ends_of_the_calendar_are_no_error(year: int) -> None:
    assert datetime(year, 1, 1, tzinfo=MACHINE_ZONE).utcoffset() is not None
