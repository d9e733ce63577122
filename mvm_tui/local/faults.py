"""Faults on demand: the ways in which a service fails its callers, switched on by a short text.

A fault is written ``KIND[=VALUE][@OPERATION][*COUNT|/EVERY]``:

- ``throttle``            429 (or the service's own status) with Retry-After
- ``error[=STATUS]``      the service's internal error, 500 unless a 5xx status is given
- ``html502``             a gateway's HTML page with status 502
- ``latency=SECONDS``     the answer comes later
- ``half-body``           the connection ends in the middle of the answer
- ``expired``             the credentials have expired
- ``slow-page=SECONDS``   the answer to a listing trickles in over that time

``@OPERATION`` limits it to one operation, ``*COUNT`` to the next COUNT calls that it fits, and
``/EVERY`` to each EVERYth of them. Several faults are separated by commas. Seconds are real ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

KINDS = ("throttle", "error", "html502", "latency", "half-body", "expired", "slow-page")
_TIMED = frozenset({"latency", "slow-page"})
_LISTING = re.compile(r"List|Describe|Filter|Get.*(Events|Products)")
_TEXT = re.compile(
    r"(?P<kind>[a-z0-9-]+)(?:=(?P<value>[0-9]{1,4}(?:\.[0-9]{1,3})?))?(?:@(?P<operation>[A-Za-z0-9]{1,64}))?"
    r"(?:\*(?P<count>[0-9]{1,9})|/(?P<every>[1-9][0-9]{0,8}))?"
)


@dataclass(slots=True)
class Fault:
    """One fault. `value` is seconds, or the status of an error; `left` None means without end."""

    kind: str
    value: float = 0.0
    operation: str = ""
    left: int | None = None
    every: int = 1
    seen: int = 0

    def strikes(self, operation: str) -> bool:
        """Whether this call of an operation is hit; counts the call if it fits."""
        if self.operation not in ("", operation) or self.left == 0:
            return False
        if self.kind == "slow-page" and not _LISTING.match(operation):
            return False
        self.seen += 1
        if self.seen % self.every:
            return False
        if self.left is not None:
            self.left -= 1
        return True

    def __str__(self) -> str:
        text = self.kind
        if self.value:
            text += f"={self.value:g}"
        if self.operation:
            text += f"@{self.operation}"
        if self.left is not None:
            text += f"*{self.left}"
        return text + (f"/{self.every}" if self.every > 1 else "")


def parse_fault(text: str) -> Fault:
    """The fault that a text describes.

    Raises:
        ValueError: the text is none; the message says what is wrong with it.
    """
    found = _TEXT.fullmatch(text.strip())
    if found is None or found["kind"] not in KINDS:
        raise ValueError(f"{text.strip()!r} is no fault; one of {', '.join(KINDS)}")
    kind, value = found["kind"], float(found["value"] or 0)
    if kind in _TIMED and not value:
        raise ValueError(f"{kind} needs seconds, such as {kind}=2")
    if kind == "error" and value and not 500 <= value <= 599:
        raise ValueError("error takes a status from 500 to 599")
    if found["value"] and kind not in _TIMED and kind != "error":
        raise ValueError(f"{kind} takes no value")
    left = int(found["count"]) if found["count"] else None
    return Fault(kind, value, found["operation"] or "", left, int(found["every"] or 1))


def parse_faults(text: str) -> list[Fault]:
    """Faults separated by commas; ValueError as `parse_fault`."""
    return [parse_fault(item) for item in text.split(",") if item.strip()]


class Faults:
    """The faults that are switched on."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._faults = list(faults)

    def replace(self, faults: Iterable[Fault]) -> None:
        """Switch all others off and these on."""
        self._faults = list(faults)

    def texts(self) -> list[str]:
        """What is switched on, as it is written."""
        return [str(fault) for fault in self._faults if fault.left != 0]

    def strike(self, operation: str) -> dict[str, Fault]:
        """The faults that hit a call of an operation, by kind."""
        if not self._faults:
            return {}
        return {fault.kind: fault for fault in self._faults if fault.strikes(operation)}
