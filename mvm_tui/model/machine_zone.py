"""The time zone of this machine with its rules, so that a time of last month has last month's offset.

`datetime.astimezone()` gives the offset of one moment for all times: with summer time between the two, a time
that is written by hand would be read an hour off.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo


class _MachineZone(tzinfo):
    """What the system says of each moment. Two times of the hour that clocks repeat differ by their fold."""

    def utcoffset(self, dt: datetime | None) -> timedelta:
        try:
            offset = (dt or datetime.now()).replace(tzinfo=None).astimezone().utcoffset()
        except (OverflowError, ValueError, OSError):
            # The first and last years of the calendar: the system has no rules for them.
            offset = datetime.now().astimezone().utcoffset()
        return offset or timedelta()

    def dst(self, dt: datetime | None) -> None:
        return None

    def tzname(self, dt: datetime | None) -> None:
        return None

    def fromutc(self, dt: datetime) -> datetime:
        there = dt.replace(tzinfo=UTC).astimezone()
        here = there.replace(tzinfo=self)
        return here if here.utcoffset() == there.utcoffset() else here.replace(fold=1)


MACHINE_ZONE = _MachineZone()
