"""The targets of hyperlinks (OSC 8), by the small numbers that styles hold."""

from __future__ import annotations

from collections import OrderedDict

# The length VTE and iTerm2 take; longer ones are not links.
URI_LIMIT = 2_083
ID_LIMIT = 250


class Links:
    """Number → address. The oldest are forgotten when they are too many or too long; their text stays."""

    LIMIT = 16_384
    CHARACTERS = 2_000_000

    def __init__(self) -> None:
        self._next = 1
        self._held = 0
        self._targets: OrderedDict[int, str] = OrderedDict()
        self._named: dict[tuple[str, str], int] = {}
        self._names: dict[int, tuple[str, str]] = {}

    def add(self, name: str, uri: str) -> int:
        """The number for a link; links of the same ``name`` and address share one. 0: not a link."""
        if not uri or len(uri) > URI_LIMIT:
            return 0
        key = (name[:ID_LIMIT], uri)
        if name and (known := self._named.get(key)):
            return known
        number = self._next
        self._next += 1
        self._targets[number] = uri
        self._held += len(uri)
        if name:
            self._named[key] = number
            self._names[number] = key
        while len(self._targets) > self.LIMIT or self._held > self.CHARACTERS:
            self._forget()
        return number

    def _forget(self) -> None:
        oldest, uri = self._targets.popitem(last=False)
        self._held -= len(uri)
        key = self._names.pop(oldest, None)
        if key:
            del self._named[key]

    def target(self, number: int) -> str | None:
        """The address as the guest sent it, neither checked nor sanitised; None where there is none."""
        return self._targets.get(number)
