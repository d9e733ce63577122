"""Where a MicroVM, an image or a fleet logs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from mvm_tui.model.launch import Logging
from mvm_tui.model.log_event import LogEvent, version_of_stream, vm_of_stream
from mvm_tui.model.microvm import Microvm

# What is known of a MicroVM's logging before anybody asks the service; None where nothing is.
Where = Callable[[Microvm], Logging | None]


@dataclass(frozen=True, slots=True)
class Place:
    """A group, and which of its streams.

    Attributes:
        group: The name of the group.
        streams: Exact names; empty means all that the other two allow.
        prefix: What the streams' names begin with; not together with `streams`.
        vms: Only the streams of these MicroVMs, as far as names tell; empty means of all.
        version: Only the streams of this image version, as far as names tell; empty means of all.
    """

    group: str
    streams: tuple[str, ...] = ()
    prefix: str = ""
    vms: frozenset[str] = frozenset()
    version: str = ""

    @property
    def single(self) -> str:
        """The one stream this is; empty where there may be several."""
        return self.streams[0] if len(self.streams) == 1 else ""

    def holds(self, event: LogEvent) -> bool:
        """Whether an event of the group belongs here."""
        if self.streams and event.stream not in self.streams:
            return False
        if self.prefix and not event.stream.startswith(self.prefix):
            return False
        if self.version and version_of_stream(event.stream) != self.version:
            return False
        return not self.vms or event.vm in self.vms

    def widened(self, other: Place) -> Place:
        """This place with what another of the same group has beyond it; it never becomes narrower."""
        if not (self.streams or self.vms):
            return self
        if self.streams and other.streams:
            return replace(self, streams=tuple(dict.fromkeys((*self.streams, *other.streams))))
        vms = self._vms() | other._vms()
        # By streams and by MicroVMs: where a name tells none, what covers both is the group.
        return Place(self.group) if "" in vms or not other._vms() else Place(self.group, vms=vms)

    def _vms(self) -> frozenset[str]:
        """The MicroVMs whose lines these are; one that a stream's name does not tell is empty."""
        return self.vms or frozenset(map(vm_of_stream, self.streams))

    def __str__(self) -> str:
        what = self.single or (f"{self.prefix}…" if self.prefix else "")
        return f"{self.group} {what}".rstrip()


def image_place(overrides: Mapping[str, Logging], image_name: str) -> Place | None:
    """Where the config says that all of an image's MicroVMs log; None if it does not say."""
    told = overrides.get(image_name)
    if told is None or not told.group:
        return None
    # A stream that is named after the MicroVM is one of many.
    return Place(told.group, (told.stream,) if told.stream and "{" not in told.stream else ())


def nowhere(vm: Microvm) -> Logging | None:
    """A `Where` that knows nothing."""
    return None


def where(overrides: Mapping[str, Logging], remembered: Where = nowhere) -> Where:
    """What the config says of an image goes before what was remembered of a launch.

    `overrides` is by image name. In a stream ``{id}`` and ``{version}`` stand for the MicroVM's own.
    """

    def find(vm: Microvm) -> Logging | None:
        told = overrides.get(vm.image_name)
        if told is None:
            return remembered(vm)
        stream = told.stream.replace("{id}", vm.id).replace("{version}", vm.image_version)
        return replace(told, stream=stream)

    return find
