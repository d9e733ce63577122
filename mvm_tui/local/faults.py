"""Faults on demand: the ways in which a service fails its callers, switched on by a short text.

A fault is written ``KIND[=VALUE][@OPERATION][*COUNT|/EVERY]``:

- ``throttle``            429 (or the service's own status) with Retry-After
- ``error[=STATUS]``      the service's internal error, 500 unless a 5xx status is given
- ``html502``             a gateway's HTML page with status 502
- ``latency=SECONDS``     the answer comes later
- ``half-body``           the connection ends in the middle of the answer
- ``expired``             the credentials have expired
- ``slow-page=SECONDS``   the answer to a listing trickles in over that time
- ``stall=SECONDS``       an event stream says nothing for that long
- ``stream-exception``    an event stream ends with the service's exception
- ``empty-page``          a page of log events is empty and its token goes on where it was asked for
- ``late=SECONDS``        a log line is ingested late by half to all of that time, whatever came after it

and, for shells, those that are open when it is switched on and those opened later:

- ``shell-drop[=SECONDS]``   the connection breaks off, at once or after that time
- ``shell-stall[=SECONDS]``  nothing passes, for that time or for good
- ``shell-slow=BYTES``       a link that carries so many bytes per second each way
- ``shell-refuse=STATUS``    the upgrade is answered with that status, 400 to 599

``@OPERATION`` limits it to one operation, a shell's to one MicroVM (``@microvm-…``), ``*COUNT`` to the next
COUNT calls or shells that it fits, and ``/EVERY`` to each EVERYth of them; ``late`` counts lines, not calls.
What hits an event stream does so after its first update, ``half-body`` too. Several faults are separated by
commas. Seconds are real ones.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

CALL_KINDS = (
    *("throttle", "error", "html502", "latency", "half-body", "expired", "slow-page"),
    *("stall", "stream-exception"),
)
SHELL_KINDS = ("shell-drop", "shell-stall", "shell-slow", "shell-refuse")
_LATE, _EMPTY_PAGE = "late", "empty-page"
KINDS = (*CALL_KINDS, *SHELL_KINDS, _LATE, _EMPTY_PAGE)
# What a kind's value is, for those that must have one; the others below may have one.
_NEEDS = {
    "latency": "seconds",
    "slow-page": "seconds",
    "stall": "seconds",
    _LATE: "seconds",
    "shell-slow": "bytes per second",
    "shell-refuse": "a status",
}
_MAY_HAVE = frozenset({"error", "shell-drop", "shell-stall"})
_ATTACHED, _REFUSED = SHELL_KINDS[:3], SHELL_KINDS[3:]
_STATUSES = {"error": 500, "shell-refuse": 400}
_STREAMS = frozenset({"StartLiveTail"})
_LISTING = re.compile(r"List|Describe|Filter|Get.*(Events|Products)")
_TEXT = re.compile(
    r"(?P<kind>[a-z0-9-]+)(?:=(?P<value>[0-9]{1,9}(?:\.[0-9]{1,3})?))?(?:@(?P<operation>[A-Za-z0-9-]{1,64}))?"
    r"(?:\*(?P<count>[0-9]{1,9})|/(?P<every>[1-9][0-9]{0,8}))?"
)


@dataclass(slots=True)
class Fault:
    """One fault. `value` is seconds, a status or bytes per second; `left` None means without end.

    `operation` is a MicroVM's id where the fault is a shell's.
    """

    kind: str
    value: float = 0.0
    operation: str = ""
    left: int | None = None
    every: int = 1
    seen: int = 0

    def strikes(self, operation: str) -> bool:
        """Whether this call of an operation, or this MicroVM's shell, is hit; counts it if it fits."""
        if self.operation not in ("", operation):
            return False
        if self.kind == "slow-page" and not _LISTING.match(operation):
            return False
        if self.kind in ("stall", "stream-exception") and operation not in _STREAMS:
            return False
        return self._counted()

    def strikes_line(self) -> bool:
        """Whether this log line is late; counts the line."""
        return self.kind == _LATE and self._counted()

    def _counted(self) -> bool:
        if self.left == 0:
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
            # Twelve digits are all that can be written.
            text += f"={self.value:.12g}"
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
    if kind in _NEEDS and not value:
        raise ValueError(f"{kind} needs a value, {_NEEDS[kind]}: {kind}=…")
    if found["value"] and kind not in _NEEDS and kind not in _MAY_HAVE:
        raise ValueError(f"{kind} takes no value")
    lowest = _STATUSES.get(kind)
    if lowest and value and not (lowest <= value <= 599 and value.is_integer()):
        raise ValueError(f"{kind} takes a status from {lowest} to 599")
    if kind == _LATE and found["operation"]:
        raise ValueError("late takes no operation: it is for log lines")
    left = int(found["count"]) if found["count"] else None
    return Fault(kind, value, found["operation"] or "", left, int(found["every"] or 1))


def parse_faults(text: str) -> list[Fault]:
    """Faults separated by commas; ValueError as `parse_fault`."""
    return [parse_fault(item) for item in text.split(",") if item.strip()]


class Faults:
    """The faults that are switched on."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._watchers: list[Callable[[], None]] = []
        self.replace(faults)

    def watch(self, changed: Callable[[], None]) -> None:
        """Have `changed` called whenever other faults are switched on."""
        self._watchers.append(changed)

    def replace(self, faults: Iterable[Fault]) -> None:
        """Switch all others off and these on. The same faults make the same lines equally late."""
        self._faults = list(faults)
        self._chance = random.Random(_LATE)  # noqa: S311 - how late a line is, nothing secret
        for changed in self._watchers:
            changed()

    def texts(self) -> list[str]:
        """What is switched on, as it is written."""
        return [str(fault) for fault in self._faults if fault.left != 0]

    def strike(self, operation: str) -> dict[str, Fault]:
        """The faults that hit a call of an operation, by kind."""
        return self._strike(operation, CALL_KINDS)

    def strike_shell(self, microvm_id: str) -> dict[str, Fault]:
        """The faults that hit an attached shell of a MicroVM, by kind, but for a refusal."""
        return self._strike(microvm_id, _ATTACHED)

    def refuse_shell(self, microvm_id: str) -> int | None:
        """The status that the upgrade of a MicroVM's shell is to be refused with, if it is."""
        fault = self._strike(microvm_id, _REFUSED).get("shell-refuse")
        return int(fault.value) if fault else None

    def _strike(self, target: str, kinds: Collection[str]) -> dict[str, Fault]:
        if not self._faults:
            return {}
        return {fault.kind: fault for fault in self._faults if fault.kind in kinds and fault.strikes(target)}

    def empty_page(self, operation: str) -> bool:
        """Whether this page of log events is to be empty."""
        return bool(self._strike(operation, (_EMPTY_PAGE,)))

    def lateness(self) -> float:
        """Real seconds by which the next log line is late; 0 when it is not."""
        for fault in self._faults:
            if fault.strikes_line():
                return fault.value * self._chance.uniform(0.5, 1)
        return 0.0
