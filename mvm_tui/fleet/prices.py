"""The Price List's prices, kept in a file with their date; the shipped table where there is none.

Asking for rates never waits for the network: `refresh` is for a thread that has the time.
"""

from __future__ import annotations

import contextlib
import json
import os
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mvm_tui.model.clock import Clock
from mvm_tui.model.errors import Problem
from mvm_tui.model.rates import ARM64, Rates, groups, shipped, with_prices

if TYPE_CHECKING:
    from mvm_tui.aws.session import Connection

FILE = "prices.json"
FRESH_FOR = timedelta(days=1)
# Who may not read the Price List is not asked again at once.
_AGAIN_SECONDS = 3_600.0
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class _Read:
    """Prices of one region and when they were read."""

    at: datetime
    prices: dict[str, str]


class Prices:
    """Rates by region and architecture. Safe to share by threads."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        """`folder` is the state folder; the file in it need not exist, nor be readable."""
        self._file = folder / FILE
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: dict[str, _Read] | None = None
        self._asked: dict[str, float] = {}
        self._rates: dict[tuple[str, str, str], Rates] = {}

    def rates(self, region: str, arch: str = ARM64, endpoint: str = "") -> Rates:
        """The rates that hold: read from the Price List at most some time ago, else shipped.

        `endpoint` is that of the connection: what an emulator says is not AWS's price.
        """
        with self._lock:
            key = (region, arch, endpoint)
            if key not in self._rates:
                kept = self._all().get(_name(region, endpoint))
                base = shipped(region, arch)
                self._rates[key] = with_prices(base, kept.prices, kept.at.date()) if kept else base
            return self._rates[key]

    def due(self, region: str, endpoint: str = "") -> bool:
        """Whether the prices are to be read again: they are older than a day, or there are none."""
        with self._lock:
            name = _name(region, endpoint)
            asked = self._asked.get(name)
            if asked is not None and self._clock.monotonic() - asked < _AGAIN_SECONDS:
                return False
            kept = self._all().get(name)
            return kept is None or not timedelta() <= self._clock.now() - kept.at < FRESH_FOR

    def refresh(self, connection: Connection) -> bool:
        """Read the connection's region from the Price List and keep it; whether anything was found.

        Blocking. What fails leaves all as it was, and is tried again after an hour.
        """
        from mvm_tui.aws.pricing import prices

        region, endpoint = connection.region, connection.endpoint
        name = _name(region, endpoint)
        with self._lock:
            self._asked[name] = self._clock.monotonic()
        try:
            found = prices(connection, groups())
        except Problem:
            return False
        if not found:
            return False
        with self._lock:
            # Another copy of the program may have read other regions meanwhile.
            self._kept = {**_load(self._file), name: _Read(self._clock.now(), found)}
            self._rates = {}
            self._save()
        return True

    def _all(self) -> dict[str, _Read]:
        if self._kept is None:
            self._kept = _load(self._file)
        return self._kept

    def _save(self) -> None:
        """Put the file in place whole; where it cannot be written, the prices hold for this run."""
        content = {
            "format": _FORMAT,
            "read": {
                name: {"at": one.at.isoformat(), "prices": one.prices}
                for name, one in (self._kept or {}).items()
            },
        }
        part = self._file.with_name(f"{self._file.name}.{os.getpid()}.part")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            part.write_text(json.dumps(content, indent=1), "utf-8")
            part.replace(self._file)
        except OSError:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)


def _name(region: str, endpoint: str) -> str:
    return f"{endpoint}|{region}"


def _load(file: Path) -> dict[str, _Read]:
    """What the file holds, as far as it makes sense; it can be read anew at any time."""
    try:
        content = json.loads(file.read_text("utf-8"))
        return {
            name: _Read(_moment(one["at"]), _texts(one["prices"])) for name, one in content["read"].items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _moment(value: str) -> datetime:
    return datetime.fromisoformat(value).astimezone(UTC)


def _texts(value: dict[str, Any]) -> dict[str, str]:
    return {name: usd for name, usd in value.items() if isinstance(usd, str)}
