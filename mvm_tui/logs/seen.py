"""Which events were taken already, for as long as they may come again, in bounded memory.

Polling reads a stretch of time again and again, so each event comes several times. Those with an event id
are told apart by it. `GetLogEvents` and Live Tail give none, but each event once only: one of theirs is
matched with the same event read by id through its stream, its time and its text; the time of ingestion
need not be the same in both.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from mvm_tui.model.log_event import LogEvent

# A hash takes a third of the memory of an id; that two of a million agree has a chance of one to ten million.
_Content = int
DEFAULT_LIMIT = 600_000


@dataclass(slots=True)
class _Second:
    """The events of one second: ids, and what was read one way and not yet the other."""

    ids: set[int] = field(default_factory=set)
    without_id: Counter[_Content] = field(default_factory=Counter)
    with_id: Counter[_Content] = field(default_factory=Counter)
    admitted: int = 0


class Seen:
    """Admits every event once. Events before `floor` cannot be told apart any more: do not ask for them."""

    def __init__(self, *, mixed: bool = False, limit: int = DEFAULT_LIMIT) -> None:
        """`mixed`: the same events are read with ids and without. `limit`: how many are remembered."""
        self.floor = 0
        self._mixed = mixed
        self._limit = limit
        self._seconds: dict[int, _Second] = {}
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def mix(self) -> None:
        """From now on the same events are read with ids and without."""
        self._mixed = True

    def admit(self, event: LogEvent) -> bool:
        """Whether the event is new; from then on it is not.

        One before the floor is new only if it was read without an id: such readings never repeat.
        """
        if event.timestamp < self.floor:
            return event.number == ""
        key = event.timestamp // 1_000
        second = self._seconds.get(key)
        if second is None:
            second = self._seconds[key] = _Second()
        new = self._with_id(second, event) if event.number != "" else self._without_id(second, event)
        second.admitted += new
        self._count += new
        if self._count > self._limit:
            self._forget_oldest()
        return new

    def forget_before(self, timestamp: int) -> None:
        """Forget what is older, by whole seconds: it will not be read again."""
        for key in [key for key in self._seconds if (key + 1) * 1_000 <= timestamp]:
            self._drop(key)

    def _with_id(self, second: _Second, event: LogEvent) -> bool:
        number = _hash(event.number)
        if number in second.ids:
            return False
        second.ids.add(number)
        if self._mixed:
            content = _content(event)
            if _take(second.without_id, content):
                return False
            second.with_id[content] += 1
        return True

    def _without_id(self, second: _Second, event: LogEvent) -> bool:
        content = _content(event)
        if _take(second.with_id, content):
            return False
        second.without_id[content] += 1
        return True

    def _forget_oldest(self) -> None:
        """Give up the oldest tenth, so that this is seldom done."""
        for key in sorted(self._seconds):
            if self._count <= self._limit - self._limit // 10 or len(self._seconds) == 1:
                return
            self._drop(key)

    def _drop(self, key: int) -> None:
        self._count -= self._seconds.pop(key).admitted
        self.floor = max(self.floor, (key + 1) * 1_000)


def _hash(number: int | str) -> int:
    """The hash of a number is its rest by a prime, which ids that are built alike may share; that of bytes
    is not."""
    return hash(number) if isinstance(number, str) else hash(number.to_bytes(24, "big", signed=True))


def _content(event: LogEvent) -> _Content:
    return hash((event.source.stream, event.timestamp, event.message))


def _take(counter: Counter[_Content], content: _Content) -> bool:
    """Use up one; False where there is none."""
    if counter[content] <= 0:
        return False
    counter[content] -= 1
    if not counter[content]:
        del counter[content]
    return True
