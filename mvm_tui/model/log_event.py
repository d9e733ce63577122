"""A line of a log as CloudWatch Logs keeps it, and what the names of streams tell."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

# Where MicroVMs log unless told otherwise: the Developer Guide's monitoring page in its newer and its older
# form, the first measured in August and September 2026.
DEFAULT_GROUPS = ("/aws/lambda-microvms/{image}", "/aws/lambda/microvms/{image}")
GROUP_PREFIXES = tuple(group.removesuffix("{image}") for group in DEFAULT_GROUPS)

# Until 2248: what a line's place can be told by, and every calendar and zone can write.
_LAST_TIMESTAMP = (1 << 43) - 1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Ids as the service makes them, and the shorter ones of emulators.
_VM = r"(?:microvm|mvm)-[0-9A-Za-z-]{1,64}"
_VM_OF_STREAM = re.compile(rf"(?:(?P<start>{_VM})(?:/.*)?|.*\](?P<end>{_VM}))", re.DOTALL)
_DATED = re.compile(r"\d{4}/\d{2}/\d{2}\[(?P<version>[^\]]*)\].+", re.DOTALL)


@dataclass(frozen=True, slots=True)
class LogSource:
    """A stream of a group. `vm` is the id of the MicroVM that its name tells, else empty."""

    group: str
    stream: str
    vm: str = ""

    @classmethod
    def of(cls, group: str, stream: str) -> LogSource:
        return cls(group, stream, vm_of_stream(stream))


@dataclass(frozen=True, slots=True)
class LogEvent:
    """One event, as it came: the message is untrusted and may hold anything.

    `timestamp` and `ingestion` are milliseconds since 1970; `number` is the event id (a decimal number of 56
    digits kept as one, which needs half the memory), and empty where the service told none: neither
    `GetLogEvents` nor Live Tail does.
    """

    timestamp: int
    ingestion: int
    message: str
    source: LogSource
    number: int | str = ""

    @property
    def id(self) -> str:
        """The service's event id; empty where it was not told."""
        return f"{self.number:056d}" if isinstance(self.number, int) else self.number

    @property
    def group(self) -> str:
        return self.source.group

    @property
    def stream(self) -> str:
        return self.source.stream

    @property
    def vm(self) -> str:
        """The id of the MicroVM, as far as the stream's name tells it; else empty."""
        return self.source.vm

    @property
    def when(self) -> datetime:
        """The timestamp, aware, in UTC."""
        return moment_of(self.timestamp)


def event_number(event_id: str) -> int | str:
    """An event id as `LogEvent.number` holds it."""
    return int(event_id) if len(event_id) == 56 and event_id.isascii() and event_id.isdigit() else event_id


def milliseconds(when: datetime) -> int:
    """An aware moment as milliseconds since 1970."""
    return round((when - _EPOCH) / timedelta(milliseconds=1))


def in_bounds(timestamp: int) -> int:
    """A timestamp from outside, or the nearest that can be: the service lets no other pass, emulators may."""
    return min(max(timestamp, 0), _LAST_TIMESTAMP)


def moment_of(timestamp: int) -> datetime:
    """Milliseconds since 1970 as an aware moment in UTC; what no calendar holds becomes its nearest end."""
    try:
        return _EPOCH + timedelta(milliseconds=timestamp)
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC) if timestamp > 0 else datetime.min.replace(tzinfo=UTC)


def default_groups(image_name: str) -> tuple[str, ...]:
    """The groups in which an image's MicroVMs may log, the likelier first."""
    return tuple(group.format(image=image_name) for group in DEFAULT_GROUPS)


def dated_stream(started_at: datetime, image_version: str, microvm_id: str) -> str:
    """``YYYY/MM/DD[version]id`` with the UTC day of the start (measured by rayito, September 2026)."""
    return f"{started_at.astimezone(UTC):%Y/%m/%d}[{image_version}]{microvm_id}"


@lru_cache(4_096)
def vm_of_stream(stream: str) -> str:
    """The MicroVM id in ``id``, ``id/…`` or ``YYYY/MM/DD[version]id``; empty for any other name."""
    found = _VM_OF_STREAM.fullmatch(stream)
    return (found["start"] or found["end"] or "") if found else ""


@lru_cache(4_096)
def version_of_stream(stream: str) -> str:
    """The image version in ``YYYY/MM/DD[version]…``; empty for any other name."""
    found = _DATED.fullmatch(stream)
    return found["version"] if found else ""
