"""The MicroVMs of one region: all that are listed, and the memory they hold."""

from __future__ import annotations

import asyncio
import random
import uuid
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from mvm_tui.local.state.agenda import Agenda
from mvm_tui.local.state.errors import MEMORY_QUOTA, not_found, quota_exceeded
from mvm_tui.local.state.lifecycle import Lifecycle
from mvm_tui.local.state.microvms import Launch, MicrovmRecord
from mvm_tui.model.microvm import PENDING, TERMINATED

if TYPE_CHECKING:
    from mvm_tui.local.state.cloud import Region
    from mvm_tui.local.state.versions import VersionRecord

# TERMINATED MicroVMs were seen listed for 20 minutes and more; for how long is not documented.
LISTED_AFTER_END = timedelta(hours=1)


class Fleet:
    """Records by id, in places of no particular order: a listing is not sorted, and a page costs its size.

    A record keeps its place while a listing is read, or moves to the end when a new one takes it: so a
    MicroVM may be listed twice, but none is missed. Places of records that are gone stay empty until reused.
    """

    def __init__(self, region: Region) -> None:
        self._region = region
        self._timing = region.cloud.timing
        self._by_id: dict[str, MicrovmRecord] = {}
        self._by_uuid: dict[str, MicrovmRecord] = {}
        self._places: list[MicrovmRecord | None] = []
        self._empty: list[int] = []
        self._place_of: dict[str, int] = {}
        self._shuffle = random.Random(region.name)  # noqa: S311 the order of a listing is no secret
        self._agenda = Agenda(self._timing)
        self.lifecycle = Lifecycle(region, self)
        self.allocated_mib = 0

    def __len__(self) -> int:
        return len(self._by_id)

    def __iter__(self) -> Iterator[MicrovmRecord]:
        return iter(self._by_id.values())

    def get(self, identifier: str) -> MicrovmRecord:
        """Raises ResourceNotFoundException."""
        vm = self._by_id.get(identifier)
        if vm is None:
            raise not_found(f"MicroVM not found: {identifier}")
        return vm

    def by_uuid(self, endpoint_uuid: str) -> MicrovmRecord | None:
        """The MicroVM whose endpoint's name starts with this."""
        return self._by_uuid.get(endpoint_uuid)

    def page(self, position: int, size: int) -> tuple[list[MicrovmRecord], int | None]:
        """What stands in the next `size` places, and where the page after that starts (None at the end)."""
        following = position + size
        found = [vm for vm in self._places[position:following] if vm is not None]
        return found, following if following < len(self._places) else None

    def uses(self, versions: Iterable[VersionRecord]) -> bool:
        """Whether a MicroVM that has not ended was launched from one of these versions."""
        wanted = {id(version) for version in versions}
        return any(vm.state != TERMINATED and id(vm.version) in wanted for vm in self)

    def run(self, version: VersionRecord, launch: Launch) -> MicrovmRecord:
        """Launch a MicroVM.

        Raises:
            ServiceError: ServiceQuotaExceededException (402) when its memory does not fit any more.
        """
        if self.allocated_mib + version.memory_mib > self._region.quotas.memory_mib:
            raise quota_exceeded(MEMORY_QUOTA)
        vm = MicrovmRecord(
            id=f"microvm-{uuid.uuid4()}",
            uuid=str(uuid.uuid4()),
            lifecycle=self.lifecycle,
            version=version,
            build=self._shuffle.choice(version.builds),
            launch=launch,
            state=PENDING,
            started_at=self._timing.now(),
        )
        self.add(vm)
        self.lifecycle.launch(vm)
        return vm

    def add(self, vm: MicrovmRecord) -> None:
        """Put in a record as it stands; its hard end, or its leaving the list, is kept in mind."""
        self._by_id[vm.id] = vm
        self._by_uuid[vm.uuid] = vm
        self._take_place(vm)
        if vm.state == TERMINATED:
            self._forget_later(vm)
        else:
            self.allocated_mib += vm.memory_mib
            self._agenda.add(vm.ends_at, self.lifecycle.expire, vm)

    def note_ended(self, vm: MicrovmRecord) -> None:
        """It is TERMINATED: its memory is free, and it stays listed for a while."""
        self.allocated_mib -= vm.memory_mib
        self._forget_later(vm)

    async def close(self) -> None:
        """End all processes and timers."""
        self._agenda.close()
        living = [vm for vm in self if self.lifecycle.lives(vm)]
        await asyncio.gather(*map(self.lifecycle.close, living), return_exceptions=True)

    def _take_place(self, vm: MicrovmRecord) -> None:
        if self._empty:
            place = self._empty.pop()
        else:
            place = self._shuffle.randint(0, len(self._places))
            self._places.append(None)
            last = len(self._places) - 1
            moved = self._places[place]
            if moved is not None:
                self._places[last] = moved
                self._place_of[moved.id] = last
        self._places[place] = vm
        self._place_of[vm.id] = place

    def _forget_later(self, vm: MicrovmRecord) -> None:
        ended = vm.terminated_at or self._timing.now()
        self._agenda.add(ended + LISTED_AFTER_END, self._forget, vm)

    def _forget(self, vm: MicrovmRecord) -> None:
        self._by_id.pop(vm.id, None)
        self._by_uuid.pop(vm.uuid, None)
        place = self._place_of.pop(vm.id)
        self._places[place] = None
        self._empty.append(place)
