"""What was said to the user: every action, result and error, kept after its toast is gone."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Severity = Literal["information", "warning", "error"]
LIMIT = 1_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One notice. All texts are safe to show; `detail` is why and what to do, empty if that is plain."""

    at: datetime
    severity: Severity
    text: str
    detail: str = ""
    code: str = ""
    request_id: str = ""


class History:
    """The latest notices, oldest dropped first."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._entries: deque[Entry] = deque(maxlen=limit)

    def add(self, entry: Entry) -> None:
        self._entries.append(entry)

    def newest_first(self) -> Iterator[Entry]:
        return reversed(self._entries)

    def __len__(self) -> int:
        return len(self._entries)
